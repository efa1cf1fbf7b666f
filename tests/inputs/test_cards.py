"""Models by name: one card a name, shapes as published configurations have them, closed ones as ranges."""

import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inputs import datasets, names
from analysis.inputs.cards import Card, card_names, card_of, cards_of
from analysis.inputs.errors import ParameterError

OPEN, CLOSED = datasets.load_model_cards(), datasets.load_table("closed_models")
WRITTEN = {
    name: model
    for table in (OPEN, CLOSED)
    for model, cell in table["aliases"].items()
    for name in (model, *(cell.split(";") if isinstance(cell, str) else ()))
}
"""Every name and alias, and the card that it belongs to."""


def test_every_name_and_alias_finds_its_own_card():
    assert {name: card_of(name).model for name in WRITTEN} == WRITTEN
    listed = sum(len(cell.split(";")) for cell in pd.concat([OPEN, CLOSED])["aliases"].dropna())
    assert listed == len(WRITTEN) - len(OPEN) - len(CLOSED), "no alias stands on two cards"


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("DeepSeek V3", "deepseek-ai/DeepSeek-V3"),
        ("deepseek_v3", "deepseek-ai/DeepSeek-V3"),
        ("unsloth/Qwen2.5-7B-Instruct", "Qwen/Qwen2.5-7B-Instruct"),
        ("hf:zai-org/GLM-4.6", "zai-org/GLM-4.6"),
        ("Meta Llama 3.1 8B Instruct", "meta-llama/Meta-Llama-3.1-8B-Instruct"),
        ("llama-3.1-70b", "meta-llama/Llama-3.1-70B-Instruct"),
        ("qwen3-235b", "Qwen/Qwen3-235B-A22B"),
        ("kimi-k2", "moonshotai/Kimi-K2-Instruct"),
        ("minimax-m2", "MiniMaxAI/MiniMax-M2"),
        ("claude-opus-4-5", "Claude Opus 4.5"),
        ("llama2-70b", "meta-llama/Llama-2-70b-chat-hf"),
        ("r1", "deepseek-ai/DeepSeek-R1"),
        ("DeepSeek-V3/R1", "DeepSeek-V3/R1"),
    ],
)
def test_names_as_people_write_them(name, model):
    assert card_of(name).model == model


@given(
    name=st.sampled_from(sorted(WRITTEN)),
    seed=st.randoms(use_true_random=False),
    sign=st.sampled_from(["-", "_", " ", " - ", "--"]),
)
def test_case_and_punctuation_change_nothing(name, seed, sign):
    changed = "".join(seed.choice((letter.upper(), letter.lower())) for letter in name)
    changed = "".join(sign if letter in "-_ " else letter for letter in changed)
    assert card_of(f" {changed}  ").model == WRITTEN[name]


@given(st.sampled_from(sorted(name for name in WRITTEN if "/" in name and WRITTEN[name] in OPEN.index)))
def test_the_owner_of_a_model_may_be_left_out_or_another(name):
    shape = ["layers", "kv_bytes_per_token_bf16", "params_total_b", "attention"]
    of = [card_of(written)._asdict() for written in (name, f"somebody/{name.rpartition('/')[2]}")]
    if name != "DeepSeek-V3/R1":  # two names in one
        assert of[0]["model"] == of[1]["model"]
    assert pd.Series(of[0])[shape].equals(pd.Series(of[1])[shape])


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("opt-1.3b", "facebook/opt-1.3b"),
        ("opt-13b", "facebook/opt-13b"),
        ("gpt-4-1", "GPT-4.1"),
        ("qwen2-5-14b", "Qwen/Qwen2.5-14B"),
        ("llama-3-1-70b", "meta-llama/Llama-3.1-70B-Instruct"),
        ("llama-2.7b", None),
        ("pythia-1.2b", None),
        ("somebody/opt-6.6b", None),
    ],
)
def test_a_point_may_be_left_out_but_not_overlooked(name, model):
    if model is None:
        with pytest.raises(ParameterError, match="is not known"):
            card_of(name)
    else:
        assert card_of(name).model == model


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("deepsek-v3", "did you mean deepseek-ai/DeepSeek-V3"),
        ("gpt-9", "did you mean GPT-"),
        ("llama-3.1-71b", "meta-llama/Llama-3.1-70B-Instruct"),
        ("?", "known are"),
        ("", "known are"),
        ("x" * 10_000, "known are"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, near):
    with pytest.raises(ParameterError, match=r"^model: .*is not known") as refused:
        card_of(name)
    assert near in str(refused.value)
    assert len(str(refused.value)) <= 500


def test_a_name_that_two_cards_share_is_refused(data_copy):
    path = data_copy / "model_cards.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[table["model"].isin(["zai-org/GLM-4.5", "zai-org/GLM-4.6"]), "aliases"] = "glm-4"
    table.to_csv(path, index=False)
    with pytest.raises(ParameterError, match=r"'glm-4' may mean zai-org/GLM-4\.5 or zai-org/GLM-4\.6"):
        card_of("glm-4", data_copy)
    assert card_of("glm-4.6", data_copy).model == "zai-org/GLM-4.6"


@pytest.mark.parametrize(
    ("model", "layers", "kv_bytes"),
    [
        ("llama-3.1-8b", 32, 2 * 32 * 8 * 128 * 2),
        ("llama-3.1-405b", 126, 2 * 126 * 8 * 128 * 2),
        ("LLaMA-65B", 80, 2 * 80 * 64 * 128 * 2),
        ("qwen3-235b", 94, 2 * 94 * 4 * 128 * 2),
        ("qwen2.5-1.5b", 28, 2 * 28 * 2 * 128 * 2),
        ("mixtral-8x7b", 32, 2 * 32 * 8 * 128 * 2),
        ("pythia-6.9b", 32, 2 * 32 * 32 * 128 * 2),
        ("tinyllama", 22, 2 * 22 * 4 * 64 * 2),
        ("mistral-small-2409", 56, 2 * 56 * 8 * 128 * 2),
        ("glm-4.5-air", 46, 2 * 46 * 8 * 128 * 2),
        ("deepseek-r1", 61, 61 * (512 + 64) * 2),
        ("glm-5", 78, 78 * (512 + 64) * 2),
        ("gemma-3-27b", 62, 2 * 62 * 16 * 128 * 2),
        ("gpt-oss-20b", 24, 2 * 24 * 8 * 64 * 2),
        ("qwen3.5-397b", 60, 2 * 15 * 2 * 256 * 2),
        ("nemotron-h-56b", 118, 2 * 10 * 8 * 128 * 2),
        ("falcon-h1-7b", 44, 2 * 44 * 2 * 128 * 2),
    ],
)
def test_the_cache_follows_from_layers_heads_and_their_width(model, layers, kv_bytes):
    card = card_of(model)
    assert (card.layers, card.kv_bytes_per_token_bf16) == (layers, kv_bytes)


@pytest.mark.parametrize(
    ("model", "window", "part"),
    [
        ("gemma-2-9b", 4096, 2 * 21 * 8 * 256 * 2),  # every second of 42 layers
        ("gemma-3-27b", 1024, 2 * 52 * 16 * 128 * 2),  # 52 of 62 layers
        ("gpt-oss-120b", 128, 2 * 18 * 8 * 64 * 2),  # every second of 36 layers
        ("mimo-v2-flash", 128, 39 * 8 * (192 + 128) * 2),
        ("phi-3-mini", 2047, 2 * 32 * 32 * 96 * 2),  # all layers
    ],
)
def test_layers_with_a_window_are_told_apart(model, window, part):
    card = card_of(model)
    assert (card.attention, card.kv_window_tokens, card.kv_window_bytes_per_token) == (
        "sliding",
        window,
        part,
    )


def test_the_cache_of_deepseek_v4_by_hand():
    card = card_of("deepseek-v4-pro")
    tokens, kept = 8192, card.kv_window_bytes_per_token * 128
    cache = (card.kv_bytes_per_token_bf16 - card.kv_window_bytes_per_token) * tokens + kept
    vector = 512 * 2
    every_4, every_128 = 30 * (vector + 128 / 2) * tokens / 4, 31 * vector * tokens / 128
    assert cache == 61 * vector * 128 + every_4 + every_128
    assert card.attention == "latent"


@pytest.mark.parametrize(
    ("model", "state"),
    [
        # Mamba-2: heads x width x state in 32 bits, 3 inputs of the convolution in 16 bits
        ("nemotron-3-super", 40 * (128 * 64 * 128 * 4 + (128 * 64 + 2 * 8 * 128) * 3 * 2)),
        ("nemotron-nano-9b-v2", 27 * (128 * 80 * 128 * 4 + (128 * 80 + 2 * 8 * 128) * 3 * 2)),
        ("falcon-h1-34b", 72 * (32 * 128 * 256 * 4 + (32 * 128 + 2 * 256) * 3 * 2)),
        ("granite-4.0-h-small", 36 * (8192 * 128 * 4 + (8192 + 2 * 128) * 3 * 2)),
        ("jamba-large", 63 * (16384 * 16 * 4 + 16384 * 3 * 2)),
        ("jamba-v0.1", 28 * (8192 * 16 * 4 + 8192 * 3 * 2)),
        # gated delta rule: heads x key x value in 32 bits
        ("qwen3-next", 36 * (32 * 128 * 128 * 4 + (2 * 16 * 128 + 32 * 128) * 3 * 2)),
        ("qwen3.6-27b", 48 * (48 * 128 * 128 * 4 + (2 * 16 * 128 + 48 * 128) * 3 * 2)),
        ("minimax-01", 70 * 64 * 128 * 128 * 4),
    ],
)
def test_the_state_of_hybrids_by_hand(model, state):
    assert card_of(model).state_bytes_per_request == state


def test_the_state_of_a_hybrid_is_the_one_that_llama_cpp_allocates():
    allocated_mib, copies = 748.125, 5  # of a model of this shape, in 32 bits throughout
    assert card_of("qwen3.6-27b").state_bytes_per_request == pytest.approx(
        allocated_mib * 2**20 / copies, rel=0.02
    )


def test_hybrids_with_a_known_shape_have_a_state_and_others_have_none_but_compressors():
    shaped = OPEN.dropna(subset=["layers"])
    stateful = shaped["state_bytes_per_request"].notna()
    assert set(shaped.index[stateful & (shaped["architecture"] != "hybrid")]) == {
        "deepseek-ai/DeepSeek-V4-Flash",
        "deepseek-ai/DeepSeek-V4-Pro",
    }
    assert stateful[shaped["architecture"] == "hybrid"].all()


@pytest.mark.parametrize(
    ("model", "total", "active"),
    [
        ("qwen3-30b-a3b", 30.5, 3.3),
        ("qwen3-8b", 8.2, 8.2),
        ("llama-3.2-1b", 1.24, 1.24),
        ("qwen2.5-14b", 14.8, 14.8),
        ("kimi-k2", 1040, 32.6),
        ("yi-1.5-6b", 6.06, 6.06),
        ("glm-5.1", 744, 40),
        ("glm-4-9b", 9.4, 9.4),
        ("dbrx", 132, 36),
        ("phi-3.5-moe", 41.9, 6.6),
        ("mistral-small-3.1", 23.6, 23.6),
        ("opt-66b", 65.7, 65.7),
        ("bloom-7b1", 7.07, 7.07),
        ("nemotron-3-nano", 31.6, 3.6),
        ("nemotron-nano-9b-v2", 8.89, 8.89),
        ("gemma-4-26b-a4b", 25.2, 3.8),
    ],
)
def test_sizes_that_are_counted_come_near_those_that_their_makers_print(model, total, active):
    card = card_of(model)
    assert "counted from the configuration" in card.note
    assert (card.params_total_b, card.params_active_b) == pytest.approx((total, active), rel=0.03)


def test_every_card_has_a_size_and_every_measured_model_a_card():
    assert OPEN[["params_total_b", "params_active_b"]].notna().all(axis=None)
    measured = set(datasets.load_energy_measured()["model"])
    assert {name for name in measured if card_of(name).is_closed} == set()


def test_a_closed_model_is_a_range_and_says_so():
    for name in CLOSED.index:
        card = card_of(name)
        assert (card.is_closed, card.grade) == (True, "C")
        assert "not disclosed" in card.note
        assert card.params_active_b_low < card.params_active_b < card.params_active_b_high
        assert card.params_total_b_low < card.params_total_b < card.params_total_b_high
        assert np.isnan(card.layers)
        assert card.attention is None
    assert card_of("gpt-4o").params_active_b == 100


def test_a_flagship_without_an_estimate_has_the_range_of_the_project():
    rows = CLOSED[CLOSED["source"] == "project"]
    assumed = datasets.load_assumptions()
    active, sparsity = assumed.loc["closed_model_active"], assumed.loc["closed_model_sparsity"]
    assert (rows[[f"params_active_b{end}" for end in ("_low", "", "_high")]] == [20, 100, 500]).all(axis=None)
    assert [float(active[end]) for end in ("low", "value", "high")] == [20, 100, 500]
    middle = float(active["value"]) * float(sparsity["value"])
    for end in ("low", "high"):
        ratios = [float(entry[end]) / float(entry["value"]) for entry in (active, sparsity)]
        both = np.exp(np.hypot(*np.log(ratios)) * (1 if end == "high" else -1))
        assert rows[f"params_total_b_{end}"].to_numpy() == pytest.approx(middle * both, rel=0.01)


def test_ranges_of_ecologits_are_its_own():
    opus = CLOSED.loc["Claude Opus 4.1"]
    assert [opus[f"params_active_b{end}"] for end in ("_low", "_high")] == [200, 600]
    assert opus["params_active_b"] == pytest.approx((200 * 600) ** 0.5, rel=0.005)
    assert [opus[f"params_total_b{end}"] for end in ("_low", "", "_high")] == [1000, 2000, 4000]


def test_an_open_card_is_no_range():
    card = card_of("gpt-oss-120b")
    assert not card.is_closed
    assert card.params_total_b_low == card.params_total_b == card.params_total_b_high == 117


def test_many_names_are_the_cards_one_by_one():
    asked = pd.Series(
        ["DeepSeek V3", None, "gpt-4o", "qwen3.5-397b", float("nan"), " "], index=list("abcdef")
    )
    frame = cards_of(asked)
    assert list(frame.index) == list("abcdef")
    assert set(frame) == set(Card._fields) - {"vendor", "source", "grade", "note"}
    for label in ("a", "c", "d"):
        one = card_of(asked[label])._asdict()
        for field, entry in frame.loc[label].items():
            assert entry == one[field] or (pd.isna(entry) and (one[field] is None or np.isnan(one[field])))
    empty = frame.loc[["b", "e", "f"]]
    assert not empty["is_closed"].any()
    assert empty.drop(columns="is_closed").isna().all(axis=None)
    assert cards_of([]).empty


def test_a_name_that_is_not_known_is_told_with_its_row():
    with pytest.raises(
        ParameterError, match=r"^row 7, column model: 'gtp-4o' is not known; did you mean GPT-4o"
    ):
        cards_of(pd.Series(["gpt-4o", "gtp-4o"], index=[3, 7]))


def test_a_million_names_cost_no_more_than_their_rows():
    asked = pd.Series(np.tile(np.array(["DeepSeek V3", "llama-3.1-70b", "gpt-4o"], dtype=object), 333_334))
    frame = cards_of(asked)
    assert len(frame) == 1_000_002
    assert frame["params_active_b"].tail(3).tolist() == [37.0, 70.55, 100.0]


def test_all_names_are_listed_open_ones_first():
    assert card_names() == [*OPEN.index, *CLOSED.index]
    plain = [names.plain(name) for name in card_names()]
    assert all(set(name) <= set(string.ascii_lowercase + string.digits + ".+") for name in plain)
