"""What the memory that is told cannot hold is refused, not answered."""

import numpy as np
import pandas as pd

from analysis.inputs.units import BYTES_PER_GB, PARAMETERS_PER_BILLION
from analysis.model.energy_model import EnergyModel, memory_b
from analysis.model.memory import gpus_needed
from analysis.model.read_rows import refusal
from analysis.model.setups import LOW, Rows, Tables

ROWS_AT_ONCE = 65_536
"""Rows that are looked at together."""


def refuse_what_does_not_fit(frame: pd.DataFrame, model: EnergyModel, rows: Rows) -> None:
    """Raise ParameterError where the GPUs that are told cannot hold the model, or its batch.

    Notes
    -----
    What is not told is given the benefit of the doubt: weights in as few bits as there are, a cache in eight
    bits and at the low end of its size.
    """
    told = ~np.isnan(rows.numbers["gpu_count"]) & ((rows.gpu >= 0) | rows.has_own_card)
    for start in range(0, len(frame), ROWS_AT_ONCE):
        chosen = start + np.flatnonzero(told[start : start + ROWS_AT_ONCE])
        if chosen.size:
            _refuse(frame, model, rows, chosen)


def _refuse(frame: pd.DataFrame, model: EnergyModel, rows: Rows, chosen: np.ndarray) -> None:
    some = rows.take(chosen)
    batch_told = ~np.isnan(some.numbers["batch"])
    one = {**some.numbers, "batch": np.where(batch_told, some.numbers["batch"], 1.0)}
    lean = model.fill(some._replace(numbers=one), {"precision": LOW, "kv_bytes_per_token_bf16": LOW})
    bytes_per_weight = Tables.load_all().precision["bytes_per_weight"][lean.precision]
    weights_gb = lean.numbers["params_total_b"] * PARAMETERS_PER_BILLION * bytes_per_weight / BYTES_PER_GB
    room_gb = some.numbers["gpu_count"] * memory_b(lean) / BYTES_PER_GB
    too_large = weights_gb > room_gb
    if too_large.any():
        place = int(np.argmax(too_large))
        needed = gpus_needed(
            weight_bytes=weights_gb,
            cache_bytes=np.zeros_like(weights_gb),
            memory_b=room_gb / some.numbers["gpu_count"],
            headroom=1.0,
        )[place]
        why = (
            f"the model does not fit: {weights_gb[place]:.0f} GB of weights, {room_gb[place]:.0f} GB in all; "
            f"{needed:g} hold it"
        )
        raise refusal(frame, "gpu_count", int(chosen[place]), why)
    # a cache in eight bits holds twice as many requests
    most = 2.0 * model.fitting(
        lean._replace(numbers={**lean.numbers, "gpu_count": some.numbers["gpu_count"]})
    )
    too_long = most < 1.0
    if too_long.any():
        place = int(np.argmax(too_long))
        longest = "output_tokens"
        if np.nan_to_num(some.numbers["input_tokens"][place]) > np.nan_to_num(some.numbers[longest][place]):
            longest = "input_tokens"
        why = "beyond the memory: not even one request of this length fits"
        raise refusal(frame, longest, int(chosen[place]), why)
    too_many = batch_told & (some.numbers["batch"] > most)
    if too_many.any():
        place = int(np.argmax(too_many))
        why = f"beyond the memory: at most {np.floor(most[place]):.0f} requests of this length fit"
        raise refusal(frame, "batch", int(chosen[place]), why)
