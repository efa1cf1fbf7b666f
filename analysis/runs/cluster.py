"""Run a batch on a Dask cluster.

The workers need the package, and the same versions of the libraries. Where their package or data are others,
the kernels there use those that are shipped. A run whose worker dies is given to another by the scheduler.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.inputs import paths
from analysis.inputs.errors import ParameterError
from analysis.runs.engine import Pool
from analysis.runs.run import Delivery, Task
from analysis.runs.writing import libraries, project_hash

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10
_CHECKOUT = "pyproject.toml"  # by which a shipped project knows its data


@contextlib.contextmanager
def dask_pool(address: str) -> Iterator[Pool]:
    """Connect to a scheduler and give its workers as a pool.

    Raises
    ------
    ParameterError
        If Dask is not installed, or nothing answers at the address.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ParameterError("--scheduler needs Dask: pip install 'kwh2token[dask]'") from None
    if not re.fullmatch(r"((tcp|tls|ws|wss)://)?[^/\s]+:\d+", address):
        raise ParameterError(f"--scheduler {address!r:.80}: no address such as tcp://10.0.0.1:8786")
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = f"{error!s:.200}".splitlines()[0] if str(error) else type(error).__name__
        raise ParameterError(f"--scheduler {address!r:.80}: no Dask scheduler answers ({reason})") from None
    with client:
        yield _pool_of(client)


def _pool_of(client: Client) -> Pool:
    """Return the pool of a client's workers, to which the project is shipped."""
    from analysis.runs.kernels.provisioner import kill_all

    project = project_hash()
    try:
        client.register_plugin(_shipment(project, _packed_project()), name=f"kwh2token-{project}")
    except Exception as error:  # Dask passes on what a worker said, as this
        raise ParameterError(
            f"the workers cannot be given the project: {error!s:.200}; they need pip install '.[dask]', too"
        ) from None
    return Pool(
        client.get_executor(pure=False),
        kill_all=partial(client.run, kill_all, on_error="ignore"),
        execute=partial(execute_as_planned, project=project, planned=libraries()),
        project=project,
    )


def _packed_project() -> bytes:
    """Return package, data and notebooks as a zip file."""
    roots = {"analysis": paths.PACKAGE, "data": paths.DATA, "notebooks": paths.NOTEBOOKS}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        archive.writestr(_CHECKOUT, "")
        for name, root in roots.items():
            for path in root.rglob("*"):
                if "__pycache__" not in path.parts:
                    archive.write(path, f"{name}/{path.relative_to(root).as_posix()}")
    return packed.getvalue()


_shipped: dict[str, Path] = {}
"""On a worker: where projects that were shipped to it lie, by their hash."""


def _shipment(project: str, packed: bytes) -> Any:
    from distributed import WorkerPlugin

    class Shipment(WorkerPlugin):
        """Brings the project to each worker, also to those that join later."""

        def setup(self, worker: Any) -> None:
            unpack(project, packed, Path(worker.local_directory))

    return Shipment()


def unpack(project: str, packed: bytes, folder: Path) -> None:
    """Unpack a shipped project on a worker, for its runs where it has another one installed."""
    if project in _shipped:
        return
    target = (folder / f"kwh2token-{project}").resolve()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(target)
    _shipped[project] = target


def execute_as_planned(task: Task, project: str, planned: dict[str, str]) -> Delivery:
    """Run a task on a worker as it would be run where it was planned, or say why that cannot be.

    Its project is known by the hash of package and data there; planned are the versions there of the
    libraries that decide the bytes of results.
    """
    from analysis.runs.execute import execute

    other = [f"{name} {known}" for name, known in libraries().items() if planned.get(name) != known]
    if other:
        return Delivery(error=f"this worker has {', '.join(other)}; the batch was planned with others")
    if project == project_hash():
        return execute(task)
    if project not in _shipped:
        return Delivery(error="this worker has another version of the package or of its data, none shipped")
    return execute(replace(task, project=str(_shipped[project])))
