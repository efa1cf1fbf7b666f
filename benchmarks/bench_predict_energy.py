"""Print how fast energies are predicted: a frame at once, and a loop over its rows."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

import analysis

ROWS, LOOPED = 1_000_000, 50


def _seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Time both and print the ratio."""
    random = np.random.default_rng(0)
    active = random.uniform(1.0, 100.0, ROWS)
    known = pd.DataFrame(
        {
            "params_active_b": active,
            "params_total_b": active * random.uniform(1.0, 20.0, ROWS),
            "precision": random.choice(["bf16", "fp8", "mxfp4"], ROWS),
            "gpu_model": random.choice(["H100", "B200", "H200"], ROWS),
            "gpu_count": 64,
            "batch": random.uniform(1.0, 512.0, ROWS),
            "input_tokens": 500.0,
            "output_tokens": 400.0,
        }
    )
    alone = known.iloc[:LOOPED]
    analysis.predict_energy(alone)
    print(f"predict_energy, {ROWS:,} rows, one process")
    frames = {"sizes and set-up known": known, "active parameters alone": known[["params_active_b"]]}
    for name, frame in frames.items():
        at_once = min(_seconds(lambda rows=frame: analysis.predict_energy(rows)) for _ in range(3))
        print(f"  {name:<26} {at_once:6.2f} s  {ROWS / at_once:12,.0f} rows/s")
    looped = _seconds(lambda: [analysis.predict_energy(alone.iloc[[place]]) for place in range(LOOPED)])
    at_once = min(_seconds(lambda: analysis.predict_energy(known)) for _ in range(3))
    print(f"  a loop over rows is {looped / LOOPED / (at_once / ROWS):,.0f} times slower a row")


if __name__ == "__main__":
    main()
