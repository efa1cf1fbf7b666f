"""Find out how much of the price of an AI token is electricity.

The public face of the package. Importing it loads nothing heavy: each name
below is fetched from its module at first use.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_NAMES = {
    "begin": "analysis.runs.session",
    "predict_energy": "analysis.model.predict",
    "estimate": "analysis.tables.estimate",
    "gpu_hour_cost": "analysis.model.gpu_hour",
    "token_cost": "analysis.model.token_cost",
    "load_scenario": "analysis.inputs.scenario",
    "scenario_names": "analysis.inputs.scenario",
}
_MODULES = {
    "claims": "analysis.claims",
    "datasets": "analysis.inputs.datasets",
    "figures": "analysis.figures",
    "model": "analysis.model",
    "money": "analysis.inputs.money",
    "tables": "analysis.tables",
    "units": "analysis.inputs.units",
}

__all__ = sorted([*_NAMES, *_MODULES])


def __getattr__(name: str) -> Any:
    """Fetch a public name at first use (PEP 562)."""
    if name in _NAMES:
        return getattr(import_module(_NAMES[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
