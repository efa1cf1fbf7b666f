"""Which files a run read: those that its kernel noted, and those that its cells name.

Python tells of every file that it opens (`analysis.runs.kernels.kernel`). A library that opens files by
itself, as those for Parquet do, goes unseen; so any text in the cells that names a file counts, too, unless
the run wrote that file.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.runs.kernels.settings import noted_files

_QUOTED = re.compile(r"""(["'])([^"'\n]{1,1000})\1""")


def files_read(folder: Path, notebook: Any, home: str) -> set[str]:
    """Return the files that a run read.

    Parameters
    ----------
    folder : Path
        The private folder of its kernel.
    notebook : NotebookNode
        The notebook as it was run, parameters and all.
    home : str
        The folder in which it ran; empty for a notebook of the suite, whose cells name none.
    """
    read, written = noted_files(folder)
    own = {str(Path(name).resolve()) for name in written}
    return read | ({*_files_named(notebook, Path(home))} - own if home else set())


def _files_named(notebook: Any, home: Path) -> Iterator[str]:
    for cell in notebook.cells:
        for found in _QUOTED.finditer(cell.source if cell.cell_type == "code" else ""):
            with contextlib.suppress(OSError, ValueError):  # no name of a file, but some long text
                if (home / found[2]).is_file():
                    yield str((home / found[2]).resolve())
