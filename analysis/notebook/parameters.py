"""Checking a notebook's parameters before a kernel starts. Values are data: they are never evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from analysis.notebook.suite import SUITE, Parameters
from analysis.scenario import explain

Model = TypeVar("Model", bound=BaseModel)


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
    return validated(SUITE[notebook].parameters, values, notebook)


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
        known = f"; known: {', '.join(names_of(model))}" if has_unknown else ""
        raise ParameterError(f"{where}: {explain(error)}{known}") from None


def names_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the parameter names of a model."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


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
