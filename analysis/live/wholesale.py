"""Day-ahead prices of European zones from the transparency platform of ENTSO-E, for who has its token."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pandas as pd
import pandera.pandas as pa

from analysis.inputs.units import KW_PER_MW
from analysis.live.client import Request
from analysis.live.sources import Source

_ZONES = {
    "10Y1001A1001A82H": "Germany and Luxembourg",
    "10YFR-RTE------C": "France",
    "10YES-REE------0": "Spain",
    "10Y1001A1001A73I": "Italy, north",
    "10YNL----------L": "Netherlands",
    "10Y1001A1001A59C": "Ireland",
    "10YPL-AREA-----S": "Poland",
    "10YFI-1--------U": "Finland",
    "10YNO-2--------T": "Norway, south",
    "10YNO-4--------9": "Norway, north",
    "10Y1001A1001A44P": "Sweden, north",
    "10Y1001A1001A46L": "Sweden, Stockholm",
}
"""Bidding zones by code."""
_DAYS = 7
_STEPS = {"PT15M": timedelta(minutes=15), "PT30M": timedelta(minutes=30), "PT60M": timedelta(hours=1)}
_MOST_STEPS = 3000
_NOON = timedelta(hours=12)

WHOLESALE = pa.DataFrameSchema(
    {
        "area": pa.Column(str, pa.Check.isin([*_ZONES.values()])),
        "period": pa.Column(str, pa.Check.str_matches(r"^\d{4}-\d{2}-\d{2}$")),
        "value": pa.Column(float, pa.Check.in_range(-1.0, 10.0)),
        "unit": pa.Column(str, pa.Check.isin(["EUR/kWh"])),
    },
    unique=["area", "period"],
    strict=True,
    coerce=True,
)
"""Mean of a day's wholesale prices."""


def _requests(key: str) -> list[Request]:
    now = datetime.now(UTC)
    span = {
        "periodStart": f"{now - timedelta(days=_DAYS):%Y%m%d}0000",
        "periodEnd": f"{now + timedelta(days=1):%Y%m%d}0000",
    }
    params = {"documentType": "A44", "contract_MarketAgreement.type": "A01"} | span
    url = "https://web-api.tp.entsoe.eu/api"
    zones = [{"in_Domain": zone, "out_Domain": zone} for zone in _ZONES]
    return [Request(url, params | zone, {"securityToken": key}) for zone in zones]


def _read(bodies: list[bytes]) -> pd.DataFrame:
    """Read ``TimeSeries`` of ``Publication_MarketDocument``; a zone without prices has none."""
    found: dict[tuple[str, str], float] = {}
    for body in bodies:
        for series in _tree(body).iterfind("{*}TimeSeries"):
            if series.findtext("{*}classificationSequence_AttributeInstanceComponent.position", "1") != "1":
                continue  # other auctions of the same day
            money = f"{_text(series, 'currency_Unit.name')}/{_text(series, 'price_Measure_Unit.name')}"
            if money != "EUR/MWH":
                raise ValueError(f"prices in {money:.40}")
            zone = _ZONES[_text(series, "in_Domain.mRID")]
            for day, price in map(_mean_of, series.iterfind("{*}Period")):
                found.setdefault((zone, day), price / KW_PER_MW)
    rows = [(*place, price, "EUR/kWh") for place, price in found.items()]
    return pd.DataFrame(rows, columns=[*WHOLESALE.columns])


def _tree(body: bytes) -> ElementTree.Element:
    """Return the root of a document; one that declares types of its own, so could grow, is refused."""
    text = body.decode()
    if "<!" in text:
        raise ValueError("a document with declarations")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"no XML: {error}") from None


def _text(at: ElementTree.Element, name: str) -> str:
    """Return the text of an element; KeyError names one that is not there."""
    found = at.findtext("{*}" + name.replace("/", "/{*}"))
    if found is None:
        raise KeyError(name)
    return found


def _mean_of(period: ElementTree.Element) -> tuple[str, float]:
    """Return the day of a period and its mean price; a step without a price has that of the step before."""
    start, end = (datetime.fromisoformat(_text(period, f"timeInterval/{name}")) for name in ("start", "end"))
    steps = int((end - start) / _STEPS[_text(period, "resolution")])
    if not 0 < steps <= _MOST_STEPS:
        raise ValueError(f"a period of {steps} steps")
    return f"{start + _NOON:%Y-%m-%d}", math.fsum(_prices(period, steps)) / steps


def _prices(period: ElementTree.Element, steps: int) -> Iterator[float]:
    points = {
        int(_text(at, "position")): float(_text(at, "price.amount")) for at in period.iterfind("{*}Point")
    }
    price = points[1]
    for position in range(1, steps + 1):
        price = points.get(position, price)
        yield price


ENTSOE = Source(
    "entsoe",
    "day-ahead prices of European zones",
    "terms of the ENTSO-E transparency platform; free re-use with attribution",
    WHOLESALE,
    _requests,
    _read,
    key_variable="ENTSOE_API_KEY",
)
