"""What a data centre pays in the western computing hubs of China: two bundles that are never mixed.

Without a subsidy, for any accelerator: the delivered price of the grids of the hubs. With one, for
domestic accelerators alone: what one report of 2025 gives. Other reports do not say which they are: they
are shown apart and set the ends of the subsidised bundle, never its value.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.money import column_in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.tables import china_grids

DELIVERED, SUBSIDISED, REPORTED, CEILING = "delivered", "subsidised", "reported", "ceiling, not a price"

YEAR = 2025
"""The calendar year of the grids, and the first of the reports."""

_SUBSIDISED_ROW = "cn-hub-subsidised-2025-11"
"""The one report that names the subsidy and the chips; the same story in other papers is no second report."""


def hub_bundles(scenario: Scenario, currency: str = "CNY") -> pd.DataFrame:
    """Return the tariffs of western hubs, each with the accelerators that may be bought with it.

    Parameters
    ----------
    scenario : Scenario
        Gives the load factor and the system cost of grids without a published one.
    currency : str
        ISO 4217 code.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``bundle``; ``low``, ``value``, ``high`` [currency/kWh, VAT in it or not stated],
        ``accelerators``, ``subsidy``, ``grade`` of the weakest thing inside, ``method``, ``rows``. A scenario
        chooses between the first two; the reports set the ends of the second, a ceiling enters nothing.

    Raises
    ------
    ValueError
        If the currency is unknown.

    Notes
    -----
    Delivered: the mean over the grids of the hubs, their cheapest and their most expensive. Subsidised: the
    value is the report's own; the ends are those of all reports on hubs since then that are above grade C,
    whose terms are not told.
    """
    table = pd.DataFrame(_bundles(scenario)).set_index("bundle").assign(currency="CNY", period=str(YEAR))
    for end in Range._fields:
        table[end] = column_in_currency(table, currency, end)
    return table.drop(columns=["currency", "period"])


def tariff_of(scenario: Scenario, bundle: str) -> Range:
    """Return what a bundle costs a firm that gets its value-added tax back [CNY/kWh], as scenarios hold it.

    The report on the subsidy does not say whether the tax is in its price: the middle takes it as included,
    as Chinese tariffs are quoted, the high end as not.
    """
    billed = Range(*hub_bundles(scenario).loc[bundle, [*Range._fields]])
    net = china_grids.without_vat(scenario, billed, YEAR, hubs_only=True)
    return net._replace(high=billed.high) if bundle == SUBSIDISED else net


def _bundles(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Yield the bundles [CNY/kWh]."""
    grids = china_grids.delivered_prices(scenario)
    grids = grids[grids["hub"] & (grids["year"] == YEAR)]
    grids = grids.assign(value=grids["best"], id=grids["rows"])
    published = int((grids["basis"] == "published tariff").sum())

    prices = datasets.load_prices()
    at_hubs = prices[(prices["consumer_class"] == "data centre") & (prices["year"] >= YEAR)]
    at_hubs = at_hubs[at_hubs["grade"] != "C"]
    reports = at_hubs[at_hubs["component"] == "delivered"]
    named, others = reports.loc[[_SUBSIDISED_ROW]], reports.drop(index=_SUBSIDISED_ROW)
    ceilings = at_hubs[at_hubs["component"] == "delivered ceiling"]

    names = ", ".join(grids.index)
    told = f"mean, cheapest and most expensive of {names}; {published} of {len(grids)} published"
    aim = "what a budget aims at, and nobody has to pay"
    for bundle, rows, value, accelerators, subsidy, method in (
        (DELIVERED, grids, grids["value"].mean(), "any", "no", told),
        (
            SUBSIDISED,
            pd.concat([named, others]),
            named["value"].item(),
            "domestic alone",
            "yes",
            "one report",
        ),
        (REPORTED, others, others["value"].median(), "not told", "not told", f"{len(others)} reports"),
        (CEILING, ceilings, ceilings["value"].median(), "not told", "yes", aim),
    ):
        yield {
            "bundle": bundle,
            **Range(rows["value"].min(), value, rows["value"].max())._asdict(),
            "accelerators": accelerators,
            "subsidy": subsidy,
            "grade": worst_grade(rows["grade"]),
            "method": method,
            "rows": "; ".join(dict.fromkeys("; ".join(rows["id"]).split("; "))),
        }
