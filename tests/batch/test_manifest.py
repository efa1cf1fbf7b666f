"""What is unchanged is not run again; whatever differs is."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from analysis import paths
from analysis.batch import engine, manifest
from analysis.batch.run import AS_WAS, Run
from analysis.batch.template import deliverables, of_suite

NOTEBOOK = "02-api-spread"
FUTURE = 1e12


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one finished run."""
    folder = tmp_path_factory.mktemp("finished")
    outcomes = engine.run_all([one_run(folder)], lambda outcome: None)
    assert not outcomes[0].error
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """Return a copy of it that a test may spoil; its manifest knows the new place."""
    copy = tmp_path / "copy"
    shutil.copytree(finished, copy)
    remember(copy, json.loads((finished / "executed" / manifest.NAME).read_text("utf-8"))[NOTEBOOK]["read"])
    return copy


def remember(folder: Path, read: Iterable[str] = (), started: float = FUTURE) -> None:
    run = one_run(folder)
    manifest.record(run, manifest.made_from(run), read, deliverables(NOTEBOOK), started)


def one_run(folder: Path, **parameters: object) -> Run:
    given = {"scenario": "article", **parameters}
    return Run(of_suite(NOTEBOOK), "article", given, folder / "results", folder / "executed")


def test_a_finished_run_is_current_and_not_run_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert manifest.is_current(one_run(folder))
    monkeypatch.setattr(engine, "_executed", lambda *what: pytest.fail("nothing is to be run"))
    reported = []
    outcomes = engine.run_all([one_run(folder)], reported.append)
    assert outcomes == reported
    assert outcomes[0].status == AS_WAS


def test_force_runs_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(engine, "_executed", lambda runs, *rest: asked.extend(runs) or ())
    engine.run_all([one_run(folder)], lambda outcome: None, force=True)
    assert asked == [one_run(folder)]


def test_other_parameters_are_another_run(folder: Path) -> None:
    assert not manifest.is_current(one_run(folder, cached_share=0.5))


@pytest.mark.parametrize("name", deliverables(NOTEBOOK))
def test_an_altered_or_missing_result_is_made_again(folder: Path, name: str) -> None:
    path = folder / "results" / name
    if name.endswith(".json"):
        entries = json.loads(path.read_text(encoding="utf-8"))
        next(iter(entries.values()))["value"] = 1e9
        path.write_text(json.dumps(entries), encoding="utf-8")
    else:
        path.write_bytes(path.read_bytes() + b" ")
    assert not manifest.is_current(one_run(folder))
    path.unlink()
    assert not manifest.is_current(one_run(folder))


def test_headlines_of_other_notebooks_do_not_matter(folder: Path) -> None:
    path = folder / "results" / "headline.json"
    entries = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(entries | {"x": {"notebook": "01-price-gap"}}), encoding="utf-8")
    assert manifest.is_current(one_run(folder))


def test_it_knows_the_data_that_it_read_and_no_other(folder: Path) -> None:
    read = json.loads((folder / "executed" / manifest.NAME).read_text(encoding="utf-8"))[NOTEBOOK]["read"]
    names = {Path(path).name for path in read}
    assert {"flagship_models.csv", "sources.csv", "article.yaml", "assumptions.csv"} <= names
    assert "generation.csv" not in names
    assert "energy_measured.csv" not in names


def test_a_changed_data_row_or_notebook_or_package_makes_it_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n", encoding="utf-8")
    remember(folder, [str(data)])
    assert manifest.is_current(one_run(folder))
    data.write_text("a\n2\n", encoding="utf-8")
    assert not manifest.is_current(one_run(folder))
    data.unlink()
    assert not manifest.is_current(one_run(folder))

    remember(folder)
    monkeypatch.setattr(manifest, "package_hash", lambda: "another")
    assert not manifest.is_current(one_run(folder))
    monkeypatch.undo()
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    content = json.loads((paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8"))
    for cell in content["cells"]:
        cell.pop("outputs", None)
    (notebooks / f"{NOTEBOOK}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setattr(paths, "NOTEBOOKS", notebooks)
    assert manifest.is_current(one_run(folder)), "outputs of the template do not matter"
    content["cells"][-1]["source"] += "\n1 + 1"
    (notebooks / f"{NOTEBOOK}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    assert not manifest.is_current(one_run(folder))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"02-api-spread": 3}', '{"02-api-spread": {}}', "\x00"])
def test_a_damaged_manifest_means_run_again(folder: Path, text: str) -> None:
    (folder / "executed" / manifest.NAME).write_text(text, encoding="utf-8")
    assert not manifest.is_current(one_run(folder))
    remember(folder)
    assert manifest.is_current(one_run(folder))


def test_data_that_changed_during_the_run_make_it_run_again(folder: Path, tmp_path: Path) -> None:
    (folder / "executed" / manifest.NAME).unlink()
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n", encoding="utf-8")
    remember(folder, [str(data)], started=data.stat().st_mtime - 1)
    assert not manifest.is_current(one_run(folder))
    remember(folder, [str(data)], started=data.stat().st_mtime + 1)
    assert manifest.is_current(one_run(folder))


def test_the_constraints_count(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert manifest.is_current(one_run(folder))
    monkeypatch.setattr(manifest, "_constraints", lambda: "others")
    assert not manifest.is_current(one_run(folder))
