"""One table and one figure from many runs."""

from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from matplotlib import pyplot as plt

from analysis import figures
from analysis.inputs.errors import CollectError, ParameterError
from analysis.runs import collect as module
from analysis.runs.collect import as_quantities, collect, gathered, joined, sweep_panels
from analysis.runs.engine import LOCK, run_all
from analysis.runs.run import AS_WAS, FAILED, OK, Outcome
from analysis.runs.sweep import read_sweep

TABLE = """import pathlib
pathlib.Path(output_dir, "t.csv").write_text(f"place,scale,cost\\nhub,1,{scale}\\nUS,2,{2 * scale}\\n")"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory):
    """Return a sweep over the suite's notebook of GPUs with its outcomes."""
    folder = tmp_path_factory.mktemp("swept")
    file = folder / "s.yaml"
    sets = "[{horizon_years: 2, tariff_us: 1.0}, {horizon_years: 4, tariff_us: 2.0}]"
    file.write_text(f"notebook: 03-gpu-offset\nruns: {sets}\n")
    sweep = read_sweep(file, folder / "out")
    return sweep, run_all(sweep.runs, lambda outcome: None)


def test_comparing_scenarios_is_one_line(swept) -> None:
    sweep, outcomes = swept
    assert [outcome.status for outcome in outcomes] == [OK] * 2
    written = collect(sweep, outcomes)
    assert [path.name for path in written] == ["sweep.parquet", "sweep.csv", "sweep.png", "sweep.svg"]
    table = pd.read_parquet(sweep.folder / "sweep.parquet")
    assert list(table.columns[:8]) == [
        "horizon_years", "tariff_us", "run", "quantity", "value", "low", "high", "unit",
    ]  # fmt: skip
    assert set(table["grade"]) == {"C"}, "the claimed saving is in each of them"
    pivot = table.pivot(index=["horizon_years", "tariff_us"], columns="quantity", values="value")
    assert pivot["gpu_offset_savings_cny"].tolist() == [46e6, 92e6]
    assert pivot["gpu_offset_implied_load_mw"].iloc[1] == pytest.approx(
        23e6 / (2.0 - 0.215) / 8766e3, rel=1e-6
    )
    pd.testing.assert_frame_equal(
        pd.read_csv(sweep.folder / "sweep.csv"), table, check_dtype=False, rtol=1e-8
    )


def test_a_second_collection_changes_no_byte(swept) -> None:
    sweep, outcomes = swept
    first = [path.read_bytes() for path in collect(sweep, outcomes)]
    assert [path.read_bytes() for path in collect(sweep, outcomes)] == first


def test_failed_runs_are_left_out(swept) -> None:
    sweep, outcomes = swept
    run = outcomes[0].run
    some = [Outcome(run, FAILED, error="x"), Outcome(sweep.runs[1], AS_WAS)]
    collect(sweep, some)
    assert set(pd.read_csv(sweep.folder / "sweep.csv")["run"]) == {sweep.runs[1].group}


def test_where_no_run_succeeded_the_earlier_table_stays(swept) -> None:
    sweep, outcomes = swept
    before = [path.read_bytes() for path in collect(sweep, outcomes)]
    assert collect(sweep, [Outcome(run, FAILED, error="x") for run in sweep.runs]) == []
    assert [
        (sweep.folder / f"sweep.{kind}").read_bytes() for kind in ("parquet", "csv", "png", "svg")
    ] == before


def test_rows_of_a_table_keep_their_texts(notebook, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    text = "delivers: [t.csv]\ngrid: {scale: [1.0, 3.0]}\nruns: [{}]"
    file.write_text(f"notebook: {notebook(TABLE).name}\n{text}")
    sweep = read_sweep(file, tmp_path / "out")
    outcomes = run_all(sweep.runs, lambda outcome: None, jobs=2)
    collect(sweep, outcomes)
    table = pd.read_csv(tmp_path / "out" / "sweep.csv")
    assert list(table.columns) == ["scale", "run", "place", "scale.result", "cost"]
    assert table["scale"].tolist() == [1.0, 1.0, 3.0, 3.0, 1.0, 1.0]
    assert table["cost"].tolist() == [1.0, 2.0, 3.0, 6.0, 1.0, 2.0]
    _, keys, results = gathered(sweep, sweep.runs)
    drawn = as_quantities(keys, results)
    assert set(drawn["quantity"]) == {"hub cost", "US cost", "hub scale", "US scale"}


@pytest.mark.parametrize(
    ("text", "quantity", "value"),
    [
        ("[1.5, 2]", ["0 value", "1 value"], [1.5, 2.0]),
        ("3", ["value"], [3.0]),
        ("true", ["value"], [1.0]),
        ('{"a": 1, "b": {"value": 2, "note": [1]}, "c": "text"}', ["a", "b"], [1.0, 2.0]),
        ('[{"x": 1, "y": {"z": 2}}, 5]', ['{"z": 2} x', "value"], [1.0, 5.0]),
        ('"text"', [], []),
        ("[]", [], []),
        ("{}", [], []),
        ("null", [], []),
    ],
)
def test_any_json_can_be_collected(
    notebook, tmp_path: Path, text: str, quantity: list[str], value: list[float]
) -> None:
    cell = f"import pathlib\npathlib.Path(output_dir, 'r.json').write_text({text!r})"
    file = tmp_path / "s.yaml"
    file.write_text(f"notebook: {notebook(cell).name}\ndelivers: [r.json]\ngrid: {{scale: [1.0]}}")
    sweep = read_sweep(file, tmp_path / "out")
    outcomes = run_all(sweep.runs, lambda outcome: None)
    assert outcomes[0].error == ""
    assert [path.name for path in collect(sweep, outcomes)] == ["sweep.parquet", "sweep.csv"]
    _, keys, results = gathered(sweep, sweep.runs[:1])
    drawn = as_quantities(keys, results)
    assert drawn["quantity"].tolist() == quantity
    assert drawn["value"].tolist() == value


def test_the_index_of_a_table_is_collected(notebook, tmp_path: Path) -> None:
    cell = """import pandas as pd
table = pd.DataFrame({"place": ["hub", "US"], "cost": [scale, None]}).set_index("place")
table["share"] = pd.array([None, 0.5], dtype="Float64")
table.to_parquet(f"{output_dir}/t.parquet")"""
    file = tmp_path / "s.yaml"
    file.write_text(f"notebook: {notebook(cell).name}\ndelivers: [t.parquet]\ngrid: {{scale: [1.0, 3.0]}}")
    sweep = read_sweep(file, tmp_path / "out")
    written = collect(sweep, run_all(sweep.runs, lambda outcome: None))
    table = pd.read_parquet(written[0])
    assert list(table) == ["scale", "run", "place", "cost", "share"]
    assert table["place"].tolist() == ["hub", "US"] * 2
    assert table["cost"].dropna().tolist() == [1.0, 3.0]
    assert table["share"].dropna().tolist() == [0.5, 0.5]


def test_tables_of_two_batches_do_not_mix(notebook, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"notebook: {notebook(TABLE).name}\ndelivers: [t.csv]\ngrid: {{scale: [1.0]}}")
    sweep = read_sweep(file, tmp_path / "out")
    outcomes = run_all(sweep.runs, lambda outcome: None)
    left = sweep.folder / ".sweep-abc.part"
    left.touch()
    with (
        FileLock(sweep.folder / "runs" / LOCK),
        pytest.raises(ParameterError, match="another batch is writing"),
    ):
        collect(sweep, outcomes)
    assert collect(sweep, outcomes)
    assert not left.exists()


def test_kinds_of_columns_may_be_mixed() -> None:
    floats = pd.Series([1.5, pd.NA], dtype=object)
    assert module.of_one_kind(floats).dropna().tolist() == [1.5]
    assert module.of_one_kind(pd.Series([1, "a"], dtype=object)).tolist() == ["1", "a"]


def test_a_parameter_may_have_any_name(notebook, tmp_path: Path) -> None:
    """Also that of a column of ours."""
    parameters = 'run: float = 1.0\nvalue: float = 2.0\nunit: str = "x"\noutput_dir: str = "x"'
    cell = """import json, pathlib
pathlib.Path(output_dir, "r.json").write_text(json.dumps({"a": {"value": run + value, "unit": "MW"}}))"""
    path = notebook(cell, parameters=parameters)
    file = tmp_path / "s.yaml"
    file.write_text(
        f"notebook: {path.name}\ndelivers: [r.json]\ngrid: {{run: [1.0, 3.0], value: [5.0], unit: [y]}}"
    )
    sweep = read_sweep(file, tmp_path / "out")
    written = collect(sweep, run_all(sweep.runs, lambda outcome: None))
    assert [each.name for each in written] == ["sweep.parquet", "sweep.csv", "sweep.png", "sweep.svg"]
    table = pd.read_parquet(written[0])
    assert list(table) == ["run", "value", "unit", "run.key", "quantity", "value.result", "unit.result"]
    assert (table["value.result"] == table["run"] + table["value"]).all()
    assert len(table) == 2


def test_names_that_would_be_equal_are_told_apart() -> None:
    parameters = pd.DataFrame({"a": [1], "a.result": [2]})
    table = joined(parameters, pd.Series(["k"], name="run"), pd.DataFrame({"a": [3], "run": [4]}))
    assert list(table) == ["a", "a.result", "run", "a.result.result", "run.result"]
    assert table.iloc[0].tolist() == [1, 2, "k", 3, 4]


def test_what_is_no_table_is_named(swept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep, outcomes = swept
    place = sweep.runs[0].results / "headline.json"
    whole = place.read_bytes()
    place.write_bytes(b"{")
    try:
        with pytest.raises(CollectError, match=r"headline\.json: not a table that can be collected"):
            collect(sweep, outcomes)
    finally:
        place.write_bytes(whole)


def quantities(**columns: list) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return quantities and parameters from columns of both."""
    number = len(columns["value"])
    table = pd.DataFrame(
        {"unit": ["MW"] * number, "low": [None] * number, "high": [None] * number, **columns}
    )
    own = ["quantity", "value", "low", "high", "unit"]
    return table[own], table.drop(columns=own)


def test_each_quantity_gets_a_panel_and_each_other_set_a_line() -> None:
    rows = quantities(
        years=[1, 2, 1, 2, 1, 2],
        place=["hub", "hub", "US", "US", "hub", "hub"],
        quantity=["load", "load", "load", "load", "cost", "cost"],
        value=[3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        low=[2.0, 3.0, None, None, None, None],
        high=[4.0, 5.0, None, None, None, None],
    )
    figures.apply_style()
    figure = sweep_panels(*rows)
    load, cost = figure.axes[:2]
    assert (load.get_title(loc="left"), load.get_xlabel(), load.get_ylabel()) == ("load", "years", "[MW]")
    assert [list(line.get_ydata()) for line in load.lines] == [[3.0, 4.0], [5.0, 6.0]]
    assert [list(line.get_xdata()) for line in load.lines] == [[1, 2], [1, 2]]
    assert len(load.collections) == 1, "a band where there are ends"
    assert list(cost.lines[0].get_ydata()) == [7.0, 8.0]
    plt.close(figure)


def test_many_quantities_are_cut_and_it_says_so() -> None:
    rows = quantities(
        years=[1] * 15, quantity=[f"q{n}" for n in range(15)], value=[float(n) for n in range(15)]
    )
    figure = sweep_panels(*rows)
    assert len(figure.axes) == 12
    assert "the first 12 of 15" in figure.get_suptitle()
    plt.close(figure)


def test_a_swept_text_becomes_the_axis() -> None:
    rows = quantities(place=["hub", "US"], quantity=["cost"] * 2, value=[1.0, 2.0])
    figure = sweep_panels(*rows)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["hub", "US"]
    plt.close(figure)
