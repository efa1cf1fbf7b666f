"""The API spread: which pairing gives the claim, and the whole matrix of list prices."""

from __future__ import annotations

import pandas as pd

from analysis.inputs import as_of, datasets
from analysis.inputs.money import in_currency, mean_rate
from analysis.inputs.scenario import Scenario
from analysis.model import spread
from analysis.tables.headline import Headline

KINDS = ("input", "output", "cached input", "blended")
CATALOGUE_DATE = "2026-03-12"
"""Date of the pinned catalogue's list prices: the day before the article."""

_GPT4O = "gpt-4o"


def claimed_pairings(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return every US over every Chinese price end of the scenario, nearest to the claimed spread first.

    Returns
    -------
    pandas.DataFrame
        ``us`` and ``china`` (which price), both prices [currency/Mtok], ``ratio`` and its
        ``deviation`` from the claim [1], and whether ``like_for_like`` kinds of token are compared.
    """
    us = pd.DataFrame(_price_ends(scenario, "us", currency), columns=["us", "us_price"])
    china = pd.DataFrame(_price_ends(scenario, "cn", currency), columns=["china", "china_price"])
    table = us.merge(china, how="cross")
    table["ratio"] = table["us_price"] / table["china_price"]
    table["deviation"] = table["ratio"] / scenario.api_spread_claim.value - 1.0
    table["like_for_like"] = table["us"].str.split().str[0] == table["china"].str.split().str[0]
    return table.sort_values("deviation", key=abs, kind="stable", ignore_index=True)


def _price_ends(scenario: Scenario, country: str, currency: str) -> list[tuple[str, float]]:
    """Return names and ends of the scenario's prices of input and output [currency/Mtok]."""
    ends = []
    for kind in ("input", "output"):
        price = in_currency(getattr(scenario, f"price_{country}_{kind}"), currency)
        if price.low == price.high:
            ends.append((kind, price.value))
        else:
            ends.extend([(f"{kind} (low)", price.low), (f"{kind} (high)", price.high)])
    return ends


def price_list(scenario: Scenario, currency: str, cached_share: float = 0.0) -> pd.DataFrame:
    """Return the compared models with their list prices.

    Parameters
    ----------
    scenario : Scenario
        Gives the input:output mix of the blended price.
    currency : str
        ISO 4217 code.
    cached_share : float, optional
        Share of the input tokens read from cache [1]; a model without a cache price pays the input price.

    Returns
    -------
    pandas.DataFrame
        Indexed by model label: ``country``, ``vendor``, ``role``, a column for each of `KINDS`
        [currency/Mtok], ``grade``, ``source``, ``catalogue_id``.
    """
    columns = {f"{kind.replace(' ', '_')}_usd_per_mtok": kind for kind in KINDS}
    day, models = catalogue_of(scenario)
    models = models.rename(columns=columns | {"label": "model"})
    mix = scenario.input_tokens_per_output_token.value
    models["blended"] = _blended_prices(models, mix, cached_share)
    models[[*KINDS]] *= mean_rate("USD", currency, day)
    models["catalogue_id"] = models["provider_id"] + "/" + models["model_id"]
    shown = ["country", "vendor", "role", *KINDS, "grade", "source", "catalogue_id", "note"]
    return models.set_index("model")[shown]


def catalogue_of(scenario: Scenario) -> tuple[str, pd.DataFrame]:
    """Return the day of the list prices that a scenario rests on, and the models with these [USD/Mtok]."""
    renewed = scenario.renewed.get("price_us_input")
    return as_of.models(scenario.as_of, renewed) if renewed else (CATALOGUE_DATE, datasets.load_flagships())


def _blended_prices(
    prices: pd.DataFrame, input_tokens_per_output_token: float, cached_share: float
) -> pd.Series[float]:
    """Return each model's mean price of a token, in the unit of its prices."""
    return spread.blended_price(
        input_price=prices["input"],
        output_price=prices["output"],
        cached_price=prices["cached input"].fillna(prices["input"]),
        cached_share=cached_share,
        input_tokens_per_output_token=input_tokens_per_output_token,
    )


def price_ratio_matrix(prices: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return US over Chinese list prices of one kind [1]: a row a US flagship, a column a Chinese one."""
    flagships = prices[prices["role"] == "flagship"]
    us = flagships.loc[flagships["country"] == "US", kind].sort_values(ascending=False, kind="stable")
    china = flagships.loc[flagships["country"] == "CN", kind].sort_values(kind="stable")
    ratios = pd.DataFrame({model: us / price for model, price in china.items()})
    return ratios.rename_axis(index="US model", columns="Chinese model")


def ranked_price_ratios(prices: pd.DataFrame) -> pd.DataFrame:
    """Return every US over every Chinese model [1] for each kind of token, greatest input ratio first."""
    stacked = {kind: price_ratio_matrix(prices, kind).stack() for kind in KINDS}
    table = pd.DataFrame(stacked).rename_axis(index=["us_model", "china_model"]).reset_index()
    order = ["input", "output", "us_model", "china_model"]
    return table.sort_values(order, ascending=[False, False, True, True], ignore_index=True)


def blended_price_ratios(
    prices: pd.DataFrame, input_tokens_per_output_token: float, cached_share: float
) -> pd.Series[float]:
    """Return the blended US over Chinese ratio of every pair at another mix of tokens [1]."""
    blended = _blended_prices(prices, input_tokens_per_output_token, cached_share)
    return price_ratio_matrix(prices.assign(blended=blended), "blended").stack()


def ratio_summary(ratios: dict[str, pd.Series[float]]) -> pd.DataFrame:
    """Return least, median and greatest of several sets of ratios [1], a row a set."""
    return pd.DataFrame(ratios).agg(["min", "median", "max"]).T.rename_axis("mix")


def gpt4o_prices(claims: Scenario, currency: str) -> pd.DataFrame:
    """Return the claimed US price beside the list price of GPT-4o, named in the article [currency/Mtok]."""
    claimed = {"input": claims.price_us_input, "output": claims.price_us_output}
    claim = {kind: in_currency(price, currency).value for kind, price in claimed.items()}
    prices = price_list(claims, currency)
    listed = prices.loc[datasets.load_flagships().loc[_GPT4O, "label"], [*claimed]].astype(float)
    table = pd.DataFrame({"claim": claim, "list_price": listed}).rename_axis("price")
    return table.assign(claim_over_list=table["claim"] / table["list_price"])


def headlines(scenario: Scenario) -> dict[str, Headline]:
    """Return the widest and narrowest spread that the scenario's prices allow, input and output apart."""
    found = {}
    for kind in ("input", "output"):
        us = in_currency(getattr(scenario, f"price_us_{kind}"), "USD")
        china = in_currency(getattr(scenario, f"price_cn_{kind}"), "USD")
        grade = scenario.grade_of(f"price_us_{kind}", f"price_cn_{kind}")
        found[f"api_spread_{kind}_max"] = Headline.of(us.high / china.low, "ratio", grade)
        found[f"api_spread_{kind}_min"] = Headline.of(us.low / china.high, "ratio", grade)
    return found
