"""How many requests a copy of a model serves at once: from how fast its users want to read."""

import numpy as np

from analysis.model.decode_step import (
    SHARPNESS,
    Coefficients,
    Setup,
    decode_step,
    host_time_s,
    overheads_s,
    weight_rate_b_per_s,
    weights_read,
)
from analysis.model.memory import Floats
from analysis.model.prefill import prefill

HALVINGS = 12
"""Steps of the search: the batch is found to a few thousandths."""


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
    one = decode_step(s._replace(batch=1.0), c)
    many = prefill(s._replace(batch=np.maximum(most, 1.0)), c)
    with np.errstate(divide="ignore", invalid="ignore"):
        allowed_s = s.tokens_per_step / tokens_per_s_per_user
        of_answer = np.where(s.output_tokens > 0.0, s.tokens_per_step / s.output_tokens, 0.0)
    host_s = host_time_s(s, c)
    if np.any(host_s):  # the GPU may take what the power mean of host and GPU leaves it
        left = np.maximum(allowed_s**SHARPNESS - host_s**SHARPNESS, 0.0) ** (1.0 / SHARPNESS)
        allowed_s = np.where(host_s > 0.0, left, allowed_s)

    # what does not depend on the batch, and what each request adds
    layer_s, _, sequence_s = overheads_s(s, c)
    constant_s = layer_s + one.link_time_s
    request_s = one.kv_time_s + one.compute_time_s + sequence_s + many.time_s * of_answer
    low, high = np.zeros_like(most), np.log2(np.maximum(most, 1.0))
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        batch = np.exp2(middle)
        _, weight_bytes = weights_read(s, batch * s.tokens_per_step)
        step_s = constant_s + batch * request_s + weight_bytes / weight_rate_b_per_s(s, c)
        fast = step_s <= allowed_s
        low, high = np.where(fast, middle, low), np.where(fast, high, middle)
    # where the largest is fast enough it is the answer
    _, weight_bytes = weights_read(s, np.maximum(most, 1.0) * s.tokens_per_step)
    step_s = constant_s + most * request_s + weight_bytes / weight_rate_b_per_s(s, c)
    return np.where(step_s <= allowed_s, np.maximum(most, 1.0), np.exp2(low))
