"""A process that has imported what notebooks need, and forks a kernel for each run.

It reads one JSON request a line from the socket that its parent handed down, and answers each with one line:

- ``{"do": "fork", "argv": [...], "env": {...}, "cwd": "...", "log": "..."}`` forks a kernel and gives its
  ``{"pid": ...}``; ``{"pid": null}`` where that cannot be done, or the kernel has another PYTHONPATH, or its
  folder has modules that would be imported instead of those that are here already, or settings of matplotlib:
  a forked one would not do what an ordinary one does;
- ``{"do": "look"}`` gives ``{"is_current": ...}``: whether every file that was imported is as it was;
- ``{"do": "poll", "pid": ...}`` gives ``{"status": null}`` while it runs, then its exit status.

When the socket closes (the parent ended, however it did), its kernels are killed. It is run as a script, so
that nothing in the current folder is imported instead of what is installed, and no module of this package is
known to its kernels but those that it is told to import.

The fork server of `multiprocessing` would not do: it imports its parent's main module, cannot be renewed when
a package changes, and its children run no exit handlers.
"""

import atexit
import builtins
import contextlib
import gc
import importlib
import io
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

MODULES = (
    "pandas.core.methods.to_dict",
    "pandas.io.formats.html",
    "pandas.io.formats.string",
    "pyarrow.pandas_compat",
    "matplotlib.backends.backend_svg",
    "seaborn",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "faulthandler",
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
)
"""What is imported once, with all that it imports, before what the caller names. None may start a thread:
only the thread that forks survives in the child."""

_PR_SET_PDEATHSIG = 1


def _draw() -> None:
    """Draw a figure that nobody sees, so that what all need is there; choose no backend for kernels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots()
    FigureCanvasAgg(figure).print_figure(io.BytesIO(), format="png", bbox_inches="tight")


def serve(channel: socket.socket, started: float, run: Callable[[list[str]], None]) -> None:
    """Answer requests until the channel closes.

    Parameters
    ----------
    channel : socket
        Where they come from.
    started : float
        When the first import began [s since 1970].
    run : callable
        Runs a kernel with its arguments.
    """
    names = {getattr(module, "__file__", None) or "" for module in [*sys.modules.values()]}
    imported = [name for name in names if Path(name).is_file()]
    with channel.makefile("rw", encoding="utf-8") as stream:
        for line in stream:
            request = json.loads(line)
            if request["do"] == "poll":
                answer = {"status": _status_of(request["pid"])}
            elif request["do"] == "look":
                answer = {"is_current": not _have_changed(imported, started)}
            else:
                pid = _forked(request["cwd"], request["env"])
                if pid == 0:
                    stream.close()
                    channel.close()
                    _become_kernel(request, run)
                answer = {"pid": pid}
            stream.write(json.dumps(answer) + "\n")
            stream.flush()


def _forked(folder: str, environment: Mapping[str, str]) -> int | None:
    """Fork; return the child's number, 0 in the child, None where an ordinary start is called for."""
    try:
        cold = _has_other_path(environment) or _has_modules_instead(folder)
        pid = None if cold else os.fork()
    except OSError:  # no such folder, or no memory
        return None
    if pid:
        with contextlib.suppress(OSError):  # both sides do: now the group can be killed as one
            os.setpgid(pid, pid)
    return pid


def _status_of(pid: int) -> int | None:
    """Return the exit status of a kernel, None while it runs; one that is not ours counts as killed."""
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return -signal.SIGKILL
    return os.waitstatus_to_exitcode(status) if found else None


def _have_changed(files: Iterable[str], since: float) -> bool:
    """Tell whether one of some files was changed, or went, after a time [s since 1970]."""
    try:
        return any(os.stat(file).st_ctime > since for file in files)  # noqa: PTH116 - of a thousand files
    except OSError:  # it is gone
        return True


def _has_other_path(environment: Mapping[str, str]) -> bool:
    """Tell whether an ordinary kernel would look elsewhere for what was imported here."""
    wanted = environment.get("PYTHONPATH", "")
    is_relative = bool(wanted) and not all(map(os.path.isabs, wanted.split(os.pathsep)))
    return is_relative or wanted != os.environ.get("PYTHONPATH", "")


def _has_modules_instead(folder: str) -> bool:
    """Tell whether an ordinary kernel in a folder would not import just what was imported here."""
    with os.scandir(folder) as entries:
        return any(map(_is_instead, entries))


def _is_instead(entry: os.DirEntry[str]) -> bool:
    if entry.name == "matplotlibrc":
        return True
    module = sys.modules.get(entry.name.removesuffix(".py"))
    if module is None:
        return False
    found = Path(entry.path, "__init__.py") if entry.is_dir() else Path(entry.path)
    here = Path(getattr(module, "__file__", None) or "")
    return found.suffix == ".py" and found.is_file() and found.resolve() != here.resolve()


def _become_kernel(request: dict[str, Any], run: Callable[[list[str]], None]) -> NoReturn:
    """Turn a forked child into a kernel like one that was started in the ordinary way; end with it."""
    import numpy as np

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
    run(request["argv"])
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


def main(descriptor: int, preload: Sequence[str]) -> None:
    """Import, then serve on an inherited socket.

    Parameters
    ----------
    descriptor : int
        File descriptor of the socket.
    preload : sequence of str
        What to import besides `MODULES`; of ``module:function`` the function is called.
    """
    started = time.time()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # imports leave little to collect
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    for name in (*MODULES, *preload):
        module, _, function = name.partition(":")
        found = importlib.import_module(module)  # pandas, say, sees that this is no terminal
        if function:
            getattr(found, function)()
    _draw()
    del builtins.get_ipython  # type: ignore[attr-defined]
    if threading.active_count() > 1:
        sys.exit("an import started a thread, so nothing can be forked")
    gc.collect()
    gc.freeze()
    gc.enable()
    loader = SourceFileLoader("kernel", str(Path(__file__).with_name("kernel.py")))
    loader.exec_module(kernel := ModuleType(loader.name))  # under no name that an import finds
    serve(socket.socket(fileno=descriptor), started, kernel.run)
    os._exit(0)  # at once, and its kernels with it


if __name__ == "__main__":
    del sys.path[0]  # this file's folder; a kernel adds the current one by itself
    main(int(sys.argv[1]), sys.argv[2:])
