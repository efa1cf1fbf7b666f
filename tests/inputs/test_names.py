"""Names: which spellings are one, what is suggested, and what the message says."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inputs import datasets, names
from analysis.inputs.errors import ParameterError

TABLES = {
    "gpu_specs": datasets.load_gpu_specs,
    "precisions": datasets.load_precisions,
    "engines": datasets.load_engines,
}


def known(table: str) -> dict[str, str]:
    rows = TABLES[table]()
    return names.known_names(rows.index, rows["aliases"])


@pytest.mark.parametrize("table", TABLES)
def test_every_name_and_alias_stands_for_one_row_alone(table: str) -> None:
    rows = TABLES[table]()
    seen: dict[str, str] = {}
    for key, cell in zip(rows.index, rows["aliases"], strict=True):
        for name in {names.plain(name) for name in (key, *(str(cell).split(";") if cell == cell else ()))}:
            assert name, key
            assert seen.setdefault(name, key) == key, name


@pytest.mark.parametrize(
    ("printed", "card"),
    [  # as the drivers print them
        ("NVIDIA A100-SXM4-80GB", "A100"),
        ("NVIDIA A100-SXM4-40GB", "A100-40GB"),
        ("NVIDIA A100 80GB PCIe", "A100-PCIe"),
        ("A100-PCIE-40GB", "A100-PCIe-40GB"),
        ("NVIDIA A100-PCIE-40GB", "A100-PCIe-40GB"),
        ("NVIDIA A800 80GB PCIe", "A800-PCIe"),
        ("NVIDIA A800-SXM4-80GB", "A800"),
        ("Tesla V100-SXM2-16GB", "V100-16GB"),
        ("Tesla V100-SXM2-32GB", "V100"),
        ("Tesla V100-PCIE-32GB", "V100-PCIe"),
        ("Tesla T4", "T4"),
        ("NVIDIA L4", "L4"),
        ("NVIDIA L40S", "L40S"),
        ("NVIDIA A10", "A10"),
        ("NVIDIA A10G", "A10G"),
        ("NVIDIA A30", "A30"),
        ("NVIDIA A40", "A40"),
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA H100 PCIe", "H100-PCIe"),
        ("NVIDIA H100 NVL", "H100-NVL-94GB"),
        ("NVIDIA H200", "H200"),
        ("NVIDIA H200 NVL", "H200-NVL"),
        ("NVIDIA H20", "H20"),
        ("NVIDIA H800", "H800"),
        ("NVIDIA B200", "B200"),
        ("NVIDIA B300 SXM6 AC", "B300"),
        ("NVIDIA GB200", "GB200"),
        ("NVIDIA GB300", "GB300"),
        ("NVIDIA GB10", "GB10"),
        ("NVIDIA GeForce RTX 3090", "RTX-3090"),
        ("NVIDIA GeForce RTX 4090", "RTX-4090"),
        ("NVIDIA GeForce RTX 4090 D", "RTX-4090D"),
        ("NVIDIA GeForce RTX 5090", "RTX-5090"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "RTX-PRO-6000"),
        ("AMD Instinct MI300X", "MI300X"),
        ("AMD Instinct MI355X", "MI355X"),
        ("AMD_Instinct_MI300X_VF", "MI300X"),
        ("Ascend910B2", "Ascend-910B"),
        ("HL-325L", "Gaudi-3"),
        ("TPU v5 lite", "TPU-v5e"),
        ("trn2.48xlarge", "Trainium-2"),
        ("Apple M2 Ultra", "M2-Ultra"),
    ],
)
def test_cards_are_known_by_the_names_that_are_printed(printed: str, card: str) -> None:
    assert names.find(printed, known("gpu_specs")) == card
    assert names.find(printed.upper().replace(" ", "_"), known("gpu_specs")) == card


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("FP16", "bf16"),
        ("fp8_e4m3fn", "fp8"),
        ("e4m3", "fp8"),
        ("e5m2", "fp8"),
        ("W8A8", "int8"),
        ("LLM.int8()", "llm-int8"),
        ("bnb_4bit", "nf4"),
        ("NF4", "nf4"),
        ("NVFP4", "fp4"),
        ("MXFP4", "mxfp4"),
        ("AWQ", "int4"),
        ("w4a8", "w4a8"),
        ("Q4_K_M", "q4_k_m"),
        ("q8_0", "q8_0"),
        ("q4_0", "q4_0"),
        ("Q6_K", "q6_k"),
    ],
)
def test_precisions_are_known_by_the_names_in_use(written: str, precision: str) -> None:
    assert names.find(written, known("precisions")) == precision


@pytest.mark.parametrize(
    ("written", "engine"),
    [
        ("hf", "naive"),
        ("Transformers", "naive"),
        ("llama.cpp", "llama.cpp"),
        ("ollama", "llama.cpp"),
        ("TGI", "early"),
        ("vLLM 0.4", "early"),
        ("vllm", "current"),
        ("SGLang", "current"),
        ("TensorRT-LLM", "current"),
    ],
)
def test_engines_are_known_by_their_programs(written: str, engine: str) -> None:
    assert names.find(written, known("engines")) == engine


@pytest.mark.parametrize(
    ("table", "name", "told"),
    [
        ("gpu_specs", "H20O", "did you mean H20 or H200?"),
        ("gpu_specs", "RTX 4060", "did you mean RTX-"),
        ("gpu_specs", "A100/V100", "did you mean A100, V100"),
        ("gpu_specs", "Foo 9000", "known are A100, A100-40GB"),
        ("precisions", "q4_9", "did you mean q4_"),
        ("precisions", "fp6", "did you mean "),
        ("engines", "vlllm", "did you mean current"),
        ("engines", "onnx", "known are naive, llama.cpp, early, current"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(table: str, name: str, told: str) -> None:
    with pytest.raises(ParameterError) as caught:
        names.find_or_raise(name, known(table), "--option")
    assert str(caught.value).startswith(f"--option: {name!r} is not known; {told}")


def test_versions_and_models_that_differ_stay_apart() -> None:
    assert names.plain("Llama-3.1-8B") != names.plain("Llama-31-8B")
    assert names.plain("Command-R+") != names.plain("Command-R")
    assert names.plain("DeepSeek-V3.1") != names.plain("DeepSeek-V3")


@given(st.sampled_from(sorted(known("gpu_specs"))), st.sampled_from(("NVIDIA ", "amd-", "")), st.booleans())
def test_case_blanks_and_makers_never_matter(name: str, maker: str, shout: bool) -> None:
    spelled = maker + (name.upper() if shout else name)
    assert names.find(f"  {spelled} ", known("gpu_specs")) == known("gpu_specs")[name]


@given(st.text(max_size=3000))
def test_any_text_is_found_or_told_briefly(text: str) -> None:
    cards = known("gpu_specs")
    found = names.find(text, cards)
    assert found is None or found in set(cards.values())
    assert len(names.suggestions(text, cards)) <= names.MOST_SUGGESTED
    assert len(str(names.unknown_name("row 1, column gpu_model", text, cards))) <= 500


@given(st.text())
def test_a_plain_name_is_plain(text: str) -> None:
    assert names.plain(names.plain(text)) == names.plain(text)


def test_places_are_those_of_the_table_and_gaps_stay_gaps() -> None:
    table = datasets.load_gpu_specs()
    entries = ["nvidia h100", None, float("nan"), "  ", pd.NA, "Tesla T4"]
    found = names.places(pd.Series(entries, name="gpu_model"), table)
    assert [table.index[place] if place >= 0 else None for place in found] == ["H100", *[None] * 4, "T4"]
    assert list(names.places(pd.Series([1.0, float("nan")]).loc[1:], table)) == [-1]
    assert len(names.places(pd.Series([], dtype=object), table)) == 0


def test_categories_are_names_too() -> None:
    table = datasets.load_gpu_specs()
    column = pd.Series(["H100", None, "h200"], dtype="category")
    assert list(table.index[names.places(column, table)[[0, 2]]]) == ["H100", "H200"]


def test_the_first_row_that_is_wrong_is_named() -> None:
    column = pd.Series(["H100", "H20O", "CPU"], index=["a", "b", "c"], name="gpu_model")
    with pytest.raises(
        ParameterError, match="row b, column gpu_model: 'H20O' is not known; did you mean H20"
    ):
        names.places(column, datasets.load_gpu_specs())
    with pytest.raises(ParameterError, match="row 0, column gpu_model: 9000 is not known"):
        names.places(pd.Series([9000], name="gpu_model"), datasets.load_gpu_specs())
