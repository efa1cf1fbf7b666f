"""Planning, executing and publishing runs."""

import json
from pathlib import Path

import nbformat
import pytest

from analysis import paths
from analysis.assumption import ScenarioError
from analysis.batch import runner
from analysis.batch.execute import Run, deliverables, discard, execute
from analysis.batch.parameters import SUITE, ParameterError


def notebook_folder(folder: Path, name: str, *sources: str) -> Path:
    """Write a template that runs these cells instead of the real one."""
    folder.mkdir(exist_ok=True)
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    head = nbformat.v4.new_code_cell(
        'scenario: str = "article"\noutput_dir: str = "x"', metadata={"tags": ["parameters"]}
    )
    notebook.cells = [head, *(nbformat.v4.new_code_cell(source) for source in sources)]
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


def one_run(folder: Path, name: str = "02-api-spread") -> Run:
    return Run(name, "article", {"scenario": "article"}, folder / "results", folder / "executed")


def publish(run: Run):
    run.results.mkdir(parents=True, exist_ok=True)
    run.executed.mkdir(parents=True, exist_ok=True)
    outcome = execute(run)
    final = runner._published(outcome)
    discard(outcome)
    assert not outcome.staging.exists()
    return final


def test_the_plan_of_everything_writes_into_figures() -> None:
    runs = runner.plan()
    assert len(runs) == len(SUITE) * 2
    assert {run.results for run in runs} == {
        paths.figures_root() / "article",
        paths.figures_root() / "audited",
    }


@pytest.mark.parametrize("values", [{"currency": "USD"}, {"tariff_us": 1.1}, {"tariff_us.high": 2}])
def test_a_changed_run_never_writes_into_figures(values: dict) -> None:
    assert all(not paths.is_in_figures(run.results) for run in runner.plan(values=values))
    with pytest.raises(ParameterError, match="choose another --out"):
        runner.plan(values=values, out=paths.figures_root())
    with pytest.raises(ParameterError, match="choose another --out"):
        runner.plan(values=values, out=paths.figures_root() / "article" / "mine")


def test_values_go_where_they_belong() -> None:
    runs = {
        run.notebook: run.parameters
        for run in runner.plan(scenarios=["audited"], values={"horizon_years": 9, "pue": 1.3})
    }
    assert runs["03-gpu-offset"] == {"scenario": "audited", "horizon_years": 9, "overrides": {"pue": 1.3}}
    assert runs["01-price-gap"] == {"scenario": "audited", "overrides": {"pue": 1.3}}


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        ({"notebooks": ["99-x"]}, ParameterError, "unknown notebook '99-x'"),
        ({"scenarios": ["nobody"]}, ScenarioError, "unknown scenario"),
        ({"scenarios": ["../article"]}, ScenarioError, "not allowed"),
        ({"scenarios": ["/nowhere/x.yaml"]}, ScenarioError, "No such file"),
        ({"values": {"horizon": 3}}, ParameterError, "did you mean horizon_years"),
        ({"values": {"horizon_years": 3.5}}, ParameterError, "horizon_years"),
        (
            {"values": {"horizon_years": 3}, "notebooks": ["01-price-gap"]},
            ParameterError,
            "which does not run here",
        ),
        ({"values": {"tariff_us": "x"}}, ScenarioError, "neither a usable number nor a mapping"),
        (
            {"values": {"tariff_us.period": "2099"}},
            ScenarioError,
            "article: tariff_us: period 2099: no .* rate",
        ),
        ({"out": paths.DATA}, ParameterError, "a folder of the project itself"),
        ({"out": paths.NOTEBOOKS / "mine"}, ParameterError, "a folder of the project itself"),
        ({"out": paths.DATA.parent}, ParameterError, "a folder of the project itself"),
        ({"values": {"scenario": "audited"}}, ParameterError, "set by --scenario"),
        ({"values": {"output_dir": "x"}}, ParameterError, "set by --out"),
        ({"values": {"overrides": 3}}, ParameterError, "overrides: 3 is not a mapping"),
    ],
)
def test_wrong_requests_are_named(request_: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        runner.plan(**request_)


def test_a_failing_cell_is_named_and_leaves_results_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "NOTEBOOKS", notebook_folder(tmp_path / "nb", "02-api-spread", "1 / 0"))
    run = one_run(tmp_path)
    run.results.mkdir()
    (run.results / "headline.json").write_text("old", encoding="utf-8")
    outcome = publish(run)
    assert outcome.error.startswith("cell ")
    assert "ZeroDivisionError: division by zero" in outcome.error
    assert (run.results / "headline.json").read_text() == "old"
    assert (run.executed / "02-api-spread.failed.ipynb").is_file()


def test_a_missing_deliverable_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        paths, "NOTEBOOKS", notebook_folder(tmp_path / "nb", "02-api-spread", "print('done')")
    )
    outcome = publish(one_run(tmp_path))
    assert outcome.error.startswith("not delivered: api-spread-matrix.png")
    assert not (tmp_path / "results" / "headline.json").exists()


def test_a_warning_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch = f"""import pathlib
for name in {deliverables("02-api-spread")!r}:
    path = pathlib.Path(output_dir, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")"""
    warn = "import warnings\nwarnings.warn('old habit')"
    monkeypatch.setattr(paths, "NOTEBOOKS", notebook_folder(tmp_path / "nb", "02-api-spread", touch, warn))
    assert "wrote to stderr" in publish(one_run(tmp_path)).error


def test_a_dead_kernel_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kill = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(paths, "NOTEBOOKS", notebook_folder(tmp_path / "nb", "02-api-spread", kill))
    assert "kernel died" in publish(one_run(tmp_path)).error


def test_nothing_runs_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.os, "access", lambda folder, mode: False)
    monkeypatch.setattr(runner, "_executed", lambda runs, jobs: pytest.fail("a kernel started"))
    with pytest.raises(PermissionError, match="cannot write here"):
        runner.run_all([one_run(tmp_path)], 1, print)


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    files = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        files.append(tmp_path / folder / "mine.yaml")
        files[-1].write_text("name: mine\ntitle: t\nextends: article\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="'mine' is that of another scenario of this run"):
        runner.plan(scenarios=[str(file) for file in files])


def test_the_whole_suite_runs_in_dollars_without_any_tariff_gap(tmp_path: Path) -> None:
    values = {"currency": "USD", "tariff_us": 0.001, "tariff_cn_hub": 100, "horizon_years": 1}
    runs = runner.plan(scenarios=["article"], values=values, out=tmp_path)
    outcomes = runner.run_all(runs, 2, lambda outcome: None)
    assert [outcome.error for outcome in outcomes] == [""] * len(SUITE)
    entries = json.loads((tmp_path / "article" / "headline.json").read_text(encoding="utf-8"))
    assert entries["gpu_offset_implied_load_mw"]["value"] is None
    executed = (tmp_path / "article" / "03-gpu-offset.ipynb").read_text(encoding="utf-8")
    assert "no load makes the claimed saving" in executed


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    run = one_run(tmp_path)
    run.executed.mkdir()
    run.results.write_text("a file where a folder should be", encoding="utf-8")
    outcome = execute(run)
    final = runner._published(outcome)
    discard(outcome)
    assert not outcome.error
    assert final.error.startswith("cannot write")


def test_a_run_publishes_what_it_declares(tmp_path: Path) -> None:
    run = one_run(tmp_path)
    assert publish(run).error == ""
    found = sorted(str(file.relative_to(run.results)) for file in run.results.rglob("*") if file.is_file())
    assert found == sorted(deliverables("02-api-spread"))
    assert set(json.loads((run.results / "headline.json").read_text())) == set(
        SUITE["02-api-spread"].headlines
    )
    executed = (run.executed / "02-api-spread.ipynb").read_text(encoding="utf-8")
    assert "kwh2token-" not in executed
