"""Ask EcoLogits for the energy of the measured rows, and store its answers in data/ecologits_same_rows.csv.

Needs the extra ``ecologits`` (``pip install ".[ecologits]"``); nothing else in the project does. What
EcoLogits holds fixed (a batch of 64, 16 bits, 80 GB GPUs) stays so; in a second column it is told the
measured batch.
"""

from __future__ import annotations

import functools
import pathlib

import pandas as pd
from ecologits.impacts import llm

from analysis.inputs import paths
from analysis.inputs.units import JOULES_PER_KWH
from analysis.model.evidence import evidence
from analysis.model.validation import NEWEST
from analysis.runs.writing import write_all

COLUMNS = ("energy_j_per_output_token", "energy_batch_told_j_per_output_token")


def gpu_energy_j_per_output_token(params_total_b: float, params_active_b: float, batch: float) -> float:
    """Return EcoLogits' energy of all GPUs for one output token [J/token], without host and PUE."""
    memory_gb = llm.model_required_memory(params_total_b, llm.MODEL_QUANTIZATION_BITS)
    one_gpu_kwh = llm.gpu_energy(
        params_active_b, 1.0, batch, llm.GPU_ENERGY_ALPHA, llm.GPU_ENERGY_BETA, llm.GPU_ENERGY_GAMMA
    )
    return llm.gpu_required_count(memory_gb, llm.GPU_MEMORY) * one_gpu_kwh * JOULES_PER_KWH


def main() -> None:
    """Write the table."""
    frame = evidence().energy
    frame = frame[frame["source"] == NEWEST]
    records = []
    for row in frame.itertuples():
        of_size = functools.partial(gpu_energy_j_per_output_token, row.params_total_b, row.params_active_b)
        records.append((row.id, of_size(llm.BATCH_SIZE), of_size(row.batch)))
    table = pd.DataFrame(records, columns=["id", *COLUMNS])
    path = pathlib.Path(paths.DATA) / "ecologits_same_rows.csv"
    as_csv = functools.partial(table.to_csv, index=False, float_format="%.6g", lineterminator="\n")
    write_all({path: as_csv})
    measured_j = frame["energy_j_per_output_token"].to_numpy()
    for column in COLUMNS:
        off = (table[column] / measured_j - 1.0).abs()
        print(f"{column}: median absolute percentage error {off.median():.1%} over {len(table)} rows")


if __name__ == "__main__":
    main()
