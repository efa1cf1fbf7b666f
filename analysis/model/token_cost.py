"""Cost of tokens: predicted energy and throughput through the cost of a GPU-hour (`token_cost`)."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError
from analysis.inputs.money import mean_rate
from analysis.inputs.units import SECONDS_PER_HOUR, TOKENS_PER_MTOK, WATT_PER_KW, Numeric
from analysis.model.boundary import host_power_shares
from analysis.model.gpu_hour import GpuHourCost, gpu_hour_cost, numbers_of
from analysis.model.predict import ENERGY, predict_energy

KINDS = ("input", "cached_input", "output")
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


def token_cost(
    frame: pd.DataFrame,
    *,
    gpu_price_usd: Numeric,
    gpu_life_years: Numeric,
    utilisation: Numeric,
    pue: Numeric,
    tariff_usd_per_kwh: Numeric,
    cached_input_cost: Numeric = 0.1,
    exchange_period: str = EXCHANGE_PERIOD,
    **costs: Numeric,
) -> pd.DataFrame:
    """Return the cost of a million input, cached input and output tokens, part by part.

    Parameters
    ----------
    frame : pandas.DataFrame
        One set-up a row, as for `analysis.predict_energy`.
    gpu_price_usd, gpu_life_years, utilisation, pue, tariff_usd_per_kwh
        As for `analysis.gpu_hour_cost`; scalars, arrays as long as the frame, or Series on its index.
    cached_input_cost : numeric
        Cost of a cached over a fresh input token [ratio] (`cached_input_cost` of the scenarios).
    exchange_period : str
        Whose mean rate turns USD into CNY, such as ``2025``.
    **costs : numeric
        Further arguments of `analysis.gpu_hour_cost`: ``discount_rate``, ``network_usd_per_gpu_hour`` and so
        on. Power and server overhead come from the prediction; the building is made for the rated power of
        accelerator and host unless ``facility_power_kw`` says otherwise.

    Returns
    -------
    pandas.DataFrame
        On the index of `frame`: for each kind (``input``, ``cached_input``, ``output``) and each part
        (``electricity``, ``hardware``, ``network``, ``facility``, ``other``, ``total``) a column
        ``<kind>_<part>_usd_per_mtok`` and one ``<kind>_<part>_cny_per_mtok``; then
        ``output_electricity_low_usd_per_mtok`` and ``..._high_...`` with the 5 and 95 % of predicted energy,
        ``output_tokens_per_gpu_second``, and ``<kind>_gpu_hours_per_mtok``.

    Raises
    ------
    ParameterError
        If a row of the frame or a cost is out of bounds; the message names it.

    Notes
    -----
    An output token is charged with decode, an input token with prefill. Idle time is in the utilisation, so
    the idle overhead of the facility boundary is not counted again.

    Examples
    --------
    >>> frame = pd.DataFrame({"params_active_b": [8.0], "params_total_b": [8.0], "precision": ["bf16"],
    ...     "gpu_model": "H100", "gpu_count": 1, "batch": 64, "input_tokens": 500, "output_tokens": 400})
    >>> row = token_cost(frame, gpu_price_usd=30_000.0, gpu_life_years=5.0, utilisation=0.7, pue=1.2,
    ...     tariff_usd_per_kwh=0.08).iloc[0]
    >>> bool(row["input_total_usd_per_mtok"] < row["output_total_usd_per_mtok"] < 1.0)
    True
    """
    of_prediction = {"gpu_power_kw", "server_overhead"} & set(costs)
    if of_prediction:
        raise ParameterError(f"{of_prediction.pop()}: comes from the prediction, leave it out")
    steps = predict_energy(frame, boundary="server")
    costs = {
        "gpu_price_usd": gpu_price_usd,
        "gpu_life_years": gpu_life_years,
        "utilisation": utilisation,
        "pue": pue,
        "tariff_usd_per_kwh": tariff_usd_per_kwh,
        **costs,
    }
    arguments = {name: _on_rows(name, value, frame) for name, value in costs.items()}
    cached = _on_rows("cached_input_cost", cached_input_cost, frame)
    if not ((cached >= 0.0) & (cached <= 1.0)).all():
        raise ParameterError("cached_input_cost: should lie between zero and one")

    # an hour of the predicted power, divided among the tokens that it makes
    server, gpus = steps["energy_at_server_j_per_output_token"], steps["energy_at_gpu_j_per_output_token"]
    arguments["server_overhead"] = (server / gpus).to_numpy()
    arguments.setdefault("facility_power_kw", _rated_power_kw(steps))
    shares = _shares_of_prediction(steps)
    stacks = {
        kind: token_cost_of(share, tokens=TOKENS_PER_MTOK, **arguments) for kind, share in shares.items()
    }
    stacks["cached_input"] = GpuHourCost(*(part * cached for part in stacks["input"]))

    columns = _cost_columns(stacks, _cny_per_usd(exchange_period))
    for end, quantile in (("low", "p5"), ("high", "p95")):
        scale = steps[f"{ENERGY}_{quantile}"] / steps[f"{ENERGY}_p50"]
        columns[f"output_electricity_{end}_usd_per_mtok"] = stacks["output"].electricity * scale
    columns["output_tokens_per_gpu_second"] = steps["batch"] / steps["step_time_s"] / steps["gpu_count"]
    for kind, share in shares.items():
        columns[f"{kind}_gpu_hours_per_mtok"] = share.gpu_hours * TOKENS_PER_MTOK
    return pd.DataFrame(columns, index=frame.index)


def _cost_columns(stacks: dict[str, GpuHourCost], cny_per_usd: float) -> dict[str, Any]:
    """Return the parts of each kind in both currencies, named as in the answer of `token_cost`."""
    return {
        f"{kind}_{part}_{currency}_per_mtok": value * rate
        for currency, rate in (("usd", 1.0), ("cny", cny_per_usd))
        for kind in KINDS
        for part, value in stacks[kind]._asdict().items()
    }


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
    return numbers


def _rated_power_kw(steps: pd.DataFrame) -> Any:
    """Return the IT power that a building is made for, by accelerator [kW]: rated power with its host."""
    gpus = datasets.load_gpu_specs()
    places = gpus.index.get_indexer(steps["gpu_model"])
    return gpus["tdp_w"].to_numpy()[places] / WATT_PER_KW * (1.0 + host_power_shares()["value"][places])


def _shares_of_prediction(steps: pd.DataFrame) -> dict[str, TokenShare]:
    """Return what an input and an output token take, from what `analysis.predict_energy` returns."""
    names = ("step_time_s", "prefill_time_s", "batch", "gpu_count")
    return token_shares(
        **{name: steps[name].to_numpy() for name in names},
        prefill_energy_j=steps["prefill_energy_j_per_output_token"].to_numpy(),
        decode_energy_j=steps["decode_energy_j_per_output_token"].to_numpy(),
        input_tokens_per_output_token=(steps["input_tokens"] / steps["output_tokens"]).to_numpy(),
    )
