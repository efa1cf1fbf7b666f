"""One run: what is asked for, what travels to where it is executed, what comes back, and how it ended."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis.inputs import paths
from analysis.inputs.errors import ParameterError
from analysis.inputs.scenario import is_file_reference
from analysis.runs.kernels.kernel import INLINE
from analysis.runs.kernels.workspace import private_homes, workspace
from analysis.runs.suite import Parameters, validated
from analysis.runs.template import OUTPUT_PARAMETER, Template, finds_elsewhere


def settings_of_figures(backend: str) -> dict[str, str]:
    """Return the environment variables of a process whose figures shall not depend on the user's settings."""
    homes = private_homes() | {"XDG_CONFIG_HOME": str(workspace() / "XDG_CONFIG_HOME")}
    look = str(paths.PACKAGE / "figures" / "house.mplstyle")
    return {**homes, "MATPLOTLIBRC": look, "MPLBACKEND": backend}


@dataclass(frozen=True)
class Limits:
    """What one run may take, and how its kernel starts.

    Attributes
    ----------
    timeout_seconds : float
        Time for all its cells together [s].
    memory_gb : float
        Address space of its kernel [GiB]; 0 is no limit.
    cold : bool
        Start each kernel in the ordinary way.
    cell_timeout_seconds : float
        Time for each of its cells [s]; 0 is no limit.
    retries : int
        How often a run that fails is run again, each time in a kernel of its own.
    """

    timeout_seconds: float = 600.0
    memory_gb: float = 0.0
    cold: bool = False
    cell_timeout_seconds: float = 0.0
    retries: int = 0


@dataclass(frozen=True)
class Task:
    """One run, ready to travel.

    Attributes
    ----------
    source : str
        The notebook as JSON.
    parameters : dict
        Its parameters, checked, without the folder for results.
    delivers : tuple of str
        Files that it must write.
    quiet : bool
        Whether anything on stderr is a failure.
    shown_folder : str
        The folder that its executed notebook shall show as the one for results; empty where it takes none.
    home : str
        Current folder of its kernel; where empty, or not there, it gets an empty one of its own.
    limits : Limits
        What it may take.
    batch : str
        Random name of its batch, by which ``kill_all`` finds it.
    inputs : dict
        Content of the files that parameters name, by path.
    project : str
        Folder with package and data to use instead of those of the process that executes it; empty for these.
    kernel : str
        Name of its kernel, where it is not that of this environment.
    """

    source: str
    parameters: dict[str, Any]
    delivers: tuple[str, ...]
    quiet: bool
    shown_folder: str
    home: str
    limits: Limits
    batch: str
    inputs: dict[str, bytes] = field(default_factory=dict)
    project: str = ""
    kernel: str = ""

    @property
    def kernel_traits(self) -> dict[str, Any]:
        """How its kernel starts: traits of `WarmProvisioner`.

        A notebook of the suite gets this package, and nothing of the user's decides how its results look. Any
        other gets what it would have without us: it sees no module of this package, and where it changes
        where modules are found, it imports all that it needs itself.
        """
        if self.kernel:
            return {"cold": True}
        given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        path = [str(Path(folder).absolute()) for folder in given if folder]
        if self.project or not self.home:
            path.insert(0, self.project or str(paths.PACKAGE.parent))
        settings = {"PYTHONPATH": os.pathsep.join(path)} if path else {}
        cold = self.limits.cold or bool(self.project)
        if self.home:
            return {"settings": settings, "cold": cold or finds_elsewhere(self.source, Path(self.home))}
        return {"preload": [*PRELOAD], "settings": settings_of_figures(INLINE) | settings, "cold": cold}


@dataclass(frozen=True)
class Delivery:
    """What a run gave: an empty error means success.

    Attributes
    ----------
    seconds : float
        How long it took [s].
    notebook : str
        The executed notebook as JSON, as far as it got.
    files : dict
        What it wrote, by name relative to its folder.
    read : tuple of str
        The files that it read; those of the project relative to it.
    written : tuple of str
        The files outside its own folders that it wrote, or used while something else changed them.
    error : str
        What went wrong.
    cell : int or None
        The failing cell of the executed notebook, counted from 1.
    """

    seconds: float = 0.0
    notebook: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    error: str = ""
    cell: int | None = None


@dataclass(frozen=True, eq=False)
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
    problems : tuple of str
        What was wrong with them already then; such a run is never executed.
    """

    template: Template
    group: str
    parameters: dict[str, Any]
    results: Path
    executed: Path
    shown: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def notebook(self) -> str:
        """Name of the notebook."""
        return self.template.name

    @property
    def scenario(self) -> str:
        """Name or file of the scenario of a run of the suite."""
        return str(self.parameters.get("scenario", Parameters.model_fields["scenario"].default))

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

    @property
    def failed_report(self) -> Path:
        """Where a report of that goes, to be read in a browser."""
        return self.failed_notebook.with_suffix(".html")

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that it is known to write into."""
        delivered = ((self.results / name).parent for name in self.template.delivers)
        return tuple(dict.fromkeys((self.results, self.executed, *delivered)))

    @property
    def given(self) -> str:
        """The parameters as they were asked for, in one line."""
        return ", ".join(f"{name}={value!s:.30}" for name, value in self.shown.items())

    def validate(self) -> None:
        """Check the parameters as the notebook will.

        Raises
        ------
        ParameterError
            If the model of the notebook refuses them, they hold the folder for the results, or the kernel of
            the notebook is not installed.
        """
        where = f"{self.notebook} with {self.given:.120}" if self.given else self.label
        if OUTPUT_PARAMETER in self.parameters:
            raise ParameterError(f"{where}: {OUTPUT_PARAMETER} is set by --out, not here")
        if self.template.kernel:
            _check_kernel(self.template.kernel, self.notebook)
        validated(self.template.model, self.parameters, where)

    def task(self, limits: Limits, batch: str) -> Task:
        """Return what is to be executed, with the content of a scenario file that it names."""
        is_file = self.template.in_suite and is_file_reference(self.scenario)
        return Task(
            source=self.template.source,
            parameters=self.parameters,
            delivers=self.template.delivers,
            quiet=self.template.in_suite,
            shown_folder=self._shown_folder() if self.template.takes_folder else "",
            home=self.template.home,
            limits=limits,
            batch=batch,
            inputs={self.scenario: Path(self.scenario).read_bytes()} if is_file else {},
            kernel=self.template.kernel,
        )

    def _shown_folder(self) -> str:
        """Return the folder that the executed notebook shows: the default one for committed results."""
        if paths.is_in_figures(self.results):
            return str(self.template.model.model_fields[OUTPUT_PARAMETER].default)
        return str(self.results)


@lru_cache(maxsize=1)
def _check_kernel(name: str, notebook: str) -> None:
    """Check that a kernel is installed and speaks Python."""
    from jupyter_client.kernelspec import find_kernel_specs

    from analysis.runs.kernels.provisioner import spec_of  # they take a while to import

    try:
        language = spec_of(name).language
    except Exception:  # it is not there, or its specification is broken
        known = ", ".join(sorted(find_kernel_specs()))
        raise ParameterError(
            f"{notebook}: its kernel {name!r:.80} is not installed; those are: {known:.200}; install it, or "
            "name another one (kernel: python3 in a sweep file is that of this environment)"
        ) from None
    if language.lower() != "python":
        raise ParameterError(f"{notebook}: its kernel is in {language!s:.40}; only Python can be run")


PRELOAD = ("scipy.stats", "analysis.runs.session:warm_up")
"""What the process that forks kernels imports besides the libraries, or calls; as in ``kernel.json``."""
OK, AS_WAS, FAILED, NOT_RUN = "ok", "as was", "FAILED", "not run"


@dataclass(frozen=True)
class Outcome:
    """How a run ended: ok, as was (nothing had changed, so it was not run), FAILED, or not run.

    It took so many tries; the seconds are those of the last. A note says which of the files that it has
    written outside its own folders it shared with other runs of its batch.
    """

    run: Run
    status: str
    seconds: float = 0.0
    error: str = ""
    cell: int | None = None
    note: str = ""
    tries: int = 1
    written: tuple[str, ...] = ()
