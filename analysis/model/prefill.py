"""Time and power of reading the prompt of a request: prefill."""

import numpy as np

from analysis.model.decode_step import (
    FLOP_PER_PARAMETER,
    Coefficients,
    Phase,
    Setup,
    exchange_time_s,
    overheads_s,
    phase,
    weight_rate_b_per_s,
    weights_read,
    width,
)
from analysis.model.memory import Floats


def attention_flop_per_token(s: Setup) -> Floats:
    """Return the operations with which a prompt token attends to those before it, on average [number].

    Notes
    -----
    4 x layers x width x context: scores and their sums, two operations each; the context of a fresh token is
    the cached part and half of the fresh one, so that the work of a prompt grows with its square.
    """
    fresh = s.input_tokens - s.cached_tokens
    context = s.cached_tokens + fresh / 2.0
    return 2.0 * FLOP_PER_PARAMETER * s.layers * width(s) * context


def prefill(s: Setup, c: Coefficients) -> Phase:
    """Return times and power of the prefill of one request.

    Parameters
    ----------
    s : Setup
        What is served, on what.
    c : Coefficients
        What turns peak rates into real ones.

    Returns
    -------
    Phase
        Times of a request [s] and power [ratio of rated power]; no time where nothing is fresh.

    Notes
    -----
    Prompts that wait are read in passes of at most `prefill_chunk` tokens, which share the reading of
    weights and the overheads of a step. Power is capped here as in a decode step, each on its own.
    """
    batch = np.maximum(s.batch, 1.0)
    fresh = s.input_tokens - s.cached_tokens
    tokens = np.minimum(batch * fresh, s.prefill_chunk)
    with np.errstate(divide="ignore", invalid="ignore"):
        passes = np.where(fresh > 0.0, fresh / tokens, 0.0)
    coverage, weight_bytes = weights_read(s, tokens)
    layer_s, link_s, sequence_s = overheads_s(s, c)

    flop = fresh * (FLOP_PER_PARAMETER * s.params_active + attention_flop_per_token(s))
    return phase(
        s,
        c,
        coverage,
        weight_bytes,
        passes=passes,
        weight_time_s=passes * weight_bytes / weight_rate_b_per_s(s, c),
        kv_time_s=0.0 * fresh,
        compute_time_s=c.prefill_excess * flop / (s.gpu_count * s.prefill_peak_flop_per_s),
        layer_time_s=passes * layer_s,
        link_time_s=passes * link_s + fresh * exchange_time_s(s, c),
        sequence_time_s=np.where(fresh > 0.0, sequence_s, 0.0),
        power_compute=c.power_prefill,
    )
