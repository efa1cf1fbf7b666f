"""What a source says of its table."""

import pandas as pd
import pytest

from analysis.live.client import LiveError, Request
from analysis.live.sources import RATES, Source


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
