"""What a notebook takes: the model of its parameters, and values checked against it before a kernel starts.

Values are data: they are never evaluated. A notebook of the suite declares its model; that of any other is
read off its parameters cell.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import GenericAlias, NoneType
from typing import Any, Literal, TypeVar, Union

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUserError

from analysis.inputs.errors import ParameterError, explain
from analysis.inputs.scenario import assumption_names
from analysis.runs.suite import STRICT, SUITE

Model = TypeVar("Model", bound=BaseModel)
_TAG = "parameters"
_PLAIN_TYPES: dict[str, Any] = {each.__name__: each for each in (int, float, str, bool, list, dict)}
_PARSE_ERRORS = (SyntaxError, TypeError, ValueError, MemoryError, RecursionError)


def validated(model: type[Model], values: Mapping[str, Any], where: str) -> Model:
    """Return values as an instance of a model; all that is wrong with them goes into one message.

    Raises
    ------
    ParameterError
        If a name is unknown or missing, or a value has the wrong type, is out of bounds or is no plain data;
        the message starts with `where`.
    """
    odd = [entry for name, value in values.items() for entry in _odd_entries(value, name)]
    if odd:
        raise ParameterError(
            f"{where}: {', '.join(odd)}: not a number, text, true or false, list or mapping of names"
        )
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        has_unknown = any(each["type"] == "extra_forbidden" for each in error.errors())
        known = f"; known: {', '.join(defaults_of(model))}" if has_unknown else ""
        raise ParameterError(f"{where}: {explain(error.errors())}{known}") from None


def defaults_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the parameters of a model by name, each with its default."""
    return {field.alias or name: field.default for name, field in model.model_fields.items()}


def parameters_and_problems(
    values: Mapping[str, Any], notebooks: Iterable[str], elsewhere: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return values as parameters of notebooks of the suite, and what is wrong with their names.

    Assumptions among them become ``overrides``. A name that is neither, or that is set elsewhere, is wrong.

    Parameters
    ----------
    values : mapping
        By name of a parameter or an assumption.
    notebooks : iterable of str
        Notebooks that run.
    elsewhere : mapping
        Names that are set in another way, and by what.
    """
    taken = {name for notebook in notebooks for name in defaults_of(SUITE[notebook].parameters)}
    parameters: dict[str, Any] = {}
    overrides: dict[str, Any] = {}
    problems = []
    for name, value in values.items():
        if name in elsewhere:
            problems.append(f"{name} is set by {elsewhere[name]}, not here")
        elif name == "overrides" and isinstance(value, Mapping):
            overrides.update(value)
        elif name == "overrides":
            problems.append(f"overrides: {value!r:.60} is not a mapping of assumption names to values")
        elif name in taken:
            parameters[name] = value
        elif name.partition(".")[0] in assumption_names():
            overrides[name] = value
        else:
            problems.append(_unknown(name))
    return parameters | ({"overrides": overrides} if overrides else {}), problems


def _unknown(name: str) -> str:
    takers: dict[str, list[str]] = {}
    for notebook, spec in SUITE.items():
        for parameter in spec.parameters.model_fields:
            takers.setdefault(parameter, []).append(notebook)
    if name in takers:
        return f"{name} is a parameter of {', '.join(takers[name])}, which does not run here"
    close = get_close_matches(name, [*assumption_names(), *takers], n=1)
    hint = f"; did you mean {close[0]}?" if close else "; see kwh2token list"
    return f"{name!r} is neither a notebook parameter nor an assumption{hint}"


def _odd_entries(value: Any, name: str) -> Iterator[str]:
    """Yield where a value holds something that is no plain data."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) and _is_text(key) for key in value):
            yield name
        for key, entry in value.items():
            yield from _odd_entries(entry, f"{name}.{key!s:.40}")
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _odd_entries(entry, f"{name}.{number}")
    elif not (value is None or isinstance(value, bool | int | float) or _is_text(value)):
        yield name


def _is_text(value: Any) -> bool:
    """Tell whether a value is a text of whole characters."""
    return isinstance(value, str) and value.encode(errors="replace").decode() == value


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
