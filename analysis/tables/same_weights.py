"""A natural experiment: the same open weights at the same moment on different grids.

List prices of the pinned catalogue, never costs: what they can and cannot tell stands in the notebook. Here
are the prices side by side; `tables.tariff_elasticity` regresses them on tariffs.
"""

import numpy as np
import pandas as pd

from analysis.inputs import catalogue, datasets
from analysis.inputs.assumption import Range
from analysis.inputs.money import column_in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model.spread import blended_price
from analysis.tables import price_evidence
from analysis.tables.headline import Headline

KINDS = ("input", "output", "blended")
PRICE_OF = {kind: f"{kind}_usd_per_mtok" for kind in KINDS}
RATIO_OF = {f"{kind}_usd_per_mtok": f"{kind}_ratio" for kind in KINDS}
RATIOS = list(RATIO_OF.values())
SAME_PRICE = 1e-6
"""Prices that differ by less than this share are equal."""

US, CHINA, EUROPE, SINGAPORE = "US", "CN", "EU", "SG"
CHINESE_HUB = "CN-hub"
"""China's western computing hubs, among the countries of `host_tariffs`."""

CHEAPEST, INTERNATIONAL = "cheapest endpoint", "international endpoint"
LISTED, REPEATED = "list prices", "the catalogue repeats one price"
CLOSED, DOCUMENTED = "list prices, closed weights", "documentation: one factor for both"
HOST_KINDS = ("host", "hyperscaler")
"""Who serves weights of others on its own accelerators."""


def standard(quotes: pd.DataFrame) -> pd.DataFrame:
    """Return quotes of the ordinary service: no suspect number, no other tier, nothing resold."""
    return quotes[~quotes["suspect"] & (quotes["variant"] == "standard")]


def first_party(quotes: pd.DataFrame) -> pd.Series:
    """Tell which quotes are of a vendor's own weights on its own endpoint."""
    own = quotes["first_party_for"].fillna("") == quotes["vendor"] + "/"
    return own & (quotes["kind"] == "first_party")


def one_a_host(quotes: pd.DataFrame) -> pd.DataFrame:
    """Return the cheapest quote of each host for each weights: output price first, then input price."""
    order = ["weights", "provider_id", "output_usd_per_mtok", "input_usd_per_mtok", "model_id"]
    return quotes.sort_values(order).drop_duplicates(["weights", "provider_id"])


def host_tariffs(scenario: Scenario) -> pd.DataFrame:
    """Return industrial tariffs of the hosts' countries [USD/kWh], each at its own period's exchange rate.

    Parameters
    ----------
    scenario : Scenario
        Gives what the American and Chinese evidence rests on.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``country``: ``low``, ``value``, ``high`` [USD/kWh] (equal where one figure is known), and
        what the value is: ``area``, ``consumer_class``, ``tax_treatment``, ``period``, ``source``, ``grade``.
        `CHINESE_HUB` is China's western computing hubs.
    """
    rows = datasets.load_host_tariffs()
    numbers = rows[rows["tariff"].notna()]
    rows.loc[numbers.index, "usd"] = column_in_currency(numbers, "USD", "tariff")
    chosen = rows[rows["role"] == "value"].set_index("country")
    ends = rows.groupby("country")["usd"]
    shown = [*Range._fields, "area", "consumer_class", "tax_treatment", "period", "source", "grade"]
    table = chosen.assign(low=ends.min(), value=chosen["usd"], high=ends.max())[shown]
    table.loc[CHINESE_HUB] = table.loc[CHINA]
    table.loc[CHINESE_HUB, ["area", "consumer_class"]] = [price_evidence.CN_HUB, "data centre"]
    # what is taken from the evidence depends on the scenario
    layers = price_evidence.price_evidence_by_layer(scenario, "USD")
    main = (layers["layer"] == price_evidence.WITHOUT_TAX) & (layers["year"] == price_evidence.MAIN_YEAR)
    region_of = chosen["taken_from"].to_dict() | {CHINESE_HUB: price_evidence.CN_HUB}
    open_countries = table.index[table["value"].isna()]
    cells = layers[main].set_index("region").loc[[region_of[country] for country in open_countries]]
    for column in (*Range._fields, "grade"):
        table.loc[open_countries, column] = cells[column].to_numpy()
    table.loc[open_countries, "source"] = ("rows: " + cells["rows"]).to_numpy()
    return table.sort_index()


def with_blended_price(quotes: pd.DataFrame, input_tokens_per_output_token: float) -> pd.DataFrame:
    """Return quotes with their blended price at a mix of input and output [USD/Mtok]."""
    blended = blended_price(
        input_price=quotes[PRICE_OF["input"]],
        output_price=quotes[PRICE_OF["output"]],
        input_tokens_per_output_token=input_tokens_per_output_token,
    )
    return quotes.assign(**{PRICE_OF["blended"]: blended})


def price_ratios(scenario: Scenario, endpoint: str = CHEAPEST) -> pd.DataFrame:
    """Return prices of American hosts over those of the Chinese vendor, for the vendor's own open weights.

    Parameters
    ----------
    scenario : Scenario
        Gives the mix of the blended price.
    endpoint : str
        Of the vendor: the cheapest (the mainland one, where prices differ), or the international one.

    Returns
    -------
    pandas.DataFrame
        One row for weights and host: ``input_ratio``, ``output_ratio``, ``blended_ratio`` [1], ``equal``
        (input and output both), the two output prices [USD/Mtok], ``vendor``, ``host``, ``served_countries``,
        ``grade`` of the two hosts' rows.
    """
    mix = scenario.input_tokens_per_output_token.value
    rows = with_blended_price(standard(datasets.load_quotes()), mix)
    vendor = rows[first_party(rows) & (rows["headquarters_country"] == CHINA)]
    if endpoint == INTERNATIONAL:
        vendor = vendor[vendor["served_countries"].fillna(CHINA) != CHINA]
    vendor = vendor.sort_values(["weights", "output_usd_per_mtok", "input_usd_per_mtok", "provider_id"])
    base = vendor.drop_duplicates("weights").set_index("weights")
    american = rows["kind"].isin(HOST_KINDS) & (rows["headquarters_country"] == US) & rows["repeats"].isna()
    pairs = one_a_host(rows[american & rows["weights"].isin(base.index)]).reset_index(drop=True)
    against = base.loc[pairs["weights"]].reset_index(drop=True)
    table = pairs[["weights", "vendor", "provider_id", "name", "served_countries"]].copy()
    for price, ratio in RATIO_OF.items():
        table[ratio] = pairs[price] / against[price]
    table["equal"] = _equal(table["input_ratio"]) & _equal(table["output_ratio"])
    table["host_output_usd_per_mtok"] = pairs["output_usd_per_mtok"]
    table["vendor_output_usd_per_mtok"] = against["output_usd_per_mtok"]
    table["grade"] = [worst_grade(two) for two in zip(pairs["grade"], against["grade"], strict=True)]
    return table


def _equal(ratio: pd.Series) -> pd.Series:
    return (ratio - 1.0).abs() < SAME_PRICE


def price_ratio_summary(scenario: Scenario) -> pd.DataFrame:
    """Return medians, quartiles and the share of equal prices: all pairs, by vendor, and other readings.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``pairs_of``: ``pairs``, ``weights``, ``hosts`` [number], ``input_median``,
        ``output_median``, ``blended_median``, ``output_q25``, ``output_q75`` [ratio], ``input_equal``,
        ``output_equal``, ``both_equal`` [share], ``grade``.
    """
    pairs, abroad = price_ratios(scenario), price_ratios(scenario, INTERNATIONAL)
    groups = {
        "all": pairs,
        **dict(list(pairs.groupby("vendor"))),
        "all but Qwen": pairs[pairs["vendor"] != "Qwen"],
        "hosts with American sites alone": pairs[pairs["served_countries"] == US],
        f"all, {INTERNATIONAL}": abroad,
        f"Qwen, {INTERNATIONAL}": abroad[abroad["vendor"] == "Qwen"],
    }
    table = pd.concat(groups, names=["pairs_of"])
    return table.groupby(level="pairs_of", sort=False).agg(
        pairs=("weights", "size"),
        weights=("weights", "nunique"),
        hosts=("provider_id", "nunique"),
        **{f"{kind}_median": (f"{kind}_ratio", "median") for kind in KINDS},
        output_q25=("output_ratio", lambda ratios: ratios.quantile(0.25)),
        output_q75=("output_ratio", lambda ratios: ratios.quantile(0.75)),
        input_equal=("input_ratio", lambda ratios: _equal(ratios).mean()),
        output_equal=("output_ratio", lambda ratios: _equal(ratios).mean()),
        both_equal=("equal", "mean"),
        grade=("grade", worst_grade),
    )


def within_company_price_ratios(scenario: Scenario) -> pd.DataFrame:
    """Return prices of one company for the same weights in two places, beside the ratio of tariffs there.

    Returns
    -------
    pandas.DataFrame
        ``company``, ``weights``, ``place`` and ``reference``; ``input_ratio``, ``output_ratio``,
        ``blended_ratio`` of the place over the reference [1]; ``tariff_low``, ``tariff_ratio``,
        ``tariff_high`` [1]; ``share_needed``: the share of cost at the reference that electricity would need
        for tariffs alone to make the output ratio (above one: impossible); ``basis`` and ``grade``.
    """
    mix = scenario.input_tokens_per_output_token.value
    parts = [_abroad_over_home(mix), _europe_over_us(mix), _pinned_over_unpinned()]
    names = ["company", "weights", "place", "reference", *RATIOS, "basis"]
    table = pd.concat(parts, ignore_index=True)[names]
    tariffs = host_tariffs(scenario)
    there = tariffs.loc[table["place"]].reset_index()
    here = tariffs.loc[table["reference"]].reset_index()
    table["tariff_low"] = there["low"] / here["high"]
    table["tariff_ratio"] = there["value"] / here["value"]
    table["tariff_high"] = there["high"] / here["low"]
    table["share_needed"] = (table["output_ratio"] - 1.0) / (table["tariff_ratio"] - 1.0)
    table["grade"] = [worst_grade(two) for two in zip(there["grade"], here["grade"], strict=True)]
    return table


def _abroad_over_home(mix: float) -> pd.DataFrame:
    """Return prices of Chinese vendors in Singapore over those at home, for their own weights."""
    rows = with_blended_price(one_a_host(standard(datasets.load_quotes())), mix)
    own = rows[first_party(rows) & rows["served_countries"].isin([SINGAPORE, CHINA])]
    own = own.rename(columns={"company_group": "company"}).set_index(["company", "weights"])
    prices = {place: part[[*RATIO_OF]] for place, part in own.groupby("served_countries")}
    ratios = (prices[SINGAPORE] / prices[CHINA]).dropna().rename(columns=RATIO_OF)
    repeated = own["repeats"].notna().groupby(own.index.names).any()
    basis = np.where(repeated.loc[ratios.index], REPEATED, LISTED)
    return ratios.assign(place=SINGAPORE, reference=CHINA, basis=basis).reset_index()


def _europe_over_us(mix: float) -> pd.DataFrame:
    """Return prices of one host's closed models pinned to Europe over those pinned to the US."""
    pinned = catalogue.load_pinned_quotes()
    european, american = (
        with_blended_price(pinned.xs(region, axis=1, level="region"), mix) for region in ("eu", "us")
    )
    ratios = (european / american).dropna().rename(columns=RATIO_OF).rename_axis("weights").reset_index()
    return ratios.assign(company=catalogue.PINNED_HOST, place=EUROPE, reference=US, basis=CLOSED)


def _pinned_over_unpinned() -> pd.DataFrame:
    """Return, for hosts that document one price wherever a request is pinned to, a ratio of one."""
    places = datasets.load_hosts()["pinned_countries"].dropna().str.split("; ")
    pairs = [
        {"company": company, "place": place, "reference": listed[0]}
        for company, listed in places.items()
        for place in listed[1:]
    ]
    equal = dict.fromkeys(RATIOS, 1.0)
    return pd.DataFrame(pairs).assign(weights="all that are pinned", basis=DOCUMENTED, **equal)


def headlines(pairs: pd.DataFrame) -> dict[str, Headline]:
    """Return the median of `price_ratios` with its quartiles."""
    low, median, high = (float(pairs["output_ratio"].quantile(share)) for share in (0.25, 0.5, 0.75))
    return {"same_weights_price_ratio_median": Headline(median, low, high, "ratio")}
