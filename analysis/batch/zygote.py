"""A process that has imported what notebooks need, and forks a kernel for each run.

It reads one JSON request a line from the socket that its parent handed down, and answers each with one line:

- ``{"do": "fork", "argv": [...], "env": {...}, "cwd": "...", "log": "..."}`` forks a kernel and gives its
  ``{"pid": ...}``;
- ``{"do": "poll", "pid": ...}`` gives ``{"status": null}`` while it runs, then its exit status.

When the socket closes (the parent ended, however it did), its kernels are killed and its folders removed.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any, NoReturn

MODULES = (
    "numpy",
    "pandas",
    "pandas.io.formats.html",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "seaborn",
    "PIL.PngImagePlugin",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "psutil",
    "tornado.platform.asyncio",
    "analysis.session",
)
"""What is imported once. None may start a thread: only the thread that forks survives in the child."""

LAUNCHER = "ipykernel_launcher"
"""The module that starts a kernel in the ordinary way."""

_PR_SET_PDEATHSIG = 1


def serve(channel: socket.socket) -> set[int]:
    """Answer requests until the channel closes; return the kernels that still run then."""
    running: set[int] = set()
    with channel.makefile("rw", encoding="utf-8") as stream:
        for line in stream:
            request = json.loads(line)
            if request["do"] == "fork":
                pid = os.fork()
                if pid == 0:
                    stream.close()
                    channel.close()
                    _become_kernel(request)
                with contextlib.suppress(OSError):  # both sides do: now the group can be killed as one
                    os.setpgid(pid, pid)
                running.add(pid)
                answer: dict[str, Any] = {"pid": pid}
            else:
                answer = {"status": _status_of(request["pid"], running)}
            stream.write(json.dumps(answer) + "\n")
            stream.flush()
    return running


def _status_of(pid: int, running: set[int]) -> int | None:
    """Return the exit status of a kernel, None while it runs; one that is not ours counts as killed."""
    if pid not in running:
        return -signal.SIGKILL
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        return None
    running.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _become_kernel(request: dict[str, Any]) -> NoReturn:
    """Turn a forked child into a kernel like one that was started in the ordinary way; end with it."""
    import numpy as np
    from ipykernel.kernelapp import launch_new_instance

    os.setpgid(0, 0)
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    np.random.seed()  # noqa: NPY002 - a fork shares its parent's state, which a new process would not
    sys.argv = [LAUNCHER, *request["argv"]]
    launch_new_instance()
    _finish()


def _finish() -> NoReturn:
    """End as a process does, but for taking the shared memory apart object by object."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for entry in gc.get_objects():  # none of those that were frozen before the fork
        if issubclass(type(entry), io.IOBase) and not entry.closed:
            with contextlib.suppress(OSError, ValueError):
                entry.flush()
    os._exit(0)


def _die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main(descriptor: int, folders: Sequence[str]) -> None:
    """Import, serve on an inherited socket, and leave nothing behind.

    Parameters
    ----------
    descriptor : int
        File descriptor of the socket.
    folders : sequence of str
        Removed in the end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    del sys.path[0]  # the current folder, put there by -m; a kernel adds it by itself
    for name in MODULES:
        importlib.import_module(name)
    if threading.active_count() > 1:
        sys.exit("an import started a thread, so nothing can be forked")
    gc.collect()
    gc.freeze()
    running = serve(socket.socket(fileno=descriptor))
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    for pid in running:
        os.waitpid(pid, 0)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
