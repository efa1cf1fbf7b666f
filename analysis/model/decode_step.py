"""Time and power of a decode step: reading, multiplying and waiting for one token of every request.

A server answers `batch` requests at once. In each decode step it reads the weights that the batch touches
and every request's key-value cache, multiplies, waits for layers, links and scheduling, and emits a token a
request. `analysis.model.prefill` reads the prompts, `analysis.model.request` adds the two up. A few
coefficients turn peak rates into real ones; `analysis.model.fit` finds them from measured rows.
"""

from typing import Any, NamedTuple

import numpy as np

from analysis.model.memory import Floats, log_share_unused
from analysis.model.quantities import Coefficients, Setup

FLOP_PER_PARAMETER = 2.0
"""Floating-point operations for one parameter and token: a multiplication and an addition."""

PARAMETERS_PER_LAYER_AND_WIDTH_SQUARED = 12.0
"""Active parameters of a layer over the square of its width: attention 4, feed-forward 8."""

EXCHANGED_B_PER_WIDTH = 8.0
"""Bytes that a GPU sends for a token, a layer and a unit of width: two sums, 2 B, there and back."""

SHARPNESS = 4.0
"""How sharply the longer of two times that run side by side takes over: the exponent of a power mean."""


class Phase(NamedTuple):
    """Times and power of decode steps, or of passes over prompts.

    Attributes
    ----------
    expert_coverage : array
        Share of the routed experts that are touched [ratio]; 1 in dense models.
    weight_bytes : array
        Weights that are read [B], over all GPUs.
    weight_time_s, kv_time_s, compute_time_s : array
        Reading weights, reading cache, multiplying [s].
    layer_time_s, link_time_s, sequence_time_s : array
        Overheads [s]; ``layer_time_s`` holds what a naive engine's host takes beyond its GPU.
    time_s : array
        All of them [s].
    power_ratio : array
        Board power over rated power [ratio], one at most.
    """

    expert_coverage: Floats
    weight_bytes: Floats
    weight_time_s: Floats
    kv_time_s: Floats
    compute_time_s: Floats
    layer_time_s: Floats
    link_time_s: Floats
    sequence_time_s: Floats
    time_s: Floats
    power_ratio: Floats


class Common(NamedTuple):
    """What decode steps and passes over prompts have in common.

    Attributes
    ----------
    is_mixture : array
        Whether a token uses a part of the parameters.
    shared_bytes, expert_bytes : array
        Weights that every token uses, and those of all routed experts [B].
    unused_log : array
        Logarithm of the share of the experts that one token does not use; minus infinity in dense models.
    weight_rate_b_per_s : array
        Rate at which all GPUs together read weights [B/s].
    width : array
        Width of a layer, from its active parameters [number].
    exchange_s : array
        Time that GPUs exchange sums for one token [s]; none where one GPU holds the model.
    layer_s, link_s, sequence_s : array
        What layers and links add to a step or a pass, and each request [s].
    host_s : array
        Time that the host of a naive engine needs for a step or a pass [s]; zero with others.
    board : array
        Power of a board over what the same shares draw on others [ratio].
    """

    is_mixture: Any
    shared_bytes: Floats
    expert_bytes: Floats
    unused_log: Floats
    weight_rate_b_per_s: Floats
    width: Floats
    exchange_s: Floats
    layer_s: Floats
    link_s: Floats
    sequence_s: Floats
    host_s: Floats
    board: Floats


def common_terms(s: Setup, c: Coefficients) -> Common:
    """Return what decode steps and passes over prompts have in common."""
    is_mixture = np.asarray(s.params_active < s.params_total)
    shared = s.shared_share * s.params_active
    slow = np.where(is_mixture & (s.is_fp8 > 0.0), c.fp8_expert_excess, 1.0)
    width = np.sqrt(s.params_active / (PARAMETERS_PER_LAYER_AND_WIDTH_SQUARED * s.layers))
    others = 1.0 - 1.0 / np.maximum(s.gpu_count, 1.0)

    # overheads by engine; the host of a naive one is reckoned beside its GPU
    slower: Any = 1.0
    served: Any = 1.0
    host_s = np.zeros(())
    if np.any(s.is_early) or np.any(s.is_llama_cpp):
        slower = 1.0 + (c.early_overhead - 1.0) * s.is_early + (c.llama_cpp_overhead - 1.0) * s.is_llama_cpp
    if np.any(s.is_naive):
        served = 1.0 - s.is_naive
        unpacks = (s.bytes_per_weight == 1.0) & (s.is_fp8 == 0.0)
        host_s = s.is_naive * np.where(unpacks, c.naive_int8, 1.0) * c.naive_layer_s * s.layers
    doublings = np.log2(np.maximum(s.gpu_count, 1.0))
    servers = np.maximum(s.gpu_count / s.gpus_per_server, 1.0)
    return Common(
        is_mixture=is_mixture,
        shared_bytes=s.bytes_per_weight * shared,
        expert_bytes=s.bytes_per_weight * (s.params_total - shared),
        unused_log=log_share_unused(
            params_total=s.params_total, params_active=s.params_active, shared_share=s.shared_share
        ),
        weight_rate_b_per_s=s.gpu_count * s.bandwidth_b_per_s / (c.weight_read_excess * slow),
        width=width,
        exchange_s=c.link_excess * EXCHANGED_B_PER_WIDTH * others * s.layers * width / s.link_b_per_s,
        layer_s=served * slower * c.layer_overhead_s * s.layers,
        link_s=slower * c.link_overhead_s * s.layers * doublings,
        sequence_s=served * slower * c.sequence_overhead_s / servers,
        host_s=host_s,
        board=1.0 + (c.blackwell_power - 1.0) * s.is_blackwell,
    )


def weights_read(common: Common, tokens: Floats) -> tuple[Floats, Floats]:
    """Return the share of experts that a number of tokens touches [ratio] and the weights read [B]."""
    coverage = -np.expm1(tokens * common.unused_log)
    return coverage, common.shared_bytes + common.expert_bytes * coverage


def decode_step(s: Setup, c: Coefficients, common: Common) -> Phase:
    """Return times and power of a decode step.

    Parameters
    ----------
    s : Setup
        What is served, on what.
    c : Coefficients
        What turns peak rates into real ones.
    common : Common
        `common_terms` of both.

    Returns
    -------
    Phase
        Times [s] and power [ratio of rated power].

    Notes
    -----
    t = weights + cache + multiplication + overheads, or the host's time where that is longer; power is
    floor + memory x share of t spent reading + compute x share of t spent multiplying, at most one. Times
    add: what overlaps in reality is in the coefficients. Every part of energy is a time that per token never
    grows with the batch, so more batch never costs more per token.
    """
    batch = np.maximum(s.batch, 1.0)
    tokens = batch * s.tokens_per_step
    coverage, weight_bytes = weights_read(common, tokens)
    kv_excess: Any = c.kv_read_excess
    if np.any(s.is_naive):
        kv_excess = c.kv_read_excess * np.where(s.is_naive > 0.0, c.naive_kv, 1.0)
    excess = c.decode_excess * np.where(common.is_mixture, c.expert_excess, 1.0)
    flop_s = FLOP_PER_PARAMETER * s.params_active / (s.gpu_count * s.peak_flop_per_s)
    return phase(
        c,
        common,
        (coverage, weight_bytes),
        weight_time_s=weight_bytes / common.weight_rate_b_per_s,
        kv_time_s=kv_excess * batch * s.request_bytes / (s.gpu_count * s.bandwidth_b_per_s),
        compute_time_s=excess * tokens * flop_s,
        layer_time_s=common.layer_s,
        link_time_s=common.link_s + tokens * common.exchange_s,
        sequence_time_s=batch * common.sequence_s,
        power_compute=c.power_compute,
    )


def phase(
    c: Coefficients,
    common: Common,
    read: tuple[Floats, Floats],
    *,
    power_compute: float,
    passes: Floats | float = 1.0,
    **times: Floats,
) -> Phase:
    """Return a phase of parts whose times are known: what the host adds, and its power."""
    weight, *others = times.values()
    time_s = sum(others, start=weight)
    if np.any(common.host_s):
        # the host of a naive engine works beside its GPU: the longer of the two counts
        host_s = passes * common.host_s
        together = (time_s**SHARPNESS + host_s**SHARPNESS) ** (1.0 / SHARPNESS)
        times["layer_time_s"] = times["layer_time_s"] + (together - time_s)
        time_s = together
    busy = c.power_memory * (times["weight_time_s"] + times["kv_time_s"])
    busy = busy + power_compute * times["compute_time_s"]
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = common.board * (c.power_floor + busy / time_s)
    return Phase(*read, **times, time_s=time_s, power_ratio=np.fmin(drawn, 1.0))
