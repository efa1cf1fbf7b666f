"""The assumptions that a day's tables renew: list prices, US tariffs by class, the European tariff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pandas as pd
import yaml
from pydantic import ValidationError

from analysis.inputs import paths
from analysis.inputs.as_of import FEW_MODELS, RATES_OF, entry, listed, price_entries
from analysis.inputs.assumption import Assumption
from analysis.inputs.datasets import load_prices
from analysis.inputs.errors import explain
from analysis.inputs.scenario import load_scenario
from analysis.inputs.units import MONTHS_PER_YEAR
from analysis.live import catalogues, statistics

_SCENARIO = "audited"
_YEAR = int(MONTHS_PER_YEAR)
_US, _EU27 = "U.S. Total", "European Union - 27"
_NATIONAL = {"tariff_us_industrial": "industrial", "tariff_us_commercial": "commercial"}
_DATA_CENTRES = "Virginia"
_BANDS = ("IE", "IG", "IC")
_YEAR_OF_STATES = "2025"
_HEAD = "# Made by kwh2token refresh from the tables that sources name; a scenario as of this day takes it.\n"


class Dated(NamedTuple):
    """The latest table of a source up to a day, and its own day."""

    day: str
    table: pd.DataFrame

    def source(self, name: str) -> str:
        """Return what assumptions name as their source: the table in the folder of snapshots, and its day."""
        return f"{paths.SNAPSHOTS_NAME}/{self.day}/{name}"


class _Missing(Exception):  # noqa: N818 - it is no failure
    """Why an assumption stays as it was."""


def derive(tables: Mapping[str, Dated]) -> tuple[dict[str, Any], list[str]]:
    """Return the raw entries of the assumptions that tables renew, and what is missing for others.

    An entry that a scenario would refuse, out of its bounds say, is left out and told.

    Parameters
    ----------
    tables : mapping
        By name of the source.
    """
    found: dict[str, Any] = {}
    missing: list[str] = []
    parts: tuple[tuple[Any, Callable[[Dated], tuple[dict[str, Any], list[str]]]], ...] = (
        (catalogues.MODELS_DEV, _list_prices),
        (statistics.EIA, _us_tariffs),
        (statistics.EUROSTAT, _europe),
    )
    for source, part in parts:
        if source.name in tables:
            entries, told = part(tables[source.name])
            found |= entries
            missing += told
        else:
            missing.append(f"{source.title}: {source.name} was never fetched")
    for name in [*found]:
        try:
            Assumption.model_validate(found[name], context=load_scenario(_SCENARIO).definition(name))
        except ValidationError as error:
            missing.append(f"{name}: {explain(error.errors())}")
            del found[name]
    if statistics.ECB.name in tables:
        found[RATES_OF] = tables[statistics.ECB.name].day
    return found, missing


def as_yaml(entries: Mapping[str, Any]) -> bytes:
    """Return entries as a file of a snapshot holds them."""
    text = yaml.safe_dump(dict(entries), sort_keys=False, allow_unicode=True, width=100)
    return f"{_HEAD}{text}".encode()


def _list_prices(prices: Dated) -> tuple[dict[str, Any], list[str]]:
    """Return median and range over the flagships of the catalogue that are still listed."""
    found: dict[str, Any] = {}
    missing: list[str] = []
    source = prices.source(catalogues.MODELS_DEV.name)
    for country, models in listed(prices.table).groupby("country"):
        gone = models["input_usd_per_mtok"].isna()
        names = ", ".join(models.loc[gone, "label"])
        note = f"as models.dev had them{f'; no longer listed: {names}' if names else ''}"
        found |= price_entries(models[~gone], prices.day, source, note)
        few = f"; fewer than {FEW_MODELS} are left" if (~gone).sum() < FEW_MODELS else ""
        missing += [f"list prices, {country}: no longer listed: {names}{few}"] if names else []
    return found, missing


def _us_tariffs(tariffs: Dated) -> tuple[dict[str, Any], list[str]]:
    """Return national means of twelve months by class, and that of Virginian commerce for data centres."""
    found, missing = {}, []
    for name in (*_NATIONAL, "tariff_us_data_centre"):
        try:
            word = _NATIONAL.get(name)
            found[name] = _national(tariffs, word) if word else _of_data_centres(tariffs)
        except _Missing as reason:
            missing.append(f"{name}: {reason}")
    return found, missing


def _months(table: pd.DataFrame, area: str, consumer_class: str, wanted: int) -> pd.Series[float]:
    """Return the latest monthly prices of a class in a row, by month, the last one last [USD/kWh]."""
    rows = table[(table["area"] == area) & (table["consumer_class"] == consumer_class)]
    months = rows.set_index("period")["value"].sort_index().tail(wanted)
    if len(months):
        span = pd.period_range(end=pd.Period(months.index[-1], "M"), periods=wanted, freq="M").astype(str)
        if list(months.index) == list(span):
            return months
    raise _Missing(f"{wanted} months in a row of {area}, {consumer_class}, are not there")


def _national(tariffs: Dated, consumer_class: str) -> dict[str, Any]:
    """Return the mean of the latest year; its ends are the year before and the latest month."""
    months = _months(tariffs.table, _US, consumer_class, 2 * _YEAR)
    before, year = months.iloc[:_YEAR], months.iloc[_YEAR:]
    others = before.mean(), year.mean(), year.iloc[-1]
    return entry(
        (year.mean(), min(others), max(others)),
        **_told(tariffs, year, "A"),
        note=f"{_US}, {consumer_class}, mean of twelve monthly prices by EIA; the ends are the same of the "
        f"year before or of {year.index[-1]}, so they say how the mean moves with time and not how states "
        "differ",
    )


def _of_data_centres(tariffs: Dated) -> dict[str, Any]:
    """Return a year of Virginian commerce; from industry in the cheapest hosting state to its worst month."""
    year = _months(tariffs.table, _DATA_CENTRES, "commercial", _YEAR)
    industry = {}
    for state in _hosting_states():
        industry[state] = _months(tariffs.table, state, "industrial", _YEAR).mean()
    cheapest = min(industry, key=industry.__getitem__)
    return entry(
        (year.mean(), min(industry[cheapest], year.mean()), year.max()),
        **_told(tariffs, year, "B"),
        note=f"commercial sector of {_DATA_CENTRES}, mean of twelve monthly prices by EIA, stands for data "
        f"centres; low is industry in {cheapest} in its latest twelve months, the cheapest of "
        f"{len(industry)} states that host data centres, high is {_DATA_CENTRES} in {year.idxmax()}",
    )


def _hosting_states() -> list[str]:
    """Return the states whose industrial price of the main year is at hand: they host data centres."""
    rows = load_prices()
    of_states = (rows["region"] == "US") & (rows["consumer_class"] == "industrial") & (rows["grade"] != "C")
    states = rows[of_states & (rows["period"] == _YEAR_OF_STATES) & (rows["area"] != "US average")]
    return sorted(set(states["area"]))


def _told(tariffs: Dated, months: pd.Series[float], grade: str) -> dict[str, str]:
    return {
        "unit": "USD/kWh",
        "period": f"{months.index[0]}..{months.index[-1]}",
        "source": tariffs.source(statistics.EIA.name),
        "grade": grade,
    }


def _europe(tariffs: Dated) -> tuple[dict[str, Any], list[str]]:
    """Return band IE of the EU-27 in the latest half-year, recoverable tax out; its ends are IG and IC."""
    table = tariffs.table
    rows = table[table["area"].str.startswith(_EU27) & (table["tax_level"] == "without recoverable tax")]
    bands = rows.pivot_table(index="period", columns="consumer_class", values="value")
    whole = bands.reindex(columns=[*_BANDS]).dropna().sort_index()
    if whole.empty:
        return {}, [f"tariff_europe: no half-year of the EU-27 has bands {', '.join(_BANDS)}"]
    value, *ends = whole.iloc[-1]
    note = f"EU-27, recoverable taxes out; band {_BANDS[0]}, ends are bands {' and '.join(_BANDS[1:])}"
    figures = value, min(value, *ends), max(value, *ends)
    told = {"unit": "EUR/kWh", "period": str(whole.index[-1]), "grade": "A", "note": note}
    return {"tariff_europe": entry(figures, source=tariffs.source(statistics.EUROSTAT.name), **told)}, []
