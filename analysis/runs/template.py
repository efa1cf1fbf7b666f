"""A notebook that can be run: its source, what it takes, what it must deliver.

What a notebook of the suite takes is declared there; that of any other is read off its parameters cells.
"""

import contextlib
import errno
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from analysis.inputs import paths
from analysis.inputs.errors import ParameterError, nearest
from analysis.runs.kernels.kernel import is_own
from analysis.runs.parameters_cell import INJECTED, TAG, inferred_model
from analysis.runs.suite import SUITE, defaults_of
from analysis.runs.writing import hash_of

OUTPUT_PARAMETER = "output_dir"
"""The parameter with the folder for a notebook's results, where it takes one."""
_BANNER = "papermill-error-cell-tag"
"""Tag of the cells in which an earlier run told of its failure."""
_WITH_IDS = 5
"""The minor version of the format that gave each cell an id."""
_ID = re.compile(r"(?!injected-parameters)[A-Za-z0-9_-]{1,64}")
_FINDS_ELSEWHERE = re.compile(
    r"sys\.path|from sys import|\bpath\.(insert|append|extend)|addsitedir|meta_path|chdir|\b(cd|pushd|popd) "
)
"""What in the text of a notebook, or of a module beside it, may change where its modules are found."""


@dataclass(frozen=True)
class Template:
    """A notebook with its parameter model, its deliverables, and the files that it is known to read.

    Attributes
    ----------
    source : str
        The notebook as JSON, without outputs.
    home : str
        The folder in which it runs, that of the notebook; empty for those of the suite, which need none.
    in_suite : bool
        Whether it is one of the suite's, which share one file of headline values in the folder of their
        scenario.
    kernel : str
        Name of its kernel; empty for the one of this environment.
    """

    name: str
    source: str
    model: type[BaseModel]
    delivers: tuple[str, ...]
    reads: tuple[Path, ...] = ()
    home: str = ""
    in_suite: bool = False
    kernel: str = ""

    @property
    def takes_folder(self) -> bool:
        """Whether the notebook takes a folder for its results."""
        return OUTPUT_PARAMETER in defaults_of(self.model)

    @cached_property
    def hash_of_cells(self) -> str:
        """Hash of what decides what the notebook does: its cells and their tags."""
        cells = json.loads(self.source)["cells"]
        parts = [(cell["cell_type"], cell["source"], cell["metadata"].get("tags")) for cell in cells]
        return hash_of(json.dumps(parts).encode())


def of_suite(name: str) -> Template:
    """Return a notebook of the suite.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    if name not in SUITE:
        hint = nearest(name, SUITE, f"known: {', '.join(SUITE)}")
        raise ParameterError(f"unknown notebook {name!r:.80}{hint}")
    notebook = json.loads((paths.NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    spec = SUITE[name]
    return Template(name, _without_outputs(notebook), spec.parameters, spec.delivers, in_suite=True)


def of_file(
    path: Path, delivers: Sequence[str] = (), reads: Sequence[Path] = (), kernel: str = ""
) -> Template:
    """Return any notebook that papermill can parameterise; its model is inferred.

    Parameters
    ----------
    path : Path
        The notebook.
    delivers : sequence of str, optional
        Files that it must write, relative to the folder that it takes as ``output_dir``.
    reads : sequence of Path, optional
        Files that it reads: when one changes, the notebook runs again.
    kernel : str, optional
        Name of its kernel, by default the one that it names.

    Raises
    ------
    ParameterError
        If it cannot be read, is not in Python, has a parameters cell that is none, or a deliverable lies
        elsewhere.
    """
    notebook = _read(path)
    source = _without_outputs(notebook)
    kernel = kernel or str(notebook["metadata"].get("kernelspec", {}).get("name", ""))
    for name in delivers:
        if not _is_inside(name):
            raise ParameterError(f"{name!r:.80} is not a file below the folder of the results")
    template = Template(
        path.stem,
        source,
        inferred_model(notebook, path.name, (OUTPUT_PARAMETER,)),
        delivers=tuple(str(PurePosixPath(name)) for name in delivers),
        reads=(*reads,),
        home=str(path.resolve().parent),
        kernel="" if is_own(kernel) else kernel,
    )
    if delivers and not template.takes_folder:
        needed = f"a parameter {OUTPUT_PARAMETER}, in a cell tagged {TAG!r}"
        raise ParameterError(f"{path.name}: to deliver files it needs {needed}")
    for file in reads:
        if not os.path.isfile(file):  # noqa: PTH113 - which also takes names that cannot be
            raise ParameterError(f"{path.name} reads {file}: there is no such file")
    return template


def _is_inside(name: str) -> bool:
    """Tell whether a name is that of a file below some folder, and not hidden.

    Examples
    --------
    >>> _is_inside("tables/x.csv"), _is_inside("../x.csv"), _is_inside("/x.csv"), _is_inside(".x/y.csv")
    (True, False, False, False)
    """
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") for part in path.parts)
    return bool(path.name.strip()) and not path.is_absolute() and not hidden and name.isprintable()


def _without_outputs(notebook: Any) -> str:
    """Return a notebook as JSON text as if it had never run, its cells with ids of their own that last.

    Values that an earlier run has put after the parameters cell are taken out.
    """
    used: set[str] = set()
    cells = [(cell, cell.setdefault("metadata", {}).get("tags", ())) for cell in notebook["cells"]]
    stale = {_BANNER, INJECTED} if any(TAG in tags for _, tags in cells) else {_BANNER}
    notebook["cells"] = [cell for cell, tags in cells if not stale.intersection(tags)]
    given = {str(cell.get("id")) for cell in notebook["cells"]}
    for number, cell in enumerate(notebook["cells"]):
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        if not isinstance(cell.get("id"), str) or not _ID.fullmatch(cell["id"]) or cell["id"] in used:
            free = (name for each in count(number) if (name := f"cell-{each}") not in used | given)
            cell["id"] = next(free)  # Jupyter would make a random one
        used.add(cell["id"])
    notebook["nbformat_minor"] = max(notebook["nbformat_minor"], _WITH_IDS)
    return json.dumps(notebook, sort_keys=True)


class _CellMetadata(BaseModel):
    tags: list[str] = []


class _Cell(BaseModel):
    cell_type: Literal["code", "markdown", "raw"]
    source: str | list[str]
    metadata: _CellMetadata = _CellMetadata()


class _Metadata(BaseModel):
    kernelspec: dict[str, Any] = {}
    language_info: dict[str, Any] = {}


class _Notebook(BaseModel):
    """The shape of a notebook, as far as it matters here; Jupyter's own check takes a second to import."""

    nbformat: Literal[4]
    nbformat_minor: int
    metadata: _Metadata = _Metadata()
    cells: list[_Cell]


def _read(path: Path) -> Any:
    try:
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "not a regular file")
        text = path.read_text(encoding="utf-8-sig")
        notebook = json.loads(text)
        if isinstance(notebook, dict) and notebook.get("nbformat") in (1, 2, 3):
            notebook = _converted(text)
        metadata = _Notebook.model_validate(notebook, strict=True).metadata
        notebook.setdefault("metadata", {})
    except OSError as error:
        raise ParameterError(f"notebook {path}: {error.strerror}") from None
    except ValidationError:
        raise ParameterError(f"notebook {path}: not a Jupyter notebook of format 4") from None
    except (ValueError, RecursionError):
        raise ParameterError(f"notebook {path}: not a Jupyter notebook") from None
    language = metadata.kernelspec.get("language") or metadata.language_info.get("name") or "python"
    if str(language).lower() != "python":
        raise ParameterError(f"notebook {path}: in {language!s:.40}; only Python notebooks can be run")
    return notebook


def _converted(text: str) -> Any:
    """Return a notebook of an older format in the present one, as papermill does."""
    import nbformat  # it takes a second

    try:
        notebook = json.loads(nbformat.writes(nbformat.reads(text, as_version=4)))
    except Exception as error:  # whatever an old notebook lacks
        raise ValueError(str(error)) from None
    for cell in notebook["cells"]:
        del cell["id"]  # a random one
    return notebook


def finds_elsewhere(source: str, home: Path) -> bool:
    """Tell whether a notebook, or a module or script beside it, changes where modules are found."""
    for path in home.glob("*.py"):
        with contextlib.suppress(OSError):
            source += path.read_text(encoding="utf-8", errors="replace")
    return bool(_FINDS_ELSEWHERE.search(source))
