"""What each data table must look like (pandera schemas)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pandera.pandas as pa

from analysis.inputs import periods
from analysis.inputs.units import CURRENCIES, ECONOMICS_UNITS, FACT_UNITS, GRADES, PRICE_UNITS, currency_of

REGIONS = ("China", "Europe", "US")
COMPONENTS = (
    "delivered",
    "energy rate",
    "demand charge",
    "energy",
    "loss",
    "loss rate",
    "t_and_d",
    "system",
    "funds",
)
CONSUMER_CLASSES = (
    "industrial",
    "commercial",
    "business",
    "large industry",
    "large two-part 110 kV",
    "large two-part 220 kV",
    "data centre",
    "wholesale",
    "all",
    *("IC", "ID", "IE", "IF", "IG"),
)
TAX_LEVELS = (
    "with VAT",
    "without recoverable tax",
    "without tax",
    "as billed",
    "no tax",
    "outside VAT",
    "not stated",
)

_ID = r"[a-z0-9][a-z0-9_-]*"


def text(**options: Any) -> pa.Column:
    """Return a column of free text, blanks allowed."""
    return pa.Column(str, nullable=True, **options)


def identifier(unique: bool = False) -> pa.Column:
    """Return a column of row ids or source ids."""
    pattern = pa.Check.str_matches(rf"^{_ID}$", error="lower-case letters, digits, - and _ only")
    return pa.Column(str, pattern, unique=unique)


def one_of(values: tuple[str, ...], nullable: bool = False) -> pa.Column:
    """Return a column that holds one of some words."""
    return pa.Column(str, pa.Check.isin(values, error=f"one of {', '.join(values)}"), nullable=nullable)


def number(nullable: bool = False, positive: bool = False) -> pa.Column:
    """Return a column of finite numbers."""
    finite = pa.Check(lambda column: column.abs() < float("inf"), error="a finite number")
    checks = [finite, pa.Check.gt(0, error="above zero")] if positive else [finite]
    return pa.Column(float, checks, nullable=nullable)


def rule(name: str, holds: Callable[[pd.DataFrame], Any]) -> pa.Check:
    """Return a check over several columns; its name says what should hold."""
    return pa.Check(holds, error=name)


def _is_period(entry: str) -> bool:
    try:
        periods.bounds(entry)
    except ValueError:
        return False
    return True


PERIOD = pa.Column(
    str, pa.Check(_is_period, element_wise=True, error="a period such as 2025, 2025-S1 or 2025-06")
)
_YEAR = pa.Column(int, pa.Check.in_range(1900, 2100))
PROVENANCE = {"source": identifier(), "grade": one_of(GRADES), "note": text()}
_ORDERED = (
    rule(
        "column low: should not exceed value",
        lambda rows: rows["low"].isna() | (rows["low"] <= rows["value"]),
    ),
    rule(
        "column high: should not be less than value",
        lambda rows: rows["high"].isna() | (rows["value"] <= rows["high"]),
    ),
    rule(
        "column year: should be that of the period",
        lambda rows: rows["period"].str[:4] == rows["year"].astype(str),
    ),
    rule(
        "column currency: should be that of the unit",
        lambda rows: rows["unit"].map(currency_of).fillna("") == rows["currency"].fillna(""),
    ),
    rule(
        "column note: a figure recalled from memory has no place here",
        lambda rows: ~rows["note"].fillna("").str.contains("recalled", case=False),
    ),
)

_PER_KWH = (0.001, 5.0)
_PER_KW_MONTH = (1.0, 500.0)
"""Bounds of prices in any of the currencies: a price per MWh or in cents is refused."""


def _unit_of_component(rows: pd.DataFrame) -> pd.Series:
    """Tell whether each row's unit is one that its component can have."""
    kind = rows["component"].map({"demand charge": "kW-month", "loss rate": "share"}).fillna("kWh")
    return rows["unit"].str.rpartition("/")[2] == kind


def _is_plausible(rows: pd.DataFrame) -> pd.Series:
    low, high = rows["low"].fillna(rows["value"]), rows["high"].fillna(rows["value"])
    plausible = pd.Series(False, index=rows.index)
    for ending, (least, most) in (("/kWh", _PER_KWH), ("/kW-month", _PER_KW_MONTH), ("share", (0.0, 1.0))):
        within = (low >= least) & (high <= most) & (high < 1.0 if ending == "share" else True)
        plausible |= rows["unit"].str.endswith(ending) & within
    return plausible


PRICES = pa.DataFrameSchema(
    {
        "id": identifier(unique=True),
        "region": one_of(REGIONS),
        "area": pa.Column(str),
        "year": _YEAR,
        "period": PERIOD,
        "value": number(positive=True),
        "low": number(nullable=True, positive=True),
        "high": number(nullable=True, positive=True),
        "unit": one_of(PRICE_UNITS),
        "currency": one_of(CURRENCIES, nullable=True),
        "component": one_of(COMPONENTS),
        "consumer_class": one_of(CONSUMER_CLASSES),
        "tax_level": one_of(TAX_LEVELS),
        **PROVENANCE,
    },
    checks=[
        *_ORDERED,
        rule("column unit: not one that the component can have", _unit_of_component),
        rule(
            "column value: out of bounds; prices are per kWh (0.001 to 5) or per kW and month (1 to 500), "
            "loss rates are shares below 1",
            _is_plausible,
        ),
    ],
    strict=True,
    coerce=True,
)

GPU_ECONOMICS = pa.DataFrameSchema(
    {
        "id": identifier(unique=True),
        "item": pa.Column(str),
        "quantity": pa.Column(str),
        "accelerators": number(nullable=True, positive=True),
        "value": number(positive=True),
        "low": number(nullable=True, positive=True),
        "high": number(nullable=True, positive=True),
        "unit": one_of(ECONOMICS_UNITS),
        "currency": one_of(CURRENCIES, nullable=True),
        "year": _YEAR,
        "period": PERIOD,
        **PROVENANCE,
    },
    checks=list(_ORDERED),
    strict=True,
    coerce=True,
)

SOURCES = pa.DataFrameSchema(
    {
        "id": identifier(unique=True),
        "title": pa.Column(str),
        "publisher": text(),
        "url": text(checks=pa.Check.str_matches(r"^https?://", error="a web address")),
        "published": text(checks=pa.Check(_is_period, element_wise=True, error="a date, or blank")),
        "accessed": text(checks=pa.Check(_is_period, element_wise=True, error="a date, or blank")),
        "licence": text(),
        "grade": one_of(GRADES),
    },
    strict=True,
    coerce=True,
)

FLAGSHIPS = pa.DataFrameSchema(
    {
        "id": identifier(unique=True),
        "country": one_of(("US", "CN")),
        "vendor": pa.Column(str),
        "label": pa.Column(str, unique=True),
        "provider_id": pa.Column(str),
        "model_id": pa.Column(str),
        "role": one_of(("flagship", "named in the article")),
        **PROVENANCE,
    },
    strict=True,
    coerce=True,
)

BUILD_UPS = pa.DataFrameSchema(
    {
        "grid": pa.Column(str, unique=True),
        "hub": one_of(("true", "false")),
        "year": _YEAR,
        **{
            f"{part}_rows": text()
            for part in ("rate", "demand", "energy", "loss", "t_and_d", "system", "funds")
        },
        "note": text(),
    },
    strict=True,
    coerce=True,
)

ASSUMPTIONS = pa.DataFrameSchema(
    {
        "name": identifier(unique=True),
        "value": number(),
        "low": number(),
        "high": number(),
        "unit": pa.Column(str),
        "currency": one_of(CURRENCIES, nullable=True),
        "period": PERIOD,
        **PROVENANCE,
    },
    checks=[check for check in _ORDERED if "column year" not in str(check.error)],
    strict=True,
    coerce=True,
)

FACTS = pa.DataFrameSchema(
    {
        "id": identifier(unique=True),
        "topic": pa.Column(str),
        "subject": pa.Column(str),
        "quantity": pa.Column(str),
        "basis": pa.Column(str),
        "value": number(positive=True),
        "low": number(nullable=True, positive=True),
        "high": number(nullable=True, positive=True),
        "unit": one_of(FACT_UNITS),
        "currency": one_of(CURRENCIES, nullable=True),
        "year": _YEAR,
        "period": PERIOD,
        **PROVENANCE,
    },
    checks=list(_ORDERED),
    strict=True,
    coerce=True,
)

METRICS = (
    "electricity generation",
    "electricity consumption",
    "installed capacity",
    "renewable capacity",
    "wind capacity",
    "solar capacity",
    "population",
)

GENERATION = pa.DataFrameSchema(
    {
        "id": identifier(unique=True),
        "entity": pa.Column(str),
        "year": _YEAR,
        "period": PERIOD,
        "metric": one_of(METRICS),
        "value": number(),
        "low": number(nullable=True),
        "high": number(nullable=True),
        "unit": one_of(("TWh", "GW", "million persons")),
        **PROVENANCE,
    },
    checks=[check for check in _ORDERED if "currency" not in str(check.error)],
    strict=True,
    coerce=True,
)

ENERGY_MEASURED = pa.DataFrameSchema(
    {
        "id": identifier(unique=True),
        "model": pa.Column(str),
        "family": pa.Column(str),
        "params_total_b": number(positive=True),
        "params_active_b": number(positive=True),
        "architecture": one_of(("dense", "moe")),
        "precision": pa.Column(str),
        "gpu_model": pa.Column(str),
        "gpu_count": pa.Column(int, pa.Check.gt(0)),
        "workload": pa.Column(str),
        "batch": number(positive=True),
        "output_tokens": number(positive=True),
        "gpu_power_w": number(positive=True),
        "value": number(positive=True),
        "unit": one_of(("J/token",)),
        "boundary": one_of(("gpu", "server", "facility")),
        "year": _YEAR,
        "period": PERIOD,
        **PROVENANCE,
    },
    checks=rule(
        "column params_active_b: should not exceed params_total_b",
        lambda rows: rows["params_active_b"] <= rows["params_total_b"],
    ),
    strict=True,
    coerce=True,
)

CLAIMS = pa.DataFrameSchema(
    {
        "id": identifier(unique=True),
        "paragraph": pa.Column(int, pa.Check.gt(0)),
        "topic": pa.Column(str),
        "quantity": pa.Column(str),
        "value_low": number(nullable=True),
        "value_high": number(nullable=True),
        "unit": one_of(FACT_UNITS),
        "as_of": PERIOD,
        "paraphrase_en": pa.Column(str),
        "paraphrase_zh": pa.Column(str),
        "claimed_basis": pa.Column(str),
        "evidence_basis": pa.Column(str),
        "evidence": text(),
        "check": pa.Column(str),
    },
    checks=[
        rule(
            "column value_low: should not exceed value_high",
            lambda rows: ~(rows["value_low"] > rows["value_high"]),
        ),
        rule(
            "column value_low: one of value_low and value_high is needed",
            lambda rows: rows["value_low"].notna() | rows["value_high"].notna(),
        ),
    ],
    strict=True,
    coerce=True,
)
