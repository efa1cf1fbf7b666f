"""The API spread: which pairing gives the claim, and the whole matrix of list prices."""

from __future__ import annotations

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
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
    us = _ends(scenario, "us", currency)
    china = _ends(scenario, "cn", currency)
    found = spread.pairings(us, china, claim=scenario.api_spread_claim.value)
    records = [
        {
            "us": pair.dividend,
            "us_price": us[pair.dividend],
            "china": pair.divisor,
            "china_price": china[pair.divisor],
            "ratio": pair.ratio,
            "deviation": pair.deviation,
            "like_for_like": pair.dividend.split()[0] == pair.divisor.split()[0],
        }
        for pair in found
    ]
    return pd.DataFrame(records)


def _ends(scenario: Scenario, country: str, currency: str) -> dict[str, float]:
    ends = {}
    for kind in ("input", "output"):
        price = in_currency(getattr(scenario, f"price_{country}_{kind}"), currency)
        if price.low == price.high:
            ends[kind] = price.value
        else:
            ends[f"{kind} (low)"], ends[f"{kind} (high)"] = price.low, price.high
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
    models = datasets.load_flagships()
    rate = mean_rate("USD", currency, CATALOGUE_DATE)
    cached = models["cached_input_usd_per_mtok"]
    blended = spread.blended_price(
        input_price=models["input_usd_per_mtok"],
        output_price=models["output_usd_per_mtok"],
        cached_price=cached.fillna(models["input_usd_per_mtok"]),
        cached_share=cached_share,
        input_tokens_per_output_token=scenario.input_tokens_per_output_token.value,
    )
    table = pd.DataFrame(
        {
            "country": models["country"],
            "vendor": models["vendor"],
            "role": models["role"],
            "input": models["input_usd_per_mtok"] * rate,
            "output": models["output_usd_per_mtok"] * rate,
            "cached input": cached * rate,
            "blended": blended * rate,
            "grade": models["grade"],
            "source": models["source"],
            "catalogue_id": models["provider_id"] + "/" + models["model_id"],
            "note": models["note"],
        }
    )
    return table.set_index(models["label"].rename("model"))


def matrix(prices: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return US over Chinese list prices of one kind [1]: a row a US flagship, a column a Chinese one."""
    flagships = prices[prices["role"] == "flagship"]
    us = flagships.loc[flagships["country"] == "US", kind].sort_values(ascending=False, kind="stable")
    china = flagships.loc[flagships["country"] == "CN", kind].sort_values(kind="stable")
    ratios = pd.DataFrame({model: us / price for model, price in china.items()})
    return ratios.rename_axis(index="US model", columns="Chinese model")


def ranked(prices: pd.DataFrame) -> pd.DataFrame:
    """Return every US over every Chinese model [1] for each kind of token, greatest input ratio first."""
    stacked = {kind: matrix(prices, kind).stack() for kind in KINDS}
    table = pd.DataFrame(stacked).rename_axis(index=["us_model", "china_model"]).reset_index()
    order = ["input", "output", "us_model", "china_model"]
    return table.sort_values(order, ascending=[False, False, True, True], ignore_index=True)


def blended_spreads(
    prices: pd.DataFrame, input_tokens_per_output_token: float, cached_share: float
) -> pd.Series[float]:
    """Return the blended US over Chinese ratio of every pair at another mix of tokens [1]."""
    blended = spread.blended_price(
        input_price=prices["input"],
        output_price=prices["output"],
        cached_price=prices["cached input"].fillna(prices["input"]),
        cached_share=cached_share,
        input_tokens_per_output_token=input_tokens_per_output_token,
    )
    return matrix(prices.assign(blended=blended), "blended").stack()


def summary(ratios: dict[str, pd.Series[float]]) -> pd.DataFrame:
    """Return least, median and greatest of several sets of ratios [1], a row a set."""
    return pd.DataFrame(ratios).agg(["min", "median", "max"]).T.rename_axis("mix")


def gpt4o_check(claims: Scenario, prices: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return the claimed US price beside the list price of GPT-4o, named in the article [currency/Mtok]."""
    label = datasets.load_flagships().loc[_GPT4O, "label"]
    records = []
    for kind in ("input", "output"):
        claim = in_currency(getattr(claims, f"price_us_{kind}"), currency).value
        listed = float(prices.loc[label, kind])
        records.append(
            {"price": kind, "claim": claim, "list_price": listed, "claim_over_list": claim / listed}
        )
    return pd.DataFrame(records).set_index("price")


def flagship_ranges() -> dict[str, Range]:
    """Return the least, middle and greatest flagship list price by country and kind [USD/Mtok].

    The audited scenario's prices are these.
    """
    models = datasets.load_flagships()
    flagships = models[models["role"] == "flagship"]
    ranges = {}
    for country in ("US", "CN"):
        for kind in ("input", "output"):
            column = flagships.loc[flagships["country"] == country, f"{kind}_usd_per_mtok"]
            ranges[f"price_{country.lower()}_{kind}"] = Range(column.min(), column.median(), column.max())
    return ranges


def headlines(scenario: Scenario) -> dict[str, Headline]:
    """Return the widest and narrowest spread that the scenario's prices allow, input and output apart."""
    found = {}
    for kind in ("input", "output"):
        us = in_currency(getattr(scenario, f"price_us_{kind}"), "USD")
        china = in_currency(getattr(scenario, f"price_cn_{kind}"), "USD")
        found[f"api_spread_{kind}_max"] = Headline.of(us.high / china.low, "ratio")
        found[f"api_spread_{kind}_min"] = Headline.of(us.low / china.high, "ratio")
    return found
