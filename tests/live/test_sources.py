"""What a source says of its table."""

import copy
import json
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.live.catalogues import LITELLM, MODELS_DEV, OPENROUTER
from analysis.live.client import LiveError, Request
from analysis.live.sources import RATES, Source
from analysis.live.statistics import EIA, EUROSTAT, WORLD_BANK
from tests.live import recorded


def source(table: pd.DataFrame) -> Source:
    return Source("s", "t", "l", RATES, lambda key: [Request("http://x")], lambda bodies: table)


def rates(**columns) -> pd.DataFrame:
    return pd.DataFrame({"base": ["EUR"], "quote": ["USD"], "period": ["2026"], "rate": [1.1]} | columns)


def test_rows_are_checked_and_put_in_order() -> None:
    two = pd.concat([rates(), rates(quote=["CNY"])])
    assert list(source(two).table([])["quote"]) == ["CNY", "USD"]
    assert source(two).key_columns == ["base", "quote", "period"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"rate": [-1.0]}, "s: row EUR/USD/2026, column rate: -1.0 fails"),
        ({"quote": ["dollars"]}, "column quote: dollars fails"),
        ({"period": ["soon"]}, "column period: soon fails"),
        ({"more": [1]}, "more"),
    ],
)
def test_the_first_wrong_cell_is_named(columns: dict, message: str) -> None:
    with pytest.raises(LiveError, match=message):
        source(rates(**columns)).table([])


def test_an_empty_answer_is_none() -> None:
    with pytest.raises(LiveError, match="holds no figures"):
        source(rates().iloc[:0]).table([])


ANSWERS = [
    (MODELS_DEV, recorded.MODELS_DEV),
    (OPENROUTER, recorded.OPENROUTER),
    (LITELLM, recorded.LITELLM),
    (EIA, recorded.eia(0, recorded.EIA_ROWS)),
    (EUROSTAT, recorded.EUROSTAT),
    (WORLD_BANK, recorded.WORLD_BANK),
]
ODD = [None, True, -1, 10**400, float("nan"), float("inf"), "", "\x1b[2J", [], {"a": 1}]


def places(entry: Any, path: tuple = ()) -> list[tuple]:
    """Return where everything in nested data stands."""
    inside = entry.items() if isinstance(entry, dict) else enumerate(entry) if isinstance(entry, list) else ()
    return [path, *(place for key, each in inside for place in places(each, (*path, key)))]


def with_odd(answer: Any, path: tuple, odd: Any) -> Any:
    """Return nested data with something odd at a place."""
    if not path:
        return odd
    changed = copy.deepcopy(answer)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = odd
    return changed


@pytest.mark.parametrize(("source", "answer"), ANSWERS, ids=lambda each: getattr(each, "name", ""))
def test_whatever_stands_anywhere_in_an_answer_it_is_a_table_or_told(source, answer) -> None:
    for path in places(answer):
        for odd in ODD:
            body = json.dumps(with_odd(answer, path, odd)).encode()
            told = f"{source.name}: "
            try:
                source.schema.validate(source.table([body]))
            except LiveError as error:
                told = str(error)
            assert told.startswith(f"{source.name}: ")
            assert len(told) < 500


@given(body=st.binary(max_size=200))
@example(body=b"[" * 100_000)
@example(body=b'{"a":' * 10_000)
@example(body=b"9" * 5000)
def test_any_bytes_are_told(body: bytes) -> None:
    for source, _ in ANSWERS:
        with pytest.raises(LiveError, match=f"^{source.name}: "):
            source.table([body])
