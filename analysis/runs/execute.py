"""Run one notebook in a kernel of its own and collect what it gave.

This is all that happens where a run is executed: a thread here, or a worker of a cluster. It changes no
working directory and no environment variable of the process, and leaves nothing behind.
"""

import json
import logging
import os
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import papermill_engines
from papermill.parameterize import parameterize_notebook

from analysis.inputs import paths
from analysis.runs.kernels.private_kernel import files_read, last_line_printed, private_kernel
from analysis.runs.kernels.provisioner import kernelspec_of
from analysis.runs.kernels.workspace import workspace
from analysis.runs.outputs import problem_with
from analysis.runs.run import Delivery, Task
from analysis.runs.template import OUTPUT_PARAMETER

START_SECONDS = 120.0
_IOPUB_SECONDS = 60
_INJECTED = "injected-parameters"
_ENDS_WITHOUT_ERROR = {("SystemExit", ""), ("SystemExit", "0")}
"""Outputs of kind error that are none, as papermill sees it."""
_Problem = tuple[str, int | None]
"""What went wrong, empty where nothing did, and in which cell, counted from 1."""

logging.getLogger("papermill").addHandler(logging.NullHandler())  # a run tells what went wrong by itself


class _KernelStartError(Exception):
    """A kernel did not come up."""


def execute(task: Task) -> Delivery:
    """Run a task. Whatever happens to the notebook, this returns.

    Success is judged by the deliverables: one that is missing, empty or invalid is a failure, and so is
    anything on stderr where the task is to be quiet.
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

    notebook, (error, cell) = _run_notebook(task, given, staging)
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
        if given:
            notebook = parameterize_notebook(
                notebook, given, kernel_name=NATIVE_KERNEL_NAME, language="python", comment="Parameters"
            )
        try:
            return notebook, _run_cells(notebook, task, staging)
        except _KernelStartError as error:
            problem = f"its kernel did not start: {error}", None
    return notebook, problem


def _run_cells(notebook: Any, task: Task, staging: Path) -> _Problem:
    """Run the cells in place through papermill's engine; return what went wrong and in which cell."""
    limits = task.limits
    home = task.home if task.home and Path(task.home).is_dir() else str(staging / "home")
    deadline, reached = 0.0, 0  # while no cell is reached, what goes wrong is the start of the kernel

    def time_left(cell: Any) -> float:
        nonlocal deadline, reached
        if not reached:  # the first cell starts
            deadline = time.monotonic() + limits.timeout_seconds
        reached = 1 + next(number for number, each in enumerate(notebook.cells) if each is cell)
        return max(deadline - time.monotonic(), 0.001)

    try:
        with _kernel_of(task, staging) as config:
            papermill_engines.execute_notebook_with_engine(
                None,
                notebook,
                kernel_name=task.kernel or NATIVE_KERNEL_NAME,  # whose history nbclient keeps in memory
                progress_bar=False,
                start_timeout=START_SECONDS,
                timeout_func=time_left,
                iopub_timeout=_IOPUB_SECONDS,
                record_timing=False,
                config=config,
                resources={"metadata": {"path": home}},
            )
        return _error_of(notebook)
    except CellTimeoutError:
        return f"not done within {limits.timeout_seconds:g} seconds", reached
    except DeadKernelError:
        return "the kernel died (killed, or out of memory)", reached
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        if reached:
            return problem, reached
        printed = last_line_printed(staging)
        raise _KernelStartError(f"{problem} ({printed:.200})" if printed else problem) from None


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


def _error_of(notebook: Any) -> _Problem:
    for number, output in _outputs(notebook):
        if output.output_type == "error" and (output.ename, output.evalue) not in _ENDS_WITHOUT_ERROR:
            return f"{output.ename}: {output.evalue}".rstrip(": "), number
    return "", None


def _stderr_of(notebook: Any) -> _Problem:
    for number, output in _outputs(notebook):
        if output.get("name") == "stderr":
            return f"wrote to stderr: {output.text.strip():.200}", number
    return "", None


def _outputs(notebook: Any) -> list[tuple[int, Any]]:
    """Return the outputs of all cells, with the cell's number."""
    return [
        (number, output)
        for number, cell in enumerate(notebook.cells, start=1)
        for output in cell.get("outputs", [])
    ]


def _as_text(notebook: Any, shown: dict[str, str]) -> str:
    """Return an executed notebook as JSON without times, and with other paths instead of staged ones."""
    for part in (notebook, *notebook.cells):
        part.metadata.pop("papermill", None)
        if _INJECTED in part.metadata.get("tags", ()) and "id" in part:
            part["id"] = _INJECTED  # a random one otherwise
        if not part.metadata.get("tags", True):
            del part.metadata["tags"]
    text: str = nbformat.writes(notebook) + "\n"
    for pair in shown.items():
        staged, other = (json.dumps(path, ensure_ascii=False)[1:-1] for path in pair)
        text = text.replace(staged, other)
    return text.encode(errors="backslashreplace").decode()  # half a character, as JSON writes it
