"""What electricity costs in a place: countries, states, provinces and hubs that the data hold."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.money import column_in_currency
from analysis.inputs.names import find_or_raise, known_names
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.inputs.units import worst_grade
from analysis.model import tariffs
from analysis.model.hour_inputs import Ends
from analysis.tables import china_grids, price_evidence
from analysis.tables.same_weights import CHINA, CHINESE_HUB, host_tariffs

_COLUMNS = ("side", *Range._fields, "consumer_class", "tax_treatment", "period", "source", "grade")
_COUNTRIES = {
    "US": ("USA", "United States", "America"),
    CHINA: ("China", "PRC"),
    CHINESE_HUB: ("China hub", "western hubs"),
    "EU": ("Europe", "European Union", "EU-27"),
    "CA": ("Canada",),
    "AT": ("Austria",),
    "SG": ("Singapore",),
}
"""Other names of the countries of `host_tariffs`; those of the rest are their areas."""


def place_or_raise(name: str, where: str = "place") -> str:
    """Return the name of a place in `places`.

    Raises
    ------
    ParameterError
        If the data hold no such place; the message starts with `where` and names the nearest ones.
    """
    return find_or_raise(name, known_places(), where)


@lru_cache(maxsize=1)
def known_places() -> dict[str, str]:
    """Return the name of each place by every plain name that it may be called."""
    others = {
        area: [country, *_COUNTRIES.get(country, ())] for country, area in _areas_of_countries().items()
    }
    return known_names(places().index, [";".join(others.get(area, ())) for area in places().index])


@lru_cache(maxsize=1)
def places() -> pd.DataFrame:
    """Return the places, by name, with delivered prices without recoverable tax [USD/kWh].

    Returns
    -------
    pandas.DataFrame
        ``side`` (``cn`` or ``us``: whose costs of accelerators stand in), ``low``, ``value`` and ``high``
        [USD/kWh], ``consumer_class``, ``tax_treatment``, ``period``, ``source`` (ids) and ``grade``.

    Notes
    -----
    Of an American state: its latest industrial price; the dearer end is the latest commercial one, as data
    centres are billed in either. Of a European country: the latest Eurostat band IE, its ends the other
    bands, or the one band that is known. Of a Chinese grid: the published or built-up price of a large
    two-part user.
    """
    scenario, prices = load_scenario("audited"), datasets.load_prices()
    rows: dict[str, dict[str, Any]] = {}
    for parts in (_european(prices), _american(prices), _chinese(scenario, prices), _countries(scenario)):
        rows |= {row.pop("name"): row for row in parts}
    return pd.DataFrame.from_dict(rows, orient="index")[[*_COLUMNS]].sort_index()


@lru_cache(maxsize=1)
def _areas_of_countries() -> dict[str, str]:
    return {
        str(country): str(area) for country, area in host_tariffs(load_scenario("audited"))["area"].items()
    }


def _countries(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Yield the countries that serve weights of others, and single areas of them."""
    prices = datasets.load_prices()
    for country, row in host_tariffs(scenario).iterrows():
        source = str(row["source"])
        if source.startswith("rows: "):
            source = _sources(prices.loc[source.removeprefix("rows: ").split("; ")])
        side = "cn" if country in {CHINA, CHINESE_HUB} else "us"
        yield {**row, "name": row["area"], "side": side, "source": source}
    one_figure = datasets.load_host_tariffs().drop_duplicates("area", keep=False)
    one_figure = one_figure[one_figure["tariff"].notna() & (one_figure["role"] != "value")]
    for row, usd in zip(
        one_figure.to_dict("records"), column_in_currency(one_figure, "USD", "tariff"), strict=True
    ):
        yield {**row, "name": row["area"], "side": "us", **Range(usd, usd, usd)._asdict()}


def _american(prices: pd.DataFrame) -> Iterator[dict[str, Any]]:
    us = prices[(prices["region"] == "US") & (prices["component"] == "delivered") & (prices["grade"] != "C")]
    for area, rows in us[us["area"] != price_evidence.US_AREA].groupby("area"):
        classes = {name: _latest(of_class) for name, of_class in rows.groupby("consumer_class")}
        row = classes.get("industrial", next(iter(classes.values())))
        ends = [latest["value"].iloc[-1] for latest in classes.values()]
        yield _place(str(area), row, min(ends), max(ends))


def _european(prices: pd.DataFrame) -> Iterator[dict[str, Any]]:
    europe = prices[(prices["region"] == "Europe") & (prices["component"] == "delivered")]
    for area, rows in europe.groupby("area"):
        # the most bands first, then the latest period
        bands = max(
            (of_period for _, of_period in rows.groupby(["period", "tax_level"])),
            key=lambda part: (part["year"].max(), part.shape[0], part["tax_level"].iloc[0] < "without tax"),
        )
        usd = column_in_currency(bands, "USD")
        row = bands[bands["consumer_class"] == price_evidence.BAND_OF_ARTICLE_LOAD]
        yield _place(str(area), row if len(row) else bands, usd.min(), usd.max())


def _chinese(scenario: Scenario, prices: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the grids and the reports of hubs, VAT taken out."""
    grids = china_grids.best_prices_as_rows(scenario)
    reports = prices[(prices["consumer_class"] == "data centre") & (prices["grade"] != "C")]
    reports = reports[(reports["year"] >= price_evidence.MAIN_YEAR) & (reports["component"] == "delivered")]
    funds, _ = china_grids.mean_funds(price_evidence.MAIN_YEAR)
    hub_funds, _ = china_grids.mean_funds(price_evidence.MAIN_YEAR, hubs_only=True)
    vat = scenario.vat_rate_cn.value
    for table, per_kwh, ending in ((grids, funds, ""), (reports, hub_funds, " hub")):
        net = tariffs.without_vat(table["value"], funds_per_kwh=per_kwh, vat_rate=vat)
        table = table.assign(value=net, tax_level="without recoverable tax")
        for area, rows in table.groupby("area"):
            usd = column_in_currency(rows, "USD")
            row = rows.iloc[[-1]]
            if not ending:
                row = row.assign(source=_sources(prices.loc[row["id"].iloc[0].split("; ")]))
            name = f"{area}{ending}" if ending and "(" not in str(area) else str(area)
            yield {**_place(name, row, usd.min(), usd.max()), "side": "cn"}


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the latest row, that of a whole year where there is one besides its months."""
    whole = rows["period"] == rows["year"].astype(str)
    return rows.assign(whole=whole).sort_values(["year", "whole", "period"]).iloc[[-1]]


def _place(name: str, row: pd.DataFrame, low: float, high: float) -> dict[str, Any]:
    """Return a place whose price is the (last) row, in USD."""
    usd = float(column_in_currency(row, "USD").iloc[-1])
    one = row.iloc[-1]
    return {
        "name": name,
        "side": "us",
        **Range(min(low, usd), usd, max(high, usd))._asdict(),
        "consumer_class": one["consumer_class"],
        "tax_treatment": one["tax_level"],
        "period": one["period"],
        "source": one["source"],
        "grade": worst_grade(row["grade"]),
    }


def _sources(rows: pd.DataFrame) -> str:
    return "; ".join(dict.fromkeys(rows["source"]))


class Tariffs(NamedTuple):
    """What electricity costs each set-up, NaN where neither a price nor a place is told.

    Attributes
    ----------
    price : Ends
        With its ends [USD/kWh].
    side, place, grade, source : array of str
        ``us`` or ``cn``; blank where no place is told.
    """

    price: Ends
    side: NDArray[np.object_]
    place: NDArray[np.object_]
    grade: NDArray[np.object_]
    source: NDArray[np.object_]


def tariffs_of(told_usd_per_kwh: NDArray[np.float64], place: pd.Series) -> Tariffs:
    """Return what electricity costs set-ups: a price that is told wins over that of the place.

    Parameters
    ----------
    told_usd_per_kwh : array
        NaN where no price is told [USD/kWh].
    place : pandas.Series
        Names of places, missing where none is told; its index stands in messages.

    Raises
    ------
    ParameterError
        If the data hold no such place; the message names row and column.
    """
    codes, names = pd.factorize(place)
    first = {code: place.index[position] for position, code in reversed(list(enumerate(codes)))}
    found = [
        place_or_raise(name, f"row {first[code]!s:.80}, column place") for code, name in enumerate(names)
    ]
    nowhere = {"side": "us", "grade": "", "source": ""}
    rows = pd.concat([places().loc[found], pd.DataFrame([nowhere], index=[""])]).iloc[codes]
    known = ~np.isnan(told_usd_per_kwh)
    price = (np.where(known, told_usd_per_kwh, rows[end].to_numpy(dtype=float)) for end in Ends._fields)
    grade, source = (np.where(known, "", rows[name].to_numpy(dtype=object)) for name in ("grade", "source"))
    side = rows["side"].to_numpy(dtype=object)
    return Tariffs(Ends(*price), side, rows.index.to_numpy(dtype=object), grade, source)
