"""What tokens of each kind, and a request, take of accelerators and of energy: read off a prediction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs import datasets
from analysis.inputs.units import SECONDS_PER_HOUR, WATT_PER_KW
from analysis.model.boundary import host_power_shares
from analysis.model.hour_inputs import Ends
from analysis.model.memory import Floats

KINDS = ("input", "cached_input", "output")
QUANTILES = ("p5", "p50", "p95")
ENERGY_OF = {"input": "energy_j_per_input_token", "output": "decode_energy_j_per_output_token"}
REQUEST_WH = "energy_wh_per_request"
"""Answers of `analysis.predict_energy`, each with its `QUANTILES`."""


class Use(NamedTuple):
    """What a fresh input token and an output token take; all one a row, by kind.

    Attributes
    ----------
    gpu_hours : mapping
        Accelerator time [GPU-hours per token].
    gpu_j, server_j : mapping
        Energy of the accelerators, and of the servers, with its ends [J/token].
    tokens : mapping
        Tokens of a request by `KINDS` [number].
    request_gpu_j, request_server_j : Ends
        The same of a request [J].
    rated_kw : array
        Rated power of an accelerator with its share of the machine around it [kW].
    """

    gpu_hours: Mapping[str, Floats]
    gpu_j: Mapping[str, Ends]
    server_j: Mapping[str, Ends]
    tokens: Mapping[str, Floats]
    request_gpu_j: Ends
    request_server_j: Ends
    rated_kw: Floats


class Cards(NamedTuple):
    """The accelerators of some rows.

    Attributes
    ----------
    gpu_model : array of str
        As in ``gpu_specs.csv``; blank where a card of one's own is told.
    tdp_w, bandwidth_gb_s : array
        Rated power [W] and bandwidth of the memory [GB/s].
    host_power_share : array
        Power of the rest of the machine over the rated power [ratio].
    """

    gpu_model: NDArray[np.object_]
    tdp_w: Floats
    bandwidth_gb_s: Floats
    host_power_share: Floats


def cards_used(frame: pd.DataFrame, gpu: pd.DataFrame) -> Cards:
    """Return the accelerators of set-ups, from a prediction: those of the table, or of the set-up's own."""
    specs, names = datasets.load_gpu_specs(), gpu["gpu_model"].astype(object)
    places = specs.index.get_indexer(names)

    def of_card(name: str, own: str) -> Floats:
        told = frame[own].to_numpy(dtype=float) if own in frame else np.nan
        return np.where(places >= 0, specs[name].to_numpy(dtype=float)[places], told)

    return Cards(
        gpu_model=np.where(places >= 0, names.fillna("").to_numpy(dtype=object), ""),
        tdp_w=of_card("tdp_w", "gpu_tdp_w"),
        bandwidth_gb_s=of_card("bandwidth_gb_s", "gpu_bandwidth_gb_s"),
        host_power_share=host_power_shares()["value"][places],
    )


def token_use(cards: Cards, gpu: pd.DataFrame, server: pd.DataFrame) -> Use:
    """Return what tokens take, from predictions at the accelerators and at the servers.

    Parameters
    ----------
    cards : Cards
        The accelerators.
    gpu, server : pandas.DataFrame
        Answers of `analysis.predict_energy` to the same rows.

    Notes
    -----
    An input token is charged with prefill, an output token with the rest of the time that accelerators spend
    on a request.
    """
    n = {name: gpu[name].to_numpy(dtype=float) for name in ("input_tokens", "output_tokens", "cached_share")}
    cached = n["input_tokens"] * n["cached_share"]
    tokens = {"input": n["input_tokens"] - cached, "cached_input": cached, "output": n["output_tokens"]}
    with np.errstate(divide="ignore", invalid="ignore"):
        input_s = 1.0 / gpu["prefill_tokens_per_gpu_second"].to_numpy()
        whole_s = 1.0 / gpu["output_tokens_per_gpu_second"].to_numpy()
        output_s = whole_s - np.where(
            tokens["input"] > 0.0, input_s * tokens["input"] / tokens["output"], 0.0
        )
    return Use(
        gpu_hours={"input": input_s / SECONDS_PER_HOUR, "output": output_s / SECONDS_PER_HOUR},
        gpu_j={kind: quantiles(gpu, name) for kind, name in ENERGY_OF.items()},
        server_j={kind: quantiles(server, name) for kind, name in ENERGY_OF.items()},
        tokens=tokens,
        request_gpu_j=_in_joules(quantiles(gpu, REQUEST_WH)),
        request_server_j=_in_joules(quantiles(server, REQUEST_WH)),
        rated_kw=cards.tdp_w / WATT_PER_KW * (1.0 + cards.host_power_share),
    )


def _in_joules(wh: Ends) -> Ends:
    return Ends(*(end * SECONDS_PER_HOUR for end in wh))


def quantiles(answer: pd.DataFrame, name: str) -> Ends:
    """Return the 5, 50 and 95 % quantiles of an answer as low, value and high."""
    return Ends(*(answer[f"{name}_{end}"].to_numpy(dtype=float) for end in QUANTILES))
