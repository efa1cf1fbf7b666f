"""A Jupyter kernel that notes which files it reads.

A forked process calls `run`; to start in the ordinary way, this file is run as a script, so that no other
module of the package is imported before the notebook's own.
"""

import contextlib
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
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
READ, WRITTEN = "read ", "written "
"""What stands before a name."""

_ANSWER_SECONDS = 1.0
_SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr")


def is_own(name: str) -> bool:
    """Tell whether a kernel's name stands for the one of this environment."""
    return name.lower() in _OWN


def run(arguments: list[str]) -> None:
    """Run a kernel until it is told to end; note what it reads from then on where that is asked for."""
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [LAUNCHER, *arguments]
    kernel = IPKernelApp.instance()
    kernel.initialize(arguments)
    if NOTES in os.environ:
        note_reads(**json.loads(os.environ.pop(NOTES)))
    kernel.start()
    kernel.control_thread.join(_ANSWER_SECONDS)  # it still answers, and would wait for what is closed next


def note_reads(log: str, counted: Sequence[str] = (), ignored: Sequence[str] = ()) -> None:
    """Note each file that this process opens for reading, as a possible input.

    Files of Python, of the system and of hidden folders at home are none, nor is what the process wrote
    itself, which is noted as such. The current folder counts wherever it is. Libraries that open files
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
        self._known: set[Path] = set()

    def take(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take note of an event of Python's, where it is of interest."""
        with contextlib.suppress(OSError, TypeError, ValueError):
            if event == "open":
                self._opened(os.fsdecode(arguments[0]), arguments[2])
            elif event == "sqlite3.connect":
                name = os.fsdecode(arguments[0])
                is_address = name.startswith("file:")
                self._opened(name[5:].partition("?")[0] if is_address else name, os.O_RDONLY)

    def _opened(self, name: str, flags: int) -> None:
        path = Path.cwd() / name  # a link by its own name: it may point elsewhere next time
        if path.suffix == ".pyc":
            path = Path(importlib.util.source_from_cache(path))
        if flags & os.O_TRUNC or (flags & os.O_CREAT and not path.exists()):
            self._note(WRITTEN, path)
        elif not flags & os.O_WRONLY and path.is_file():
            self._note(READ, path)

    def _note(self, kind: str, path: Path) -> None:
        if path not in self._known and _counts(path.resolve(), self._folders):
            self._known.add(path)
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
