"""What was run from what: a run whose inputs and results are as they were is not run again.

Each folder of executed notebooks keeps one manifest. An entry holds what a run is made from (its notebook,
parameters, package, Python, libraries, constraints), the hash of every file that it read, and of every file
that it delivered. Whatever differs, or cannot be read, means: run it again, and is told as the reason. What
libraries there were stands once beside these folders.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from analysis.inputs import paths
from analysis.runs import outputs
from analysis.runs.run import Delivery, Run
from analysis.runs.suite import defaults_of
from analysis.runs.writing import environment, hash_of, hash_of_file, installed, write_all

NAME = ".manifest.json"
LIBRARIES = ".libraries.json"
_MOST_KEPT = 10
NOTHING_HERE: dict[str, Any] = {}
"""The fingerprint of a run that was made elsewhere, from what is not here; it is never current."""


def is_current(run: Run, now: Mapping[str, str]) -> bool:
    """Tell whether a run's results are there, unaltered, and made from what is there `now`."""
    return not any(reasons(run, now))


def reasons(run: Run, now: Mapping[str, str]) -> Iterator[str]:
    """Yield why a run has to run, given its `environment` now; nothing where it is current."""
    yield from run.problems
    entries = _load(run.executed / NAME)
    try:
        if run.template.kernel:
            yield "it runs in a kernel of its own, so what it reads is not known"
        elif run.notebook in entries:
            yield from _differences(run, entries[run.notebook], fingerprint(run, now))
        elif run.failed_notebook.is_file():
            yield "failed last time"
        else:
            there = run.executed_notebook.is_file()
            yield "no note of what its results were made from" if there else "first run"
    except (OSError, KeyError, TypeError, AttributeError, ValueError, RecursionError):
        yield "its note is damaged, or of an earlier version"


def _differences(run: Run, entry: Mapping[str, Any], made_from: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is not as it was when a run was recorded."""
    before = entry["made_from"]
    for part, value in made_from.items():
        if _as_json(before[part]) != _as_json(value):
            yield from _moves(*_sides(run, part, before[part], value)) or [f"{part} changed"]
    root, known_results = paths.DATA.parent, entry["delivered"]
    looks = {name: (known, partial(hash_of_file, root / name)) for name, known in entry["read"].items()}
    for name in sorted({*known_results, *_delivered(run)}):
        looks[f"its {name}"] = known_results.get(name), partial(_hash_of_delivered, run, name)
    for name, (known, look) in looks.items():
        try:
            if look() != known:
                yield f"{name} changed"
        except OSError:
            yield f"{name} is gone"


def _sides(run: Run, part: str, before: Any, now: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return what two fingerprints hold of a part, entry by entry; nothing where it has none."""
    if part == "libraries":
        known = _load(run.executed.parent / LIBRARIES).get(before)
        return (known, installed()) if known else ({}, {})
    if part != "parameters":
        return {}, {}
    if run.template.in_suite:  # assumptions one by one
        before, now = (given | given.get("overrides", {}) for given in (before, now))
    defaults = defaults_of(run.template.model)
    otherwise = {name: defaults[name] for name in {*before, *now} & {*defaults}}
    return otherwise | before, otherwise | now


def _moves(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return which entries differ, from what to what."""
    found = []
    for name in sorted({*before, *now} - {"overrides"}):
        old, new = (_as_json(side[name]) if name in side else "absent" for side in (before, now))
        if old != new:
            found.append(f"{name} {old:.40} -> {new:.40}".replace('"', ""))
    return found


def record(run: Run, delivery: Delivery, made_from: Mapping[str, Any], started: float) -> None:
    """Remember a run that was just published, unless anything that it was made from changed meanwhile.

    What it is made from is its `fingerprint` before its batch started [s since 1970]. A relative name of a
    file that it read counts from where the data folder lies.
    """
    names = sorted({*delivery.read, *map(str, run.template.reads)})
    try:
        stats = [(paths.DATA.parent / name).stat() for name in names]
        changed = any(max(stat.st_mtime, stat.st_ctime) > started for stat in stats)
        if changed or made_from != fingerprint(run, environment()):
            return
        inputs = {name: hash_of_file(paths.DATA.parent / name) for name in names}
        hashes = {name: _hash_of_delivered(run, name) for name in {*delivery.files, *_delivered(run)}}
        entry = {"made_from": made_from, "read": inputs, "delivered": hashes}
        place = run.executed / NAME
        _write(place, _load(place) | {run.notebook: entry})
        known, place = made_from["libraries"], run.executed.parent / LIBRARIES
        if known not in (lists := _load(place)):
            kept = dict([*lists.items()][1 - _MOST_KEPT :])
            write_all({place: json.dumps(kept | {known: installed()}).encode()})
    except OSError:  # a file is gone, or the manifest cannot be written: it will run again
        return


def forget(run: Run) -> None:
    """Have a run count as not current, though it was recorded."""
    place = run.executed / NAME
    entries = _load(place)
    if entries.pop(run.notebook, None) is not None:
        with contextlib.suppress(OSError):
            _write(place, entries)


def fingerprint(run: Run, now: Mapping[str, str]) -> dict[str, Any]:
    """Return what a run is made from, part by part: notebook, parameters, places, and its `environment`."""
    template = run.template
    return {
        "notebook": template.hash_of_cells,
        "parameters": run.parameters,
        "list of what it delivers": [*template.delivers],
        "list of what it reads": [str(file) for file in template.reads],
        "folder of the notebook": template.home,
        "folder of the results": str(run.results),
        **now,
    }


def is_of_another(folder: Path, notebook: str) -> bool:
    """Tell whether a folder of executed notebooks holds some, but not this one."""
    entries = _load(folder / NAME)
    return bool(entries) and notebook not in entries


def _load(place: Path) -> dict[str, Any]:
    """Return the entries of a file; none where it is missing or damaged."""
    try:
        entries = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _write(place: Path, entries: Mapping[str, Any]) -> None:
    write_all({place: f"{_as_json(entries, indent=1)}\n".encode()})


def _as_json(content: Any, indent: int | None = None) -> str:
    return json.dumps(content, indent=indent, sort_keys=True)


def _delivered(run: Run) -> set[str]:
    """Return the names of what a run is known to deliver, the executed notebook among them."""
    return {*run.template.delivers, f"{run.notebook}.ipynb"}


def _hash_of_delivered(run: Run, name: str) -> str:
    """Return the hash of a run's file; of the shared headline file, that of the entries that are its own."""
    if name == f"{run.notebook}.ipynb":
        return hash_of(run.executed_notebook.read_bytes())
    content = (run.results / name).read_bytes()
    if name == outputs.HEADLINES and run.template.in_suite:
        entries = json.loads(content)
        own = {key: entry for key, entry in entries.items() if entry.get("notebook") == run.notebook}
        content = _as_json(own).encode()
    return hash_of(content)
