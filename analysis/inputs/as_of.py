"""Scenarios as of a day: what a snapshot renews, or list prices of a committed day where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.inputs import paths
from analysis.inputs.errors import ScenarioError, quoted
from analysis.inputs.reading import read_mapping
from analysis.inputs.units import period_bounds, worst_grade

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = "@"
"""Between the name of a scenario and a day or month."""
ASSUMPTIONS = "assumptions.yaml"
"""What a snapshot renews, in its folder."""
RATES_OF = "exchange_rates"
"""Its entry that names the snapshot whose exchange rates serve."""
FEW_MODELS = 3
"""With fewer models than this on a side a median says little, and the price stays as it was."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHEN = re.compile(r"\d{4}-\d{2}(-\d{2})?", re.ASCII)
_COUNTRIES = {"cn": "CN", "us": "US"}
_KINDS = ("input", "output")
_SHOWN = 6
_DIGITS = 9


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar as a folder is called.

    Examples
    --------
    >>> [is_day(text) for text in ("2026-11-30", "2026-02-31", "2026-11", "../x")]
    [True, False, False, False]
    """
    try:
        return _DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def days(root: Path, file: str = "") -> list[str]:
    """Return the days of the snapshots in a folder that hold a file, the earliest first; a link is none."""
    if not root.is_dir():
        return []
    folders = (entry for entry in root.iterdir() if is_day(entry.name) and not entry.is_symlink())
    return sorted(folder.name for folder in folders if folder.is_dir() and (folder / file).exists())


def archived_days() -> list[str]:
    """Return the days whose list prices are committed, with models enough on both sides.

    Examples
    --------
    >>> archived_days()[0], "2026-07-15" in archived_days()
    ('2025-09-01', True)
    """
    counts = _archive().groupby(["date", "country"]).size().unstack(fill_value=0).min(axis=1)
    return sorted(counts.index[counts >= FEW_MODELS])


def _archive() -> pd.DataFrame:
    from analysis.inputs.datasets import load_table  # it imports pandas

    rows = load_table("price_flagships")
    return rows[rows["role"] == "flagship"]


def day_in_force(when: str) -> str:
    """Return the day of the prices that hold at a day, or at the end of a month.

    A snapshot of the same month comes first; otherwise it is the latest day that there is, of a snapshot or
    of committed list prices.

    Raises
    ------
    ScenarioError
        If it is neither a day nor a month, lies in the future, or before all that there is.
    """
    try:
        first, last = period_bounds(when if _WHEN.fullmatch(when) else "")
    except ValueError:
        told = "write a month or a day, as in 2026-11 or 2026-11-30"
        raise ScenarioError(f"as of {quoted(when, 40)}: {told}") from None
    if first > datetime.now(UTC).date():
        raise ScenarioError(f"as of {when}: it has not come yet; {days_there_are()}")
    snapshots = days(paths.snapshots_root(), ASSUMPTIONS)
    known = [day for day in {*snapshots, *archived_days()} if day <= last.isoformat()]
    if not known:
        raise ScenarioError(f"as of {when}: nothing is as old; {days_there_are()}")
    return max(known, key=lambda day: (day in snapshots and day[:7] == last.isoformat()[:7], day))


def days_there_are() -> str:
    """Return what days there are."""
    snapshots = days(paths.snapshots_root(), ASSUMPTIONS)
    kept = ", ".join(snapshots[-_SHOWN:]) or "none, kwh2token refresh lays one down"
    return f"snapshots: {kept}; committed list prices: {', '.join(archived_days()[-_SHOWN:])}"


def dated(names: Iterable[str], day: str) -> str:
    """Return in words what renewed assumptions hold.

    Examples
    --------
    >>> dated(["tariff_us_industrial", "price_cn_input"], "2026-11-30")
    'prices and tariffs as of 2026-11-30'
    """
    kinds = sorted({f"{name.partition('_')[0]}s" for name in names})
    return f"{' and '.join(kinds)} as of {day}"


def renewed(day: str) -> dict[str, Any]:
    """Return the raw entries of the assumptions that a snapshot renews, and `RATES_OF` if it has some.

    Raises
    ------
    ScenarioError
        If its file cannot be read.
    """
    root = paths.snapshots_root()
    if day not in days(root, ASSUMPTIONS):
        return archived(day)
    entries = read_mapping(root / day / ASSUMPTIONS, "snapshot")
    if not is_day(str(entries.get(RATES_OF, day))):
        raise ScenarioError(f"{day}/{ASSUMPTIONS}: {RATES_OF}: {quoted(entries[RATES_OF], 40)} is no day")
    return entries


def archived(day: str) -> dict[str, Any]:
    """Return the raw entries of list prices on a day for which they are committed."""
    rows = _archive()
    rows = rows[rows["date"] == day]
    places = sorted({*rows["package"].dropna(), *rows.loc[rows["package"].isna(), "source"]})
    return price_entries(rows, day, str(rows["source"].mode().iloc[0]), f"from {', '.join(places)}")


def listed(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return the flagships of the project with their prices in a catalogue; one gone, or free, has none.

    Parameters
    ----------
    catalogue : pandas.DataFrame
        ``provider_id``, ``model_id`` and prices [USD/Mtok], a row a model.
    """
    from analysis.inputs.datasets import load_table

    flagships = load_table("flagship_models")
    chosen = flagships[flagships["role"] == "flagship"]
    found = chosen.merge(catalogue, how="left", on=["provider_id", "model_id"])
    prices = [f"{kind}_usd_per_mtok" for kind in _KINDS]
    found[prices] = found[prices].where((found[prices] > 0.0).all(axis=1))
    return found


def models(day: str, source: str) -> tuple[str, pd.DataFrame]:
    """Return the day of a catalogue and the flagships in it, with their prices [USD/Mtok].

    Parameters
    ----------
    day : str
        Whose prices are in force.
    source : str
        Of these prices: the table of a snapshot, or that of committed ones.

    Raises
    ------
    ScenarioError
        If the table of the snapshot cannot be read.
    """
    if not source.startswith(f"{paths.SNAPSHOTS_NAME}/"):
        rows = _archive()
        return day, rows[rows["date"] == day].assign(cached_input_usd_per_mtok=float("nan"))
    import pandas as pd

    _, own_day, name = f"{source}//".split("/")[:3]
    file = paths.snapshots_root() / own_day / f"{name}.csv"
    if not is_day(own_day) or not name.replace("-", "").isalnum():
        raise ScenarioError(f"{day}/{ASSUMPTIONS}: source {quoted(source)} is no table of a snapshot")
    try:
        found = listed(pd.read_csv(file, dtype={"provider_id": str, "model_id": str}))
        return own_day, found.dropna(subset="input_usd_per_mtok").assign(source=source)
    except (OSError, ValueError, KeyError) as error:
        raise ScenarioError(f"{own_day}/{file.name}: {error!s:.200}") from None


def price_entries(models: pd.DataFrame, day: str, source: str, note: str) -> dict[str, Any]:
    """Return the raw entries of list prices: median and range over the models of each country.

    Parameters
    ----------
    models : pandas.DataFrame
        A row a model: ``country``, ``label``, ``input_usd_per_mtok``, ``output_usd_per_mtok``, ``grade``.
    day, source, note : str
        Of the prices; what the note adds to the models.
    """
    found = {}
    for word, country in _COUNTRIES.items():
        chosen = models[models["country"] == country]
        for kind in _KINDS if len(chosen) >= FEW_MODELS else ():
            prices = chosen[f"{kind}_usd_per_mtok"].astype(float)
            names = ", ".join(sorted(chosen["label"]))
            found[f"price_{word}_{kind}"] = entry(
                (prices.median(), prices.min(), prices.max()),
                unit="USD/Mtok",
                period=day,
                source=source,
                grade=worst_grade(chosen["grade"]),
                note=f"median and range over {names}; list prices of {day}, {note}",
            )
    return found


def entry(figures: tuple[float, float, float], **told: str) -> dict[str, Any]:
    """Return the raw entry of an assumption: value, low and high to nine digits, and what is told of it."""
    rounded = (float(f"{figure:.{_DIGITS}g}") for figure in figures)
    return dict(zip(("value", "low", "high"), rounded, strict=True)) | told
