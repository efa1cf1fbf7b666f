"""One run in a kernel of its own: what it gives, and how it fails."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from analysis.inputs import paths
from analysis.runs import execute as module
from analysis.runs.execute import execute
from analysis.runs.kernels import private_kernel, provisioner
from analysis.runs.kernels.workspace import workspace
from analysis.runs.run import Limits, Run
from analysis.runs.template import of_suite

linux = pytest.mark.skipif(sys.platform != "linux", reason="goes by what Linux alone tells or does")
LIMITED = Limits(timeout_seconds=2.0)


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


def test_a_failing_cell_is_named_and_the_partial_notebook_comes_back(execute_of) -> None:
    given = execute_of("done = 1", "1 / 0", "never = 1")
    assert given.error == "ZeroDivisionError: division by zero"
    assert given.cell == 4  # parameters, injected parameters, done, this one
    outputs = [cell["outputs"] for cell in json.loads(given.notebook)["cells"]]
    assert outputs[3][0]["ename"] == "ZeroDivisionError"
    assert outputs[4] == []


@pytest.mark.parametrize(("end", "error"), [("0", ""), ("3", "SystemExit: 3"), ("'no'", "SystemExit: no")])
def test_a_notebook_may_end_early(execute_of, write_result: str, end: str, error: str) -> None:
    given = execute_of(write_result, f"import sys\nsys.exit({end})", "1 / 0")
    assert given.error == error


def test_a_killed_kernel_is_a_failure(execute_of) -> None:
    given = execute_of("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert given.error == "the kernel died (killed, or out of memory)"
    assert given.cell == 3


@pytest.mark.parametrize("cold", [False, True])
def test_a_cell_that_never_ends_is_stopped(execute_of, cold: bool) -> None:
    started = time.monotonic()
    given = execute_of("while True:\n    pass", limits=replace(LIMITED, cold=cold))
    assert given.error == "not done within 2 seconds"
    assert given.cell == 3
    assert time.monotonic() - started < 60


def test_the_time_is_for_all_cells_together(execute_of) -> None:
    given = execute_of(*["import time\ntime.sleep(0.8)"] * 4, limits=LIMITED)
    assert given.error == "not done within 2 seconds"
    assert given.cell == 5


@pytest.mark.parametrize(
    ("cold", "end", "apart"),
    [
        (False, "while True:\n    pass", False),
        (False, "import os\nos.abort()", False),
        (False, "done = 1", False),
        pytest.param(False, "import os\nos.kill(os.getpid(), 9)", True, marks=linux),
        pytest.param(False, "done = 1", True, marks=linux),
        (True, "while True:\n    pass", False),
        pytest.param(True, "import os\nos.kill(os.getpid(), 9)", True, marks=linux),
    ],
)
def test_what_a_notebook_started_ends_with_it(
    execute_of, tmp_path: Path, cold: bool, end: str, apart: bool
) -> None:
    """Even if it has left for a session of its own."""
    note = str(tmp_path / "pid")
    cell = f"import subprocess\nchild = subprocess.Popen(['sleep', '600'], start_new_session={apart})\n"
    cell += f"with open({note!r}, 'w') as file:\n    file.write(str(child.pid))"
    execute_of(cell, end, limits=replace(LIMITED, cold=cold))
    child = int(Path(note).read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


@linux
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


def test_a_warning_is_a_failure_where_a_notebook_is_to_be_quiet(run_of, write_result: str) -> None:
    """As those of the suite are; one of one's own may have a progress bar."""
    run = run_of(write_result, "import warnings\nwarnings.warn('old habit')")
    task = run.task(Limits(), "test")
    assert execute(task).error == ""
    assert suite_run(run.results).task(Limits(), "test").quiet
    given = execute(replace(task, quiet=True))
    assert given.error.startswith("wrote to stderr: ")
    assert "old habit" in given.error
    assert given.cell == 4


def test_what_is_hidden_is_not_a_result(execute_of) -> None:
    given = execute_of("open(output_dir + '/.x', 'w').write('x')", delivers=())
    assert given.error == ""
    assert given.files == {}


def test_without_private_sockets_it_goes_by_tcp(execute_of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_kernel, "_socket_folder", lambda: None)
    assert execute_of(scale=2.0).error == ""


def test_a_kernel_that_does_not_start_is_tried_twice(execute_of, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def fail(notebook, *rest):
        tried.append(notebook)
        raise module._KernelStartError("Address already in use")

    original = module._run_cells
    monkeypatch.setattr(module, "_run_cells", fail)
    assert execute_of().error == "its kernel did not start: Address already in use"
    assert len(tried) == 2

    def fail_once(notebook, *rest):
        monkeypatch.setattr(module, "_run_cells", original)
        raise module._KernelStartError("Address already in use")

    monkeypatch.setattr(module, "_run_cells", fail_once)
    assert execute_of().error == ""


def test_a_kernel_that_cannot_start_says_why(execute_of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START_SECONDS", 20.0)
    monkeypatch.setattr(provisioner, "ONE_THREAD", {"PYTHONHOME": "/nowhere"})
    error = execute_of(limits=Limits(cold=True)).error
    assert error.startswith("its kernel did not start: ")
    assert "Kernel died before replying" in error


def test_a_temporary_folder_may_be_a_link(tmp_path: Path) -> None:
    """With a scenario of one's own: the executed notebook names the file itself, and it is known as read."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    own = tmp_path / "own.yaml"
    own.write_text("name: own\ntitle: t\nextends: article\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "analysis.cli",
        "run",
        "--scenario",
        "own.yaml",
        "--only",
        "03-gpu-offset",
    ]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "link")}
    for last in ("1 of 1 notebooks succeeded\n", "1 of 1 notebooks succeeded, 1 of them unchanged\n"):
        result = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
        assert last in result.stdout
    folder = tmp_path / "results" / "own"
    assert str(own) in (folder / "03-gpu-offset.ipynb").read_text(encoding="utf-8")
    assert str(own) in (folder / ".manifest.json").read_text(encoding="utf-8")
    assert list((tmp_path / "real").iterdir()) == []


@pytest.mark.parametrize("cold", [False, True])
def test_a_notebook_runs_in_its_own_folder(execute_of, tmp_path: Path, cold: bool) -> None:
    """Wherever the command was given, as in JupyterLab."""
    (tmp_path / "beside.csv").write_text("x")
    (tmp_path / "helper.py").write_text("number = 5")
    cell = "import helper\nprint(helper.number, open('beside.csv').read())"
    given = execute_of(cell, delivers=(), limits=Limits(cold=cold))
    assert json.loads(given.notebook)["cells"][-1]["outputs"][0]["text"] in ("5 x\n", ["5 x\n"])
    assert given.read == (str(tmp_path / "beside.csv"), str(tmp_path / "helper.py"))


def test_a_worker_without_its_folder_gives_it_an_empty_one(run_of) -> None:
    run = run_of("import os\nprint(os.listdir())", delivers=())
    given = execute(replace(run.task(Limits(), "test"), home="/nowhere/at/all"))
    assert json.loads(given.notebook)["cells"][-1]["outputs"][0]["text"] in ("[]\n", ["[]\n"])


def test_it_changes_nothing_of_its_process(execute_of) -> None:
    before = (dict(os.environ), Path.cwd())
    assert execute_of().error == ""
    assert (dict(os.environ), Path.cwd()) == before


def test_the_project_lies_where_its_data_lies() -> None:
    assert paths.DATA.parent == paths.NOTEBOOKS.parent
