"""What is pinned can be installed on the oldest Python that is promised."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from analysis.inputs import paths

CONSTRAINTS = paths.project_root() / "constraints.txt"
PROJECT = tomllib.loads((paths.project_root() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MINOR = re.fullmatch(r">=(\d+\.\d+)", PROJECT["requires-python"])[1]
OLDEST = f"{MINOR}.0"
PINNED = {
    canonicalize_name(name): version
    for name, _, version in (line.partition("==") for line in CONSTRAINTS.read_text("utf-8").splitlines())
}
EXTRAS = PROJECT["optional-dependencies"]


EVERYTHING = tuple(
    each
    for each in (*PROJECT["dependencies"], *EXTRAS["dask"], *EXTRAS["dev"])
    if not each.startswith("kwh2token")
)
"""What the dev environment asks for."""

THERE = {canonicalize_name(found.name): found for found in distributions()}


def needs(wanted: Iterable[str], python: Mapping[str, str]) -> Iterator[tuple[str, Requirement]]:
    """Yield what requirements need on a Python, by who needs it, and on through what is installed."""
    waiting = [("the project", Requirement(each)) for each in wanted]
    seen = set[tuple[str, str]]()
    while waiting:
        by, needed = waiting.pop()
        yield by, needed
        name = canonicalize_name(needed.name)
        for extra in {"", *needed.extras} if name in THERE else ():
            if (name, extra) not in seen:
                seen.add((name, extra))
                further = map(Requirement, THERE[name].requires or ())
                holds = {**python, "extra": extra}
                waiting += [(name, one) for one in further if not one.marker or one.marker.evaluate(holds)]


def test_what_the_dev_environment_needs_is_installed() -> None:
    for by, needed in needs(EVERYTHING, {}):
        assert canonicalize_name(needed.name) in THERE, f"{by} needs {needed}"


def test_what_is_pinned_is_installed_as_pinned_and_runs_on_the_oldest_python() -> None:
    for name in PINNED.keys() & THERE.keys():
        assert (name, THERE[name].version) == (name, PINNED[name])
        needed = THERE[name].metadata.get("Requires-Python", "")
        assert OLDEST in SpecifierSet(needed), f"{name} needs Python {needed}"


def test_what_a_pin_needs_on_the_oldest_python_is_pinned() -> None:
    """Some packages need others on early patch releases alone."""
    python = {"python_version": MINOR, "python_full_version": OLDEST}
    for by, needed in needs([*EVERYTHING, *(PINNED.keys() & THERE.keys())], python):
        version = PINNED.get(canonicalize_name(needed.name))
        assert version, f"{by} needs {needed}"
        assert version in needed.specifier, f"{by} needs {needed}"


def test_the_constraints_can_be_resolved_for_the_oldest_python(tmp_path: Path) -> None:
    """What is installed for its minor release is looked at above; the index is asked for the rest alone."""
    is_oldest = "{}.{}".format(*sys.version_info) == MINOR
    needed = [f"{name}=={PINNED[name]}" for name in PINNED if not (is_oldest and name in THERE)]
    if not needed:
        return
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", "--retries=0", "--timeout=15")
    target = ("--dry-run", "--target", str(tmp_path), "--python-version", OLDEST, "--only-binary=:all:")
    command = [sys.executable, *pip, "install", *target, "--constraint", str(CONSTRAINTS), *needed]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300).stderr
    errors = [line for line in told.splitlines() if line.startswith("ERROR")]
    if any("from versions: none" in line or "No module named pip" in line for line in [told, *errors]):
        pytest.skip("no package index answers")
    assert errors == []
