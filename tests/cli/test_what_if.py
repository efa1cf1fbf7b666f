"""``kwh2token what-if``: what is printed, what machines get, what is refused, what is run."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import what_if
from analysis.inputs.errors import ParameterError
from analysis.inputs.money import mean_rate
from analysis.runs import plan
from analysis.tables import explained_share


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    assert what_if.DRAWS == explained_share.DRAWS
    monkeypatch.setattr(what_if, "DRAWS", 512)


def test_before_and_after(here) -> None:
    done = here("what-if", "hub=0.20CNY/kWh", "us=90 USD/MWh", "PUE=1.15")
    assert done.returncode == 0, done.stderr
    lines = [re.sub(r"\s{2,}", " | ", line.strip()) for line in done.stdout.splitlines()]
    assert lines[0] == "What if, against scenario audited:"
    hub, us, pue, apart = lines[1:5]
    assert hub.startswith("tariff_cn_hub, hub tariff: ")
    assert hub.endswith("-> 0.2 CNY/kWh without a range (assumption of yours, grade C)")
    assert "-> 90 USD/MWh = 0.09 USD/kWh without a range" in us
    assert pue.endswith(
        "1.2 (1.04 to 1.5) (cns_qinghai_pue, grade B) -> 1.15 (1 to 1.438) (assumption of yours, grade C)"
    )
    assert apart == "apart from it, and as before: pue_us"
    ratio = next(line for line in lines if line.startswith("US tariff over that of the hub"))
    assert " | 3.24 | +" in ratio
    assert "512 draws" in lines[-1]


def test_what_does_not_move_is_said(here) -> None:
    done = here("what-if", "europe=0.1EUR/kWh")
    assert "None of these results changes." in done.stdout
    assert done.stdout.count("as before") == 10
    assert "at the mean rate" not in done.stdout


def test_another_currency_is_shown_in_that_of_before(here) -> None:
    told = here("what-if", "us=0.6CNY/kWh").stdout
    assert "-> 0.6 CNY/kWh = 0.08338 USD/kWh at the mean rate of 2024 without a range" in told
    assert "eia_prices_explained_2025, grade B" in here("what-if", "us=commercial").stdout


def test_machines_get_units_in_names(here) -> None:
    done = here("what-if", "hub=0.20CNY/kWh", "us=0.01USD/kWh", "--json")
    (line,) = done.stdout.splitlines()
    told = json.loads(line, parse_constant=pytest.fail)
    assert (told["event"], told["scenario"], told["draws"]) == ("what-if", "audited", 512)
    hub = told["assumptions"][0]
    assert hub["name"] == "tariff_cn_hub"
    assert hub["after"] == {
        "low_cny_per_kwh": 0.2,
        "value_cny_per_kwh": 0.2,
        "high_cny_per_kwh": 0.2,
        "source": "assumption of yours",
        "grade": "C",
    }
    found = {entry["name"]: entry for entry in told["quantities"]}
    assert found["tariff_ratio_us_to_hub"]["after"]["value_ratio"] == pytest.approx(
        0.01 * mean_rate("USD", "CNY", "2024") / 0.2, rel=1e-4
    )
    assert found["gpu_offset_years"]["after"]["high_years"] is None, "it never does"
    assert set(found["electricity_share_of_cost_cn"]["before"]) == {"low_share", "value_share", "high_share"}
    assert told["strongest_channel_before"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "what-if: name what is to be another, as in hub=0.20CNY/kWh"),
        (["hub"], "what-if 'hub': expected NAME=VALUE"),
        (["hub="], "neither a usable number nor a mapping"),
        (["hub=0.2", "hub=0.3"], "hub is given twice"),
        (["hub=0.2", "tariff-cn-hub=0.3"], "tariff_cn_hub is given twice"),
        (["capital=9%"], "'capital' may be cost_of_capital_cn or cost_of_capital_us; write one of them"),
        (["utilisaton=90%"], "did you mean utilisation?"),
        (["weather=9"], "'weather' is neither a notebook parameter nor an assumption"),
        (["horizon_years=3"], "horizon_years is set by kwh2token run -p, not here"),
        (["scenario=article"], "scenario is set by --scenario, not here"),
        (["overrides={tariff_us: 1}"], "overrides is set by kwh2token run -p, not here"),
        (["hub=nan"], "'nan' is neither a usable number nor a mapping; write a number as in"),
        (["us=0,09USD/kWh"], "write 0.09USD/kWh"),
        (["us=2099.period"], "unit 'period' is not one of CNY/kWh"),
        (["us.period=2099"], "period 2099: no USD rate"),
        (["pue=0.9"], "pue: value 0.9 is out of bounds 1 to 5"),
        (["pue=1.1", "--scenario", "nobody"], "unknown scenario 'nobody'"),
        (["pue=1.1", "--out", "../" * 30 + str(plan.paths.DATA)[1:]], "a folder of the project itself"),
    ],
)
def test_wrong_input_is_one_message(here, tmp_path: Path, arguments: list[str], message: str) -> None:
    done = here("what-if", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.startswith("kwh2token: ")
    assert len(done.stderr) < 500
    assert not list(tmp_path.iterdir())


def test_names_are_read_as_overrides() -> None:
    overrides, texts = what_if.read_assumptions(
        ["Hub=0.20CNY/kWh", "tariff-us.low=0.01", "utilisation CN=90%"]
    )
    assert what_if.read_assumptions(["hub tariff=0.2CNY/kWh"])[0] == {"tariff_cn_hub": "0.2CNY/kWh"}
    assert overrides == {"tariff_cn_hub": "0.20CNY/kWh", "tariff_us.low": 0.01, "utilisation_cn": "90%"}
    assert texts["utilisation_cn"] == "90%"
    with pytest.raises(ParameterError, match=r"^what-if: 'nothing' is neither"):
        what_if.read_assumptions(["nothing=1"])


def test_out_runs_the_notebooks_marked_as_modified(here, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(plan, "touched_by_assumptions", lambda: ["02-api-spread", "03-gpu-offset"])
    done = here("what-if", "hub=0.20CNY/kWh", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 notebooks succeeded" in done.stdout
    assert "02-api-spread: no table moves" in done.stdout
    assert re.search(r"03-gpu-offset: [1-5] of 5 tables move", done.stdout)
    assert done.stdout.splitlines()[-1] == "results, marked as modified: out/audited-modified"
    table = pd.read_csv(tmp_path / "out" / "audited-modified" / "tables" / "gpu-offset-pairs.csv")
    assert table["modified"].str.contains("0.2 CNY/kWh instead of").all()
    assert table["tariff_hub"].tolist() == [0.2, 0.2, 0.2]
    again = here("what-if", "hub=0.20CNY/kWh", "--out", "out", "--json")
    events = [json.loads(line) for line in again.stdout.splitlines()]
    assert [event["event"] for event in events] == ["what-if", "run", "run", "end", "moved"]
    assert {event.get("status") for event in events} == {None, "as was"}, "nothing is run twice"
    assert events[-1]["tables"]["02-api-spread"] == []
    assert "gpu-offset-pairs" in events[-1]["tables"]["03-gpu-offset"]
