"""What the memory of accelerators has to hold, and what a decode step reads of it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


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
        Requests served at once, or tokens read at once [number].

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
    unused_log = log_share_unused(
        params_total=params_total, params_active=params_active, shared_share=shared_share
    )
    return np.asarray(-np.expm1(np.asarray(batch) * unused_log))


def log_share_unused(*, params_total: ArrayLike, params_active: ArrayLike, shared_share: ArrayLike) -> Floats:
    """Return the logarithm of the share of routed parameters that one token does not use.

    Parameters
    ----------
    params_total, params_active, shared_share : array_like
        As for `expert_coverage`.

    Returns
    -------
    numpy.ndarray
        Minus infinity in dense models: a token uses all.

    Examples
    --------
    >>> unused = log_share_unused(params_total=10.0, params_active=2.0, shared_share=0.0)
    >>> round(float(np.exp(unused)), 12)
    0.8
    """
    total, active = np.asarray(params_total, dtype=float), np.asarray(params_active, dtype=float)
    shared = np.asarray(shared_share) * active
    with np.errstate(divide="ignore", invalid="ignore"):
        used = np.where(active < total, (active - shared) / (total - shared), 1.0)
        return np.asarray(np.log1p(-used))


def cache_bytes_per_request(
    *,
    input_tokens: Floats,
    output_tokens: Floats,
    kv_bytes_per_token: Floats,
    window_bytes_per_token: Floats = 0.0,  # type: ignore[assignment]
    window_tokens: Floats = 0.0,  # type: ignore[assignment]
    state_bytes: Floats = 0.0,  # type: ignore[assignment]
) -> Floats:
    """Return the cache and state of a request halfway through its answer [B].

    Parameters
    ----------
    input_tokens, output_tokens : array
        Lengths of prompt and answer [number].
    kv_bytes_per_token : array
        Cache of a token of context in the layers that see all of it [B].
    window_bytes_per_token, window_tokens : array
        The same in layers that see a window alone [B], and the length of that window [number].
    state_bytes : array
        State of recurrent layers, however long the context [B].

    Examples
    --------
    >>> float(cache_bytes_per_request(input_tokens=100.0, output_tokens=400.0, kv_bytes_per_token=1e5))
    30000000.0
    >>> float(cache_bytes_per_request(input_tokens=900.0, output_tokens=200.0, kv_bytes_per_token=10.0,
    ...     window_bytes_per_token=10.0, window_tokens=128.0, state_bytes=20.0))
    11300.0
    """
    context = input_tokens + output_tokens / 2.0
    in_window = window_bytes_per_token * np.minimum(context, window_tokens)
    return context * kv_bytes_per_token + in_window + state_bytes


def gpus_needed(*, weight_bytes: Floats, cache_bytes: Floats, memory_b: Floats, headroom: float) -> Floats:
    """Return how many GPUs hold a model with the caches of its requests: a power of two [number].

    Parameters
    ----------
    weight_bytes, cache_bytes : array
        Size of all weights, and of all caches [B].
    memory_b : array
        Memory of a GPU [B].
    headroom : float
        Memory wanted over that of the weights at least [ratio].

    Examples
    --------
    671 GB with a fifth more are ten times 80 GB, so sixteen GPUs; caches of 700 GB take thirty-two.

    >>> float(gpus_needed(weight_bytes=671e9, cache_bytes=0.0, memory_b=80e9, headroom=1.2))
    16.0
    >>> float(gpus_needed(weight_bytes=671e9, cache_bytes=700e9, memory_b=80e9, headroom=1.2))
    32.0
    """
    wanted = np.maximum(weight_bytes * headroom, weight_bytes + cache_bytes)
    return np.exp2(np.ceil(np.log2(np.maximum(wanted / memory_b, 1.0))))


def requests_that_fit(
    *, weight_bytes: Floats, request_bytes: Floats, memory_b: Floats, gpu_count: Floats
) -> Floats:
    """Return how many requests have room for their cache beside the weights [number].

    Parameters
    ----------
    weight_bytes, request_bytes : array
        Size of all weights, and of the cache of a request [B].
    memory_b : array
        Memory of a GPU [B].
    gpu_count : array
        GPUs that hold one copy of the model [number].

    Returns
    -------
    numpy.ndarray
        Below one where the weights leave too little room, zero where they do not fit.

    Examples
    --------
    >>> float(requests_that_fit(weight_bytes=20e9, request_bytes=3e7, memory_b=80e9, gpu_count=1.0))
    2000.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.maximum(memory_b * gpu_count - weight_bytes, 0.0) / request_bytes
