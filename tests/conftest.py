"""Fixtures shared by the tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import pytest

from analysis import paths
from analysis.scenario import Scenario, load_scenario

mpl.use("Agg")
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def article() -> Scenario:
    return load_scenario("article")


@pytest.fixture(scope="session")
def audited() -> Scenario:
    return load_scenario("audited")


@pytest.fixture
def data_copy(tmp_path: Path) -> Path:
    """Return a copy of the data folder that a test may corrupt."""
    return Path(shutil.copytree(paths.DATA, tmp_path / "data"))


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command line as a process in an empty folder."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {key: text for key, text in os.environ.items() if not key.startswith("PYTEST")}
        return subprocess.run(
            [sys.executable, "-m", "analysis.cli", *arguments],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run
