"""Accelerators, number formats and machines: published values by hand, and what must hold of every row."""

import pandas as pd
import pytest

from analysis.inputs import datasets

GPUS = datasets.load_gpu_specs()
PRECISIONS = datasets.load_precisions()
MACHINES = datasets.load_machines()
NUMBERS = ["tdp_w", "memory_gb", "bandwidth_gb_s", "peak_16bit_tflops", "interconnect_gb_s"]


@pytest.mark.parametrize(
    ("card", "published"),
    [  # rated power, memory, bandwidth, dense 16-bit peak, link, as the makers print them
        ("A100", [400, 80, 2039, 312, 600]),
        ("A100-PCIe", [300, 80, 1935, 312, 64]),
        ("A100-PCIe-40GB", [250, 40, 1555, 312, 64]),
        ("A30", [165, 24, 933, 165, 64]),
        ("L4", [72, 24, 300, 121, 64]),
        ("L40S", [350, 48, 864, 362, 64]),
        ("T4", [70, 16, 320, 65, 32]),
        ("V100-16GB", [300, 16, 900, 125, 300]),
        ("H100", [700, 80, 3350, 989, 900]),
        ("H100-PCIe", [350, 80, 2000, 756.5, 128]),
        ("H200", [700, 141, 4800, 989, 900]),
        ("H200-NVL", [600, 141, 4800, 835.5, 900]),
        ("RTX-4090", [450, 24, 1008, 165.2, 64]),
        ("TPU-v6e", [380, 32, 1638, 918, 800]),
        ("Trainium-2", [500, 96, 2900, 667, 1280]),
        ("Gaudi-3", [900, 128, 3670, 1835, 1200]),
    ],
)
def test_cards_are_as_published(card: str, published: list[float]) -> None:
    assert GPUS.loc[card, NUMBERS].to_list() == published


def test_a_card_multiplies_more_often_than_it_reads() -> None:
    """The 16-bit peak over bandwidth lies between a card without matrix units and the densest one."""
    operations_per_byte = GPUS["peak_16bit_tflops"] * 1e3 / GPUS["bandwidth_gb_s"]
    apple = GPUS["generation"] == "Apple M"
    assert operations_per_byte[~apple].between(30, 600).all(), operations_per_byte[~apple].describe()
    assert operations_per_byte[apple].between(20, 60).all()


def test_fewer_bits_are_never_slower_and_at_most_twice_as_fast() -> None:
    fp8 = (GPUS["peak_fp8_tflops"] / GPUS["peak_16bit_tflops"]).dropna()
    assert fp8.between(1.0, 2.05).all()
    fp4 = (GPUS["peak_fp4_tflops"] / GPUS["peak_fp8_tflops"]).dropna()
    assert fp4.between(2.0, 4.1).all()


def test_only_cards_that_have_the_units_have_the_peak() -> None:
    without = ["Volta", "Turing", "Ampere", "Ampere RTX", "Apple M", "Ascend", "RDNA 3"]
    assert GPUS.loc[GPUS["generation"].isin(without), "peak_fp8_tflops"].isna().all()
    four_bits = GPUS.loc[GPUS["peak_fp4_tflops"].notna(), "generation"]
    assert set(four_bits) == {"Blackwell", "Blackwell RTX", "CDNA 4"}


def test_memory_is_read_within_a_blink_and_a_link_is_slower_than_memory() -> None:
    assert (GPUS["memory_gb"] / GPUS["bandwidth_gb_s"]).between(0.008, 0.7).all()
    assert (GPUS["interconnect_gb_s"] < GPUS["bandwidth_gb_s"]).all()


def test_modules_are_linked_faster_than_cards_in_slots() -> None:
    link = GPUS["interconnect_gb_s"]
    assert (link[GPUS["machine"].isin(["hgx-hopper", "hgx-blackwell", "rack-scale"])] >= 400).all()
    assert set(link[GPUS["machine"].isin(["workstation", "inference-server"])]) <= {32, 64, 128}


def test_what_is_uncertain_says_why() -> None:
    for table in (GPUS, MACHINES):
        assert table.loc[table["grade"] == "C", "note"].notna().all()


def test_every_class_of_machine_has_a_card_and_a_host_below_its_cards() -> None:
    assert set(GPUS["machine"]) == set(MACHINES.index)
    host = GPUS["machine"].map(MACHINES["value_w"]) / GPUS["tdp_w"]
    assert host.between(0.1, 1.5).all(), host.describe()


def test_hosts_follow_from_what_was_measured() -> None:
    runs = [  # tokens a second, joules a token at the wall, limit of each of eight cards [W]
        (25262.1, 0.243566, 500),
        (23113.1, 0.271717, 500),
        (48987.9, 0.125639, 500),
        (45497.0, 0.135721, 500),
        (13096.6, 0.364619, 350),
        (11700.8, 0.403610, 350),
    ]
    beside = pd.Series([(speed * energy - 8 * limit) / 8 for speed, energy, limit in runs])
    greatest = (10.2e3 - 5.6e3) / 8
    hopper = [beside.median(), beside.min(), greatest]
    ends = ["value_w", "low_w", "high_w"]
    assert MACHINES.loc["hgx-hopper", ends].to_list() == pytest.approx(hopper, abs=1.5)
    value, low, _ = (watts / greatest for watts in hopper)
    b200, b300, a100 = (1e3 * (14.3 - 8.0) / 8, 1e3 * (14.5 - 8.8) / 8, 1e3 * (6.5 - 3.2) / 8)
    blackwell = [(b200 + b300) / 2 * value, b300 * low, b200]
    assert MACHINES.loc["hgx-blackwell", ends].to_list() == pytest.approx(blackwell, abs=1)
    assert MACHINES.loc["hgx-ampere", ["value_w", "high_w"]].to_list() == pytest.approx(
        [a100 * value, a100], abs=1
    )
    rack = 145e3 / 72 - 1200
    assert MACHINES.loc["rack-scale", ["value_w", "high_w"]].to_list() == pytest.approx(
        [rack * value, rack], abs=1
    )


def test_hosts_of_cards_in_slots_follow_from_nodes_with_two() -> None:
    beside = pd.Series([463, 463, 464, 509, 516, 561, 580, 588, 590])  # W, nine runs on two cards
    assert MACHINES.loc["pcie-server", ["value_w", "high_w"]].to_list() == [
        beside.median() / 2,
        beside.max() / 2,
    ]
    assert MACHINES.loc["inference-server", "value_w"] == pytest.approx(beside.median() / 8, abs=0.5)


def test_the_power_of_the_910c_follows_from_its_system() -> None:
    system_over_rated = 145e3 / 72 / 1200
    assert GPUS.loc["Ascend-910C", "tdp_w"] == pytest.approx(559e3 / 384 / system_over_rated, abs=1)


@pytest.mark.parametrize(
    ("precision", "bits", "bits_of_scales", "values"),
    [
        ("mxfp8", 8, 8, 32),
        ("mxfp4", 4, 8, 32),
        ("fp4", 4, 8, 16),
        ("nf4", 4, 32, 64),
        ("q4_0", 4, 16, 32),
        ("q4_1", 4, 32, 32),
        ("q5_0", 5, 16, 32),
        ("q5_1", 5, 32, 32),
        ("q8_0", 8, 16, 32),
    ],
)
def test_bytes_of_a_weight_follow_from_the_format(
    precision: str, bits: int, bits_of_scales: int, values: int
) -> None:
    by_hand = (bits + bits_of_scales / values) / 8
    assert PRECISIONS.loc[precision, "bytes_per_weight"] == pytest.approx(by_hand, rel=1e-3)


def test_formats_of_llama_cpp_are_as_its_tool_prints_them() -> None:
    bits = PRECISIONS["bytes_per_weight"] * 8
    printed = {"q2_k": 3.1593, "q4_k_m": 4.8944, "q5_k_m": 5.7036, "q6_k": 6.5633, "iq4_xs": 4.4597}
    assert bits[list(printed)].to_dict() == pytest.approx(printed, abs=1e-4)
    order = ["q2_k", "q3_k_s", "q3_k_m", "q3_k_l", "q4_k_s", "q4_k_m", "q5_k_s", "q5_k_m", "q6_k", "q8_0"]
    assert bits[order].is_monotonic_increasing
    assert set(PRECISIONS.loc[[*printed, *order], "peak"]) == {"16bit"}


def test_no_name_of_a_format_hides_more_bits_than_it_says() -> None:
    said = PRECISIONS.index.to_series().str.extract(r"(\d+)")[0].astype(float)
    bits = PRECISIONS["bytes_per_weight"] * 8
    assert ((bits >= said) & (bits < said + 2)).all(), (bits - said).describe()
