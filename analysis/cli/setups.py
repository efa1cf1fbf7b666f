"""How a set-up is told to ``kwh2token estimate``: what may be said of it, as options or in a file."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

from typer import Argument, Option

from analysis.inputs.errors import ParameterError
from analysis.inputs.plain import plain_form, plain_number

TEXT, NUMBER, WHOLE, BILLIONS, TARIFF = "text", "number", "whole number", "billions", "tariff"
LARGEST = 1e12
PERCENT = 100.0
MOST_BILLIONS = 100_000.0
EXCHANGE_PERIOD = "2025"


class Entry(NamedTuple):
    """What may be told of a set-up.

    Attributes
    ----------
    column : str
        What `analysis.predict_energy` and `analysis.tables.estimate.estimate` call it, and files.
    option : str
        What the command calls it; blank where only a file may tell it.
    kind : str
        How it is read.
    told : str
        The help of the option.
    lowest, highest : float
        Bounds of a number.
    """

    column: str
    option: str
    kind: str
    told: str
    lowest: float = 0.0
    highest: float = LARGEST


ENTRIES = (
    Entry("model", "", TEXT, "a model by its name, such as deepseek-v3; or --params-active"),
    Entry("params_active_b", "--params-active", BILLIONS, "active parameters, billions"),
    Entry("params_total_b", "--params-total", BILLIONS, "all parameters, billions"),
    Entry("precision", "--precision", TEXT, "bf16, fp8, mxfp4, int4, q4_k_m, ..."),
    Entry("gpu_model", "--gpu", TEXT, "accelerator, such as H100 or L4"),
    Entry("gpu_count", "--gpus", WHOLE, "accelerators of one copy of the model", 1),
    Entry("engine", "--engine", TEXT, "naive, llama.cpp, early, current; or vllm, sglang, ..."),
    Entry("load", "--load", TEXT, "interactive, balanced or saturated"),
    Entry("tokens_per_s_per_user", "--tokens-per-second", NUMBER, "speed that a user sees"),
    Entry("batch", "--batch", NUMBER, "mean number of requests at once of a copy", 1),
    Entry("input_tokens", "--input-tokens", NUMBER, "mean length of a prompt"),
    Entry("output_tokens", "--output-tokens", NUMBER, "mean length of an answer; 0 for embeddings"),
    Entry("cached_share", "--cached-share", NUMBER, "of input tokens that come from the cache", 0, 1),
    Entry("tokens_per_step", "--tokens-per-step", NUMBER, "accepted a step, if it decodes several", 1, 100),
    Entry("layers", "--layers", WHOLE, "layers of the model", 1),
    Entry("attention", "--attention", TEXT, "multi-head, grouped, latent or sliding"),
    Entry("kv_bytes_per_token_bf16", "--kv-bytes", NUMBER, "cache of a token of context at 16 bits [B]"),
    Entry("gpu_tdp_w", "--gpu-tdp-w", NUMBER, "a card of one's own: rated power [W]", 1),
    Entry("gpu_bandwidth_gb_s", "--gpu-bandwidth", NUMBER, "its memory bandwidth [GB/s]", 1),
    Entry("gpu_peak_16bit_tflops", "--gpu-peak", NUMBER, "its dense 16-bit peak [TFLOP/s]", 0.1),
    Entry("gpu_memory_gb", "--gpu-memory", NUMBER, "its memory [GB]", 1),
    Entry("pue", "--pue", NUMBER, "facility over IT energy", 1, 5),
    Entry("tariff", "--tariff", TARIFF, 'USD/kWh, or as in "0.045 EUR/kWh"', 0, 100),
    Entry("place", "--place", TEXT, "whose tariff, such as Texas, Germany, Guizhou"),
    Entry("gpu_hour_price_usd", "--gpu-hour-price", NUMBER, "rent, USD/GPU-hour, power in it", 0, 10_000),
    Entry("utilisation", "--utilisation", NUMBER, "hours in which the accelerators serve", 0.01, 1),
    Entry("n_experts", "", WHOLE, "experts of a layer", 1),
    Entry("experts_per_token", "", WHOLE, "experts that a token is sent to", 1),
    Entry("state_bytes_per_request", "", NUMBER, "state of a request [B]"),
)
"""Everything that may be told of a set-up."""

KNOWN = {entry.column: entry for entry in ENTRIES}
OPTIONS = {"model": "MODEL"} | {entry.column: entry.option for entry in ENTRIES if entry.option}
"""What messages call a column where it is an option."""

_METAVARS = {TEXT: "NAME", NUMBER: "N", WHOLE: "N", BILLIONS: "N", TARIFF: "PRICE"}
_SUFFIXES = {"k": 1e-6, "m": 1e-3, "b": 1.0, "bn": 1.0, "t": 1e3}
_WITH_SUFFIX = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]{1,2})", re.IGNORECASE)
_UNITS = {BILLIONS: " billion"}


def signature(command: Callable[..., None]) -> inspect.Signature:
    """Return the parameters of a command for Typer: those of a set-up, each a text or None, then its own."""
    parameters = [
        inspect.Parameter(
            column,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                list[str] | None if column == "model" else str | None,
                Argument(help=KNOWN[column].told, metavar="[MODEL]", show_default=False)
                if column == "model"
                else Option(option, help=KNOWN[column].told, metavar=_METAVARS[KNOWN[column].kind]),
            ],
        )
        for column, option in OPTIONS.items()
    ]
    own = inspect.signature(command).parameters.values()
    return inspect.Signature([*parameters, *(one for one in own if one.kind is one.KEYWORD_ONLY)])


def read_options(given: Mapping[str, str | list[str] | None]) -> dict[str, Any]:
    """Return the values of options by column, None where one is not given; a name may be of several words.

    Raises
    ------
    ParameterError
        If one cannot be used; the message names it and what to write.
    """
    texts = {
        name: " ".join(text) if isinstance(text, list) else text
        for name, text in given.items()
        if text is not None and text != []
    }
    return {
        column: read_value(KNOWN[column], texts[column], f"{OPTIONS[column]}: ") if column in texts else None
        for column in given
    }


def read_value(entry: Entry, text: str, where: str) -> Any:
    """Return what a text says: a number within its bounds, a price in USD/kWh, or the text.

    Examples
    --------
    >>> batch = next(entry for entry in ENTRIES if entry.column == "batch")
    >>> read_value(batch, "64", "--batch: ")
    64.0
    >>> read_value(batch, "0.5", "--batch: ")
    Traceback (most recent call last):
    ...
    analysis.inputs.errors.ParameterError: --batch: 0.5 is below the least; write 1 or more
    """
    if not text.strip():
        raise ParameterError(f"{where}it is blank")
    if entry.kind == TEXT:
        return text.strip()
    if entry.kind == TARIFF:
        from analysis.inputs.money import tariff_in_usd

        try:
            number = tariff_in_usd(text, EXCHANGE_PERIOD)
        except ParameterError as error:
            raise ParameterError(f"{where}{error}") from None
    else:
        number = plain_number(text)
        if number is None:
            raise ParameterError(f"{where}{_no_number(entry, text)}")
    _check_bounds(entry, float(number), text, where)
    return float(number)


def _no_number(entry: Entry, text: str) -> str:
    """Return why a text is no number, and the number that is likely meant."""
    form = plain_form(text)
    with_suffix = _WITH_SUFFIX.fullmatch(text.strip())
    if entry.kind == BILLIONS:
        scale = _SUFFIXES.get(with_suffix[2].lower()) if with_suffix else None
        if with_suffix and scale:
            form = f"{float(with_suffix[1]) * scale:g}"
        return f'"{text:.60}" is no number; in billions, write {form or "a number as in 70 or 0.6"}'
    if with_suffix and with_suffix[2].lower() == "k":
        form = f"{float(with_suffix[1]) * 1000:g}"
    return f'"{text:.60}" is no number; write {form or "a number as in 64 or 0.5"}'


def _check_bounds(entry: Entry, number: float, text: str, where: str) -> None:
    unit = _UNITS.get(entry.kind, "")
    if entry.kind == BILLIONS and number > MOST_BILLIONS:
        told = f"{number:,.0f} billion parameters are beyond any model"
        billions = number / 1e9
        raise ParameterError(
            f"{where}{told}; in billions, write {billions:g}" if billions >= 1e-3 else f"{where}{told}"
        )
    if entry.kind == BILLIONS and number <= 0:
        raise ParameterError(
            f"{where}{text} is no size of a model; in billions, write a number as in 70 or 0.6"
        )
    if entry.kind == WHOLE and number % 1:
        raise ParameterError(f"{where}{text} is no whole number; write {max(round(number), entry.lowest):g}")
    if number < entry.lowest:
        raise ParameterError(f"{where}{text} is below the least; write {entry.lowest:g} or more{unit}")
    if entry.highest == 1 and 1 < number <= PERCENT:
        raise ParameterError(f"{where}{text} is more than all; as a share, write {number / PERCENT:g}")
    if number > entry.highest:
        raise ParameterError(f"{where}{text} is beyond any sense; write {entry.highest:,.6g} or less{unit}")


def with_options(message: str) -> str:
    """Return a message that names the option instead of the column.

    Examples
    --------
    >>> with_options("row set-up, column gpu_model: 'H20O' is not known")
    "--gpu: 'H20O' is not known"
    """
    text = message.removeprefix("row set-up, ")
    for column in sorted(OPTIONS, key=len, reverse=True):
        text = re.sub(rf"\bcolumn {column}\b", OPTIONS[column], text)
        if "_" in column:
            text = re.sub(rf"\b{column}\b", OPTIONS[column], text)
    return text
