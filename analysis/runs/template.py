"""A notebook that can be run: its source, what it takes, what it must deliver.

What a notebook of the suite takes is declared there; that of any other is read off its parameters cell.
"""

import ast
import io
import json
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from types import GenericAlias, NoneType
from typing import Any, Literal, Union

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUserError

from analysis.inputs import paths
from analysis.inputs.errors import ParameterError, nearest
from analysis.runs.kernels.kernel import is_own
from analysis.runs.suite import STRICT, SUITE, defaults_of
from analysis.runs.writing import hash_of

OUTPUT_PARAMETER = "output_dir"
"""The parameter with the folder for a notebook's results, where it takes one."""
_TAG = "parameters"
_PLAIN_TYPES: dict[str, Any] = {each.__name__: each for each in (int, float, str, bool, list, dict)}
_PARSE_ERRORS = (SyntaxError, TypeError, ValueError, MemoryError, RecursionError)
_WITH_IDS = 5
"""The minor version of the format that gave each cell an id."""
_ID = re.compile(r"(?!injected-parameters)[A-Za-z0-9_-]{1,64}")


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
        If it cannot be read, is not in Python, has no parameters cell, or a deliverable lies elsewhere.
    """
    notebook = _read(path)
    kernel = kernel or str(notebook["metadata"].get("kernelspec", {}).get("name", ""))
    for name in delivers:
        if not _is_inside(name):
            raise ParameterError(f"{name!r:.80} is not a file below the folder of the results")
    template = Template(
        path.stem,
        _without_outputs(notebook),
        inferred_model(notebook, path.name),
        delivers=tuple(str(PurePosixPath(name)) for name in delivers),
        reads=(*reads,),
        home=str(path.resolve().parent),
        kernel="" if is_own(kernel) else kernel,
    )
    if delivers and not template.takes_folder:
        raise ParameterError(f"{path.name}: to deliver files it needs a parameter {OUTPUT_PARAMETER}")
    for file in reads:
        if not file.is_file():
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
    return bool(path.name) and not path.is_absolute() and not hidden and name.isprintable()


def _without_outputs(notebook: Any) -> str:
    """Return a notebook as JSON text, each source in one piece, its cells with ids of their own that last."""
    ids: set[str] = set()
    for number, cell in enumerate(notebook["cells"]):
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        if not isinstance(cell.get("id"), str) or not _ID.fullmatch(cell["id"]) or cell["id"] in ids:
            cell["id"] = f"cell-{number}"  # Jupyter would make a random one
        ids.add(cell["id"])
    notebook["nbformat_minor"] = max(notebook["nbformat_minor"], _WITH_IDS)
    return json.dumps(notebook, sort_keys=True)


class _CellMetadata(BaseModel):
    tags: list[str] = []


class _Cell(BaseModel):
    cell_type: Literal["code", "markdown", "raw"]
    source: str | list[str]
    metadata: _CellMetadata


class _Metadata(BaseModel):
    kernelspec: dict[str, Any] = {}
    language_info: dict[str, Any] = {}


class _Notebook(BaseModel):
    """The shape of a notebook, as far as it matters here; Jupyter's own check takes a second to import."""

    nbformat: Literal[4]
    nbformat_minor: int
    metadata: _Metadata
    cells: list[_Cell]


def _read(path: Path) -> Any:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"))
        metadata = _Notebook.model_validate(notebook, strict=True).metadata
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


def inferred_model(notebook: Mapping[str, Any], where: str) -> type[BaseModel]:
    """Return the model that a notebook's parameters cell declares: names, types, defaults, comments.

    An annotation decides the type, else the default does. ``None`` or an expression as default accepts
    any plain value.

    Raises
    ------
    ParameterError
        If not exactly one cell is tagged ``parameters``, or it holds no Python.
    """
    tagged = [cell for cell in notebook["cells"] if _TAG in cell["metadata"].get("tags", ())]
    cells = ["".join(cell["source"]) for cell in tagged]
    if len(cells) != 1:
        raise ParameterError(f"{where}: {len(cells)} cells are tagged {_TAG!r}; exactly one should be")
    try:
        statements = ast.parse(cells[0]).body
    except _PARSE_ERRORS as error:
        raise ParameterError(f"{where}: its parameters cell is no Python: {error}") from None
    comments = _comments(cells[0])
    fields: dict[str, Any] = {}
    for statement in statements:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
                kind = _kind_of(annotation)
            case ast.Assign(targets=[ast.Name(id=name), *_], value=value):
                kind = None
            case _:
                continue
        default = _literal(value)
        kind = kind or _PLAIN_TYPES.get(type(default).__name__) or Any
        described = Field(default, alias=name, description=comments.get(statement.lineno, ""))
        fields[f"parameter_{len(fields)}"] = (kind, described)  # any name is fine in the notebook
    return create_model("Inferred", __config__=STRICT, **fields)


def _literal(value: ast.expr) -> Any:
    """Return what an expression says, None where it has to be computed."""
    try:
        return ast.literal_eval(value)
    except _PARSE_ERRORS:
        return None


def _kind_of(annotation: ast.expr) -> Any:
    """Return the type that an annotation names, None where it is none of the plain ones."""
    try:
        kind = _type_of(annotation)
        TypeAdapter(kind)
    except (*_PARSE_ERRORS, PydanticUserError):
        return None
    return kind


def _type_of(annotation: ast.expr) -> Any:
    match annotation:
        case ast.Constant(value=None):
            return NoneType
        case ast.Constant(value=str(text)):
            return _type_of(ast.parse(text, mode="eval").body)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _PLAIN_TYPES.get(name.lower())
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union([left, right])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _with_parts(name.lower(), inner.elts if isinstance(inner, ast.Tuple) else [inner])
    return None


def _with_parts(name: str, parts: Sequence[ast.expr]) -> Any:
    match name:
        case "literal":
            return Literal.__getitem__(tuple(ast.literal_eval(part) for part in parts))
        case "union":
            return _union(parts)
        case "optional":
            return _union([*parts, ast.Constant(None)])
        case "list" | "dict":
            return GenericAlias(_PLAIN_TYPES[name], tuple(_type_of(part) or Any for part in parts))
    return None


def _union(parts: Sequence[ast.expr]) -> Any:
    kinds = [_type_of(part) for part in parts]
    return None if None in kinds else Union.__getitem__(tuple(kinds))


def _comments(source: str) -> dict[int, str]:
    """Return the comments of a cell by line."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
