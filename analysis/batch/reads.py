"""Which files a run read: those that its kernel noted, and those that its cells name.

Python tells of every file that it opens (`analysis.kernels.kernel`). A library that opens files by itself, as
those for Parquet do, goes unseen; so any text in the cells that names a file counts, too, unless the run
wrote that file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from analysis.kernels.kernel import READ, WRITTEN

_QUOTED = re.compile(r"""(["'])([^"'\n]{1,1000})\1""")


def files_read(log: Path, notebook: Any, home: str) -> set[str]:
    """Return the files that a run read.

    Parameters
    ----------
    log : Path
        What the kernel noted.
    notebook : NotebookNode
        The notebook as it was run, parameters and all.
    home : str
        The folder in which it ran; empty where its cells name no files.
    """
    noted = os.fsdecode(log.read_bytes()).split("\0") if log.is_file() else []
    read = {entry.removeprefix(READ) for entry in noted if entry.startswith(READ)}
    written = {entry.removeprefix(WRITTEN) for entry in noted if entry.startswith(WRITTEN)}
    return read | ((_named(notebook, Path(home)) if home else set()) - written)


def _named(notebook: Any, home: Path) -> set[str]:
    texts = {
        found[2]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for found in _QUOTED.finditer(cell.source)
    }
    return {str((home / text).resolve()) for text in texts if _is_file(home / text)}


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
