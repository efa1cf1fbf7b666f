"""Print how far this model, EcoLogits and ecocost are off on the same measured rows.

Needs the extra ``peers`` (``pip install ".[peers]"``); nothing else in the project does. Rows are those of
current serving engines at the boundary of the GPUs; this model predicts each with a fit that never saw its
source, once told the batch and once not. Its peers are asked for the energy of the accelerators alone. They
take no batch by themselves: EcoLogits holds 64, and is told the measured one in a second line; ecocost
reckons with a share of the peak rate of an H100.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from ecocost import calc, loader
from ecologits.impacts import llm
from ecologits_same_rows import gpu_energy_j_per_output_token

from analysis.tables import energy_model

PROVIDER, REFERENCE, OUTPUT_TOKENS = "openai", "h100-sxm", 1000


def ecologits(rows: pd.DataFrame, *, batch_told: bool) -> list[float]:
    """Return what EcoLogits says of each row [J/output token]."""
    return [
        gpu_energy_j_per_output_token(
            row.params_total_b, row.params_active_b, row.batch if batch_told else llm.BATCH_SIZE
        )
        for row in rows.itertuples()
    ]


def ecocost(rows: pd.DataFrame) -> list[float]:
    """Return what ecocost says of each row by its formula for any model [J/output token]."""
    known = loader.get_kb()
    model, provider = known.models["gpt-oss-120b"], known.providers[PROVIDER]
    reference = known.hardware[REFERENCE]
    answers = []
    for row in rows.itertuples():
        active = replace(model.active_params_b, value=row.params_active_b, min=None, max=None)
        found = calc.estimate(
            replace(model, active_params_b=active, measured_wh_per_1k_output_tokens_h100=None),
            provider,
            known.regions["US"],
            known.hardware.get(f"{row.gpu_model.lower()}-sxm", reference),
            reference,
            input_tokens=round(OUTPUT_TOKENS * np.nan_to_num(row.input_tokens / row.output_tokens)),
            output_tokens=OUTPUT_TOKENS,
        )
        joules = found.h100_seconds.mid * reference.tdp_w.as_range().mid * found.chip_energy_ratio.mid
        answers.append(joules / OUTPUT_TOKENS)
    return answers


def main() -> None:
    """Print the scores."""
    told, untold = (
        table[table["comparable"]]
        for table in map(energy_model.held_out_predictions, ("source", "source, batch unknown"))
    )
    answers = {
        "kwh2token, source left out, batch told": (told, told["p50"]),
        "kwh2token, source left out, batch not told": (untold, untold["p50"]),
        "EcoLogits 0.11.3": (told, ecologits(told, batch_told=False)),
        "EcoLogits 0.11.3, told the batch": (told, ecologits(told, batch_told=True)),
        "ecocost 0.2.4": (told, ecocost(told)),
    }
    print("median error, within a factor of two, median of predicted over measured; rows")
    for only in ("all comparable rows", "those of other projects than ML.ENERGY"):
        print(f"\n{only}")
        for label, (rows, joules) in answers.items():
            scored = rows.assign(log_ratio=np.log(np.asarray(joules) / rows["measured"]))
            if only != "all comparable rows":
                scored = scored[scored["source"] != energy_model.NEWEST]
            score = energy_model.prediction_scores(scored)
            print(
                f"{label:<46}{score['mdape']:>6.0%}{score['within_2x']:>7.0%}"
                f"{1 + score['bias']:>7.2f}{score['rows']:>6}"
            )


if __name__ == "__main__":
    main()
