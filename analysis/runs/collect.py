"""One tidy table and one figure from the results of many runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path

import pandas as pd

from analysis.runs import outputs
from analysis.runs.engine import locked
from analysis.runs.files import clear_parts, write_atomically
from analysis.runs.run import AS_WAS, OK, Outcome, Run
from analysis.runs.sweep import Sweep, shown_values
from analysis.runs.sweep_table import RUN, as_quantities, joined, read_rows, tidied, varying

_NAME = "sweep"


def collect(sweep: Sweep, outcomes: Iterable[Outcome]) -> list[Path]:
    """Write the common table of a sweep as Parquet and CSV, and its figure; return the files.

    Runs that failed are left out. What an earlier, larger sweep wrote in the same folder is, too. Where no
    run succeeded nothing is written.

    Raises
    ------
    CollectError
        If what a run delivered holds no table.
    ParameterError
        If another batch is writing there.
    """
    fine = {outcome.run for outcome in outcomes if outcome.status in {OK, AS_WAS}}
    if not fine:
        return []
    with locked(sweep.runs[0].executed.parent):
        return _collected(sweep, fine)


def _collected(sweep: Sweep, fine: Collection[Run]) -> list[Path]:
    parameters, keys, results = gathered(sweep, fine)
    table = joined(parameters, keys, results)
    clear_parts(sweep.folder, _NAME)
    written = [sweep.folder / f"{_NAME}.{suffix}" for suffix in ("parquet", "csv")]
    write_atomically(written[0], partial(table.to_parquet, index=False))
    number = f"%.{outputs.TABLE_DIGITS}g"
    write_atomically(written[1], partial(table.to_csv, index=False, float_format=number, lineterminator="\n"))
    varied = [name for name in parameters if len(parameters[name].unique()) > 1]
    drawn = varying(as_quantities(keys, results))
    pictures = [sweep.folder / f"{_NAME}.{suffix}" for suffix in outputs.FIGURE_FORMATS]
    if varied and not drawn.empty:
        import matplotlib as mpl

        from analysis.figures import style
        from analysis.runs.sweep_figure import sweep_panels

        mpl.use("Agg")
        style.apply_style()
        outputs.save_figure(sweep.folder, _NAME, sweep_panels(drawn, parameters[varied]))
        return [*written, *pictures]
    for path in pictures:  # of an earlier sweep
        path.unlink(missing_ok=True)
    return written


def gathered(sweep: Sweep, fine: Collection[Run]) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Return the rows that runs gave, with the parameters and the key of the run of each.

    Raises
    ------
    CollectError
        If what a run delivered holds no table.
    """
    parameters, keys, results = [], [], []
    for run, values in zip(sweep.runs, shown_values(sweep.runs), strict=True):
        if run in fine:
            rows = read_rows(run.results / sweep.collects) if sweep.collects else pd.DataFrame(index=[0])
            parameters += [values] * len(rows)
            keys += [run.group] * len(rows)
            results.append(rows)
    return (
        tidied(pd.DataFrame(parameters, dtype=object)),
        pd.Series(keys, name=RUN, dtype="string"),
        tidied(pd.concat(results, ignore_index=True)),
    )
