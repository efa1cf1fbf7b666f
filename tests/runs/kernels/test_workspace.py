"""Temporary folders and kernels go with the process that has them, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from analysis.runs.kernels import workspace as module
from analysis.runs.kernels.workspace import MARK, clear_up_after, private_homes, socket_room, workspace

PATIENCE_SECONDS = 15
HOLDER = """
    import os, subprocess, sys, time
    from analysis.runs.kernels.workspace import MARK, socket_room, unwatch, watch, workspace
    (workspace() / "file").write_text("x")
    (socket_room() / "socket").write_text("x")
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    quiet = {"stdout": subprocess.DEVNULL, "start_new_session": True}
    kept, let_go = (subprocess.Popen(sleep, **quiet).pid for _ in range(2))
    of_a_run = {**os.environ, MARK: str(workspace() / "run-1")}
    marked = subprocess.Popen(sleep, env=of_a_run, **quiet).pid
    watch(kept)
    watch(let_go)
    unwatch(let_go)
    print(workspace(), socket_room(), kept, let_go, marked, flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> tuple[subprocess.Popen[str], list[Path], list[psutil.Process]]:
    """Start a process with folders and three processes of their own; return it, these and those."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    assert process.stdout is not None
    *names, kept, let_go, marked = process.stdout.readline().split()
    children = [psutil.Process(int(number)) for number in (kept, let_go, marked)]
    return process, [Path(name) for name in names], children


def are_gone(folders: list[Path]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(folder.exists() for folder in folders) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(folder.exists() for folder in folders)


@pytest.mark.parametrize("end", ["killed", "ended", "helper killed"])
def test_all_goes_with_its_process(tmp_path: Path, end: str) -> None:
    place = tmp_path / ("t" * 120)
    place.mkdir()
    process, folders, (kept, let_go, marked) = holder(place)
    assert len({*folders}) == 2, "one that is short enough for sockets"
    assert all(folder.is_dir() for folder in folders)
    if end == "killed":
        process.kill()
    elif end == "helper killed":
        children = psutil.Process(process.pid).children()
        helpers = [child for child in children if "workspace.py" in str(child.cmdline())]
        assert len(helpers) == 1
        helpers[0].kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    assert are_gone(folders)
    if end != "helper killed":
        linux = sys.platform == "linux"
        ended = [kept, marked] if linux else [kept]
        assert psutil.wait_procs(ended, timeout=PATIENCE_SECONDS)[1] == []
    assert let_go.is_running()
    for child in (kept, let_go, marked):
        if child.is_running():
            child.kill()


def lonely_holder(folder: Path) -> tuple[list[Path], list[psutil.Process]]:
    """Return what a process and the helper that clears up after it leave when both are killed at once."""
    process, folders, children = holder(folder)
    helpers = [one for one in psutil.Process(process.pid).children() if "workspace.py" in str(one.cmdline())]
    helpers[0].suspend()
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    helpers[0].kill()
    assert all(one.is_dir() for one in folders)
    return folders, children


@pytest.mark.skipif(sys.platform != "linux", reason="goes by what Linux alone tells")
def test_the_next_batch_sweeps_what_a_dead_one_left(tmp_path: Path) -> None:
    """With what it started and marked; the folders of those that live, and of other kinds, are left alone."""
    folders, (kept, let_go, marked) = lonely_holder(tmp_path)
    (tmp_path / "kwh2token-older").mkdir()
    living, theirs, others = holder(tmp_path)
    assert not any(folder.exists() for folder in folders)
    assert psutil.wait_procs([marked], timeout=PATIENCE_SECONDS)[1] == []
    again, _, more = holder(tmp_path)
    assert all(folder.is_dir() for folder in theirs)
    assert (tmp_path / "kwh2token-older").is_dir()
    for process in (living, again):
        process.communicate(timeout=PATIENCE_SECONDS)
    for child in (kept, let_go, *others, *more):
        if child.is_running():
            child.kill()


def test_a_folder_that_was_swept_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = tempfile.mkdtemp
    made: list[str] = []

    def swept_at_first(**where: str) -> str:
        made.append(make(**where))
        if len(made) == 1:
            Path(made[0]).rmdir()
        return made[-1]

    monkeypatch.setattr(module.tempfile, "mkdtemp", swept_at_first)
    folder = module._folder_of(os.getpid(), str(tmp_path))
    assert (folder, len(made)) == (Path(made[1]), 2)
    with pytest.raises(BlockingIOError):
        module._lock(folder, wait=False)


def test_homes_that_have_folders_of_matplotlib_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert {*private_homes()} == {"XDG_CONFIG_HOME", "XDG_CACHE_HOME"}
    (tmp_path / ".cache" / "matplotlib").mkdir(parents=True)
    assert {*private_homes()} == {"XDG_CONFIG_HOME"}
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".cache"))
    assert private_homes() == {}


def test_what_is_left_is_cleared_up_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "with a blank"
    (folder / "below").mkdir(parents=True)
    killed = []

    def kill(group: int, number: int) -> None:
        assert folder.exists(), "processes first: they may still write"
        killed.append((group, number))
        raise ProcessLookupError

    monkeypatch.setattr(module.os, "killpg", kill)
    clear_up_after(["group 7\n", f"folder {folder}\n", "group 8\n", "group 9\n", "ended 7\n", "ended 99\n"])
    assert sorted(killed) == [(8, signal.SIGKILL), (9, signal.SIGKILL)]
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_was_only_just_starting_is_killed_before_its_folder_goes(tmp_path: Path) -> None:
    """A kernel started as its parent died has its mark a little later, and would make folders elsewhere."""
    folder, late = tmp_path / "private", f"sleep 0.2; exec env {MARK}={tmp_path / 'private'} sleep 60"
    folder.mkdir()
    with subprocess.Popen(["sh", "-c", late], env={"PATH": os.environ["PATH"]}) as process:
        clear_up_after([f"folder {folder}\n"])
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert not folder.exists()


def test_sockets_find_a_short_path_under_a_long_one(tmp_path: Path, monkeypatch) -> None:
    assert socket_room() == workspace()
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert workspace().parent == long
    assert len(str(socket_room())) < 90


def test_a_very_long_temporary_folder_does_no_harm(execute_of, tmp_path: Path, monkeypatch) -> None:
    long = tmp_path / ("t" * 100) / ("t" * 100)
    long.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert execute_of().error == ""
    assert workspace().parent == long
