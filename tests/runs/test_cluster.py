"""A batch on a Dask cluster: the same bytes, and lost workers are made good."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from analysis.cli.app import app
from analysis.inputs import paths
from analysis.inputs.errors import ParameterError
from analysis.runs import manifest
from analysis.runs.cluster import dask_pool, execute_as_planned
from analysis.runs.engine import run_all
from analysis.runs.kernels.provisioner import COLD
from analysis.runs.plan import plan
from analysis.runs.run import NOT_RUN, OK, Limits
from analysis.runs.writing import environment, libraries, project_hash

distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator["distributed.LocalCluster"]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as started:
        yield started


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes().replace(str(folder).encode(), b"OUT")
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_results_are_those_of_a_local_run_to_the_byte(cluster, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("name: own\ntitle: t\nextends: article\n", encoding="utf-8")
    there, here = (
        plan(scenarios=[str(own)], notebooks=["03-gpu-offset"], out=tmp_path / place)
        for place in ("there", "here")
    )
    with dask_pool(cluster.scheduler_address) as pool:
        remote = run_all(there, lambda outcome: None, pool=pool)
    local = run_all(here, lambda outcome: None)
    assert [outcome.error for outcome in (*remote, *local)] == [""] * 2
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_runs_of_a_worker_that_dies_are_tried_again(cluster, run_of, tmp_path: Path) -> None:
    note = tmp_path / "kernel"
    cell = f"""import json, os, pathlib, time
try:
    with open({str(note)!r}, "x") as file:  # one of them alone
        file.write(str(os.getppid()))
    time.sleep(600)
except FileExistsError:
    pass
pathlib.Path(output_dir, "result.json").write_text(json.dumps(2 * scale))"""
    runs = [run_of(cell, key=str(scale), scale=scale) for scale in (1.0, 2.0, 3.0)]

    def kill_the_worker_of_the_sleeper() -> None:
        deadline = time.monotonic() + 60
        while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        killed.append(psutil.Process(int(note.read_text())).ppid())  # of the process that forks its kernels
        os.kill(killed[0], signal.SIGKILL)

    killed: list[int] = []
    with dask_pool(cluster.scheduler_address) as pool, distributed.Client(cluster) as client:
        workers = set(client.run(os.getpid).values())
        killer = threading.Thread(target=kill_the_worker_of_the_sleeper, daemon=True)
        killer.start()
        outcomes = run_all(runs, lambda outcome: None, pool=pool)
        killer.join()
    assert set(killed) < workers
    assert [outcome.status for outcome in outcomes] == [OK] * 3


def test_a_failed_run_is_tried_again_there(cluster, run_of, tmp_path: Path) -> None:
    odd = (
        f"import pathlib\nnote = pathlib.Path({str(tmp_path / 'note')!r})\nassert note.exists(), note.touch()"
    )
    with dask_pool(cluster.scheduler_address) as pool:
        run = run_of(odd, delivers=())
        outcome = run_all([run], lambda outcome: None, pool=pool, limits=Limits(retries=1))[0]
    assert (outcome.status, outcome.tries) == (OK, 2)


def test_a_stopped_batch_leaves_nothing_running_there(cluster, run_of, tmp_path: Path) -> None:
    slow = f"""import os, time
if scale:
    open(f"{tmp_path}/{{scale}}.pid", "w").write(str(os.getpid()))
    time.sleep(600)"""
    runs = [run_of(slow, key=str(scale), delivers=(), scale=float(scale)) for scale in range(4)]

    def stop(outcome: object) -> None:
        deadline = time.monotonic() + 30
        while len(list(tmp_path.glob("*.pid"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        signal.raise_signal(signal.SIGTERM)

    with dask_pool(cluster.scheduler_address) as pool:
        outcomes = run_all(runs, stop, pool=pool)
    assert [outcome.status for outcome in outcomes] == [OK] + [NOT_RUN] * 3
    started = [int(path.read_text()) for path in tmp_path.glob("*.pid")]
    deadline = time.monotonic() + 30
    while any(map(psutil.pid_exists, started)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(psutil.pid_exists, started))


def test_another_project_is_shipped_and_used(
    cluster, run_of, data_copy: Path, write_result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the data of the workers are others: the run uses those of its batch."""
    title = data_copy / "scenarios" / "article.yaml"
    title.write_text(title.read_text("utf-8").replace("title: ", "title: Shipped "), "utf-8")
    run = run_of("from analysis import load_scenario\nprint(load_scenario('article').title)", write_result)
    monkeypatch.setattr(paths, "DATA", data_copy)
    with dask_pool(cluster.scheduler_address) as pool:
        assert run_all([run], lambda outcome: None, pool=pool)[0].error == ""
        assert "Shipped" in run.executed_notebook.read_text("utf-8")
        assert manifest.is_current(run, environment())
        monkeypatch.undo()
        assert run_all([run], lambda outcome: None, pool=pool)[0].status == OK, "the title is another here"
        assert not manifest.is_current(run, environment()), "not made of what is here"


def test_a_worker_with_other_versions_refuses(run_of) -> None:
    task = run_of().task(Limits(), "test")
    older = execute_as_planned(task, project_hash(), {**libraries(), "numpy": "1.0"})
    assert "this worker has numpy " in older.error
    assert "another version of the package" in execute_as_planned(task, "other", libraries()).error
    assert execute_as_planned(task, project_hash(), libraries()).error == ""


def test_workers_without_the_package_are_named(cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask gives no kind of error but the text of the worker's."""

    def refused(self: object, plugin: object, name: str) -> None:
        raise Exception("ModuleNotFoundError(\"No module named 'analysis'\")")

    monkeypatch.setattr(distributed.Client, "register_plugin", refused)
    with (
        pytest.raises(ParameterError, match=r"No module named 'analysis'.*install"),
        dask_pool(cluster.scheduler_address),
    ):
        pytest.fail("connected")


def test_nothing_at_the_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.runs.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(ParameterError, match="no Dask scheduler answers"), dask_pool("tcp://127.0.0.1:1"):
        pytest.fail("connected")
    for address in ("no address at all", "host", "foo://127.0.0.1:1", " ", "tcp://host"):
        with pytest.raises(ParameterError, match="no address such as"), dask_pool(address):
            pytest.fail("connected")


def test_the_cluster_of_the_readme(
    notebook, tmp_path: Path, write_result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own commands, on a free port, with a small sweep file of the same name."""
    readme = (paths.project_root() / "README.md").read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    lines = [line for line in readme.splitlines() if "8786" in line and line.startswith(".venv/bin/")]
    tools = f"{Path(sys.executable).parent}/"
    commands = [line.replace("8786", port).replace(".venv/bin/", tools).split() for line in lines]
    scheduler, worker, sweep = commands
    assert Path(sweep[0]).name == "kwh2token"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(COLD, "1")  # two runs are done before anything is forked
    small = f"notebook: {notebook(write_result).name}\ndelivers: [result.json]\ngrid: {{scale: [1.0, 2.0]}}\n"
    (tmp_path / "offset.yaml").write_text(small)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    with (
        subprocess.Popen([*scheduler, "--no-dashboard"], **quiet) as first,
        subprocess.Popen([*worker, "--no-dashboard"], **quiet) as second,
    ):
        try:
            result = CliRunner().invoke(app, sweep[1:])
        finally:
            second.terminate()
            first.terminate()
    assert result.exit_code == 0, result.output
    assert "2 of 2 notebooks succeeded" in result.output
    assert (tmp_path / "results" / "offset" / "sweep.png").is_file()
