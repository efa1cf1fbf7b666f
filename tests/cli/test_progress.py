"""What a batch tells."""

import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import rich

from analysis.cli.progress import closing, progress, write_reports
from analysis.runs.run import AS_WAS, FAILED, NOT_RUN, OK, Outcome

CELL = "assert scale < 3, 'too large'"


@pytest.fixture
def outcomes(run_of) -> list[Outcome]:
    runs = [run_of(key=key, scale=scale) for key, scale in (("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 4.0))]
    return [
        Outcome(runs[0], AS_WAS),
        Outcome(runs[1], FAILED, 1.25, "ValueError: x", 4),
        Outcome(runs[2], OK, 2.5),
        Outcome(runs[3], NOT_RUN),
    ]


def test_plain_lines_count_and_say_what_is_left(outcomes, capsys: pytest.CaptureFixture[str]) -> None:
    with progress(4, as_json=False) as report:
        for outcome in outcomes[:3]:
            report(outcome)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["[1/4]", "[2/4]", "[3/4]"]
    assert "a/trial" in lines[0]
    assert "scale=2.0" in lines[1]
    assert lines[2].endswith("s left, 1 failed)")


def test_the_closing_table_names_each_run(outcomes, capsys: pytest.CaptureFixture[str]) -> None:
    closing(outcomes, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["run", "parameters", "status", "time", "[s]", "cell", "error"]
    assert lines[1].split() == ["c/trial", "scale=3.0", "ok", "2.5"]
    assert lines[2].split() == ["b/trial", "scale=2.0", "FAILED", "1.2", "4", "ValueError:", "x"]
    assert lines[3].split() == ["d/trial", "scale=4.0", "not", "run", "0.0"]
    assert lines[-1] == "2 of 4 notebooks succeeded, 1 of them unchanged, 1 not run"


def test_what_runs_share_is_told_once_and_beside_each(outcomes, capsys: pytest.CaptureFixture[str]) -> None:
    told = [replace(outcome, note="x changed during 2 runs") for outcome in outcomes[1:3]]
    closing([outcomes[0], *told], as_json=False)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[1].endswith("2.5             warning: x changed during 2 runs")
    assert lines[2].endswith("ValueError: x; warning: x changed during 2 runs")
    assert lines[3] == "warning: x changed during 2 runs"
    assert lines[4:] == ["2 of 3 notebooks succeeded, 1 of them unchanged"]
    closing(told, as_json=True)
    assert json.loads(capsys.readouterr().out)["warnings"] == ["x changed during 2 runs"]


def test_a_line_of_json_is_one_line_for_all(run_of, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where Unicode has more ends of a line, and in an encoding that has no such letters."""
    text = "a\u2028b\u2029c\x85d\udce9 \u7535"
    with progress(1, as_json=True) as report:
        report(Outcome(run_of(scale=1.0, note=text), FAILED, 0.0, text))
    (line,) = capsys.readouterr().out.splitlines()
    assert line.isascii()
    assert (json.loads(line)["error"], json.loads(line)["parameters"]["note"]) == (text, text)


def test_machines_get_a_line_of_json_for_each(outcomes, capsys: pytest.CaptureFixture[str]) -> None:
    with progress(4, as_json=True) as report:
        for outcome in outcomes:
            report(outcome)
    closing(outcomes, as_json=True)
    *runs, end = map(json.loads, capsys.readouterr().out.splitlines())
    assert [entry["status"] for entry in runs] == [AS_WAS, FAILED, OK, NOT_RUN]
    assert (runs[1]["cell"], runs[1]["error"], runs[1]["parameters"]) == (4, "ValueError: x", {"scale": 2.0})
    assert end == {"event": "end", "runs": 4, AS_WAS: 1, FAILED: 1, OK: 1, NOT_RUN: 1, "warnings": []}


def test_the_command_ends_with_one_when_any_failed(notebook, here, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"notebook: {notebook(CELL).name}\ngrid: {{scale: [1.0, 5.0, 2.0]}}")
    result = here("sweep", "s.yaml", "--json")
    assert result.returncode == 1, result.stderr
    *runs, end = map(json.loads, result.stdout.splitlines())
    assert {entry["status"] for entry in runs} == {OK, FAILED}
    assert end == {"event": "end", "runs": 3, OK: 2, FAILED: 1, "warnings": []}
    failed = next(entry for entry in runs if entry["status"] == FAILED)
    assert failed["error"] == "AssertionError: too large"
    assert Path(failed["executed"].replace("trial.ipynb", "trial.failed.ipynb")).is_file()
    assert result.stderr == ""


def test_tries_are_told_where_there_were_several(outcomes, capsys: pytest.CaptureFixture[str]) -> None:
    several = [replace(outcomes[1], tries=3), outcomes[2]]
    with progress(2, as_json=False) as report:
        for outcome in several:
            report(outcome)
    closing(several, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert ["3 tries" in line for line in lines] == [True, False, False, False, True, False]
    with progress(2, as_json=True) as report:
        report(several[0])
    assert json.loads(capsys.readouterr().out)["tries"] == 3


def test_a_dry_run_tells_why_and_writes_nothing(notebook, here, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"notebook: {notebook(CELL).name}\ngrid: {{scale: [1.0, 2.0]}}")
    before = {path.name for path in tmp_path.iterdir()}
    result = here("sweep", "s.yaml", "--dry-run")
    assert (result.returncode, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[:3] == [
        ["run", "parameters", "status", "why"],
        ["scale=1.0/trial", "scale=1.0", "would", "run", "first", "run"],
        ["scale=2.0/trial", "scale=2.0", "would", "run", "first", "run"],
    ]
    assert result.stdout.splitlines()[3:] == ["2 of 2 notebooks would run"]
    machine = [
        json.loads(line) for line in here("sweep", "s.yaml", "--dry-run", "--json").stdout.splitlines()
    ]
    named = {"run": "scale=1.0/trial", "notebook": "trial", "parameters": {"scale": 1.0}}
    assert machine[0] == {"event": "plan", **named, "why": ["first run"]}
    assert machine[2:] == [{"event": "planned", "runs": 2, "would_run": 2}]
    suite = here("run", "--only", "03-gpu-offset", "-p", "pue=1.2", "--dry-run")
    assert (suite.returncode, suite.stdout.count("first run")) == (0, 2)
    assert here("run", "-p", "pue=-1", "--dry-run").returncode == 2
    assert {path.name for path in tmp_path.iterdir()} == before


def test_reasons_come_first_then_the_runs(notebook, here, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"notebook: {notebook(CELL).name}\ngrid: {{scale: [1.0, 2.0]}}")
    told = here("sweep", "s.yaml", "--explain").stdout
    assert told.index("2 of 2 notebooks would run") < told.index("[1/2] ok")
    notebook(f"{CELL} + ''")
    told = here("sweep", "s.yaml", "--explain", "--dry-run").stdout
    assert told.count("notebook changed") == 2


def test_a_failed_run_leaves_a_page_that_needs_nothing_else(notebook, here, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"notebook: {notebook(CELL).name}\ngrid: {{scale: [1.0, 5.0]}}")
    result = here("sweep", "s.yaml")
    page = tmp_path / "results" / "s" / "runs" / "scale=5.0" / "trial.failed.html"
    assert result.returncode == 1
    assert f"report: {page.relative_to(tmp_path)}" in result.stdout.splitlines()
    assert [*tmp_path.rglob("*.html")] == [page]
    shown = page.read_text(encoding="utf-8")
    assert "cell 3: AssertionError: too large" in shown
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", shown)


def test_a_page_that_cannot_be_made_is_no_matter(
    outcomes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = outcomes[1].run
    run.executed.mkdir(parents=True)
    for content in ("", "{", '{"cells": 3}', "\x00"):
        run.failed_notebook.write_text(content, encoding="utf-8")
        assert [*write_reports(outcomes)] == []
    assert [path.name for path in run.executed.iterdir()] == ["trial.failed.ipynb"]
    monkeypatch.setitem(sys.modules, "nbconvert.exporters", None)
    assert [*write_reports(outcomes)] == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminal")
def test_a_terminal_gets_one_bar(notebook, here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pty

    (tmp_path / "s.yaml").write_text(f"notebook: {notebook('1').name}\ngrid: {{scale: [1.0, 2.0]}}")
    main, terminal = pty.openpty()
    monkeypatch.setattr(rich, "_console", None)  # one that was made for this stream
    with os.fdopen(terminal, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert here("sweep", "s.yaml").returncode == 0
        shown = os.read(main, 65536)
    os.close(main)
    assert b"2 of 2 notebooks succeeded" in shown
    assert b"\xe2\x94\x81" in shown, "the bar"


def test_an_error_is_cut_where_it_is_shown(run_of, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Outcome(run_of(key="a", scale=1.0), FAILED, 1.0, "ValueError: " + "x" * 1_000_000, 1)
    with progress(1, as_json=True) as report:
        report(outcome)
    told = json.loads(capsys.readouterr().out)["error"]
    assert told.startswith("ValueError: xxx")
    assert told.endswith("x...")
    assert len(told) <= 500
    closing([outcome], as_json=False)
    assert len(capsys.readouterr().out) < 2000
