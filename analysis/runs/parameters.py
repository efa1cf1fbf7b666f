"""Checking a notebook's parameters before a kernel starts. Values are data: they are never evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from analysis.inputs.errors import ParameterError, explain
from analysis.inputs.scenario import assumption_names
from analysis.runs.suite import SUITE, Parameters

Model = TypeVar("Model", bound=BaseModel)


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


def sorted_out(
    values: Mapping[str, Any], notebooks: Iterable[str], elsewhere: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return values by parameter of notebooks of the suite, all assumptions among them as ``overrides``.

    What is wrong comes beside them: a name that is neither, or that is set elsewhere.

    Parameters
    ----------
    values : mapping
        By name of a parameter or an assumption.
    notebooks : iterable of str
        Notebooks that run.
    elsewhere : mapping
        Names that are set in another way, and by what.
    """
    taken = {name for notebook in notebooks for name in names_of(SUITE[notebook].parameters)}
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
    owners = [notebook for notebook, spec in SUITE.items() if name in spec.parameters.model_fields]
    if owners:
        return f"{name} is a parameter of {', '.join(owners)}, which does not run here"
    known = [*assumption_names(), *(name for spec in SUITE.values() for name in spec.parameters.model_fields)]
    close = get_close_matches(name, known, n=1)
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
