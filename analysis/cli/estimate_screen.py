"""What ``kwh2token estimate`` shows of one set-up: energy, cost and what was assumed, rounded as people say it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from rich.table import Table

from analysis.cli.setups import OPTIONS
from analysis.inputs.units import JOULES_PER_KWH
from analysis.model.gpu_hour import PARTS
from analysis.tables.estimate import QUANTILES, Estimate

KINDS = {"input": "an input token", "cached_input": "a cached one", "output": "an output token"}
METERS = {"gpu": "the GPUs", "server": "the servers", "facility": "the facility"}
_SMALLEST = 1e-4
_FINE_BELOW = 2.0


def screen(found: Estimate, notes: list[str]) -> Iterator[Table | str]:
    """Yield what is shown, from top to bottom.

    Parameters
    ----------
    found : Estimate
        Of one set-up.
    notes : list of str
        What has to be said besides.
    """
    row = found.table.iloc[0]
    yield "\n".join(heading(row))
    yield _costs(row)
    yield "\n".join(_closing(row))
    yield _assumptions(found.assumptions(0))
    for note in notes:
        yield f"note: {note}"


def rounded(value: float) -> str:
    """Return a number as people say it: two digits, three after a leading one; none of it is lost above.

    Examples
    --------
    >>> [rounded(value) for value in (0.0123, 0.456, 1.234, 2.345, 12.34, 98.7, 1234.5, 45678.0, 0.0)]
    ['0.0123', '0.46', '1.23', '2.3', '12.3', '99', '1,230', '46,000', '0']
    >>> rounded(3.21e-7), rounded(float("nan"))
    ('3.2e-07', '-')
    """
    if not math.isfinite(value):
        return "-"
    if value == 0.0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    digits = 2 if abs(value) / 10.0**exponent < _FINE_BELOW else 1
    short = round(value, digits - exponent)
    if abs(short) < _SMALLEST:
        return f"{value:.{digits}e}"
    return f"{short:,.{max(digits - exponent, 0)}f}"


def interval(low: float, value: float, high: float) -> str:
    """Return a median with its 5 and 95 % quantiles.

    Examples
    --------
    >>> interval(0.5, 1.234, 20.0), interval(1.0, 1.0, 1.0)
    ('1.23 (0.50-20)', '1.00')
    """
    middle = rounded(value)
    return middle if low == high or not math.isfinite(value) else f"{middle} ({rounded(low)}-{rounded(high)})"


def heading(row: pd.Series) -> Iterator[str]:
    """Yield what is served, and on what."""
    name = row.get("model")
    total, active = row["params_total_b"], row["params_active_b"]
    size = f"{rounded(total)} billion parameters"
    if active < total:
        size += f", {rounded(active)} billion of them active"
    yield f"{name}: {size}" if isinstance(name, str) else f"A model of {size}"
    served = [f"{row['gpu_count']:g} x {row['gpu_model']}", str(row["precision"])]
    if isinstance(row.get("engine"), str):
        served.append(f"{row['engine']} engine")
    served.append(f"{rounded(row['batch'])} requests at once")
    lengths = f"{rounded(row['input_tokens'])} tokens in, {rounded(row['output_tokens'])} out"
    if row["cached_share"] > 0:
        lengths += f", {row['cached_share']:.0%} of the input cached"
    yield f"{', '.join(served)}; {lengths}"


def _costs(row: pd.Series) -> Table:
    """Return energy and cost by kind of token."""
    kinds = {kind: label for kind, label in KINDS.items() if kind != "output" or row["output_tokens"] > 0}
    table = Table("", *kinds.values(), title_justify="left", caption_justify="left")
    table.title = f"Energy at the meter of {METERS[row['boundary']]}, and cost; 5-95 % in brackets"
    kwh = {kind: [row[f"{kind}_kwh_per_mtok_{end}"] for end in QUANTILES] for kind in kinds}
    table.add_row("J a token", *(interval(*(v * JOULES_PER_KWH / 1e6 for v in kwh[kind])) for kind in kinds))
    table.add_row("kWh a million tokens", *(interval(*kwh[kind]) for kind in kinds), end_section=True)
    rented = row["gpu_hour_price_usd"] > 0
    for part in (*PARTS, "total"):
        label = {"hardware": "rest of the rent" if rented else "hardware", "total": "USD a million tokens"}
        cells = [interval(*_ends(row, f"{kind}_{part}")) for kind in kinds]
        if not (rented and part in {"network", "facility", "other"}):
            table.add_row(label.get(part, part), *cells, end_section=part == PARTS[-1])
    table.add_row("CNY a million tokens", *(rounded(row[f"{kind}_total_cny_per_mtok"]) for kind in kinds))
    share = (interval_of_shares(row, kind) for kind in kinds)
    table.add_row("electricity of it", *share)
    return table


def interval_of_shares(row: pd.Series, kind: str) -> str:
    """Return the share of electricity in the cost of a kind of token."""
    low, value, high = (row[f"{kind}_electricity_share{end}"] for end in ("_low", "", "_high"))
    return f"{rounded(100 * value)} % ({rounded(100 * low)}-{rounded(100 * high)})"


def _ends(row: pd.Series, name: str) -> tuple[float, float, float]:
    low, value, high = (row[f"{name}{end}_usd_per_mtok"] for end in ("_low", "", "_high"))
    return low, value, high


def _closing(row: pd.Series) -> Iterator[str]:
    """Yield what a request takes and costs."""
    wh = interval(*(row[f"energy_wh_per_request_{end}"] for end in QUANTILES))
    low, value, high = (row[f"request_total{end}_usd"] * 100 for end in ("_low", "", "_high"))
    yield f"A request: {wh} Wh, {interval(low, value, high)} US cents"
    if row["output_tokens"] > 0:
        whole = interval(*(row[f"energy_j_per_output_token_{end}"] for end in QUANTILES))
        yield f"An output token with the prefill of its prompt, as measurements count it: {whole} J"
    grades = [f"energy {row['energy_grade']} (predicted)"]
    for name in ("tariff", "gpu_price"):
        if row[f"{name}_grade"]:
            grades.append(f"{name.replace('_', ' ')} {row[f'{name}_grade']}")
    yield f"Grades: {', '.join(grades)}"
    if row["place"]:
        told = f"{rounded(row['tariff_usd_per_kwh'])} USD/kWh, from {row['tariff_source']}"
        yield f"Electricity in {row['place']}: {told}"


def _assumptions(assumed: list[Mapping[str, Any]]) -> Table:
    """Return what was assumed, each with the option that tells it."""
    table = Table("", "taken", "range", "grade", "source", title_justify="left")
    table.title = "Assumed; what you tell instead narrows the intervals"
    for entry in assumed:
        option = OPTIONS.get(entry["name"], "")
        name = option if option.startswith("--") else entry["name"].replace("_", " ")
        low, high, value = (entry[end] for end in ("low", "high", "value"))
        taken = rounded(value) if isinstance(value, int | float) else str(value)
        taken = f"{taken} {entry['unit']}".rstrip()
        ends = f"{rounded(low)}-{rounded(high)}" if low is not None and low != high else ""
        table.add_row(name, taken, ends, entry["grade"] or "", entry["source"] or "")
    return table
