"""List prices over time: flagships by date, price changes within one model, and tariffs in these months."""

import itertools

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import spread
from analysis.tables.headline import Headline, headlines_of_rows

KINDS = ("input", "output", "blended")
FEW_MODELS = 3
"""With fewer models than this on a side a median says little, and no line is drawn through it."""

_CANDIDATES = {"flagship": ("flagship", "alternative"), "small": ("small",)}
"""Which roles one may choose among for a comparison of flagships, or of small models."""
_KEYS = ["provider_id", "model_id"]
WHOLESALE = "wholesale energy"
_TARIFFS = {"delivered": "delivered", "energy rate": "rate per kWh", "energy": WHOLESALE}


def article_date() -> str:
    """Return the day on which the article came out."""
    return str(datasets.load_sources().loc["article_2026_03_13", "published"])


def _blended(scenario: Scenario, prices: pd.DataFrame) -> pd.DataFrame:
    """Return prices with short names and their mean at the scenario's mix of tokens [USD/Mtok]."""
    prices = prices.rename(columns={f"{kind}_usd_per_mtok": kind for kind in KINDS})
    mix = scenario.input_tokens_per_output_token.value
    blended = spread.blended_price(
        input_price=prices["input"], output_price=prices["output"], input_tokens_per_output_token=mix
    )
    return prices.assign(blended=blended)


def dated_prices(scenario: Scenario) -> pd.DataFrame:
    """Return list prices of models at dated catalogues, a row a model and date.

    Returns
    -------
    pandas.DataFrame
        The columns of ``price_flagships.csv`` with ``input``, ``output`` and ``blended`` [USD/Mtok].
    """
    return _blended(scenario, datasets.load_table("price_flagships"))


def spread_by_date(scenario: Scenario, role: str = "flagship") -> pd.DataFrame:
    """Return US over Chinese list prices at each date, one model a vendor.

    Parameters
    ----------
    scenario : Scenario
        Gives the mix of tokens and the claimed spread.
    role : {"flagship", "small"}
        Which models are compared.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``date``: ``us_models``, ``china_models``, and whether these are too ``few``; the median US
        over the median Chinese price of ``input``, ``output`` and ``blended`` tokens [1]; ``pair_low`` and
        ``pair_high``, the ends over all pairs, blended [1]; ``claimed_pairs``, the share of pairs whose input
        ratio, rounded as the claim is printed, reaches it, and ``us_cheaper``, that of pairs with a cheaper
        US model [1]; ``choice_low`` and ``choice_high``, the ends of the blended ratio over every choice of
        one model a vendor, and ``choice_pair``, the greatest ratio among these models [1]; ``grade``.
    """
    prices, claim = dated_prices(scenario), scenario.api_spread_claim.value
    compared = prices[prices["role"].isin(_CANDIDATES[role])]
    rows = {date: _spread(at, role, claim) for date, at in compared.groupby("date")}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("date")
    mix_grade = scenario.input_tokens_per_output_token.grade
    return table.assign(grade=[worst_grade([grade, mix_grade]) for grade in table["grade"]])


def _spread(at: pd.DataFrame, role: str, claim: float) -> dict[str, object]:
    """Return the row of one date; `at` holds the models that may be chosen."""
    chosen = at[at["role"] == role]
    us, china = (chosen[chosen["country"] == country] for country in ("US", "CN"))
    inputs, blends = (
        np.divide.outer(us[kind].to_numpy(), china[kind].to_numpy()) for kind in ("input", "blended")
    )
    by_choice = _medians_by_choice(at, "US")[:, None] / _medians_by_choice(at, "CN")
    ends = at.groupby("country")["blended"].agg(["min", "max"])
    return {
        "us_models": len(us),
        "china_models": len(china),
        "few": len(china) < FEW_MODELS,
        **{kind: us[kind].median() / china[kind].median() for kind in KINDS},
        "pair_low": blends.min(),
        "pair_high": blends.max(),
        "claimed_pairs": (inputs.round(1) >= claim).mean(),
        "us_cheaper": (blends < 1).mean(),
        "choice_low": by_choice.min(),
        "choice_high": by_choice.max(),
        "choice_pair": ends.loc["US", "max"] / ends.loc["CN", "min"],
        "grade": worst_grade(at["grade"]),
    }


def _medians_by_choice(at: pd.DataFrame, country: str) -> np.ndarray:
    """Return a country's median blended price for every choice of one model a vendor [USD/Mtok]."""
    by_vendor = at[at["country"] == country].groupby("vendor")["blended"]
    return np.median(list(itertools.product(*(prices for _, prices in by_vendor))), axis=1)


def vendor_pairs(scenario: Scenario, us: str = "Anthropic", china: str = "DeepSeek") -> pd.DataFrame:
    """Return one vendor's flagship over all that one may take as another's, at each date.

    Returns
    -------
    pandas.DataFrame
        ``date``, ``us_model``, ``china_model``, and the ratio of each of `KINDS` [1].
    """
    prices = dated_prices(scenario)
    top = prices[(prices["vendor"] == us) & (prices["role"] == "flagship")]
    base = prices[(prices["vendor"] == china) & prices["role"].isin(_CANDIDATES["flagship"])]
    pairs = top.merge(base, on="date", suffixes=("_us", "_china"))
    ratios = {kind: pairs[f"{kind}_us"] / pairs[f"{kind}_china"] for kind in KINDS}
    names = pairs[["date", "label_us", "label_china"]]
    return names.set_axis(["date", "us_model", "china_model"], axis=1).assign(**ratios)


def price_steps(scenario: Scenario) -> pd.DataFrame:
    """Return each list price of each flagship, on the first day on which a catalogue shows it.

    Only ids that name one version are followed: behind an alias the model itself changes. Free previews and
    withdrawals are no prices.

    Returns
    -------
    pandas.DataFrame
        ``vendor``, ``model``, ``date``, each of `KINDS` [USD/Mtok], ``source``, ``grade`` (of the catalogue
        where it is one of its changes); by model, then by date.
    """
    dated = datasets.load_table("price_flagships")
    dated = dated[dated["one_version"]]
    changes = datasets.load_table("price_changes").rename(columns={"observed": "date"})
    of_source = datasets.load_sources()["grade"]
    seen = pd.concat([changes.assign(grade=changes["source"].map(of_source)), dated])
    paid = ["input_usd_per_mtok", "output_usd_per_mtok"]
    seen = seen[(seen[paid] > 0).all(axis=1)][["date", *_KEYS, *paid, "source", "grade"]]
    names = dated.drop_duplicates(_KEYS).set_index(_KEYS)[["country", "vendor", "label"]]
    steps = seen.join(names.rename(columns={"label": "model"}), on=_KEYS, how="inner")
    steps = steps.sort_values([*_KEYS, "date"], kind="stable").drop_duplicates([*_KEYS, *paid])
    columns = ["country", "vendor", "model", "date", *KINDS, "source", "grade"]
    return _blended(scenario, steps)[columns].reset_index(drop=True)


def largest_moves(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the largest change of the blended list price of each model within a year, largest first.

    Parameters
    ----------
    steps : pandas.DataFrame
        Of `price_steps`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``model``: ``country``, ``vendor``; date and prices of both days [USD/Mtok]; ``times``
        (later over earlier price) and ``factor`` (greater over lesser) [1]; ``grade`` of the weaker price.
        Models whose price stood are out.
    """
    pairs = steps.merge(steps, on=["country", "vendor", "model"], suffixes=("_from", "_to"))
    start, end = (pd.to_datetime(pairs[f"date_{when}"]) for when in ("from", "to"))
    pairs["times"] = pairs["blended_to"] / pairs["blended_from"]
    pairs["factor"] = np.maximum(pairs["times"], 1 / pairs["times"])
    moves = pairs[(start < end) & (end <= start + pd.DateOffset(years=1)) & (pairs["factor"] > 1)]
    moves = moves.sort_values(["factor", "date_from"], ascending=[False, True], kind="stable")
    kept = ["country", "vendor", *(f"{name}_{when}" for when in ("from", "to") for name in ("date", *KINDS))]
    moves = moves.drop_duplicates("model").set_index("model")
    moves["grade"] = [worst_grade(two) for two in zip(moves["grade_from"], moves["grade_to"], strict=True)]
    return moves[[*kept, "times", "factor", "grade"]]


def tariff_moves(first: str, last: str) -> pd.DataFrame:
    """Return how far each monthly electricity price moved between two days, largest move first.

    Parameters
    ----------
    first, last : str
        Days, as ``2025-01-01``; months that lie between are taken.

    Returns
    -------
    pandas.DataFrame
        ``region``, ``area``, ``component``, ``consumer_class``; ``months`` that rows hold, with the first and
        the last; ``low`` and ``high`` in ``unit``, ``factor`` (greatest over least month) [1], ``grade``.
    """
    prices = datasets.load_prices()
    monthly = prices["period"].str.fullmatch(r"\d{4}-\d{2}") & prices["component"].isin(_TARIFFS)
    inside = prices["period"].between(*(day.rpartition("-")[0] for day in (first, last)))
    series = ["region", "area", "component", "consumer_class", "tax_level", "unit"]
    found = prices[monthly & inside].groupby(series, sort=True)
    columns = {"months": ("period", "nunique"), "first": ("period", "min"), "last": ("period", "max")}
    ends = {"low": ("value", "min"), "high": ("value", "max"), "grade": ("grade", worst_grade)}
    table = found.agg(**columns, **ends).reset_index()
    table = table[table["months"] > 1]
    table["component"] = table["component"].map(_TARIFFS)
    table["factor"] = table["high"] / table["low"]
    return table.sort_values(["factor", "area"], ascending=[False, True], kind="stable", ignore_index=True)


def retail_moves(moves: pd.DataFrame) -> pd.DataFrame:
    """Return the moves of what users pay; wholesale energy is a part of that."""
    return moves[moves["component"] != WHOLESALE]


def headlines(scenario: Scenario) -> dict[str, Headline]:
    """Return the spread at the last date and the article's, and the largest moves of prices and tariffs.

    The ends of a spread are those over the choice of one flagship a vendor. A largest move has the weakest
    grade of all among which it is the largest.
    """
    spreads = spread_by_date(scenario)
    ranges = spreads.rename(columns={"choice_low": "low", "blended": "value", "choice_high": "high"})
    dates = {"latest": spreads.index[-1], "article": article_date()}
    rows = {f"flagship_spread_median_{name}": (date, "ratio") for name, date in dates.items()}
    prices, tariffs = largest_moves(price_steps(scenario)), tariff_moves(spreads.index[0], spreads.index[-1])
    moves = {"within_model_price_factor": prices, "tariff_factor_same_months": retail_moves(tariffs)}
    largest = {
        name: Headline.of(float(table["factor"].max()), "ratio", worst_grade(table["grade"]))
        for name, table in moves.items()
    }
    return headlines_of_rows(ranges, rows) | largest
