"""The screen of the estimate: what it shows, what it notes, what it refuses."""

import re

import pandas as pd
import pytest
from rich.table import Table

from analysis.cli.estimate import TIMES, estimate_shown
from analysis.model.predict import ENERGY, predict_energy

OPTIONS = ("--params-active", "3", "--params-total", "30", "--gpu", "H100", "--gpus", "1", "--batch", "64")


def test_energy_and_cost_are_those_of_the_model(here) -> None:
    shown = here("estimate", *OPTIONS, "--tariff", "0.36")
    assert shown.returncode == 0, shown.stderr
    setup = {
        "params_active_b": 3.0,
        "params_total_b": 30.0,
        "gpu_model": "H100",
        "gpu_count": 1.0,
        "batch": 64.0,
    }
    joules = predict_energy(pd.DataFrame([setup]), boundary="facility")[f"{ENERGY}_p50"].item()
    row = next(line for line in shown.stdout.splitlines() if line.startswith("│ facility"))
    assert f"│ {joules:.3g} (" in row
    assert f"│ {joules / 10:.3g} (" in row, "a tenth: 0.36 USD/kWh are 1e-7 USD/J"


def test_the_shares_of_a_step_add_up(here) -> None:
    lines = here("estimate", *OPTIONS).stdout.splitlines()
    times = [
        float(cell)
        for label in TIMES.values()
        for line in lines
        if line.startswith(f"│ {label} ")
        for cell in re.findall(r"│ +([\d.]+) +│", line)
    ]
    step = next(line for line in lines if line.startswith("│ step "))
    assert len(times) == len(TIMES)
    assert sum(times) == pytest.approx(float(step.split("│")[2]), abs=0.05)


def test_what_is_left_out_is_marked(here) -> None:
    shown = here("estimate", "--params-active", "37").stdout
    assert re.search(r"│ params active b +│ 37 billion +│ +│", shown)
    assert re.search(r"│ precision +│ fp8 +│ assumed │", shown)


def test_gpus_that_cannot_hold_the_weights_are_noted(here) -> None:
    deepseek = ("--params-active", "37", "--params-total", "671", "--precision", "fp8")
    shown = here("estimate", *deepseek, "--gpu", "H100", "--gpus", "1")
    assert "1 x H100 cannot hold the weights" in shown.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--params-active", "3", "--precision", "fp9"], "--precision: 'fp9' is not known; did you mean fp"),
        (["--params-active", "3", "--gpu", "H20O"], "--gpu: 'H20O' is not known; did you mean H20 or H200?"),
        (["--params-active", "3", "--tariff=-1"], "'--tariff': -1 is no number from 0 to 1000"),
        (["--params-active", "3", "--tariff=nan"], "'--tariff': nan is no number"),
        (["--params-active=-3"], "--params-active"),
        (["--params-active", "3", "--kv-bytes=-1"], "--kv-bytes"),
    ],
)
def test_a_wrong_option_is_named(here, options: list[str], message: str) -> None:
    refused = here("estimate", *options)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert message in refused.stderr


def test_without_a_tariff_no_cost_is_shown() -> None:
    setup = dict.fromkeys(
        ["params_total_b", "precision", "gpu_model", "gpu_count", "batch", "input_tokens", "output_tokens"]
    )
    tables = [
        part
        for part in estimate_shown({"params_active_b": 3.0, **setup}, None, {})
        if isinstance(part, Table)
    ]
    assert [len(table.columns) for table in tables] == [3, 3, 3]
