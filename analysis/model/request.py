"""Energy and time of a request and of its tokens: decode steps and prefill together."""

from typing import NamedTuple

import numpy as np

from analysis.model.decode_step import Phase, common_terms, decode_step
from analysis.model.memory import Floats
from analysis.model.prefill import prefill
from analysis.model.quantities import Coefficients, Setup


class TokenEnergy(NamedTuple):
    """Energy of a request and its tokens with every step on the way to it.

    What is counted by output token is NaN where a request has none, and what is counted by input token where
    none is fresh.

    Attributes
    ----------
    expert_coverage : array
        Share of the routed experts that a step touches [ratio]; 1 in dense models.
    weight_bytes : array
        Weights that a step reads [B], over all GPUs.
    kv_bytes : array
        Cache that a step reads [B], over all GPUs.
    weight_time_s, kv_time_s, decode_compute_time_s : array
        Reading weights, reading cache and multiplying in a step [s].
    layer_time_s, link_time_s, sequence_time_s : array
        Overheads of a step [s].
    prefill_time_s : array
        Prefill of the requests that join in a step [s].
    step_time_s : array
        All of them [s].
    request_prefill_time_s : array
        Prefill of one request [s].
    decode_power_ratio, prefill_power_ratio, gpu_power_ratio : array
        Board power over rated power in decode, in prefill, and on average over both [ratio], one at most.
    gpu_power_w : array
        Mean board power of all GPUs [W].
    decode_energy_j_per_output_token, prefill_energy_j_per_output_token : array
        Parts of the energy [J/token].
    gpu_energy_j_per_output_token : array
        Energy of the GPUs for a request, by its output tokens [J/token].
    prefill_energy_j_per_input_token : array
        Energy of the GPUs for an input token that is not cached [J/token].
    gpu_energy_j_per_request : array
        Energy of the GPUs for a request [J].
    prefill_tokens_per_gpu_second, output_tokens_per_gpu_second : array
        Fresh input tokens by time of a GPU in prefill, and output tokens by time of a GPU in both [1/s].
    """

    expert_coverage: Floats
    weight_bytes: Floats
    kv_bytes: Floats
    weight_time_s: Floats
    kv_time_s: Floats
    decode_compute_time_s: Floats
    layer_time_s: Floats
    link_time_s: Floats
    sequence_time_s: Floats
    prefill_time_s: Floats
    step_time_s: Floats
    request_prefill_time_s: Floats
    decode_power_ratio: Floats
    prefill_power_ratio: Floats
    gpu_power_ratio: Floats
    gpu_power_w: Floats
    decode_energy_j_per_output_token: Floats
    prefill_energy_j_per_output_token: Floats
    gpu_energy_j_per_output_token: Floats
    prefill_energy_j_per_input_token: Floats
    gpu_energy_j_per_request: Floats
    prefill_tokens_per_gpu_second: Floats
    output_tokens_per_gpu_second: Floats


def token_energy(setup: Setup, coefficients: Coefficients) -> TokenEnergy:
    """Return the GPU energy of a request and its tokens, and every step on the way.

    Parameters
    ----------
    setup : Setup
        What is served, on what.
    coefficients : Coefficients
        What turns peak rates into real ones.

    Returns
    -------
    TokenEnergy
        Times [s], power [W], energy [J].

    Notes
    -----
    Decode steps and prefill follow each other on the same GPUs, each at its own power of at most the rated
    one. An output token takes 1 / (batch x tokens of a step) of a step and 1 / output tokens of a prefill.
    """
    s, common = setup, common_terms(setup, coefficients)
    steps, prompt = decode_step(s, coefficients, common), prefill(s, coefficients, common)
    rated_w = s.gpu_count * s.tdp_w
    fresh = s.input_tokens - s.cached_tokens
    answers = np.where(s.output_tokens > 0.0, s.output_tokens, np.nan)

    # times of an output token, and of the prefill that belongs to it
    tokens_of_step = np.maximum(s.batch, 1.0) * s.tokens_per_step
    decode_s, prefill_s = steps.time_s / tokens_of_step, prompt.time_s / answers

    # E = P t, phase by phase
    decode_j = rated_w * steps.power_ratio * decode_s
    prompt_j = rated_w * prompt.power_ratio * prompt.time_s
    request_j = decode_j * s.output_tokens + prompt_j
    request_s = decode_s * s.output_tokens + prompt.time_s
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        power_ratio = np.minimum(request_j / (rated_w * request_s), 1.0)
        input_token_j, input_rate = prompt_j / fresh, fresh / (s.gpu_count * prompt.time_s)
    return TokenEnergy(
        **_parts_of_step(s, steps),
        prefill_time_s=prefill_s * tokens_of_step,
        step_time_s=(decode_s + prefill_s) * tokens_of_step,
        request_prefill_time_s=prompt.time_s,
        decode_power_ratio=steps.power_ratio,
        prefill_power_ratio=prompt.power_ratio,
        gpu_power_ratio=power_ratio,
        gpu_power_w=power_ratio * rated_w,
        decode_energy_j_per_output_token=np.where(np.isnan(answers), np.nan, decode_j),
        prefill_energy_j_per_output_token=prompt_j / answers,
        gpu_energy_j_per_output_token=request_j / answers,
        prefill_energy_j_per_input_token=input_token_j,
        gpu_energy_j_per_request=request_j,
        prefill_tokens_per_gpu_second=input_rate,
        output_tokens_per_gpu_second=1.0 / (s.gpu_count * (decode_s + prefill_s)),
    )


def _parts_of_step(s: Setup, steps: Phase) -> dict[str, Floats]:
    """Return what a decode step reads and takes, named as in `TokenEnergy`."""
    parts = steps._asdict()
    parts["decode_compute_time_s"] = parts.pop("compute_time_s")
    del parts["time_s"], parts["power_ratio"]
    return parts | {"kv_bytes": np.maximum(s.batch, 1.0) * s.request_bytes}
