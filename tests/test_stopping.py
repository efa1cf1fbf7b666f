"""A batch that is stopped or killed in the middle: what is left, and how it goes on."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from analysis.runs import engine, manifest
from analysis.runs.engine import run_all
from analysis.runs.run import AS_WAS, NOT_RUN, OK
from analysis.runs.writing import environment

CELL = """import json, pathlib, time
time.sleep(0.3)
pathlib.Path(output_dir, "result.json").write_text(json.dumps({"doubled": 2 * scale}))"""
RUNS = 5
PATIENCE_SECONDS = 60


@pytest.fixture
def sweep_folder(notebook, tmp_path: Path) -> Path:
    path = notebook(CELL)
    scales = [float(number) for number in range(RUNS)]
    (tmp_path / "sweep.yaml").write_text(
        f"notebook: {path.name}\ndelivers: [result.json]\ngrid: {{scale: {scales}}}\n", encoding="utf-8"
    )
    (tmp_path / "temporary").mkdir()
    return tmp_path


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "analysis.cli", "sweep", "sweep.yaml", "-j", "2", *options],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / "temporary")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished_runs(folder: Path) -> list[Path]:
    return sorted((folder / "results" / "sweep" / "runs").glob("*/result.json"))


@pytest.mark.parametrize(("number", "options"), [(signal.SIGINT, ()), (signal.SIGTERM, ("--cold",))])
def test_a_stopped_batch_loses_nothing_and_leaves_nothing(
    sweep_folder: Path, number: signal.Signals, options: tuple[str, ...]
) -> None:
    process = start(sweep_folder, *options)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.startswith(f"[1/{RUNS}] ok")
    family = psutil.Process(process.pid).children(recursive=True)
    assert family
    process.send_signal(number)
    output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "stopped; the same command goes on from here" in errors
    assert "Traceback" not in errors
    assert "not run" in output
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
    assert alive == []
    assert list((sweep_folder / "temporary").iterdir()) == []
    done = finished_runs(sweep_folder)
    assert 1 <= len(done) < RUNS
    assert len(list((sweep_folder / "results" / "sweep" / "runs").glob("*/.manifest.json"))) == len(done)


@pytest.mark.skipif(sys.platform != "linux", reason="forks kernels on Linux only")
def test_a_batch_outlives_the_process_that_forks_its_kernels(notebook, tmp_path: Path) -> None:
    """What was running fails, and the rest starts in the ordinary way."""
    cell = """import os, signal, time
if scale == 1.0:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(600)"""
    (tmp_path / "temporary").mkdir()
    (tmp_path / "sweep.yaml").write_text(
        f"notebook: {notebook(cell).name}\ngrid: {{scale: [0.0, 1.0, 2.0]}}", encoding="utf-8"
    )
    output, errors = start(tmp_path, "-j", "1").communicate(timeout=4 * PATIENCE_SECONDS)
    lines = {line.split("scale=")[1][0]: line.split()[1] for line in output.splitlines() if line[0] == "["}
    assert lines == {"0": "ok", "1": "FAILED", "2": "ok"}
    assert "the kernel died" in output
    assert "Traceback" not in errors
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("options", [(), ("--cold",)])
def test_a_killed_batch_goes_on_where_it_was(sweep_folder: Path, options: tuple[str, ...]) -> None:
    process = start(sweep_folder, *options)
    assert process.stdout is not None
    for _ in range(2):
        process.stdout.readline()
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
    assert alive == []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while list((sweep_folder / "temporary").iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list((sweep_folder / "temporary").iterdir()) == []
    done = len(finished_runs(sweep_folder))
    assert done >= 2
    if options:
        return  # how it goes on does not depend on how kernels start
    again = start(sweep_folder)
    output, _ = again.communicate(timeout=4 * PATIENCE_SECONDS)
    assert again.returncode == 0
    unchanged = int(output.split(" of them unchanged")[0].split()[-1])
    assert done - 1 <= unchanged <= done  # killed between publishing and noting it down, one runs again
    assert list((sweep_folder / "results").rglob("*.part")) == []
    for path in finished_runs(sweep_folder):
        assert set(json.loads(path.read_text())) == {"doubled"}


def test_a_signal_waits_until_a_run_is_published_and_noted(run_of, monkeypatch: pytest.MonkeyPatch) -> None:
    number = signal.SIGTERM
    original = engine.write_all
    monkeypatch.setattr(engine, "write_all", lambda files: (signal.raise_signal(number), original(files)))
    before = signal.getsignal(number)
    runs = [run_of(key=str(scale), scale=scale) for scale in (1.0, 2.0, 3.0)]
    outcomes = run_all(runs, print, jobs=1)
    assert signal.getsignal(number) is before
    done = [outcome.run for outcome in outcomes if outcome.status == OK]
    assert 1 <= len(done) < len(runs)
    assert all(manifest.is_current(run, environment()) for run in done)
    assert {outcome.status for outcome in outcomes} == {OK, NOT_RUN}


def test_stopping_keeps_what_is_done_and_kills_the_rest(run_of, tmp_path: Path, write_result: str) -> None:
    """Also where the signal comes twice."""
    slow = f"""import os, time
if scale:
    open(f"{tmp_path}/{{scale}}.pid", "w").write(str(os.getpid()))
    time.sleep(600)
{write_result}"""
    runs = [run_of(slow, key=str(scale), scale=float(scale)) for scale in range(4)]

    def stop(outcome: object) -> None:
        deadline = time.monotonic() + 30
        while len(busy()) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        for _ in range(2):
            signal.raise_signal(signal.SIGINT)

    def busy() -> list[psutil.Process]:
        written = [path.read_text() for path in tmp_path.glob("*.pid")]
        return [psutil.Process(int(text)) for text in written if text and psutil.pid_exists(int(text))]

    outcomes = run_all(runs, stop, jobs=3)
    assert len(list(tmp_path.glob("*.pid"))) >= 2
    assert busy() == []
    statuses = [outcome.status for outcome in outcomes]
    assert statuses == [OK] + [NOT_RUN] * 3
    assert json.loads((runs[0].results / "result.json").read_text()) == {"doubled": 0.0}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("run_")]
    assert run_all([runs[0]], print)[0].status == AS_WAS
