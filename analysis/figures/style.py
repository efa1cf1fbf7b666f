"""One look for all figures: colours that the colour-blind can tell apart, marks, labels, axes, legends."""

import textwrap
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from analysis.inputs.plain import percent

# Okabe and Ito's palette, distinct under the common kinds of colour blindness.
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#000000"
CLAIM = "#8C8C8C"
INK = "#333333"

Looks = dict[str, Any]
"""How an artist is drawn: keyword arguments of matplotlib."""

_SETTINGS = Path(__file__).with_name("house.mplstyle")


STAMP = "stamp"
"""Name of the text that stands at the head of a figure of a modified run."""
_STAMP: dict[str, str] = {}
"""What every new figure says at its head, under ``text``."""


def apply_style(stamp: str = "") -> None:
    """Set the project's look; the same for notebooks, batch runs and tests, whatever the user's looks are.

    Parameters
    ----------
    stamp : str
        What every new figure shall say above its title, such as what its reader has changed.
    """
    mpl.rcdefaults()
    sns.set_theme(style="whitegrid", rc=mpl.rc_params_from_file(_SETTINGS, use_default_template=False))
    _STAMP["text"] = stamp
    mpl.rcParams["figure.hooks"] = [f"{__name__}:{stamp_figure.__name__}"] if stamp else []


def stamp_figure(figure: Figure) -> None:
    """Write the stamp at the head of a new figure, and keep its place free."""
    letters = int(figure.get_figwidth() * 17)  # that fit into a line of the small print
    text = textwrap.fill(textwrap.shorten(_STAMP["text"], 3 * letters, placeholder=" ..."), letters)
    inch = 1.0 / figure.get_figheight()
    head = (0.12 * (text.count("\n") + 1) + 0.06) * inch
    figure.text(
        0.01, 1.0 - 0.04 * inch, text, fontsize=7, color=VERMILION, va="top", gid=STAMP, parse_math=False
    )
    _fill(figure, 1.0 - head)


def _fill(figure: Figure, height: float) -> None:
    """Let the content of a figure take its height up to a share of it."""
    if isinstance(engine := figure.get_layout_engine(), ConstrainedLayoutEngine):
        engine.set(rect=(0.0, 0.0, 1.0, height))


def chart(size: tuple[float, float], title: str, **looks: Any) -> tuple[Figure, Axes]:
    """Return a figure and its only axes, with a title.

    Parameters
    ----------
    size : tuple of float
        Width and height [inch].
    title : str
        What the chart shows, or what it finds.
    **looks
        How the title looks.
    """
    figure, axes = plt.subplots(figsize=size)
    axes.set_title(title, **looks)
    return figure, axes


def draw_interval(
    axes: Axes,
    height: float,
    ends: Sequence[float],
    value: float,
    look: tuple[str, str],
    *,
    width: float = 2,
    **mark: Any,
) -> None:
    """Draw a horizontal line between two ends, and a value on it.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    height : float
        Height of the line.
    ends : sequence of float
        Low and high end.
    value : float
        Where the mark stands.
    look : tuple of str
        Colour of both, and marker of the value.
    width : float
        Width of the line [pt].
    **mark
        How the value's mark looks beyond that.
    """
    colour, marker = look
    axes.plot(ends, [height, height], color=colour, lw=width)
    axes.plot(value, height, marker, color=colour, **{"ms": 7, "mec": "white", **mark})


def draw_band(
    axes: Axes, height: float, ends: Sequence[float], value: float, colour: str, **line: Any
) -> None:
    """Draw a broad pale line between two ends and a stroke at the value; what is infinite is left out."""
    if np.isfinite(ends).all():
        axes.plot(ends, [height, height], color=colour, lw=6, alpha=0.4, **line)
    if np.isfinite(value):
        axes.plot(value, height, "|", color=colour, ms=13, mew=2.5)


def mark_claim(axes: Axes, value: float, text: str, height: float) -> None:
    """Draw the article's figure as a vertical line, with its text beside it at a height."""
    axes.axvline(value, color=VERMILION, lw=1.6)
    label_point(axes, text, (value, height), (4, 0), color=VERMILION, va="center")


def label_point(
    axes: Axes, text: str, point: tuple[float, float], offset: tuple[float, float] = (0, 0), **looks: Any
) -> None:
    """Write a text at a point of the data, or beside it by an offset [pt to the right, pt upwards]."""
    looks = {"fontsize": 8, "annotation_clip": False, **looks}
    axes.annotate(text, point, offset, textcoords="offset points", **looks)


def label_right(axes: Axes, text: str, right: float, height: float) -> None:
    """Write a value to the right of its mark, readable over lines."""
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
    label_point(axes, text, (right, height), (7, 0), va="center", bbox=box)


def name_rows(
    axes: Axes,
    names: Collection[str],
    *,
    above: float | None = None,
    below: float = 0.5,
    upwards: bool = False,
    **looks: Any,
) -> None:
    """Name the rows of a horizontal chart and leave out the lines between them.

    Parameters
    ----------
    axes : Axes
        A chart whose rows lie at the heights 0, 1, 2 ...
    names : collection of str
        What each row is called.
    above, below : float
        Room above the upper row and below the lower one [rows]; without `above`, as much as the marks need.
    upwards : bool
        Whether the first row is the lowest; otherwise it is the uppermost.
    **looks
        How the names look.
    """
    axes.set_yticks(range(len(names)), list(names), **looks)
    last = len(names) - 1
    if above is not None:
        axes.set_ylim((-below, last + above) if upwards else (last + below, -above))
    elif not upwards:
        axes.invert_yaxis()
    axes.grid(axis="y", visible=False)


def log_axis(axes: Axes, axis: Literal["x", "y"], ticks: Sequence[float]) -> None:
    """Make an axis logarithmic with plain numbers at given ticks."""
    chosen = axes.xaxis if axis == "x" else axes.yaxis
    (axes.set_xscale if axis == "x" else axes.set_yscale)("log")
    chosen.set_major_locator(mpl.ticker.FixedLocator(ticks))
    chosen.set_major_formatter(mpl.ticker.FuncFormatter(lambda number, _: f"{number:g}"))
    chosen.set_minor_locator(mpl.ticker.NullLocator())


def percent_axis(axis: Axis, digits: int = 0) -> None:
    """Show the shares along an axis in percent."""
    axis.set_major_formatter(lambda share, _: percent(share, digits))


def legend_entry(label: str, colour: str, marker: str | None = None, **looks: Any) -> Line2D:
    """Return an entry of a legend: a marker alone, or a line where none is given."""
    looks = {"ls": "none" if marker else "-", **looks}
    return Line2D([], [], color=colour, marker=marker, label=label, **looks)


def legend_below(figure: Figure, entries: Iterable[Artist] | None = None, *, ncols: int) -> None:
    """Put the legend under the whole figure: of the labelled artists if no entries are given."""
    given = {} if entries is None else {"handles": list(entries)}
    figure.legend(**given, loc="outside lower center", ncols=ncols)


def figure_title(figure: Figure, text: str, size: float | str = 10.5) -> None:
    """Write a title over all panels of a figure."""
    for stamp in (each for each in figure.texts if each.get_gid() == STAMP):
        text = "\n" * (stamp.get_text().count("\n") + 1) + text  # the layout places titles at the very top
        _fill(figure, 1.0)
    figure.suptitle(text, fontsize=size, fontweight="bold", x=0.01, ha="left")
