"""The screen of an estimate: what stands on it, how numbers are rounded, how wide it is."""

import io

import pandas as pd
import pytest
from rich.console import Console

from analysis.cli.estimate_screen import interval, rounded, screen, stated
from analysis.tables.estimate import estimate

SETUP = {"model": "deepseek-v3", "gpu_model": "H200", "engine": "vllm", "input_tokens": 2000.0}


def shown(notes: tuple[str, ...] = (), width: int = 100, **setup: object) -> str:
    with io.StringIO() as file:
        console = Console(width=width, highlight=False, markup=False, file=file)
        for part in screen(estimate(pd.DataFrame([SETUP | setup])), list(notes)):
            console.print(part)
        return file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 110])
def test_it_fits_the_terminal(width: int) -> None:
    text = shown(width=width, place="Germany", cached_share=0.5)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text, "nothing is cut off"


def test_it_tells_energy_money_and_a_request() -> None:
    setup = pd.DataFrame([SETUP])
    row, lines = estimate(setup).table.iloc[0], shown().splitlines()
    assert lines[0].startswith("deepseek-ai/DeepSeek-V3: 671 billion parameters, 37 billion of them active")

    def line(label: str) -> str:
        return next(text for text in lines if text.strip().startswith(label))

    assert rounded(row["energy_j_per_input_token_p50"]) in line("J/token")
    assert rounded(row["output_kwh_per_mtok_p50"]) in line("kWh/Mtok")
    assert rounded(row["output_total_usd_per_mtok"]) in line("USD/Mtok")
    for part in ("electricity", "hardware", "network", "facility", "other"):
        assert rounded(row[f"output_{part}_usd_per_mtok"]) in line(f"{part} ")
    assert rounded(row["energy_wh_per_request_p50"]) in line("A request: ")
    assert rounded(100 * row["input_electricity_share"]) in line("its share")
    assert "Grades: model A, card B, tariff B, price of the card C, energy C (predicted)" in lines


def test_what_was_assumed_stands_there_once_by_its_option() -> None:
    text = shown()
    for name in ("--load", "--output-tokens", "--utilisation", "--tariff", "price of the card"):
        assert sum(line.strip().startswith(name) for line in text.splitlines()) == 1
    for name in ("--engine", "--gpu ", "--input-tokens", "--precision"):
        assert not any(line.strip().startswith(name) for line in text.splitlines())
    assert "balanced" in text


def test_notes_come_last() -> None:
    assert shown(notes=("the ice is thin",)).rstrip().endswith("note: the ice is thin")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0456, "0.046"), (0.1456, "0.146"), (9.96, "10.0"), (99.6, "100"), (999.6, "1,000"), (-0.12, "-0.120"),
     (123456.0, "123,000"), (987654.0, "990,000"), (float("inf"), "-"), (1.0, "1.00")],
)  # fmt: skip
def test_numbers_have_two_digits_or_three_after_a_leading_one(value: float, text: str) -> None:
    assert rounded(value) == text


def test_what_was_told_keeps_its_digits() -> None:
    assert [stated(value) for value in (1.0, 16.0, 0.08607, 26_176.3, 0.0)] == [
        "1",
        "16",
        "0.08607",
        "26,176",
        "0",
    ]


def test_an_interval_of_no_width_is_a_number() -> None:
    assert interval(0.5, 0.5, 0.5) == "0.50"
    assert interval(float("nan"), float("nan"), float("nan")) == "-"
    assert interval(0.0, 0.01, 0.05) == "0.0100 (0-0.050)"
