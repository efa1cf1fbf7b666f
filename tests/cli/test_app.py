"""The command line: wrong input, changed assumptions, and what it lists."""

import json
from pathlib import Path

import pytest

from analysis.cli import progress
from analysis.inputs.errors import ParameterError
from analysis.runs.run import Limits


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "-p", "horizon_years=fast", "--only", "03-gpu-offset"], "horizon_years"),
        (["run", "-p", "horizon_years=99", "--only", "03-gpu-offset"], "horizon_years"),
        (["run", "-p", "horizon_years=5.5", "--only", "03-gpu-offset"], "horizon_years"),
        (["run", "-p", "tariff_us=-1"], "tariff_us"),
        (["run", "-p", "tariff_us=nan"], "tariff_us"),
        (["run", "-p", "tarif_us=1"], "did you mean tariff_us"),
        (["run", "-p", "tariff_us"], "expected NAME=VALUE"),
        (["run", "-p", "tariff_us={low: 1"], "-p tariff_us"),
        (["run", "-p", "tariff_us=[2020-99-99]"], "-p tariff_us: not readable as YAML: month must be in"),
        (["run", "-p", "tariff_us=[!!python/name:os.system x]"], "could not determine a constructor"),
        (["run", "-p", "tariff_us=" + "[" * 5000], "-p tariff_us: not readable as YAML"),
        (["run", "-p", "tariff_us=&a [*a]"], "neither a usable number nor a mapping"),
        (["run", "-p", "tariff_us=[&a [*a]]"], "aliases counted in full"),
        (["run", "-p", 'tariff_us=["\\ud800"]'], "half of a character"),
        (["run", "-p", "topic=\udcff"], "topic: not a number, text"),
        (["run", "-p", "\udcff=1"], r"is neither a notebook parameter nor an assumption"),
        (["run", "--scenario", "\udcff"], "not allowed"),
        (["sweep", "\udcff.yaml"], "No such file"),
        (
            ["run", "-p", "tariff_us=__import__('os').system('touch pwned')"],
            "neither a usable number nor a mapping",
        ),
        (["run", "-p", "currency=GBP"], "currency"),
        (["run", "--only", "04-none"], "unknown notebook '04-none'"),
        (["run", "--scenario", "nobody"], "unknown scenario 'nobody'; known: article, audited"),
        (["run", "--scenario", "../../etc/passwd"], "not allowed"),
        (["run", "--scenario", "nothing.yaml"], "No such file or directory"),
        (["list", "--scenario", "nobody"], "unknown scenario"),
        (["run", "--jobs", "0"], "jobs"),
        (["fly"], "No such command"),
    ],
)
def test_wrong_input_is_refused_first(here, tmp_path: Path, arguments: list[str], message: str) -> None:
    result = here(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_wrong_input_leaves_earlier_results_alone(here, tmp_path: Path) -> None:
    kept = tmp_path / "out" / "article" / "headline.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("old", encoding="utf-8")
    assert here("run", "-p", "tariff_us=-1", "--out", "out").returncode == 2
    assert kept.read_text() == "old"


def test_a_changed_assumption_reaches_the_results(command, tmp_path: Path) -> None:
    wanted = ("--scenario", "article", "--only", "03-gpu-offset", "--out", "out")
    result = command("run", *wanted, "-p", "tariff_us=2.0", "-p", "horizon_years=10")
    assert result.returncode == 0, result.stderr
    assert "1 of 1 notebooks succeeded" in result.stdout
    entries = json.loads((tmp_path / "out" / "article" / "headline.json").read_text())
    assert entries["gpu_offset_savings_cny"]["value"] == pytest.approx(230e6)
    assert entries["gpu_offset_implied_load_mw"]["value"] == pytest.approx(
        23e6 / (2.0 - 0.215) / 8766e3, rel=1e-6
    )
    assert (tmp_path / "out" / "article" / "03-gpu-offset.ipynb").is_file()


def test_a_scenario_file_of_ones_own(command, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ntitle: Cheap hub\nextends: audited\n"
        "tariff_cn_hub: {low: 0.2, high: 0.3, unit: CNY/kWh, period: 2025, source: contract, grade: C}\n",
        encoding="utf-8",
    )
    result = command("run", "--scenario", "mine.yaml", "--only", "01-price-gap", "-p", "currency=USD")
    assert result.returncode == 0, result.stderr
    entries = json.loads((tmp_path / "results" / "mine" / "headline.json").read_text())
    assert entries["tariff_ratio_us_to_hub"]["value"] == pytest.approx(0.618652 / 0.25, rel=1e-4)


def test_list_names_what_there_is(here) -> None:
    result = here("list", "--scenario", "audited")
    assert result.returncode == 0
    for words in ("03-gpu-offset", "horizon_years", "audited", "tariff_cn_hub", "[years]"):
        assert words in result.stdout


def test_a_process_ends_as_told(command, tmp_path: Path) -> None:
    result = command("run", "-p", "tariff_us=-1", "-p", "topic=\udcff")
    assert result.returncode == 2
    assert "tariff_us" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_help(command) -> None:
    result = command("--help")
    assert result.returncode == 0
    assert "electricity" in result.stdout


@pytest.mark.parametrize("command", [["run", "--only", "02-api-spread"], ["sweep", "sweep.yaml"]])
def test_limits_reach_the_runs(
    here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    def stop(runs, jobs, force, limits, *rest):
        raise ParameterError(str(limits))

    monkeypatch.setattr(progress, "run_batch", stop)
    (tmp_path / "sweep.yaml").write_text("notebook: 03-gpu-offset\ngrid: {horizon_years: [3]}")
    given = here(*command, "--timeout", "7", "--cell-timeout", "5", "--memory-gb", "2", "--cold")
    assert given.stderr == f"kwh2token: {Limits(7.0, 2.0, cold=True, cell_timeout_seconds=5.0)}\n"
