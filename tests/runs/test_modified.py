"""What a run has changed is told in its folder, its tables, its headline values and its figures."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis import begin
from analysis.figures import style
from analysis.inputs.scenario import load_scenario
from analysis.runs.modified import changes, group_of, moved_tables
from analysis.runs.suite import SUITE, Parameters

GPU = SUITE["03-gpu-offset"].parameters


def told(scenario: str = "audited", model: type[Parameters] = Parameters, **given) -> str:
    parameters = model(scenario=scenario, **given)
    return changes(parameters, load_scenario(scenario, parameters.overrides))


@pytest.mark.parametrize(
    ("names", "folder"),
    [
        ([], "audited"),
        (["currency"], "audited"),
        (["scenario", "output_dir"], "audited"),
        (["tariff_us"], "audited-modified"),
        (["currency", "horizon_years"], "audited-modified"),
        (["overrides"], "audited-modified"),
    ],
)
def test_a_folder_says_whether_its_results_are_those_of_the_project(names: list[str], folder: str) -> None:
    assert group_of("audited", names) == folder


def test_nothing_changed_nothing_said() -> None:
    assert told() == ""
    assert told(currency="USD", output_dir="elsewhere") == ""
    assert told(overrides={"gpu_life": load_scenario("audited").gpu_life.value}) == ""


def test_a_day_is_told_with_what_is_of_it() -> None:
    assert told("audited@2026-07-15") == "prices as of 2026-07-15"
    both = told("audited@2026-07-15", overrides={"offset_years": 8})
    assert both == "prices as of 2026-07-15; years of saving in the GPU claim: 8 years instead of 5"


def test_each_change_is_told_with_what_it_was() -> None:
    assert told(overrides={"offset_years": 8}) == "years of saving in the GPU claim: 8 years instead of 5"
    assert told(model=GPU, horizon_years=8) == "horizon years: 8 instead of 5"
    both = told(model=GPU, overrides={"offset_years": 8}, discount_rate=0.1)
    assert (
        both == "years of saving in the GPU claim: 8 years instead of 5; discount rate: 0.1 instead of 0.08"
    )


def test_a_choice_and_an_end_are_changes_too() -> None:
    scenario = load_scenario("audited")
    now, then = scenario.tariff_us_commercial, scenario.tariff_us_data_centre
    said = told(overrides={"tariff_us": "commercial"})
    assert said.startswith(f"US tariff: commercial, {now.value:.4g} (")
    assert f") USD/kWh instead of data centre, {then.value:.4g} (" in said
    assert "; " not in said
    # one of the choices is told by its own name, whatever stands for it
    assert told(overrides={"tariff_us_data_centre": 0.05}).startswith("US tariff, data centre: 0.05 (")
    assert "; " not in told(overrides={"tariff_us_data_centre": 0.05})
    assert told(overrides={"tariff_us": 0.05}).startswith("US tariff: 0.05 (")
    assert told("article", overrides={"tariff_us": "commercial"}).endswith(" CNY/kWh")
    assert "(3 to 9) years instead of 5 (3 to 6)" in told(overrides={"gpu_life.high": 9})
    in_yuan = told(overrides={"tariff_us": {"value": 1.0, "low": 1.0, "high": 1.0, "unit": "CNY/kWh"}})
    assert "1 CNY/kWh instead of" in in_yuan
    assert in_yuan.endswith("USD/kWh")


def test_a_scenario_of_ones_own_is_told_by_what_differs(tmp_path: Path) -> None:
    def file(*lines: str) -> str:
        path = tmp_path / "mine.yaml"
        head = ("name: mine", "title: Cheap power", "extends: audited")
        path.write_text("\n".join([*head, *lines, ""]), encoding="utf-8")
        return str(path)

    assert told(file()) == "scenario mine: Cheap power"
    mine = told(file("gpu_life: {value: 4, low: 4, high: 4, unit: years, source: mine, grade: C}"))
    assert mine == "scenario mine: Cheap power; years over which an accelerator is paid off: " + (
        "4 years instead of 5 (3 to 6)"
    )
    chosen = told(file("tariff_us: industrial"), overrides={"offset_years": 8})
    assert "; years of saving in the GPU claim: 8 years instead of 5" in chosen
    assert "; US tariff: industrial, " in chosen


def test_results_of_a_what_if_say_so(tmp_path: Path) -> None:
    changed = {"tariff_us": 0.09}
    study = begin("03-gpu-offset", scenario="audited", overrides=changed, output_dir=str(tmp_path))
    assert study.modified
    figure, _ = style.chart((6.0, 4.0), "A title")
    assert any(study.modified[:20] in text.get_text() for text in figure.texts)
    (notebook,) = [study.notebook]
    table = pd.DataFrame({"a": [1.0, 2.0]})
    values = {key: _headline() for key in notebook.headlines}
    study.deliver(
        figures=dict.fromkeys(notebook.figures, figure),
        tables=dict.fromkeys(notebook.tables, table),
        headlines=values,
    )
    written = pd.read_csv(tmp_path / "tables" / f"{notebook.tables[0]}.csv")
    assert (written["modified"] == study.modified).all()
    entries = json.loads((tmp_path / "headline.json").read_text(encoding="utf-8"))
    assert {entry["modified"] for entry in entries.values()} == {study.modified}
    svg = (tmp_path / f"{notebook.figures[0]}.svg").read_text(encoding="utf-8")
    assert f'id="{style.STAMP}"' in svg
    # the next session of the same kernel starts clean
    plain = begin("03-gpu-offset", scenario="audited", output_dir=str(tmp_path))
    figure, _ = style.chart((6.0, 4.0), "A title")
    assert (plain.modified, list(figure.texts)) == ("", [])
    plt.close("all")


def _headline():
    from analysis.tables.headline import Headline

    return Headline.of(1.0, "ratio", "C")


@pytest.mark.parametrize("title_over_all", [False, True])
def test_the_stamp_stands_above_the_title(title_over_all: bool) -> None:
    style.apply_style("Modified. " + "a long story about tariffs; " * 9)
    try:
        figure, axes = style.chart((6.0, 4.0), "A title")
        if title_over_all:
            style.figure_title(figure, "Over all panels")
        figure.draw_without_rendering()
        (stamp,) = [text for text in figure.texts if text.get_gid() == style.STAMP]
        below = figure._suptitle if title_over_all else axes.title
        lines = below.get_text().count("\n") + 1
        box = below.get_window_extent()
        top_of_letters = box.y0 + box.height / lines
        assert top_of_letters <= stamp.get_window_extent().y0 + 2.0
        assert axes.get_window_extent().y1 < stamp.get_window_extent().y0
    finally:
        style.apply_style()
        plt.close("all")


def test_a_table_moves_if_a_figure_in_it_does(tmp_path: Path) -> None:
    table = pd.DataFrame({"value": [1.0, 2.0]})
    for folder, factor in (("mine", 1.0), ("own", 1.0)):
        (tmp_path / folder / "tables").mkdir(parents=True)
        (table * factor).to_csv(tmp_path / folder / "tables" / "same.csv", index=False)
    (2.0 * table).to_csv(tmp_path / "own" / "tables" / "other.csv", index=False)
    table.assign(modified="PUE").to_csv(tmp_path / "mine" / "tables" / "same.csv", index=False)
    table.assign(modified="PUE").to_csv(tmp_path / "mine" / "tables" / "other.csv", index=False)
    found = moved_tables(["same", "other", "new"], tmp_path / "mine", tmp_path / "own")
    assert found == ["other", "new"]
