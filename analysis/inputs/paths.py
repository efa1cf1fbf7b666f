"""Where things are: the data, the template notebooks, the committed results.

In a checkout they lie beside the package; an installed wheel brings them in a
folder of its own, and results go below the current folder.
"""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = PACKAGE.parent
_IN_CHECKOUT = (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "data").is_dir()
_RESOURCES = _CHECKOUT if _IN_CHECKOUT else _CHECKOUT / "kwh2token_resources"

DATA = _RESOURCES / "data"
SCENARIOS = DATA / "scenarios"
FIRST_PACK = "china-tokens-2026-03"
"""Pack of the first article: claims of other articles never count as its."""

NOTEBOOKS = _RESOURCES / "notebooks"

_ROOMS = ("analysis", "benchmarks", "data", "kernels", "notebooks", "tests", "kwh2token_resources")


def project_root() -> Path:
    """Return the folder that relative output folders are counted from."""
    return _CHECKOUT if _IN_CHECKOUT else Path.cwd()


def figures_root() -> Path:
    """Return the folder of committed results, written by unmodified scenarios only."""
    return project_root() / "figures"


SNAPSHOTS = "KWH2TOKEN_SNAPSHOTS"
"""Environment variable that names another folder of snapshots; kernels find it there, too."""

SNAPSHOTS_NAME = "snapshots"
"""What that folder is called, and what sources in it start with."""


def snapshots_root() -> Path:
    """Return the folder of dated snapshots of live sources: beside the data, or below the current folder."""
    own = DATA / SNAPSHOTS_NAME if _IN_CHECKOUT else Path(SNAPSHOTS_NAME)
    return Path(os.environ.get(SNAPSHOTS) or own).absolute()


def is_in_figures(folder: Path) -> bool:
    """Tell whether a folder is the one of committed results, or below it."""
    return folder.resolve().is_relative_to(figures_root().resolve())


def is_in_project_room(folder: Path) -> bool:
    """Tell whether a folder is a room of the project, hidden in it, or all of it: no place for results."""
    place = folder.resolve()
    if place.is_relative_to(_CHECKOUT):  # where case does not count, as on a Mac, Data is data
        first = "".join(place.relative_to(_CHECKOUT).parts[:1]).casefold()
        if not first or first.startswith(".") or first in _ROOMS:
            return True
    return any(place.is_relative_to(room.resolve()) for room in (DATA, NOTEBOOKS, PACKAGE))


def resolve_output(folder: str | Path) -> Path:
    """Return an output folder as an absolute path; a relative one counts from the project root.

    Examples
    --------
    >>> resolve_output("/tmp/somewhere").as_posix()
    '/tmp/somewhere'
    """
    return (project_root() / Path(folder).expanduser()).resolve()
