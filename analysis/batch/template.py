"""A notebook that can be run: its source, what it takes, what it must deliver."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel

from analysis import paths
from analysis.batch.parameters import ParameterError, inferred, names_of
from analysis.batch.suite import SUITE
from analysis.outputs import FIGURE_FORMATS, HEADLINES, TABLES

_FORMAT = 4
FOLDER = "output_dir"
"""The parameter with the folder for a notebook's results, where it takes one."""


@dataclass(frozen=True)
class Template:
    """A notebook with its parameter model, its deliverables, and the files that it is known to read.

    Notebooks of the suite share one file of headline values in the folder of their scenario.
    """

    name: str
    path: Path
    model: type[BaseModel]
    delivers: tuple[str, ...]
    reads: tuple[Path, ...] = ()
    shares_headlines: bool = False

    @property
    def takes_folder(self) -> bool:
        """Whether the notebook takes a folder for its results."""
        return FOLDER in names_of(self.model)

    def source(self) -> str:
        """Return the notebook as JSON without outputs, which do not decide what it does."""
        notebook = json.loads(self.path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
        return json.dumps(notebook, sort_keys=True, ensure_ascii=False)


def deliverables(notebook: str) -> tuple[str, ...]:
    """Return the files that a notebook of the suite must write, relative to its output folder."""
    spec = SUITE[notebook]
    files = [f"{name}.{suffix}" for name in spec.figures for suffix in FIGURE_FORMATS]
    files += [f"{TABLES}/{name}.csv" for name in spec.tables]
    return (*files, HEADLINES) if spec.headlines else tuple(files)


def of_suite(name: str) -> Template:
    """Return a notebook of the suite.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    if name not in SUITE:
        raise ParameterError(f"unknown notebook {name!r}; known: {', '.join(SUITE)}")
    path = paths.NOTEBOOKS / f"{name}.ipynb"
    return Template(name, path, SUITE[name].parameters, deliverables(name), shares_headlines=True)


def of_file(path: Path, delivers: Sequence[str] = (), reads: Sequence[Path] = ()) -> Template:
    """Return any notebook that papermill can parameterise; its model is inferred.

    Parameters
    ----------
    path : Path
        The notebook.
    delivers : sequence of str, optional
        Files that it must write, relative to the folder that it takes as ``output_dir``.
    reads : sequence of Path, optional
        Files that it reads: when one changes, the notebook runs again.

    Raises
    ------
    ParameterError
        If it cannot be read, is not in Python, has no parameters cell, or a deliverable lies elsewhere.
    """
    template = Template(path.stem, path.resolve(), inferred(_read(path), path.name), (*delivers,), (*reads,))
    for name in delivers:
        if not is_inside(name):
            raise ParameterError(f"{name!r:.80} is not a file below the folder of the results")
    if delivers and not template.takes_folder:
        raise ParameterError(f"{path.name}: to deliver files it needs a parameter {FOLDER}")
    for file in reads:
        if not file.is_file():
            raise ParameterError(f"{path.name} reads {file}: there is no such file")
    return template


def is_inside(name: str) -> bool:
    """Tell whether a name is that of a file below some folder.

    Examples
    --------
    >>> is_inside("tables/x.csv"), is_inside("../x.csv"), is_inside("/x.csv"), is_inside(".")
    (True, False, False, False)
    """
    path = PurePosixPath(name)
    return bool(path.name) and not path.is_absolute() and ".." not in path.parts and name.isprintable()


def _read(path: Path) -> Any:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells, version = notebook["cells"], notebook["nbformat"]
        language = notebook["metadata"].get("kernelspec", {}).get("language", "python")
        whole = all({"cell_type", "source", "metadata"} <= set(cell) for cell in cells)
    except OSError as error:
        raise ParameterError(f"notebook {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ParameterError(f"notebook {path}: not a Jupyter notebook of format 4") from None
    if version != _FORMAT or not whole:
        raise ParameterError(f"notebook {path}: not a Jupyter notebook of format {_FORMAT}")
    if language != "python":
        raise ParameterError(f"notebook {path}: in {language}; only Python notebooks can be run")
    return notebook
