"""The numbers of the README, read from the committed headline values and the scenarios.

A number stands between two markers, which GitHub does not show::

    <!--k2t article.tariff_ratio_widest.value:.2f-->9.23<!--/k2t-->

The first names scenario, headline key or assumption, field and format; a ``%`` format shows a share in per
cent, and ``/1e6`` before the format divides.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.inputs import paths
from analysis.inputs.scenario import load_scenario, scenario_names
from analysis.runs import outputs

_MARKED = re.compile(
    r"<!--k2t (?P<scenario>[a-z0-9_-]+)\.(?P<key>[a-z0-9_]+)\.(?P<field>value|low|high)"
    r"(?P<divide>/1e6)?:(?P<format>[.,0-9a-z%]+)-->(?P<shown>.*?)<!--/k2t-->"
)
_MILLION = 1e6


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
        If a marker names an unknown scenario or key, or a field that holds no number.

    Examples
    --------
    >>> render("<!--k2t a.x.value:.1f-->?<!--/k2t-->", {"a": {"x": {"value": 1.25}}})
    '<!--k2t a.x.value:.1f-->1.2<!--/k2t-->'
    """

    def fill(marked: re.Match[str]) -> str:
        number = numbers.get(marked["scenario"], {}).get(marked["key"], {}).get(marked["field"])
        if number is None:
            raise ValueError(f"no number for {marked[0]!r}")
        shown = format(number / _MILLION if marked["divide"] else number, marked["format"])
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


def main() -> None:
    """Write the README's numbers anew; with ``--check``, only say whether they are current."""
    path: Path = paths.project_root() / "README.md"
    text = path.read_text(encoding="utf-8")
    current = render(text, known_numbers())
    if "--check" in sys.argv[1:]:
        sys.exit(0 if current == text else "README.md: its numbers differ from figures/; run make readme")
    path.write_text(current, encoding="utf-8")


if __name__ == "__main__":
    main()
