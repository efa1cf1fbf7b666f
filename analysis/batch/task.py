"""What travels to where a notebook is run, and what comes back: plain data, no paths of the other machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analysis import paths

_LIBRARIES = ("numpy", "pandas", "scipy", "matplotlib", "seaborn", "statsmodels", "ipykernel", "pydantic")


@dataclass(frozen=True)
class Limits:
    """What one run may take, and how its kernel starts.

    Attributes
    ----------
    timeout_seconds : float
        Time for all its cells together [s].
    memory_gb : float
        Address space of its kernel [GiB]; 0 is no limit.
    cold : bool
        Start each kernel in the ordinary way.
    """

    timeout_seconds: float = 600.0
    memory_gb: float = 0.0
    cold: bool = False


@dataclass(frozen=True)
class Task:
    """One run, ready to travel.

    Attributes
    ----------
    name : str
        Name of the notebook.
    source : str
        The notebook as JSON.
    parameters : dict
        Its parameters, checked, without the folder for results.
    delivers : tuple of str
        Files that it must write.
    folder : str
        The folder that its executed notebook shall name; empty where it takes none.
    inputs : dict
        Content of the files that parameters name, by path.
    project : str
        Hash of the package and the data that it was planned with.
    libraries : dict
        Versions of what decides the bytes of results.
    batch : str
        The batch that it belongs to.
    """

    name: str
    source: str
    parameters: dict[str, Any]
    delivers: tuple[str, ...]
    folder: str
    limits: Limits
    batch: str
    inputs: dict[str, bytes] = field(default_factory=dict)
    project: str = ""
    libraries: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """What a run gave: an empty error means success.

    Attributes
    ----------
    seconds : float
        How long it took [s].
    notebook : str
        The executed notebook as JSON, as far as it got.
    files : dict
        What it wrote, by name relative to its folder.
    read : tuple of str
        The data files that it read; those of the project relative to it.
    error : str
        What went wrong.
    cell : int or None
        The failing cell of the executed notebook, counted from 1.
    """

    seconds: float
    notebook: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    read: tuple[str, ...] = ()
    error: str = ""
    cell: int | None = None


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def package_hash() -> str:
    """Return the hash of the package's source."""
    return _hash_of_files(Path(__file__).resolve().parents[1].rglob("*.py"))


def project_hash() -> str:
    """Return the hash of the package's source and of the data."""
    data = _hash_of_files(path for path in paths.DATA.rglob("*") if path.is_file())
    return hash_of((package_hash() + data).encode())


@lru_cache(maxsize=1)
def libraries() -> dict[str, str]:
    """Return the versions of what decides the bytes of results."""
    return {name: version(name) for name in _LIBRARIES}


def _hash_of_files(files: Iterable[Path]) -> str:
    stamps = ((path, path.stat()) for path in sorted(files))
    return _hash_of_stamped(tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stamps))


@lru_cache(maxsize=8)
def _hash_of_stamped(files: tuple[tuple[Path, int, int], ...]) -> str:
    return hash_of("".join(hash_of(path.read_bytes()) for path, _, _ in files).encode())
