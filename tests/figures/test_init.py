"""The room's face: every chart is there as figures.<name>."""

import importlib
import inspect
import pkgutil

from matplotlib.figure import Figure

from analysis import figures


def test_every_chart_is_there_under_its_name() -> None:
    charts = {}
    for module in pkgutil.iter_modules(figures.__path__, "analysis.figures."):
        for name, found in vars(importlib.import_module(module.name)).items():
            if inspect.isfunction(found) and found.__annotations__.get("return") in {Figure, "Figure"}:
                charts[name] = found
    assert len(charts) >= 30
    assert {name: getattr(figures, name, None) for name in charts} == charts
