"""What a notebook works with: its checked parameters, its scenario, and where its results go."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.style import apply_style
from analysis.inputs import datasets, paths, rules
from analysis.inputs.errors import DataError, ParameterError, ScenarioError
from analysis.inputs.money import check_convertible
from analysis.inputs.packs import load_claims
from analysis.inputs.scenario import Scenario, load_scenario, scenario_names
from analysis.runs import outputs
from analysis.runs.modified import changes
from analysis.runs.suite import SUITE, Parameters, validated
from analysis.tables.headline import Headline

WITHOUT_DECIMALS = 1000.0
"""Shown numbers from here on are rounded to whole ones."""
_SHOWN_WHOLE = {"max_columns": None, "max_rows": 200, "max_colwidth": None, "width": 200}
"""How pandas shows tables in notebooks."""


class Session:
    """One run of one notebook.

    Attributes
    ----------
    parameters : Parameters
        The checked parameters.
    scenario : Scenario
        The scenario, overrides applied.
    claims : Scenario
        The scenario at the start of the chain of ``extends``: whose figures are audited. Overrides do not
        touch it.
    currency : str
        Currency of the tables and figures.
    modified : str
        What was changed, in one line; empty for a result of the project.
    """

    def __init__(self, notebook: str, parameters: Parameters) -> None:
        self.notebook = SUITE[notebook]
        self.parameters = parameters
        self.scenario: Scenario = load_scenario(parameters.scenario, parameters.overrides)
        check_convertible(self.scenario)
        root = self.scenario.root
        self.claims = load_scenario(root.name) if root.name in scenario_names() else root
        self.currency: str = parameters.currency
        self.modified: str = changes(parameters, self.scenario)
        self.folder: Path = paths.resolve_output(parameters.output_dir)
        if paths.is_in_project_room(self.folder):
            raise ParameterError(f"output_dir: {parameters.output_dir} is a folder of the project itself")
        if paths.is_in_figures(self.folder):
            raise ParameterError("output_dir: figures/ is written by kwh2token run; choose another folder")

    def say(self, text: str) -> None:
        """Show a sentence whose numbers were formatted from results."""
        from IPython.display import Markdown, display

        display(Markdown(text))

    def show(self, table: pd.DataFrame, digits: int = 3, columns: list[str] | None = None) -> pd.DataFrame:
        """Return a table for reading: chosen columns, fixed decimals, blanks where nothing is known."""
        chosen = table if columns is None else table[columns]
        return chosen.map(lambda entry: _readable(entry, digits))

    def deliver(
        self,
        *,
        figures: Mapping[str, Figure],
        tables: Mapping[str, pd.DataFrame],
        headlines: Mapping[str, Headline] | None = None,
    ) -> None:
        """Write the results that this notebook declares into its output folder.

        Raises
        ------
        ValueError
            If what is given is not exactly what the notebook declares.
        """
        given = {"figures": figures, "tables": tables, "headlines": headlines or {}}
        for kind, results in given.items():
            odd = set(results) - set(self.notebook.optional) ^ set(getattr(self.notebook, kind))
            if odd:
                names = ", ".join(sorted(odd))
                raise ValueError(f"{self.notebook.name} delivers other {kind} than it declares: {names}")
        for name, figure in figures.items():
            outputs.save_figure(self.folder, name, figure)
        for name, table in tables.items():
            marked = table.assign(modified=self.modified) if self.modified else table
            outputs.save_table(self.folder, name, marked)
        if headlines:
            outputs.save_headlines(self.folder, headlines, self.notebook.name, self.modified)


def _readable(entry: Any, digits: int) -> Any:
    if entry is None or entry is pd.NA or entry != entry:
        return ""
    if not isinstance(entry, float):
        return entry
    text = f"{entry:,.{0 if abs(entry) >= WITHOUT_DECIMALS else digits}f}"
    return text.lstrip("-") if set(text) <= set("-0.") else text  # what rounds to zero has no sign


def begin(notebook: str, namespace: Mapping[str, Any] | None = None, /, **parameters: Any) -> Session:
    """Check a notebook's parameters and return the session to work with.

    Parameters
    ----------
    notebook : str
        Name of the notebook, such as ``01-price-gap``.
    namespace : mapping, optional
        Where its parameters are found among other names: the notebook's ``globals()``.
    **parameters
        Single parameters; without a namespace, what is not given has its default.

    Raises
    ------
    ParameterError, ScenarioError
        If a parameter or the scenario cannot be used, or the namespace lacks a parameter.
    """
    if notebook not in SUITE:
        raise ParameterError(f"unknown notebook {notebook!r}; known: {', '.join(SUITE)}")
    model = SUITE[notebook].parameters
    if namespace is not None:
        parameters = {name: namespace[name] for name in model.model_fields if name in namespace} | parameters
        missing = [name for name in model.model_fields if name not in parameters]
        if missing:
            raise ParameterError(f"{notebook}: missing: {', '.join(missing)}")
    session = Session(notebook, validated(model, parameters, notebook))
    apply_style(f"Modified. {session.modified}" if session.modified else "")
    for option, value in _SHOWN_WHOLE.items():
        pd.set_option(f"display.{option}", value)
    if session.modified:
        session.say(f"**Modified**, no result of the project. {session.modified}.")
    return session


def warm_up() -> None:
    """Read the data, the scenarios and the exchange rates, so that what is forked from here has them.

    What is wrong with them is told where it is used.
    """
    with contextlib.suppress(DataError, ScenarioError):
        for table in rules.load_columns()["table"].unique():
            datasets.load_table(table)
        for load in (load_claims, datasets.load_quotes, datasets.load_host_tariffs):
            load()
        for name in scenario_names():
            check_convertible(load_scenario(name))
