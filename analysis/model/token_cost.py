"""Cost of tokens: predicted energy and throughput through the cost of a GPU-hour (`token_cost`)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs.errors import ParameterError, nearest, quoted
from analysis.inputs.money import mean_rate
from analysis.inputs.plain import is_number
from analysis.inputs.units import SECONDS_PER_HOUR, TOKENS_PER_MTOK, WATT_PER_KW, Numeric
from analysis.model.gpu_hour import GpuHourCost, gpu_hour_cost, numbers_of
from analysis.model.hour_inputs import ARGUMENTS, SIDES, Ends
from analysis.model.memory import Floats
from analysis.model.token_parts import BESIDES, REQUEST, SHARE, UseCost, price_tokens
from analysis.model.token_use import KINDS

EXCHANGE_PERIOD = "2025"
"""Calendar year whose mean exchange rate turns USD into CNY unless said otherwise."""


class TokenShare(NamedTuple):
    """What a token of a kind takes of the accelerators.

    Attributes
    ----------
    gpu_hours : numeric
        Accelerator time [GPU-hours per token].
    gpu_power_kw : numeric
        Power of one accelerator meanwhile [kW].
    """

    gpu_hours: Numeric
    gpu_power_kw: Numeric


def token_cost_of(share: TokenShare, *, tokens: Numeric, **costs: Numeric) -> GpuHourCost:
    """Return the cost of a number of tokens, part by part [USD].

    Parameters
    ----------
    share : TokenShare
        What one token takes.
    tokens : numeric
        How many [number].
    **costs : numeric
        Arguments of `analysis.gpu_hour_cost` but the power.

    Returns
    -------
    analysis.model.gpu_hour.GpuHourCost
        Parts and total, here in USD for the tokens.

    Examples
    --------
    A token that takes an hour costs the hour.

    >>> share = TokenShare(gpu_hours=1.0, gpu_power_kw=1.0)
    >>> costs = {"gpu_price_usd": 8766.0, "gpu_life_years": 1.0, "utilisation": 1.0, "pue": 1.0}
    >>> round(float(token_cost_of(share, tokens=2.0, tariff_usd_per_kwh=0.5, **costs).total), 6)
    3.0
    """
    hour = gpu_hour_cost(gpu_power_kw=share.gpu_power_kw, **costs)
    return GpuHourCost(*(part * share.gpu_hours * tokens for part in hour))


def token_shares(
    *,
    step_time_s: Numeric,
    prefill_time_s: Numeric,
    batch: Numeric,
    gpu_count: Numeric,
    prefill_energy_j: Numeric,
    decode_energy_j: Numeric,
    input_tokens_per_output_token: Numeric,
) -> dict[str, TokenShare]:
    """Return what an input and an output token take of the accelerators: prefill, and the rest of a step.

    Parameters
    ----------
    step_time_s, prefill_time_s : numeric
        Time of a decode step, and of the prefill in it [s].
    batch, gpu_count : numeric
        Requests served at once; accelerators that serve them [number].
    prefill_energy_j, decode_energy_j : numeric
        Energy of an output token: of prefill, and without it [J/token].
    input_tokens_per_output_token : numeric
        How many input tokens that prefill is for [ratio]; where it is zero, an input token takes nothing.

    Returns
    -------
    dict
        ``input`` and ``output`` to what a token takes.

    Examples
    --------
    Eight accelerators that emit 80 tokens in 0.1 s: a hundredth of a GPU-second each; 5 J in it are 0.5 kW.

    >>> share = token_shares(step_time_s=0.1, prefill_time_s=0.0, batch=80.0, gpu_count=8.0,
    ...     prefill_energy_j=0.0, decode_energy_j=5.0, input_tokens_per_output_token=0.0)["output"]
    >>> round(share.gpu_hours * 3600, 9), round(share.gpu_power_kw, 9)
    (0.01, 0.5)
    """
    ratio = np.asarray(input_tokens_per_output_token, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_input = 1.0 / ratio
        fresh = _share(prefill_time_s * gpu_count / batch * per_input, prefill_energy_j * per_input)
    fresh = TokenShare(*(np.where(ratio == 0.0, 0.0, part)[()] for part in fresh))
    decode_s = (step_time_s - prefill_time_s) * gpu_count / batch
    return {"input": fresh, "output": _share(decode_s, decode_energy_j)}


def _share(gpu_seconds: Numeric, energy_j: Numeric) -> TokenShare:
    return TokenShare(gpu_seconds / SECONDS_PER_HOUR, energy_j / gpu_seconds / WATT_PER_KW)


_FROM_PREDICTION = ("gpu_power_kw", "server_overhead")


def token_cost(
    frame: pd.DataFrame, *, side: str = SIDES[0], exchange_period: str = EXCHANGE_PERIOD, **costs: Numeric
) -> pd.DataFrame:
    """Return the cost of a million input, cached input and output tokens, part by part, with intervals.

    Parameters
    ----------
    frame : pandas.DataFrame
        One set-up a row, as for `analysis.predict_energy`: ``model`` or ``params_active_b``, and what else is
        known, ``engine`` and ``load`` among it. A column that is called as one of the costs below tells it by
        row, unless the argument is given.
    side : str
        ``us`` or ``cn``: whose assumptions of the scenario ``audited`` stand in for costs that are left out
        (`analysis.model.hour_inputs`). A price that is left out is that of the row's own card.
    exchange_period : str
        Whose mean rate turns USD into CNY, such as ``2025``.
    **costs : numeric
        What is known of: ``gpu_price_usd``, ``gpu_life_years``, ``utilisation``, ``discount_rate``, ``pue``,
        ``tariff_usd_per_kwh``, ``network_usd_per_gpu_hour``, ``facility_capex_usd_per_kw``,
        ``facility_life_years``, ``other_opex_usd_per_gpu_hour``, as for `analysis.gpu_hour_cost`;
        ``cached_input_cost``, of a cached over a fresh input token [ratio]; ``idle_power_fraction``;
        ``facility_power_kw``, for which the building is made, else rated power of card and host; and
        ``gpu_hour_price_usd``, what an hour of an accelerator is rented for [USD/GPU-hour]. Scalars, arrays
        as long as the frame (NaN where a row leaves it out), or Series on its index.

    Returns
    -------
    pandas.DataFrame
        On the index of `frame`: for each kind (``input``, ``cached_input``, ``output``) and each part
        (``electricity``, ``hardware``, ``network``, ``facility``, ``other``, ``total``) a column
        ``<kind>_<part>_usd_per_mtok`` and one ``<kind>_<part>_cny_per_mtok``; ``<kind>_electricity_share``
        [ratio]; ``request_<part>_usd`` [USD]; those in USD and the shares with 5 and 95 % quantiles, ``_p5``
        and ``_p95``; then ``<kind>_gpu_hours_per_mtok`` and ``output_tokens_per_gpu_second``.
        ``attrs["assumed"]`` lists the costs that came from the assumptions.

    Raises
    ------
    ParameterError
        If a row of the frame or a cost is out of bounds; the message names it.
    TypeError
        If a cost has a name that is not known.

    Notes
    -----
    An output token is charged with decode, an input token with prefill. Electricity is that of the facility
    boundary times the tariff: idle servers are its measured overhead, unless ``idle_power_fraction`` says
    what they draw in the hours that the utilisation leaves. A rented hour is paid for everything in it:
    electricity is shown as computed, the rest of the rent stands in ``hardware``, and network, facility and
    other, which cannot be told apart from it, are NaN; it serves all the time unless ``utilisation`` is told.

    Examples
    --------
    >>> frame = pd.DataFrame({"params_active_b": [8.0], "params_total_b": [8.0], "precision": ["bf16"],
    ...     "gpu_model": "H100", "gpu_count": 1, "batch": 64, "input_tokens": 500, "output_tokens": 400})
    >>> row = token_cost(frame, tariff_usd_per_kwh=0.08).iloc[0]
    >>> bool(row["input_total_usd_per_mtok"] < row["output_total_usd_per_mtok"] < 2.0)
    True
    """
    given = costs_told(frame) | {name: _on_rows(name, value, frame) for name, value in _known(costs).items()}
    priced = price_tokens(frame, np.full(len(frame), _side(side), dtype=object), given)
    columns = cost_columns(priced.cost, _cny_per_usd(exchange_period))
    for kind, hours in priced.use.gpu_hours.items():
        columns[f"{kind}_gpu_hours_per_mtok"] = hours * TOKENS_PER_MTOK
    columns["output_tokens_per_gpu_second"] = priced.gpu["output_tokens_per_gpu_second"].to_numpy()
    table = pd.DataFrame(columns, index=frame.index)
    table.attrs["assumed"] = [name for name, where in priced.inputs.assumed.items() if where.all()]
    return table


def costs_told(frame: pd.DataFrame) -> dict[str, Floats]:
    """Return the costs that a frame tells, by argument of `token_cost`; NaN where a row does not.

    Raises
    ------
    ParameterError
        If an entry is no number; the message names row and column.
    """
    told = {}
    for name in (*ARGUMENTS, *BESIDES):
        if name in frame:
            column = frame[name].astype(object).where(frame[name].notna(), np.nan)
            for label, entry in column.items():
                if not is_number(entry):
                    raise ParameterError(f"row {label!s:.80}, column {name}: {quoted(entry)}: not a number")
            told[name] = column.to_numpy(dtype=float)
    return told


def _known(costs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the costs that are told, or refuse a name that is none."""
    known = (*ARGUMENTS, *BESIDES)
    for name in costs:
        if name in _FROM_PREDICTION:
            raise ParameterError(f"{name}: comes from the prediction, leave it out")
        if name not in known:
            raise TypeError(f"token_cost() got an unexpected keyword argument {name!r}{nearest(name, known)}")
    return dict(costs)


def _side(side: Any) -> str:
    if not isinstance(side, str) or side not in SIDES:
        raise ParameterError(f"side {side!r:.60}: not one of {', '.join(SIDES)}")
    return side


def cost_columns(cost: UseCost, cny_per_usd: float) -> dict[str, Any]:
    """Return the parts of each kind in both currencies, named as in the answer of `token_cost`."""
    columns: dict[str, Any] = {}
    for kind in KINDS:
        for part in GpuHourCost._fields:
            columns |= with_ends(f"{kind}_{part}_usd_per_mtok", cost.per_token[kind][part])
            columns[f"{kind}_{part}_cny_per_mtok"] = cost.per_token[kind][part].value * cny_per_usd
        columns |= with_ends(f"{kind}_{SHARE}", cost.per_token[kind][SHARE])
    for part in GpuHourCost._fields:
        columns |= with_ends(f"{REQUEST}_{part}_usd", cost.per_request[part])
    return columns


def with_ends(name: str, found: Ends) -> dict[str, Floats]:
    """Return a figure and its ends as columns."""
    return {name: found.value, f"{name}_p5": found.low, f"{name}_p95": found.high}


def _cny_per_usd(period: Any) -> float:
    """Return the mean exchange rate of a period."""
    try:
        return mean_rate("USD", "CNY", str(period))
    except ValueError as error:
        raise ParameterError(f"exchange_period: {error}") from None


def _on_rows(name: str, value: Any, frame: pd.DataFrame) -> Any:
    """Return an argument as one number or one a row of the frame; a Series goes by its labels."""
    if isinstance(value, pd.Series):
        if not (value.index.is_unique and set(value.index) == set(frame.index)):
            raise ParameterError(f"{name}: its index is not that of the frame")
        value = value.reindex(frame.index)
    numbers = numbers_of(name, value)
    if numbers.shape not in {(), (len(frame),)}:
        raise ParameterError(f"{name}: {numbers.size} numbers for {len(frame)} rows")
    if not numbers.ndim and np.isnan(numbers):  # in an array it is a row that leaves it out
        raise ParameterError(f"{name}: not a finite number")
    return numbers
