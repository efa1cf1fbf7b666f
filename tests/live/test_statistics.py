"""What is read from official statistics."""

import json
from itertools import product

import pytest

from analysis.live.client import LiveError
from analysis.live.statistics import ECB, EIA, EUROSTAT, WORLD_BANK
from tests.live import recorded


def records(source, *answers) -> list[tuple]:
    bodies = [
        answer.encode() if isinstance(answer, str) else json.dumps(answer).encode() for answer in answers
    ]
    return [tuple(row) for row in source.table(bodies).itertuples(index=False)]


def test_cents_become_dollars_and_unknown_prices_stay_out() -> None:
    pages = recorded.eia(0, recorded.EIA_ROWS[:2], total=4), recorded.eia(2, recorded.EIA_ROWS[2:])
    assert records(EIA, *pages) == [
        ("U.S. Total", "commercial", "as billed", "2026-07", pytest.approx(0.139), "USD/kWh"),
        ("U.S. Total", "industrial", "as billed", "2026-07", pytest.approx(0.0901), "USD/kWh"),
        ("Virginia", "commercial", "as billed", "2026-07", pytest.approx(0.102), "USD/kWh"),
    ]


def test_a_page_that_is_missing_is_noticed() -> None:
    with pytest.raises(LiveError, match=r"eia: .*9 rows, of which 5 came"):
        records(EIA, recorded.eia(0, recorded.EIA_ROWS, total=9))


def test_another_unit_is_refused() -> None:
    page = recorded.eia(0, recorded.EIA_ROWS)
    page["response"]["data"][1]["price-units"] = "dollars per megawatt-hour"
    with pytest.raises(LiveError, match="prices in dollars per megawatt-hour"):
        records(EIA, page)


def test_a_key_is_a_secret_of_the_request() -> None:
    first, *_ = EIA.requests("hush")
    assert first.secrets == {"api_key": "hush"}
    assert "hush" not in first.told


def test_a_cube_is_read_by_its_own_order() -> None:
    found = records(EUROSTAT, recorded.EUROSTAT)
    assert found == [
        ("Germany", "IE", "all taxes", "2026-S1", 0.19, "EUR/kWh"),
        ("Germany", "IE", "without recoverable tax", "2026-S1", 0.16, "EUR/kWh"),
        ("Norway", "IE", "without recoverable tax", "2026-S1", 0.07, "EUR/kWh"),
        ("Norway", "IG", "without recoverable tax", "2026-S1", 0.05, "EUR/kWh"),
    ]
    # the same cube turned round, its values as a list
    sizes, values = recorded.EUROSTAT["size"], recorded.EUROSTAT["value"]
    cells = {cell: place for place, cell in enumerate(product(*map(range, sizes)))}
    turned = recorded.EUROSTAT | {
        "id": recorded.EUROSTAT["id"][::-1],
        "size": sizes[::-1],
        "value": [values.get(str(cells[cell[::-1]])) for cell in product(*map(range, sizes[::-1]))],
    }
    assert records(EUROSTAT, turned) == found


def test_a_cube_beyond_measure_is_refused() -> None:
    with pytest.raises(LiveError, match="cube of"):
        records(EUROSTAT, recorded.EUROSTAT | {"size": [10**5, 10**5]})


def test_codes_that_are_more_than_the_sizes_say_are_refused() -> None:
    """The product of the codes is what would be walked through."""
    many = {"category": {"index": {str(number): number for number in range(10**4)}, "label": {}}}
    answer = recorded.EUROSTAT | {"dimension": dict.fromkeys(recorded.EUROSTAT["id"], many)}
    with pytest.raises(LiveError, match="cube of"):
        records(EUROSTAT, answer)


def test_exchange_rates_say_what_buys_what() -> None:
    assert records(ECB, recorded.ECB) == [
        ("EUR", "CNY", "2026-11-27", 8.21),
        ("EUR", "USD", "2026-11-27", 1.15),
    ]
    assert records(WORLD_BANK, recorded.WORLD_BANK) == [("USD", "SAR", "2025", 3.75)]


@pytest.mark.parametrize("source", [EIA, EUROSTAT, ECB, WORLD_BANK], ids=lambda source: source.name)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'[{"message": "no"}]', b"a,b\n1,2\n", b"\xff\xfe"]
)
def test_another_answer_is_told(source, body: bytes) -> None:
    with pytest.raises(LiveError, match=rf"^{source.name}: "):
        source.table([body])
