"""Published figures of a request stand beside the estimate, at their own boundary."""

import pandas as pd
import pytest

from analysis.inputs import datasets
from analysis.model.predict import predict_energy
from analysis.tables.published_requests import deepseek_day_energy, published_requests


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return published_requests()


def test_the_figures_are_as_published(table: pd.DataFrame) -> None:
    assert table.loc["ChatGPT, average query, June 2025", "published_wh"] == 0.34
    assert table.loc["Gemini Apps, median text prompt, May 2025", "published_wh"] == 0.24
    # 2 x 100e9 x 500 operations at a tenth of 989 TFLOP/s; 1275 W x 0.7 x 1.2
    reckoned = 2 * 100e9 * 500 / (0.1 * 989e12) * 1275 * 0.7 * 1.2 / 3600
    assert table.loc["GPT-4o, a short question as Epoch AI reckons it", "published_wh"] == pytest.approx(
        reckoned, rel=1e-3
    )
    assert set(table["kind"]) == {"disclosure", "estimate"}


def test_the_estimate_is_that_of_the_model_told_what_was_published(table: pd.DataFrame) -> None:
    row = table.loc["GPT-4o, a long answer as Epoch AI reckons it"]
    told = pd.DataFrame([{"model": "GPT-4o", "gpu_model": "H100", "output_tokens": 1500.0}])
    alone = predict_energy(told, boundary="facility").iloc[0]
    assert row["estimate_wh"] == pytest.approx(alone["energy_wh_per_request_p50"])
    assert row["estimate_low_wh"] < row["estimate_wh"] < row["estimate_high_wh"]
    assert row["published_over_estimate"] == pytest.approx(row["published_wh"] / row["estimate_wh"])
    assert row["told"] == "GPT-4o, H100, output tokens 1500"


def test_within_says_whether_the_published_figure_lies_in_the_interval(table: pd.DataFrame) -> None:
    for _, row in table.iterrows():
        inside = row["estimate_low_wh"] <= row["published_wh"] <= row["estimate_high_wh"]
        assert row["within"] == inside


def test_each_row_stands_once_and_keeps_its_grade(table: pd.DataFrame) -> None:
    rows = datasets.load_table("published_requests").set_index("subject")
    assert list(table.index) == list(rows.index)
    assert list(table["grade"]) == list(rows["grade"])


def test_the_production_day_by_hand():
    day = deepseek_day_energy()
    bound = day.iloc[0]
    full = 226.75 * 10.2e3 * 24 * 3600 / 168e9
    assert bound[["low", "high"]].tolist() == pytest.approx([0.7 * full, full])
    assert [round(bound["low"], 2), round(bound["high"], 2)] == [0.83, 1.19]
    assert day["overlaps"].iloc[-1], "told what the disclosure implies"
    assert (day["low"] < day["high"]).all()
