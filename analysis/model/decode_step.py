"""Energy of an output token, from the physics of a decode step.

A server answers `batch` requests at once. In each decode step it reads the weights that the batch touches
and every request's key-value cache, multiplies, waits for layers, links and scheduling, and emits one token
a request; the prompts of the requests that join are read (prefilled) in between. Time and power of the step
give the energy. A few coefficients turn peak rates into real ones; `analysis.model.fit` finds them from
measured rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

FLOP_PER_PARAMETER = 2.0
"""Floating-point operations for one parameter and token: a multiplication and an addition."""


class Coefficients(NamedTuple):
    """What turns peak rates into real ones; the comment of a field has its meaning and unit."""

    weight_read_excess: float  # time to read weights over bytes by peak bandwidth [ratio]
    kv_read_excess: float  # the same of the key-value cache [ratio]
    decode_excess: float  # time to multiply over operations by peak rate, in decode steps [ratio]
    prefill_excess: float  # the same in prefill [ratio]
    expert_excess: float  # further excess of decode multiplication in mixtures of experts [ratio]
    fp8_expert_excess: float  # excess of experts in eight bits [ratio]; 2 is the speed of 16 bits
    layer_overhead_s: float  # time of a step that each layer adds whatever it computes [s]
    link_overhead_s: float  # time of a step that each layer adds for each doubling of the GPUs [s]
    sequence_overhead_s: float  # time of a step that each request of a server adds [s]
    power_floor: float  # board power over rated power, always [ratio]
    power_memory: float  # what is added to it while memory is busy [ratio]
    power_compute: float  # what is added to it while arithmetic is busy [ratio]
    blackwell_power: float  # power of Blackwell boards over earlier ones at the same shares [ratio]
    overhead_growth_per_year: float  # how much longer the three overheads were a year earlier [log ratio]


class Setup(NamedTuple):
    """What is served, on what: arrays of one length, or scalars, units in the comments."""

    params_total: Floats  # all parameters [number]
    params_active: Floats  # parameters that one token uses [number]
    shared_share: Floats  # active parameters outside the routed experts, over the active ones [ratio]
    bytes_per_weight: Floats  # size of a weight [B]
    fp8_experts: Floats  # 1 where a mixture of experts runs in eight bits, else 0
    fp8_gain: Floats  # peak rate in eight bits over that in sixteen [ratio]: 1 without such units
    is_blackwell: Floats  # 1 on Blackwell, else 0
    layers: Floats  # layers [number]
    kv_bytes_per_token: Floats  # key-value cache that a token of context needs [B]
    batch: Floats  # requests served at once [number]; below one it counts as one
    input_tokens: Floats  # mean length of a prompt [number]
    output_tokens: Floats  # mean length of an answer [number]
    gpu_count: Floats  # GPUs that hold one copy of the model [number]
    gpus_per_server: float  # GPUs that one scheduler serves [number]; beyond them the batch is split
    bandwidth_b_per_s: Floats  # memory bandwidth of a GPU [B/s]
    memory_b: Floats  # memory of a GPU [B]
    peak_flop_per_s: Floats  # dense peak rate of a GPU at the precision of the multiplication [1/s]
    tdp_w: Floats  # rated power of a GPU [W]
    software_age_years: Floats  # years from the serving software to the newest measured [years]


class TokenEnergy(NamedTuple):
    """Energy of an output token with every step on the way to it, units in the comments."""

    expert_coverage: Floats  # share of the routed experts that a step touches [ratio]; 1 in dense models
    weight_bytes: Floats  # weights that a step reads [B], over all GPUs
    kv_bytes: Floats  # cache that a step reads [B], over all GPUs
    batch_kv_limit: Floats  # requests whose cache fits beside the weights [number]
    weight_time_s: Floats  # reading weights, in a step [s]
    kv_time_s: Floats  # reading cache [s]
    decode_compute_time_s: Floats  # multiplying [s]
    prefill_time_s: Floats  # prefill of the requests that join [s]
    layer_time_s: Floats  # overhead of the layers [s]
    link_time_s: Floats  # overhead of the links between GPUs [s]
    sequence_time_s: Floats  # overhead of the requests [s]
    step_time_s: Floats  # all of these times [s]
    gpu_power_ratio: Floats  # board power over rated power [ratio], one at most
    gpu_power_w: Floats  # board power of all GPUs [W]
    prefill_energy_j_per_output_token: Floats  # of the energy, prefill [J/token]
    decode_energy_j_per_output_token: Floats  # of the energy, the rest [J/token]
    gpu_energy_j_per_output_token: Floats  # energy of the GPUs [J/token]


def expert_coverage(
    *, params_total: ArrayLike, params_active: ArrayLike, shared_share: ArrayLike, batch: ArrayLike
) -> Floats:
    """Return the share of routed experts that at least one request of the batch uses [ratio].

    Parameters
    ----------
    params_total, params_active : array_like
        Parameters, all and active for one token, in one unit.
    shared_share : array_like
        Active parameters outside the routed experts, over the active ones [ratio].
    batch : array_like
        Requests served at once [number].

    Returns
    -------
    numpy.ndarray
        1 - (1 - p)^batch, with p the share of the routed parameters that one token uses; 1 if dense.

    References
    ----------
    Epoch AI, Inference economics of language models (arXiv 2506.04645): coverage with independent choices.

    Examples
    --------
    Ten billion parameters, two of them active and none shared: one request uses a fifth, two 36 %.

    >>> coverage = expert_coverage(params_total=10.0, params_active=2.0, shared_share=0.0, batch=[1, 2])
    >>> coverage.round(4).tolist()
    [0.2, 0.36]
    """
    total, active = np.asarray(params_total, dtype=float), np.asarray(params_active, dtype=float)
    shared = np.asarray(shared_share) * active
    with np.errstate(divide="ignore", invalid="ignore"):
        used = np.where(active < total, (active - shared) / (total - shared), 1.0)
        return np.asarray(-np.expm1(np.asarray(batch) * np.log1p(-used)))


def kv_bytes_per_request(
    *, input_tokens: Floats, output_tokens: Floats, kv_bytes_per_token: Floats
) -> Floats:
    """Return the key-value cache of a request halfway through its answer [B].

    Examples
    --------
    >>> kv_bytes_per_request(input_tokens=100.0, output_tokens=400.0, kv_bytes_per_token=1e5)
    30000000.0
    """
    return (input_tokens + output_tokens / 2.0) * kv_bytes_per_token


def gpus_needed(*, weight_bytes: Floats, memory_b: Floats, headroom: float) -> Floats:
    """Return how many GPUs hold a model: a power of two [number].

    Parameters
    ----------
    weight_bytes : array
        Size of all weights [B].
    memory_b : array
        Memory of a GPU [B].
    headroom : float
        Memory wanted over that of the weights [ratio]: the rest is for the cache.

    Examples
    --------
    671 GB with a fifth more are ten times 80 GB, so sixteen GPUs.

    >>> float(gpus_needed(weight_bytes=671e9, memory_b=80e9, headroom=1.2))
    16.0
    """
    fewest = np.maximum(weight_bytes * headroom / memory_b, 1.0)
    return np.exp2(np.ceil(np.log2(fewest)))


def requests_that_fit(
    *, weight_bytes: Floats, request_bytes: Floats, memory_b: Floats, gpu_count: Floats
) -> Floats:
    """Return how many requests have room for their cache beside the weights [number].

    Examples
    --------
    >>> float(requests_that_fit(weight_bytes=20e9, request_bytes=3e7, memory_b=80e9, gpu_count=1.0))
    2000.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.maximum(memory_b * gpu_count - weight_bytes, 0.0) / request_bytes


def token_energy(setup: Setup, coefficients: Coefficients) -> TokenEnergy:
    """Return the GPU energy of an output token and every step on the way [J/token].

    Parameters
    ----------
    setup : Setup
        What is served, on what.
    coefficients : Coefficients
        What turns peak rates into real ones.

    Returns
    -------
    TokenEnergy
        Times of a step [s], power [W], energy [J/token].

    Notes
    -----
    t = weights + cache + multiplication + prefill + overheads; P = TDP (floor + memory x share of t spent
    reading + compute x share of t spent multiplying), at most TDP; energy = P x GPUs x t / batch.
    Times add: what overlaps in reality is in the coefficients. Energy of a step is a sum of terms that per
    token never grow with the batch, or the rated power times t, so more batch never costs more per token.
    """
    c, s = coefficients, setup._replace(batch=np.maximum(setup.batch, 1.0))
    request_bytes = kv_bytes_per_request(
        input_tokens=s.input_tokens,
        output_tokens=s.output_tokens,
        kv_bytes_per_token=s.kv_bytes_per_token,
    )
    memory = _memory_of_step(s, request_bytes)
    times = _times_of_step(s, c, memory["weight_bytes"], request_bytes)

    # t: reading, multiplying and waiting add up
    reading_s = times["weight_time_s"] + times["kv_time_s"]
    multiplying_s = times["decode_compute_time_s"] + times["prefill_time_s"]
    waiting = ("layer_time_s", "link_time_s", "sequence_time_s")
    step_time_s = sum((times[name] for name in waiting), start=reading_s + multiplying_s)

    # P = TDP (floor + memory x t_reading / t + compute x t_multiplying / t), at most TDP
    board = 1.0 + (c.blackwell_power - 1.0) * s.is_blackwell
    busy = c.power_memory * reading_s + c.power_compute * multiplying_s
    drawn = board * (c.power_floor + busy / step_time_s)
    gpu_power_ratio = np.minimum(drawn, 1.0)
    gpu_power_w = gpu_power_ratio * s.tdp_w * s.gpu_count

    # E = P t / batch; prefill has its own time at the power of multiplying
    energy = gpu_power_w * step_time_s / s.batch
    multiplying_power = c.power_floor + c.power_compute
    prefill = energy * board * multiplying_power * times["prefill_time_s"] / (drawn * step_time_s)
    return TokenEnergy(
        **memory,
        **times,
        step_time_s=step_time_s,
        gpu_power_ratio=gpu_power_ratio,
        gpu_power_w=gpu_power_w,
        prefill_energy_j_per_output_token=prefill,
        decode_energy_j_per_output_token=energy - prefill,
        gpu_energy_j_per_output_token=energy,
    )


def _memory_of_step(s: Setup, request_bytes: Floats) -> dict[str, Floats]:
    """Return what a step reads [B] and how many requests fit [number], named as in `TokenEnergy`."""
    coverage = expert_coverage(
        params_total=s.params_total,
        params_active=s.params_active,
        shared_share=s.shared_share,
        batch=s.batch,
    )
    shared = s.shared_share * s.params_active
    return {
        "expert_coverage": coverage,
        "weight_bytes": s.bytes_per_weight * (shared + (s.params_total - shared) * coverage),
        "kv_bytes": s.batch * request_bytes,
        "batch_kv_limit": requests_that_fit(
            weight_bytes=s.params_total * s.bytes_per_weight,
            request_bytes=request_bytes,
            memory_b=s.memory_b,
            gpu_count=s.gpu_count,
        ),
    }


def _times_of_step(
    s: Setup, c: Coefficients, weight_bytes: Floats, request_bytes: Floats
) -> dict[str, Floats]:
    """Return the parts of the time of a step [s], named as in `TokenEnergy`."""
    # peak rates of all GPUs together
    bandwidth = s.gpu_count * s.bandwidth_b_per_s
    flop_time_s = FLOP_PER_PARAMETER * s.params_active / (s.gpu_count * s.peak_flop_per_s)

    # experts in eight bits are slow, but no slower to multiply than in sixteen
    slow = 1.0 + (c.fp8_expert_excess - 1.0) * s.fp8_experts
    mixture = s.params_active < s.params_total
    decode_excess = c.decode_excess * np.minimum(slow, s.fp8_gain) * np.where(mixture, c.expert_excess, 1.0)

    # overheads were longer with older software, and shrink per server where several share the batch
    aged = np.exp(c.overhead_growth_per_year * s.software_age_years)
    doublings = np.log2(np.maximum(s.gpu_count, 1.0))
    servers = np.maximum(s.gpu_count / s.gpus_per_server, 1.0)
    return {
        "weight_time_s": c.weight_read_excess * slow * weight_bytes / bandwidth,
        "kv_time_s": c.kv_read_excess * s.batch * request_bytes / bandwidth,
        "decode_compute_time_s": decode_excess * s.batch * flop_time_s,
        "prefill_time_s": c.prefill_excess * flop_time_s * s.batch * s.input_tokens / s.output_tokens,
        "layer_time_s": aged * c.layer_overhead_s * s.layers,
        "link_time_s": aged * c.link_overhead_s * s.layers * doublings,
        "sequence_time_s": aged * c.sequence_overhead_s * s.batch / servers,
    }
