"""What a source is: its requests, how its answers are read, and what its table must look like."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pandera.pandas as pa

from analysis.live.client import LiveError, Request

_SHOWN = 12
"""Bytes of what is no JSON: enough to tell a page, too few for what a page may repeat of a request."""
_POSITIVE = pa.Check.in_range(0.0, 1e5)

PRICES = pa.DataFrameSchema(
    {
        "provider_id": pa.Column(str, pa.Check.str_length(1, 100)),
        "model_id": pa.Column(str, pa.Check.str_length(1, 300)),
        "input_usd_per_mtok": pa.Column(float, _POSITIVE),
        "output_usd_per_mtok": pa.Column(float, _POSITIVE),
        "cached_input_usd_per_mtok": pa.Column(float, _POSITIVE, nullable=True),
    },
    unique=["provider_id", "model_id"],
    strict=True,
    coerce=True,
)
"""List prices [USD per million tokens]."""

TARIFFS = pa.DataFrameSchema(
    {
        "area": pa.Column(str, pa.Check.str_length(1, 80)),
        "consumer_class": pa.Column(str, pa.Check.str_length(1, 40)),
        "tax_level": pa.Column(str, pa.Check.isin(["as billed", "without recoverable tax", "all taxes"])),
        "period": pa.Column(str, pa.Check.str_matches(r"^\d{4}(-\d{2}|-S[12])?$")),
        "value": pa.Column(float, pa.Check.in_range(0.001, 5.0)),
        "unit": pa.Column(str, pa.Check.isin(["USD/kWh", "EUR/kWh"])),
    },
    unique=["area", "consumer_class", "tax_level", "period"],
    strict=True,
    coerce=True,
)
"""Delivered prices of electricity, in the unit that each row names."""

RATES = pa.DataFrameSchema(
    {
        "base": pa.Column(str, pa.Check.str_matches("^[A-Z]{3}$")),
        "quote": pa.Column(str, pa.Check.str_matches("^[A-Z]{3}$")),
        "period": pa.Column(str, pa.Check.str_matches(r"^\d{4}(-\d{2}-\d{2})?$")),
        "rate": pa.Column(float, pa.Check.in_range(1e-6, 1e7)),
    },
    unique=["base", "quote", "period"],
    strict=True,
    coerce=True,
)
"""Exchange rates [quote per base] of days or years."""


@dataclass(frozen=True)
class Source:
    """Where live figures come from.

    Attributes
    ----------
    name : str
        What commands and files call it.
    title : str
        What it holds.
    licence : str
        Its terms.
    schema : pandera.DataFrameSchema
        What its table must look like; the columns that are ``unique`` together are its key.
    requests : callable
        Takes the key, returns what to ask for.
    read : callable
        Takes the bodies of the answers, in their order, returns the table.
    key_variable : str
        Environment variable that holds the key; empty where none is needed.
    """

    name: str
    title: str
    licence: str
    schema: pa.DataFrameSchema
    requests: Callable[[str], list[Request]]
    read: Callable[[list[bytes]], pd.DataFrame]
    key_variable: str = field(default="")

    @property
    def key_columns(self) -> list[str]:
        """The columns that name a row."""
        return list(self.schema.unique or [])

    def table(self, bodies: list[bytes]) -> pd.DataFrame:
        """Return the table that answers hold, checked, in the order of its key.

        Raises
        ------
        LiveError
            If an answer cannot be read or its table is not what it must be; the message names the cell.
        """
        try:
            found = self.read(bodies)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise LiveError(f"{self.name}: not the answer that was expected ({_shape(error)})") from None
        if found.empty:
            raise LiveError(f"{self.name}: the answer holds no figures")
        try:
            checked = self.schema.validate(found, lazy=True)
        except pa.errors.SchemaErrors as error:
            raise LiveError(f"{self.name}: {_first_failure(error, found, self.key_columns)}") from None
        except (TypeError, ValueError, ArithmeticError) as error:
            raise LiveError(f"{self.name}: no figures that can be read ({_shape(error)})") from None
        return checked.sort_values(self.key_columns, ignore_index=True)


def as_json(body: bytes) -> Any:
    """Return what a body of JSON holds; another one is told by what it starts with."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        start = body[:_SHOWN].decode("utf-8", "backslashreplace").strip()
        raise ValueError(f"no JSON: {start!r}") from None


def prices(entries: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Return a table of list prices from tuples in the order of its columns."""
    return pd.DataFrame(entries, columns=[*PRICES.columns])


def _shape(error: Exception) -> str:
    """Return what was amiss with the shape of an answer."""
    told = f"no {error.args[0]!r}" if isinstance(error, KeyError) and error.args else str(error)
    return told[:200]


def _first_failure(error: pa.errors.SchemaErrors, found: pd.DataFrame, key: list[str]) -> str:
    """Return the first cell that is wrong, by the row's key and the column."""
    cases = error.failure_cases.astype({"index": object})
    first = cases.iloc[0]
    more = f"; and {len(cases) - 1} more" if len(cases) > 1 else ""
    where: Mapping[str, Any] = found.iloc[int(first["index"])] if pd.notna(first["index"]) else {}
    row = "/".join(str(where[name]) for name in key if name in where)
    column = first["column"] if pd.notna(first["column"]) else ""
    told = f"row {row:.100}, column {column}: {first['failure_case']!s:.60} fails {first['check']!s:.80}"
    return f"{told}{more}"
