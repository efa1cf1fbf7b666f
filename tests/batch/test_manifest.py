"""What is unchanged is not run again; whatever differs is."""

import json
import shutil
from pathlib import Path

import pytest

from analysis import paths
from analysis.batch import manifest, runner
from analysis.batch.execute import Run, deliverables

NOTEBOOK = "02-api-spread"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one finished run."""
    folder = tmp_path_factory.mktemp("finished")
    outcomes = runner.run_all([one_run(folder)], 1, lambda outcome: None)
    assert not outcomes[0].error
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """Return a copy of it that a test may spoil; its manifest knows the new place."""
    copy = tmp_path / "copy"
    shutil.copytree(finished, copy)
    entry = json.loads((finished / "executed" / manifest.NAME).read_text(encoding="utf-8"))[NOTEBOOK]
    manifest.record(one_run(copy), tuple(entry["read"]))
    return copy


def one_run(folder: Path, **parameters: object) -> Run:
    given = {"scenario": "article", **parameters}
    return Run(NOTEBOOK, "article", given, folder / "results", folder / "executed")


def test_a_finished_run_is_current_and_not_run_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert manifest.is_current(one_run(folder))
    monkeypatch.setattr(runner, "_executed", lambda runs, jobs: pytest.fail("nothing is to be run"))
    reported = []
    outcomes = runner.run_all([one_run(folder)], 1, reported.append)
    assert outcomes == reported
    assert outcomes[0].unchanged
    assert not outcomes[0].error


def test_force_runs_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(runner, "_executed", lambda runs, jobs: asked.extend(runs) or ())
    with pytest.raises(KeyError):  # nothing came back from the stand-in
        runner.run_all([one_run(folder)], 1, lambda outcome: None, force=True)
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
    manifest.record(one_run(folder), (str(data),))
    assert manifest.is_current(one_run(folder))
    data.write_text("a\n2\n", encoding="utf-8")
    assert not manifest.is_current(one_run(folder))
    data.unlink()
    assert not manifest.is_current(one_run(folder))

    manifest.record(one_run(folder), ())
    monkeypatch.setattr(manifest, "_package", lambda: "another")
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
    manifest.record(one_run(folder), ())
    assert manifest.is_current(one_run(folder))
