"""The private temporary folder of a process, and a helper that clears up after it, however it ends.

The helper is this file, run as a script: a process that only waits until its parent is gone. Then it kills
what its parent left running, and removes the parent's folders. Where both were killed, the next process that
makes such a folder does it: it takes the lock that whoever has a folder holds as long as it lives.
"""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

MARK = "KWH2TOKEN_RUN"
"""Environment variable with the folder of a run: whatever has it belongs to that run."""
_FOLDER, _GROUP, _ENDED = "folder", "group", "ended"
_PREFIX = "kwh2token-locked-"
"""Folders of this name are locked by the process that has them; others may be older versions'."""
_SOCKET_ROOM = 80
"""A Unix socket's path holds about a hundred bytes; the rest is for its own name."""
_PATIENCE_SECONDS, _NAP_SECONDS = 10.0, 0.05
_LOOKS = 10
"""How often in a row nothing must be there until it is taken for gone."""
_making = threading.RLock()
"""Held so that two threads never make two helpers or two folders."""


def workspace() -> Path:
    """Return this process's private temporary folder; it goes when the process ends."""
    with _making:
        return _folder_of(os.getpid(), tempfile.gettempdir())


def socket_room() -> Path:
    """Return a private folder whose path is short enough for sockets; it goes like the workspace."""
    if len(os.fsencode(workspace())) <= _SOCKET_ROOM:
        return workspace()
    with _making:
        return _folder_of(os.getpid(), "/tmp")


def private_homes() -> dict[str, str]:
    """Return the variables that keep matplotlib from making folders at home where it has none there."""
    home, folders = os.environ.get("HOME", ""), {"XDG_CONFIG_HOME": ".config", "XDG_CACHE_HOME": ".cache"}
    known = {name: Path(os.environ.get(name) or Path(home, folder)) for name, folder in folders.items()}
    return {name: str(workspace() / name) for name in known if not (known[name] / "matplotlib").is_dir()}


def watch(group: int) -> None:
    """Have a group of processes killed when this process ends."""
    _tell_helper(_GROUP, group)


def unwatch(group: int) -> None:
    """Let go of a group of processes that has ended."""
    _tell_helper(_ENDED, group)


def kill_group(group: int) -> None:
    """Kill a group of processes, if there is such a group and such a thing here."""
    with contextlib.suppress(OSError, AttributeError):
        os.killpg(group, signal.SIGKILL)


def kill_marked(folder: Path, looks: int = 1) -> None:
    """Kill every process whose environment is marked with a folder or one below it; found on Linux only.

    It finds those, too, that left the group of the kernel that started them.

    Parameters
    ----------
    folder : Path
        Of a run, or of the process that has it.
    looks : int, optional
        How often in a row none must be found: a process has its mark only once it has fully started.
    """
    mark, clean = os.fsencode(f"{MARK}={folder}"), 0
    for _ in range(_LOOKS + looks):
        found = [*_processes_with(mark)]
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        clean = 0 if found else clean + 1
        if clean >= looks:
            return
        time.sleep(_NAP_SECONDS)  # one may just have started another


def _processes_with(mark: bytes) -> Iterator[int]:
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # it has ended, or is none of ours
            if mark in environment.read_bytes():
                yield int(environment.parent.name)


@lru_cache(maxsize=8)
def _folder_of(pid: int, parent: str) -> Path:
    _sweep(Path(parent))
    folder = Path(parent, "none yet")
    while not folder.is_dir():  # another process may have swept it before it was locked
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent)).resolve()
        with contextlib.suppress(OSError, ImportError):  # no locks here, and so nobody who sweeps
            _lock(folder, wait=True)
    _tell_helper(_FOLDER, folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # should the helper be gone
    return folder


def _lock(folder: Path, wait: bool) -> int:
    """Lock a folder and return the descriptor that holds the lock; the processes that it starts do not.

    Raises
    ------
    OSError
        If a process has locked it, or it cannot be locked.
    ImportError
        On Windows.
    """
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _sweep(parent: Path) -> None:
    """Remove the folders of this user's dead processes, and kill what they started."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, ImportError, AttributeError):
            if folder.stat().st_uid == os.getuid():
                descriptor = _lock(folder, wait=False)
                kill_marked(folder.resolve())
                shutil.rmtree(folder, ignore_errors=True)
                os.close(descriptor)


def _tell_helper(kind: str, what: object) -> None:
    """Tell the process that clears up what there is, or is no more, to clear up."""
    with _making:
        told = _helper_of(os.getpid()).stdin
        assert told is not None
        with contextlib.suppress(OSError):  # it is gone
            told.write(f"{kind} {what}\n")
            told.flush()


@lru_cache(maxsize=1)
def _helper_of(pid: int) -> subprocess.Popen[str]:
    """Return the process that clears up after one of this number."""
    helper = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    atexit.register(helper.communicate)  # which closes its stdin and waits for it
    return helper


def clear_up_after(lines: Iterable[str]) -> None:
    """Note what a parent has, one entry a line; when the lines end, so has the parent: clear up."""
    folders: list[Path] = []
    groups: set[int] = set()
    for line in lines:
        kind, _, what = line.rstrip("\n").partition(" ")
        if kind == _FOLDER:
            folders.append(Path(what))
        elif kind == _GROUP:
            groups.add(int(what))
        else:
            groups.discard(int(what))
    for group in groups:
        kill_group(group)
    died = any(folder.exists() for folder in folders)  # a parent that ends by itself removes them
    for folder in folders:
        kill_marked(folder, _LOOKS if died else 1)
    if not died:
        return
    deadline, gone = time.monotonic() + _PATIENCE_SECONDS, 0
    while gone < _LOOKS and time.monotonic() < deadline:  # something killed may still have been writing
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        time.sleep(_NAP_SECONDS)
        gone = 0 if any(folder.exists() for folder in folders) else gone + 1


if __name__ == "__main__":
    clear_up_after(sys.stdin)
