"""The parameter model of a notebook that declares none, read off its parameters cell."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Mapping, Sequence
from types import GenericAlias, NoneType
from typing import Any, Literal, Union

from pydantic import BaseModel, Field, TypeAdapter, create_model
from pydantic.errors import PydanticUserError

from analysis.inputs.errors import ParameterError
from analysis.runs.suite import STRICT

_TAG = "parameters"
_PLAIN: dict[str, Any] = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "dict": dict}
_NO_SENSE = (SyntaxError, TypeError, ValueError, MemoryError, RecursionError)


def inferred(notebook: Mapping[str, Any], where: str) -> type[BaseModel]:
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
    except _NO_SENSE as error:
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
        kind = kind or _PLAIN.get(type(default).__name__) or Any
        described = Field(default, alias=name, description=comments.get(statement.lineno, ""))
        fields[f"parameter_{len(fields)}"] = (kind, described)  # any name is fine in the notebook
    return create_model("Inferred", __config__=STRICT, **fields)


def _literal(value: ast.expr) -> Any:
    """Return what an expression says, None where it has to be computed."""
    try:
        return ast.literal_eval(value)
    except _NO_SENSE:
        return None


def _kind_of(annotation: ast.expr) -> Any:
    """Return the type that an annotation names, None where it is none of the plain ones or makes no sense."""
    try:
        kind = _type_of(annotation)
        TypeAdapter(kind)
    except (*_NO_SENSE, PydanticUserError):
        return None
    return kind


def _type_of(annotation: ast.expr) -> Any:
    match annotation:
        case ast.Constant(value=None):
            return NoneType
        case ast.Constant(value=str(text)):
            return _type_of(ast.parse(text, mode="eval").body)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _PLAIN.get(name.lower())
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
            return GenericAlias(_PLAIN[name], tuple(_type_of(part) or Any for part in parts))
    return None


def _union(parts: Sequence[ast.expr]) -> Any:
    kinds = [_type_of(part) for part in parts]
    return None if None in kinds else Union.__getitem__(tuple(kinds))


def _comments(source: str) -> dict[int, str]:
    """Return the comments of a cell by line."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
