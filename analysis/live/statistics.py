"""Official statistics: tariffs of EIA and Eurostat, exchange rates of the ECB and the World Bank."""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pandas as pd

from analysis.inputs.errors import quoted
from analysis.live.client import Request
from analysis.live.sources import RATES, TARIFFS, Source, as_json

_EIA_CLASSES = {"IND": "industrial", "COM": "commercial"}
_EIA_MONTHS = 30
_CENTS_PER_DOLLAR = 100.0
_MOST_ROWS = 5000
_MOST_CELLS = 1_000_000

_BANDS = {
    "MWH500-1999": "IC",
    "MWH2000-19999": "ID",
    "MWH20000-69999": "IE",
    "MWH70000-149999": "IF",
    "MWH_GE150000": "IG",
}
"""Consumption bands of Eurostat, as its codes and as people call them."""
_TAXES = {"X_VAT": "without recoverable tax", "I_TAX": "all taxes"}

_ECB_CURRENCIES = ("USD", "CNY", "GBP", "JPY", "INR", "NOK", "SEK", "SGD", "BRL", "CAD", "MYR", "ISK")
_ECB_DAYS = 400

_WORLD_BANK_CURRENCIES = {"SAU": "SAR", "ARE": "AED", "VNM": "VND", "TWN": "TWD"}
"""Countries whose currencies the ECB does not quote, and these."""


def _eia_requests(key: str) -> list[Request]:
    first = datetime.now(UTC) - timedelta(days=_EIA_MONTHS * 30)
    params: dict[str, str | list[str]] = {
        "frequency": "monthly",
        "data[0]": "price",
        "facets[sectorid][]": [*_EIA_CLASSES],
        "start": f"{first:%Y-%m}",
        "sort[0][column]": "period",
        "sort[0][direction]": "asc",
        "length": str(_MOST_ROWS),
    }
    url = "https://api.eia.gov/v2/electricity/retail-sales/data/"
    return [Request(url, params | {"offset": str(start)}, {"api_key": key}) for start in (0, _MOST_ROWS)]


def _of_eia(bodies: list[bytes]) -> pd.DataFrame:
    """Read ``{response: {total, data: [{period, stateDescription, sectorid, price, price-units}]}}``."""
    pages = [as_json(body)["response"] for body in bodies]
    rows = [row for page in pages for row in page["data"]]
    if (told := int(pages[0]["total"])) > len(rows):
        raise ValueError(f"{told} rows, of which {len(rows)} came")
    known = [row for row in rows if row["price"] is not None and float(row["price"]) != 0.0]
    if odd := {row["price-units"] for row in known} - {"cents per kilowatt-hour"}:
        raise ValueError(f"prices in {', '.join(sorted(odd))}")
    return _tariffs(
        (
            row["stateDescription"],
            _EIA_CLASSES[row["sectorid"]],
            "as billed",
            row["period"],
            float(row["price"]) / _CENTS_PER_DOLLAR,
            "USD/kWh",
        )
        for row in known
    )


def _eurostat_requests(key: str) -> list[Request]:
    params: dict[str, str | list[str]] = {
        "format": "JSON",
        "lang": "EN",
        "currency": "EUR",
        "unit": "KWH",
        "tax": [*_TAXES],
        "nrg_cons": [*_BANDS],
        "lastTimePeriod": "4",
    }
    return [Request("https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data/nrg_pc_205", params)]


def _of_eurostat(bodies: list[bytes]) -> pd.DataFrame:
    """Read a cube of JSON-stat: values lie in the order of the dimensions, the last one running fastest."""
    (body,) = bodies
    cube = as_json(body)
    codes = [_codes(cube["dimension"][name]["category"]["index"]) for name in cube["id"]]
    lengths = [len(each) for each in codes]
    if lengths != cube["size"] or math.prod(lengths) > _MOST_CELLS:
        raise ValueError(f"a cube of {quoted(cube['size'])} with {lengths!s:.60} codes")
    areas = cube["dimension"]["geo"]["category"]["label"]
    rows = []
    for position, cell in enumerate(product(*codes)):
        value = _value_at(cube["value"], position)
        at = dict(zip(cube["id"], cell, strict=True))
        if value is not None and at["nrg_cons"] in _BANDS and at["tax"] in _TAXES:
            band, tax = _BANDS[at["nrg_cons"]], _TAXES[at["tax"]]
            rows.append((areas[at["geo"]], band, tax, at["time"], float(value), "EUR/kWh"))
    return _tariffs(rows)


def _codes(index: Any) -> list[str]:
    """Return the codes of a dimension in their order: a list, or a mapping to positions."""
    return list(index) if isinstance(index, list) else sorted(index, key=index.__getitem__)


def _value_at(values: Any, position: int) -> Any:
    """Return a value of a cube: from a list, or from a mapping that leaves out what is missing."""
    return values[position] if isinstance(values, list) else values.get(str(position))


def _tariffs(rows: Any) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*TARIFFS.columns])


def _ecb_requests(key: str) -> list[Request]:
    first = datetime.now(UTC) - timedelta(days=_ECB_DAYS)
    url = f"https://data-api.ecb.europa.eu/service/data/EXR/D.{'+'.join(_ECB_CURRENCIES)}.EUR.SP00.A"
    return [Request(url, {"format": "csvdata", "startPeriod": f"{first:%Y-%m-%d}"})]


def _of_ecb(bodies: list[bytes]) -> pd.DataFrame:
    """Read a CSV with ``CURRENCY``, ``CURRENCY_DENOM``, ``TIME_PERIOD``, ``OBS_VALUE``: price of a euro."""
    (body,) = bodies
    table = pd.read_csv(io.BytesIO(body), dtype=str)
    columns = {"CURRENCY_DENOM": "base", "CURRENCY": "quote", "TIME_PERIOD": "period", "OBS_VALUE": "rate"}
    return table[[*columns]].rename(columns=columns).dropna()


def _world_bank_requests(key: str) -> list[Request]:
    url = f"https://api.worldbank.org/v2/country/{';'.join(_WORLD_BANK_CURRENCIES)}/indicator/PA.NUS.FCRF"
    return [Request(url, {"format": "json", "per_page": "1000", "mrv": "10"})]


def _of_world_bank(bodies: list[bytes]) -> pd.DataFrame:
    """Read ``[{page...}, [{countryiso3code, date, value}]]``: price of a dollar, mean of a year."""
    (body,) = bodies
    _, entries = as_json(body)
    rows = [
        ("USD", _WORLD_BANK_CURRENCIES[entry["countryiso3code"]], entry["date"], entry["value"])
        for entry in entries or []
        if entry["value"] is not None
    ]
    return pd.DataFrame(rows, columns=[*RATES.columns])


EIA = Source(
    "eia",
    "monthly tariffs by US state, industrial and commercial",
    "public domain",
    TARIFFS,
    _eia_requests,
    _of_eia,
    key_variable="EIA_API_KEY",
)
EUROSTAT = Source(
    "eurostat",
    "half-yearly tariffs of European industry by band and tax",
    "CC BY 4.0",
    TARIFFS,
    _eurostat_requests,
    _of_eurostat,
)
ECB = Source(
    "ecb", "daily exchange rates of the euro", "free with attribution", RATES, _ecb_requests, _of_ecb
)
WORLD_BANK = Source(
    "world-bank",
    "yearly exchange rates of currencies that the ECB does not quote",
    "CC BY 4.0",
    RATES,
    _world_bank_requests,
    _of_world_bank,
)
