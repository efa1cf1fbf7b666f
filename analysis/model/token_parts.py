"""What tokens of each kind and a request take and cost, part by part, each with its interval.

`analysis.model.token_use` reads a prediction, `cost_of_use` prices it; `analysis.token_cost` and the command
stand on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs.errors import ParameterError
from analysis.inputs.units import SECONDS_PER_HOUR, TOKENS_PER_MTOK, WATT_PER_KW
from analysis.model.boundary import Links, load_links
from analysis.model.gpu_hour import GpuHourCost, gpu_hour_cost
from analysis.model.hour_inputs import CACHED, Ends, HourInputs, hour_inputs
from analysis.model.memory import Floats
from analysis.model.predict import predict_energy
from analysis.model.token_use import KINDS, Use, cards_used, token_use

REQUEST = "request"
SHARE = "electricity_share"
RENT, IDLE_POWER, USED = "gpu_hour_price_usd", "idle_power_fraction", "utilisation"
BUILT = "facility_power_kw"
BESIDES = (RENT, IDLE_POWER, BUILT)
"""What may be told of an hour besides `analysis.model.hour_inputs.ARGUMENTS`."""

FIELDS = (*GpuHourCost._fields, SHARE)
"""What `cost_of_use` tells of each kind: the parts, their total, and the share of electricity in it."""

_BESIDE_RENT = ("pue", "tariff_usd_per_kwh", CACHED)
"""What still counts where hours are rented."""


class UseCost(NamedTuple):
    """Costs by kind of token, and of a request: ``low``, ``value`` and ``high`` of each of `FIELDS`.

    Attributes
    ----------
    per_token : mapping
        By `KINDS`: parts and total [USD per million tokens], the share of electricity [ratio].
    per_request : mapping
        The same of a request [USD].
    """

    per_token: Mapping[str, Mapping[str, Ends]]
    per_request: Mapping[str, Ends]


def cost_of_use(use: Use, inputs: HourInputs, *, idle_power: Floats, rent_usd: Floats) -> UseCost:
    """Return what tokens cost, part by part.

    Parameters
    ----------
    use : Use
        What tokens take.
    inputs : HourInputs
        What an hour costs.
    idle_power : array
        Power in an idle hour over that in a useful one [ratio]; NaN where the measured overhead of idle
        servers of the facility boundary counts instead, whatever the utilisation.
    rent_usd : array
        Price of an hour of an accelerator, everything in it [USD/GPU-hour]; NaN where it is owned.

    Notes
    -----
    The ends combine in quadrature of logarithms, as in `analysis.predict_energy`: the error of the
    prediction, of energy where electricity is concerned and of time, at a known power, elsewhere; the share
    of hosts; idle servers; and each assumed cost at its own low and high.
    """
    idle = Ends(*(np.full(len(rent_usd), link.idle_overhead) for link in _links_by_end()))

    def stacks(
        use: Use = use, costs: Mapping[str, Floats] = inputs.value, idle: Floats = idle.value
    ) -> Stacks:
        return _stacks(use, costs, idle, idle_power, rent_usd)

    base, uncertain = stacks(), [name for name in inputs.value if inputs.moves(name)]
    pairs = [[stacks(costs=inputs.at(name, end)) for end in ("low", "high")] for name in uncertain]
    pairs.append([stacks(idle=moved) for moved in (idle.low, idle.high)])
    hosts = [stacks(_with_host(use, end)) for end in (0, -1)]
    found = {kind: _with_ends(stack, kind, use, pairs, hosts) for kind, stack in base.items()}
    return UseCost(per_request=found.pop(REQUEST), per_token=found)


Stacks = dict[str, Floats]
"""By kind of token and `REQUEST`: a line for each of `FIELDS`."""


def _links_by_end() -> list[Links]:
    links = load_links()
    return [links[end] for end in Ends._fields]


def _with_ends(
    stack: Floats, kind: str, use: Use, pairs: Iterable[Sequence[Stacks]], hosts: Sequence[Stacks]
) -> dict[str, Ends]:
    """Return the fields of a kind with their ends, from what they are with one thing moved at a time."""
    down, up = np.zeros_like(stack), np.zeros_like(stack)
    energy = {**use.server_j, "cached_input": use.server_j["input"]}.get(kind, use.request_server_j)
    time = {**use.gpu_j, "cached_input": use.gpu_j["input"]}.get(kind, use.request_gpu_j)
    with np.errstate(divide="ignore", invalid="ignore"):
        for pair in [*pairs, hosts]:
            low, high = (_effect(moved[kind], stack) for moved in pair)
            if pair is hosts:  # which the energy of servers holds
                low[0] = high[0] = 0.0
            down += np.minimum(np.minimum(low, high), 0.0) ** 2
            up += np.maximum(np.maximum(low, high), 0.0) ** 2
        # the prediction moves electricity as energy, the rest as time, and no share
        for lines, of in ((slice(0, 1), energy), (slice(1, -1), time)):
            down[lines] += np.log(of.value / of.low) ** 2
            up[lines] += np.log(of.high / of.value) ** 2
        low, high = stack * np.exp(-np.sqrt(down)), stack * np.exp(np.sqrt(up))
    return {name: Ends(*ends) for name, *ends in zip(FIELDS, low, stack, high, strict=True)}


def _effect(moved: Floats, stack: Floats) -> Floats:
    """Return the log ratio of moved costs; none where there is no cost to be moved."""
    return np.nan_to_num(np.log(moved / stack), posinf=0.0, neginf=-np.inf)


def _with_host(use: Use, end: int) -> Use:
    """Return the use with the energy of hosts at an end: what the interval of servers has beyond GPUs'."""

    def moved(kind: str) -> Ends:
        gpu, server = use.gpu_j[kind], use.server_j[kind]
        with np.errstate(invalid="ignore", divide="ignore"):
            both, alone = (np.log(energy[end] / energy.value) for energy in (server, gpu))
        more = np.sign(both) * np.sqrt(np.maximum(both**2 - alone**2, 0.0))
        return server._replace(value=server.value * np.exp(more))

    return use._replace(server_j={kind: moved(kind) for kind in use.server_j})


def _stacks(
    use: Use, costs: Mapping[str, Floats], idle_overhead: Floats, idle_power: Floats, rent_usd: Floats
) -> Stacks:
    """Return parts, total and share of electricity by kind [USD/Mtok], and of a request [USD]."""
    hour = {name: value for name, value in costs.items() if name != CACHED}
    overhead = np.where(np.isnan(idle_power), idle_overhead, 1.0)
    full = {**hour, "idle_power_fraction": np.nan_to_num(idle_power)}
    stacks = {}
    for kind, gpu_hours in use.gpu_hours.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            server_kw = use.server_j[kind].value / (gpu_hours * SECONDS_PER_HOUR) / WATT_PER_KW
        known = np.isfinite(server_kw)  # no token, no power
        parts = gpu_hour_cost(
            gpu_power_kw=np.where(known, server_kw, 0.0) * overhead, facility_power_kw=use.rated_kw, **full
        )
        stack = np.array(_rented(parts, rent_usd)) * gpu_hours * TOKENS_PER_MTOK
        stacks[kind] = np.where(known, stack, np.nan)
    stacks["cached_input"] = stacks["input"] * costs[CACHED]
    # a request, where a kind that it has none of costs nothing
    per_token = (np.where(use.tokens[kind] > 0.0, stacks[kind] * use.tokens[kind], 0.0) for kind in KINDS)
    stacks[REQUEST] = np.sum(list(per_token), axis=0) / TOKENS_PER_MTOK
    with np.errstate(divide="ignore", invalid="ignore"):
        return {kind: np.vstack([stack, stack[0] / stack[-1]]) for kind, stack in stacks.items()}


def _rented(parts: GpuHourCost, rent_usd: Floats) -> GpuHourCost:
    """Return the parts where hours are rented: electricity, and the rest of the rent in place of hardware."""
    owned = np.isnan(rent_usd)
    unknown = {
        name: np.where(owned, getattr(parts, name), np.nan) for name in ("network", "facility", "other")
    }
    return parts._replace(
        hardware=np.where(owned, parts.hardware, rent_usd - parts.electricity),
        total=np.where(owned, parts.total, rent_usd),
        **unknown,
    )


class Priced(NamedTuple):
    """Set-ups with what they take and cost.

    Attributes
    ----------
    gpu, server : pandas.DataFrame
        Predictions at the accelerators and at the servers.
    inputs : HourInputs
        What an hour costs, and what of it is assumed.
    use : Use
        What tokens take.
    cost : UseCost
        What they cost.
    """

    gpu: pd.DataFrame
    server: pd.DataFrame
    inputs: HourInputs
    use: Use
    cost: UseCost


def price_tokens(
    frame: pd.DataFrame, side: NDArray[np.object_], given: Mapping[str, Floats | Ends]
) -> Priced:
    """Return what the tokens of set-ups take and cost.

    Parameters
    ----------
    frame : pandas.DataFrame
        As for `analysis.predict_energy`.
    side : array of str
        ``us`` or ``cn`` for each row.
    given : mapping
        Costs that are told, by argument of `analysis.token_cost`: one for all or one a row, NaN where not
        told; `Ends` where they have ends of their own.
    """
    gpu = predict_energy(frame, boundary="gpu")
    # the last token of a prompt is read whatever is cached: what it takes is what a fresh one costs
    most_cached = 1.0 - 1.0 / np.maximum(gpu["input_tokens"], 1.0)
    all_cached = (gpu["cached_share"] > most_cached) & (gpu["input_tokens"] > 0.0)
    if all_cached.any():
        frame = frame.assign(cached_share=gpu["cached_share"].where(~all_cached, most_cached))
        gpu = predict_energy(frame, boundary="gpu")
    server = predict_energy(frame, boundary="server")
    told = dict(given)
    rent, idle_power, used, built = (
        np.broadcast_to(np.asarray(one), len(frame))
        for one in (
            told.pop(RENT, np.nan),
            told.pop(IDLE_POWER, np.nan),
            told.get(USED, np.nan),
            told.pop(BUILT, np.nan),
        )
    )
    cards = cards_used(frame, gpu)
    inputs = hour_inputs(
        told, side=side, gpu_model=cards.gpu_model, bandwidth_gb_s=cards.bandwidth_gb_s, tdp_w=cards.tdp_w
    )
    if not ((inputs.value[CACHED] >= 0.0) & (inputs.value[CACHED] <= 1.0)).all():
        raise ParameterError(f"{CACHED}: should lie between zero and one")
    wrong = rent[(rent <= 0.0) | np.isinf(rent)]
    if wrong.size:
        raise ParameterError(f"{RENT}: {wrong[0]:g} is no price")
    use = token_use(cards, gpu, server)
    use = use._replace(rated_kw=np.where(np.isnan(built), use.rated_kw, built))
    useful = rent / np.where(np.isnan(used), 1.0, used)  # a rented hour is all used unless told otherwise
    owned = {
        name: where & (np.isnan(rent) | (name in _BESIDE_RENT)) for name, where in inputs.assumed.items()
    }
    inputs = inputs._replace(
        assumed=owned,
        gpu_price_grade=np.where(np.isnan(rent), inputs.gpu_price_grade, ""),
        gpu_price_source=np.where(np.isnan(rent), inputs.gpu_price_source, ""),
    )
    cost = cost_of_use(use, inputs, idle_power=idle_power, rent_usd=useful)
    _refuse_rent_below_electricity(frame, rent, cost)
    return Priced(gpu, server, inputs, use, cost)


def _refuse_rent_below_electricity(frame: pd.DataFrame, rent_usd: Floats, cost: UseCost) -> None:
    """Raise ParameterError where the electricity of a rented hour alone costs more than its price."""
    below = np.any([cost.per_token[kind]["hardware"].value < 0.0 for kind in KINDS], axis=0)
    if below.any():
        place = int(np.argmax(below))
        where = f"row {frame.index[place]!s:.80}, column {RENT}"
        raise ParameterError(f"{where}: {rent_usd[place]:g}: less than the electricity in it costs")
