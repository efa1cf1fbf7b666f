"""One run in a kernel of its own: what it gives, and how it fails."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from analysis import paths
from analysis.batch import execute as module
from analysis.batch.execute import execute
from analysis.batch.provisioner import socket_room, workspace
from analysis.batch.run import Run
from analysis.batch.task import Limits
from analysis.batch.template import of_suite

LIMITED = Limits(timeout_seconds=4.0)


def suite_run(folder: Path, name: str = "02-api-spread") -> Run:
    return Run(of_suite(name), "article", {"scenario": "article"}, folder, folder)


def test_it_gives_the_notebook_and_what_it_wrote(execute_of) -> None:
    given = execute_of(scale=3.0)
    assert given.error == ""
    assert json.loads(given.files["result.json"]) == {"doubled": 6.0}
    cells = json.loads(given.notebook)["cells"]
    assert [cell["id"] for cell in cells] == ["parameters", "injected-parameters", "cell-0"]
    assert "papermill" not in given.notebook
    assert str(workspace()) not in given.notebook
    assert list(workspace().iterdir()) == []


def test_a_warm_and_a_cold_kernel_give_the_same_bytes(tmp_path: Path) -> None:
    task = suite_run(tmp_path).task(Limits(), "test")
    warm, cold = execute(task), execute(replace(task, limits=Limits(cold=True)))
    assert warm.error == cold.error == ""
    assert warm.files == cold.files
    assert set(warm.files) == set(task.delivers)
    assert warm.notebook == cold.notebook
    assert warm.read == cold.read
    assert "data/flagship_models.csv" in warm.read


def test_a_failing_cell_is_named_and_the_partial_notebook_comes_back(execute_of) -> None:
    given = execute_of("done = 1", "1 / 0", "never = 1")
    assert given.error == "ZeroDivisionError: division by zero"
    assert given.cell == 4  # parameters, injected parameters, done, this one
    outputs = [cell["outputs"] for cell in json.loads(given.notebook)["cells"]]
    assert outputs[3][0]["ename"] == "ZeroDivisionError"
    assert outputs[4] == []


def test_a_killed_kernel_is_a_failure(execute_of) -> None:
    given = execute_of("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert given.error == "the kernel died (killed, or out of memory)"
    assert given.cell == 3


@pytest.mark.parametrize("cold", [False, True])
def test_a_cell_that_never_ends_is_stopped(execute_of, cold: bool) -> None:
    started = time.monotonic()
    given = execute_of("while True:\n    pass", limits=replace(LIMITED, cold=cold))
    assert given.error == "not done within 4 seconds"
    assert given.cell == 3
    assert time.monotonic() - started < 60


def test_the_time_is_for_all_cells_together(execute_of) -> None:
    given = execute_of(*["import time\ntime.sleep(1.5)"] * 4, limits=LIMITED)
    assert given.error == "not done within 4 seconds"
    assert given.cell == 5


@pytest.mark.parametrize(
    "end",
    ["while True:\n    pass", "import os\nos.kill(os.getpid(), 9)", "import os\nos.abort()", "done = 1"],
)
@pytest.mark.parametrize("cold", [False, True])
def test_what_a_notebook_started_ends_with_it(execute_of, tmp_path: Path, end: str, cold: bool) -> None:
    note = str(tmp_path / "pid")
    cell = "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
    cell += f"with open({note!r}, 'w') as file:\n    file.write(str(child.pid))"
    execute_of(cell, end, limits=replace(LIMITED, cold=cold))
    child = int(Path(note).read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("cold", [False, True])
def test_a_kernel_gets_no_more_memory_than_it_may_take(execute_of, cold: bool) -> None:
    hungry = "hoard = [bytes(2**28) for _ in range(64)]"
    given = execute_of(hungry, limits=Limits(memory_gb=6.0, cold=cold))
    assert given.error.startswith(("MemoryError", "the kernel died"))
    assert given.cell == 3


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("pass", "not delivered, or empty: result.json"),
        ("open(output_dir + '/result.json', 'w').close()", "not delivered, or empty: result.json"),
        ("open(output_dir + '/result.json', 'w').write('{')", "not valid: result.json"),
    ],
)
def test_success_is_the_deliverables(execute_of, cell: str, error: str) -> None:
    assert execute_of(cell).error.startswith(error)


def test_a_warning_is_a_failure(execute_of, write_result: str) -> None:
    given = execute_of(write_result, "import warnings\nwarnings.warn('old habit')")
    assert given.error.startswith("wrote to stderr: ")
    assert "old habit" in given.error
    assert given.cell == 4


def test_what_is_hidden_is_not_a_result(execute_of) -> None:
    given = execute_of("open(output_dir + '/.x', 'w').write('x')", delivers=())
    assert given.error == ""
    assert given.files == {}


def test_without_private_sockets_it_goes_by_tcp(execute_of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_socket_folder", lambda: None)
    assert execute_of(scale=2.0).error == ""


def test_a_kernel_that_does_not_start_is_tried_twice(execute_of, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def fail(notebook, task, staging):
        tried.append(notebook)
        raise module._KernelStartError("Address already in use")

    original = module._run_cells
    monkeypatch.setattr(module, "_run_cells", fail)
    assert execute_of().error == "its kernel did not start: Address already in use"
    assert len(tried) == 2

    def fail_once(notebook, task, staging):
        monkeypatch.setattr(module, "_run_cells", original)
        raise module._KernelStartError("Address already in use")

    monkeypatch.setattr(module, "_run_cells", fail_once)
    assert execute_of().error == ""


def test_a_kernel_that_cannot_start_says_why(execute_of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START_SECONDS", 20.0)
    monkeypatch.setattr(module, "ONE_THREAD", {"PYTHONHOME": "/nowhere"})
    error = execute_of(limits=Limits(cold=True)).error
    assert error.startswith("its kernel did not start: ")
    assert "Kernel died before replying" in error


def test_sockets_find_a_short_path_under_a_long_one(tmp_path: Path, monkeypatch) -> None:
    assert socket_room() == workspace()
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert workspace().parent == long
    assert len(str(socket_room())) < 90


def test_a_very_long_temporary_folder_does_no_harm(notebook, tmp_path: Path) -> None:
    long = tmp_path / ("t" * 100) / ("t" * 100)
    long.mkdir(parents=True)
    (tmp_path / "sweep.yaml").write_text(
        f"notebook: {notebook('1 + 1').name}\ngrid: {{scale: [1.0]}}", "utf-8"
    )
    result = subprocess.run(
        [sys.executable, "-m", "analysis.cli", "sweep", "sweep.yaml"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(long)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert list(long.iterdir()) == []


def test_a_worker_with_other_versions_refuses(tmp_path: Path) -> None:
    task = suite_run(tmp_path).task(Limits(), "test")
    older = replace(task, libraries={**task.libraries, "numpy": "1.0"})
    assert "this worker has numpy " in execute(older).error
    assert "another version of the package" in execute(replace(task, project="other")).error


def test_it_changes_nothing_of_its_process(execute_of) -> None:
    before = (dict(os.environ), Path.cwd())
    assert execute_of().error == ""
    assert (dict(os.environ), Path.cwd()) == before


def test_the_project_lies_where_its_data_lies() -> None:
    assert paths.DATA.parent == paths.NOTEBOOKS.parent
