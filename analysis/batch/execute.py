"""Run one notebook in a kernel of its own and collect what it gave.

This is all that happens where a run is executed: a thread here, or a worker of a cluster. It changes no
working directory and no environment variable of the process, and leaves nothing behind.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from analysis import paths
from analysis.batch.deliverables import problem_with
from analysis.batch.reads import files_read
from analysis.batch.task import Delivery, Task
from analysis.batch.template import FOLDER
from analysis.hashes import libraries, project_hash
from analysis.kernels import kernel
from analysis.kernels.client import PromptClient
from analysis.kernels.provisioner import KERNEL_NAME, ONE_THREAD
from analysis.kernels.workspace import socket_room, workspace

START_SECONDS = 120.0
_IOPUB_SECONDS = 60
_INJECTED = "injected-parameters"

logging.getLogger("papermill").addHandler(logging.NullHandler())  # a run tells what went wrong by itself

shipped: dict[str, Path] = {}
"""Where projects that were shipped to this worker of a cluster lie, by their hash."""


class _KernelStartError(Exception):
    """A kernel did not come up."""


def execute(task: Task) -> Delivery:
    """Run a task. Whatever happens to the notebook, this returns.

    Success is judged by the deliverables: one that is missing, empty or invalid is a failure, and so is
    anything on stderr.
    """
    started = time.monotonic()
    unfit = _unfit(task)
    if unfit:
        return Delivery(0.0, error=unfit)
    try:
        with TemporaryDirectory(prefix="run-", dir=workspace(), ignore_cleanup_errors=True) as staging:
            return replace(_delivery_of(task, Path(staging)), seconds=time.monotonic() - started)
    except OSError as problem:  # a full disk, say
        return Delivery(time.monotonic() - started, error=f"{problem.strerror}: {problem.filename}")
    except Exception as problem:  # a notebook that papermill makes nothing of
        return Delivery(time.monotonic() - started, error=f"{type(problem).__name__}: {problem!s:.200}")


def _delivery_of(task: Task, staging: Path) -> Delivery:
    notebook, (error, cell) = _executed(task, staging)
    files = _files_in(staging / "results")
    if not error:
        error, cell = problem_with(task.delivers, files), None
    if not error:
        error, cell = _stderr_of(notebook)
    root = f"{_project_of(task) or paths.DATA.parent}{os.sep}"
    read = files_read(staging / "opened.txt", notebook, task.home) | {*task.inputs}
    back = {str(_staged(staging, path)): path for path in task.inputs}
    return Delivery(
        notebook=_as_text(notebook, back | {str(staging / "results"): task.folder}),
        files=files,
        read=tuple(sorted(name.removeprefix(root) for name in read)),
        error=error,
        cell=cell,
    )


def _unfit(task: Task) -> str:
    """Return why this place cannot run the task as it would be run where it was planned."""
    other = [f"{name} {known}" for name, known in libraries().items() if task.libraries.get(name) != known]
    if task.libraries and other:
        return f"this worker has {', '.join(other)}; the batch was planned with other versions"
    if task.project and task.project not in shipped and task.project != project_hash():
        return "this worker has another version of the package or of its data, and got none shipped"
    return ""


def _project_of(task: Task) -> Path | None:
    """Return the folder of the shipped project that a task needs; None where it needs the installed one."""
    return shipped[task.project] if task.project and task.project != project_hash() else None


def _executed(task: Task, staging: Path) -> tuple[Any, tuple[str, int | None]]:
    """Return the notebook after its run, what went wrong and in which cell; a kernel may start twice."""
    import nbformat
    from papermill.parameterize import parameterize_notebook

    given = dict(task.parameters)
    for path, content in task.inputs.items():
        _staged(staging, path).parent.mkdir(exist_ok=True)
        _staged(staging, path).write_bytes(content)
        given = {
            name: str(_staged(staging, path)) if value == path else value for name, value in given.items()
        }
    (staging / "home").mkdir()
    if task.folder:
        (staging / "results").mkdir()
        given[FOLDER] = str(staging / "results")
    for attempt in (1, 2):
        notebook = nbformat.reads(task.source, as_version=4)
        notebook.metadata.papermill = nbformat.NotebookNode()  # papermill writes there, and reads tags
        for cell in notebook.cells:
            cell.metadata.setdefault("tags", [])
        if given:
            notebook = parameterize_notebook(
                notebook, given, kernel_name=KERNEL_NAME, language="python", comment="Parameters"
            )
        try:
            return notebook, _run_cells(notebook, task, staging)
        except _KernelStartError as error:
            if attempt == 2:
                return notebook, (f"its kernel did not start: {error}", None)
    raise AssertionError


def _run_cells(notebook: Any, task: Task, staging: Path) -> tuple[str, int | None]:
    """Run the cells in place through papermill's engine; return what went wrong and in which cell."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines

    deadlines: list[float] = []  # set when the first cell starts
    sockets = _socket_folder()
    home = task.home if task.home and Path(task.home).is_dir() else str(staging / "home")
    reached = [0]

    def time_left(cell: Any) -> float:
        reached[0] = 1 + next(number for number, each in enumerate(notebook.cells) if each is cell)
        deadlines.append(time.monotonic() + task.limits.timeout_seconds)
        return max(deadlines[0] - time.monotonic(), 0.001)

    try:
        papermill_engines.execute_notebook_with_engine(
            None,
            notebook,
            kernel_name=KERNEL_NAME,
            progress_bar=False,
            start_timeout=START_SECONDS,
            timeout_func=time_left,
            iopub_timeout=_IOPUB_SECONDS,
            record_timing=False,
            config=_kernel_config(task, staging, sockets),
            resources={"metadata": {"path": home}},
        )
        return _error_of(notebook)
    except CellTimeoutError:
        return f"not done within {task.limits.timeout_seconds:g} seconds", reached[0]
    except DeadKernelError:
        return "the kernel died (killed, or out of memory)", reached[0]
    except NoSuchKernel:
        return f"there is no kernel {KERNEL_NAME}: install the project again", None
    except Exception as error:
        if not reached[0]:
            raise _KernelStartError(f"{type(error).__name__}: {error}{_last_line(staging)}") from None
        return f"{type(error).__name__}: {error}", reached[0]
    finally:
        if sockets is not None:
            shutil.rmtree(sockets, ignore_errors=True)
        _close_event_loop()


def _close_event_loop() -> None:
    """Close the event loop that Jupyter made for this thread and keeps."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    if not loop.is_running():
        loop.close()


def _kernel_config(task: Task, staging: Path, sockets: Path | None) -> Any:
    """Return the configuration of the run's kernel: private sockets, one BLAS thread, the package to use.

    Kernels on TCP ports race for them when several start at once; only where there is no other way.
    """
    from traitlets.config import Config

    project = _project_of(task)
    data = project / paths.DATA.name if project else paths.DATA
    environment = {**ONE_THREAD, kernel.READ_LOG: str(staging / "opened.txt"), kernel.DATA: str(data)}
    if project:
        environment["PYTHONPATH"] = str(project)
    provisioner = {
        "environment": environment,
        "batch": task.batch,
        "log_file": str(staging / "kernel.log"),
        "memory_gb": task.limits.memory_gb,
        "cold": task.limits.cold or project is not None,
    }
    client = f"{PromptClient.__module__}.{PromptClient.__name__}"
    manager = {"connection_file": str(staging / "kernel.json"), "client_class": client}
    private = {} if sockets is None else {"transport": "ipc", "ip": str(sockets / "s")}
    return Config({"KernelManager": manager | private, "WarmProvisioner": provisioner})


def _socket_folder() -> Path | None:
    """Return a fresh private folder for socket files; None where there is no such thing."""
    import zmq

    if sys.platform == "win32" or not zmq.has("ipc"):
        return None
    return Path(mkdtemp(prefix="k", dir=socket_room()))


def _staged(staging: Path, path: str) -> Path:
    return staging / "inputs" / Path(path).name


def _files_in(folder: Path) -> dict[str, bytes]:
    """Return what a run wrote, hidden files left out."""
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in found.items()
        if not any(part.startswith(".") for part in name.parts)
    }


def _error_of(notebook: Any) -> tuple[str, int | None]:
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return f"{output.ename}: {output.evalue}".rstrip(": "), number
    return "", None


def _stderr_of(notebook: Any) -> tuple[str, int | None]:
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                return f"wrote to stderr: {output.text.strip():.200}", number
    return "", None


def _last_line(staging: Path) -> str:
    """Return the last thing that a kernel which did not start had to say."""
    log = staging / "kernel.log"
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.is_file() else []
    said = [line.strip() for line in lines if line.strip()]
    return f" ({said[-1]:.200})" if said else ""


def _as_text(notebook: Any, back: dict[str, str]) -> str:
    """Return an executed notebook as JSON without times, naming lasting paths instead of staged ones."""
    import nbformat

    for part in (notebook, *notebook.cells):
        part.metadata.pop("papermill", None)
        if _INJECTED in part.metadata.get("tags", ()) and "id" in part:
            part["id"] = _INJECTED  # a random one otherwise
        if not part.metadata.get("tags", True):
            del part.metadata["tags"]
    text: str = nbformat.writes(notebook) + "\n"
    for staged, lasting in back.items():
        staged, lasting = (json.dumps(name, ensure_ascii=False)[1:-1] for name in (staged, lasting))
        text = text.replace(staged, lasting)
    return text.encode(errors="backslashreplace").decode()  # half a character, as JSON writes it
