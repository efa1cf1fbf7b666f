"""The command ``kwh2token estimate``: set-ups in, as options or as a file; a screen, JSON or CSV out."""

from __future__ import annotations

import csv
import io
import json
import math
import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.cli import print_wide
from analysis.cli.estimate_screen import screen
from analysis.cli.setup_file import filled, read_file
from analysis.cli.setups import read_options, with_options
from analysis.inputs.errors import DataError, ParameterError
from analysis.inputs.names import find_or_raise, known_names
from analysis.model.boundary import BOUNDARIES
from analysis.model.token_use import QUANTILES
from analysis.runs.writing import write_all
from analysis.tables.estimate import Estimate, estimate

LABEL = "set-up"
WIDTH = 100
CLOSED = "the size of {} is not disclosed: it is assumed, and the intervals span what it may be"


class Asked(NamedTuple):
    """What the command is asked for besides the set-up.

    Attributes
    ----------
    boundary : str
        Where energy is counted.
    file, out : Path or None
        Set-ups to read, and where to write the answer.
    as_json, as_csv : bool
        How to answer, if not on a screen.
    """

    boundary: str
    file: Path | None
    out: Path | None
    as_json: bool
    as_csv: bool


def run(given: Mapping[str, Any], asked: Asked) -> None:
    """Estimate one set-up or those of a file, and show or write the answer.

    Raises
    ------
    InputError
        If something that is told cannot be used: the message names the option, or file, row and column.
    """
    if asked.as_json and asked.as_csv:
        raise ParameterError("--json and --csv: choose one")
    check_out(asked.out)
    if asked.out is not None and asked.file is not None and asked.out.resolve() == asked.file.resolve():
        raise ParameterError("--out: it is the file of set-ups, which would be lost; name another")
    boundary = find_or_raise(asked.boundary, known_names(BOUNDARIES), "--boundary")
    found, notes = _estimated(read_options(given), asked._replace(boundary=boundary))
    if asked.as_json:
        text = as_json(found, notes, alone=asked.file is None)
    elif asked.as_csv or asked.file or asked.out:
        text = as_csv(found.table)
    else:
        print_wide(*screen(found, notes), width=WIDTH)
        return
    if asked.out is None:
        print(text, end="")
    else:
        write_all({asked.out: text.encode()})


def check_out(out: Path | None) -> None:
    """Refuse a file for the answer that is a folder."""
    if out is not None and (out.is_dir() or not out.name):
        raise ParameterError(f"--out: {str(out)!r:.200} is a folder; name a file in it")


def _estimated(options: Mapping[str, Any], asked: Asked) -> tuple[Estimate, list[str]]:
    """Return the answer and what has to be noted."""
    if asked.file is None:
        told = {name: value for name, value in options.items() if value is not None}
        if not {"model", "params_active_b"} & set(told):
            raise ParameterError("MODEL: which model? Give its name, or its size with --params-active")
        frame, named = pd.DataFrame([told], index=[LABEL]), with_options
    else:
        frame, named = filled(read_file(asked.file), options), partial(_of_file, asked.file.name)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = estimate(frame, boundary=asked.boundary)
        except ParameterError as error:
            kind = ParameterError if asked.file is None else DataError
            raise kind(named(str(error))) from None
    return found, [named(text) for text in dict.fromkeys(str(entry.message) for entry in caught)]


def _of_file(file: str, message: str) -> str:
    return f"{file}, {message}" if message.startswith(("row ", "column ")) else f"{file}: {message}"


def as_csv(table: pd.DataFrame) -> str:
    """Return the answers as CSV, a row a set-up; numbers to the last digit, blank where not known."""
    import pyarrow as pa
    from pyarrow.csv import WriteOptions, write_csv  # pandas takes four times as long as the estimate

    plain = table.assign(**{name: table[name].astype(str) for name in table.select_dtypes("category")})
    header, file = io.StringIO(), io.BytesIO()
    csv.writer(header, lineterminator="\n").writerow(table.columns)
    options = {"include_header": False, "quoting_style": "needed"}
    write_csv(pa.Table.from_pandas(plain, preserve_index=False), file, WriteOptions(**options))
    return header.getvalue() + file.getvalue().decode()


def as_json(found: Estimate, notes: list[str], alone: bool) -> str:
    """Return the answers as JSON: one object, or a list of them, with units in the names.

    Figures with an interval are objects of ``p5``, ``p50`` and ``p95``; what is not known is null.
    """
    answers = records(found, notes)
    return json.dumps(answers[0] if alone else answers, indent=2, ensure_ascii=True) + "\n"


def records(found: Estimate, notes: list[str]) -> list[dict[str, Any]]:
    """Return each answer with what was assumed and noted, as JSON has it."""
    return [
        {
            **_nested(row),
            "assumed": found.assumptions(place),
            "notes": [*notes, *([CLOSED.format(row["model"])] if row["is_closed"] else [])],
        }
        for place, row in enumerate(found.table.to_dict("records"))
    ]


def _nested(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose quantiles are gathered under one name."""
    answer: dict[str, Any] = {}
    for column, value in row.items():
        name, _, end = column.rpartition("_")
        if end in QUANTILES:
            answer.setdefault(name, {})[end] = _plain(value)
        elif f"{column}_{QUANTILES[0]}" in row:
            ends = (row[f"{column}_{QUANTILES[0]}"], value, row[f"{column}_{QUANTILES[-1]}"])
            answer[column] = dict(zip(QUANTILES, map(_plain, ends), strict=True))
        elif column != "assumed":
            answer[column] = _plain(value)
    return answer


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: plain numbers and texts, null for what is not known."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
