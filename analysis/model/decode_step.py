"""Energy of an output token, from the physics of a decode step.

A server answers `batch` requests at once. In each decode step it reads the weights that the batch touches
and every request's key-value cache, multiplies, waits for layers, links and scheduling, and emits one token
a request; the prompts of the requests that join are read (prefilled) in between. Time and power of the step
give the energy. A few coefficients turn peak rates into real ones; `analysis.model.fit` finds them from
measured rows.
"""

from typing import NamedTuple

import numpy as np

from analysis.model.memory import Floats, expert_coverage, kv_bytes_per_request, requests_that_fit

FLOP_PER_PARAMETER = 2.0
"""Floating-point operations for one parameter and token: a multiplication and an addition."""


class Coefficients(NamedTuple):
    """What turns peak rates into real ones.

    Attributes
    ----------
    weight_read_excess, kv_read_excess : float
        Time to read weights and cache over bytes by peak bandwidth [ratio].
    decode_excess, prefill_excess : float
        Time to multiply over operations by peak rate, in decode steps and in prefill [ratio].
    expert_excess : float
        Further excess of decode multiplication in mixtures of experts [ratio].
    fp8_expert_excess : float
        Excess of reading and multiplying experts in eight bits over their peak [ratio]; 2 is the speed of
        16 bits, beyond which no card goes.
    layer_overhead_s : float
        Time of a step that each layer adds whatever it computes [s].
    link_overhead_s : float
        Time of a step that each layer adds for each doubling of the number of GPUs [s].
    sequence_overhead_s : float
        Time of a step that each request of a server adds [s].
    power_floor, power_memory, power_compute : float
        Board power over rated power: always, and added while memory or arithmetic is busy [ratio].
    blackwell_power : float
        Power of Blackwell boards over what the same shares draw on earlier ones [ratio].
    overhead_growth_per_year : float
        How much longer the three overheads were a year earlier [log ratio].
    """

    weight_read_excess: float
    kv_read_excess: float
    decode_excess: float
    prefill_excess: float
    expert_excess: float
    fp8_expert_excess: float
    layer_overhead_s: float
    link_overhead_s: float
    sequence_overhead_s: float
    power_floor: float
    power_memory: float
    power_compute: float
    blackwell_power: float
    overhead_growth_per_year: float


class Setup(NamedTuple):
    """What is served, on what: arrays of one length, or scalars.

    Attributes
    ----------
    params_total, params_active : array
        Parameters, all and active for one token [number].
    shared_share : array
        Active parameters outside the routed experts, over the active ones [ratio].
    bytes_per_weight : array
        Size of a weight [B].
    fp8_experts : array
        1 where a mixture of experts runs in eight bits, else 0.
    fp8_gain : array
        Peak rate in eight bits over that in sixteen [ratio]: 1 on cards without such units.
    is_blackwell : array
        1 on Blackwell, else 0.
    layers : array
        Layers [number].
    kv_bytes_per_token : array
        Key-value cache that a token of context needs [B].
    batch : array
        Requests served at once [number]; below one it counts as one.
    input_tokens, output_tokens : array
        Mean lengths of prompt and answer [number].
    gpu_count : array
        GPUs that hold one copy of the model [number].
    gpus_per_server : float
        GPUs that one scheduler serves [number]; beyond them the batch is split.
    bandwidth_b_per_s, memory_b : array
        Memory bandwidth [B/s] and memory [B] of a GPU.
    peak_flop_per_s : array
        Dense peak rate of a GPU at the precision of the multiplication [1/s].
    tdp_w : array
        Rated power of a GPU [W].
    software_age_years : array
        Years between the serving software and the newest measured [years].
    """

    params_total: Floats
    params_active: Floats
    shared_share: Floats
    bytes_per_weight: Floats
    fp8_experts: Floats
    fp8_gain: Floats
    is_blackwell: Floats
    layers: Floats
    kv_bytes_per_token: Floats
    batch: Floats
    input_tokens: Floats
    output_tokens: Floats
    gpu_count: Floats
    gpus_per_server: float
    bandwidth_b_per_s: Floats
    memory_b: Floats
    peak_flop_per_s: Floats
    tdp_w: Floats
    software_age_years: Floats


class TokenEnergy(NamedTuple):
    """Energy of an output token with every step on the way to it.

    Attributes
    ----------
    expert_coverage : array
        Share of the routed experts that a step touches [ratio]; 1 in dense models.
    weight_bytes : array
        Weights that a step reads [B], over all GPUs.
    kv_bytes : array
        Cache that a step reads [B], over all GPUs.
    batch_kv_limit : array
        Requests whose cache fits beside the weights [number]; below one where the weights do not fit.
    weight_time_s, kv_time_s, decode_compute_time_s, prefill_time_s : array
        Reading weights, reading cache, multiplying, and prefill of the requests that join, in a step [s].
    layer_time_s, link_time_s, sequence_time_s : array
        Overheads of a step [s].
    step_time_s : array
        All of them [s].
    gpu_power_ratio : array
        Board power over rated power [ratio], one at most.
    gpu_power_w : array
        Board power of all GPUs [W].
    prefill_energy_j_per_output_token, decode_energy_j_per_output_token : array
        Parts of the energy [J/token].
    gpu_energy_j_per_output_token : array
        Energy of the GPUs [J/token].
    """

    expert_coverage: Floats
    weight_bytes: Floats
    kv_bytes: Floats
    batch_kv_limit: Floats
    weight_time_s: Floats
    kv_time_s: Floats
    decode_compute_time_s: Floats
    prefill_time_s: Floats
    layer_time_s: Floats
    link_time_s: Floats
    sequence_time_s: Floats
    step_time_s: Floats
    gpu_power_ratio: Floats
    gpu_power_w: Floats
    prefill_energy_j_per_output_token: Floats
    decode_energy_j_per_output_token: Floats
    gpu_energy_j_per_output_token: Floats


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
        input_tokens=s.input_tokens, output_tokens=s.output_tokens, kv_bytes_per_token=s.kv_bytes_per_token
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
        params_total=s.params_total, params_active=s.params_active, shared_share=s.shared_share, batch=s.batch
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
