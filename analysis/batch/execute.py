"""Execute one notebook in a kernel of its own and check what it delivered."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traitlets.config import Config

from analysis import outputs, paths
from analysis.batch.parameters import SUITE

TIMEOUT_SECONDS = 600
READ_LOG_NAME = "read.txt"
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Run:
    """One notebook with its parameters, and the folders for its results and for the executed notebook."""

    notebook: str
    scenario: str
    parameters: dict[str, Any]
    results: Path
    executed: Path


@dataclass(frozen=True)
class Outcome:
    """How a run ended: an empty error means success. `staging` holds what it wrote.

    `read` names the data files that it read; an `unchanged` run was not run again.
    """

    run: Run
    seconds: float
    staging: Path
    error: str = ""
    files: tuple[str, ...] = field(default_factory=tuple)
    read: tuple[str, ...] = field(default_factory=tuple)
    unchanged: bool = False


def deliverables(notebook: str) -> tuple[str, ...]:
    """Return the files that a notebook must write, relative to its output folder."""
    spec = SUITE[notebook]
    files = [f"{name}.{suffix}" for name in spec.figures for suffix in outputs.FIGURE_FORMATS]
    files += [f"{outputs.TABLES}/{name}.csv" for name in spec.tables]
    return (*files, outputs.HEADLINES) if spec.headlines else tuple(files)


def execute(run: Run) -> Outcome:
    """Run a notebook into a staging folder; nothing of it is published here.

    Success is judged by the deliverables: a missing or empty file, or anything on stderr, is a failure.
    """
    started = time.monotonic()
    staging = Path(tempfile.mkdtemp(prefix="kwh2token-"))
    notebook = staging / f"{run.notebook}.ipynb"
    with _output_into(staging / "kernel.log"):
        error = _run_kernel(run, staging, notebook)
    files = deliverables(run.notebook)
    if not error:
        missing = [name for name in files if not _is_filled(staging / "results" / name)]
        error = f"not delivered: {', '.join(missing)}" if missing else _stderr_of(notebook)
    return Outcome(run, time.monotonic() - started, staging, error, files, _lines(staging / READ_LOG_NAME))


def private_sockets(folder: Path) -> Config:
    """Return the configuration of a kernel that talks through socket files of its own in a folder.

    Kernels on TCP ports race for them when several start at once.
    """
    sockets = folder / "k"
    sockets.mkdir()
    return Config({"KernelManager": {"transport": "ipc", "ip": str(sockets / "s")}})


@contextlib.contextmanager
def _output_into(log: Path) -> Iterator[None]:
    """Send what this process and its kernel print to a file: children are silent."""
    kept = [os.dup(1), os.dup(2)]
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            for target, copy in enumerate(kept, start=1):
                os.dup2(copy, target)
                os.close(copy)


def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ()


def _is_filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _run_kernel(run: Run, staging: Path, notebook: Path) -> str:
    """Execute the template; return what went wrong, or an empty string."""
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    for name in _ONE_THREAD:
        os.environ[name] = "1"
    os.environ[paths.READ_LOG] = str(staging / READ_LOG_NAME)  # the kernel inherits it
    try:
        papermill.execute_notebook(
            paths.NOTEBOOKS / f"{run.notebook}.ipynb",
            notebook,
            parameters={**run.parameters, "output_dir": str(staging / "results")},
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            execution_timeout=TIMEOUT_SECONDS,
            config=private_sockets(staging),
        )
    except papermill.PapermillExecutionError as error:
        return f"cell {error.cell_index}: {error.ename}: {error.evalue}"
    except CellTimeoutError:
        return f"a cell ran longer than {TIMEOUT_SECONDS} seconds"
    except DeadKernelError:
        return "the kernel died"
    except NoSuchKernel:
        return "no python3 kernel: is ipykernel installed in this environment?"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        del os.environ[paths.READ_LOG]
    return ""


def _stderr_of(notebook: Path) -> str:
    import nbformat

    for number, cell in enumerate(nbformat.read(notebook, as_version=4).cells):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                return f"cell {number} wrote to stderr: {output['text'].strip():.200}"
    return ""


def discard(outcome: Outcome) -> None:
    """Remove a run's staging folder."""
    shutil.rmtree(outcome.staging, ignore_errors=True)
