"""What is read from catalogues of list prices."""

import json

import pandas as pd
import pytest

from analysis.live.catalogues import LITELLM, MODELS_DEV, OPENROUTER
from analysis.live.client import LiveError
from tests.live import recorded


def rows(source, answer) -> list[tuple]:
    table = source.table([json.dumps(answer).encode()])
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in table.itertuples(index=False)]


def test_prices_per_million_tokens() -> None:
    assert rows(MODELS_DEV, recorded.MODELS_DEV) == [
        ("anthropic", "claude-a", 5.0, 25.0, 0.5),
        ("deepseek", "v", 0.28, 0.42, None),
    ]


def test_prices_per_token_become_prices_per_million() -> None:
    assert rows(OPENROUTER, recorded.OPENROUTER) == [("openrouter", "deepseek/v", 0.28, 0.42, 0.028)]
    assert rows(LITELLM, recorded.LITELLM) == [("anthropic", "claude-a", 5.0, 25.0, 0.5)]


@pytest.mark.parametrize("source", [MODELS_DEV, OPENROUTER, LITELLM], ids=lambda source: source.name)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"3", b'{"data": 1}', b'{"a": {"models": 5}}', b"[" * 10**5]
)
def test_another_answer_is_told(source, body: bytes) -> None:
    with pytest.raises(LiveError, match=rf"^{source.name}: "):
        source.table([body])


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        ({"input": -5, "output": 25}, "row anthropic/claude-a, column input_usd_per_mtok: -5"),
        ({"input": 5, "output": 1e9}, "row anthropic/claude-a, column output_usd_per_mtok: 1000000000"),
        ({"input": "five", "output": 25}, "column input_usd_per_mtok"),
        ({"input": float("nan"), "output": 25}, "column input_usd_per_mtok"),
        ({"input": float("inf"), "output": 25}, "column input_usd_per_mtok: inf"),
        ({"input": 10**400, "output": 25}, "models-dev: "),
        ({"input": None, "output": 25}, "column input_usd_per_mtok"),
    ],
)
def test_a_price_that_can_be_none_is_refused_with_its_row(cost: dict, message: str) -> None:
    answer = {"anthropic": {"models": {"claude-a": {"cost": cost}}}}
    with pytest.raises(LiveError, match=message):
        rows(MODELS_DEV, answer)


def test_numbers_beyond_measure_are_told() -> None:
    answer = {"data": [{"id": "x", "pricing": {"prompt": 10**400, "completion": "1"}}]}
    with pytest.raises(LiveError, match=r"^openrouter: not the answer that was expected"):
        rows(OPENROUTER, answer)
    per_second = {"litellm_provider": "p", "mode": "chat", "output_cost_per_token": 1e-6}
    assert len(rows(LITELLM, recorded.LITELLM | {"m": per_second})) == len(rows(LITELLM, recorded.LITELLM))


def test_a_model_named_twice_is_refused() -> None:
    with pytest.raises(LiveError, match="openrouter: "):
        rows(OPENROUTER, {"data": recorded.OPENROUTER["data"] * 2})
