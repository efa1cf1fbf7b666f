"""Places: what electricity costs there and what else is known, from ``places.csv`` or told by a user."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.errors import DataError, ParameterError
from analysis.inputs.money import column_in_currency, mean_rate
from analysis.inputs.place_entries import Place, own_place, place_or_raise
from analysis.inputs.rules import row_ids
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.inputs.units import worst_grade
from analysis.model import tariffs
from analysis.model.hour_inputs import SIDES, Ends, assumed_costs
from analysis.model.memory import Floats
from analysis.tables import china_grids, price_evidence
from analysis.tables.same_weights import host_tariffs

_TARIFF = (*Range._fields, "consumer_class", "tax_treatment", "period", "source", "grade")
_BESIDES = ("pue", "carbon", "capital")
_NUMBERS = ("pue", "carbon_g_per_kwh", "capital_premium", "cost_of_capital")
COLUMNS = (
    *("side", "kind", *_TARIFF, *_NUMBERS),
    *(f"{name}_{told}" for name in _BESIDES for told in ("source", "grade")),
    "note",
)
NET = "without recoverable tax"
_ORIGINS = ("price_rows", "grid", "host_area", "tariff")


def chosen_places(entries: Iterable[Place], where: str = "place") -> pd.DataFrame:
    """Return some places in the columns of `places`, in the order in which they are given.

    Parameters
    ----------
    entries : iterable of str or mapping
        Names, however written, and places of one's own.
    where : str
        What messages start with.

    Raises
    ------
    ParameterError
        If a name is not known, an entry makes no sense, or two different places have one name.
    """
    rows: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if isinstance(entry, str):
            name = place_or_raise(entry, where)
            row = places().loc[name].to_dict()
        else:
            row = own_place(entry, where)
            name = row.pop("name")
        if name in rows and str(rows[name]) != str(row):
            raise ParameterError(f"{where}: two places are called {name!r}")
        rows[name] = row
    return _as_table(rows)


def _as_table(rows: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=COLUMNS)
    numbers = [*Range._fields, *_NUMBERS]
    texts = table.columns.difference(numbers)
    return table.assign(**table[numbers].astype(float), **table[texts].astype(object).fillna(""))


@lru_cache(maxsize=1)
def places() -> pd.DataFrame:
    """Return the places of ``places.csv``, by name, with delivered prices without recoverable tax [USD/kWh].

    Returns
    -------
    pandas.DataFrame
        ``side`` (``cn`` or ``us``: whose costs of accelerators stand in), ``kind``, ``low``, ``value`` and
        ``high`` [USD/kWh], ``consumer_class``, ``tax_treatment``, ``period``, ``source`` (ids) and ``grade``
        of the tariff; ``pue`` [ratio], ``carbon_g_per_kwh`` [g/kWh] and ``capital_premium`` [1/year, added to
        the cost of capital of the side], NaN where none is known, with sources and grades;
        ``cost_of_capital`` [1/year] of a place of one's own.

    Notes
    -----
    A row takes its tariff from prices (the first is the value, the others its ends), from a Chinese grid (the
    published or built-up price of a large two-part user), from the tariffs of hosts' countries, or has one of
    its own. The grade is the worst of all that enters.

    Raises
    ------
    DataError
        If a row takes its tariff from nowhere, or from several.
    """
    scenario, prices = load_scenario("audited"), datasets.load_prices()
    grids, hosts = _grids(scenario, prices), _hosts(scenario, prices)
    rows = {}
    for number, row in enumerate(datasets.load_table("places").to_dict("records"), start=2):
        filled = [name for name in _ORIGINS if not pd.isna(row[name])]
        if len(filled) != 1:
            problem = f"exactly one of {', '.join(_ORIGINS)} should be filled"
            raise DataError.at("places.csv", number, _ORIGINS[0], problem)
        try:
            found = {
                "price_rows": lambda row=row: _of_rows(scenario, prices.loc[row_ids(row["price_rows"])]),
                "grid": lambda row=row: grids[row["grid"]],
                "host_area": lambda row=row: hosts[row["host_area"]],
                "tariff": lambda row=row: _own(row),
            }[filled[0]]()
        except KeyError as error:
            raise DataError.at("places.csv", number, filled[0], f"nothing is known of {error}") from None
        rows[row["place"]] = {**row, **found}
    return _as_table(rows).sort_index()


def _own(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tariff of a place that has one of its own, with its ends."""
    rate = mean_rate(row["currency"], "USD", row["period"])
    value = row["tariff"]
    ends = (value if np.isnan(end) else end for end in (row["tariff_low"], value, row["tariff_high"]))
    return Range(*ends).times(rate)._asdict()


def _of_rows(scenario: Scenario, rows: pd.DataFrame) -> dict[str, Any]:
    """Return the tariff that prices give: the first is the value, the others its ends."""
    if (rows["region"] == "China").all():  # reports of hubs
        rows = rows.assign(value=_net(scenario, rows["value"], hubs_only=True), tax_level=NET)
    usd, first = column_in_currency(rows, "USD"), rows.iloc[0]
    return {
        **Range(usd.min(), usd.iloc[0], usd.max())._asdict(),
        "consumer_class": ("Eurostat band " if first["region"] == "Europe" else "") + first["consumer_class"],
        "tax_treatment": first["tax_level"],
        "period": first["period"],
        "source": _sources(rows),
        "grade": worst_grade(rows["grade"]),
    }


def _grids(scenario: Scenario, prices: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the tariffs of the Chinese grids, VAT taken out."""
    grids = china_grids.best_prices_as_rows(scenario)
    grids = grids.assign(value=_net(scenario, grids["value"], hubs_only=False), region="", tax_level=NET)
    rows_of = {area: prices.loc[text.split("; ")] for area, text in grids["id"].items()}
    grids["source"] = [_sources(rows_of[area]) for area in grids.index]
    return {area: _of_rows(scenario, grids.loc[[area]]) for area in grids.index}


def _net(scenario: Scenario, billed: pd.Series, hubs_only: bool) -> pd.Series:
    """Return Chinese prices without VAT [CNY/kWh]."""
    funds, _ = china_grids.mean_funds(price_evidence.MAIN_YEAR, hubs_only=hubs_only)
    return tariffs.without_vat(billed, funds_per_kwh=funds, vat_rate=scenario.vat_rate_cn.value)


def _hosts(scenario: Scenario, prices: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the tariffs of hosts' countries by their area, and those of single areas of them."""
    found = {row["area"]: row for row in host_tariffs(scenario).to_dict("records")}
    for row in found.values():
        if row["source"].startswith("rows: "):
            row["source"] = _sources(prices.loc[row["source"].removeprefix("rows: ").split("; ")])
    for row in datasets.load_host_tariffs().query("tariff.notna() and area not in @found").to_dict("records"):
        usd = row["tariff"] * mean_rate(row["currency"], "USD", row["period"])
        found[row["area"]] = {**row, **Range(usd, usd, usd)._asdict()}
    return {area: {name: row[name] for name in _TARIFF} for area, row in found.items()}


def _sources(rows: pd.DataFrame) -> str:
    return "; ".join(dict.fromkeys(rows["source"]))


class Tariffs(NamedTuple):
    """What a place tells of set-ups, NaN where neither the user nor a place tells it.

    Attributes
    ----------
    price : Ends
        Of electricity, with its ends [USD/kWh].
    pue : array of float
        Facility over IT energy [ratio].
    capital : Ends
        Cost of capital [1/year].
    rows : pandas.DataFrame
        The place of each set-up, its name as the index; blank where none is told.
    told : array of bool
        Where a price is told, which wins over that of the place.
    """

    price: Ends
    pue: Floats
    capital: Ends
    rows: pd.DataFrame
    told: NDArray[np.bool_]

    @property
    def side(self) -> NDArray[np.object_]:
        """Whose costs stand in: ``us`` or ``cn``."""
        return self.rows["side"].to_numpy(dtype=object)

    def of_tariff(self, name: str) -> NDArray[np.object_]:
        """Return ``grade`` or ``source`` of the tariffs; blank where the price is told."""
        return np.where(self.told, "", self.rows[name].to_numpy(dtype=object))


def tariffs_of(told_usd_per_kwh: Floats, place: pd.Series, chosen: pd.DataFrame | None = None) -> Tariffs:
    """Return what places tell of set-ups: a price that is told wins over that of the place.

    Parameters
    ----------
    told_usd_per_kwh : array
        NaN where no price is told [USD/kWh].
    place : pandas.Series
        Names of places, missing where none is told; its index stands in messages.
    chosen : pandas.DataFrame, optional
        From `chosen_places`, where the names are those of its index.

    Raises
    ------
    ParameterError
        If the data hold no such place; the message names row and column.
    """
    codes, names = pd.factorize(place)
    first = {code: place.index[position] for position, code in reversed(list(enumerate(codes)))}
    found = (
        list(names)
        if chosen is not None
        else [
            place_or_raise(name, f"row {first[code]!s:.80}, column place") for code, name in enumerate(names)
        ]
    )
    nowhere = _as_table({"": {"side": SIDES[0]}})
    known = places() if chosen is None else chosen
    rows = pd.concat([known.loc[found], nowhere]).iloc[codes]
    told = ~np.isnan(told_usd_per_kwh)
    price = (np.where(told, told_usd_per_kwh, rows[end].to_numpy()) for end in Ends._fields)
    return Tariffs(Ends(*price), rows["pue"].to_numpy(), _capital(rows), rows, told)


def _capital(rows: pd.DataFrame) -> Ends:
    """Return the cost of capital of places: what is told, or that of the side with a premium."""
    own, premium = rows["cost_of_capital"].to_numpy(), rows["capital_premium"].to_numpy()
    ends = []
    for end in Ends._fields:
        of_side = rows["side"].map({side: assumed_costs(side).loc["discount_rate", end] for side in SIDES})
        ends.append(np.where(np.isnan(own), of_side.to_numpy(dtype=float) + premium, own))
    return Ends(*ends)
