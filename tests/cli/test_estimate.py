"""The command ``estimate``: what it answers, what it refuses, and that both are those of the package."""

import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest

import analysis
from analysis.inputs.money import mean_rate
from analysis.tables.estimate import estimate
from analysis.tables.places import places

SETUP = {"params_active_b": 3.0, "params_total_b": 30.0, "gpu_model": "H100", "gpu_count": 1.0, "batch": 64.0}
OPTIONS = ("--params-active", "3", "--params-total", "30", "--gpu", "H100", "--gpus", "1", "--batch", "64")


def refused(here, *options: str) -> str:
    """Return the message of a refusal: one line, short, with status 2 and nothing on the screen."""
    told = here("estimate", *options)
    assert (told.returncode, told.stdout) == (2, ""), told.stdout
    assert told.stderr.startswith("kwh2token: ")
    assert len(told.stderr) <= 500
    assert "Traceback" not in told.stderr
    return told.stderr.removeprefix("kwh2token: ").rstrip("\n")


def answered(here, *options: str) -> dict[str, object]:
    """Return the answer of the command in JSON."""
    told = here("estimate", *options, "--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


# the command faults of the second look, row by row


def test_a_model_is_known_by_its_name(here) -> None:
    by_name = answered(here, "deepseek-v3", "--gpu", "H200")
    assert by_name["model"] == "deepseek-ai/DeepSeek-V3"
    assert (by_name["params_active_b"], by_name["params_total_b"]) == (37.0, 671.0)
    assert by_name == answered(here, "DeepSeek", "V3", "--gpu", "h200")


def test_without_a_model_the_message_says_what_is_missing(here) -> None:
    assert refused(here) == "MODEL: which model? Give its name, or its size with --params-active"
    assert refused(here, "deepsek-v3").startswith(
        "MODEL: 'deepsek-v3' is not known; did you mean deepseek-ai/"
    )
    assert "'stray text' is not known" in refused(here, "--params-active", "8", "stray", "text")


def test_a_size_with_a_unit_is_told_in_billions(here) -> None:
    assert (
        refused(here, "--params-active", "70b")
        == '--params-active: "70b" is no number; in billions, write 70'
    )
    assert refused(here, "--params-active", "70e9") == (
        "--params-active: 70,000,000,000 billion parameters are beyond any model; in billions, write 70"
    )


def test_an_unknown_total_is_that_of_a_dense_model(here) -> None:
    dense = answered(here, "--params-active", "70", "--gpu", "H100", "--gpus", "2", "--precision", "fp8")
    assert dense["params_total_b"] == 70.0
    assert "params_total_b" in [entry["name"] for entry in dense["assumed"]]
    too_large = refused(here, "--params-active", "70", "--gpu", "H100", "--gpus", "1", "--precision", "bf16")
    assert too_large == "--gpus: 1: the model does not fit: 140 GB of weights, 80 GB in all; 2 hold it"


@pytest.mark.parametrize(
    ("name", "card"),
    [("NVIDIA A100 80GB PCIe", "A100-PCIe"), ("L4", "L4"), ("T4", "T4"), ("nvidia h200 nvl", "H200-NVL")],
)
def test_a_card_is_known_as_nvidia_smi_prints_it(here, name: str, card: str) -> None:
    found = answered(here, "--params-active", "3", "--gpu", name)
    assert found["gpu_model"] == card
    assert "gpu_model" not in [entry["name"] for entry in found["assumed"]]


def test_an_unknown_card_is_no_h100(here) -> None:
    message = refused(here, "--params-active", "8", "--gpu", "H20O")
    assert message == "--gpu: 'H20O' is not known; did you mean H20 or H200?"


@pytest.mark.parametrize("name", ["nf4", "q8_0", "q4_0", "e4m3", "w4a8"])
def test_a_format_is_known_by_the_names_people_use(here, name: str) -> None:
    found = answered(here, "--params-active", "8", "--gpu", "H100", "--precision", name)
    assert "precision" not in [entry["name"] for entry in found["assumed"]]
    assert found["precision"] == (name if name != "e4m3" else "fp8")


def test_an_unknown_format_or_engine_is_refused(here) -> None:
    assert refused(here, "--params-active", "8", "--precision", "fp9").startswith(
        "--precision: 'fp9' is not known"
    )
    assert "did you mean" in refused(here, "--params-active", "8", "--precision", "fp9")
    assert refused(here, "--params-active", "8", "--engine", "sglag").startswith(
        "--engine: 'sglag' is not known"
    )
    assert refused(here, "--params-active", "8", "--load", "busy").startswith("--load: 'busy' is not known")


def test_gpus_that_are_told_are_never_replaced(here) -> None:
    deepseek = ("--params-active", "37", "--params-total", "671", "--precision", "fp8", "--gpu", "H100")
    message = refused(here, *deepseek, "--gpus", "2")
    assert message == "--gpus: 2: the model does not fit: 671 GB of weights, 160 GB in all; 16 hold it"
    assert answered(here, *deepseek, "--gpus", "16", "--batch", "8")["gpu_count"] == 16.0


def test_a_batch_is_at_least_one_and_fits(here) -> None:
    assert (
        refused(here, "--params-active", "8", "--batch", "0.5")
        == "--batch: 0.5 is below the least; write 1 or more"
    )
    beyond = refused(here, "--params-active", "8", "--batch", "1e9")
    assert beyond == "--batch: 1e9 is beyond any sense; write 1000000 or less"
    message = refused(here, *OPTIONS[:-1], "100000")
    most = int(
        re.fullmatch(
            r"--batch: 100000: beyond the memory: at most (\d+) requests of this length fit", message
        )[1]
    )
    assert answered(here, *OPTIONS[:-1], str(most))["batch"] == most


def test_embeddings_have_no_output(here) -> None:
    found = answered(here, *OPTIONS, "--output-tokens", "0", "--input-tokens", "500")
    assert found["energy_j_per_output_token"] == {"p5": None, "p50": None, "p95": None}
    assert found["energy_j_per_input_token"]["p50"] > 0
    shown = here("estimate", *OPTIONS, "--output-tokens", "0").stdout
    assert "an output token" not in shown
    assert "nan" not in shown


def test_a_request_without_input_shows_none(here) -> None:
    shown = here("estimate", *OPTIONS, "--input-tokens", "0").stdout
    assert "an output token" in shown
    assert "an input token" not in shown
    assert "nan" not in shown


def test_there_is_no_year_of_software_any_more(here) -> None:
    assert (
        refused(here, "--params-active", "8", "--software-year", "2030") == "No such option: --software-year"
    )


def test_json_pue_boundary_and_a_total_are_there(here) -> None:
    facility, gpu = (
        answered(here, *OPTIONS, "--pue", "1.5", "--boundary", name) for name in ("facility", "gpu")
    )
    assert gpu["energy_wh_per_request"]["p50"] < facility["energy_wh_per_request"]["p50"]
    assert facility["pue"] == 1.5
    for kind in ("input", "cached_input", "output"):
        total, electricity = (
            facility[f"{kind}_{part}_usd_per_mtok"]["p50"] for part in ("total", "electricity")
        )
        parts = sum(
            facility[f"{kind}_{part}_usd_per_mtok"]["p50"]
            for part in ("hardware", "network", "facility", "other")
        )
        assert total == pytest.approx(electricity + parts)
        assert facility[f"{kind}_electricity_share"]["p50"] == pytest.approx(electricity / total)
    assert refused(here, *OPTIONS, "--boundary", "grid").startswith(
        "--boundary: 'grid' is not known; known are gpu"
    )


# what it answers


def test_numbers_are_those_of_the_package(here) -> None:
    told = ("--tariff", "0.36", "--utilisation", "0.6", "--cached-share", "0.25")
    found = answered(here, *OPTIONS, *told)
    frame = pd.DataFrame([SETUP | {"cached_share": 0.25}])
    energy = analysis.predict_energy(frame, boundary="facility").iloc[0]
    cost = analysis.token_cost(frame, tariff_usd_per_kwh=0.36, utilisation=0.6).iloc[0]
    for name in ("energy_j_per_output_token", "energy_j_per_input_token", "energy_wh_per_request"):
        assert found[name] == pytest.approx({end: energy[f"{name}_{end}"] for end in ("p5", "p50", "p95")})
    for name in ("output_total_usd_per_mtok", "input_electricity_usd_per_mtok", "request_total_usd"):
        ends = {"p5": cost[f"{name}_p5"], "p50": cost[name], "p95": cost[f"{name}_p95"]}
        assert found[name] == pytest.approx(ends)
    assert list(found["output_total_usd_per_mtok"]) == ["p5", "p50", "p95"]


def test_every_answer_has_its_median_in_its_interval(here) -> None:
    found = answered(here, "llama-3.1-70b", "--place", "Germany")
    intervals = {name: value for name, value in found.items() if isinstance(value, dict)}
    assert len(intervals) > 25
    for name, value in intervals.items():
        assert value["p5"] <= value["p50"] <= value["p95"], name


def test_json_says_what_was_assumed_once_with_grade_and_source(here) -> None:
    found = answered(here, *OPTIONS)
    names = [entry["name"] for entry in found["assumed"]]
    assert len(names) == len(set(names))
    assert not set(SETUP) & set(names)
    assert {"precision", "engine", "input_tokens", "utilisation", "tariff_usd_per_kwh"} <= set(names)
    for entry in found["assumed"]:
        assert entry["grade"] in {"A", "B", "C"}, entry
        assert entry["source"]
        assert entry["value"] is not None
    assert found["notes"] == []


def test_a_tariff_in_another_currency_is_exchanged(here) -> None:
    found = answered(here, *OPTIONS, "--tariff", "0.045 EUR/kWh")
    assert found["tariff_usd_per_kwh"] == pytest.approx(0.045 * mean_rate("EUR", "USD", "2025"))
    assert "tariff_usd_per_kwh" not in [entry["name"] for entry in found["assumed"]]
    assert refused(here, *OPTIONS, "--tariff", "0,05").endswith("is no price of electricity; write 0.05")


def test_a_place_brings_its_tariff_with_source_and_grade(here) -> None:
    found = answered(here, *OPTIONS, "--place", "guizhou")
    row = places().loc["Guizhou"]
    assert (found["place"], found["tariff_source"], found["tariff_grade"]) == (
        "Guizhou",
        row["source"],
        row["grade"],
    )
    assert found["tariff_usd_per_kwh"] == row["value"]
    assert row["source"] in here("estimate", *OPTIONS, "--place", "guizhou").stdout
    told = here("estimate", *OPTIONS, "--place", "guizhou", "--tariff", "0.1")
    assert "Electricity in" not in told.stdout, "a tariff that is told is of no place"
    near = refused(here, *OPTIONS, "--place", "Guizhu")
    assert near.startswith("--place: 'Guizhu' is not known; did you mean Guizhou or Guizhou hub?")


def test_a_place_brings_its_pue_and_the_premium_of_its_country(here) -> None:
    found = answered(here, *OPTIONS, "--place", "france")
    premium = places().loc["France", "capital_premium"]
    plain = answered(here, *OPTIONS)
    assert found["discount_rate"] == pytest.approx(plain["discount_rate"] + premium)
    assert found["discount_rate_source"] == places().loc["France", "capital_source"]
    assert answered(here, *OPTIONS, "--place", "sweden")["pue"] == places().loc["Sweden", "pue"]
    screen = here("estimate", *OPTIONS, "--place", "sweden").stdout
    assert "Sweden: PUE 1.1, grade B, source: gsf_cloud_regions" in screen
    told = answered(here, *OPTIONS, "--place", "sweden", "--pue", "1.3")
    assert (told["pue"], told["pue_source"]) == (1.3, None)


def test_a_rented_hour_replaces_what_its_price_covers(here) -> None:
    found = answered(here, *OPTIONS, "--gpu-hour-price", "2.5")
    frame = pd.DataFrame([SETUP])
    hours = analysis.token_cost(frame)["output_gpu_hours_per_mtok"].item()
    assert found["output_total_usd_per_mtok"]["p50"] == pytest.approx(2.5 * hours)
    assert found["output_network_usd_per_mtok"] == {"p5": None, "p50": None, "p95": None}
    less = refused(here, *OPTIONS, "--gpu-hour-price", "0.01", "--utilisation", "0.9")
    assert less == "--gpu-hour-price: 0.01: less than the electricity in it costs"
    shown = here("estimate", *OPTIONS, "--gpu-hour-price", "2.5").stdout
    assert "rest of the rent" in shown
    assert "network" not in shown


def test_a_closed_model_is_a_range_and_says_so(here) -> None:
    shown = here("estimate", "gpt-4o").stdout
    assert "not disclosed" in shown
    closed, open_ = (
        answered(here, name, "--gpu", "H100", "--engine", "vllm") for name in ("gpt-4o", "llama-3.1-405b")
    )
    widths = [
        found["energy_wh_per_request"]["p95"] / found["energy_wh_per_request"]["p5"]
        for found in (closed, open_)
    ]
    assert widths[0] > widths[1]
    assert closed["is_closed"] is True
    size = next(entry for entry in closed["assumed"] if entry["name"] == "params_active_b")
    assert size["low"] < size["value"] < size["high"]


def test_a_card_of_ones_own_needs_four_numbers(here) -> None:
    own = ("--gpu-tdp-w", "300", "--gpu-bandwidth", "900", "--gpu-peak", "150", "--gpu-memory", "32")
    found = answered(here, "--params-active", "8", *own, "--gpu", "mine")
    assert found["gpu_model"] == "mine"
    assert "--gpu-memory" in refused(here, "--params-active", "8", *own[:-2])


# files


def test_csv_is_the_table_of_the_package(here) -> None:
    shown = here("estimate", *OPTIONS, "--csv").stdout
    read = pd.read_csv(io.StringIO(shown))
    table = estimate(pd.DataFrame([SETUP])).table
    assert read.columns.tolist() == table.columns.tolist()
    for name in table.columns:
        expected = table[name].item()
        if isinstance(expected, float):
            assert read[name].item() == pytest.approx(expected, rel=1e-14, nan_ok=True), name


def test_the_commands_and_the_code_of_the_readme_are_true(here, tmp_path: Path) -> None:
    from analysis.inputs import paths

    text = (paths.project_root() / "README.md").read_text(encoding="utf-8")
    section = text[text.index("## Estimate the energy and cost") : text.index("How far is it off?")]
    (tmp_path / "setups.csv").write_text("model,gpu\nllama-3.1-8b,L4\n")
    blocks = [block.replace("\\\n", " ") for block in re.findall(r"```\n(.*?)```", section, re.DOTALL)]
    commands = [
        line.split() for block in blocks for line in block.splitlines() if "kwh2token estimate" in line
    ]
    assert len(commands) == 2
    for command in commands:
        assert here(*command[1:]).returncode == 0
    assert (tmp_path / "answers.csv").read_text().count("\n") == 2
    names: dict[str, object] = {}
    exec(re.search(r"```python\n(.*?)```", section, re.DOTALL)[1], names)
    assert len(names["found"].table) == 2
    assert set(re.findall(r"--[a-z][a-z-]+", section)) <= {*here_options()}


def here_options() -> set[str]:
    from analysis.cli.setups import OPTIONS as OF_SETUPS

    return {*OF_SETUPS.values(), "--boundary", "--file", "--out", "--json", "--csv"}
