"""What the data hold: values as published, and those that follow from others."""

import numpy as np
import pytest

from analysis.inputs import datasets


def test_everything_loads() -> None:
    prices = datasets.load_prices()
    assert prices.index.is_unique
    assert set(prices["region"]) == {"US", "Europe", "China"}
    assert (datasets.load_flagships()["input_usd_per_mtok"] > 0).all()
    assert datasets.load_build_ups()["hub"].sum() == 4


@pytest.mark.parametrize(
    ("row_id", "value"),
    [  # as published
        ("us-avg-ind-2024", 0.0813),
        ("us-virginia-ind-2024", 0.0899),
        ("us-texas-ind-2024", 0.0612),
        ("us-ohio-ind-2024", 0.0710),
        ("us-oregon-ind-2024", 0.0805),
        ("eu-eu27-ie-xtax-2025-s1", 0.1200),
        ("eu-eu27-ig-xtax-2025-s1", 0.1022),
        ("eu-de-ie-xtax-2025-s1", 0.1346),
        ("eu-ie-ie-xtax-2025-s1", 0.2109),
        ("eu-nl-ig-xtax-2025-s1", 0.0865),
        ("eu-se-ig-xtax-2025-s1", 0.0561),
    ],
)
def test_published_values(row_id: str, value: float) -> None:
    assert datasets.load_prices().loc[row_id, "value"] == value


def test_the_official_split_adds_up() -> None:
    prices = datasets.load_prices()
    parts = [f"cn-hubei-{part}-2026-01" for part in ("energy", "loss", "t-and-d-110kv", "system", "funds")]
    assert prices.loc[parts, "value"].sum() == pytest.approx(
        prices.loc["cn-hubei-rate-110kv-2026-01", "value"]
    )


def test_catalogue_prices_on_the_eve_of_the_article() -> None:
    models = datasets.load_flagships()
    columns = ["input_usd_per_mtok", "output_usd_per_mtok"]
    assert models.loc["opus-4-6", columns].tolist() == [5, 25]
    assert models.loc["gpt-4o", columns].tolist() == [2.5, 10]
    assert models.loc["minimax-m2-5", columns].tolist() == [0.3, 1.2]
    assert models.loc["deepseek-v3-2", columns].tolist() == [0.28, 0.42]


@pytest.fixture(scope="module")
def own():
    return datasets.load_energy_assumptions()


def test_quantiles_of_assumptions_are_those_of_the_tables(own):
    cards = datasets.load_model_cards().dropna(subset=["params_total_b"])
    ratio = cards["params_total_b"] / cards["params_active_b"]
    entry = own.loc["params_total_over_active"]
    assert [entry["low"], entry["value"], entry["high"]] == pytest.approx(
        [ratio.min(), ratio.median(), ratio.quantile(0.95)], rel=0.01
    )
    mixtures = cards[cards["params_active_b"] < cards["params_total_b"]].dropna(subset=["n_experts"])
    total, active = mixtures["params_total_b"], mixtures["params_active_b"]
    routed = (total - active) / (1 - mixtures["experts_per_token"] / mixtures["n_experts"])
    entry = own.loc["shared_share"]
    assert [entry["low"], entry["value"], entry["high"]] == pytest.approx(
        ((total - routed) / active).quantile([0.05, 0.5, 0.95]).tolist(), abs=0.01
    )


def test_assumed_lengths_are_rows_of_the_workloads(own):
    lengths = datasets.load_workloads()
    entry = own.loc["input_tokens"]
    assert entry["value"] == entry["low"] == lengths.loc["chat", "input_tokens"]
    assert entry["high"] == lengths.loc["openrouter-2025", "input_tokens"]
    entry = own.loc["output_tokens"]
    assert [entry["low"], entry["value"], entry["high"]] == list(
        lengths.loc[["code", "openrouter-2025", "gpqa"], "output_tokens"]
    )


def test_links_follow_from_their_sources(own):
    host, hopper = own.loc["host_power_share"], datasets.load_machines().loc["hgx-hopper"]
    assert host["high"] == pytest.approx(10.2 / (8 * 0.7) - 1, abs=0.005)
    for end in ("low", "value", "high"):
        assert host[end] == pytest.approx(hopper[f"{end}_w"] / 700.0, abs=0.001)
    idle = own.loc["idle_overhead"]
    assert idle["value"] == pytest.approx((0.58 + 0.25 + 0.10) / (0.58 + 0.25), abs=0.005)
    assert idle["high"] == pytest.approx(1 + 3 * (idle["value"] - 1))


def test_mean_outputs_are_those_of_the_rows():
    rows, lengths = datasets.load_energy_measured(), datasets.load_workloads()
    for workload in ("chat", "legacy-chat"):
        mean = rows.loc[rows["workload"] == workload, "output_tokens"].mean()
        assert lengths.loc[workload, "output_tokens"] == pytest.approx(mean, rel=0.1)


def test_every_measured_row_has_its_gpu_precision_and_workload():
    rows = datasets.load_energy_measured()
    assert set(rows["gpu_model"]) <= set(datasets.load_gpu_specs().index)
    known = datasets.load_precisions()
    names = {*known.index, *";".join(known["aliases"].dropna()).split(";")}
    assert set(rows["precision"]) <= names
    assert set(rows["workload"].dropna()) <= set(datasets.load_workloads().index)


def test_power_of_measured_rows_is_below_the_rated_one():
    rows, gpus = datasets.load_energy_measured(), datasets.load_gpu_specs()
    rated = rows["gpu_model"].map(gpus["tdp_w"]) * rows["gpu_count"]
    told = rows["gpu_power_w"].notna()
    assert told.sum() > 850
    assert (rows["gpu_power_w"] < 1.05 * rated)[told].all()


def test_each_stand_in_for_the_unknown_is_there_once():
    for table in (datasets.load_gpu_specs(), datasets.load_precisions()):
        assert sorted(table["if_unknown"].dropna()) == ["high", "low", "value"]


def test_cache_sizes_follow_from_the_shapes_in_the_fixture_of_llama():
    card = datasets.load_model_cards().loc["meta-llama/Llama-3.1-8B-Instruct"]
    assert card["kv_bytes_per_token_bf16"] == 2 * 32 * 8 * 128 * 2, (
        "keys and values, 32 layers, 8 heads of 128"
    )


def test_ecologits_answers_follow_its_published_formula():
    answers, rows = datasets.load_ecologits(), datasets.load_energy_measured()
    row = rows.loc["mle3-lm-arena-chat-000"]
    one_gpu_wh = 1.1665e-6 * np.exp(-0.011206 * 64) * row["params_active_b"] + 4.0529e-5
    assert answers.loc[row["id"], "energy_j_per_output_token"] == pytest.approx(one_gpu_wh * 3600, rel=1e-3)
    assert set(answers.index) == set(rows.index[rows["source"] == "mlenergy_v3"])
