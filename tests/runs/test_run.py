"""One run: what it is called, where it writes, and what travels."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.inputs import paths
from analysis.inputs.errors import ParameterError
from analysis.runs.run import Limits, Run
from analysis.runs.template import of_suite


def gpu_run(folder: Path, **parameters: object) -> Run:
    return Run(of_suite("03-gpu-offset"), "mine", {"scenario": "article", **parameters}, folder, folder)


def test_a_run_has_a_name_and_places(tmp_path: Path) -> None:
    run = replace(gpu_run(tmp_path), shown={"horizon_years": 3, "note": "x" * 100})
    assert (run.label, run.scenario) == ("mine/03-gpu-offset", "article")
    assert run.given == f"horizon_years=3, note={'x' * 30}"
    assert run.executed_notebook == tmp_path / "03-gpu-offset.ipynb"
    assert run.failed_notebook == tmp_path / "03-gpu-offset.failed.ipynb"
    assert run.folders == (tmp_path, tmp_path / "tables")


def test_parameters_are_checked_as_the_notebook_will(tmp_path: Path) -> None:
    gpu_run(tmp_path, horizon_years=3).validate()
    with pytest.raises(ParameterError, match="mine/03-gpu-offset: horizon_years: Input should be"):
        gpu_run(tmp_path, horizon_years=0).validate()
    with pytest.raises(ParameterError, match="output_dir is set by --out"):
        gpu_run(tmp_path, output_dir="x").validate()


def test_a_scenario_file_travels_and_the_folder_is_shown(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("name: own\ntitle: t\nextends: article\n", encoding="utf-8")
    task = gpu_run(tmp_path, scenario=str(own)).task(Limits(), "batch")
    assert task.inputs == {str(own): own.read_bytes()}
    assert (task.shown_folder, task.home, task.quiet) == (str(tmp_path), "", True)
    committed = gpu_run(paths.figures_root() / "article").task(Limits(), "batch")
    assert (committed.shown_folder, committed.inputs) == ("build/notebooks", {})
