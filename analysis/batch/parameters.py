"""Checking a notebook's parameters before a kernel starts.

A notebook of the suite declares a model; that of any other notebook is inferred from its parameters cell.
Values are data: they are never evaluated.
"""

from __future__ import annotations

import ast
import contextlib
import io
import tokenize
import types
from collections.abc import Mapping
from typing import Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUserError

from analysis.scenario import explain
from analysis.suite import SUITE, Parameters

TAG = "parameters"
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
_PLAIN: dict[str, Any] = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "dict": dict}


class ParameterError(ValueError):
    """A notebook parameter that cannot be used; the message names it."""


def checked(notebook: str, values: Mapping[str, Any]) -> Parameters:
    """Return the parameters of a notebook of the suite, checked.

    Raises
    ------
    ParameterError
        If the notebook or a parameter is unknown, or a value has the wrong type or is out of bounds.
    """
    if notebook not in SUITE:
        raise ParameterError(f"unknown notebook {notebook!r}; known: {', '.join(SUITE)}")
    found = check(SUITE[notebook].parameters, values, notebook)
    assert isinstance(found, Parameters)
    return found


def check(model: type[BaseModel], values: Mapping[str, Any], where: str) -> BaseModel:
    """Return values as an instance of a model; all that is wrong with them goes into one message.

    Raises
    ------
    ParameterError
        If a name is unknown or missing, or a value has the wrong type, is out of bounds or is no plain data.
    """
    check_plain(values, where)
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise ParameterError(f"{where}: {explain(error)}") from None


def check_plain(values: Mapping[str, Any], where: str) -> None:
    """Refuse values that are no plain data.

    Raises
    ------
    ParameterError
        If one is; the message starts with `where`.
    """
    odd = [name for name, value in values.items() if not _is_plain(value)]
    if odd:
        raise ParameterError(f"{where}: {', '.join(odd)}: not a number, text, true or false, list or mapping")


def names_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the parameter names of a model."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def inferred(notebook: Mapping[str, Any], where: str) -> type[BaseModel]:
    """Return the model that a notebook's parameters cell declares: names, types, defaults, comments.

    An annotation decides the type, else the default does. ``None`` or an expression as default accepts
    any plain value.

    Raises
    ------
    ParameterError
        If not exactly one cell is tagged ``parameters``, or it holds no Python.
    """
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if TAG in cell["metadata"].get("tags", ())]
    if len(cells) != 1:
        raise ParameterError(f"{where}: {len(cells)} cells are tagged {TAG!r}; exactly one should be")
    try:
        statements = ast.parse(cells[0]).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ParameterError(f"{where}: its parameters cell is no Python: {error}") from None
    comments = _comments(cells[0])
    fields: dict[str, Any] = {}
    for statement in statements:
        target, annotation = _assigned(statement)
        if target is None:
            continue
        kind, default = _kind_of(annotation), None
        with contextlib.suppress(ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            default = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
            kind = kind or _PLAIN.get(type(default).__name__)
        kind = kind or Any
        described = Field(default, alias=target, description=comments.get(statement.lineno, ""))
        fields[f"parameter_{len(fields)}"] = (kind, described)  # any name is fine in the notebook
    return create_model("Inferred", __config__=_STRICT, **fields)


def _assigned(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    """Return the name that a statement gives a value, and its annotation."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        return statement.target.id, statement.annotation
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, None
    return None, None


def _kind_of(annotation: ast.expr | None) -> Any:
    """Return the type that an annotation names, None where it is none of the plain ones or makes no sense."""
    try:
        kind = _type_of(annotation)
        TypeAdapter(kind)
    except (SyntaxError, TypeError, ValueError, IndexError, RecursionError, PydanticUserError):
        return None
    return kind


def _type_of(annotation: ast.expr | None) -> Any:
    if isinstance(annotation, ast.Constant):
        if isinstance(annotation.value, str):
            return _type_of(ast.parse(annotation.value, mode="eval").body)
        return types.NoneType if annotation.value is None else None
    if isinstance(annotation, ast.BinOp):
        return _union([annotation.left, annotation.right])
    if isinstance(annotation, ast.Subscript):
        return _generic(_last_name(annotation.value), annotation.slice)
    return _PLAIN.get(_last_name(annotation).lower())


def _generic(name: str, inner: ast.expr) -> Any:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "Literal":
        return Literal.__getitem__(tuple(ast.literal_eval(part) for part in parts))
    if name in {"Optional", "Union"}:
        union = _union(parts)
        return union if name == "Union" or union is None else Union.__getitem__((union, types.NoneType))
    kinds = [_type_of(part) or Any for part in parts]
    if name.lower() == "list":
        return list.__class_getitem__(kinds[0])
    return dict.__class_getitem__(tuple(kinds)) if name.lower() == "dict" else None


def _union(parts: list[ast.expr]) -> Any:
    kinds = [_type_of(part) for part in parts]
    return None if None in kinds else Union.__getitem__(tuple(kinds))


def _last_name(node: ast.expr | None) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(key) and _is_plain(value[key]) for key in value)
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return value.encode(errors="replace").decode() == value  # not so with half of a character in it
    return value is None or isinstance(value, bool | int | float)
