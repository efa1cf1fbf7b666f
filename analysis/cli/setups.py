"""How a set-up is told to ``kwh2token estimate``: what may be said of it, as options or in a file."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

from typer import Argument, Option

from analysis.inputs.errors import ParameterError, quoted
from analysis.inputs.plain import plain_form, plain_number
from analysis.inputs.units import MOST_USD_PER_KWH, PARAMETERS_PER_BILLION

TEXT, NUMBER, WHOLE, BILLIONS, TARIFF = "text", "number", "whole number", "billions", "tariff"
LARGEST = 1e12
PERCENT = 100.0
MOST_BILLIONS = 100_000.0
"""Of parameters: a hundred times the largest that is known."""
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
    Entry("params_active_b", "--params-active", BILLIONS, "active parameters, billions", 0, MOST_BILLIONS),
    Entry("params_total_b", "--params-total", BILLIONS, "all parameters, billions", 0, MOST_BILLIONS),
    Entry("precision", "--precision", TEXT, "bf16, fp8, mxfp4, int4, q4_k_m, ..."),
    Entry("gpu_model", "--gpu", TEXT, "accelerator, such as H100 or L4"),
    Entry(
        "gpu_count", "--gpus", WHOLE, "accelerators, for one copy or, without a batch, as many as fit", 1, 1e5
    ),
    Entry("engine", "--engine", TEXT, "naive, llama.cpp, early, current; or vllm, sglang, ..."),
    Entry("load", "--load", TEXT, "interactive, balanced or saturated"),
    Entry("tokens_per_s_per_user", "--tokens-per-second", NUMBER, "speed that a user sees", 0.01, 1e5),
    Entry("batch", "--batch", NUMBER, "mean number of requests at once of a copy", 1, 1e6),
    Entry("input_tokens", "--input-tokens", NUMBER, "mean length of a prompt", 0, 1e9),
    Entry("output_tokens", "--output-tokens", NUMBER, "mean length of an answer; 0 for embeddings", 0, 1e9),
    Entry("cached_share", "--cached-share", NUMBER, "of input tokens that come from the cache", 0, 1),
    Entry("tokens_per_step", "--tokens-per-step", NUMBER, "accepted a step, if it decodes several", 1, 100),
    Entry("layers", "--layers", WHOLE, "layers of the model", 1, 10_000),
    Entry("attention", "--attention", TEXT, "multi-head, grouped, latent or sliding"),
    Entry(
        "kv_bytes_per_token_bf16", "--kv-bytes", NUMBER, "cache of a token of context at 16 bits [B]", 0, 1e9
    ),
    Entry("gpu_tdp_w", "--gpu-tdp-w", NUMBER, "a card of one's own: rated power [W]", 1, 1e4),
    Entry("gpu_bandwidth_gb_s", "--gpu-bandwidth", NUMBER, "its memory bandwidth [GB/s]", 1, 1e5),
    Entry("gpu_peak_16bit_tflops", "--gpu-peak", NUMBER, "its dense 16-bit peak [TFLOP/s]", 0.1, 1e6),
    Entry("gpu_memory_gb", "--gpu-memory", NUMBER, "its memory [GB]", 1, 1e5),
    Entry("pue", "--pue", NUMBER, "facility over IT energy", 1, 5),
    Entry("tariff", "--tariff", TARIFF, 'USD/kWh, or as in "0.045 EUR/kWh"', 0, MOST_USD_PER_KWH),
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

ONE_OF = ("batch", "load", "tokens_per_s_per_user")
OWN_CARD = ("gpu_tdp_w", "gpu_bandwidth_gb_s", "gpu_peak_16bit_tflops", "gpu_memory_gb")
"""Of which one can be told, and which have to be told together."""

ALL = "all"
OF_COST: dict[str, Any] = {
    "model": Annotated[
        str | None, Option("--model", help="a model by its name; MiniMax-M2.5 by default", metavar="NAME")
    ],
    "place": Annotated[
        list[str] | None,
        Option("--place", help=f"a place, a .yaml file of your own, or {ALL}; repeatable", metavar="NAME"),
    ],
}
"""Options that ``cost`` has in place of those of ``estimate``."""

_METAVARS = {TEXT: "NAME", NUMBER: "N", WHOLE: "N", BILLIONS: "N", TARIFF: "PRICE"}
_SCALED = re.compile(r"(\d+(?:\.\d+)?)\s*(%|[a-z]{1,2})", re.IGNORECASE)
_FACTORS = {
    BILLIONS: {"m": 1e-3, "b": 1.0, "bn": 1.0, "t": 1e3},
    NUMBER: {"k": 1e3, "m": 1e6, "%": 0.01},
    WHOLE: {"k": 1e3, "x": 1.0},
}
"""What people write behind a number, by kind of what they tell."""


def signature(command: Callable[..., None], otherwise: Mapping[str, Any] | None = None) -> inspect.Signature:
    """Return the parameters of a command for Typer: those of a set-up, each a text or None, then its own.

    What stands in `otherwise` by column takes the place of the option of a set-up.
    """
    parameters = []
    for column, option in OPTIONS.items():
        told, kind = KNOWN[column].told, KNOWN[column].kind
        annotation: Any = Annotated[str | None, Option(option, help=told, metavar=_METAVARS[kind])]
        if column == "model":  # of several words
            annotation = Annotated[
                list[str] | None, Argument(help=told, metavar="[MODEL]", show_default=False)
            ]
        annotation = (otherwise or {}).get(column, annotation)
        place = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(column, place, default=None, annotation=annotation))
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
    _check_together(texts)
    return {
        column: read_value(KNOWN[column], texts[column], f"{OPTIONS[column]}: ") if column in texts else None
        for column in given
    }


def _check_together(texts: Mapping[str, str]) -> None:
    """Refuse options that say the same in two ways, and a card of one's own that is told in part."""
    busy = [OPTIONS[name] for name in ONE_OF if name in texts]
    if len(busy) > 1:
        raise ParameterError(f"{' and '.join(busy)}: tell one of them, the other follows from it")
    missing = [OPTIONS[name] for name in OWN_CARD if name not in texts]
    if 0 < len(missing) < len(OWN_CARD):
        raise ParameterError(
            f"{', '.join(missing)}: a card of one's own needs them too, or a name after --gpu"
        )


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
    if not text.isprintable():
        raise ParameterError(f"{where}{quoted(text)} holds signs that cannot be printed")
    if entry.kind == TEXT:
        return text.strip()
    number = _tariff(text, where) if entry.kind == TARIFF else plain_number(text)
    if number is None:
        raise ParameterError(f"{where}{_no_number(entry, text)}")
    if problem := _out_of_bounds(entry, number, text):
        raise ParameterError(f"{where}{problem}")
    return float(number)


def _tariff(text: str, where: str) -> float:
    from analysis.inputs.money import tariff_in_usd

    try:
        return tariff_in_usd(text, EXCHANGE_PERIOD)
    except ParameterError as error:
        raise ParameterError(f"{where}{error}") from None


def _no_number(entry: Entry, text: str) -> str:
    """Return why a text is no number, and the number that is likely meant."""
    scaled = _SCALED.fullmatch(text.strip())
    factor = _FACTORS[entry.kind].get(scaled[2].lower()) if scaled else None
    meant = plain_form(text) if factor is None or scaled is None else f"{float(scaled[1]) * factor:.15g}"
    if meant and not entry.lowest <= float(meant) <= entry.highest:
        meant = ""
    if entry.kind == BILLIONS:
        return f'"{text:.60}" is no number; in billions, write {meant or "a number as in 70 or 0.6"}'
    example = "a number as in 64 or 1.5"
    if entry.highest <= PERCENT:
        example = f"a number from {entry.lowest:g} to {entry.highest:g}"
    return f'"{text:.60}" is no number; write {meant or example}'


def _out_of_bounds(entry: Entry, number: float, text: str) -> str:
    """Return why a number cannot be meant, and what is likely; nothing where it can."""
    if entry.kind == BILLIONS and number <= 0:
        return f"{text} is no size of a model; in billions, write a number as in 70 or 0.6"
    if entry.kind == BILLIONS and number > entry.highest:
        told = f"{number:,.0f} billion parameters are beyond any model"
        return f"{told}; in billions, write {number / PARAMETERS_PER_BILLION:.3g}"
    if entry.kind == WHOLE and number % 1:
        return f"{text} is no whole number; write {max(round(number), entry.lowest):g}"
    if number < entry.lowest:
        return f"{text} is below the least; write {entry.lowest:g} or more"
    if entry.highest == 1 and 1 < number <= PERCENT:
        return f"{text} is more than all; as a share, write {number / PERCENT:g}"
    if entry.kind == TARIFF and number > entry.highest:
        return f"{text} is {number:.4g} USD/kWh, beyond any sense; write its unit, as in 45 EUR/MWh"
    return f"{text} is beyond any sense; write {entry.highest:.15g} or less" if number > entry.highest else ""


def with_options(message: str) -> str:
    """Return a message that names the option instead of the column.

    Examples
    --------
    >>> with_options("row set-up, column gpu_model: 'H20O' is not known")
    "--gpu: 'H20O' is not known"
    """
    text = message.removeprefix("row set-up, ").replace(": nan: ", ": ")
    for column in sorted(OPTIONS, key=len, reverse=True):
        text = re.sub(rf"\bcolumn {column}\b", OPTIONS[column], text)
        if "_" in column:
            text = re.sub(rf"\b{column}\b", OPTIONS[column], text)
    instead = "give its size with --params-active, or a name such as deepseek-v3"
    return re.sub(r"^(MODEL: .* is not known); known are .*", rf"\1; {instead}", text)
