"""What tests of batches share: small notebooks, and runs of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from analysis.batch.run import Run
from analysis.batch.task import Delivery, Limits
from analysis.batch.template import of_file

PARAMETERS = 'scale: float = 1.0  # [1] factor\noutput_dir: str = "x"  # folder for the results'
WRITE = """import json, pathlib
pathlib.Path(output_dir, "result.json").write_text(json.dumps({"doubled": 2 * scale}))"""


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
    from analysis.batch.execute import execute

    def go(*cells: str, limits: Limits | None = None, **more: Any) -> Delivery:
        return execute(run_of(*cells, **more).task(limits or Limits(), "test"))

    return go
