"""How much of the claimed spread electricity explains: decomposition, inverse question, uncertainty.

Cost is that of a mix of input and output tokens, on the two sides of `tables.cost_stack`; what price says
beyond cost is the remainder. The middle value of everything is the median of the draws; where the exact sum
of the parts is wanted, it stands beside it as at the central values of the inputs.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs.assumption import Range
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import TOKENS_PER_MTOK, worst_grade
from analysis.model import gpu_hour
from analysis.model.sensitivity import NOISE
from analysis.model.spread import blended_price, explain_log_ratio, kwh_per_usd_gap, tariff_for_ratio
from analysis.model.tariff_effect import TariffEffects, added_usd, tariff_effects
from analysis.model.token_cost import TokenShare, token_cost_of
from analysis.model.uncertainty import Inputs, Model, Uncertain, monte_carlo
from analysis.tables.cost_grade import output_grade
from analysis.tables.cost_stack import MIX, SHARED, US, mix_cost_inputs, side_of, uncertain_inputs
from analysis.tables.headline import Headline, headlines_of_rows

SEED = 20260313
DRAWS = 16384
MONTE_CARLO: dict[str, int] = {"seed": SEED, "at_once": 8192, "bins_per_log": 2000, "reach": 40}
BEYOND_ANY = np.exp(MONTE_CARLO["reach"] - 1.0)
"""Stands for infinity while quantiles are taken."""

QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}

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
    spread_if_free : array
        Expensive over cheap price if electricity cost nothing on both sides and margins stayed the same share
        of the price [ratio], as in the decomposition.
    spread_if_free_dollars : array
        The same if margins stayed the same sum of money [ratio].
    tariff_needed_usd_per_kwh : array
        US tariff at which the same model on the same hardware would cost the claimed multiple [USD/kWh].
    kwh_needed_per_mtok : array
        Energy per million tokens at which the tariff gap alone makes up the price gap [kWh].
    effects : TariffEffects
        By what factor the gap between the tariffs moves cost, in five ways to count [ratio].
    shares_of_gap : mapping
        Way to count to the dollars that it adds, over the gap of prices [ratio].
    parts : mapping
        Factor to part of the log spread [log ratio], arrays.
    """

    electricity_share_cn: Any
    electricity_share_us: Any
    share_of_log_spread: Any
    spread_if_free: Any
    spread_if_free_dollars: Any
    tariff_needed_usd_per_kwh: Any
    kwh_needed_per_mtok: Any
    effects: TariffEffects
    shares_of_gap: Mapping[str, Any]
    parts: Mapping[str, Any]


OUTPUTS = tuple(n for n in ExplainedSpread._fields if n not in {"effects", "shares_of_gap", "parts"})
"""Those that are one array each."""


def explained_spread(scenario: Scenario, grid: str, draws: Mapping[str, Any]) -> ExplainedSpread:
    """Return what follows from draws of the uncertain inputs, arrays of one length.

    Notes
    -----
    For a claimed spread R, a cheap price p, and cost c and electricity e of the cheap (1) and expensive side
    (2): ``spread_if_free`` = R (1 - e2 / c2) / (1 - e1 / c1), ``spread_if_free_dollars`` =
    (R p - e2) / (p - e1).
    """
    spread = scenario.root.api_spread_claim.value
    cheap = mix_cost_inputs(scenario, draws, side_of(grid), grid)
    dear = mix_cost_inputs(scenario, draws, US, "US")
    shared = {argument: draws[name] for argument, name in SHARED.items()}
    # costs of both sides, and how the ratio of prices splits over what differs between them
    of_cheap, of_dear = (_mix_cost(draws[MIX], **side, **shared) for side in (cheap, dear))
    parts = explain_log_ratio(
        cheap=cheap,
        dear=dear,
        groups=GROUPS,
        cost=lambda inputs: _mix_cost(draws[MIX], **inputs, **shared).total,
        price_ratio=spread,
    )
    # the cheap list price of the mix, and by what the expensive one is said to exceed it
    price_usd = list_price(draws, "cn")
    price_gap_usd = price_usd * (spread - 1.0)
    share_cn, share_us = (side.electricity / side.total for side in (of_cheap, of_dear))
    tariff_cn, tariff_us = cheap["tariff_usd_per_kwh"], dear["tariff_usd_per_kwh"]
    costs = {"cheap": of_cheap, "dear": of_dear, "tariff_ratio": tariff_us / tariff_cn}
    return ExplainedSpread(
        electricity_share_cn=share_cn,
        electricity_share_us=share_us,
        share_of_log_spread=parts["tariff"] / np.log(spread),
        spread_if_free=spread * (1.0 - share_us) / (1.0 - share_cn),
        spread_if_free_dollars=(price_usd * spread - of_dear.electricity)
        / (price_usd - of_cheap.electricity),
        tariff_needed_usd_per_kwh=tariff_for_ratio(
            ratio=spread,
            cost_usd=of_cheap.total,
            energy_kwh=of_cheap.electricity / tariff_cn,
            tariff_usd_per_kwh=tariff_cn,
        ),
        kwh_needed_per_mtok=kwh_per_usd_gap(
            price_gap_usd=price_gap_usd, tariff_gap_usd_per_kwh=tariff_us - tariff_cn
        ),
        effects=tariff_effects(all_orders=np.exp(parts["tariff"]), **costs),
        shares_of_gap={name: usd / price_gap_usd for name, usd in added_usd(**costs).items()},
        parts=parts,
    )


def list_price(draws: Mapping[str, Any], country: str) -> Any:
    """Return the list price of the mix in a country, ``cn`` or ``us`` [USD/Mtok]."""
    return blended_price(
        input_price=draws[f"price_{country}_input"],
        output_price=draws[f"price_{country}_output"],
        input_tokens_per_output_token=draws[MIX],
    )


def _mix_cost(
    mix: Any, *, input_share: TokenShare, output_share: TokenShare, **costs: Any
) -> gpu_hour.GpuHourCost:
    """Return the cost of a million tokens, `mix` input tokens to each output token, part by part [USD]."""
    input_tokens, output_tokens = (count * TOKENS_PER_MTOK / (mix + 1.0) for count in (mix, 1.0))
    of_input = token_cost_of(input_share, tokens=input_tokens, **costs)
    of_output = token_cost_of(output_share, tokens=output_tokens, **costs)
    return gpu_hour.GpuHourCost(*map(sum, zip(of_input, of_output, strict=True)))


def explained_spread_at_values(scenario: Scenario, grid: str) -> ExplainedSpread:
    """Return what is explained with every input at its value; arrays of one entry."""
    return explained_spread(scenario, grid, at_values(uncertain_inputs(scenario, grid).uncertain))


def at_values(uncertain: Mapping[str, Uncertain], length: int = 1) -> dict[str, Any]:
    """Return draws with every input at its value, arrays of one length."""
    return {name: np.full(length, entry.value) for name, entry in uncertain.items()}


def quantiles_of(inputs: Inputs, model: Model, draws: int) -> pd.DataFrame:
    """Return 5, 50 and 95 % quantiles of every output of a model, indexed by ``output``; noise as zero."""
    sketches = monte_carlo(inputs, model, draws=draws, **MONTE_CARLO)
    table = pd.DataFrame(
        {
            end: {name: sketch.quantile(share) for name, sketch in sketches.items()}
            for end, share in QUANTILES.items()
        }
    )
    return table.where(table.abs() > NOISE, 0.0).rename_axis("output")


def output_quantiles(
    scenario: Scenario, grid: str, draws: int, correlation: float | None = None
) -> pd.DataFrame:
    """Return 5, 50 and 95 % quantiles of every output and of every part of the log spread.

    Parameters
    ----------
    scenario : Scenario
        Whose inputs are drawn: those of cost, the mix of tokens, and the list prices.
    grid : str
        The Chinese one.
    draws : int
        How many.
    correlation : float, optional
        Between inputs that share a factor [ratio], in place of that of their rows.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``output``: ``p5``, ``p50``, ``p95``, ``grade``; ways to count the effect of the tariffs as
        ``effect: <name>``; parts of the log spread as ``part: <factor>``, over the logarithm of the claimed
        spread [ratio]. Infinite where no energy is enough.
    """
    log_spread = np.log(scenario.root.api_spread_claim.value)

    def outputs(drawn: Mapping[str, Any]) -> dict[str, Any]:
        found = explained_spread(scenario, grid, drawn)
        finite = found._replace(kwh_needed_per_mtok=np.minimum(found.kwh_needed_per_mtok, BEYOND_ANY))
        effects = {f"effect: {name}": np.log(effect) for name, effect in found.effects._asdict().items()}
        gaps = {f"of the price gap: {name}": share for name, share in found.shares_of_gap.items()}
        parts = {f"part: {name}": part / log_spread for name, part in found.parts.items()}
        return {name: getattr(finite, name) for name in OUTPUTS} | effects | gaps | parts

    inputs = uncertain_inputs(scenario, grid)
    table = quantiles_of(inputs if correlation is None else inputs.correlated(correlation), outputs, draws)
    # logarithms have quantiles with more digits than factors near one
    factors = table.filter(like="effect: ", axis="index")
    table.loc[factors.index] = np.exp(factors)
    table = table.mask(table > BEYOND_ANY / 2.0, np.inf)
    return table.assign(grade=[output_grade(scenario, grid, output) for output in table.index])


def headlines(quantiles: pd.DataFrame, definitions: pd.DataFrame) -> dict[str, Headline]:
    """Return the headline values, each with its 5 and 95 %.

    Parameters
    ----------
    quantiles : pandas.DataFrame
        From `output_quantiles`.
    definitions : pandas.DataFrame
        From `tables.tariff_effect.tariff_effect_definitions`: the least and the greatest median over classes
        and grids, with the least 5 and the greatest 95 % of all of them.
    """
    factors, of_cash = (definitions.xs(way, level="definition") for way in ("all_orders", "cash"))
    middles = {
        "tariff_factor_lowest": (factors, factors["factor"].min()),
        "tariff_factor_highest": (factors, factors["factor"].max()),
        "cash_cost_factor_highest": (of_cash, of_cash["factor"].max()),
    }
    found = headlines_at_grid(quantiles)
    for key, (table, middle) in middles.items():
        span = Range(table["factor_low"].min(), middle, table["factor_high"].max())
        found[key] = Headline.ranged(span, "ratio", worst_grade(table["grade"]))
    return found


def headlines_at_grid(quantiles: pd.DataFrame) -> dict[str, Headline]:
    """Return the headline values that `output_quantiles` of one grid give."""
    keys = {
        "tariff_factor": ("effect: all_orders", "ratio"),
        "cash_cost_factor": ("effect: cash", "ratio"),
        "electricity_alone_factor": ("effect: electricity", "ratio"),
        "electricity_share_of_cost_cn": ("electricity_share_cn", "share"),
        "electricity_share_of_cost_us": ("electricity_share_us", "share"),
        "electricity_share_of_log_spread": ("share_of_log_spread", "share"),
        "spread_if_electricity_free": ("spread_if_free", "ratio"),
        "tariff_needed_usd_per_kwh": ("tariff_needed_usd_per_kwh", "USD/kWh"),
    }
    ends = dict(zip(QUANTILES, Range._fields, strict=True))
    return headlines_of_rows(quantiles.rename(columns=ends), keys)


def log_spread_parts(scenario: Scenario, grid: str, quantiles: pd.DataFrame) -> pd.DataFrame:
    """Return the parts of the log spread by factor: medians and ends from `output_quantiles`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``part``: ``factor`` that it multiplies the ratio by [ratio], ``share_of_log_spread`` with
        its 5 and 95 %, ``share_low`` and ``share_high``; and ``share_at_central_values``, of which the sum is
        one (that of medians need not be).
    """
    found = explained_spread_at_values(scenario, grid).parts
    log_spread = np.log(scenario.root.api_spread_claim.value)
    central = pd.Series({name: part[0] for name, part in found.items()}).rename_axis("part") / log_spread
    shares = quantiles.loc["part: " + central.index].set_axis(central.index)
    return pd.DataFrame(
        {
            "factor": np.exp(shares["p50"] * log_spread),
            "share_of_log_spread": shares["p50"],
            "share_low": shares["p5"],
            "share_high": shares["p95"],
            "share_at_central_values": central,
        }
    )


def log_spread_shares_by_flagship_size(
    scenario: Scenario, grid: str, active_b: tuple[float, ...]
) -> pd.DataFrame:
    """Return shares of the log spread by the flagship's active parameters, all else at its central value."""
    draws = at_values(uncertain_inputs(scenario, grid).uncertain, len(active_b))
    draws["closed_model_active"] = np.array(active_b)
    found = explained_spread(scenario, grid, draws)
    log_spread = np.log(scenario.root.api_spread_claim.value)
    table = {name: part / log_spread for name, part in found.parts.items()}
    table["electricity_share_us"] = found.electricity_share_us
    return pd.DataFrame(table, index=pd.Index(active_b, name="active parameters [billions]"))
