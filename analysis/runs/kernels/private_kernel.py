"""The kernel of one run, from outside: what it is told, how it is talked to, and which files it read."""

import asyncio
import contextlib
import json
import math
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from queue import Empty
from tempfile import mkdtemp
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient

from analysis.runs.kernels.kernel import CHANGED, NOTES, OWN, READ, WRITTEN, is_own
from analysis.runs.kernels.provisioner import PrivateManager
from analysis.runs.kernels.workspace import MARK, kill_marked, socket_room

_NOTES, _LOG, _CONNECTION = "opened.txt", "kernel.log", "kernel.json"
_QUOTED = re.compile(r"""(["'])([^"'\n]{1,1000})\1""")
_ASK_AGAIN_SECONDS, _SUBSCRIBED_SECONDS = 1.0, 0.2


@contextlib.contextmanager
def private_kernel(
    folder: Path, *, name: str = "", counted: Iterable[Path] = (), ignored: Iterable[Path] = (), **traits: Any
) -> Iterator[Any]:
    """Give the configuration of a kernel whose files lie in a private folder; kill what it leaves behind.

    Its sockets are files too: kernels on TCP ports race for them when several start at once. They have ports
    only where there is no other way, and where the kernel is not ours. What the user has configured for
    interactive work is not for it: its folder for that is a private one.

    Parameters
    ----------
    folder : Path
        For its notes, its log, its connection file and its configuration.
    name : str, optional
        Of the kernel; one that is not ours starts in the ordinary way and notes nothing.
    counted, ignored : iterable of Path, optional
        Folders whose files count, or do not count, when it notes what it reads.
    **traits
        Traits of `WarmProvisioner`, such as its batch.
    """
    from traitlets.config import Config

    told = {"IPYTHONDIR": str(folder / "ipython"), "PYTHONSTARTUP": "", MARK: str(folder)}
    manager = {"connection_file": str(folder / _CONNECTION), "client_class": f"{__name__}.PromptClient"}
    if is_own(name):
        folders = {"counted": [*map(str, counted)], "ignored": [*map(str, ignored)]}
        told[NOTES] = json.dumps({"log": str(folder / _NOTES), **folders})
    sockets = _socket_folder() if is_own(name) else None
    if sockets is not None:
        manager |= {"transport": "ipc", "ip": str(sockets / "s")}
    provisioner = {"environment": told, "log_file": str(folder / _LOG), **traits}
    client = {"kernel_manager_class": f"{PrivateManager.__module__}.PrivateManager"}
    try:
        yield Config({"NotebookClient": client, "KernelManager": manager, "WarmProvisioner": provisioner})
    finally:
        kill_marked(folder)
        if sockets is not None:
            shutil.rmtree(sockets, ignore_errors=True)
        _close_event_loop()


def _socket_folder() -> Path | None:
    """Return a fresh private folder for socket files; None where there is no such thing."""
    if sys.platform == "win32" or not zmq.has("ipc"):
        return None
    return Path(mkdtemp(prefix="k", dir=socket_room()))


def _close_event_loop() -> None:
    """Close the event loop that Jupyter made for this thread and keeps, and what waits in it."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    if loop.is_running():
        return
    tasks = asyncio.all_tasks(loop)  # nbclient leaves some where it gives up a cell
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()


class PromptClient(AsyncKernelClient):
    """A client that is ready as soon as its kernel is, and drops no output however many come at once.

    Jupyter's own client listens a fifth of a second more at the start, to drop messages that nbclient does
    not mistake for outputs of a cell anyway.
    """

    def connect_iopub(self, identity: bytes | None = None) -> zmq.Socket[bytes]:
        """Return a socket for outputs whose queue has no bound."""
        self.context.setsockopt(zmq.RCVHWM, 0)
        return super().connect_iopub(identity)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel has answered and its outputs arrive here.

        Raises
        ------
        RuntimeError
            If the kernel dies before, or takes more than `timeout` seconds.
        """
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.get_shell_msg(timeout=_ASK_AGAIN_SECONDS)
                await self.get_iopub_msg(timeout=_SUBSCRIBED_SECONDS)
                self._handle_kernel_info_reply(reply)
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


def files_read(folder: Path, cells: Sequence[Any], home: str) -> set[str]:
    """Return the files that a run read: those that its kernel noted, and those that its cells name.

    A library that opens files by itself, as those for Parquet do, goes unseen by the kernel; so any text in
    the cells that names a file counts, too, unless the run wrote that file.

    Parameters
    ----------
    folder : Path
        The private folder of its kernel.
    cells : sequence of NotebookNode
        Its cells, parameters and all.
    home : str
        The folder in which it ran; empty for a notebook whose cells name no files.
    """
    noted = _noted(folder)
    own = {str(Path(name).resolve()) for name in noted[WRITTEN] | noted[OWN]}
    return noted[READ] | ({*_files_named(cells, Path(home))} - own if home else set())


def files_changed(folder: Path, cells: Sequence[Any], home: str, since: float) -> set[str]:
    """Return the files outside its private folder that a run wrote, or used while something changed them.

    Empty ones, such as locks, carry nothing from run to run.

    Parameters
    ----------
    folder, cells, home
        As for `files_read`.
    since : float
        When the run started [s since 1970].
    """
    noted = _noted(folder)
    used = noted[READ] | noted[CHANGED] | ({*_files_named(cells, Path(home))} if home else set())
    written = noted[WRITTEN] | {name for name in used if _has_changed(name, since)}
    outside = {path for path in map(Path.resolve, map(Path, written)) if folder not in path.parents}
    return {str(path) for path in outside if not path.is_file() or path.stat().st_size}


def _noted(folder: Path) -> dict[str, set[str]]:
    """Return the names that a kernel noted, by what stands before them."""
    notes = folder / _NOTES
    entries = os.fsdecode(notes.read_bytes()).split("\0") if notes.is_file() else []
    kinds = (READ, WRITTEN, OWN, CHANGED)
    return {kind: {name.removeprefix(kind) for name in entries if name.startswith(kind)} for kind in kinds}


def _has_changed(name: str, since: float) -> bool:
    try:
        stat = Path(name).stat()
    except OSError:  # it is gone
        return True
    return max(stat.st_mtime, stat.st_ctime) > since


def _files_named(cells: Sequence[Any], home: Path) -> Iterator[str]:
    for cell in cells:
        for found in _QUOTED.finditer(cell.source if cell.cell_type == "code" else ""):
            with contextlib.suppress(OSError, ValueError):  # no name of a file, but some long text
                if (home / found[2]).is_file():
                    yield str((home / found[2]).resolve())


def last_line_printed(folder: Path) -> str:
    """Return the last line that a kernel's process printed."""
    log = folder / _LOG
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.is_file() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
