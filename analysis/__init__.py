"""Find out how much of the price of an AI token is electricity.

The public face of the package. Importing it loads nothing heavy: each name
below is fetched from its module at first use.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "begin": "analysis.session",
    "predict_energy": "analysis.estimate",
    "gpu_hour_cost": "analysis.model.cost",
    "token_cost": "analysis.pricing",
    "load_scenario": "analysis.scenario",
    "scenario_names": "analysis.scenario",
    "claims": None,
    "datasets": None,
    "figures": None,
    "model": None,
    "money": None,
    "tables": None,
    "units": None,
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    """Fetch a public name at first use (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    home = _PUBLIC[name]
    return import_module(f"analysis.{name}") if home is None else getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
