"""Kernels that are forked from a process with its imports behind it."""

import json
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import papermill
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory

from analysis.inputs import paths
from analysis.runs.engine import run_all
from analysis.runs.execute import execute
from analysis.runs.kernels import provisioner
from analysis.runs.kernels.provisioner import (
    COLD,
    KERNEL_NAME,
    ForkedKernel,
    WarmProvisioner,
    Zygote,
    spec_of,
)
from analysis.runs.run import OK, PRELOAD, Delivery, Limits, Run
from analysis.runs.template import of_suite

linux = pytest.mark.skipif(sys.platform != "linux", reason="forks kernels on Linux only")
PATIENCE_SECONDS = 15


@pytest.fixture(autouse=True)
def kernels_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Jupyter find the kernel as the project declares it, however long ago it was installed."""
    monkeypatch.setenv("JUPYTER_PATH", str(paths.project_root()))


def zygotes(process: psutil.Process) -> list[psutil.Process]:
    return [child for child in process.children() if "zygote.py" in " ".join(child.cmdline())]


def values_of(notebook: Path, tmp_path: Path) -> list[str]:
    """Run a notebook by papermill, by the kernel's name; return the texts that its cells show."""
    done = papermill.execute_notebook(
        str(notebook), str(tmp_path / "done.ipynb"), kernel_name=KERNEL_NAME, progress_bar=False
    )
    shown = [output for cell in done.cells for output in cell.get("outputs", [])]
    return [output["data"]["text/plain"] for output in shown if "data" in output]


def test_jupyter_knows_the_kernel_and_its_provisioner() -> None:
    spec = KernelSpecManager().get_kernel_spec(KERNEL_NAME)
    assert spec.metadata["kernel_provisioner"]["provisioner_name"] == KERNEL_NAME
    assert spec.metadata["kernel_provisioner"]["config"] == {"preload": [*PRELOAD]}
    own = spec_of(KERNEL_NAME)
    assert (own.argv, own.display_name, own.language) == (spec.argv, spec.display_name, spec.language)
    assert KernelProvisionerFactory.instance().is_provisioner_available(spec)


@linux
@pytest.mark.filterwarnings("ignore::UserWarning")  # of sockets that are not encrypted
def test_papermill_uses_it_by_name(notebook, tmp_path: Path) -> None:
    cells = ("import os, sys\nos.getppid()", "sorted({'pandas', 'seaborn'} & set(sys.modules))", "__name__")
    parent, imported, name = values_of(notebook(*cells), tmp_path)
    assert int(parent) in {child.pid for child in zygotes(psutil.Process())}
    assert imported == "['pandas', 'seaborn']"
    assert name == "'__main__'"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_it_starts_in_the_ordinary_way_where_told(
    notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COLD, "1")
    parent, imported = values_of(
        notebook("import os, sys\nos.getppid()", "'seaborn' in sys.modules"), tmp_path
    )
    assert int(parent) == os.getpid()
    assert imported == "False"


@linux
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_it_starts_in_the_ordinary_way_where_nothing_can_be_forked(
    notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*what: object) -> None:
        raise ConnectionError("the process that forks kernels is gone")

    monkeypatch.setattr(provisioner, "_current_zygote", gone)
    assert values_of(notebook("import os\nos.getppid()"), tmp_path) == [str(os.getpid())]


@linux
def test_random_numbers_of_two_kernels_differ(execute_of) -> None:
    cell = "import numpy as np, random\nprint(np.random.random(), random.random())"
    first, second = (execute_of(cell, delivers=()).notebook for _ in range(2))
    shown = [json.loads(text)["cells"][-1]["outputs"][0]["text"] for text in (first, second)]
    assert shown[0] != shown[1]


@linux
@pytest.mark.parametrize("cold", [False, True])
def test_a_kernel_ends_like_any_process(execute_of, tmp_path: Path, cold: bool) -> None:
    """Exit handlers run, and what was not flushed is."""
    note, left = str(tmp_path / "note"), str(tmp_path / "left")
    cell = f"import atexit\natexit.register(lambda: open({note!r}, 'w').write('bye'))\n"
    cell += f"unclosed = open({left!r}, 'w')\nunclosed.write('kept')"
    assert execute_of(cell, delivers=(), limits=Limits(cold=cold)).error == ""
    assert Path(note).read_text() == "bye"
    assert Path(left).read_text() == "kept"


@linux
def test_kernels_end_with_the_process_that_asked_for_them(tmp_path: Path) -> None:
    """Killed without warning, it leaves no process and no folder."""
    code = """
        import asyncio, os, sys, time
        from jupyter_client.manager import AsyncKernelManager
        async def main():
            kernel = AsyncKernelManager(kernel_name="kwh2token-warm", transport="ipc", ip=sys.argv[1] + "/s")
            await kernel.start_kernel()
            client = kernel.client()
            client.start_channels()
            await client.wait_for_ready(timeout=60)
            print(kernel.provisioner.pid, flush=True)
            time.sleep(600)
        asyncio.run(main())
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert holder.stdout is not None
    kernel = psutil.Process(int(holder.stdout.readline()))
    watched = [kernel, *zygotes(psutil.Process(holder.pid))]
    assert len(watched) == 2
    holder.kill()
    holder.wait()
    holder.stdout.close()
    _, alive = psutil.wait_procs(watched, timeout=PATIENCE_SECONDS)
    assert alive == []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while list(tmp_path.glob("kwh2token-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp_path.glob("kwh2token-*")) == []


def test_a_lost_forking_process_takes_its_kernels_along() -> None:
    class Gone:
        def ask(self, **request):
            raise ConnectionError

    kernel = ForkedKernel(Gone(), 1)
    assert kernel.poll() == -9
    kernel.terminate()  # not sent: it is gone


@linux
def test_a_changed_module_gets_a_new_forking_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text("x = 1\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(provisioner, "_zygote_of", lru_cache(lambda pid, *what: Zygote(*what[:1])))
    first = provisioner._current_zygote(["mine"])
    assert provisioner._current_zygote(["mine"]) is first
    (tmp_path / "mine.py").write_text("x = 2\n")
    second = provisioner._current_zygote(["mine"])
    assert second is not first
    for forking in (first, second):
        forking.close()
        with pytest.raises(ConnectionError):
            forking.ask(do="poll", pid=1)


IMPORTED = "import psutil, seaborn\nprint(psutil.__file__, seaborn.__file__)"


def test_modules_beside_a_notebook_are_what_it_imports(execute_of, tmp_path: Path) -> None:
    """As in JupyterLab, though the forking process has others of these names."""
    packages = [tmp_path / name for name in ("psutil", "seaborn")]
    ordinary = execute_of(IMPORTED, delivers=())
    assert not any(str(package) in ordinary.notebook for package in packages)
    for package in packages:
        package.mkdir()
        (package / "__init__.py").write_text("mine = True\n")
    given = execute_of(IMPORTED, delivers=())
    assert given.error == ""
    assert all(str(package) in given.notebook for package in packages)


OURS = "import sys\nprint([name for name in sys.modules if name.split('.')[0] == 'analysis'])"


@pytest.mark.parametrize("cold", [False, True])
def test_a_notebook_sees_no_module_of_ours(execute_of, cold: bool) -> None:
    given = execute_of(OURS, delivers=(), limits=Limits(cold=cold))
    assert printed(given) == "[]\n"


@pytest.mark.parametrize(
    ("start", "cold"),
    [
        ("import sys\nsys.path.insert(0, '../src')", False),
        ("from sys import path\npath.insert(0, '../src')", False),
        ("import os\nos.chdir('../src')", False),
        ("%cd -q ../src", False),
        ("import set_up", False),
        ("%run set_up.py", False),
        ("", False),
        ("", True),
    ],
)
def test_a_package_of_its_own_is_what_it_imports(
    run_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, cold: bool
) -> None:
    """Whether it is called like ours or like a library, and however the notebook finds it."""
    for name in ("analysis", "psutil", "seaborn"):
        (tmp_path / "src" / name).mkdir(parents=True)
        (tmp_path / "src" / name / "__init__.py").write_text("load = 'mine'\n")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "set_up.py").write_text(
        "import sys\nsys.path.insert(0, '../src')" if "set_up" in start else ""
    )
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if not start:
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "src"))
    names = "\n".join(f"import {name}\nprint({name}.load)" for name in ("analysis", "psutil", "seaborn"))
    task = run_of(f"{start}\n{names}", delivers=()).task(Limits(cold=cold), "test")
    given = execute(replace(task, home=str(tmp_path / "notebooks")))
    assert (given.error, printed(given)) == ("", "mine\n" * 3)


def printed(given: Delivery) -> str:
    return "".join(json.loads(given.notebook)["cells"][-1]["outputs"][0]["text"])


def test_a_relative_path_counts_from_where_the_command_is_given(
    execute_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with papermill, whose kernels run there."""
    (tmp_path / "project" / "src").mkdir(parents=True)
    (tmp_path / "project" / "src" / "own_of_project.py").write_text("load = 'mine'\n")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("PYTHONPATH", "src", prepend=os.pathsep)
    given = execute_of("import own_of_project\nprint(own_of_project.load)", delivers=())
    assert (given.error, printed(given)) == ("", "mine\n")


def test_history_is_kept_in_memory(execute_of) -> None:
    given = execute_of("print(get_ipython().history_manager.hist_file)", delivers=())
    assert printed(given) == ":memory:\n"


@pytest.mark.parametrize("cold", [False, True])
def test_threads_are_as_the_user_sets_them(execute_of, monkeypatch: pytest.MonkeyPatch, cold: bool) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    cell = "import os\nprint(os.environ['OMP_NUM_THREADS'], os.environ['MKL_NUM_THREADS'])"
    assert printed(execute_of(cell, delivers=(), limits=Limits(cold=cold))) == "3 1\n"


@pytest.mark.parametrize("cold", [False, True])
def test_a_notebook_draws_as_its_user_has_set(
    execute_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cold: bool
) -> None:
    """As with papermill; figures of the suite do not."""
    (tmp_path / "mine").write_text("font.size: 21\n")
    monkeypatch.setenv("MATPLOTLIBRC", str(tmp_path / "mine"))
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.setattr(provisioner, "_zygote_of", lru_cache(lambda pid, *what: Zygote(what[0])))
    cell = "import matplotlib as mpl\nprint(mpl.rcParams['font.size'], mpl.get_backend())"
    assert printed(execute_of(cell, delivers=(), limits=Limits(cold=cold))) == "21.0 svg\n"
    if not cold:
        provisioner._zygote_of(os.getpid(), (), ()).close()


@pytest.fixture
def another_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a kernel that is installed for this test."""
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Another", "language": "python", "env": {"ANOTHER": "yes"}}
    folder = tmp_path / "jupyter" / "kernels" / "another"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    return "another"


@linux
def test_another_kernel_is_started_as_it_is_installed(
    run_of, tmp_path: Path, another_kernel: str, write_result: str
) -> None:
    """What it reads is not known, so that it runs each time; its results and processes are as any other's."""
    note = tmp_path / "pid"
    cell = f"""import os, subprocess
print(os.environ["ANOTHER"], os.getppid())
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
open({str(note)!r}, "w").write(str(child.pid))"""
    run = run_of(write_result, cell)
    run = replace(run, template=replace(run.template, kernel=another_kernel))
    given = execute(run.task(Limits(), "test"))
    assert (given.error, printed(given)) == ("", f"yes {os.getpid()}\n")
    assert json.loads(given.files["result.json"]) == {"doubled": 2.0}
    assert json.loads(given.notebook)["metadata"]["kernelspec"] == {
        "display_name": "Another",
        "language": "python",
        "name": "another",
    }
    child = int(note.read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
    assert [run_all([run], lambda outcome: None)[0].status for _ in range(2)] == [OK, OK]


def test_the_executed_notebook_names_the_kernel_that_ran(execute_of) -> None:
    own = json.loads(execute_of().notebook)["metadata"]["kernelspec"]
    assert own == {"display_name": "Python 3 (kwh2token, warm)", "language": "python", "name": KERNEL_NAME}


def test_the_suite_gives_the_same_bytes_warm_and_cold_and_whatever_lies_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(of_suite("03-gpu-offset"), "article", {"scenario": "article"}, tmp_path / "a", tmp_path / "b")
    task = run.task(Limits(), "test")
    warm = execute(task)
    for name in ("analysis", "pandas", "seaborn"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('not this one')\n")
    (tmp_path / "matplotlibrc").write_text("figure.dpi: 7\n")
    monkeypatch.chdir(tmp_path)
    there = [execute(task), execute(replace(task, limits=Limits(cold=True)))]
    assert [given.error for given in (warm, *there)] == [""] * 3
    assert set(warm.files) == set(task.delivers)
    for given in there:
        assert replace(given, seconds=warm.seconds) == warm
    read = {"data/gpu_economics.csv", "data/assumptions.csv", "data/scenarios/article.yaml"}
    assert read <= {*warm.read}, "though the forking process has read all tables"
    assert "data/same_weights.csv" not in warm.read


def test_a_kernel_manager_finds_the_provisioner(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = KernelManager(kernel_name=KERNEL_NAME)
    made = KernelProvisionerFactory.instance().create_provisioner_instance("x", manager.kernel_spec, manager)
    assert isinstance(made, WarmProvisioner)
