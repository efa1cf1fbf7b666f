"""Sweep files: what they may hold, and the runs that they ask for."""

import re
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis.cli.app import app
from analysis.inputs import paths
from analysis.inputs.errors import ParameterError, ScenarioError
from analysis.inputs.scenario import load_scenario
from analysis.runs.engine import run_all
from analysis.runs.plan import check_runs
from analysis.runs.run import AS_WAS, OK
from analysis.runs.sweep import MOST_RUNS, key_of, read_sweep, shown_values

GRID = "grid: {scenario: [article, audited], horizon_years: [3, 5]}\n"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


def test_a_grid_is_crossed_and_runs_are_added(sweep_of) -> None:
    sweep = sweep_of(f"notebook: 03-gpu-offset\n{GRID}runs: [{{horizon_years: 7, tariff_us: 1.2}}]")
    assert [run.shown for run in sweep.runs] == [
        {"scenario": "article", "horizon_years": 3},
        {"scenario": "article", "horizon_years": 5},
        {"scenario": "audited", "horizon_years": 3},
        {"scenario": "audited", "horizon_years": 5},
        {"horizon_years": 7, "tariff_us": 1.2},
    ]
    assert sweep.runs[-1].parameters == {"horizon_years": 7, "overrides": {"tariff_us": 1.2}}
    assert sweep.collects == "headline.json"
    assert len({run.executed for run in sweep.runs}) == len(sweep.runs)
    assert shown_values(sweep.runs)[-1] == {"scenario": "article", "horizon_years": 7, "tariff_us": 1.2}
    check_runs(sweep.runs)


def test_yuan_and_dollars_do_not_go_into_one_column(sweep_of) -> None:
    """What a scenario assumes fills in only where all of them have it in one unit."""
    runs = "runs: [{scenario: article}, {scenario: audited, tariff_us: 0.1, pue.high: 2}]"
    shown = shown_values(sweep_of(f"notebook: 03-gpu-offset\n{runs}").runs)
    assert [values["tariff_us"] for values in shown] == [None, 0.1]
    high = load_scenario("article").pue.high
    assert [values["pue.high"] for values in shown] == [high, 2]


def test_a_run_keeps_its_folder_when_others_join(sweep_of) -> None:
    first = sweep_of("notebook: 03-gpu-offset\ngrid: {horizon_years: [3, 5]}")
    more = sweep_of("notebook: 03-gpu-offset\ngrid: {horizon_years: [1, 5, 3, 5]}")
    assert {run.executed for run in first.runs} < {run.executed for run in more.runs}
    assert len(more.runs) == 3, "the same set twice is one run"


def test_a_scenario_file_counts_from_the_sweep_file(sweep_of, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("name: own\ntitle: t\nextends: article\n", encoding="utf-8")
    sweep = sweep_of("notebook: 03-gpu-offset\nruns: [{scenario: own.yaml}]")
    assert sweep.runs[0].parameters == {"scenario": str(tmp_path / "own.yaml")}
    check_runs(sweep.runs)


def test_any_notebook_will_do(sweep_of, notebook) -> None:
    path = notebook("1", name="theirs")
    (path.parent / "prices.csv").write_text("a\n1\n", encoding="utf-8")
    sweep = sweep_of(
        f"notebook: {path.name}\ndelivers: [./t//a.csv]\nreads: [prices.csv]\ngrid: {{scale: [1.5, 2]}}\n"
    )
    assert sweep.collects == "t/a.csv"
    assert sweep.runs[0].template.reads == (path.parent / "prices.csv",)
    check_runs(sweep.runs)
    with pytest.raises(ParameterError, match="scale: Input should be a valid number"):
        check_runs(sweep_of(f"notebook: {path.name}\ngrid: {{scale: [fast]}}").runs)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "should hold name: value entries"),
        ("notebook: [", "sweep file"),
        ("notebook: 03-gpu-offset\ngrids: {}", "grids: unknown name; known: notebook, grid"),
        (f"{GRID}", "missing: notebook"),
        (f"notebook: 99-x\n{GRID}", "unknown notebook '99-x'"),
        (f"notebook: ../../etc/passwd\n{GRID}", "unknown notebook"),
        (f"notebook: no.ipynb\n{GRID}", "No such file"),
        (f"notebook: mine.yaml.ipynb\n{GRID}", "No such file"),
        ("notebook: 03-gpu-offset", "asks for no run; give a grid: or runs:"),
        ("notebook: 03-gpu-offset\ngrid: {horizon_years: 3}", "grid.horizon_years: Input should be a"),
        ("notebook: 03-gpu-offset\ngrid: {horizon_years: []}", "horizon_years: List should have at least"),
        ("notebook: 03-gpu-offset\ngrid: {3: [1]}", "grid: not a number, text"),
        ("notebook: 03-gpu-offset\nruns: [3]", "runs.0: Input should be a valid dictionary (got 3)"),
        ("notebook: 03-gpu-offset\nruns: {a: 3}", "runs: Input should be a valid list"),
        (
            "notebook: 03-gpu-offset\nruns: [{horizon: 3, tarif_us: 1}]",
            "mean horizon_years?; mine.yaml: 'tarif_us'",
        ),
        ("notebook: 03-gpu-offset\nruns: [{output_dir: x}]", "output_dir is set by --out"),
        (f"notebook: 03-gpu-offset\n{GRID}collect: nothing.csv", "no table 'nothing.csv', but tables/"),
        (f"notebook: 03-gpu-offset\n{GRID}collect: ../x.csv", "delivers no table '../x.csv'"),
        (f"notebook: 03-gpu-offset\n{GRID}delivers: [x.csv]", "is known"),
        (
            "notebook: 03-gpu-offset\ngrid: {" + ", ".join(f"{n}: {[*range(20)]}" for n in "abcdefgh") + "}",
            f"at most {MOST_RUNS} are possible",
        ),
        ("notebook: !!python/object/apply:os.system ['touch pwned']", "could not determine a constructor"),
        (
            "notebook: 03-gpu-offset\ngrid: {a: [!!python/name:os.system x]}",
            "could not determine a constructor",
        ),
        ("notebook: 03-gpu-offset\nruns: [{grid: 2099-12-31}]", "mine.yaml: grid is a parameter of 10-"),
        ("notebook: 03-gpu-offset\nruns: [{overrides: {1: 2, a: 3}}]", "runs.0.overrides: not a number"),
        ("notebook: 03-gpu-offset\nruns: [{scenario: !!timestamp 2099-12-31}]", "constructor for the tag"),
        ('notebook: 03-gpu-offset\nruns: [{scenario: "\\ud800"}]', "half of a character"),
        ('notebook: 03-gpu-offset\nruns: [{"\\udfff": 1}]', "half of a character"),
        ("notebook: 03-gpu-offset\nruns: [{scenario: ~nobody_such/x.yaml}]", "'~nobody_such/x.yaml': "),
        ('notebook: 03-gpu-offset\nruns: [{scenario: "a\\0.yaml"}]', "embedded null"),
        ("notebook: 03-gpu-offset\nruns: &a [*a]", "aliases counted in full"),
        (BOMB, "aliases counted in full"),
        ("notebook: 03-gpu-offset\nruns: " + "[" * 1000, "not readable as YAML"),
    ],
)
def test_wrong_files_are_refused(sweep_of, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=r"mine\.yaml|no\.ipynb") as error:
        check_runs(sweep_of(text).runs)
    assert message in str(error.value)
    assert not (tmp_path / "out").exists()
    assert not Path("pwned").exists()


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "a" * 3000, "a\\x00b", "../x.yaml"])
def test_a_hostile_scenario_is_refused(sweep_of, name: str) -> None:
    with pytest.raises((ScenarioError, ParameterError)) as error:
        check_runs(sweep_of(f'notebook: 03-gpu-offset\nruns: [{{scenario: "{name}"}}]').runs)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("delivers: [../x.csv]", "not a file below the folder"),
        ("delivers: [.hidden/x.csv]", "not a file below the folder"),
        ("delivers: x.csv", "delivers: Input should be a valid list"),
        ("reads: [none.csv]", "there is no such file"),
        ('reads: ["a\\0b"]', "embedded null"),
        ("grid: {unknown: [1]}", "unknown: unknown name; known: scale, output_dir"),
        ("grid: {output_dir: [x]}", "output_dir is set by --out"),
    ],
)
def test_wrong_words_about_other_notebooks_are_refused(sweep_of, notebook, more: str, message: str) -> None:
    runs = more if "grid" in more else f"{more}\nruns: [{{}}]"
    with pytest.raises(ParameterError) as error:
        check_runs(sweep_of(f"notebook: {notebook('1').name}\n{runs}").runs)
    assert message in str(error.value)


def test_sweeps_of_two_notebooks_do_not_mix(sweep_of, notebook, write_result: str) -> None:
    """Not even in one folder; each finds its own results again."""
    files = [notebook(write_result, name=name).name for name in ("first", "second", "first")]
    texts = [
        f"notebook: {file}\ndelivers: [result.json]\nruns: [{{scale: {scale}}}]"
        for file, scale in zip(files, (1.5, 1.5, 2), strict=True)
    ]
    assert [outcome.status for text in texts for outcome in run_all(sweep_of(text).runs, print)] == [OK] * 3
    again = [sweep_of(text).runs[0] for text in texts]
    assert [outcome.status for run in again for outcome in run_all([run], print)] == [AS_WAS] * 3
    assert len({run.results for run in again}) == 3
    assert [run.group for run in again][::2] == ["scale=1.5", "scale=2"]


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "defaults"),
        ({"tariff_us": 1.2, "horizon_years": 5}, "horizon_years=5,tariff_us=1.2"),
        ({"horizon_years": 5, "tariff_us": 1.2}, "horizon_years=5,tariff_us=1.2"),
        ({"a": -1e-05, "b": True, "c": None, "pue.high": 5.0}, "a=-1e-05,b=true,c=null,pue.high=5.0"),
        ({"day": "2019-01-01", "place": "own.yaml"}, "day=2019-01-01,place=own.yaml"),
    ],
)
def test_a_folder_is_called_by_its_values(values: dict, key: str) -> None:
    assert key_of(values) == key


ODD = [
    *("5", 5, 5.0, "5.0", "1e5", 1e5, "true", True, "null", None, "nan", "NaN", "Infinity", "", ".", ".."),
    *("a/b", "a\\b", "a,b=1", "@a", "a.", " a", "a ", "~", "*", "é", "e\u0301", "a\nb", "a\0b", "x" * 80),
    *([], {}, [5], ["5"], {"a": 5}),
]


def test_two_sets_of_values_never_share_a_folder() -> None:
    """And no folder lies elsewhere, is hidden, or is longer than a file's name may be."""
    sets = [{name: value} for name in ("a", "b", "a.b") for value in ODD]
    keys = [key_of(values) for values in sets]
    assert len({*keys}) == len(sets)
    assert all(re.fullmatch(r"[A-Za-z][\w.@=+-]{2,99}", key, re.ASCII) for key in keys)
    assert [key_of(values) for values in ({"a": "x" * 99}, {"a=1,b": 2}, {"../a": 2}, {"": 2})] == [""] * 4


def test_long_odd_or_alike_sets_get_a_hash(sweep_of, notebook) -> None:
    runs = f"runs: [{{scale: 1, x: {'a' * 120}}}, {{x: USD}}, {{x: usd}}, {{x: CNY}}, {{x: CNY}}]"
    path = notebook("1", parameters="scale = 1\nx = str()")
    sweep = sweep_of(f"notebook: {path.name}\n{runs}")
    keys = [run.group for run in sweep.runs]
    assert keys[3:] == ["x=CNY"], "the same set twice is one run"
    assert all(re.fullmatch("[0-9a-f]{16}", key) for key in keys[:3]), "some disks know no case"
    assert len({*keys}) == 4


def test_results_have_no_place_in_the_project(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"notebook: 03-gpu-offset\n{GRID}", encoding="utf-8")
    for folder in (paths.DATA, paths.figures_root() / "article", paths.NOTEBOOKS / "x"):
        with pytest.raises(ParameterError, match="a folder of the project itself"):
            read_sweep(file, folder)


def test_the_command_leaves_nothing_where_the_file_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text("notebook: 03-gpu-offset\ngrid: {horizon_years: [x]}", "utf-8")
    result = CliRunner().invoke(app, ["sweep", "s.yaml"])
    assert isinstance(result.exception, ParameterError)
    assert "horizon_years: Input should be a valid integer" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]


@pytest.mark.parametrize("notebook_of", ["09-cost-stack", "any"])
def test_a_thousand_sets_are_checked_in_a_second(sweep_of, notebook, notebook_of: str) -> None:
    """Of processor time; what is loaded once (the data, the rates) is not counted."""
    if notebook_of == "any":
        grid = f"{{scale: {[1 + number / 8 for number in range(1000)]}}}"
        notebook_of = notebook("1").name
    else:
        pue, life = [1.1 + number / 64 for number in range(25)], [2 + number / 8 for number in range(20)]
        grid = f"{{scenario: [article, audited], pue: {pue}, gpu_life: {life}}}"
        check_runs(sweep_of(f"notebook: {notebook_of}\nruns: [{{pue: 1.2}}]").runs)
    started = time.process_time()
    sweep = sweep_of(f"notebook: {notebook_of}\ngrid: {grid}")
    check_runs(sweep.runs)
    assert len(sweep.runs) == 1000
    assert time.process_time() - started < 1.0


def test_a_month_in_a_sweep_is_the_day_whose_prices_hold(sweep_of) -> None:
    sweep = sweep_of("notebook: 02-api-spread\ngrid: {scenario: [audited, audited@2026-07]}\n")
    assert [run.parameters["scenario"] for run in sweep.runs] == ["audited", "audited@2026-07-15"]
    assert sweep.runs[1].shown == {"scenario": "audited@2026-07"}
    check_runs(sweep.runs)
    with pytest.raises(ParameterError, match=r"mine\.yaml: as of .*write a month or a day"):
        sweep_of("notebook: 02-api-spread\ngrid: {scenario: [audited@../x]}\n")
