"""How much of the claimed spread electricity explains: decomposition, inverse question, uncertainty.

Cost is that of the scenario's mix of input and output tokens, on the two sides of `tables.cost_stack`; what
price says beyond cost is the remainder.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs.assumption import Range
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import TOKENS_PER_MTOK
from analysis.model import gpu_hour
from analysis.model.spread import blended_price, explain_log_ratio, kwh_per_usd_gap, tariff_for_ratio
from analysis.model.token_cost import TokenShare, token_cost_of
from analysis.model.uncertainty import Bar, SobolIndex, Uncertain, monte_carlo, sobol_indices, tornado
from analysis.tables.cost_stack import CHINA, SHARED, US, mix_cost_inputs, uncertain_inputs, usd
from analysis.tables.headline import Headline, headlines_of_rows

SEED = 20260313
DRAWS = 16384
MONTE_CARLO: dict[str, int] = {"seed": SEED, "at_once": 8192, "bins_per_log": 2000, "reach": 40}
SOBOL: dict[str, Any] = {"seed": SEED, "points": 8192, "resamples": 200, "confidence": 0.9}
BEYOND_ANY = np.exp(MONTE_CARLO["reach"] - 1.0)
"""Stands for infinity while quantiles are taken."""

GROUPS = {
    "tariff": ("tariff_usd_per_kwh",),
    "PUE": ("pue",),
    "energy and accelerator time per token": ("input_share", "output_share", "facility_power_kw"),
    "hardware price and cost of capital": ("gpu_price_usd", "discount_rate"),
    "utilisation": ("utilisation",),
}
"""Factors of the decomposition and the inputs that change with each."""


class ExplainedSpread(NamedTuple):
    """What electricity explains of the claimed spread, and what it would have to be; arrays over draws.

    Attributes
    ----------
    electricity_share_cn, electricity_share_us : array
        Electricity over cost of the mix [ratio].
    share_of_log_spread : array
        The tariff's part over the logarithm of the claimed spread [ratio].
    bill_share : array
        Logarithm by which the cheap cost grows with the dear side's whole electricity bill (tariff, PUE and
        energy of the larger model) over that of the claimed spread [ratio].
    spread_if_free : array
        Dear over cheap price if electricity cost nothing on both sides and margins stayed the same share of
        the price [ratio], as in the decomposition.
    spread_if_free_dollars : array
        The same if margins stayed the same sum of money [ratio].
    tariff_needed_usd_per_kwh : array
        US tariff at which the same model on the same hardware would cost the claimed multiple [USD/kWh].
    kwh_needed_per_mtok : array
        Energy per million tokens at which the tariff gap alone makes up the price gap [kWh].
    parts : mapping
        Factor to part of the log spread [log ratio], arrays.
    """

    electricity_share_cn: Any
    electricity_share_us: Any
    share_of_log_spread: Any
    bill_share: Any
    spread_if_free: Any
    spread_if_free_dollars: Any
    tariff_needed_usd_per_kwh: Any
    kwh_needed_per_mtok: Any
    parts: Mapping[str, Any]


OUTPUTS = ExplainedSpread._fields[:-1]


def explained_spread(scenario: Scenario, grid: str, draws: Mapping[str, Any]) -> ExplainedSpread:
    """Return what follows from draws of the uncertain inputs, arrays of one length.

    Notes
    -----
    For a claimed spread R, a cheap price p, and cost c and electricity e of the cheap (1) and dear side (2):
    ``bill_share`` = ln((c1 - e1 + e2) / c1) / ln R, ``spread_if_free`` = R (1 - e2 / c2) / (1 - e1 / c1),
    ``spread_if_free_dollars`` = (R p - e2) / (p - e1).
    """
    mix = scenario.input_tokens_per_output_token.value
    spread = scenario.root.api_spread_claim.value
    cheap = mix_cost_inputs(scenario, draws, CHINA, grid)
    dear = mix_cost_inputs(scenario, draws, US, "US")
    shared = {argument: draws[name] for argument, name in SHARED.items()}
    # costs of both sides, and how the ratio of prices splits over what differs between them
    of_cheap, of_dear = (_mix_cost(mix, **side, **shared) for side in (cheap, dear))
    parts = explain_log_ratio(
        cheap=cheap,
        dear=dear,
        groups=GROUPS,
        cost=lambda inputs: _mix_cost(mix, **inputs, **shared).total,
        price_ratio=spread,
    )
    # shares of electricity, and the cheap cost with the dear side's bill in place of its own
    share_cn, share_us = (side.electricity / side.total for side in (of_cheap, of_dear))
    cheap_with_dear_bill = of_cheap.total - of_cheap.electricity + of_dear.electricity
    # the cheap list price of the mix, and the dear one less its bill
    price_usd = blended_price(
        input_price=usd(scenario, "price_cn_input"),
        output_price=usd(scenario, "price_cn_output"),
        input_tokens_per_output_token=mix,
    )
    dear_without_bill = price_usd * spread - of_dear.electricity
    return ExplainedSpread(
        electricity_share_cn=share_cn,
        electricity_share_us=share_us,
        share_of_log_spread=parts["tariff"] / np.log(spread),
        bill_share=np.log(cheap_with_dear_bill / of_cheap.total) / np.log(spread),
        spread_if_free=spread * (1.0 - share_us) / (1.0 - share_cn),
        spread_if_free_dollars=dear_without_bill / (price_usd - of_cheap.electricity),
        tariff_needed_usd_per_kwh=tariff_for_ratio(
            ratio=spread,
            cost_usd=of_cheap.total,
            energy_kwh=of_cheap.electricity / cheap["tariff_usd_per_kwh"],
            tariff_usd_per_kwh=cheap["tariff_usd_per_kwh"],
        ),
        kwh_needed_per_mtok=kwh_per_usd_gap(
            price_gap_usd=price_usd * (spread - 1.0),
            tariff_gap_usd_per_kwh=dear["tariff_usd_per_kwh"] - cheap["tariff_usd_per_kwh"],
        ),
        parts=parts,
    )


def _mix_cost(
    mix: float, *, input_share: TokenShare, output_share: TokenShare, **costs: Any
) -> gpu_hour.GpuHourCost:
    """Return the cost of a million tokens, `mix` input tokens to each output token, part by part [USD]."""
    input_tokens, output_tokens = (count * TOKENS_PER_MTOK / (mix + 1.0) for count in (mix, 1.0))
    of_input = token_cost_of(input_share, tokens=input_tokens, **costs)
    of_output = token_cost_of(output_share, tokens=output_tokens, **costs)
    return gpu_hour.GpuHourCost(*map(sum, zip(of_input, of_output, strict=True)))


def explained_spread_at_values(scenario: Scenario, grid: str) -> ExplainedSpread:
    """Return what is explained with every input at its value; arrays of one entry."""
    return explained_spread(scenario, grid, _at_values(uncertain_inputs(scenario, grid).uncertain))


def _at_values(uncertain: Mapping[str, Uncertain], length: int = 1) -> dict[str, Any]:
    return {name: np.full(length, entry.value) for name, entry in uncertain.items()}


def output_quantiles(scenario: Scenario, grid: str, draws: int) -> pd.DataFrame:
    """Return 5, 50 and 95 % quantiles of every output and of every part of the log spread.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``output``: ``p5``, ``p50``, ``p95``; parts of the log spread as ``part: <factor>``, over
        the logarithm of the claimed spread [ratio]. Infinite where no energy would do.
    """
    log_spread = np.log(scenario.root.api_spread_claim.value)

    def outputs(drawn: Mapping[str, Any]) -> dict[str, Any]:
        found = explained_spread(scenario, grid, drawn)
        parts = {f"part: {name}": part / log_spread for name, part in found.parts.items()}
        finite = found._replace(kwh_needed_per_mtok=np.minimum(found.kwh_needed_per_mtok, BEYOND_ANY))
        return {name: getattr(finite, name) for name in OUTPUTS} | parts

    sketches = monte_carlo(uncertain_inputs(scenario, grid), outputs, draws=draws, **MONTE_CARLO)
    quantiles = {"p5": 0.05, "p50": 0.5, "p95": 0.95}
    table = pd.DataFrame(
        {
            end: {name: sketch.quantile(share) for name, sketch in sketches.items()}
            for end, share in quantiles.items()
        }
    ).rename_axis("output")
    return table.mask(table > BEYOND_ANY / 2.0, np.inf)


def headlines(quantiles: pd.DataFrame) -> dict[str, Headline]:
    """Return the headline values from `output_quantiles`, each with its 5 and 95 %."""
    keys = {
        "electricity_share_of_cost_cn": ("electricity_share_cn", "share"),
        "electricity_share_of_cost_us": ("electricity_share_us", "share"),
        "electricity_share_of_log_spread": ("share_of_log_spread", "share"),
        "spread_if_electricity_free": ("spread_if_free", "ratio"),
        "tariff_needed_usd_per_kwh": ("tariff_needed_usd_per_kwh", "USD/kWh"),
    }
    return headlines_of_rows(quantiles.set_axis([*Range._fields], axis=1), keys)


def log_spread_parts(scenario: Scenario, grid: str, quantiles: pd.DataFrame) -> pd.DataFrame:
    """Return the parts of the log spread by factor: at the values, and the ends from `output_quantiles`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``factor``: ``log_ratio``, ``ratio``, ``share_of_log_spread`` [ratio], and its 5 and 95 %,
        ``share_low`` and ``share_high``.
    """
    found = explained_spread_at_values(scenario, grid).parts
    log_ratio = pd.Series({name: part[0] for name, part in found.items()}).rename_axis("factor")
    ends = quantiles.loc["part: " + log_ratio.index].set_axis(log_ratio.index)
    return pd.DataFrame(
        {
            "log_ratio": log_ratio,
            "ratio": np.exp(log_ratio),
            "share_of_log_spread": log_ratio / np.log(scenario.root.api_spread_claim.value),
            "share_low": ends["p5"],
            "share_high": ends["p95"],
        }
    )


def log_spread_shares_by_flagship_size(
    scenario: Scenario, grid: str, active_b: tuple[float, ...]
) -> pd.DataFrame:
    """Return shares of the log spread by the flagship's active parameters, all else at its value."""
    draws = _at_values(uncertain_inputs(scenario, grid).uncertain, len(active_b))
    draws["closed_model_active"] = np.array(active_b)
    found = explained_spread(scenario, grid, draws)
    log_spread = np.log(scenario.root.api_spread_claim.value)
    table = {name: part / log_spread for name, part in found.parts.items()}
    table["electricity_share_us"] = found.electricity_share_us
    return pd.DataFrame(table, index=pd.Index(active_b, name="active parameters [billions]"))


def tariff_share_bars(scenario: Scenario, grid: str) -> dict[str, Bar]:
    """Return the tornado of the tariff's share of the log spread: each input at its low and its high."""
    return tornado(
        uncertain_inputs(scenario, grid),
        lambda values: explained_spread(scenario, grid, values).share_of_log_spread,
    )


def explained_spread_at_favourable_ends(
    scenario: Scenario, grid: str, bars: Mapping[str, Bar]
) -> ExplainedSpread:
    """Return what is explained with every input at the end that favours electricity, given the tornado."""
    favourable = {
        name: np.array([entry.low if bars[name].at_low > bars[name].at_high else entry.high])
        for name, entry in uncertain_inputs(scenario, grid).uncertain.items()
    }
    return explained_spread(scenario, grid, favourable)


def output_sobol_indices(scenario: Scenario, grid: str, output: str) -> dict[str, SobolIndex]:
    """Return Sobol indices of one of `OUTPUTS` over the independent dimensions."""
    inputs = uncertain_inputs(scenario, grid)
    shared = {name for name, entry in inputs.uncertain.items() if entry.factor}
    return sobol_indices(
        [f"{name} (own part)" if name in shared else name for name in inputs.dimensions],
        lambda cube: np.asarray(getattr(explained_spread(scenario, grid, inputs.at(cube)), output)),
        **SOBOL,
    )


def table_by_input(entries: Mapping[str, Bar] | Mapping[str, SobolIndex]) -> pd.DataFrame:
    """Return bars or indices as a table, one row an input."""
    return pd.DataFrame(entries.values(), index=pd.Index(entries, name="input"))
