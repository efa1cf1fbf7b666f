"""One notebook with its parameters, and where its results go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis import paths
from analysis.batch.task import Delivery, Limits, Task
from analysis.notebook.parameters import ParameterError, validated
from analysis.notebook.template import FOLDER, Template
from analysis.scenario import is_file_reference


@dataclass(frozen=True)
class Run:
    """One notebook with its parameters, and the folders for its results and for the executed notebook.

    Attributes
    ----------
    template : Template
        The notebook.
    group : str
        What the run belongs to: its scenario, or the sweep's key of its parameters.
    parameters : dict
        What the notebook is given, without the folder for its results.
    results, executed : Path
        The folders.
    shown : dict
        The parameters as they were asked for.
    """

    template: Template
    group: str
    parameters: dict[str, Any]
    results: Path
    executed: Path
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def notebook(self) -> str:
        """Name of the notebook."""
        return self.template.name

    @property
    def label(self) -> str:
        """Name of the run in reports."""
        return f"{self.group}/{self.notebook}"

    @property
    def executed_notebook(self) -> Path:
        """Where the executed notebook goes."""
        return self.executed / f"{self.notebook}.ipynb"

    @property
    def failed_notebook(self) -> Path:
        """Where it goes when it failed, as far as it got."""
        return self.executed / f"{self.notebook}.failed.ipynb"

    def validate(self) -> None:
        """Check the parameters as the notebook will.

        Raises
        ------
        ParameterError
            If the model of the notebook refuses them, or they hold the folder for the results.
        """
        given = ", ".join(f"{name}={value!s:.30}" for name, value in self.shown.items())
        where = f"{self.notebook} with {given:.120}" if given else self.label
        if FOLDER in self.parameters:
            raise ParameterError(f"{where}: {FOLDER} is set by --out, not here")
        validated(self.template.model, self.parameters, where)

    def task(self, limits: Limits, batch: str) -> Task:
        """Return what is to be executed, with the content of a scenario file that it names."""
        scenario = str(self.parameters.get("scenario", ""))
        is_file = self.template.in_suite and is_file_reference(scenario)
        return Task(
            name=self.notebook,
            source=self.template.source,
            parameters=self.parameters,
            delivers=self.template.delivers,
            folder=self._lasting_folder() if self.template.takes_folder else "",
            home=self.template.home,
            limits=limits,
            batch=batch,
            inputs={scenario: Path(scenario).read_bytes()} if is_file else {},
        )

    def _lasting_folder(self) -> str:
        """Return the folder that the executed notebook names: for committed results its default."""
        if paths.is_in_figures(self.results):
            return str(self.template.model.model_fields[FOLDER].default)
        return str(self.results)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: ok, as was (nothing had changed, so it was not run), FAILED, or not run."""

    run: Run
    status: str
    seconds: float = 0.0
    error: str = ""
    cell: int | None = None

    @classmethod
    def of(cls, run: Run, delivery: Delivery) -> Outcome:
        """Return the outcome that a delivery means."""
        status = FAILED if delivery.error else OK
        return cls(run, status, delivery.seconds, delivery.error, delivery.cell)


OK, AS_WAS, FAILED, NOT_RUN = "ok", "as was", "FAILED", "not run"
