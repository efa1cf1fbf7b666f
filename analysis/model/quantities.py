"""What the physics of a decode step and of prefill takes: coefficients, and what is served on what."""

from typing import NamedTuple

from analysis.model.memory import Floats


class Coefficients(NamedTuple):
    """What turns peak rates into real ones.

    Attributes
    ----------
    weight_read_excess, kv_read_excess : float
        Time to read weights and cache over bytes by peak bandwidth [ratio].
    decode_excess, prefill_excess : float
        Time to multiply over operations by peak rate, in decode steps and in prefill [ratio].
    expert_excess : float
        Further excess of multiplying in decode steps in mixtures of experts [ratio].
    fp8_expert_excess : float
        Further excess of reading experts in eight bits [ratio].
    layer_overhead_s : float
        Time of a step that each layer adds whatever it computes [s].
    link_overhead_s : float
        Time of a step that each layer adds for each doubling of the number of GPUs [s].
    link_excess : float
        Time to exchange sums between GPUs over bytes by peak rate of their links [ratio].
    sequence_overhead_s : float
        Time of a step that each request of a server adds [s].
    early_overhead, llama_cpp_overhead : float
        Overheads of layers and requests in early serving engines and in llama.cpp over those in current ones
        [ratio].
    naive_layer_s : float
        Time that the host of a naive engine needs for a layer; the GPU computes meanwhile [s].
    naive_int8 : float
        The same where weights of eight bits are unpacked on the way, over that at 16 bits [ratio].
    naive_kv : float
        Excess of reading the cache in naive engines over that in others [ratio].
    power_floor, power_memory, power_compute, power_prefill : float
        Board power over rated power: always, and added while memory is read, while decode steps multiply
        and while prefill does [ratio].
    blackwell_power : float
        Power of Blackwell boards over what the same shares draw on earlier ones [ratio].
    """

    weight_read_excess: float
    kv_read_excess: float
    decode_excess: float
    prefill_excess: float
    expert_excess: float
    fp8_expert_excess: float
    layer_overhead_s: float
    link_overhead_s: float
    link_excess: float
    sequence_overhead_s: float
    early_overhead: float
    llama_cpp_overhead: float
    naive_layer_s: float
    naive_int8: float
    naive_kv: float
    power_floor: float
    power_memory: float
    power_compute: float
    power_prefill: float
    blackwell_power: float


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
    is_fp8 : array
        1 where weights are floats of eight bits, else 0.
    is_blackwell : array
        1 on Blackwell, else 0.
    is_early, is_naive, is_llama_cpp : array
        1 where that engine serves, else 0; all 0 is a current serving engine.
    layers : array
        Layers [number].
    request_bytes : array
        Cache and state of a request halfway through its answer [B].
    batch : array
        Requests served at once [number]; below one it counts as one.
    tokens_per_step : array
        Tokens that a request gains in a step [number]: above one where several are guessed and kept.
    input_tokens, cached_tokens, output_tokens : array
        Mean lengths of the prompt, of the part of it that is cached, and of the answer [number].
    gpu_count : array
        GPUs that hold one copy of the model [number].
    gpus_per_server : float
        GPUs that one scheduler serves [number]; beyond them the batch is split.
    prefill_chunk : float
        Prompt tokens that are read in one pass at most [number].
    bandwidth_b_per_s, link_b_per_s : array
        Memory bandwidth of a GPU, and of its links to others, one way [B/s].
    peak_flop_per_s, prefill_peak_flop_per_s : array
        Dense peak rate of a GPU at the precision of the multiplication, in decode and in prefill [1/s].
    tdp_w : array
        Rated power of a GPU [W].
    """

    params_total: Floats
    params_active: Floats
    shared_share: Floats
    bytes_per_weight: Floats
    is_fp8: Floats
    is_blackwell: Floats
    is_early: Floats
    is_naive: Floats
    is_llama_cpp: Floats
    layers: Floats
    request_bytes: Floats
    batch: Floats
    tokens_per_step: Floats
    input_tokens: Floats
    cached_tokens: Floats
    output_tokens: Floats
    gpu_count: Floats
    gpus_per_server: float
    prefill_chunk: float
    bandwidth_b_per_s: Floats
    link_b_per_s: Floats
    peak_flop_per_s: Floats
    prefill_peak_flop_per_s: Floats
    tdp_w: Floats
