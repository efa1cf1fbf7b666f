"""What the parameters cells of a notebook declare, and what is given put after them.

A cell tagged ``parameters`` declares what it sets; where there is none, values that an earlier run has put in
do. A notebook without either, or whose cell sets nothing, takes whatever it is given.
"""

import ast
import io
import re
import tokenize
from collections.abc import Mapping, Sequence
from types import GenericAlias, NoneType
from typing import Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model
from pydantic.errors import PydanticUserError

from analysis.inputs.errors import ParameterError
from analysis.runs.suite import STRICT

TAG, INJECTED = "parameters", "injected-parameters"
"""Tags of a cell that declares parameters, and of one that a run has put after it."""

_PLAIN_TYPES: dict[str, Any] = {each.__name__: each for each in (int, float, str, bool, list, dict)}
_PARSE_ERRORS = (SyntaxError, TypeError, ValueError, MemoryError, RecursionError)
_COMPUTED = ast.Name("computed")
"""What stands for a value that only the kernel knows."""

_HARMLESS = re.compile(r"\A\s*%%(time|capture|prun)\b.*")
"""Cell magics that run the cell as it is."""


def inferred_model(notebook: Mapping[str, Any], where: str, given: Sequence[str] = ()) -> type[BaseModel]:
    """Return the model that a notebook's parameters cells declare: names, types, defaults, comments.

    An annotation decides the type, else the default does; an annotation that means nothing here allows
    anything, and so do ``None`` and an expression as default. A name with an annotation alone is required,
    unless every run is given it anyway.

    Raises
    ------
    ParameterError
        If a parameters cell holds no Python.
    """
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if _declares(cell)]
    try:
        found = {name: each for source in cells for name, each in _declared(source).items()}
    except _PARSE_ERRORS as error:
        raise ParameterError(f"{where}: its parameters cell is no Python: {error}") from None
    fields: dict[str, Any] = {}
    for name, (kind, default, comment) in found.items():
        kind = kind or _PLAIN_TYPES.get(type(default).__name__) or Any
        default = None if name in given and default is ... else default
        fields[f"parameter_{len(fields)}"] = kind, Field(default, alias=name, description=comment)
    config = STRICT | ConfigDict(allow_inf_nan=True, extra="forbid" if found else "allow")
    return create_model("Inferred", __config__=config, **fields)


def with_values(notebook: Any, given: Mapping[str, Any]) -> None:
    """Put values into a notebook: after each parameters cell what it declares, the rest after the first.

    Without such a cell they go on top. After a single one the new cell is that of papermill, to the letter.
    """
    from nbformat.v4 import new_code_cell
    from papermill.translators import papermill_translators

    translator = papermill_translators.find_translator(None, "python")
    cells = enumerate(notebook.cells, start=1)
    places = {place: {*_declared(cell.source)} for place, cell in cells if _declares(cell)} or {0: set()}
    places[min(places)] |= set(given).difference(*places.values())
    for number, (place, names) in reversed([*enumerate(places.items())]):
        if values := {name: value for name, value in given.items() if name in names}:
            source = translator.codify(values, comment="Parameters")
            key = f"{INJECTED}-{number}" if number else INJECTED
            cell = new_code_cell(source, id=key, metadata={"tags": [INJECTED]})
            notebook.cells.insert(place, cell)


def _declares(cell: Mapping[str, Any]) -> bool:
    tags = {TAG, INJECTED}.intersection(cell["metadata"].get("tags", ()))
    return bool(tags) and cell.get("cell_type", "code") == "code"


def _declared(source: str) -> dict[str, tuple[Any, Any, str]]:
    """Return what a parameters cell declares: by name its type, default (``...`` is none) and comment."""
    source = _as_python(source)
    statements = ast.parse(source).body
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {each.start[0]: each.string.lstrip("# ") for each in tokens if each.type == tokenize.COMMENT}
    found: dict[str, tuple[Any, Any, str]] = {}
    for statement in statements:
        kind, pairs = None, list[tuple[str, ast.expr | None]]()
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                kind, pairs = _kind_of(annotation), [(name, value)]
            case ast.Assign(targets=targets, value=value):
                pairs = [pair for target in targets for pair in _pairs(target, value)]
            case ast.AugAssign() | ast.If() | ast.For() | ast.While() | ast.With() | ast.Try():
                pairs = [(name, _COMPUTED) for name in _set_in(statement) if name in found]
        for name, value in pairs:
            known, default, _ = found.get(name, (None, ..., ""))
            default = default if value is None else _literal(value)
            found[name] = kind or known, default, comments.get(statement.lineno, "")
    return found


def _as_python(source: str) -> str:
    """Return a cell with IPython's magics and shell lines as the Python that they stand for."""
    try:
        ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        return str(TransformerManager().transform_cell(_HARMLESS.sub("", source, count=1)))
    return source


def _set_in(statement: ast.AST) -> list[str]:
    """Return the names that a statement sets, at whatever depth."""
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return [node.id for node in names if isinstance(node.ctx, ast.Store)]


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr | None]]:
    """Return the names that an assignment sets, each with its value."""
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        starred = any(isinstance(each, ast.Starred) for each in target.elts + value.elts)
        if len(target.elts) == len(value.elts) and not starred:
            return [pair for parts in zip(target.elts, value.elts, strict=True) for pair in _pairs(*parts)]
    return [(name, _COMPUTED) for name in _set_in(target)]


def _literal(value: ast.expr) -> Any:
    """Return what an expression says, None where it has to be computed."""
    try:
        return ast.literal_eval(value)
    except _PARSE_ERRORS:
        return None


def _kind_of(annotation: ast.expr) -> Any:
    """Return the type that an annotation names; one that is not understood allows anything."""
    try:
        kind = _type_of(annotation)
        TypeAdapter(kind)
    except (*_PARSE_ERRORS, AssertionError, PydanticUserError):
        return Any
    return kind


def _type_of(annotation: ast.expr) -> Any:
    match annotation:
        case ast.Constant(value=None):
            return NoneType
        case ast.Constant(value=str(text)):
            return _type_of(ast.parse(text, mode="eval").body)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _PLAIN_TYPES.get(name.lower(), Any)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return Union.__getitem__((_type_of(left), _type_of(right)))
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            match name.lower():
                case "literal":
                    return Literal.__getitem__(tuple(map(ast.literal_eval, parts)))
                case "union":
                    return Union.__getitem__(tuple(map(_type_of, parts)))
                case "optional":
                    return Union.__getitem__((*map(_type_of, parts), NoneType))
                case "list" | "dict" as plain:
                    return GenericAlias(_PLAIN_TYPES[plain], tuple(map(_type_of, parts)))
    return Any
