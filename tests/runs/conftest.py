"""Fixtures of the tests of runs."""

from pathlib import Path

import pytest

from analysis.runs.sweep import Sweep, read_sweep


@pytest.fixture
def sweep_of(tmp_path: Path):
    """Return a function that reads a sweep from a text."""

    def read(text: str) -> Sweep:
        file = tmp_path / "mine.yaml"
        file.write_text(text, encoding="utf-8")
        return read_sweep(file, tmp_path / "out")

    return read
