"""A natural experiment: the same open weights at the same moment on different grids.

List prices of catalogues, never costs: what they can and cannot tell stands in the notebook. Here are the
prices side by side, on the article's day and month by month; `tables.pass_through` sets them against what
tariffs would make of them, `tables.tariff_elasticity` regresses them on tariffs.
"""

import numpy as np
import pandas as pd

from analysis.inputs import catalogue, datasets
from analysis.inputs.assumption import Range
from analysis.inputs.money import column_in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.tables import price_evidence
from analysis.tables.headline import Headline

KINDS = ("input", "output")
PRICE_OF = {kind: f"{kind}_usd_per_mtok" for kind in KINDS}
RATIO_OF = {f"{kind}_usd_per_mtok": f"{kind}_ratio" for kind in KINDS}
RATIOS = list(RATIO_OF.values())
SAME_PRICE = 1e-6
"""Prices that differ by less than this share are equal."""

US, CHINA, EUROPE, SINGAPORE = "US", "CN", "EU", "SG"
CHINESE_HUB = "CN-hub"
"""China's western computing hubs, among the countries of `host_tariffs`."""

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


def price_ratios() -> pd.DataFrame:
    """Return prices of US hosts over those of the Chinese vendor, for the vendor's own open weights.

    Returns
    -------
    pandas.DataFrame
        As `pairs_with_vendor`, on the catalogue's day.
    """
    return pairs_with_vendor(standard(datasets.load_quotes()))


def pairs_with_vendor(quotes: pd.DataFrame) -> pd.DataFrame:
    """Return the quotes of US hosts beside the cheapest of the weights' Chinese vendor.

    Parameters
    ----------
    quotes : pandas.DataFrame
        Of the ordinary service, at one moment, as `datasets.load_quotes` has them.

    Returns
    -------
    pandas.DataFrame
        One row for weights and host: ``input_ratio``, ``output_ratio`` of the host over the vendor [1],
        ``equal`` (both), the two output prices [USD/Mtok], ``vendor``, ``maker`` (what readers call it),
        ``provider_id``, ``name``, ``served_countries``, ``grade`` of the two hosts' rows.
    """
    vendor = quotes[first_party(quotes) & (quotes["headquarters_country"] == CHINA)]
    order = ["weights", "output_usd_per_mtok", "input_usd_per_mtok", "provider_id"]
    base = vendor.sort_values(order).drop_duplicates("weights").set_index("weights")
    american = quotes["kind"].isin(HOST_KINDS) & (quotes["headquarters_country"] == US)
    chosen = american & quotes["repeats"].isna() & quotes["weights"].isin(base.index)
    pairs = one_a_host(quotes[chosen]).reset_index(drop=True)
    against = base.loc[pairs["weights"]].reset_index(drop=True)
    table = pairs[["weights", "vendor", "provider_id", "name", "served_countries"]].copy()
    table["maker"] = table["vendor"].map(_makers()).fillna(table["vendor"])
    for price, ratio in RATIO_OF.items():
        table[ratio] = pairs[price] / against[price]
    table["equal"] = ((table[RATIOS] - 1.0).abs() < SAME_PRICE).all(axis=1)
    table["host_output_usd_per_mtok"] = pairs["output_usd_per_mtok"]
    table["vendor_output_usd_per_mtok"] = against["output_usd_per_mtok"]
    table["grade"] = [worst_grade(two) for two in zip(pairs["grade"], against["grade"], strict=True)]
    return table


def _makers() -> pd.Series:
    """Return what readers call the vendor of weights, by the start of the weights' names."""
    vendors = datasets.load_table("model_cards")["vendor"]
    return vendors.groupby(vendors.index.str.partition("/").get_level_values(0)).first()


def pairs_by_month(changes: pd.DataFrame) -> pd.DataFrame:
    """Return `pairs_with_vendor` as the catalogue held them at the end of each whole month.

    Parameters
    ----------
    changes : pandas.DataFrame
        Prices from the day on which each was ``observed``, blank where the model was withdrawn.

    Returns
    -------
    pandas.DataFrame
        With ``month`` in front; months without a pair are out.

    Notes
    -----
    Which model serves which weights is known for those in the catalogue of the article's day: weights that
    came later are missing, and so are hosts that had left by then. An id without a digit names no version (a
    vendor may put other weights behind it), so it is out. A price of zero counts as none.
    """
    quotes = standard(datasets.load_quotes()).drop(columns=[*catalogue.PRICES])
    quotes = quotes[quotes["model_id"].str.contains(r"\d")]
    days = pd.to_datetime(changes["observed"])
    history = changes.assign(day=days).sort_values("day", kind="stable")
    months = {}
    for end in pd.date_range(days.min(), days.max(), freq="ME"):
        last = history[history["day"] <= end].drop_duplicates(["provider_id", "model_id"], keep="last")
        offered = last[(last[[*RATIO_OF]] > 0).all(axis=1)]
        months[f"{end:%Y-%m}"] = pairs_with_vendor(offered.merge(quotes, on=["provider_id", "model_id"]))
    found = pd.concat({month: pairs for month, pairs in months.items() if len(pairs)}, names=["month"])
    return found.reset_index(level="month").reset_index(drop=True)


def monthly_ratios(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return how output prices of hosts over vendors moved: changes of price apart from entries and exits.

    Parameters
    ----------
    pairs : pandas.DataFrame
        As `pairs_by_month` returns them.

    Returns
    -------
    pandas.DataFrame
        By ``month``: ``pairs``, ``weights``, ``hosts`` [number]; ``ratio_mean`` (geometric), ``ratio_q25``,
        ``ratio_q75`` [1]; ``spread``: one standard deviation as a factor [1]; ``entered``, ``left``,
        ``host_changed``, ``vendor_changed`` [pairs]; ``stayers_change``: mean factor since the month before
        over the pairs that were there in both [1], and ``chained``, its product so far.
    """
    values = {"host": "host_output_usd_per_mtok", "vendor": "vendor_output_usd_per_mtok"}
    keys = {"index": "month", "columns": ["weights", "provider_id"]}
    logs = {side: np.log(pairs.pivot(values=column, **keys)) for side, column in values.items()}
    ratio = logs["host"] - logs["vendor"]
    here = ratio.notna()
    before = here.shift(fill_value=False)
    moved = {side: (log.diff().abs() > SAME_PRICE).sum(axis=1) for side, log in logs.items()}
    stayers = np.exp(ratio.diff().mean(axis=1))
    by_month = pairs.groupby("month")
    return pd.DataFrame(
        {
            "pairs": here.sum(axis=1),
            "weights": by_month["weights"].nunique(),
            "hosts": by_month["provider_id"].nunique(),
            "ratio_mean": np.exp(ratio.mean(axis=1)),
            "ratio_q25": by_month["output_ratio"].quantile(0.25),
            "ratio_q75": by_month["output_ratio"].quantile(0.75),
            "spread": np.exp(ratio.std(axis=1)),
            "entered": (here & ~before).sum(axis=1),
            "left": (before & ~here).sum(axis=1),
            "host_changed": moved["host"],
            "vendor_changed": moved["vendor"],
            "stayers_change": stayers,
            "chained": stayers.fillna(1.0).cumprod(),
        }
    )


def within_company_price_ratios(tariffs: pd.DataFrame) -> pd.DataFrame:
    """Return prices of one company for the same weights in two places, beside the ratio of tariffs there.

    Parameters
    ----------
    tariffs : pandas.DataFrame
        As `host_tariffs` returns them.

    Returns
    -------
    pandas.DataFrame
        ``company``, ``place``, ``reference`` and ``basis``; ``weights`` [number]; the medians ``input_ratio``
        and ``output_ratio`` of the place over the reference [1]; ``tariff_low``, ``tariff_ratio``,
        ``tariff_high`` [1]; ``grade``, that of the weaker tariff.
    """
    parts = [_abroad_over_home(), _europe_over_us(), _pinned_over_unpinned()]
    groups = pd.concat(parts, ignore_index=True).groupby(["company", "place", "reference", "basis"])
    table = groups[RATIOS].median().assign(weights=groups.size()).reset_index()
    there = tariffs.loc[table["place"]].reset_index()
    here = tariffs.loc[table["reference"]].reset_index()
    table["tariff_low"] = there["low"] / here["high"]
    table["tariff_ratio"] = there["value"] / here["value"]
    table["tariff_high"] = there["high"] / here["low"]
    table["grade"] = [worst_grade(two) for two in zip(there["grade"], here["grade"], strict=True)]
    return table


def _abroad_over_home() -> pd.DataFrame:
    """Return prices of Chinese vendors in Singapore over those at home, for their own weights."""
    rows = one_a_host(standard(datasets.load_quotes()))
    own = rows[first_party(rows) & rows["served_countries"].isin([SINGAPORE, CHINA])]
    own = own.rename(columns={"company_group": "company"}).set_index(["company", "weights"])
    prices = {place: part[[*RATIO_OF]] for place, part in own.groupby("served_countries")}
    ratios = (prices[SINGAPORE] / prices[CHINA]).dropna().rename(columns=RATIO_OF)
    repeated = own["repeats"].notna().groupby(own.index.names).any()
    basis = np.where(repeated.loc[ratios.index], REPEATED, LISTED)
    return ratios.assign(place=SINGAPORE, reference=CHINA, basis=basis).reset_index("company")


def _europe_over_us() -> pd.DataFrame:
    """Return prices of one host's closed models pinned to Europe over those pinned to the US."""
    pinned = catalogue.load_pinned_quotes()
    european, american = (pinned.xs(region, axis=1, level="region") for region in ("eu", "us"))
    ratios = (european / american)[[*RATIO_OF]].dropna().rename(columns=RATIO_OF)
    return ratios.assign(company=catalogue.PINNED_HOST, place=EUROPE, reference=US, basis=CLOSED)


def _pinned_over_unpinned() -> pd.DataFrame:
    """Return, for hosts that document one price wherever a request is pinned to, a ratio of one."""
    places = datasets.load_hosts()["pinned_countries"].dropna().str.split("; ")
    pairs = [
        {"company": company, "place": place, "reference": listed[0]}
        for company, listed in places.items()
        for place in listed[1:]
    ]
    return pd.DataFrame(pairs).assign(basis=DOCUMENTED, **dict.fromkeys(RATIOS, 1.0))


def headlines(pairs: pd.DataFrame) -> dict[str, Headline]:
    """Return the median of `price_ratios` with its quartiles."""
    quartiles = Range(*(float(pairs["output_ratio"].quantile(share)) for share in (0.25, 0.5, 0.75)))
    grade = worst_grade(pairs["grade"])
    return {"same_weights_price_ratio_median": Headline.ranged(quartiles, "ratio", grade)}
