"""One function a figure: a table in, a matplotlib Figure out, no reading and no writing."""

from analysis.figures.api_spread import spread_matrix, spread_ranked, spread_strip
from analysis.figures.claims_ledger import claims_over_evidence, verdict_counts
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
    answer_at_a_glance,
    cost_waterfalls,
    electricity_in_cost,
    needed_energy,
    sobol_bars,
    spread_parts,
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
from analysis.figures.same_weights import price_ratios_by_vendor, specification_curve, within_company_prices
from analysis.figures.style import apply_style

__all__ = [
    "answer_at_a_glance",
    "apply_style",
    "capacity_history",
    "capacity_ratios",
    "claims_over_evidence",
    "cost_ratio_bounds",
    "cost_waterfalls",
    "delivered_parts",
    "electricity_in_cost",
    "electricity_shares",
    "energy_by_batch",
    "energy_ladder",
    "error_distributions",
    "generation_history",
    "measured_against_predicted",
    "needed_energy",
    "offset_heatmap",
    "price_gap",
    "price_history",
    "price_ratios",
    "price_ratios_by_vendor",
    "residuals_by_group",
    "savings_over_time",
    "sobol_bars",
    "specification_curve",
    "spread_matrix",
    "spread_parts",
    "spread_ranked",
    "spread_strip",
    "token_denominators",
    "tornado",
    "training_energy",
    "verdict_counts",
    "weekly_tokens",
    "within_company_prices",
    "world_share",
]
