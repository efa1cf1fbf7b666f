"""The notebooks of papermill's own test suite come out here as they do there, or better.

They are those of the installed package; what papermill makes of them was found by running it on each. Four
more of its repository are not installed; notebooks of the same kinds are written here.
"""

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import papermill
import pytest

from analysis.inputs.errors import InputError
from analysis.runs.execute import execute
from analysis.runs.run import Limits, Run
from analysis.runs.template import of_file

OK, REFUSED, STOPPED = "ok", "refused", "stopped by its limit"
NOTEBOOKS = Path(papermill.__file__).parent / "tests" / "notebooks"
EXPECTED = {
    "binder.ipynb": OK,
    "blank-vscode.ipynb": OK,  # better: papermill refuses it, for it names no kernel
    "broken.ipynb": """print "We're good.\"""",
    "broken1.ipynb": "assert False",
    "broken2.ipynb": "# To suppress a DeprecationWarning",
    "complex_parameters.ipynb": REFUSED,  # better: in papermill its first cell fails, which is no Python
    "gcs/gcs_in/gcs-simple_notebook.ipynb": OK,
    "keyboard_interrupt.ipynb": STOPPED,
    "line_magic_error.ipynb": "%undefined-line-magic",
    "nb_version_4.4.ipynb": OK,
    "no_parameters.ipynb": OK,
    "notimplemented_translator.ipynb": REFUSED,
    "read_check.ipynb": 'print("NB_CWD", os.getcwd())',
    "report_mode_test.ipynb": OK,
    "result_no_exec.ipynb": OK,
    "s3/s3_in/s3-simple_notebook.ipynb": OK,
    "simple_execute.ipynb": OK,
    "sysexit.ipynb": OK,
    "sysexit0.ipynb": OK,
    "sysexit1.ipynb": "sys.exit(1)",
    "systemexit.ipynb": OK,
    "test_autosave.ipynb": OK,
    "test_logging.ipynb": "import warnings\nwarnings.simplefilter",
    "test_notebooknode_io.ipynb": OK,
}
"""What becomes of each: the start of the cell in which it fails, where it does."""

CALL = "pm.execute_notebook('input.ipynb', 'by_call.ipynb', parameters={'msg': 'Hello'}, progress_bar=False)"
RECREATED = {
    "input.ipynb": ["msg = None", "print(msg)"],
    "output.ipynb": ["msg = None", ("msg = 'Hello'", "injected-parameters"), "print(msg)"],
    "by_command.ipynb": [
        "folder = '.'",
        "!papermill {folder}/input.ipynb {folder}/by_command_out.ipynb -p msg Hello",
    ],
    "by_call.ipynb": [
        "import papermill as pm\n\nfolder = '.'",
        f"result = {CALL}",
        "assert len(result.cells) == 3",
    ],
}
"""Cells of the kinds that are not installed: the first one is tagged."""


class Found(NamedTuple):
    """What became of a notebook."""

    verdict: str
    why: str
    printed: str


def found(path: Path, seconds: float = 60.0, **values: Any) -> Found:
    """Run a notebook, as a sweep does."""
    try:
        run = Run(of_file(path), "a", values, path.parent / "out", path.parent / "out", values)
        run.validate()
    except InputError as error:
        return Found(REFUSED, str(error), "")
    delivery = execute(run.task(Limits(seconds), "conformance"))
    cells = json.loads(delivery.notebook)["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    printed = "".join("".join(output.get("text", "")) for output in outputs)
    if "seconds" in delivery.error:
        return Found(STOPPED, delivery.error, printed)
    verdict = "".join(cells[delivery.cell - 1]["source"]) if delivery.cell else delivery.error or OK
    return Found(verdict, delivery.error, printed)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds papermill, for one of its notebooks runs another from there."""
    if not NOTEBOOKS.is_dir():
        pytest.skip("papermill is installed without its tests")
    root = tmp_path_factory.mktemp("conformance")
    shutil.copytree(NOTEBOOKS.parents[1], root / "papermill", ignore=shutil.ignore_patterns("__pycache__"))
    for name, cells in RECREATED.items():
        content = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        )
        content.metadata["language_info"] = {"name": "python"}
        for number, cell in enumerate(cells):
            source, tag = (cell, "parameters") if isinstance(cell, str) else cell
            tags = [tag] if tag != "parameters" or not number else []
            content.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags}))
        nbformat.write(content, root / name)
    return root


@pytest.fixture(scope="module")
def verdicts(copied: Path) -> dict[str, Found]:
    """Return what becomes of every notebook, several side by side."""
    folder = copied / "papermill" / "tests" / "notebooks"
    paths = {name: folder / name for name in EXPECTED} | {name: copied / name for name in RECREATED}
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(4) as executor:
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")  # where papermill's command is
        limit = {name: 1.0 if name == "keyboard_interrupt.ipynb" else 60.0 for name in paths}
        futures = {name: executor.submit(found, path, limit[name]) for name, path in paths.items()}
        return {name: future.result() for name, future in futures.items()}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_notebook_of_papermill_comes_out_as_it_does_there(verdicts: dict[str, Found], name: str) -> None:
    outcome = verdicts[name]
    expected = EXPECTED[name]
    assert outcome.verdict.startswith(expected), outcome


def test_every_notebook_is_looked_at(copied: Path) -> None:
    assert {path.relative_to(NOTEBOOKS).as_posix() for path in NOTEBOOKS.rglob("*.ipynb")} == set(EXPECTED)
    assert len(EXPECTED) + len(RECREATED) == 28


@pytest.mark.parametrize("name", RECREATED)
def test_notebooks_of_the_same_kinds_come_out_so_too(verdicts: dict[str, Found], name: str) -> None:
    assert verdicts[name].verdict == OK, verdicts[name]


def test_values_reach_the_notebooks(copied: Path) -> None:
    folder = copied / "papermill" / "tests" / "notebooks"
    assert found(folder / "simple_execute.ipynb", msg="Hello").printed == "Hello\n"
    assert found(folder / "no_parameters.ipynb", msg="Hello").printed == "None\n", "it sets msg itself"
    assert found(folder / "report_mode_test.ipynb", a=0).printed == "1\n"
    assert found(copied / "output.ipynb").printed == "None\n", "the value that ran is the one that is shown"
    assert found(copied / "output.ipynb", msg="Bye").printed == "Bye\n"


def test_a_notebook_reads_beside_itself(copied: Path) -> None:
    shutil.copy(NOTEBOOKS / "read_check.ipynb", copied / "read_check.ipynb")
    (copied / "check.txt").write_text("exists", encoding="utf-8")
    assert found(copied / "read_check.ipynb").verdict == OK
