"""What the kernel of one run is told: its own sockets, one thread for BLAS, and to note what it opens."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from analysis.inputs import paths
from analysis.runs.kernels.client import PromptClient
from analysis.runs.kernels.kernel import DATA, READ, READ_LOG, WRITTEN
from analysis.runs.kernels.workspace import MARK, kill_marked, socket_room

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
_NOTES, _LOG, _CONNECTION = "opened.txt", "kernel.log", "kernel.json"


@contextlib.contextmanager
def private_kernel(
    folder: Path, batch: str, *, memory_gb: float = 0.0, cold: bool = False, project: Path | None = None
) -> Iterator[Any]:
    """Give the configuration of a kernel whose files lie in a private folder; kill what it leaves behind.

    Its sockets are files too: kernels on TCP ports race for them when several start at once. They have ports
    only where there is no other way.

    Parameters
    ----------
    folder : Path
        For its notes, its log and its connection file.
    batch : str
        ``kill_all`` of this batch kills it.
    memory_gb : float, optional
        Limit of its address space [GiB]; 0 is none.
    cold : bool, optional
        Start it in the ordinary way.
    project : Path, optional
        Folder with package and data to use instead of those of this process.
    """
    from traitlets.config import Config

    data = (project or paths.DATA.parent) / paths.DATA.name
    environment = {**ONE_THREAD, READ_LOG: str(folder / _NOTES), DATA: str(data), MARK: str(folder)}
    if project:
        environment["PYTHONPATH"] = str(project)
    provisioner = {
        "environment": environment,
        "batch": batch,
        "log_file": str(folder / _LOG),
        "memory_gb": memory_gb,
        "cold": cold or project is not None,
    }
    client = f"{PromptClient.__module__}.{PromptClient.__name__}"
    manager = {"connection_file": str(folder / _CONNECTION), "client_class": client}
    sockets = _socket_folder()
    if sockets is not None:
        manager |= {"transport": "ipc", "ip": str(sockets / "s")}
    try:
        yield Config({"KernelManager": manager, "WarmProvisioner": provisioner})
    finally:
        kill_marked(folder)
        if sockets is not None:
            shutil.rmtree(sockets, ignore_errors=True)
        _close_event_loop()


def noted_files(folder: Path) -> tuple[set[str], set[str]]:
    """Return the files that a kernel noted as read, and those that it wrote itself."""
    notes = folder / _NOTES
    entries = os.fsdecode(notes.read_bytes()).split("\0") if notes.is_file() else []
    read, written = (
        {entry.removeprefix(kind) for entry in entries if entry.startswith(kind)} for kind in (READ, WRITTEN)
    )
    return read, written


def last_words(folder: Path) -> str:
    """Return the last line that a kernel's process printed."""
    log = folder / _LOG
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.is_file() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _socket_folder() -> Path | None:
    """Return a fresh private folder for socket files; None where there is no such thing."""
    import zmq

    if sys.platform == "win32" or not zmq.has("ipc"):
        return None
    return Path(mkdtemp(prefix="k", dir=socket_room()))


def _close_event_loop() -> None:
    """Close the event loop that Jupyter made for this thread and keeps."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    if not loop.is_running():
        loop.close()
