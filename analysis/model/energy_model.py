"""The fitted energy model: coefficients, and what stands in for what is unknown.

`analysis.model.predict` gives it frames, `analysis.model.fit` finds its coefficients; the physics is in
`analysis.model.decode_step` and its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.inputs import datasets
from analysis.inputs.units import BYTES_PER_GB, FLOP_PER_TFLOP, PARAMETERS_PER_BILLION
from analysis.model.memory import Floats, cache_bytes_per_request, gpus_needed, requests_that_fit
from analysis.model.quantities import Coefficients, Setup
from analysis.model.request import TokenEnergy, token_energy
from analysis.model.serving import largest_batch
from analysis.model.setups import LOW, UNLESS_TOLD, VALUE, Filled, Rows, Shape, Tables

NAIVE, EARLY, LLAMA_CPP = "naive", "early", "llama.cpp"
FOR_ONE_USER = (NAIVE, LLAMA_CPP)
"""Engines that serve one request at a time unless told otherwise."""


@dataclass(frozen=True)
class EnergyModel:
    """A fitted model.

    Attributes
    ----------
    coefficients : Coefficients
        Of the physics.
    shapes : mapping
        `Shape` of ``layers`` and ``kv_bytes_per_token_bf16``.
    residual_sd : mapping
        Spread of held-out residuals [log ratio] by regime, see `analysis.model.intervals.REGIMES`.
    """

    coefficients: Coefficients
    shapes: Mapping[str, Shape]
    residual_sd: Mapping[str, float]

    @staticmethod
    @lru_cache(maxsize=1)
    def load() -> EnergyModel:
        """Return the model that ``kwh2token fit`` found."""
        return from_table(datasets.load_coefficients()["value"].to_dict())

    def fill(self, rows: Rows, ends: Mapping[str, str] | None = None) -> Filled:
        """Return rows without gaps: a gap takes its median, or the end that `ends` names for it."""
        tables, n, ends = Tables.load_all(), dict(rows.numbers), ends or {}

        def assumed(name: str) -> float:
            return tables.unknown[name][ends.get(name, VALUE)]

        def fill_gap(name: str, fallback: Any) -> None:
            gap = np.isnan(n[name])
            if gap.any():
                n[name] = np.where(gap, fallback, n[name])

        # sizes, lengths, shapes
        if "closed_size" in ends:
            for name in ("params_total_b", "params_active_b"):
                end = n[f"{name}_{ends['closed_size']}"]
                n[name] = np.where(np.isnan(end), n[name], end)
        fill_gap("params_total_b", n["params_active_b"] * assumed("params_total_over_active"))
        for name, value in UNLESS_TOLD.items():
            fill_gap(name, value)
        for name in ("input_tokens", "output_tokens"):
            fill_gap(name, assumed(name))
        if np.isnan(n["layers"]).any():
            fill_gap("layers", self.shapes["layers"].at(*_sizes(n), ends.get("layers", VALUE)))
        self._fill_cache(rows, n, ends)

        # what runs it, and how many share it
        filled = Filled(n, *self.places(rows, ends), _shared_share(n, assumed("shared_share")))
        self._fill_gpus(rows, filled, n, assumed("memory_headroom"))
        if np.isnan(n["batch"]).any():
            self._fill_batch(rows, filled, n, ends)
        return filled

    def _fill_cache(self, rows: Rows, n: dict[str, Floats], ends: Mapping[str, str]) -> None:
        """Fill in the cache of a token, from the kind of attention."""
        unknown = np.isnan(n["kv_bytes_per_token_bf16"])
        if not unknown.any():
            return
        kinds, end = Tables.load_all().attention, ends.get("kv_bytes_per_token_bf16", VALUE)
        kind = np.where(rows.attention < 0, kinds["if_unknown"][VALUE], rows.attention)
        grouped = self.shapes["kv_bytes_per_token_bf16"].at(*_sizes(n), end)
        whole = grouped * kinds["cache_over_grouped"][kind]
        n["kv_bytes_per_token_bf16"] = np.where(unknown, whole, n["kv_bytes_per_token_bf16"])
        windowed = unknown & np.isnan(rows.numbers["kv_window_tokens"])
        for name, value in (
            ("kv_window_bytes_per_token", whole * kinds["share_in_window"][kind]),
            ("kv_window_tokens", kinds["window_tokens"][kind]),
        ):
            n[name] = np.where(windowed, value, n[name])

    def _fill_gpus(self, rows: Rows, filled: Filled, n: dict[str, Floats], headroom: float) -> None:
        """Fill in the GPUs of a copy: as few as hold the weights, and the caches of one request or its batch.

        Where neither batch nor speed is told, those that are told hold as many copies as they can; an
        interactive load alone spreads one copy over all of them.
        """
        batch, interactive = n["batch"], Tables.load_all().load["if_unknown"][LOW]
        in_copies = np.isnan(batch) & np.isnan(n["tokens_per_s_per_user"]) & (rows.load != interactive)
        chosen = in_copies | np.isnan(n["gpu_count"])
        if not chosen.any():
            return
        needed = gpus_needed(
            weight_bytes=self._weight_bytes(filled),
            cache_bytes=np.where(np.isnan(batch), 1.0, batch) * request_bytes(n),
            memory_b=memory_b(filled),
            headroom=headroom,
        )
        n["gpu_count"] = np.where(chosen, np.fmin(needed, n["gpu_count"]), n["gpu_count"])

    def _fill_batch(self, rows: Rows, filled: Filled, n: dict[str, Floats], ends: Mapping[str, str]) -> None:
        """Fill in the batch: the largest that is fast enough for the load and fits in memory."""
        tables, end = Tables.load_all(), ends.get("batch", VALUE)
        loads = tables.load
        load = np.where(rows.load < 0, loads["if_unknown"][end], rows.load)
        speed = np.where(
            np.isnan(n["tokens_per_s_per_user"]),
            loads["tokens_per_s_per_user"][load],
            n["tokens_per_s_per_user"],
        )
        most = np.minimum(self.fitting(filled), tables.unknown["requests_most"][VALUE] * n["gpu_count"])
        setup = self.setup(filled._replace(numbers=n | {"batch": np.ones_like(most)}))
        found = largest_batch(setup, self.coefficients, tokens_per_s_per_user=speed, most=most)
        told = ~np.isnan(n["tokens_per_s_per_user"])
        within = np.clip(found, loads["least_batch"][load], loads["most_batch"][load])
        found = np.where(told, found, np.minimum(within, np.maximum(most, 1.0)))
        # a library or an engine for one user serves one, unless a load is told
        one_user = [tables.place_of_engine(name) for name in FOR_ONE_USER]
        alone = np.isin(rows.engine, one_user) & ~told & (rows.load < 0)
        found = np.where(alone, np.minimum(tables.unknown["batch_of_one_user"][end], found), found)
        n["batch"] = np.where(np.isnan(n["batch"]), found, n["batch"])

    def fitting(self, filled: Filled) -> Floats:
        """Return how many requests have room beside the weights [number]."""
        return requests_that_fit(
            weight_bytes=self._weight_bytes(filled),
            request_bytes=np.maximum(request_bytes(filled.numbers), 1.0),
            memory_b=memory_b(filled),
            gpu_count=filled.numbers["gpu_count"],
        )

    def _weight_bytes(self, filled: Filled) -> Floats:
        of_weight = Tables.load_all().precision["bytes_per_weight"][filled.precision]
        return np.asarray(filled.numbers["params_total_b"] * PARAMETERS_PER_BILLION * of_weight)

    def places(
        self, rows: Rows, ends: Mapping[str, str] | None = None
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Return each row's place in the tables of accelerators, precisions and engines."""
        tables, ends = Tables.load_all(), ends or {}

        def standing_in(places: Any, table: Mapping[str, Any], name: str) -> Any:
            return np.where(places < 0, table["if_unknown"][ends.get(name, VALUE)], places)

        gpu = standing_in(rows.gpu, tables.gpu, "gpu")
        return (
            np.where(rows.has_own_card, -1, gpu),
            standing_in(rows.precision, tables.precision, "precision"),
            standing_in(rows.engine, tables.engine, "engine"),
        )

    def steps(self, filled: Filled) -> TokenEnergy:
        """Return the energy of each row and every step on the way."""
        return token_energy(self.setup(filled), self.coefficients)

    def setup(self, filled: Filled) -> Setup:
        """Return what the physics takes."""
        n, gpu, precision, engine, shared_share = filled
        tables = Tables.load_all()
        # sizes are rounded: what is nearly all active is dense
        total, active = n["params_total_b"], n["params_active_b"]
        dense = total <= active * tables.unknown["dense_up_to"][VALUE]
        peak = tables.precision["peak"][precision]
        own = {} if (gpu >= 0).all() else _own_card(n, gpu)
        of_gpu = {
            "is_blackwell": tables.gpu["is_blackwell"][gpu],
            "bandwidth_b_per_s": tables.gpu["bandwidth_b_per_s"][gpu],
            "link_b_per_s": tables.gpu["link_b_per_s"][gpu],
            "tdp_w": tables.gpu["tdp_w"][gpu],
            "peak_flop_per_s": tables.peak_flop_per_s[peak, gpu],
            "prefill_peak_flop_per_s": tables.prefill_peak_flop_per_s[peak, gpu],
        }
        of_gpu |= {name: np.where(gpu < 0, value, of_gpu[name]) for name, value in own.items()}
        as_they_are = ("layers", "batch", "tokens_per_step", "input_tokens", "output_tokens", "gpu_count")
        return Setup(
            params_total=total * PARAMETERS_PER_BILLION,
            params_active=np.where(dense, total, active) * PARAMETERS_PER_BILLION,
            shared_share=shared_share,
            bytes_per_weight=tables.precision["bytes_per_weight"][precision],
            is_fp8=tables.precision["is_fp8"][precision],
            is_early=(engine == tables.place_of_engine(EARLY)).astype(float),
            is_naive=(engine == tables.place_of_engine(NAIVE)).astype(float),
            is_llama_cpp=(engine == tables.place_of_engine(LLAMA_CPP)).astype(float),
            request_bytes=request_bytes(n),
            cached_tokens=n["cached_share"] * n["input_tokens"],
            gpus_per_server=tables.unknown["gpus_per_server"][VALUE],
            prefill_chunk=tables.unknown["prefill_chunk"][VALUE],
            **{name: n[name] for name in as_they_are},
            **of_gpu,
        )


def request_bytes(n: Mapping[str, Floats]) -> Floats:
    """Return cache and state of a request halfway through its answer [B]."""
    windowed = n["kv_window_bytes_per_token"]
    return cache_bytes_per_request(
        input_tokens=n["input_tokens"],
        output_tokens=n["output_tokens"],
        kv_bytes_per_token=n["kv_bytes_per_token_bf16"] - windowed,
        window_bytes_per_token=windowed,
        window_tokens=n["kv_window_tokens"],
        state_bytes=n["state_bytes_per_request"],
    )


def memory_b(filled: Filled) -> Floats:
    """Return the memory of a GPU [B]."""
    own = filled.numbers["gpu_memory_gb"] * BYTES_PER_GB
    return np.where(filled.gpu < 0, own, Tables.load_all().gpu["memory_b"][filled.gpu])


def _own_card(n: Mapping[str, Floats], gpu: NDArray[np.intp]) -> dict[str, Any]:
    """Return what `Setup` takes of a card of one's own: no units for fewer than sixteen bits are told."""
    peak = n["gpu_peak_16bit_tflops"] * FLOP_PER_TFLOP
    link = Tables.load_all().unknown["own_interconnect_gb_s"][VALUE] * BYTES_PER_GB / 2.0
    return {
        "is_blackwell": 0.0,
        "bandwidth_b_per_s": n["gpu_bandwidth_gb_s"] * BYTES_PER_GB,
        "link_b_per_s": link,
        "tdp_w": n["gpu_tdp_w"],
        "peak_flop_per_s": peak,
        "prefill_peak_flop_per_s": peak,
    }


def _sizes(n: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    return n["params_total_b"], n["params_active_b"]


def _shared_share(n: Mapping[str, Floats], assumed: float) -> Floats:
    """Return the active parameters outside the routed experts, over the active ones [ratio]."""
    total, active = n["params_total_b"], n["params_active_b"]
    with np.errstate(invalid="ignore", divide="ignore"):
        # a token uses all but the routed experts that it is not sent to
        routed = (total - active) / (1.0 - n["experts_per_token"] / n["n_experts"])
        shared = np.clip((total - routed) / active, 0.0, 1.0)
    return np.where(np.isfinite(shared), shared, assumed)


def from_table(values: Mapping[str, float]) -> EnergyModel:
    """Return a model from the values of a coefficient table, by name."""

    def named(prefix: str) -> dict[str, float]:
        return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}

    return EnergyModel(
        coefficients=Coefficients(*(values[name] for name in Coefficients._fields)),
        shapes={name: Shape(**named(f"{name}_")) for name in ("layers", "kv_bytes_per_token_bf16")},
        residual_sd=named("residual_sd_"),
    )
