"""What is pinned can be installed on the oldest Python that is promised."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution, distribution, distributions
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
PINNED = dict(line.split("==") for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines())
NOT_OF_DEV = {"nbmake"}
"""What only the extra `bench` installs."""


def installed() -> dict[str, Distribution]:
    names = {canonicalize_name(found.name) for found in distributions()}
    missing = {name for name in PINNED if canonicalize_name(name) not in names}
    assert missing <= NOT_OF_DEV
    return {name: distribution(name) for name in PINNED if name not in missing}


def test_what_is_pinned_is_installed_and_runs_on_the_oldest_python() -> None:
    for name, found in installed().items():
        assert (name, found.version) == (name, PINNED[name])
        needed = found.metadata.get("Requires-Python", "")
        assert OLDEST in SpecifierSet(needed), f"{name} needs Python {needed}"


def test_what_a_pin_needs_on_the_oldest_python_is_pinned() -> None:
    """Some packages need others on early patch releases alone."""
    python = {"python_version": MINOR, "python_full_version": OLDEST, "extra": ""}
    pinned = {canonicalize_name(name): version for name, version in PINNED.items()}
    for name, found in installed().items():
        for needed in map(Requirement, found.requires or ()):
            if needed.marker is None or needed.marker.evaluate(python):
                version = pinned.get(canonicalize_name(needed.name))
                assert version, f"{name} needs {needed}"
                assert version in needed.specifier, f"{name} needs {needed}"


def test_the_constraints_can_be_resolved_for_the_oldest_python(tmp_path: Path) -> None:
    wanted = (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])
    needed = [each for each in wanted if not each.startswith("kwh2token")]
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", "--retries=0", "--timeout=15")
    target = ("--dry-run", "--target", str(tmp_path), "--python-version", OLDEST, "--only-binary=:all:")
    command = [sys.executable, *pip, "install", *target, "--constraint", str(CONSTRAINTS), *needed]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300).stderr
    errors = [line for line in told.splitlines() if line.startswith("ERROR")]
    if any("from versions: none" in line or "No module named pip" in line for line in [told, *errors]):
        pytest.skip("no package index answers")
    assert errors == []
