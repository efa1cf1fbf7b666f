"""What the energy model is fitted to: measured energy and power, measured rates, rates of prefill."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs import datasets, energy_tables
from analysis.model.setups import Shape

INDIFFERENT_BATCH, INDIFFERENT_OUTPUT = 64.0, 1.0
"""Batch and output tokens of rows whose rate of prefill depends on neither."""


class Evidence(NamedTuple):
    """Measured rows as set-ups, with ``source``, ``laboratory`` and ``family``.

    Their columns are those of `analysis.predict_energy`. A laboratory is who published one source or several:
    the first word of their ids.

    Attributes
    ----------
    energy : pandas.DataFrame
        With ``energy_j_per_output_token`` [J/token], ``gpu_power_w``, ``boundary`` and ``care``.
    rates : pandas.DataFrame
        With ``value``: output tokens by time of a GPU [1/s].
    prefill : pandas.DataFrame
        With ``value``: input tokens by time of a GPU [1/s].
    """

    energy: pd.DataFrame
    rates: pd.DataFrame
    prefill: pd.DataFrame

    def without(self, column: str, entry: str) -> Evidence:
        """Return all rows but those of a source, a laboratory or a family."""
        return Evidence(*(frame[frame[column] != entry] for frame in self))

    def fitted(self) -> Evidence:
        """Return what a fit uses: energy of the GPUs alone, the batch told, and the boundary as it seems.

        EcoCompute is in it, although idle power may be subtracted: nothing else tells how long
        transformers take to unpack weights of eight bits, which is several times as much.
        """
        energy = self.energy
        plain = energy["care"].isna() | (energy["source"] == IDLE_MAY_BE_SUBTRACTED)
        chosen = (energy["boundary"] == "gpu") & energy["batch"].notna() & plain
        return self._replace(energy=energy[chosen])


IDLE_MAY_BE_SUBTRACTED = "ecocompute"


@lru_cache(maxsize=1)
def evidence() -> Evidence:
    """Return all measured rows."""
    energy, lengths = datasets.load_energy_measured(), datasets.load_workloads()
    of_task = energy["workload"].map(lengths["input_tokens"])
    energy = energy.assign(
        input_tokens=energy["input_tokens"].fillna(of_task), energy_j_per_output_token=energy["value"]
    )
    any_load = {"batch": INDIFFERENT_BATCH, "output_tokens": INDIFFERENT_OUTPUT}
    prefill = energy_tables.load_prefill_rates().assign(**any_load)
    frames = (energy, energy_tables.load_throughput_measured(), prefill)
    return Evidence(*(frame.assign(laboratory=frame["source"].str.partition("_")[0]) for frame in frames))


@lru_cache(maxsize=1)
def shapes() -> dict[str, Shape]:
    """Return how layers and cache follow from size over the open models whose sizes are known.

    The cache is that of grouped attention in every layer; other kinds are told by ``data/attentions.csv``,
    and hybrids keep a cache in a few layers only.
    """
    cards = datasets.load_model_cards().dropna(subset=["params_total_b", "params_active_b"])
    grouped = cards[(cards["attention"] == "grouped") & cards["state_bytes_per_request"].isna()]
    return {
        "layers": _shape(cards, "layers"),
        "kv_bytes_per_token_bf16": _shape(grouped, "kv_bytes_per_token_bf16"),
    }


def _shape(cards: pd.DataFrame, name: str) -> Shape:
    cards = cards.dropna(subset=[name])
    sizes = [np.ones(len(cards)), np.log(cards["params_total_b"]), np.log(cards["params_active_b"])]
    design, answer = np.column_stack(sizes), np.log(cards[name]).to_numpy()
    found = np.linalg.lstsq(design, answer, rcond=None)[0]
    spread = np.sqrt(np.mean((answer - design @ found) ** 2))
    return Shape(*(float(part) for part in (*found, spread)))
