"""A Jupyter kernel that notes which files it reads.

A forked process calls `run`; to start in the ordinary way, this file is run as a script, so that no other
module of the package is imported before the notebook's own.
"""

import contextlib
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

KERNEL_NAME = "kwh2token-warm"
_OWN = {"", "python", "python3", KERNEL_NAME}
"""What notebooks call the kernel of the environment that they are run in."""
LAUNCHER = "ipykernel_launcher"
"""The module by which Jupyter starts a kernel."""
INLINE = "module://matplotlib_inline.backend_inline"
"""What a kernel sets as ``MPLBACKEND`` where there is none; matplotlib has to know when it is imported."""
NOTES = "KWH2TOKEN_NOTES"
"""Environment variable with the arguments of `note_reads` as JSON, where reads are to be noted."""
READ, WRITTEN, OWN, CHANGED = "read ", "written ", "own ", "changed "
"""What stands before a name: read, made anew, made where there was none (as temporary files are), or opened
so that it could be changed."""

_ANSWER_SECONDS = 1.0
_SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr")


def is_own(name: str) -> bool:
    """Tell whether a kernel's name stands for the one of this environment."""
    return name.lower() in _OWN


def run(arguments: list[str]) -> None:
    """Run a kernel until it is told to end; note what it reads from then on where that is asked for."""
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    sys.argv = [LAUNCHER, *arguments]
    kernel = IPKernelApp.instance()
    kernel.init_iopub = partial(_init_iopub, kernel.init_iopub)  # type: ignore[method-assign]
    if len(arguments) == 2 and arguments[0] == "-f":  # making a parser of all options takes a while
        kernel.update_config(Config({"IPKernelApp": {"connection_file": arguments[1]}}))
        kernel.parse_command_line = lambda argv: None  # type: ignore[assignment, method-assign, misc]
    kernel.initialize(arguments)
    if NOTES in os.environ:
        _answer_for_magics(kernel.shell, kernel.kernel)
        note_reads(**json.loads(os.environ.pop(NOTES)))
    kernel.start()
    kernel.control_thread.join(_ANSWER_SECONDS)  # it still answers, and would wait for what is closed next


def _init_iopub(init: Callable[[Any], None], context: Any) -> None:
    """Make the socket for outputs with a queue that has no bound: a full one would drop what comes."""
    import zmq

    context.setsockopt(zmq.SNDHWM, 0)
    init(context)


def _answer_for_magics(shell: Any, kernel: Any) -> None:
    """Have a cell fail in which a magic ran code that failed, as %run and %%capture do.

    They show the error and go on, so that nothing tells of it where a notebook has another display of errors.
    An error that shows itself in its own way is told by name and text.
    """
    caught: list[BaseException | None] = []
    show, send, finish = shell.showtraceback, shell._showtraceback, kernel.finish_metadata

    def showtraceback(*arguments: Any, **more: Any) -> None:
        caught.append(sys.exc_info()[1])
        show(*arguments, **more)

    def finish_metadata(parent: Any, metadata: Any, reply: dict[str, Any]) -> Any:
        errors = [error for error in caught if error and not isinstance(error, SystemExit)]
        caught.clear()
        if errors and reply.get("ename") in {None, "NoneType"}:  # the latter where the display itself failed
            told = "".join(traceback.format_exception_only(errors[0])).strip().partition(": ")[2]
            reply |= {"status": "error", "ename": type(errors[0]).__name__, "evalue": told, "traceback": []}
        return finish(parent, metadata, reply)

    shell.showtraceback, kernel.finish_metadata = showtraceback, finish_metadata
    shell._showtraceback = lambda kind, error, lines: send(kind, error, lines if type(lines) is list else [])
    shell.events.register(
        "post_run_cell", lambda cell: caught.append(cell.error_before_exec or cell.error_in_exec)
    )


def note_reads(log: str, counted: Sequence[str] = (), ignored: Sequence[str] = ()) -> None:
    """Note each file that this process opens for reading, as a possible input, and what it writes.

    Files of Python, of the system and of hidden folders at home are no inputs, nor is what the process made
    itself, and none of that was written. The current folder counts wherever it is. Libraries that open files
    without Python's help go unseen, and so do folders that are listed: imports list too many.

    Parameters
    ----------
    log : str
        File for the names, each ended by a zero byte. Files beside and below it do not count.
    counted, ignored : sequence of str, optional
        Folders whose files count, or do not, wherever they lie; the deepest one that holds a file decides.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.addaudithook(_Notes(descriptor, _folders([*ignored, str(Path(log).parent)], counted)).take)


class _Notes:
    """What a process opens, written down once each."""

    def __init__(self, descriptor: int, folders: dict[Path, bool]) -> None:
        self._descriptor, self._folders = descriptor, folders
        self._known: set[tuple[str, Path]] = set()

    def take(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of an event of Python's, where it is of interest."""
        with contextlib.suppress(OSError, TypeError, ValueError):
            if event == "open":
                self._opened(os.fsdecode(arguments[0]), arguments[2])
            elif event == "os.rename":  # also os.replace, and what shutil and pathlib make of it
                self._opened(os.fsdecode(arguments[1]), os.O_WRONLY | os.O_CREAT)
            elif event == "sqlite3.connect":
                name = os.fsdecode(arguments[0])
                name = name[5:].partition("?")[0] if name.startswith("file:") else name
                if name != ":memory:":
                    self._opened(name, os.O_RDONLY | os.O_CREAT)

    def _opened(self, name: str, flags: int) -> None:
        path = Path.cwd() / name  # a link by its own name: it may point elsewhere next time
        if path.suffix == ".pyc" and not flags & os.O_CREAT:
            path = Path(importlib.util.source_from_cache(path))
        is_new = flags & os.O_CREAT and not path.exists()
        if not (is_new or path.is_file()) or (flags & os.O_CREAT and path.parent.name == "__pycache__"):
            return  # nothing, a device, or what Python keeps for itself
        if is_new or flags & os.O_TRUNC:
            self._note(OWN if flags & os.O_EXCL else WRITTEN, path)
        else:
            self._note(CHANGED if flags & os.O_WRONLY else READ, path)

    def _note(self, kind: str, path: Path) -> None:
        known = {(kind, path), (WRITTEN, path), (OWN, path)} & self._known
        if not known and _counts(path.resolve(), self._folders):
            self._known.add((kind, path))
            os.write(self._descriptor, os.fsencode(f"{kind}{path}\0"))


def _folders(ignored: Sequence[str], counted: Sequence[str]) -> dict[Path, bool]:
    """Return folders with whether files below them count."""
    no = [*_SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *ignored]
    with contextlib.suppress(OSError, RuntimeError):
        no += [str(entry) for entry in Path.home().iterdir() if entry.name.startswith(".")]
    counts = {Path(folder).resolve(): False for folder in no if folder}
    return counts | {Path(folder).resolve(): True for folder in (str(Path.cwd()), *counted) if folder}


def _counts(path: Path, folders: dict[Path, bool]) -> bool:
    """Tell whether a file counts; the deepest of the folders that holds it decides."""
    return next((folders[folder] for folder in path.parents if folder in folders), True)


if __name__ == "__main__":
    del sys.path[0]  # this file's folder
    run(sys.argv[1:])
