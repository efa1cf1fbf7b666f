"""Time and power of reading the prompt of a request: prefill."""

import numpy as np

from analysis.model.decode_step import FLOP_PER_PARAMETER, Common, Phase, phase, weights_read
from analysis.model.memory import Floats
from analysis.model.quantities import Coefficients, Setup


def attention_flop_per_token(s: Setup, width: Floats) -> Floats:
    """Return the operations with which a prompt token attends to those before it, on average [number].

    Notes
    -----
    4 x layers x width x context: scores and their sums, two operations each; the context of a fresh token is
    the cached part and half of the fresh one, so that the work of a prompt grows with its square.
    """
    context = (s.cached_tokens + s.input_tokens) / 2.0
    return 2.0 * FLOP_PER_PARAMETER * s.layers * width * context


def prefill(s: Setup, c: Coefficients, common: Common) -> Phase:
    """Return times and power of the prefill of one request.

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
        Times of a request [s] and power [ratio of rated power]; no time where nothing is fresh.

    Notes
    -----
    Prompts that wait are read in passes of at most `prefill_chunk` tokens, which share the reading of
    weights and the overheads of a step. Power is capped here as in a decode step, each on its own.
    """
    fresh = s.input_tokens - s.cached_tokens
    # a pass holds one token at least, and is shared by the requests whose prompts it holds
    tokens = np.clip(np.maximum(s.batch, 1.0) * fresh, 1.0, s.prefill_chunk)
    passes = fresh / tokens
    read = weights_read(common, tokens)
    flop = fresh * (FLOP_PER_PARAMETER * s.params_active + attention_flop_per_token(s, common.width))
    return phase(
        c,
        common,
        read,
        passes=passes,
        weight_time_s=passes * read[1] / common.weight_rate_b_per_s,
        kv_time_s=0.0 * fresh,
        compute_time_s=c.prefill_excess * flop / (s.gpu_count * s.prefill_peak_flop_per_s),
        layer_time_s=passes * common.layer_s,
        link_time_s=passes * common.link_s + fresh * common.exchange_s,
        sequence_time_s=np.where(fresh > 0.0, common.sequence_s, 0.0),
        power_compute=c.power_prefill,
    )
