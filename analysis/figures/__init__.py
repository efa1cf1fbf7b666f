"""One function a figure: a table in, a matplotlib Figure out, no reading and no writing."""

# ruff: noqa: F401 - every chart is there as figures.<name>

from analysis.figures.api_spread import spread_ranked, spread_strip
from analysis.figures.claims_ledger import claims_over_evidence, verdict_counts
from analysis.figures.cost_by_place import cost_by_place
from analysis.figures.cost_stack import cost_waterfalls, electricity_in_cost, share_steps
from analysis.figures.electricity_to_token import (
    cost_ratio_bounds,
    energy_ladder,
    token_denominators,
    training_energy,
    weekly_tokens,
)
from analysis.figures.energy_model import (
    energy_by_batch,
    error_distributions,
    measured_against_predicted,
    residuals_by_group,
)
from analysis.figures.explained_share import (
    needed_energy,
    sobol_bars,
    spread_parts,
    spread_without_electricity,
    tariff_effect_factors,
    tornado,
)
from analysis.figures.generation_history import (
    capacity_history,
    capacity_ratios,
    generation_history,
    world_share,
)
from analysis.figures.gpu_offset import electricity_shares, offset_heatmap, savings_over_time
from analysis.figures.price_gap import delivered_parts, price_gap, price_history, price_ratios
from analysis.figures.price_over_time import moves_beside_tariffs, spread_over_time
from analysis.figures.same_weights import (
    measured_and_predicted,
    price_ratios_by_vendor,
    ratios_by_month,
    specification_curve,
)
from analysis.figures.strongest_case import strongest_channels
from analysis.figures.style import apply_style
