"""Fixtures shared by the tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy reads it once, when it is loaded below

import matplotlib as mpl
import nbformat
import pandas as pd
import pytest
from hypothesis import settings

from analysis.inputs import paths
from analysis.inputs.money import put_in_force
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.runs.run import Delivery, Limits, Run
from analysis.runs.template import of_file
from analysis.tables import pass_through, same_weights

mpl.use("Agg")
os.environ[paths.SNAPSHOTS] = str(Path(__file__).parent / "no-snapshots")  # whatever lies beside the data
settings.register_profile("untimed", deadline=None)  # the machine may be busy
settings.load_profile("untimed")
ROOT = Path(__file__).resolve().parent.parent
PARAMETERS = 'scale: float = 1.0  # [1] factor\noutput_dir: str = "x"  # folder for the results'
WRITE = """import json, pathlib
pathlib.Path(output_dir, "result.json").write_text(json.dumps({"doubled": 2 * scale}))"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have files that start processes come first: begun last, they would be waited for alone."""
    items.sort(key=lambda item: item.path.parent.name not in {"runs", "kernels", "tests", "notebooks"})


@pytest.fixture(autouse=True)
def same_environment() -> Iterator[None]:
    """Have no test change what the next one finds: a sweep sets how figures look before it draws."""
    with mock.patch.dict(os.environ):
        yield
    put_in_force()


@pytest.fixture(scope="session")
def article() -> Scenario:
    return load_scenario("article")


@pytest.fixture(scope="session")
def audited() -> Scenario:
    return load_scenario("audited")


@pytest.fixture(scope="session")
def pairs() -> pd.DataFrame:
    """Return what US hosts ask over what the Chinese vendor asks, for the same weights."""
    return same_weights.price_ratios()


@pytest.fixture(scope="session")
def measured(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the direct test on these pairs."""
    return pass_through.measured_ratios(pairs)


@pytest.fixture
def data_copy(tmp_path: Path) -> Path:
    """Return a copy of the data folder that a test may corrupt."""
    return Path(shutil.copytree(paths.DATA, tmp_path / "data"))


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command line as a process in an empty folder."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {key: text for key, text in os.environ.items() if not key.startswith("PYTEST")}
        return subprocess.run(
            [sys.executable, "-m", "analysis.cli", *arguments],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a notebook: a parameters cell, then cells."""

    def write(*cells: str, parameters: str = PARAMETERS, name: str = "trial") -> Path:
        content = nbformat.v4.new_notebook()
        content.metadata = {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        }
        head = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}, id="parameters")
        rest = [nbformat.v4.new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(cells)]
        content.cells = [head, *rest]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(content, path)
        return path

    return write


@pytest.fixture
def write_result() -> str:
    """Return a cell that writes what run_of's notebooks must deliver."""
    return WRITE


@pytest.fixture
def run_of(notebook: Callable[..., Path], tmp_path: Path) -> Callable[..., Run]:
    """Return a function that gives a run of a small notebook; it must write result.json."""

    def make(*cells: str, delivers: tuple[str, ...] = ("result.json",), key: str = "a", **values: Any) -> Run:
        template = of_file(notebook(*(cells or (WRITE,))), delivers)
        folder = tmp_path / "out" / key
        return Run(template, key, values, folder, folder, values)

    return make


@pytest.fixture
def execute_of(run_of: Callable[..., Run]) -> Callable[..., Delivery]:
    """Return a function that executes a small notebook and gives what came back."""
    from analysis.runs.execute import execute

    def go(*cells: str, limits: Limits | None = None, **more: Any) -> Delivery:
        return execute(run_of(*cells, **more).task(limits or Limits(), "test"))

    return go
