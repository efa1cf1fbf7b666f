"""Writing files so that nobody ever reads half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step."""
    temporary = _temporary_beside(path)
    try:
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write several files: all of them first beside their places, then each into its place.

    Where one cannot be written (a full disk, say), none of the earlier files is touched.
    """
    written: list[tuple[Path, Path]] = []
    try:
        for path, content in contents.items():
            written.append((_temporary_beside(path), path))
            try:
                written[-1][0].write_bytes(content)
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(path)) from None
            written[-1][0].chmod(0o644)
        for temporary, path in written:
            temporary.replace(path)
    finally:
        for temporary, _ in written:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()


def _temporary_beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:32]}-", suffix=path.suffix)
    os.close(handle)
    return Path(name)
