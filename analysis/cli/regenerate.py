"""Write anew what is committed and computed: the README's numbers, the data dictionary, notebooks' outputs.

``make readme``, ``make dictionary`` and ``make templates`` run this. A number of the README stands
between two markers, which GitHub does not show::

    of <!--k2t article.tariff_ratio_widest.value:.2f-->9.23<!--/k2t-->

The first names scenario, headline key or assumption, field and format; a ``%`` format shows a share in per
cent, and ``/1e6`` before the format divides. The field ``grade`` takes no format. A line must not begin with
a marker: where CommonMark is rendered, that ends the paragraph.
"""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from analysis.inputs import paths
from analysis.inputs.errors import DataError
from analysis.inputs.rules import load_columns, sentences_of
from analysis.inputs.scenario import load_scenario, scenario_names
from analysis.runs import outputs
from analysis.runs.run import Limits, Run
from analysis.runs.suite import SUITE
from analysis.runs.template import of_suite
from analysis.runs.writing import write_all

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

_MARKED = re.compile(
    r"<!--k2t (?P<scenario>[a-z0-9_-]+)\.(?P<key>[a-z0-9_]+)\."
    r"(?:(?P<field>value|low|high)(?P<divide>/1e6)?:(?P<format>[.,0-9a-z%]+)|grade)-->"
    r"(?P<shown>.*?)<!--/k2t-->"
)
_FIRST_ON_A_LINE = re.compile(r"^[\s>*+-]*<!--.*$", re.MULTILINE)
_COLUMNS_OF = re.compile(r"(<!-- columns of (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def render(text: str, numbers: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a text with every marked number written anew.

    Parameters
    ----------
    text : str
        Markdown with markers.
    numbers : mapping
        Scenario name to its headline entries and assumptions.

    Raises
    ------
    ValueError
        If a marker names an unknown scenario or key, or a field that is empty, or begins a line.

    Examples
    --------
    >>> render("is <!--k2t a.x.value:.1f-->?<!--/k2t-->", {"a": {"x": {"value": 1.25}}})
    'is <!--k2t a.x.value:.1f-->1.2<!--/k2t-->'
    """
    if first := _FIRST_ON_A_LINE.search(text):
        raise ValueError(f"a comment at the start of a line ends the paragraph: {first[0].strip():.60}")

    def fill(marked: re.Match[str]) -> str:
        field = marked["field"] or "grade"
        entry = numbers.get(marked["scenario"], {}).get(marked["key"], {}).get(field)
        if entry in {None, ""}:
            raise ValueError(f"no {'number' if marked['field'] else 'grade'} for {marked[0]!r}")
        shown = format(entry / 1e6 if marked["divide"] else entry, marked["format"] or "")
        start = marked[0][: marked[0].index("-->") + 3]
        return f"{start}{shown.replace('%', ' %')}<!--/k2t-->"

    return _MARKED.sub(fill, text)


def known_numbers() -> dict[str, dict[str, Any]]:
    """Return the assumptions of each scenario and its headline entries in ``figures/``, by scenario."""
    numbers: dict[str, dict[str, Any]] = {}
    for name in scenario_names():
        assumptions = load_scenario(name).assumptions()
        numbers[name] = {key: entry.model_dump() for key, entry in assumptions.items()}
        path = paths.figures_root() / name / outputs.HEADLINES
        if path.is_file():
            numbers[name] |= json.loads(path.read_text(encoding="utf-8"))
    return numbers


def with_columns_listed(text: str, columns: pd.DataFrame) -> str:
    """Return a page with each table's columns between ``<!-- columns of table -->`` and ``<!-- end -->``.

    Raises
    ------
    DataError
        If the page lists a table that has no columns, or leaves out one that has some.
    """
    listed = [match[2] for match in _COLUMNS_OF.finditer(text)]
    if odd := set(listed) ^ set(columns["table"]):
        raise DataError(f"data dictionary: listed or declared alone: {', '.join(sorted(odd))}")

    def fill(match: re.Match[str]) -> str:
        rows = columns[columns["table"] == match[2]].itertuples()
        lines = [f"| `{row.column}` | {_content_of(row)} | {row.meaning} |" for row in rows]
        return "\n".join([match[1] + "| column | holds | meaning |", "|---|---|---|", *lines, match[3]])

    return _COLUMNS_OF.sub(fill, text)


def _content_of(row: Any) -> str:
    """Return what the cells of a column hold, in words."""
    words = [f"`{word}`" for word in row.words.split(";") if word]
    parts = [f"{row.kind} [{row.unit}]" if row.unit else row.kind]
    if row.kind == "choice":
        parts = [f"one of {', '.join(words)}"]
    elif row.refers_to:
        parts = [f"{'keys' if row.kind == 'ids' else 'key'} of `{row.refers_to}`", *words]
    ends = [f"from {row.lowest}"] if row.lowest else []
    ends += [f"to {row.highest}"] if row.highest else []
    parts += [" ".join(ends)] if ends else []
    parts += ["key of the row"] if row.unique == "key" else ["no two the same"] if row.unique else []
    parts += ["or blank"] if row.blank else []
    return "; ".join([", ".join(parts), *(sentence.replace("*", r"\*") for sentence in sentences_of(row))])


def refresh(name: str) -> str:
    """Execute one template and write it back with its outputs and nothing volatile; return what failed."""
    import nbformat

    from analysis.runs.execute import execute  # what kernels need takes a while to import

    template = of_suite(name)
    task = Run(template, name, {}, paths.NOTEBOOKS, paths.NOTEBOOKS).task(Limits(), name)
    delivery = execute(replace(task, shown_folder="", delivers=()))  # it writes where its own default says
    if not delivery.error:
        notebook = normalised(nbformat.reads(delivery.notebook, as_version=4))
        text = nbformat.writes(notebook) + "\n"
        write_all({paths.NOTEBOOKS / f"{name}.ipynb": text.encode()})
    return delivery.error


def normalised(notebook: Any) -> Any:
    """Return a notebook whose metadata holds the kernel, the language and the cell tags alone."""
    notebook.metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = {}
    return notebook


Check = Annotated[bool, typer.Option(help="only say whether the page is current")]


@app.command()
def readme(check: Check = False) -> None:
    """Write the README's numbers anew from ``figures/``."""
    path = paths.project_root() / "README.md"
    current = render(path.read_text(encoding="utf-8"), known_numbers())
    _write(path, current, check, "README.md: its numbers differ from figures/; run make readme")


@app.command()
def dictionary(check: Check = False) -> None:
    """Write the columns in ``data/README.md`` anew from ``data/columns.csv``."""
    path = paths.DATA / "README.md"
    current = with_columns_listed(path.read_text(encoding="utf-8"), load_columns(paths.DATA))
    _write(path, current, check, "README.md differs from columns.csv; run make dictionary")


def _write(path: Path, current: str, check: bool, outdated: str) -> None:
    """Write a page as it should be, or only end with a message where it is not."""
    if not check:
        path.write_text(current, encoding="utf-8")
    elif current != path.read_text(encoding="utf-8"):
        sys.exit(outdated)


@app.command()
def templates(
    names: Annotated[list[str] | None, typer.Argument(help="notebooks; all by default")] = None,
) -> None:
    """Execute template notebooks in place, with their default parameters, and store their outputs."""
    for name in names or SUITE:
        error = refresh(name)
        print(f"{name}: {error or 'outputs stored'}")
        if error:
            sys.exit(1)


if __name__ == "__main__":
    app()
