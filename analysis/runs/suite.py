"""The notebooks of the suite: what each takes, what it delivers (``suite.yaml``), and values for them.

The parameters cell of a notebook and its model here agree; a test compares them. Values are data: they are
never evaluated, and checked against the model before a kernel starts.
"""

import keyword
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from analysis.inputs.entries import assumption_names, assumptions_called, other_names
from analysis.inputs.errors import ParameterError, explain, nearest, quoted
from analysis.inputs.paths import FIRST_PACK
from analysis.inputs.plain import is_number
from analysis.inputs.reading import read_mapping
from analysis.runs.outputs import FIGURE_FORMATS, HEADLINES, TABLES

Model = TypeVar("Model", bound=BaseModel)
STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
"""Of a model of parameters: unknown names are wrong, and so is the text of a number."""


class Parameters(BaseModel):
    """Parameters that every notebook takes."""

    model_config = STRICT

    scenario: str = Field("article", description="name of a scenario, or path of a .yaml file")
    currency: Literal["CNY", "USD"] = Field("CNY", description="currency of the tables and figures")
    output_dir: str = Field("build/notebooks", min_length=1, description="folder for the results")
    overrides: dict[str, Any] = Field({}, description="assumptions replaced by name")


class ApiSpread(Parameters):
    """Parameters of 02-api-spread."""

    cached_share: float = Field(0.0, ge=0, le=1, description="[1] share of input tokens read from cache")


class GpuOffset(Parameters):
    """Parameters of 03-gpu-offset."""

    horizon_years: int = Field(5, ge=1, le=40, description="[years] over which savings run")
    discount_rate: float = Field(0.08, ge=0, le=1, description="[1/year] cost of capital")


class ClaimsLedger(Parameters):
    """Parameters of 07-claims-ledger."""

    pack: str = Field(FIRST_PACK, description="name or folder of the pack of claims that is audited")
    topic: str = Field("", description="show this topic alone; empty shows all")

    @field_validator("pack")
    @classmethod
    def _check_pack(cls, pack: str) -> str:
        if pack != FIRST_PACK:
            from analysis.inputs.packs import load_pack, pack_folder, pack_names  # they import pandas

            load_pack(pack)
            if pack not in pack_names() and not Path(pack).is_absolute():
                raise ValueError(f"notebooks run elsewhere, so write the whole path: {pack_folder(pack)}")
        return pack

    @field_validator("topic")
    @classmethod
    def _check_topic(cls, topic: str, given: ValidationInfo) -> str:
        if topic and "pack" in given.data:
            from analysis.inputs.packs import load_claims

            topics = list(load_claims(given.data["pack"])["topic"].unique())
            if topic not in topics:
                hint = nearest(topic, topics)
                raise ValueError(f"no claim is on {topic!r:.60}{hint}; topics: {', '.join(topics)}")
        return topic


class CostStack(Parameters):
    """Parameters of 09-cost-stack."""

    places: list[str | dict[str, Any]] = Field([], description="other places, by name")

    @field_validator("places")
    @classmethod
    def _check_places(cls, places: list[Any]) -> list[Any]:
        if places:
            from analysis.inputs.place_entries import check_places  # it imports pandas

            check_places(places, "place")
        return places


class ExplainedShare(Parameters):
    """Parameters of 10-explained-share."""

    grid: Literal["hub", "average"] = Field("hub", description="Chinese grid: hub or average")
    draws: int = Field(16384, ge=256, le=100_000_000, description="of the Monte Carlo")


class Overview(ApiSpread, GpuOffset):
    """Parameters of 00-overview."""


_OWN_PARAMETERS: dict[str, type[Parameters]] = {
    "00-overview": Overview,
    "02-api-spread": ApiSpread,
    "03-gpu-offset": GpuOffset,
    "07-claims-ledger": ClaimsLedger,
    "09-cost-stack": CostStack,
    "10-explained-share": ExplainedShare,
}


class Notebook(BaseModel):
    """A notebook of the suite: its parameters and the results that it must deliver."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    parameters: type[Parameters]
    figures: tuple[str, ...]
    tables: tuple[str, ...]
    headlines: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    """Figures and tables that it delivers where a parameter asks for them."""

    @property
    def delivers(self) -> tuple[str, ...]:
        """The files that it must write, relative to its output folder."""
        figures = [f"{name}.{suffix}" for name in self.figures for suffix in FIGURE_FORMATS]
        tables = [f"{TABLES}/{name}.csv" for name in self.tables]
        return (*figures, *tables, *([HEADLINES] if self.headlines else []))


SUITE = {
    name: Notebook(name=name, parameters=_OWN_PARAMETERS.get(name, Parameters), **entry)
    for name, entry in read_mapping(Path(__file__).with_name("suite.yaml"), "suite").items()
}
"""The notebooks by name, in the order in which they are run and read."""


def validated(model: type[Model], values: Mapping[str, Any], where: str) -> Model:
    """Return values as an instance of a model; all that is wrong with them goes into one message.

    Raises
    ------
    ParameterError
        If a name is unknown or missing, or a value has the wrong type, is out of bounds or is no plain data;
        the message starts with `where`.
    """
    odd = list(islice((entry for name, value in values.items() for entry in _odd_entries(value, name)), 5))
    if model.model_config.get("extra") == "allow":
        names = [name for name in values if keyword.iskeyword(name) or not name.isidentifier()]
        odd += [f"{name!r:.60} is no name of Python's" for name in names]
    if odd:
        raise ParameterError(f"{where}: {'; '.join(odd)}")
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        has_unknown = any(each["type"] == "extra_forbidden" for each in error.errors())
        known = f"; known: {', '.join(defaults_of(model))}" if has_unknown else ""
        raise ParameterError(f"{where}: {explain(error.errors())}{known}") from None


def defaults_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the parameters of a model by name, each with its default; None where it is required."""
    fields = model.model_fields.items()
    return {field.alias or name: None if field.is_required() else field.default for name, field in fields}


def parameters_and_problems(
    values: Mapping[str, Any],
    notebooks: Iterable[str],
    elsewhere: Mapping[str, str],
    assumptions: Callable[[], Collection[str]] = assumption_names,
) -> tuple[dict[str, Any], list[str]]:
    """Return values as parameters of notebooks of the suite, and what is wrong with their names.

    Assumptions among them, called as people call them, become ``overrides``. A name that is neither a
    parameter of one of these notebooks nor an assumption, that may be several, or that is set elsewhere, is
    wrong.
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
            problems.append(f"overrides: {quoted(value)} is not a mapping of assumption names to values")
        elif name in taken:
            parameters[name] = value
        elif name.partition(".")[0] in assumptions():
            overrides[name] = value
        else:
            stem, dot, part = name.partition(".")
            meant = assumptions_called(stem)
            if len(meant) == 1 and f"{meant[0]}{dot}{part}" not in {*overrides, *values}:
                overrides[f"{meant[0]}{dot}{part}"] = value
            elif len(meant) == 1:
                problems.append(f"{name!r}: {meant[0]} is given twice")
            else:
                problems.append(_unknown(name, meant))
    return parameters | ({"overrides": overrides} if overrides else {}), problems


def _unknown(name: str, meant: list[str]) -> str:
    """Return what is wrong with a name, given the assumptions that it may mean."""
    if meant:
        return f"{name!r} may be {' or '.join(meant)}; write one of them"
    takers = [notebook for notebook, spec in SUITE.items() if name in spec.parameters.model_fields]
    if takers:
        return f"{name} is a parameter of {', '.join(takers)}, which does not run here"
    fields = dict.fromkeys(field for spec in SUITE.values() for field in spec.parameters.model_fields)
    hint = nearest(name, [*assumption_names(), *fields, *other_names()], "see kwh2token list")
    return f"{name!r} is neither a notebook parameter nor an assumption{hint}"


def _odd_entries(value: Any, name: str) -> Iterator[str]:
    """Yield where a value holds something that is no plain data, what, and what to write instead."""
    wrong = f"{name}: not a number, text, true or false, list or mapping of names (got"
    if isinstance(value, dict):
        for key, entry in value.items():
            if not _is_text(key):
                yield f'{wrong} the name {key!r:.40}; names are text, if need be in quotes: "{key!s:.40}")'
            yield from _odd_entries(entry, f"{name}.{key!s:.40}")
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _odd_entries(entry, f"{name}.{number}")
    elif not (value is None or isinstance(value, bool) or is_number(value) or _is_text(value)):
        remedy = "text is written in UTF-8" if isinstance(value, str) else "write it as one of these"
        yield f"{wrong} {quoted(value, 40)}; {remedy})"


def _is_text(value: Any) -> bool:
    """Tell whether a value is a text of whole characters."""
    return isinstance(value, str) and value.encode(errors="replace").decode() == value
