"""Cost of tokens: predicted energy and throughput through the cost of a GPU-hour (`token_cost`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.inputs.units import TOKENS_PER_MTOK, WATT_PER_KW
from analysis.model import gpu_hour
from analysis.model.predict import predict_energy

KINDS = ("input", "cached_input", "output")
EXCHANGE_PERIOD = "2025"
"""Calendar year whose mean exchange rate turns USD into CNY unless said otherwise."""


def token_cost(
    frame: pd.DataFrame,
    *,
    gpu_price_usd: Any,
    gpu_life_years: Any,
    utilisation: Any,
    pue: Any,
    tariff_usd_per_kwh: Any,
    cached_input_cost: Any = 0.1,
    exchange_period: str = EXCHANGE_PERIOD,
    **costs: Any,
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
    ValueError
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
        raise ValueError(f"{of_prediction.pop()}: comes from the prediction, leave it out")
    steps = predict_energy(frame, boundary="server")
    given = {
        "gpu_price_usd": gpu_price_usd,
        "gpu_life_years": gpu_life_years,
        "utilisation": utilisation,
        "pue": pue,
        "tariff_usd_per_kwh": tariff_usd_per_kwh,
        "cached_input_cost": cached_input_cost,
        **costs,
    }
    common = {name: _on_rows(name, value, frame) for name, value in given.items()}
    cached_input_cost = common.pop("cached_input_cost")
    if not ((cached_input_cost >= 0.0) & (cached_input_cost <= 1.0)).all():
        raise ValueError("cached_input_cost: should lie between zero and one")
    common["server_overhead"] = _server_overhead(steps)
    common.setdefault("facility_power_kw", _rated_power_kw(steps))
    shares = token_shares(steps)
    stacks = {
        kind: gpu_hour.token_cost_of(share, tokens=TOKENS_PER_MTOK, **common)
        for kind, share in shares.items()
    }
    fresh = stacks["input"]
    stacks["cached_input"] = gpu_hour.GpuHourCost(*(part * cached_input_cost for part in fresh))
    cny = mean_rate("USD", "CNY", exchange_period)
    columns: dict[str, Any] = {}
    for currency, rate in (("usd", 1.0), ("cny", cny)):
        for kind in KINDS:
            for part, value in stacks[kind]._asdict().items():
                columns[f"{kind}_{part}_{currency}_per_mtok"] = value * rate
    median = steps["energy_j_per_output_token_p50"]
    for end, quantile in (("low", "p5"), ("high", "p95")):
        scale = steps[f"energy_j_per_output_token_{quantile}"] / median
        columns[f"output_electricity_{end}_usd_per_mtok"] = stacks["output"].electricity * scale
    columns["output_tokens_per_gpu_second"] = steps["batch"] / steps["step_time_s"] / steps["gpu_count"]
    for kind, share in shares.items():
        columns[f"{kind}_gpu_hours_per_mtok"] = share.gpu_hours * TOKENS_PER_MTOK
    return pd.DataFrame(columns, index=frame.index)


def _on_rows(name: str, value: Any, frame: pd.DataFrame) -> Any:
    """Return an argument as one number or one a row of the frame; a Series goes by its labels."""
    if isinstance(value, pd.Series):
        if not (value.index.is_unique and set(value.index) == set(frame.index)):
            raise ValueError(f"{name}: its index is not that of the frame")
        value = value.reindex(frame.index)
    try:
        numbers = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: not a number: {value!r:.60}") from None
    if numbers.shape not in {(), (len(frame),)}:
        raise ValueError(f"{name}: {numbers.size} numbers for {len(frame)} rows")
    return numbers


def _rated_power_kw(steps: pd.DataFrame) -> Any:
    """Return the IT power that a building is made for, by accelerator [kW]: rated power with its host."""
    rated_w = steps["gpu_model"].astype(object).map(datasets.load_gpu_specs()["tdp_w"]).to_numpy(dtype=float)
    host = datasets.load_energy_assumptions().loc["host_power_share", "value"]
    return rated_w / WATT_PER_KW * (1.0 + host)


def token_shares(steps: pd.DataFrame) -> dict[str, gpu_hour.TokenShare]:
    """Return what an input and an output token take, from what `analysis.predict_energy` returns."""
    common = {name: steps[name].to_numpy() for name in ("prefill_time_s", "batch", "gpu_count")}
    ratio = steps["input_tokens"].to_numpy() / steps["output_tokens"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        of_input = gpu_hour.input_share(
            prefill_energy_j=steps["prefill_energy_j_per_output_token"].to_numpy(),
            input_tokens_per_output_token=ratio,
            **common,
        )
    without = ratio == 0.0  # no prompts: no input token to charge
    of_input = gpu_hour.TokenShare(*(np.where(without, 0.0, part) for part in of_input))
    of_output = gpu_hour.output_share(
        step_time_s=steps["step_time_s"].to_numpy(),
        decode_energy_j=steps["decode_energy_j_per_output_token"].to_numpy(),
        **common,
    )
    return {"input": of_input, "output": of_output}


def _server_overhead(steps: pd.DataFrame) -> Any:
    server, gpus = steps["energy_at_server_j_per_output_token"], steps["energy_at_gpu_j_per_output_token"]
    return (server / gpus).to_numpy()
