"""``kwh2token what-if``: the main results before and after other assumptions, and the notebooks with them."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import typer

from analysis.cli import named_value, print_wide
from analysis.inputs import paths
from analysis.inputs.assumption import Range
from analysis.inputs.errors import ParameterError, listed
from analysis.inputs.money import check_convertible
from analysis.inputs.plain import percent
from analysis.inputs.scenario import load_scenario, scenario_names
from analysis.runs.run import Run
from analysis.runs.suite import SUITE, parameters_and_problems
from analysis.tables.explained_share import DRAWS
from analysis.tables.what_if import Answer, answer_of, before_and_after, changed_assumptions

YOURS = "assumption of yours"
"""The source of what has none."""

_SIDES = ("before", "after")
_EXAMPLE = "hub=0.20CNY/kWh us=0.09USD/kWh pue=1.15"
_ENDS = (
    "In brackets: all pairings of the ends of tariffs, for GPUs, too; 5 and 95 % of {draws:,} draws for "
    "costs and prices; all corners for the strongest channel."
)


def run(given: Sequence[str], *, scenario: str, out: Path | None, as_json: bool, jobs: int) -> int:
    """Answer a what-if and return the exit status.

    Parameters
    ----------
    given : sequence of str
        Assumptions as ``NAME=VALUE``.
    scenario : str
        Name or file of the scenario that they change.
    out : Path or None
        Where to run the notebooks with them; nowhere by default.
    as_json : bool
        Print JSON for machines.
    jobs : int
        Notebooks side by side.

    Raises
    ------
    ParameterError, ScenarioError
        If an assumption is unknown, may be several, is given twice, or its value cannot be used.
    """
    overrides, texts = read_assumptions(given)
    before, after = load_scenario(scenario), load_scenario(scenario, overrides)
    check_convertible(after)
    runs = _runs(scenario, overrides, out) if out else []
    names = dict.fromkeys(name.partition(".")[0] for name in overrides)
    assumptions = changed_assumptions(before, after, names)
    answers = answer_of(before, DRAWS), answer_of(after, DRAWS)
    table = before_and_after(*answers)
    if as_json:
        print(json.dumps(_as_json(after.name, assumptions, table, answers)), flush=True)
    else:
        _print(after.name, assumptions, table, answers, texts)
    return _run_notebooks(runs, jobs, as_json) if runs else 0


def read_assumptions(given: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return assumptions as overrides by name, and as they were written.

    Raises
    ------
    ParameterError
        If there is none, or one is unknown, may be several or is given twice.
    """
    if not given:
        raise ParameterError(f"what-if: name what is to be another, as in {_EXAMPLE}")
    pairs = [named_value(entry, "what-if ") for entry in given]
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    elsewhere = {name: "kwh2token run -p" for spec in SUITE.values() for name in spec.parameters.model_fields}
    found, problems = parameters_and_problems(dict(pairs), (), elsewhere | {"scenario": "--scenario"})
    problems += [f"{name} is given twice" for name in twice]
    if problems:
        raise ParameterError(f"what-if: {listed(problems)}")
    overrides: dict[str, Any] = found["overrides"]
    return overrides, dict(zip(overrides, (str(value).strip() for _, value in pairs), strict=True))


def _runs(scenario: str, overrides: Mapping[str, Any], out: Path) -> list[Run]:
    from analysis.runs.plan import plan, touched_by_assumptions

    return plan(scenarios=[scenario], notebooks=touched_by_assumptions(), values=overrides, out=out)


def _run_notebooks(runs: list[Run], jobs: int, as_json: bool) -> int:
    """Run notebooks, tell which tables are others than those of the project, and return the exit status."""
    from analysis.cli.progress import run_batch, short
    from analysis.runs.modified import moved_tables
    from analysis.runs.run import Limits

    outcomes = run_batch(runs, jobs, False, Limits(), "", as_json)
    good = [outcome.run for outcome in outcomes if not outcome.error]
    original = paths.figures_root() / runs[0].scenario
    moved = {
        run.notebook: moved_tables(SUITE[run.notebook].tables, run.results, original)
        for run in good
        if run.scenario in scenario_names()
    }
    if as_json:
        print(json.dumps({"event": "moved", "tables": moved}), flush=True)
        return int(len(good) < len(outcomes))
    for name, tables in moved.items():
        told = f"{len(tables)} of {len(SUITE[name].tables)} tables move" if tables else "no table moves"
        typer.echo(f"{name}: {told}")
    typer.echo(f"results, marked as modified: {short(runs[0].results)}")
    return int(len(good) < len(outcomes))


def _print(
    scenario: str,
    assumptions: pd.DataFrame,
    table: pd.DataFrame,
    answers: tuple[Answer, Answer],
    texts: Mapping[str, str],
) -> None:
    from rich.table import Table

    typer.echo(f"What if, against scenario {scenario}:")
    for row in assumptions.reset_index().to_dict("records"):
        for line in _told(row, texts.get(row["name"], "")):
            typer.echo(f"  {line}")
    shown = Table("quantity", "before", "after", "change", box=None, pad_edge=False)
    for row in table.reset_index().to_dict("records"):
        is_channel = row["quantity"] == "strongest_case_factor"
        before, after = (
            _range(row[f"{side}_low"], row[side], row[f"{side}_high"], row["unit"])
            + (f", {answer.channel.lower()}" if is_channel else "")
            for side, answer in zip(_SIDES, answers, strict=True)
        )
        told = (after, _change(row)) if row["changes"] else ("as before", "none")
        shown.add_row(row["meaning"], before, *told)
    print_wide(shown, width=150)
    if not table["changes"].any():
        typer.echo("None of these results changes.")
    typer.echo(_ENDS.format(draws=DRAWS))


def _told(row: Mapping[str, Any], written: str) -> Iterator[str]:
    """Yield what is said of a changed assumption, and of those of its name that stay."""
    new = _figure(row, "after")
    if _is_converted(written, row["after_unit"]):
        new = f"{written} = {new}"
    if row["after_exchanged"] == row["after_exchanged"]:
        new += f" = {row['after_exchanged']:.4g} {row['before_unit']} at the mean rate of {row['period']}"
    if row["after_low"] == row["after_high"]:
        new += " without a range"
    old = f"{_figure(row, 'before')} ({row['before_source']}, grade {row['before_grade']})"
    origin = f"({_source(row, 'after')}, grade {row['after_grade']})"
    yield f"{row['name']}, {row['meaning']}: {old} -> {new} {origin}"
    if row["apart"]:
        yield f"  apart from it, and as before: {row['apart']}"


def _is_converted(written: str, unit: str) -> bool:
    """Tell whether an amount was written in another unit than it has now.

    Examples
    --------
    >>> [_is_converted(text, "USD/kWh") for text in ("20 USD/MWh", "0.02USD/kWh", "0.02")]
    [True, False, False]
    """
    has_unit = bool(re.search(r"\d\s*[^\d\s.]|^[^\d.]+\d", written)) and not written.endswith("}")
    return has_unit and not re.sub(r"\s", "", written).endswith(unit)


def _source(row: Mapping[str, Any], side: str) -> str:
    source = row[f"{side}_source"]
    return YOURS if source == "override" else str(source)


def _figure(row: Mapping[str, Any], side: str) -> str:
    low, value, high = (f"{row[f'{side}_{end}']:.4g}" for end in Range._fields)
    unit = row[f"{side}_unit"].replace("ratio", "")
    return f"{value}{f' ({low} to {high})' if low != high else ''} {unit}".rstrip()


def _range(low: float, value: float, high: float, unit: str) -> str:
    """Return a result with its ends; one line a cell.

    Examples
    --------
    >>> _range(0.9988, 1.0156, 1.0435, "ratio"), _range(3.0, 4.5, math.inf, "years")
    ('1.016 (0.999 to 1.044)', '4.5 (3.0 to never)')
    """
    if math.isinf(value):
        return "never"
    shown = _number(value, unit, value)
    ends = [_number(end, unit, value) for end in (low, high)]
    return shown if low == high else f"{shown} ({ends[0]} to {ends[1]})"


def _number(number: float, unit: str, value: float) -> str:
    if math.isinf(number):
        return "never"
    if unit == "share":
        return percent(number)
    if unit == "years" or abs(value) >= 10.0:
        return f"{number:.1f}"
    return f"{number:.{3 if abs(value - 1.0) < 0.1 else 2}f}"


def _change(row: Mapping[str, Any]) -> str:
    before, after, unit = row["before"], row["after"], row["unit"]
    if math.isinf(before) or math.isinf(after) or not before:
        return "yes"
    move = after - before if unit == "share" else after / before - 1.0
    what = " points" if unit == "share" else "%"
    told = f"{move * 100.0:+.1f}"
    return f"under 0.1{what}" if float(told) == 0.0 else f"{told}{what}"


def _as_json(
    scenario: str, assumptions: pd.DataFrame, table: pd.DataFrame, answers: tuple[Answer, Answer]
) -> dict[str, Any]:
    """Return the answer for machines: a name says its unit, what is endless or unknown is null."""
    told = []
    for row in assumptions.reset_index().to_dict("records"):
        sides = {}
        for side in _SIDES:
            unit = re.sub(r"\W", "_", row[f"{side}_unit"].replace("/", "_per_").lower())
            ends = {f"{end}_{unit}": row[f"{side}_{end}"] for end in Range._fields}
            sides[side] = ends | {"source": _source(row, side), "grade": row[f"{side}_grade"]}
        told.append({"name": row["name"], "meaning": row["meaning"], **sides})
    results = []
    for row in table.reset_index().to_dict("records"):
        sides = {
            side: {
                f"{end}_{row['unit']}": _finite(row[f"{side}_{end}".removesuffix("_value")])
                for end in Range._fields
            }
            for side in _SIDES
        }
        results.append(
            {"name": row["quantity"], "meaning": row["meaning"], "changes": bool(row["changes"]), **sides}
        )
    channels = {f"strongest_channel_{side}": a.channel for side, a in zip(_SIDES, answers, strict=True)}
    head = {"event": "what-if", "scenario": scenario, "draws": DRAWS}
    return head | {"assumptions": told, "quantities": results} | channels


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None
