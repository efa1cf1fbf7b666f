"""One run in a kernel of its own: what it gives, and how it fails."""

import gc
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from analysis.inputs import paths
from analysis.runs import execute as module
from analysis.runs.engine import run_all
from analysis.runs.execute import execute
from analysis.runs.kernels import private_kernel, provisioner
from analysis.runs.kernels.workspace import workspace
from analysis.runs.plan import plan
from analysis.runs.run import AS_WAS, OK, Delivery, Limits, Run
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
    left = {entry.name for entry in workspace().iterdir()}
    assert left <= {"XDG_CONFIG_HOME", "XDG_CACHE_HOME"}, "what kernels share, and nothing of the run"


@pytest.mark.skipif(not find_spec("rfc3987_syntax"), reason="jsonschema does not check such addresses then")
def test_a_grammar_that_no_notebook_needs_is_made_where_it_is_needed() -> None:
    code = """
        import sys
        import analysis.runs.execute
        assert "rfc3987_syntax" not in sys.modules
        from jsonschema import FormatChecker
        assert FormatChecker().conforms("https://example.org/tarif/ä", "iri")
        assert not FormatChecker().conforms("https://example.org/a b", "iri")
        assert "rfc3987_syntax" in sys.modules
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


@linux
def test_a_forked_kernel_has_all_that_a_plot_imports(execute_of, write_result: str) -> None:
    given = execute_of(
        "import sys\nimport matplotlib.pyplot as plt\nimport pandas as pd\nimport seaborn as sns",
        "before = {*sys.modules}\nframe = pd.DataFrame({'place': ['a', 'b'], 'tariff': [1.5, 3.0]})\nframe",
        "sns.barplot(frame, x='place', y='tariff')\nplt.show()",
        "new = {name.partition('.')[0] for name in {*sys.modules} - before}",
        "assert new <= {'matplotlib_inline', 'pyarrow'}, new",
        write_result,
    )
    assert given.error == ""
    assert "image/png" in given.notebook


def test_a_failing_cell_is_named_and_the_partial_notebook_comes_back(execute_of) -> None:
    given = execute_of("done = 1", "1 / 0", "never = 1")
    assert given.error == "ZeroDivisionError: division by zero"
    assert given.cell == 4  # parameters, injected parameters, done, this one
    outputs = [cell["outputs"] for cell in json.loads(given.notebook)["cells"]]
    assert outputs[3][0]["ename"] == "ZeroDivisionError"
    assert outputs[4] == []


@pytest.mark.parametrize("end", ["quit()", "get_ipython().ask_exit()"])
def test_a_notebook_may_end_its_kernel(execute_of, end: str) -> None:
    """Whether the kernel answers once more is chance, so no cell is asked after that."""
    given = execute_of(end, "print('after')", delivers=())
    assert given.error == ""
    assert json.loads(given.notebook)["cells"][-1]["outputs"] == []
    assert execute_of(end, "print('after')").error == "not delivered, or empty: result.json"


def test_an_error_counts_in_a_cell_that_ends_the_kernel_too(execute_of) -> None:
    given = execute_of("try:\n    1 / 0\nfinally:\n    exit()", "print('after')", delivers=())
    assert (given.error, given.cell) == ("ZeroDivisionError: division by zero", 3)


@pytest.mark.parametrize(("end", "error"), [("0", ""), ("3", "SystemExit: 3"), ("'no'", "SystemExit: no")])
def test_a_notebook_may_end_early(execute_of, write_result: str, end: str, error: str) -> None:
    given = execute_of(write_result, f"import sys\nsys.exit({end})", "1 / 0")
    assert given.error == error


LAMBDA = "get_ipython().showtraceback = lambda *rest, **more: None"
HANDLER = "get_ipython().set_custom_exc((Exception,), lambda *rest, **more: None)"
RICH = "import rich.traceback\nrich.traceback.install()"
ODD = "class Odd(Exception):\n    def _render_traceback_(self):\n        {}\nraise Odd('enough')"
RUN = "open('part.py', 'w').write('1 / 0')\n%run part.py"


@pytest.mark.parametrize(
    ("display", "cell", "error"),
    [
        ("", "%nonexistent_magic", "UsageError: Line magic function `%nonexistent_magic` not found."),
        (HANDLER, "1 / 0", "ZeroDivisionError: division by zero"),
        (RICH, "1 / 0", "ZeroDivisionError: division by zero"),
        (LAMBDA, "1 / 0", "ZeroDivisionError: division by zero"),
        (LAMBDA, "raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("get_ipython().showsyntaxerror = print", "1 = 2", "SyntaxError: "),
        ("", "%%capture\n1 / 0", "ZeroDivisionError: division by zero"),
        (HANDLER, "%%capture\n1 / 0", "ZeroDivisionError: division by zero"),
        (RICH, RUN, "ZeroDivisionError: division by zero"),
        (LAMBDA, "%%capture\nclass E(Exception):\n    __str__ = None\nraise E()", "E: "),
        ("", "class R:\n    def __repr__(self):\n        1 / 0\nR()", "ZeroDivisionError: division by zero"),
        ("", ODD.format("return []"), "Odd: enough"),
        ("", ODD.format("pass"), "Odd: enough"),
    ],
)
def test_an_error_counts_however_it_is_shown(
    execute_of, write_result: str, display: str, cell: str, error: str
) -> None:
    """By what the kernel answers: the deliverable is there, but the cell after the error never ran."""
    given = execute_of(write_result, display, cell, f"scale = 7.0\n{write_result}")
    assert given.error.startswith(error)
    assert given.cell == 5  # after the parameters, the injected ones and two more
    assert json.loads(given.files["result.json"]) == {"doubled": 2.0}


@pytest.mark.filterwarnings("error")
def test_an_output_that_is_none_leaves_no_noise(execute_of, caplog: pytest.LogCaptureFixture) -> None:
    given = execute_of("display({'text/plain': None}, raw=True)")
    assert "Validation" in given.error
    gc.collect()
    assert "Task was destroyed" not in caplog.text


def run_tagged(run: Run, tags: dict[int, str], limits: Limits | None = None) -> Delivery:
    """Execute a run some of whose cells are tagged."""
    task = run.task(limits or Limits(), "test")
    content = json.loads(task.source)
    for number, tag in tags.items():
        content["cells"][number]["metadata"]["tags"] = [tag]
    return execute(replace(task, source=json.dumps(content)))


def test_a_cell_may_fail_where_it_is_tagged(run_of, write_result: str) -> None:
    run = run_of("1 / 0", write_result, "%%capture\n1 / 0", "import sys\nsys.exit(3)")
    assert run_tagged(run, {1: "raises-exception", 3: "raises-exception", 4: "skip-execution"}).error == ""
    given = run_tagged(run, {1: "raises-exception", 3: "raises-exception"})
    assert (given.error, given.cell) == ("SystemExit: 3", 6)
    ends = run_of("import sys\nsys.exit()", "exit()\n1 / 0", "1 / 0", delivers=())
    assert run_tagged(ends, {1: "raises-exception", 2: "raises-exception"}).error == ""


def test_a_notebook_without_anything_to_run_succeeds(execute_of) -> None:
    assert execute_of("", "  \n", delivers=()).error == ""


def test_no_output_is_dropped(execute_of) -> None:
    """However many come faster than they are taken in."""
    cell = "for number in range(6000):\n    print('line', number, flush=True)"
    given = execute_of(cell, delivers=())
    assert given.error == ""
    outputs = json.loads(given.notebook)["cells"][-1]["outputs"]
    text = "".join("".join(output["text"]) for output in outputs)
    assert text == "".join(f"line {number}\n" for number in range(6000))


def test_each_limit_has_its_own_name(execute_of, monkeypatch: pytest.MonkeyPatch) -> None:
    nap = "import time\ntime.sleep(0.6)"
    short = Limits(timeout_seconds=60.0, cell_timeout_seconds=2.0)
    assert execute_of(nap, nap, nap, nap, delivers=(), limits=short).error == ""
    given = execute_of(nap, "time.sleep(9)", delivers=(), limits=short)
    assert (given.error, given.cell) == ("cell not done within 2 seconds (--cell-timeout)", 4)
    both = replace(LIMITED, cell_timeout_seconds=5.0)
    given = execute_of(*["import time\ntime.sleep(0.8)"] * 4, limits=both)
    assert (given.error, given.cell) == ("cells not done within 2 seconds (--timeout)", 5), "in all"
    monkeypatch.setattr(module, "_IOPUB_SECONDS", 1)
    given = execute_of("1", "get_ipython().kernel._publish_status = lambda *rest, **more: None", "2")
    assert given.error == "its outputs did not all arrive within 1 seconds after its end"
    assert given.cell == 4


def test_a_killed_kernel_is_a_failure(execute_of) -> None:
    given = execute_of("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert given.error == "the kernel died (killed, or out of memory)"
    assert given.cell == 3


ENDLESS = "import time\nwhile True:\n    time.sleep(0.01)"


@pytest.mark.parametrize(
    ("cold", "end", "apart"),
    [
        (False, "while True:\n    pass", False),
        (False, "import os\nos.abort()", False),
        pytest.param(False, "import os\nos.kill(os.getpid(), 9)", True, marks=linux),
        pytest.param(False, "done = 1", True, marks=linux),
        (True, ENDLESS, False),
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
    assert given.error.endswith(" (it may take 6 GiB, --memory-gb)")
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


def test_a_temporary_folder_may_be_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a scenario of one's own: the executed notebook names the file itself, and it is known as read."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    own = tmp_path / "own.yaml"
    own.write_text("name: own\ntitle: t\nextends: article\n", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "link"))
    runs = plan(scenarios=[str(own)], notebooks=["03-gpu-offset"], out=tmp_path / "results")
    for status in (OK, AS_WAS):
        assert [outcome.status for outcome in run_all(runs, print, limits=Limits(cold=True))] == [status]
    folder = tmp_path / "results" / "own"
    assert str(own) in (folder / "03-gpu-offset.ipynb").read_text(encoding="utf-8")
    assert str(own) in (folder / ".manifest.json").read_text(encoding="utf-8")
    assert len(list((tmp_path / "real").iterdir())) == 1, "the folder of this process"


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
