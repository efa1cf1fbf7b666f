"""What is unchanged is not run again; whatever differs is."""

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.inputs import paths
from analysis.runs import engine, manifest
from analysis.runs.run import AS_WAS, Delivery, Run
from analysis.runs.suite import SUITE
from analysis.runs.template import of_suite
from analysis.runs.writing import environment

NOTEBOOK = "03-gpu-offset"
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
    delivery = Delivery(read=tuple(read), files=dict.fromkeys(run.template.delivers, b""))
    manifest.record(run, delivery, manifest.fingerprint(run, environment()), started)


def is_current(run: Run) -> bool:
    return manifest.is_current(run, environment())


def one_run(folder: Path, **parameters: object) -> Run:
    given = {"scenario": "article", **parameters}
    return Run(of_suite(NOTEBOOK), "article", given, folder / "results", folder / "executed")


def test_a_finished_run_is_current_and_not_run_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_current(one_run(folder))
    monkeypatch.setattr(engine, "_execute_all", lambda *what: pytest.fail("nothing is to be run"))
    reported = []
    outcomes = engine.run_all([one_run(folder)], reported.append)
    assert outcomes == reported
    assert outcomes[0].status == AS_WAS


def test_what_is_forgotten_is_not_current(folder: Path) -> None:
    manifest.forget(one_run(folder))
    assert not is_current(one_run(folder))
    manifest.forget(one_run(folder))
    remember(folder)
    assert is_current(one_run(folder))


def test_a_result_that_vanished_at_once_is_not_remembered(folder: Path) -> None:
    (folder / "results" / SUITE[NOTEBOOK].delivers[0]).unlink()
    before = (folder / "executed" / manifest.NAME).read_bytes()
    remember(folder)
    assert (folder / "executed" / manifest.NAME).read_bytes() == before
    assert not is_current(one_run(folder))


def test_force_runs_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(engine, "_execute_all", lambda runs, *rest: asked.extend(runs) or ())
    run = one_run(folder)
    engine.run_all([run], lambda outcome: None, force=True)
    assert asked == [run]


def test_other_parameters_are_another_run(folder: Path) -> None:
    assert not is_current(one_run(folder, horizon_years=9))


@pytest.mark.parametrize("name", SUITE[NOTEBOOK].delivers)
def test_an_altered_or_missing_result_is_made_again(folder: Path, name: str) -> None:
    path = folder / "results" / name
    if name.endswith(".json"):
        entries = json.loads(path.read_text(encoding="utf-8"))
        next(iter(entries.values()))["value"] = 1e9
        path.write_text(json.dumps(entries), encoding="utf-8")
    else:
        path.write_bytes(path.read_bytes() + b" ")
    assert not is_current(one_run(folder))
    path.unlink()
    assert not is_current(one_run(folder))


def test_headlines_of_other_notebooks_do_not_matter(folder: Path) -> None:
    path = folder / "results" / "headline.json"
    entries = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(entries | {"x": {"notebook": "01-price-gap"}}), encoding="utf-8")
    assert is_current(one_run(folder))


def test_it_knows_the_data_that_it_read_and_no_other(folder: Path) -> None:
    read = json.loads((folder / "executed" / manifest.NAME).read_text(encoding="utf-8"))[NOTEBOOK]["read"]
    names = {Path(path).name for path in read}
    assert {"gpu_economics.csv", "sources.csv", "article.yaml", "assumptions.csv"} <= names
    assert not {"generation.csv", "claims.csv"} & names, "though a forked kernel inherits all tables"
    assert all(path.startswith("data/") for path in read)
    assert "energy_measured.csv" not in names


def test_a_changed_data_row_or_notebook_makes_it_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n", encoding="utf-8")
    remember(folder, [str(data)])
    assert is_current(one_run(folder))
    data.write_text("a\n2\n", encoding="utf-8")
    assert not is_current(one_run(folder))
    data.unlink()
    assert not is_current(one_run(folder))

    remember(folder)
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    content = json.loads((paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8"))
    for cell in content["cells"]:
        cell.pop("outputs", None)
    (notebooks / f"{NOTEBOOK}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setattr(paths, "NOTEBOOKS", notebooks)
    assert is_current(one_run(folder)), "outputs of the template do not matter"
    content["cells"][-1]["source"] += "\n1 + 1"
    (notebooks / f"{NOTEBOOK}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    assert not is_current(one_run(folder))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[" * 100_000, '{"03-gpu-offset": 3}', '{"03-gpu-offset": {}}', "\x00"]
)
def test_a_damaged_manifest_means_run_again(folder: Path, text: str) -> None:
    (folder / "executed" / manifest.NAME).write_text(text, encoding="utf-8")
    assert not is_current(one_run(folder))
    remember(folder)
    assert is_current(one_run(folder))


def test_data_that_changed_during_the_run_make_it_run_again(folder: Path, tmp_path: Path) -> None:
    (folder / "executed" / manifest.NAME).unlink()
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n", encoding="utf-8")
    remember(folder, [str(data)], started=data.stat().st_mtime - 1)
    assert not is_current(one_run(folder))
    remember(folder, [str(data)], started=data.stat().st_mtime + 1)
    assert is_current(one_run(folder))


def test_what_a_notebook_is_said_to_read_later_makes_it_run(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n", encoding="utf-8")
    run = one_run(folder)
    more = replace(run, template=replace(run.template, reads=(data,)))
    assert is_current(run)
    assert not is_current(more)


def test_an_old_file_that_was_put_in_place_during_the_run_makes_it_run_again(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "executed" / manifest.NAME).unlink()
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n", encoding="utf-8")
    started = data.stat().st_ctime - 1
    os.utime(data, (1, 1))
    remember(folder, [str(data)], started=started)
    assert not is_current(one_run(folder))


def test_package_libraries_and_constraints_count(folder: Path) -> None:
    assert is_current(one_run(folder))
    for part in environment():
        assert told(one_run(folder), environment() | {part: "another"}) == [f"{part} changed"]


def told(run: Run, now: dict[str, str] | None = None) -> list[str]:
    return [*manifest.reasons(run, now or environment())]


def test_a_run_that_was_never_made_says_so(tmp_path: Path) -> None:
    run = one_run(tmp_path)
    assert told(run) == ["first run"]
    run.executed.mkdir()
    run.failed_notebook.touch()
    assert told(run) == ["failed last time"]
    run.failed_notebook.unlink()
    run.executed_notebook.touch()
    assert told(run) == ["no note of what its results were made from"]


@pytest.mark.parametrize(
    ("parameters", "reasons"),
    [
        ({}, []),
        ({"horizon_years": 9}, ["horizon_years 5 -> 9"]),
        ({"currency": "USD", "overrides": {"pue": 1.2, "tariff_us.high": 2}},
         ["currency CNY -> USD", "pue absent -> 1.2", "tariff_us.high absent -> 2"]),
        ({"horizon_years": 5}, ["parameters changed"]),
    ],
)  # fmt: skip
def test_a_changed_parameter_is_told(folder: Path, parameters: dict, reasons: list[str]) -> None:
    """Also that it is now given as what it would be anyway: the executed notebook shows it."""
    assert told(one_run(folder, **parameters)) == reasons


def test_a_changed_value_is_told_from_what_to_what(run_of) -> None:
    """One is not true, nor the text of it; and 1.0 is another number in an executed notebook."""
    values = [True, 1, "1", 1.0, [1], {"overrides": 1}]
    for before in values:
        run = run_of(scale=before, overrides=before)
        for path in (run.results / "result.json", run.executed_notebook):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        manifest.record(run, Delivery(), manifest.fingerprint(run, environment()), FUTURE)
        found = [bool(told(run_of(scale=value, overrides=value))) for value in values]
        assert found == [value is not before for value in values]
    assert told(run_of(scale=2.0, overrides={"overrides": 1})) == ["scale {overrides: 1} -> 2.0"]


def test_a_changed_file_is_named(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n", encoding="utf-8")
    remember(folder, [str(data)])
    assert told(one_run(folder)) == []
    data.write_text("a\n2\n", encoding="utf-8")
    (folder / "results" / SUITE[NOTEBOOK].delivers[0]).unlink()
    (folder / "executed" / f"{NOTEBOOK}.ipynb").write_text("{}", encoding="utf-8")
    wanted = [f"its {NOTEBOOK}.ipynb changed", f"its {SUITE[NOTEBOOK].delivers[0]} is gone"]
    assert told(one_run(folder)) == [f"{data} changed", *wanted]
    data.unlink()
    assert told(one_run(folder)) == [f"{data} is gone", *wanted]


def test_a_changed_notebook_is_told(folder: Path) -> None:
    run = one_run(folder)
    changed = replace(run.template, source=run.template.source.replace("study", "work"))
    assert told(replace(run, template=changed)) == ["notebook changed"]


def test_a_changed_library_is_told_from_what_to_what(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = manifest.installed()
    other = {name: number for name, number in there.items() if name != "scipy"} | {"numpy": "9.9", "new": "1"}
    monkeypatch.setattr(manifest, "installed", lambda: other)
    now = environment() | {"libraries": "another"}
    assert told(one_run(folder), now) == [
        "new absent -> 1", f"numpy {there['numpy']} -> 9.9", f"scipy {there['scipy']} -> absent"
    ]  # fmt: skip
    (folder / manifest.LIBRARIES).unlink()
    assert told(one_run(folder), now) == ["libraries changed"]


def test_what_an_earlier_version_noted_is_told(folder: Path) -> None:
    place = folder / "executed" / manifest.NAME
    entries = json.loads(place.read_text(encoding="utf-8"))
    entries[NOTEBOOK]["made_from"] = "0f" * 32
    place.write_text(json.dumps(entries), encoding="utf-8")
    assert told(one_run(folder)) == ["its note is damaged, or of an earlier version"]


def test_libraries_are_noted_once_and_not_for_ever(folder: Path) -> None:
    place = folder / manifest.LIBRARIES
    known = environment()["libraries"]
    assert [*json.loads(place.read_text(encoding="utf-8"))] == [known]
    place.write_text(json.dumps({str(number): {} for number in range(10)}), encoding="utf-8")
    remember(folder)
    assert [*json.loads(place.read_text(encoding="utf-8"))] == [*map(str, range(1, 10)), known]
