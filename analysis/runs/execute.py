"""Run one notebook in a kernel of its own and collect what it gave.

This is all that happens where a run is executed: a thread here, or a worker of a cluster. It changes no
working directory and no environment variable of the process, and leaves nothing behind.
"""

import json
import logging
import os
import re
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import analysis.runs.addresses  # noqa: F401 - before what imports jsonschema

# isort: split
import nbformat
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import papermill_engines

from analysis.inputs import paths
from analysis.runs.kernels.private_kernel import files_changed, files_read, last_line_printed, private_kernel
from analysis.runs.kernels.provisioner import kernelspec_of
from analysis.runs.kernels.workspace import workspace
from analysis.runs.outputs import problem_with
from analysis.runs.parameters_cell import with_values
from analysis.runs.run import Delivery, Limits, Task
from analysis.runs.template import OUTPUT_PARAMETER

START_SECONDS = 120.0
_IOPUB_SECONDS = 300
"""A flood of outputs takes its time: a thousand a second are checked and stored."""
_CALM_EXITS = {("SystemExit", ""), ("SystemExit", "0")}
"""Errors that papermill takes for the end of a notebook, not for failures."""
_MAY_FAIL, _SKIPPED = "raises-exception", "skip-execution"
"""Tags of Jupyter's."""
_OF_MEMORY = re.compile("MemoryError|out of memory|did not start|allocate")
"""What an error says that may come from the limit of memory."""
_Problem = tuple[str, int | None]
"""What went wrong, empty where nothing did, and in which cell, counted from 1."""

logging.getLogger("papermill").addHandler(logging.NullHandler())  # a run tells what went wrong by itself


class _KernelStartError(Exception):
    """A kernel did not come up."""


class _CalmExit(Exception):  # noqa: N818 - no error
    """A cell has asked for the end of its kernel, by `exit()`."""


def execute(task: Task) -> Delivery:
    """Run a task. Whatever happens to the notebook, this returns.

    Success is that the kernel answered ok to every cell, whatever the notebook shows of its errors, and that
    the deliverables are there: one that is missing, empty or invalid is a failure, and so is anything on
    stderr where the task is to be quiet. A notebook may end early by ``exit()``, or ``sys.exit()`` without a
    status or with 0; the cells after that need not run.
    """
    started = time.monotonic()
    try:
        with TemporaryDirectory(prefix="run-", dir=workspace(), ignore_cleanup_errors=True) as staging:
            delivery = _delivery_of(task, Path(staging))
    except Exception as problem:  # a full disk, say, or a notebook that papermill makes nothing of
        delivery = Delivery(error=f"{type(problem).__name__}: {problem!s:.200}")
    return replace(delivery, seconds=time.monotonic() - started)


def _delivery_of(task: Task, staging: Path) -> Delivery:
    """Run a task in a private folder, which holds its inputs, its results and what its kernel notes."""
    results, home, inputs = (staging / name for name in ("results", "home", "inputs"))
    for folder in (results, home, inputs):
        folder.mkdir()
    copies = {path: str(inputs / Path(path).name) for path in task.inputs}
    for path, content in task.inputs.items():
        Path(copies[path]).write_bytes(content)
    given = {name: copies.get(str(value), value) for name, value in task.parameters.items()}
    if task.shown_folder:
        given[OUTPUT_PARAMETER] = str(results)

    started = time.time()
    notebook, (error, cell) = _run_notebook(task, given, staging)
    if task.limits.memory_gb and _OF_MEMORY.search(error):
        error += f" (it may take {task.limits.memory_gb:g} GiB, --memory-gb)"
    files = _files_in(results)
    if not error:
        error, cell = problem_with(task.delivers, files), None
    if not error and task.quiet:
        error, cell = _stderr_of(notebook)
    root = f"{task.project or paths.DATA.parent}{os.sep}"
    read = files_read(staging, notebook.cells, task.home) | {*task.inputs}
    shown = {copy: path for path, copy in copies.items()} | {str(results): task.shown_folder}
    return Delivery(
        notebook=_as_text(notebook, shown),
        files=files,
        read=tuple(sorted(name.removeprefix(root) for name in read)),
        written=tuple(sorted(files_changed(staging, notebook.cells, task.home, started))),
        error=error,
        cell=cell,
    )


def _run_notebook(task: Task, given: dict[str, Any], staging: Path) -> tuple[Any, _Problem]:
    """Return the notebook after its run, and what went wrong; a kernel that does not start is tried twice."""
    for _ in range(2):
        notebook = nbformat.reads(task.source, as_version=4)
        notebook.metadata.papermill = nbformat.NotebookNode()  # papermill writes there, and reads tags
        notebook.metadata.kernelspec = nbformat.NotebookNode(kernelspec_of(task.kernel))
        for cell in notebook.cells:
            cell.metadata.setdefault("tags", [])
        with_values(notebook, given)
        try:
            return notebook, _run_cells(notebook, task, staging)
        except _KernelStartError as error:
            problem = f"its kernel did not start: {error}", None
    return notebook, problem


def _run_cells(notebook: Any, task: Task, staging: Path) -> _Problem:
    """Run the cells in place through papermill's engine; return what went wrong and in which cell."""
    home = task.home if task.home and Path(task.home).is_dir() else str(staging / "home")
    course, patience = _Course(task.limits), min(_IOPUB_SECONDS, ceil(task.limits.timeout_seconds))
    try:
        with _kernel_of(task, staging) as config:
            papermill_engines.execute_notebook_with_engine(
                None,
                notebook,
                kernel_name=task.kernel or NATIVE_KERNEL_NAME,  # whose history nbclient keeps in memory
                progress_bar=False,
                start_timeout=START_SECONDS,
                timeout_func=course.time_left,
                iopub_timeout=patience,
                on_cell_execute=course.begin,
                on_cell_executed=course.end,
                record_timing=False,
                config=config,
                resources={"metadata": {"path": home}},
            )
        return _error_of(notebook, course.replies)
    except _CalmExit:
        return _error_of(notebook, course.replies)
    except CellTimeoutError as error:
        if "IOPub" in str(error).partition("preview")[0]:  # what follows is the cell
            course.limit = f"its outputs did not all arrive within {patience} seconds after its end"
        return course.limit, course.reached
    except DeadKernelError:
        return "the kernel died (killed, or out of memory)", course.reached
    except Exception as error:
        problem = f"{type(error).__name__}: {error!s:.200}"
        if course.reached:
            return problem, course.reached
        printed = last_line_printed(staging)
        raise _KernelStartError(f"{problem} ({printed:.200})" if printed else problem) from None


class _Course:
    """How far a run has come: the cell that it has reached, the answers to those before, the time left."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._deadline = 0.0
        self.reached = 0  # while no cell is, what goes wrong is the start of the kernel
        self.limit = ""
        self.replies: dict[int, dict[str, Any]] = {}

    def begin(self, cell: Any, cell_index: int) -> None:
        """Take note that a cell is sent to the kernel."""
        self._deadline = self._deadline or time.monotonic() + self._limits.timeout_seconds
        self.reached = cell_index + 1

    def time_left(self, cell: Any) -> float:
        """Return the time that the cell may take [s], and remember whose limit that is."""
        left, most = max(self._deadline - time.monotonic(), 0.001), self._limits.cell_timeout_seconds
        if 0 < most < left:
            self.limit = f"cell not done within {most:g} seconds (--cell-timeout)"
            return most
        self.limit = f"cells not done within {self._limits.timeout_seconds:g} seconds (--timeout)"
        return left

    def end(self, cell: Any, cell_index: int, execute_reply: dict[str, Any]) -> None:
        """Take note of the kernel's answer.

        Raises
        ------
        _CalmExit
            If the cell has asked for the end of its kernel, which might or might not answer once more.
        """
        self.replies[cell_index + 1] = execute_reply["content"]
        if _asks_for_end(execute_reply["content"]):
            raise _CalmExit


def _kernel_of(task: Task, staging: Path) -> AbstractContextManager[Any]:
    """Return a private kernel for a task, which notes reads of data, but not of the package's own code."""
    root, package = Path(task.project or paths.DATA.parent), paths.PACKAGE.name
    return private_kernel(
        staging,
        name=task.kernel,
        counted=[root / paths.DATA.name],
        ignored=[paths.PACKAGE, root / package],
        batch=task.batch,
        memory_gb=task.limits.memory_gb,
        **task.kernel_traits,
    )


def _files_in(folder: Path) -> dict[str, bytes]:
    """Return what a run wrote, hidden files left out."""
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in found.items()
        if not any(part.startswith(".") for part in name.parts)
    }


def _asks_for_end(reply: dict[str, Any]) -> bool:
    return any(entry.get("source") == "ask_exit" for entry in reply.get("payload", ()))


def _error_of(notebook: Any, replies: dict[int, dict[str, Any]]) -> _Problem:
    """Return the first error: what the kernel answered, or showed in spite of a good answer."""
    for number, cell in enumerate(notebook.cells, start=1):
        tags = cell.metadata.get("tags", ())
        if cell.cell_type != "code" or not cell.source.strip() or _SKIPPED in tags:
            continue
        reply = replies.get(number, {"status": "missing"})
        may_fail = _MAY_FAIL in tags and reply["status"] in {"ok", "error"}
        shown = [output for output in cell.outputs if output.output_type == "error"]
        for error in [] if may_fail else [reply] if reply["status"] != "ok" else shown:
            name, text = error.get("ename", "not run"), error.get("evalue", "")
            if (name, text) not in _CALM_EXITS:
                return f"{name}: {text:.400}".rstrip(": "), number
        if _asks_for_end(reply) or (reply["status"] == "error" and not may_fail):
            break
    return "", None


def _stderr_of(notebook: Any) -> _Problem:
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                return f"wrote to stderr: {output.text.strip():.200}", number
    return "", None


def _as_text(notebook: Any, shown: dict[str, str]) -> str:
    """Return an executed notebook as JSON without times, and with other paths instead of staged ones."""
    for part in (notebook, *notebook.cells):
        part.metadata.pop("papermill", None)
        if not part.metadata.get("tags", True):
            del part.metadata["tags"]
    text: str = nbformat.writes(notebook) + "\n"
    for pair in shown.items():
        staged, other = (json.dumps(path, ensure_ascii=False)[1:-1] for path in pair)
        text = text.replace(staged, other)
    return text.encode(errors="backslashreplace").decode()  # half a character, as JSON writes it
