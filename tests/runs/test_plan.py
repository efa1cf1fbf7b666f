"""Which runs a command asks for."""

import json
import os
from pathlib import Path

import pytest

from analysis.inputs import paths
from analysis.inputs.errors import ParameterError, ScenarioError
from analysis.runs import manifest
from analysis.runs.engine import run_all
from analysis.runs.plan import check_runs, plan, touched_by_assumptions
from analysis.runs.suite import SUITE
from analysis.runs.template import of_suite


def test_the_plan_of_everything_writes_into_figures() -> None:
    runs = plan()
    assert len(runs) == len(SUITE) * 2
    assert {run.results for run in runs} == {
        paths.figures_root() / "article",
        paths.figures_root() / "audited",
    }


@pytest.mark.parametrize("values", [{"currency": "USD"}, {"tariff_us": 1.1}, {"tariff_us.high": 2}])
def test_a_changed_run_never_writes_into_figures(values: dict) -> None:
    assert all(not paths.is_in_figures(run.results) for run in plan(values=values))
    with pytest.raises(ParameterError, match="choose another --out"):
        plan(values=values, out=paths.figures_root())
    with pytest.raises(ParameterError, match="choose another --out"):
        plan(values=values, out=paths.figures_root() / "article" / "mine")


def test_values_go_where_they_belong() -> None:
    runs = {
        run.notebook: run.parameters
        for run in plan(scenarios=["audited"], values={"horizon_years": 9, "pue": 1.3})
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
        ({"values": {"tariff_us": "x"}}, ScenarioError, "'x' is none of industrial, commercial, data_centre"),
        (
            {"values": {"tariff_us.period": "2099"}},
            ScenarioError,
            "article: tariff_us: period 2099: no .* rate",
        ),
        ({"out": Path("~nobody_such/x")}, ParameterError, "--out '~nobody_such/x'"),
        ({"out": Path("a\0b")}, ParameterError, "--out 'a"),
        ({"out": paths.DATA}, ParameterError, "a folder of the project itself"),
        ({"out": paths.NOTEBOOKS / "mine"}, ParameterError, "a folder of the project itself"),
        ({"out": paths.DATA.parent}, ParameterError, "a folder of the project itself"),
        ({"values": {"scenario": "audited"}}, ParameterError, "set by --scenario"),
        ({"values": {"output_dir": "x"}}, ParameterError, "set by --out"),
        ({"values": {"overrides": {1: 2}}}, ParameterError, "overrides: not a number, text"),
        ({"values": {"overrides": 3}}, ParameterError, "overrides: 3 is not a mapping"),
    ],
)
def test_wrong_requests_are_named(request_: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        check_runs(plan(**request_))


def test_everything_wrong_is_named_at_once() -> None:
    values = {"horizon": 3, "tarif_us": 1, "scenario": "audited", "horizon_years": "x", "pue": 0.1}
    with pytest.raises(ParameterError) as error:
        check_runs(plan(values=values))
    told = str(error.value)
    for text in ("did you mean horizon_years", "did you mean tariff_us", "set by --scenario"):
        assert told.count(text) == 1, "once, though it is wrong for every notebook"
    for text in ("horizon_years: Input should be a valid integer", "pue: "):
        assert text in told
    with pytest.raises(ParameterError) as error:
        check_runs(plan(notebooks=["03-gpu-offset"], values={"pue": 0.1, "horizon_years": "x"}))
    assert "pue" in str(error.value)
    assert "horizon_years" in str(error.value)


HOSTILE = ["../../x", "/etc/passwd", "a" * 5000, "a\x00b", "a\nb", "a\x1b[2J", "", "A B", "../x.yaml\x00"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_scenario_name_is_refused_shortly(name: str, tmp_path: Path) -> None:
    with pytest.raises((ScenarioError, ParameterError)) as error:
        check_runs(plan(scenarios=[name], out=tmp_path / "out"))
    assert len(str(error.value)) < 400
    assert str(error.value).isprintable()
    assert not (tmp_path / "out").exists()


def test_a_notebook_is_touched_by_assumptions_if_it_hands_its_scenario_to_something() -> None:
    touched = touched_by_assumptions()
    assert {"00-overview", "01-price-gap", "10-explained-share"} <= set(touched)
    assert not {"05-generation-history", "08-energy-model"} & set(touched)
    for name in SUITE:
        assert ("study.scenario" in of_suite(name).source) == (name in touched)


def test_names_are_forgiven_and_told_where_they_may_be_several() -> None:
    runs = plan(
        scenarios=["audited"], notebooks=["01-price-gap"], values={"Hub": "0.2CNY/kWh", "PUE.low": 1.1}
    )
    assert runs[0].parameters["overrides"] == {"tariff_cn_hub": "0.2CNY/kWh", "pue.low": 1.1}
    assert runs[0].results.name == "audited-modified"
    runs = plan(
        notebooks=["01-price-gap"], values={"capital": 0.1, "hub": 1, "tariff_cn_hub": 2, "utilisaton": 1}
    )
    with pytest.raises(ParameterError) as error:
        check_runs(runs)
    for told in (
        "'capital' may be cost_of_capital_cn or cost_of_capital_us; write one of them",
        "'hub': tariff_cn_hub is given twice",
        "'utilisaton' is neither a notebook parameter nor an assumption; did you mean utilisation?",
    ):
        assert told in str(error.value)


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    files = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        files.append(tmp_path / folder / "mine.yaml")
        files[-1].write_text("name: mine\ntitle: t\nextends: article\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="'mine' is that of another scenario of this run"):
        plan(scenarios=[str(file) for file in files])


def test_what_shows_money_runs_in_dollars_without_any_tariff_gap(tmp_path: Path) -> None:
    shows_money = [name for name in SUITE if "study.currency" in of_suite(name).source]
    assert "03-gpu-offset" in shows_money
    values = {"currency": "USD", "tariff_us": 0.001, "tariff_cn_hub": 100, "horizon_years": 1}
    runs = plan(scenarios=["article"], notebooks=shows_money, values=values, out=tmp_path)
    outcomes = run_all(runs, lambda outcome: None)
    assert [outcome.error for outcome in outcomes] == [""] * len(shows_money)
    entries = json.loads((tmp_path / "article-modified" / "headline.json").read_text(encoding="utf-8"))
    assert entries["gpu_offset_implied_load_mw"]["value"] is None
    executed = (tmp_path / "article-modified" / "03-gpu-offset.ipynb").read_text(encoding="utf-8")
    assert "no load makes the claimed saving" in executed


@pytest.mark.parametrize("values", [{"tariff_us": 1.2}, {"tariff_us.high": 3}])
def test_a_number_without_unit_is_refused_where_units_differ(values: dict) -> None:
    """A yuan in one scenario, a dollar in the other."""
    message = "tariff_us: a number alone would be CNY/kWh in article and USD"
    with pytest.raises(ParameterError, match=message):
        check_runs(plan(notebooks=["03-gpu-offset"], values=values))
    check_runs(plan(notebooks=["03-gpu-offset"], values=values, scenarios=["article"]))
    check_runs(plan(notebooks=["03-gpu-offset"], values={"tariff_cn_hub": 0.3}))
    whole = {"value": 0.1, "low": 0.1, "high": 0.1, "unit": "USD/kWh", "period": "2025"}
    check_runs(plan(notebooks=["03-gpu-offset"], values={"tariff_us": whole}))


@pytest.mark.parametrize(
    "values", [{"tariff_us.period": 2025}, {"tariff_us.paragraph": 7}, {"tariff_us": {"paragraph": 7}}]
)
def test_a_number_that_is_no_amount_needs_no_unit(values: dict) -> None:
    check_runs(plan(notebooks=["03-gpu-offset"], values=values))


def test_units_count_for_runs_that_are_current_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the second command would say nothing, where the first with both scenarios is refused."""
    given = {"notebooks": ["03-gpu-offset"], "values": {"tariff_us": 1.2}, "out": tmp_path / "out"}
    monkeypatch.setattr(manifest, "is_current", lambda run, environment: run.scenario == "article")
    with pytest.raises(ParameterError, match="a number alone would be"):
        run_all(plan(**given), lambda outcome: None)
    assert not (tmp_path / "out").exists()


def test_of_many_problems_some_are_told() -> None:
    sets = [{"pue": -number} for number in range(1, 31)]
    runs = [run for values in sets for run in plan(notebooks=["03-gpu-offset"], values=values)]
    with pytest.raises(ScenarioError, match=r"and 22 more$") as error:
        check_runs(runs)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    "room", ["kernels", "benchmarks/x", ".ci", ".venv", "build/x", ".git", "tests", "Data"]
)
def test_no_room_of_the_project_takes_results(room: str, tmp_path: Path) -> None:
    """Named in full, from here, or by a link."""
    folder = paths.project_root() / room
    (tmp_path / "link").symlink_to(folder)
    for named in (folder, Path(os.path.relpath(folder)), tmp_path / "link"):
        with pytest.raises(ParameterError, match="a folder of the project itself"):
            plan(values={"pue": 1.3}, out=named)


def test_a_scenario_may_be_a_link_to_a_file_of_any_name(tmp_path: Path) -> None:
    (tmp_path / "real-v1").write_text("name: mine\ntitle: t\nextends: article\n", encoding="utf-8")
    (tmp_path / "link.yaml").symlink_to("real-v1")
    runs = plan(scenarios=[str(tmp_path / "link.yaml")], notebooks=["03-gpu-offset"])
    check_runs(runs)
    assert [run.group for run in runs] == ["mine"]


def test_as_of_a_month_each_run_names_the_day(tmp_path: Path) -> None:
    for asked in (
        {"as_of": "2026-07"},
        {"scenarios": ["audited"], "as_of": "2026-07"},
        {"scenarios": ["audited@2026-07"]},
    ):
        (run,) = plan(notebooks=["02-api-spread"], **asked)
        assert run.scenario == "audited@2026-07-15"
        assert (run.group, run.results.name) == ("audited@2026-07", "audited@2026-07")
        assert not paths.is_in_figures(run.results)
        check_runs([run])
    (run,) = plan(notebooks=["02-api-spread"], as_of="2026-07", values={"pue": 1.3})
    assert run.results.name == "audited@2026-07-modified"


@pytest.mark.parametrize(
    ("scenarios", "as_of", "error", "message"),
    [
        (["mine.yaml"], "2026-07", ParameterError, "'mine.yaml': a file says extends: audited@DAY itself"),
        (["audited@2026-07"], "2026-07", ParameterError, "'audited@2026-07': it has a date"),
        (["article"], "2026-07", ScenarioError, "holds the claims themselves"),
        ([], "yesterday", ScenarioError, "write a month or a day"),
        (["audited"], "../../x", ScenarioError, "write a month or a day"),
        (["audited"], "2026-07@x", ScenarioError, "write a month or a day"),
    ],
)
def test_what_cannot_be_as_of_a_day_is_told(scenarios, as_of: str, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        plan(scenarios=scenarios, as_of=as_of)
