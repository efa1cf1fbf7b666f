"""What ``kwh2token estimate`` shows of one set-up, rounded as people say numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.cli.setups import OPTIONS
from analysis.inputs.units import JOULES_PER_KWH
from analysis.model.gpu_hour import PARTS
from analysis.model.token_use import QUANTILES
from analysis.tables.estimate import Estimate

KINDS = {"input": "an input token", "cached_input": "a cached one", "output": "an output token"}
METERS = {"gpu": "the GPUs", "server": "the servers", "facility": "the facility"}
NAMES = {
    "gpu_price_usd": "price of the card",
    "discount_rate": "cost of capital",
    "gpu_life_years": "life of the card",
    "facility_life_years": "life of the building",
    "network_usd_per_gpu_hour": "network",
    "facility_capex_usd_per_kw": "building and power",
    "other_opex_usd_per_gpu_hour": "staff and the rest",
    "cached_input_cost": "cached input",
    "tariff_usd_per_kwh": "--tariff",
    "shared_share": "active outside experts",
}
"""What is not named after an option."""

_SMALLEST = 1e-6
_FINE_BELOW, _FINE_BELOW_COUNT = 2.0, 10.0


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
    meter = METERS[row["boundary"]]
    yield f"\nEnergy at the meter of {meter}, and cost; 5-95 % in brackets; 1 Mtok: a million tokens"
    yield _costs(row)
    yield "\n".join(_closing(row))
    if assumed := found.assumptions(0):
        yield "\nAssumed; what you tell instead narrows the intervals"
        yield assumed_table(assumed)
    for note in notes:
        yield f"note: {note}"


def rounded(value: float, fine: bool = True) -> str:
    """Return a number as people say it: two digits, where `fine` three after a leading one.

    Examples
    --------
    >>> [rounded(value) for value in (0.0123, 0.456, 1.234, 2.345, 12.34, 98.7, 1234.5, 45678.0, 0.0)]
    ['0.0123', '0.46', '1.23', '2.3', '12.3', '99', '1,230', '46,000', '0']
    >>> rounded(0.0000321), rounded(3.21e-7), rounded(float("nan"))
    ('0.000032', '3.2e-07', '-')
    """
    if not math.isfinite(value):
        return "-"
    if value == 0.0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    digits = 2 if fine and abs(value) / 10.0**exponent < _FINE_BELOW else 1
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
    middle, ends = rounded(value), (rounded(end, fine=False) for end in (low, high))
    return middle if low == high or not math.isfinite(value) else f"{middle} ({'-'.join(ends)})"


def stated(value: float, digits: int = 4) -> str:
    """Return a number that was told or taken, to so many digits behind the point.

    Examples
    --------
    >>> [stated(value) for value in (8.0, 79.5, 33750.0, 0.0592, 671.026)]
    ['8', '79.5', '33,750', '0.0592', '671']
    """
    if not math.isfinite(value) or value == 0.0:
        return rounded(value)
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def heading(row: pd.Series) -> Iterator[str]:
    """Yield what is served, and on what."""
    total, active = row["params_total_b"], row["params_active_b"]
    size = f"{stated(total)} billion parameters"
    if active < total:
        size += f", {stated(active)} billion of them active"
    if row["is_closed"]:
        size += " (not disclosed: an assumed size, and the interval spans what it may be)"
    yield f"{row['model']}: {size}" if isinstance(row["model"], str) else f"A model of {size}"
    gpus, copies = row["gpu_count"], row["copies"]
    served = f"{gpus * copies:g} x {row['gpu_model']}, {row['precision']}, {row['engine']} engine"
    if copies > 1:
        served += f", {copies:g} copies on {gpus:g} each"
    if row["load"]:
        served += f", {row['load']} load"
    batch = row["batch"] if row["batch"] < _FINE_BELOW_COUNT else round(row["batch"])
    yield served
    speed = stated(round(row["tokens_per_s_per_user"], 1))
    told, asked = stated(row["input_tokens"]), stated(row["output_tokens"])
    requests = "1 request at a time" if batch == 1 else f"{stated(batch)} requests at once"
    requests += " a copy" if copies > 1 else ""
    if row["output_tokens"] > 0:
        requests += f", {speed} tokens/s each"
    lengths = f"{requests}; {told} tokens in, {asked} out"
    if row["cached_share"] > 0:
        lengths += f", {row['cached_share']:.0%} of the input cached"
    yield lengths


def _costs(row: pd.Series) -> Table:
    """Return energy and cost by kind of token."""
    kinds = {kind: label for kind, label in KINDS.items() if math.isfinite(row[f"{kind}_total_usd_per_mtok"])}
    table = Table("", *kinds.values(), box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    kwh = {kind: [row[f"{kind}_kwh_per_mtok_{end}"] for end in QUANTILES] for kind in kinds}
    table.add_row("J/token", *(interval(*(v * JOULES_PER_KWH / 1e6 for v in kwh[kind])) for kind in kinds))
    table.add_row("kWh/Mtok", *(interval(*kwh[kind]) for kind in kinds), end_section=True)
    rented = row["gpu_hour_price_usd"] > 0
    parts = {part: part for part in PARTS}
    if rented:
        parts = {"electricity": "electricity", "hardware": "rest of the rent"}
    for part, label in {"total": "USD/Mtok", **{k: f"  {v}" for k, v in parts.items()}}.items():
        table.add_row(label, *(interval(*ends_of(row, f"{kind}_{part}_usd_per_mtok")) for kind in kinds))
        if part == "electricity":
            table.add_row("  its share", *(share_of(row, kind) for kind in kinds))
    table.add_section()
    table.add_row("CNY/Mtok", *(rounded(row[f"{kind}_total_cny_per_mtok"]) for kind in kinds))
    return table


def share_of(row: pd.Series, kind: str) -> str:
    """Return the share of electricity in the cost of a kind of token."""
    low, value, high = (100 * end for end in ends_of(row, f"{kind}_electricity_share"))
    return f"{rounded(value)} % ({rounded(low, fine=False)}-{rounded(high, fine=False)})"


def ends_of(row: pd.Series, name: str) -> tuple[float, float, float]:
    """Return a figure of a row between its quantiles."""
    low, value, high = (row[f"{name}{end}"] for end in ("_p5", "", "_p95"))
    return low, value, high


def _closing(row: pd.Series) -> Iterator[str]:
    """Yield what a request takes and costs."""
    wh = interval(*(row[f"energy_wh_per_request_{end}"] for end in QUANTILES))
    low, value, high = (100 * end for end in ends_of(row, "request_total_usd"))
    yield f"A request: {wh} Wh, {interval(low, value, high)} US cents"
    if row["output_tokens"] > 0:
        whole = interval(*(row[f"energy_j_per_output_token_{end}"] for end in QUANTILES))
        yield f"An output token with its prompt's prefill, as measurements count: {whole} J"
    named = {"model": "model", "gpu_model": "card", "tariff": "tariff", "gpu_price": "price of the card"}
    grades = [f"{label} {row[f'{name}_grade']}" for name, label in named.items() if row[f"{name}_grade"]]
    grades.append(f"energy {row['energy_grade']} (predicted)")
    yield f"Grades: {', '.join(grades)}"
    if row["place"] and row["tariff_source"]:  # a tariff that is told is of no place
        told = f"{rounded(row['tariff_usd_per_kwh'])} USD/kWh, from {row['tariff_source']}"
        yield f"Electricity in {row['place']}: {told}"
    yield from (f"{row['place']}: {text}" for text in besides_tariff(row))


def besides_tariff(row: pd.Series) -> Iterator[str]:
    """Yield what the place of a row tells besides its tariff, with grade and source."""
    for name in ("pue", "discount_rate"):
        if source := row[f"{name}_source"]:
            called = NAMES.get(name) or name.upper()
            yield f"{called} {stated(row[name])}, grade {row[f'{name}_grade']}, source: {source}"


def assumed_table(assumed: Sequence[Mapping[str, Any]]) -> Table:
    """Return what was assumed, each with the option that tells it."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for header in ("", "taken", "5-95 %", "grade", "source"):
        table.add_column(header, no_wrap=header != "source", overflow="fold")
    for entry in assumed:
        name = NAMES.get(entry["name"]) or OPTIONS.get(entry["name"]) or entry["name"].replace("_", " ")
        low, high = entry["low"], entry["high"]
        ends = "" if low is None or low == high else f"{_said(low)} to {_said(high)}"
        unit = entry["unit"].replace("GPU-hour", "h")
        table.add_row(name, f"{_said(entry['value'])} {unit}", ends, entry["grade"], entry["source"])
    return table


def _said(value: Any) -> str:
    """Return a name as it is, or a number to three digits."""
    return value if isinstance(value, str) else stated(value, digits=3)
