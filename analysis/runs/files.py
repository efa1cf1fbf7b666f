"""Writing files so that nobody ever reads half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

_PART = ".part"


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step."""
    write_all({path: write})


def write_all(contents: Mapping[Path, bytes | Callable[[Path], object]]) -> None:
    """Write several files: all of them first beside their places, then each into its place.

    Where one cannot be written (a full disk, say), none of the earlier files is touched.

    Raises
    ------
    OSError
        If one cannot be written; it names the file.
    """
    written: list[tuple[Path, Path]] = []
    try:
        for path, content in contents.items():
            temporary = _temporary_beside(path)
            written.append((temporary, path))
            try:
                temporary.write_bytes(content) if isinstance(content, bytes) else content(temporary)
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(path)) from None
            temporary.chmod(0o644)
        for temporary, path in written:
            temporary.replace(path)
    finally:
        for temporary, _ in written:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()


def make_writable(folder: Path) -> None:
    """Make a folder where there is none.

    Raises
    ------
    OSError
        If nothing can be written there; it names the folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, "a file, where results need a folder", str(folder)) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "cannot write here", str(folder))


def clear_parts(folder: Path, stem: str = "") -> None:
    """Remove what a killed process left half written in a folder, of files whose names start like this."""
    for left in folder.glob(f".{stem}*{_PART}"):
        left.unlink(missing_ok=True)


def _temporary_beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:32]}-", suffix=_PART)
    os.close(handle)
    return Path(name)
