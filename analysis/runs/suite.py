"""The notebooks of the suite: what each takes and what it delivers.

The parameters cell of a notebook and its model here agree; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from analysis.runs.outputs import FIGURE_FORMATS, HEADLINES, TABLES

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
"""Of a model of parameters: unknown names are wrong, and so is the text of a number."""


class Parameters(BaseModel):
    """Parameters that every notebook takes."""

    model_config = STRICT

    scenario: str = Field("article", description="name of a scenario, or path of a .yaml file")
    currency: Literal["CNY", "USD"] = Field("CNY", description="currency of the tables and figures")
    output_dir: str = Field("build/notebooks", min_length=1, description="folder for the results")
    overrides: dict[str, Any] = Field({}, description="assumptions replaced by name")


class ApiSpread(Parameters):
    """Parameters of 02-api-spread."""

    cached_share: float = Field(0.0, ge=0, le=1, description="[1] share of input tokens read from cache")


class GpuOffset(Parameters):
    """Parameters of 03-gpu-offset."""

    horizon_years: int = Field(5, ge=1, le=40, description="[years] over which savings run")
    discount_rate: float = Field(0.08, ge=0, le=1, description="[1/year] cost of capital")


class ClaimsLedger(Parameters):
    """Parameters of 07-claims-ledger."""

    topic: str = Field("", description="show this topic alone; empty shows all")


class ExplainedShare(Parameters):
    """Parameters of 10-explained-share."""

    grid: Literal["hub", "average"] = Field("hub", description="Chinese grid: hub or average")
    draws: int = Field(16384, ge=256, le=100_000_000, description="of the Monte Carlo")


class Overview(ApiSpread, GpuOffset):
    """Parameters of 00-overview."""


@dataclass(frozen=True)
class Notebook:
    """A notebook of the suite: its parameters and the results that it must deliver."""

    name: str
    title: str
    parameters: type[Parameters]
    figures: tuple[str, ...]
    tables: tuple[str, ...]
    headlines: tuple[str, ...]

    @property
    def delivers(self) -> tuple[str, ...]:
        """The files that it must write, relative to its output folder."""
        figures = [f"{name}.{suffix}" for name in self.figures for suffix in FIGURE_FORMATS]
        tables = [f"{TABLES}/{name}.csv" for name in self.tables]
        return (*figures, *tables, *([HEADLINES] if self.headlines else []))


SUITE: dict[str, Notebook] = {}
"""The notebooks by name, in the order in which they are run and read."""


def _add(
    name: str, title: str, parameters: type[Parameters], *, figures: str, tables: str, headlines: str = ""
) -> None:
    """Add a notebook to the suite; the names of its results are separated by blanks."""
    delivers = (tuple(names.split()) for names in (figures, tables, headlines))
    SUITE[name] = Notebook(name, title, parameters, *delivers)


_add(
    "00-overview",
    "The results at a glance",
    Overview,
    figures="overview-answer overview-price-gap overview-api-spread overview-gpu-offset overview-claims",
    tables="overview-headlines overview-claims",
)
_add(
    "01-price-gap",
    "Electricity prices, like against like",
    Parameters,
    figures="price-gap price-ratios price-parts price-history",
    tables="""
        price-tariffs price-ratio-matrix price-evidence price-evidence-ratios price-verdicts
        price-independent price-us-states price-europe-bands price-china-grids price-history
    """,
    headlines="tariff_ratio_us_to_cn_average tariff_ratio_us_to_hub tariff_ratio_widest",
)
_add(
    "02-api-spread",
    "Token list prices, every pair",
    ApiSpread,
    figures="api-spread-matrix api-spread-ranked",
    tables="api-claimed-pairings api-prices api-ranked-pairs api-gpt-4o",
    headlines="api_spread_input_max api_spread_input_min api_spread_output_max api_spread_output_min",
)
_add(
    "03-gpu-offset",
    "What a saved electricity bill pays of the GPUs",
    GpuOffset,
    figures="gpu-offset-heatmap gpu-offset-savings gpu-offset-shares",
    tables="gpu-offset-pairs gpu-offset-savings gpu-accelerator-prices gpu-electricity-shares",
    headlines="""
        gpu_offset_savings_cny gpu_offset_implied_purchase_cny gpu_offset_implied_load_mw
        gpu_offset_electricity_share_cn gpu_offset_electricity_share_us
    """,
)
_add(
    "04-electricity-to-token",
    "From kWh per 100 tokens to measured joules a token",
    Parameters,
    figures="energy-ladder energy-training energy-cost-bounds",
    tables="energy-ladder energy-training energy-cost-bounds energy-contradictions",
    headlines="""
        kwh_per_mtok_article_low kwh_per_mtok_article_high kwh_per_mtok_measured_median
        energy_claim_ratio max_cost_ratio_from_tariff
    """,
)
_add(
    "05-generation-history",
    "Generation and capacity from 1949, and the dated claims",
    Parameters,
    figures="history-generation history-world-share history-capacity history-wind-solar",
    tables="history-generation history-capacity history-claims",
)
_add(
    "06-token-share",
    "What each denominator gives",
    Parameters,
    figures="token-denominators token-weekly",
    tables="token-denominators token-weekly token-billing token-claims",
)
_add(
    "07-claims-ledger",
    "Every claim of the article, audited",
    ClaimsLedger,
    figures="claims-over-evidence claims-verdicts",
    tables="claims-ledger claims-counts",
    headlines="""
        claims_total claims_holds claims_holds_within_rounding claims_overstated claims_understated
        claims_false claims_misattributed claims_unsupported claims_undefined
    """,
)
_add(
    "08-energy-model",
    "Energy per token, predicted and measured",
    Parameters,
    figures="energy-model-scatter energy-model-residuals energy-model-errors energy-model-batch",
    tables="energy_validation energy_residuals energy_coefficients energy_deepseek_day",
    headlines="""
        energy_lofo_mdape energy_lofo_within_2x energy_lomo_mdape energy_interval_coverage
        ecologits_mdape_same_rows
    """,
)
_add(
    "09-cost-stack",
    "What a token costs, part by part",
    Parameters,
    figures="cost-stack cost-electricity-share",
    tables="cost_stack cost_published_checks",
)
_add(
    "10-explained-share",
    "How much of the spread is electricity",
    ExplainedShare,
    figures="explained-parts explained-needed explained-tornado explained-sobol",
    tables="explained_parts explained_distribution explained_sizes explained_tornado explained_sobol",
    headlines="""
        electricity_share_of_cost_cn electricity_share_of_cost_us electricity_share_of_log_spread
        spread_if_electricity_free tariff_needed_usd_per_kwh
    """,
)
_add(
    "11-same-weights",
    "The same weights on different grids",
    Parameters,
    figures="same-weights-ratios same-weights-specifications same-weights-within-company",
    tables="same_weights_ratios same_weights_specifications same_weights_within_company same_weights_tariffs",
    headlines="same_weights_price_ratio_median tariff_elasticity",
)
