"""One function a figure: a table in, a matplotlib Figure out, no reading and no writing."""

from analysis.figures.api_spread import spread_matrix, spread_ranked, spread_strip
from analysis.figures.gpu_offset import electricity_shares, offset_heatmap, savings_over_time
from analysis.figures.price_gap import delivered_parts, price_gap, price_history, price_ratios
from analysis.figures.style import apply_style

__all__ = [
    "apply_style",
    "delivered_parts",
    "electricity_shares",
    "offset_heatmap",
    "price_gap",
    "price_history",
    "price_ratios",
    "savings_over_time",
    "spread_matrix",
    "spread_ranked",
    "spread_strip",
]
