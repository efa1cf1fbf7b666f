"""The runs that a sweep file asks for: one notebook, many parameter sets.

::

    notebook: 03-gpu-offset        # of the suite, or the path of any notebook that papermill can parameterise
    grid:                          # every combination
      scenario: [article, audited]
      horizon_years: [3, 5, 8]
    runs:                          # and these
      - {horizon_years: 5, tariff_us: 1.2}
    collect: tables/x.csv          # what goes into the common table; by default headline values, or the first
    delivers: [tables/x.csv]       # for a notebook that is not of the suite: what it must write
    reads: [prices.csv]            # and what it reads
    kernel: python3                # the one of this environment, or the name of another, instead of its own

Paths count from the folder of the sweep file. The folder of a run is called by its values, such as
``runs/horizon_years=5,tariff_us=1.2``.
"""

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, Field

from analysis.inputs.entries import assumption_names
from analysis.inputs.errors import ParameterError, ScenarioError
from analysis.inputs.reading import read_mapping
from analysis.inputs.scenario import file_of, is_as_of, is_file_reference, reader_of, reference_of
from analysis.runs.manifest import is_of_another
from analysis.runs.outputs import HEADLINES
from analysis.runs.plan import counted_from, outside_project, unit_of
from analysis.runs.run import Run
from analysis.runs.suite import STRICT, defaults_of, parameters_and_problems, validated
from analysis.runs.template import OUTPUT_PARAMETER, Template, of_file, of_suite
from analysis.runs.writing import hash_of

_TABLES = (".csv", ".json", ".parquet")
_KEY_LENGTH = 16
_LONGEST_KEY = 100
_NAME = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_WORD = re.compile(r"\w([\w.+-]*\w)?", re.ASCII)
MOST_RUNS = 100_000


class _File(BaseModel):
    """What a sweep file may hold."""

    model_config = STRICT

    notebook: str
    grid: dict[str, Annotated[list[Any], Field(min_length=1)]] = {}
    runs: list[dict[str, Any]] = []
    collect: str = ""
    delivers: list[str] = []
    reads: list[str] = []
    kernel: str = ""

    @property
    def value_sets(self) -> list[dict[str, Any]]:
        """Return the parameter sets: every combination of the grid, then the runs.

        Raises
        ------
        ParameterError
            If there is none, or there are too many.
        """
        number = len(self.runs) + (math.prod(map(len, self.grid.values())) if self.grid else 0)
        if not number:
            raise ParameterError("it asks for no run; give a grid: or runs:")
        if number > MOST_RUNS:
            raise ParameterError(f"{number} runs; at most {MOST_RUNS} are possible")
        crossed = itertools.product(*self.grid.values()) if self.grid else ()
        return [*(dict(zip(self.grid, chosen, strict=True)) for chosen in crossed), *self.runs]


@dataclass(frozen=True)
class Sweep:
    """What a sweep file asks for.

    Attributes
    ----------
    runs : list of Run
        One for each parameter set.
    collects : str
        The deliverable whose rows go into the common table; empty where there is none.
    folder : Path
        Where the common table and its figure go.
    """

    runs: list[Run]
    collects: str
    folder: Path


def read_sweep(file: Path, out: Path | None = None) -> Sweep:
    """Return the sweep that a file asks for; `check_runs` has the last word on its values.

    Parameters
    ----------
    file : Path
        The sweep file.
    out : Path, optional
        Folder for the results; by default ``results/`` and the name of the file, below the current folder.

    Raises
    ------
    ParameterError
        If the file cannot be read or holds anything but what it may hold.
    """
    wished = str(out or Path("results") / file.stem)
    folder = outside_project(counted_from(Path.cwd(), wished, "--out "))
    try:
        wanted = validated(_File, read_mapping(file, "sweep"), file.name)
    except ScenarioError as error:
        raise ParameterError(str(error)) from None
    try:
        template = _template(wanted, file.parent)
        runs = list(_runs(template, wanted, file, folder))
        collects = _collected(wanted.collect and str(PurePosixPath(wanted.collect)), template)
    except (ParameterError, ScenarioError) as error:
        raise ParameterError(f"{file.name}: {error}") from None
    return Sweep([*{run.group: run for run in runs}.values()], collects, folder)


def _template(wanted: _File, base: Path) -> Template:
    name = wanted.notebook
    if name.endswith(".ipynb"):
        reads = [counted_from(base, read) for read in wanted.reads]
        return of_file(base / name, wanted.delivers, reads, wanted.kernel)
    template = of_suite(name)
    if wanted.delivers or wanted.reads or wanted.kernel:
        raise ParameterError(f"delivers:, reads:, kernel: what {name} delivers, reads and needs is known")
    return template


def _runs(template: Template, wanted: _File, file: Path, folder: Path) -> Iterator[Run]:
    """Yield the run of each parameter set, in a folder named by what the file says, wherever that lies."""
    sets = [(key_of(values), values) for values in wanted.value_sets]
    alike = Counter(key.casefold() for key in {key for key, _ in sets})  # to disks that ignore case
    assumptions = cache(assumption_names)
    for key, values in sets:
        given, problems = values, list[str]()
        if template.in_suite:
            elsewhere = {OUTPUT_PARAMETER: "--out"}
            given, problems = parameters_and_problems(values, [template.name], elsewhere, assumptions)
            scenario = given.get("scenario")
            if isinstance(scenario, str) and is_file_reference(scenario):
                given["scenario"] = str(file_of(scenario, file.parent.resolve()))
            elif isinstance(scenario, str) and is_as_of(scenario):
                given["scenario"] = reference_of(scenario)
        if not key or alike[key.casefold()] > 1 or is_of_another(folder / "runs" / key, template.name):
            key = _hash_of([wanted.notebook, values])
        place = folder / "runs" / key
        named = tuple(f"{file.name}: {problem}" for problem in problems)
        yield Run(template, key, given, place, place, values, named)


def key_of(values: Mapping[str, Any]) -> str:
    """Return a name for the folder of a parameter set, its own alone; empty where it would be long or odd.

    Examples
    --------
    >>> key_of({"tariff_us": 1.2, "horizon_years": 5}), key_of({"topic": "../x"}), key_of({})
    ('horizon_years=5,tariff_us=1.2', 'topic=@db8f7bad5c7121d5', 'defaults')
    """
    key = ",".join(f"{name}={_spelt(value)}" for name, value in sorted(values.items())) or "defaults"
    return key if len(key) <= _LONGEST_KEY and all(map(_NAME.fullmatch, values)) else ""


def _spelt(value: Any) -> str:
    """Return a value as a file's name may hold it, or its hash where that would read as another."""
    if not isinstance(value, str | list | dict):
        return json.dumps(value)
    if isinstance(value, str) and _WORD.fullmatch(value):
        try:
            json.loads(value)
        except ValueError:
            return value
    return f"@{_hash_of(value)}"


def _hash_of(value: Any) -> str:
    return hash_of(json.dumps(value, sort_keys=True).encode())[:_KEY_LENGTH]


def _collected(name: str, template: Template) -> str:
    tables = [table for table in template.delivers if table.endswith(_TABLES)]
    if not name:
        return HEADLINES if HEADLINES in tables else next(iter(tables), "")
    if name not in tables:
        known = ", ".join(tables) or "nothing; name it under delivers: too"
        raise ParameterError(f"collect: {template.name} delivers no table {name!r:.80}, but {known}")
    return name


def shown_values(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return each run's values by name; where another run gives one, with what holds without it."""
    names = dict.fromkeys(name for run in runs for name in run.shown)
    columns = {name: _values(name, runs) for name in names}
    return [{name: column[number] for name, column in columns.items()} for number in range(len(runs))]


def _values(name: str, runs: Sequence[Run]) -> list[Any]:
    """Return a value of each run: as given, else the notebook's default, else what its scenario assumes."""
    template = runs[0].template
    defaults = defaults_of(template.model)
    assumption, _, part = name.partition(".")
    if name in defaults or not template.in_suite or assumption not in assumption_names():
        return [run.shown.get(name, defaults.get(name)) for run in runs]
    if len({unit_of(scenario, assumption) for scenario in {run.scenario for run in runs}}) > 1:
        return [run.shown.get(name) for run in runs]  # yuan and dollars do not go into one column
    read = cache(reader_of)

    def value_of(run: Run) -> Any:
        if name in run.shown:
            return run.shown[name]
        scenario = read(run.scenario)(run.parameters.get("overrides", {}))
        return getattr(getattr(scenario, assumption), part or "value", None)

    return [value_of(run) for run in runs]
