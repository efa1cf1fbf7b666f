"""What tokens take, read off a prediction."""

import numpy as np
import pandas as pd
import pytest

from analysis.model.token_use import Cards, cards_used, quantiles, token_use

CARDS = Cards(np.array(["H100"]), np.array([700.0]), np.array([3350.0]), np.array([0.5]))


def answer(**changes) -> pd.DataFrame:
    """Return a prediction: 100 fresh and 300 cached input tokens, 50 output tokens, 20 ms of prefill."""
    energies = {"energy_j_per_input_token": 0.2, "decode_energy_j_per_output_token": 3.0}
    energies["energy_wh_per_request"] = 0.1
    columns = {
        "input_tokens": 400.0,
        "cached_share": 0.75,
        "output_tokens": 50.0,
        "prefill_tokens_per_gpu_second": 100 / 0.02,
        "output_tokens_per_gpu_second": 50 / 1.0,
        **{f"{name}_{end}": value for name, value in energies.items() for end in ("p5", "p50", "p95")},
    }
    return pd.DataFrame([columns | changes])


def test_use_splits_the_time_of_a_request() -> None:
    use = token_use(CARDS, answer(), answer())
    assert use.tokens == {"input": [100.0], "cached_input": [300.0], "output": [50.0]}
    assert use.gpu_hours["input"].item() * 3600 == pytest.approx(0.02 / 100)
    assert use.gpu_hours["output"].item() * 3600 == pytest.approx(0.98 / 50)
    assert use.gpu_j["output"].value.item() == 3.0
    assert use.request_gpu_j.value.item() == pytest.approx(360.0)
    assert use.rated_kw.item() == pytest.approx(1.05), "700 W, and 350 W of the machine around it"


def test_a_prompt_that_is_all_cached_leaves_all_time_to_the_answer() -> None:
    cached = answer(cached_share=1.0, prefill_tokens_per_gpu_second=np.nan)
    use = token_use(CARDS, cached, cached)
    assert use.gpu_hours["output"].item() * 3600 == pytest.approx(1.0 / 50)


def test_quantiles_are_the_ends() -> None:
    frame = pd.DataFrame({"x_p5": [1.0], "x_p50": [2.0], "x_p95": [4.0]})
    assert quantiles(frame, "x") == ([1.0], [2.0], [4.0])


def test_a_card_is_that_of_the_table_or_ones_own() -> None:
    frame = pd.DataFrame({"gpu_tdp_w": [np.nan, 300.0], "gpu_bandwidth_gb_s": [np.nan, 900.0]})
    cards = cards_used(frame, pd.DataFrame({"gpu_model": pd.Categorical(["L4", None])}))
    assert cards.gpu_model.tolist() == ["L4", ""]
    assert cards.tdp_w.tolist() == [72.0, 300.0]
    assert cards.bandwidth_gb_s.tolist() == [300.0, 900.0]
