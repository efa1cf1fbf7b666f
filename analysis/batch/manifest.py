"""What was run from what: a run whose inputs and results are as they were is not run again.

Each folder of executed notebooks keeps one manifest. An entry holds the hash of what a run is made from (the
notebook's cells, its parameters, the package, the constraints), of every data file that it read, and of every
file that it delivered. Whatever differs, or cannot be read, means: run it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from analysis import outputs, paths
from analysis.batch.run import Run
from analysis.batch.task import hash_of, package_hash
from analysis.files import write_atomically

NAME = ".manifest.json"


def is_current(run: Run) -> bool:
    """Tell whether a run's results are there, unaltered, and made from what is there now."""
    entry = _load(run).get(run.notebook)
    try:
        return (
            isinstance(entry, dict)
            and entry["made_from"] == made_from(run)
            and all(_hash_of_input(name) == known for name, known in entry["read"].items())
            and entry["delivered"] == _delivered(run, entry["delivered"])
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError):
        return False


def record(run: Run, made: str, read: Iterable[str], files: Iterable[str], started: float) -> None:
    """Remember a run that was just published, unless a file that it read was changed meanwhile.

    Parameters
    ----------
    run : Run
        The run.
    made : str
        What `made_from` gave before it ran.
    read : iterable of str
        The data files that it read; a relative name counts from where the data folder lies.
    files : iterable of str
        What it wrote.
    started : float
        When its batch started [s since 1970].
    """
    names = {*read, *map(str, run.template.reads)}
    if any((paths.DATA.parent / name).stat().st_mtime > started for name in names):
        return
    entry = {
        "made_from": made,
        "read": {name: _hash_of_input(name) for name in sorted(names)},
        "delivered": _delivered(run, files),
    }
    entries = _load(run) | {run.notebook: entry}
    text = json.dumps(entries, indent=1, sort_keys=True) + "\n"
    write_atomically(run.executed / NAME, lambda path: path.write_text(text, encoding="utf-8"))


def made_from(run: Run) -> str:
    """Return the hash of the notebook's cells, the parameters, the package and the constraints."""
    notebook = json.loads(run.template.path.read_text(encoding="utf-8"))
    cells = [(cell["cell_type"], cell["source"], cell["metadata"].get("tags")) for cell in notebook["cells"]]
    parts = [cells, run.parameters, run.template.delivers, str(run.results), package_hash(), _constraints()]
    return hash_of(json.dumps(parts, sort_keys=True, default=str).encode())


def _load(run: Run) -> dict[str, Any]:
    """Return the entries of a folder; none where the manifest is missing or damaged."""
    try:
        entries = json.loads((run.executed / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _constraints() -> str:
    path = paths.project_root() / "constraints.txt"
    return hash_of(path.read_bytes()) if path.is_file() else ""


def _hash_of_input(name: str) -> str:
    return hash_of((paths.DATA.parent / name).read_bytes())


def _delivered(run: Run, files: Iterable[str]) -> dict[str, str]:
    """Return the hashes of a run's files; of the shared headline file those entries that are its own."""
    notebook = f"{run.notebook}.ipynb"
    found = {}
    for name in {*files, *run.template.delivers} - {notebook}:
        content = (run.results / name).read_bytes()
        if name == outputs.HEADLINES and run.template.shares_headlines:
            entries = json.loads(content)
            own = {key: entry for key, entry in entries.items() if entry.get("notebook") == run.notebook}
            content = json.dumps(own, sort_keys=True).encode()
        found[name] = hash_of(content)
    return found | {notebook: hash_of((run.executed / notebook).read_bytes())}
