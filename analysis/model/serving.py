"""How many requests a copy of a model serves at once: from how fast its users want to read."""

import numpy as np
from numpy.typing import NDArray

from analysis.model.decode_step import SHARPNESS, common_terms, decode_step, weights_read
from analysis.model.memory import Floats
from analysis.model.prefill import prefill
from analysis.model.quantities import Coefficients, Setup

HALVINGS = 10
"""Steps of the search: the batch is found to a hundredth."""


def largest_batch(s: Setup, c: Coefficients, *, tokens_per_s_per_user: Floats, most: Floats) -> Floats:
    """Return the largest batch of which each request still gains tokens fast enough [number].

    Parameters
    ----------
    s : Setup
        What is served, on what; its batch does not matter.
    c : Coefficients
        What turns peak rates into real ones.
    tokens_per_s_per_user : array
        Least speed of an answer [1/s]; zero where any will do.
    most : array
        Largest batch whatever the speed: what memory holds, what an engine schedules [number].

    Returns
    -------
    numpy.ndarray
        At least one, however slow that is.

    Notes
    -----
    A step may last as long as a user waits for its tokens, less the prefill of the requests that join. All
    its parts but the weights of experts are a constant and a term that grows with the batch, so the search
    by halving costs little more than one step.
    """
    common = common_terms(s, c)
    one = decode_step(s._replace(batch=np.ones_like(most)), c, common)
    many = prefill(s._replace(batch=np.maximum(most, 1.0)), c, common)
    with np.errstate(divide="ignore", invalid="ignore"):
        allowed_s = s.tokens_per_step / tokens_per_s_per_user
        of_answer = np.where(s.output_tokens > 0.0, s.tokens_per_step / s.output_tokens, 0.0)
    if np.any(common.host_s):  # the GPU may take what the power mean of host and GPU leaves it
        left = np.maximum(allowed_s**SHARPNESS - common.host_s**SHARPNESS, 0.0) ** (1.0 / SHARPNESS)
        allowed_s = np.where(common.host_s > 0.0, left, allowed_s)

    # what does not depend on the batch, and what each request adds
    exchange_s = s.tokens_per_step * common.exchange_s
    constant_s = common.layer_s + common.link_s
    request_s = one.kv_time_s + one.compute_time_s + common.sequence_s + exchange_s + many.time_s * of_answer

    def too_slow(batch: Floats) -> NDArray[np.bool_]:
        _, weight_bytes = weights_read(common, batch * s.tokens_per_step)
        return constant_s + batch * request_s + weight_bytes / common.weight_rate_b_per_s > allowed_s

    most = np.maximum(most, 1.0)
    low, high = np.zeros_like(most), np.log2(most)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        slow = too_slow(np.exp2(middle))
        low, high = np.where(slow, low, middle), np.where(slow, middle, high)
    return np.where(too_slow(most), np.exp2(low), most)
