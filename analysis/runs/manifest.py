"""What was run from what: a run whose inputs and results are as they were is not run again.

Each folder of executed notebooks keeps one manifest. An entry holds the hash of what a run is made from (its
notebook, parameters, package, constraints, all that is installed), of every file that it read, and of every
file that it delivered. Whatever differs, or cannot be read, means: run it again.
"""

import json
from collections.abc import Iterable
from typing import Any

from analysis.inputs import paths
from analysis.runs import outputs
from analysis.runs.run import Delivery, Run
from analysis.runs.writing import environment_hash, hash_of, hash_of_file, write_all

NAME = ".manifest.json"
NOTHING_HERE = ""
"""The fingerprint of a run that was made elsewhere, from what is not here; it is never current."""


def is_current(run: Run, environment: str) -> bool:
    """Tell whether a run's results are there, unaltered, and made from what is there now."""
    try:
        entry = _load(run)[run.notebook]
        return (
            not run.problems
            and not run.template.kernel  # of which nobody knows what it read
            and entry["made_from"] == fingerprint(run, environment)
            and all(hash_of_file(paths.DATA.parent / name) == known for name, known in entry["read"].items())
            and entry["delivered"] == _delivered(run, entry["delivered"])
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError):
        return False


def record(run: Run, delivery: Delivery, made_from: str, started: float) -> None:
    """Remember a run that was just published, unless anything that it was made from changed meanwhile.

    Parameters
    ----------
    run : Run
        The run.
    delivery : Delivery
        What it gave; a relative name of a file that it read counts from where the data folder lies.
    made_from : str
        Its `fingerprint` before it ran.
    started : float
        When its batch started [s since 1970].
    """
    names = sorted({*delivery.read, *map(str, run.template.reads)})
    try:
        stats = [(paths.DATA.parent / name).stat() for name in names]
        changed = any(max(stat.st_mtime, stat.st_ctime) > started for stat in stats)
        if changed or made_from != fingerprint(run, environment_hash()):
            return
        inputs = {name: hash_of_file(paths.DATA.parent / name) for name in names}
        entry = {"made_from": made_from, "read": inputs, "delivered": _delivered(run, delivery.files)}
        text = json.dumps(_load(run) | {run.notebook: entry}, indent=1, sort_keys=True) + "\n"
        write_all({run.executed / NAME: text.encode()})
    except OSError:  # a file is gone, or the manifest cannot be written: it will run again
        return


def fingerprint(run: Run, environment: str) -> str:
    """Return the hash of the notebook, its parameters and its places, and of the `environment_hash`."""
    template = run.template
    parts = [
        template.hash_of_cells,
        run.parameters,
        template.delivers,
        [str(file) for file in template.reads],
        template.home,
        str(run.results),
        environment,
    ]
    return hash_of(json.dumps(parts, sort_keys=True).encode())


def _load(run: Run) -> dict[str, Any]:
    """Return the entries of a folder; none where the manifest is missing or damaged."""
    try:
        entries = json.loads((run.executed / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _delivered(run: Run, files: Iterable[str]) -> dict[str, str]:
    """Return the hashes of a run's files; of the shared headline file those entries that are its own."""
    notebook = f"{run.notebook}.ipynb"
    found = {}
    for name in {*files, *run.template.delivers} - {notebook}:
        content = (run.results / name).read_bytes()
        if name == outputs.HEADLINES and run.template.in_suite:
            entries = json.loads(content)
            own = {key: entry for key, entry in entries.items() if entry.get("notebook") == run.notebook}
            content = json.dumps(own, sort_keys=True).encode()
        found[name] = hash_of(content)
    return found | {notebook: hash_of((run.executed / notebook).read_bytes())}
