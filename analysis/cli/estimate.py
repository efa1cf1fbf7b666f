"""The screen of ``kwh2token estimate``: energy and cost of a token with intervals, and its parts."""

import math
import re
import warnings
from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.table import Table

from analysis.inputs.errors import ParameterError, quoted
from analysis.inputs.units import BYTES_PER_GB, TOKENS_PER_MTOK, kwh_per_mtok
from analysis.model.boundary import BOUNDARIES
from analysis.model.energy_model import INPUTS
from analysis.model.predict import ENERGY, predict_energy

NAMES = {"gpu": "GPUs", "server": "servers", "facility": "facility"}
TIMES = {
    "weight_time_s": "reading weights",
    "kv_time_s": "reading the key-value cache",
    "decode_compute_time_s": "multiplying (decode)",
    "prefill_time_s": "prefill of joining requests",
    "layer_time_s": "overhead of layers",
    "link_time_s": "overhead of links between GPUs",
    "sequence_time_s": "overhead of requests",
}
_UNITS = {"params_total_b": "billion", "params_active_b": "billion", "kv_bytes_per_token_bf16": "B"}


def estimate_shown(
    setup: Mapping[str, Any], tariff_usd_per_kwh: float | None, options: Mapping[str, str]
) -> list[Table | str]:
    """Return what the command shows, from top to bottom: tables, notes and a line on the interval.

    Parameters
    ----------
    setup : mapping
        Columns of `analysis.predict_energy`; None where unknown.
    tariff_usd_per_kwh : float or None
        Price of electricity [USD/kWh].
    options : mapping
        What messages call a column of the set-up.

    Raises
    ------
    ParameterError
        If the set-up makes no sense; the message names the option.
    """
    answers, notes = _answers(setup, options)
    return [
        _inputs(setup, answers["gpu"], notes),
        *(f"note: {note}" for note in notes),
        _energy(answers, tariff_usd_per_kwh),
        _parts(answers["gpu"]),
        _spread(answers["facility"]),
    ]


def _answers(setup: Mapping[str, Any], options: Mapping[str, str]) -> tuple[dict[str, pd.Series], list[str]]:
    frame = pd.DataFrame([setup], index=["set-up"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answers = {name: predict_energy(frame, boundary=name).iloc[0] for name in BOUNDARIES}
        except ParameterError as error:
            raise ParameterError(_with_options(str(error), options)) from None
    notes = [_with_options(text, options) for text in dict.fromkeys(str(entry.message) for entry in caught)]
    used = answers["gpu"]
    if setup["gpu_count"] is not None and used["gpu_count"] != setup["gpu_count"]:
        notes.append(
            f"{setup['gpu_count']} x {used['gpu_model']} cannot hold the weights; "
            f"{used['gpu_count']:g} are taken instead"
        )
    if used["batch"] > used["batch_kv_limit"]:
        notes.append(
            f"the cache of {used['batch']:g} requests does not fit beside the weights: "
            f"{used['batch_kv_limit']:.0f} do, more would have to wait"
        )
    return answers, notes


def _with_options(message: str, options: Mapping[str, str]) -> str:
    """Return a message that names the option instead of the column."""
    names = "|".join(sorted(options, key=len, reverse=True))
    text = message.removeprefix("row set-up, ")
    return re.sub(rf"(?:column )?\b({names})\b", lambda found: options[found[1]], text)


def _inputs(setup: Mapping[str, Any], used: pd.Series, notes: list[str]) -> Table:
    table = Table("set-up", "used", "", title="Set-up", title_justify="left")
    for name, given in setup.items():
        value = used[name]
        shown = f"{value:.4g} {_UNITS.get(name, '')}".rstrip() if name in INPUTS else str(value)
        replaced = given != value if isinstance(given, int | float) else quoted(given) in " ".join(notes)
        table.add_row(name.replace("_", " "), shown, "assumed" if given is None or replaced else "")
    billions = used["params_total_b"]
    table.caption = f"one step reads {used['weight_bytes'] / BYTES_PER_GB:,.1f} GB of weights, "
    table.caption += f"out of {billions:,.0f} billion"
    return table


def _energy(answers: dict[str, pd.Series], tariff_usd_per_kwh: float | None) -> Table:
    columns = ["at the meter of the", "J per output token (5-95 %)", "kWh per million"]
    if tariff_usd_per_kwh is not None:
        columns.append(f"USD per million at {tariff_usd_per_kwh:g} USD/kWh")
    table = Table(*columns, title="Energy of an output token", title_justify="left")
    for name, answer in answers.items():
        joules = [answer[f"{ENERGY}_{end}"] for end in ("p50", "p5", "p95")]
        kwh = [float(kwh_per_mtok(value)) for value in joules]
        cells = [_interval(joules), _interval(kwh)]
        if tariff_usd_per_kwh is not None:
            cells.append(_interval([value * tariff_usd_per_kwh for value in kwh]))
        table.add_row(NAMES[name], *cells)
    return table


def _interval(values: list[float]) -> str:
    """Return a median with its interval.

    Examples
    --------
    >>> _interval([1.234, 0.5, 20.0])
    '1.23 (0.5 - 20)'
    """
    median, low, high = (f"{value:.3g}" for value in values)
    return f"{median} ({low} - {high})"


def _parts(used: pd.Series) -> Table:
    table = Table("part", "ms", "share", title="One decode step, median", title_justify="left")
    for name, label in TIMES.items():
        share = used[name] / used["step_time_s"]
        table.add_row(label, f"{used[name] * 1e3:.2f}", f"{share:.0%}")
    table.add_row("step", f"{used['step_time_s'] * 1e3:.2f}", "100%")
    table.caption = (
        f"x {used['gpu_power_w']:,.0f} W ({used['gpu_power_ratio']:.0%} of rated power) "
        f"/ {used['batch']:g} requests = {used['gpu_energy_j_per_output_token']:.3g} J per output token, "
        f"{used['prefill_energy_j_per_output_token']:.3g} of it prefill"
    )
    return table


def _spread(facility: pd.Series) -> str:
    server = facility["energy_at_server_j_per_output_token"]
    between = server / facility["gpu_energy_j_per_output_token"]
    outside = facility["energy_at_facility_j_per_output_token"] / server
    return (
        f"From GPUs to servers x {between:.2f} (host), to the facility x {outside:.2f} (idle servers, PUE).\n"
        "Interval at the facility, as factors on the median: model "
        f"/ and x {_factor(facility['spread_model'])}; unknown inputs {_factors(facility, 'inputs')}; "
        f"links from GPU to meter {_factors(facility, 'links')}. "
        f"{TOKENS_PER_MTOK:,.0f} tokens at 1 J are {kwh_per_mtok(1.0):.4f} kWh."
    )


def _factors(facility: pd.Series, part: str) -> str:
    low, high = (_factor(facility[f"spread_{part}_{end}"]) for end in ("low", "high"))
    return f"/ {low}, x {high}"


def _factor(log_ratio: float) -> str:
    return f"{math.exp(log_ratio):.2f}"
