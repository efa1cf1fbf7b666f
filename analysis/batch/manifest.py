"""What was run from what: a run whose inputs and results are as they were is not run again.

Each folder of executed notebooks keeps one manifest. An entry holds the hash of what a run is made from (the
notebook's cells, its parameters, the package, the constraints), of every data file that it read, and of every
file that it delivered. Whatever differs, or cannot be read, means: run it again.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from analysis import outputs, paths
from analysis.batch.execute import Run, deliverables

NAME = ".manifest.json"


def is_current(run: Run) -> bool:
    """Tell whether a run's results are there, unaltered, and made from what is there now."""
    entry = _load(run).get(run.notebook)
    try:
        return (
            isinstance(entry, dict)
            and entry["made_from"] == _made_from(run)
            and all(_hash_of(path) == known for path, known in entry["read"].items())
            and entry["delivered"] == _delivered(run)
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError):
        return False


def record(run: Run, read: tuple[str, ...]) -> None:
    """Remember a run that was just published, with the data files that it read."""
    entry = {
        "made_from": _made_from(run),
        "read": {path: _hash_of(path) for path in sorted(set(read))},
        "delivered": _delivered(run),
    }
    entries = _load(run) | {run.notebook: entry}
    text = json.dumps(entries, indent=1, sort_keys=True) + "\n"
    outputs.write_atomically(run.executed / NAME, lambda path: path.write_text(text, encoding="utf-8"))


def _load(run: Run) -> dict[str, Any]:
    """Return the entries of a folder; none where the manifest is missing or damaged."""
    try:
        entries = json.loads((run.executed / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _made_from(run: Run) -> str:
    """Return the hash of the notebook's cells, the parameters, the package and the constraints."""
    notebook = json.loads((paths.NOTEBOOKS / f"{run.notebook}.ipynb").read_text(encoding="utf-8"))
    cells = [(cell["cell_type"], cell["source"], cell["metadata"].get("tags")) for cell in notebook["cells"]]
    made_from = [cells, run.parameters, str(run.results), _package(), _constraints()]
    return hashlib.sha256(json.dumps(made_from, sort_keys=True, default=str).encode()).hexdigest()


@lru_cache(maxsize=1)
def _package() -> str:
    files = sorted(Path(__file__).resolve().parents[1].rglob("*.py"))
    return hashlib.sha256("".join(_hash_of(str(path)) for path in files).encode()).hexdigest()


@lru_cache(maxsize=1)
def _constraints() -> str:
    path = paths.project_root() / "constraints.txt"
    return _hash_of(str(path)) if path.is_file() else ""


def _delivered(run: Run) -> dict[str, str]:
    """Return the hashes of a run's files; of the shared headline file those entries that are its own."""
    found = {}
    for name in deliverables(run.notebook):
        path = run.results / name
        if name == outputs.HEADLINES:
            entries = json.loads(path.read_text(encoding="utf-8"))
            own = {key: entry for key, entry in entries.items() if entry.get("notebook") == run.notebook}
            found[name] = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()
        else:
            found[name] = _hash_of(str(path))
    notebook = run.executed / f"{run.notebook}.ipynb"
    return found | {notebook.name: _hash_of(str(notebook))}


def _hash_of(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
