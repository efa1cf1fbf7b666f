"""The command ``kwh2token cost``: what tokens cost in places, beside the Chinese hub and the US."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from analysis.cli import print_wide
from analysis.cli.estimate import LABEL, WIDTH, as_csv, check_out, records
from analysis.cli.estimate_screen import (
    assumed_table,
    besides_tariff,
    ends_of,
    heading,
    interval,
    rounded,
    share_of,
    stated,
)
from analysis.cli.setups import ALL, OPTIONS, read_options, with_options
from analysis.inputs.errors import ParameterError
from analysis.inputs.place_entries import OURS, read_place
from analysis.model.gpu_hour import PARTS
from analysis.runs.writing import write_all
from analysis.tables.cost_by_place import BASES, OF_PLACE, PlaceCosts, costs_at_places, with_base_case
from analysis.tables.cost_stack import OPEN_MODEL
from analysis.tables.places import places

OPTION = OPTIONS["place"]
CALLED = {"idle_power_fraction": "power of an idle server"}
KINDS = {"input": "input", "output": "output", "mix": "mix"}
FIGURES = (".png", ".svg")
LEAST = 80
"""As wide is the screen at least: a terminal breaks what does not fit, and figures are never cut."""
MOST_ORIGINS = 12
"""Of how many places the screen tells the sources."""


def run(given: Mapping[str, Any], out: Path | None, as_json: bool, csv: bool) -> None:
    """Print or write what tokens of a set-up cost in places.

    Raises
    ------
    InputError
        If something that is told cannot be used; the message names the option or the file.
    """
    if as_json and csv:
        raise ParameterError("--json and --csv: choose one")
    check_out(out)
    suffix = out.suffix.lower() if out else ""
    if out and suffix not in (".csv", ".json", *FIGURES):
        raise ParameterError(f"--out: {str(out)!r:.200}: end its name in .csv, .json, .png or .svg")
    names = given["place"] or []
    if not names:
        raise ParameterError(f"{OPTION}: which place? A name such as norway, a .yaml file, or {ALL}")
    options = read_options({name: text for name, text in given.items() if name != "place"})
    told = {name: value for name, value in options.items() if value is not None}
    costs, notes = _costs(told, names)
    if out and suffix in FIGURES:
        _draw(costs, out, suffix.removeprefix("."))
        return
    if as_json or suffix == ".json":
        answers = records(costs.found, notes)
        text = json.dumps([answers[place] for place in costs.order], indent=2, ensure_ascii=True) + "\n"
    elif csv or out:
        text = as_csv(costs.found.table.iloc[costs.order])
    else:
        print_wide(*_screen(costs, notes), width=WIDTH, least=LEAST)
        return
    if out is None:
        print(text, end="")
    else:
        write_all({out: text.encode()})


def _costs(told: Mapping[str, Any], names: list[str]) -> tuple[PlaceCosts, list[str]]:
    """Return the answer and what has to be noted."""
    if ALL in names and len(names) > 1:
        raise ParameterError(f"{OPTION}: {ALL} has every place of the data; give it alone")
    entries = list(places().index) if names == [ALL] else [read_place(name) for name in names]
    of_place = {name: told[name] for name in OF_PLACE if name in told}
    if "tariff" in of_place and len(entries) > 1:
        raise ParameterError(f"--tariff: it is of one place, and {len(entries)} are given")
    setup = {name: value for name, value in told.items() if name not in OF_PLACE}
    if not {"model", "params_active_b"} & set(setup):
        setup["model"] = OPEN_MODEL
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            setup, taken = with_base_case(setup)
            costs = costs_at_places(setup, entries, of_place, OPTION)
        except ParameterError as error:
            message = re.sub(r"^row .{1,80}?, column", f"row {LABEL}, column", str(error))
            raise ParameterError(with_options(message).replace("MODEL:", "--model:", 1)) from None
    values = (
        f"{CALLED.get(name) or OPTIONS[name].removeprefix('--')} {_stated(value)}"
        for name, value in taken.items()
    )
    notes = [f"taken from the base case of the cost stack: {', '.join(values)}"] if taken else []
    return costs, notes + [with_options(text) for text in dict.fromkeys(str(one.message) for one in caught)]


def _stated(value: Any) -> str:
    return value if isinstance(value, str) else stated(float(value))


def _screen(costs: PlaceCosts, notes: list[str]) -> Iterator[Table | str]:
    """Yield what is shown, from top to bottom."""
    table = costs.found.table
    yield "\n".join(heading(table.iloc[0]))
    for name, row in table.iloc[: costs.asked].iterrows() if costs.asked == 1 else ():
        yield f"\nIn {name}, USD per million tokens; 5-95 % in brackets"
        shown = Table("", *KINDS.values(), box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for part in (*PARTS, "total"):
            figures = (interval(*ends_of(row, f"{kind}_{part}_usd_per_mtok")) for kind in KINDS)
            shown.add_row(part, *figures, end_section=part == PARTS[-1])
        shown.add_row("electricity's share", *(share_of(row, kind) for kind in KINDS))
        yield shown
    yield "\nA million tokens of the mix, from the cheapest place on"
    yield _ranking(costs)
    yield (
        "* the base case of the cost stack; over US: cost over that there; g CO2: a million tokens emit.\n"
        "The intervals are for this set-up; most of what they span moves all places alike, so the ratio is\n"
        "better known than the cost. Chinese places have the prices of accelerators and the use there."
    )
    if costs.asked <= MOST_ORIGINS:
        yield from (f"{name}: {_origin(row)}" for name, row in table.iloc[: costs.asked].iterrows())
    else:
        yield "Sources and grades of tariffs, PUE and cost of capital: --csv"
    if assumed := costs.found.assumptions(0):
        yield "\nAssumed; what you tell instead narrows the intervals"
        yield assumed_table(assumed)
    yield from (f"note: {note}" for note in notes)


def _ranking(costs: PlaceCosts) -> Table:
    table = costs.found.table
    base = table.loc["US data centre", "mix_total_usd_per_mtok"]
    shown = Table(box=SIMPLE_HEAD, padding=0)
    for column in ("", "USD/kWh", "PUE", "USD/Mtok", "electricity", "over US", "g CO2"):
        shown.add_column(column, no_wrap=bool(column), overflow="fold")  # names give way, figures do not
    for name, row in table.iloc[costs.order].iterrows():
        called = f"{name} *" if name in BASES else str(name)
        total = interval(*ends_of(row, "mix_total_usd_per_mtok"))
        cells = (rounded(row["tariff_usd_per_kwh"]), stated(row["pue"]), total, share_of(row, "mix"))
        shown.add_row(
            called, *cells, f"{row['mix_total_usd_per_mtok'] / base:.3f}", rounded(row["mix_g_per_mtok"])
        )
    return shown


def _origin(row: Any) -> str:
    """Return where the tariff, the PUE and the cost of capital of a place are from."""
    who = ", ".join(filter(None, (row["consumer_class"], row["period"])))
    told = f"{stated(row['tariff_usd_per_kwh'])} USD/kWh{who and f' ({who})'}"
    tariff = f"{told}, grade {row['tariff_grade']}, source: {row['tariff_source']}"
    return "; ".join([tariff, *besides_tariff(row)])


def _assumed_by_the_user(costs: PlaceCosts) -> Iterator[str]:
    """Yield what a chart says of places whose tariff is told and not in the data."""
    for name, row in costs.found.table.iterrows():
        if row["tariff_source"] == OURS:
            yield f"{name}: {stated(row['tariff_usd_per_kwh'])} USD/kWh is an {OURS}"


def _draw(costs: PlaceCosts, out: Path, suffix: str) -> None:
    """Write the ranked chart."""
    from analysis.runs.run import settings_of_figures

    os.environ |= settings_of_figures("Agg")  # matplotlib is imported next
    from analysis.figures.cost_by_place import cost_by_place
    from analysis.figures.style import apply_style
    from analysis.runs.outputs import print_figure
    from analysis.tables.cost_by_place import ranked_for_figure

    apply_style("; ".join(_assumed_by_the_user(costs)))
    model = costs.found.table["model"].iloc[0]
    called = model if isinstance(model, str) else "a model of your own"
    figure = cost_by_place(ranked_for_figure(costs), called)
    write_all({out: lambda path: print_figure(figure, suffix, path)})
