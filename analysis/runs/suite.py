"""The notebooks of the suite: what each takes, and what it delivers (``suite.yaml``).

The parameters cell of a notebook and its model here agree; a test compares them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from analysis.inputs.files import read_mapping
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


_OWN_PARAMETERS: dict[str, type[Parameters]] = {
    "00-overview": Overview,
    "02-api-spread": ApiSpread,
    "03-gpu-offset": GpuOffset,
    "07-claims-ledger": ClaimsLedger,
    "10-explained-share": ExplainedShare,
}


class Notebook(BaseModel):
    """A notebook of the suite: its parameters and the results that it must deliver."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    parameters: type[Parameters]
    figures: tuple[str, ...]
    tables: tuple[str, ...]
    headlines: tuple[str, ...] = ()

    @property
    def delivers(self) -> tuple[str, ...]:
        """The files that it must write, relative to its output folder."""
        figures = [f"{name}.{suffix}" for name in self.figures for suffix in FIGURE_FORMATS]
        tables = [f"{TABLES}/{name}.csv" for name in self.tables]
        return (*figures, *tables, *([HEADLINES] if self.headlines else []))


SUITE = {
    name: Notebook(name=name, parameters=_OWN_PARAMETERS.get(name, Parameters), **entry)
    for name, entry in read_mapping(Path(__file__).with_name("suite.yaml"), "suite").items()
}
"""The notebooks by name, in the order in which they are run and read."""
