"""Where things are."""

import subprocess
import sys
from pathlib import Path

import pytest

from analysis.inputs import paths


def test_the_data_and_the_notebooks_are_there() -> None:
    assert (paths.DATA / "columns.csv").is_file()
    assert list(paths.NOTEBOOKS.glob("*.ipynb"))
    assert paths.SCENARIOS.is_dir()


def test_what_is_in_the_committed_results() -> None:
    assert paths.is_in_figures(paths.figures_root() / "article")
    assert paths.is_in_figures(paths.figures_root() / "x" / "..")
    assert not paths.is_in_figures(paths.figures_root().parent)


def test_results_have_no_place_in_a_room_of_the_project(tmp_path: Path) -> None:
    for folder in (paths.DATA, paths.NOTEBOOKS / "new", paths.PACKAGE, paths.project_root()):
        assert paths.is_in_project_room(folder)
    assert not paths.is_in_project_room(paths.figures_root())
    assert not paths.is_in_project_room(tmp_path)


def test_a_relative_folder_counts_from_the_project() -> None:
    assert paths.resolve_output("results") == paths.project_root() / "results"


@pytest.mark.parametrize("module", ["paths", "units", "errors", "reading", "as_of", "scenario"])
def test_what_only_names_things_loads_no_pandas(module: str) -> None:
    code = f"import sys, analysis.inputs.{module}; print('pandas' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_what_git_holds_and_what_is_hidden_are_rooms() -> None:
    """So a new room cannot be forgotten."""
    root = paths.project_root()
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False)
    tracked = {name.partition("/")[0] for name in listed.stdout.splitlines() if "/" in name}
    if not tracked:
        pytest.skip("not a git checkout")
    for name in (tracked | {".venv", ".git", "Data", "KERNELS"}) - {"figures"}:
        assert paths.is_in_project_room(root / name / "new"), name
    assert not paths.is_in_project_room(root / "results" / "data")


def test_a_link_into_a_room_is_the_room(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(paths.project_root() / "kernels")
    assert paths.is_in_project_room(tmp_path / "link" / "x")


def test_snapshots_lie_beside_the_data_or_where_one_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(paths.SNAPSHOTS, str(tmp_path))
    assert paths.snapshots_root() == tmp_path
    for nothing in (monkeypatch.delenv, lambda name: monkeypatch.setenv(name, "")):
        nothing(paths.SNAPSHOTS)
        assert paths.snapshots_root() == paths.DATA / "snapshots"
