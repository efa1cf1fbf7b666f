"""Day-ahead prices, read from short documents in the form of the platform."""

import pytest

from analysis.live.client import LiveError
from analysis.live.wholesale import ENTSOE
from tests.live.recorded import entsoe

FRANCE = "10YFR-RTE------C"


def rows(*bodies: str) -> list[tuple]:
    return [tuple(row) for row in ENTSOE.table([body.encode() for body in bodies]).itertuples(index=False)]


def test_a_day_is_the_mean_of_its_hours_and_a_gap_has_the_hour_before() -> None:
    """Ten hours at 20, fourteen at 80 EUR/MWh: (10 x 20 + 14 x 80) / 24 = 55."""
    assert rows(entsoe(FRANCE, {1: 20.0, 11: 80.0})) == [
        ("France", "2026-11-29", pytest.approx(0.055), "EUR/kWh")
    ]


def test_quarters_and_negative_prices() -> None:
    (row,) = rows(entsoe(FRANCE, {1: -10.0, 49: 30.0}, resolution="PT15M"))
    assert row[2] == pytest.approx(0.01)


def test_another_auction_of_the_day_and_a_zone_without_prices_stay_out() -> None:
    nothing = "<Acknowledgement_MarketDocument xmlns='urn:x'><Reason/></Acknowledgement_MarketDocument>"
    second = entsoe("10YNL----------L", {1: 5.0}, sequence="2")
    assert len(rows(entsoe(FRANCE, {1: 20.0}), nothing, second)) == 1
    with pytest.raises(LiveError, match="entsoe: the answer holds no figures"):
        rows(nothing)


BOMB = '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "no XML"),
        ("{}", "no XML"),
        ("<html>", "no XML"),
        (BOMB, "a document with declarations"),
        (entsoe("10YXX----------X", {1: 20.0}), "no '10YXX"),
        (entsoe(FRANCE, {2: 20.0}), "not the answer that was expected"),
        (entsoe(FRANCE, {}), "not the answer that was expected"),
        (entsoe(FRANCE, {1: 20.0}).replace("EUR", "PLN"), "prices in PLN/MWH"),
        (entsoe(FRANCE, {1: 20.0}, resolution="PT1S"), "no 'PT1S'"),
        (entsoe(FRANCE, {1: 20.0}).replace("2026-11-28T", "1026-11-28T"), "steps"),
        (entsoe(FRANCE, {1: 20.0}).replace("2026-11-28T23:00Z", "soon"), "Invalid isoformat"),
        (entsoe(FRANCE, {1: 20.0}).replace("2026-11-28T23:00Z", "2026-11-28T23:00"), "not the answer"),
        (entsoe(FRANCE, {1: 1e9}), "row France/2026-11-29, column value"),
        (entsoe(FRANCE, {1: float("nan")}), "row France/2026-11-29, column value"),
        (entsoe(FRANCE, {1: 20.0}).replace("resolution", "revolution"), "no 'resolution'"),
    ],
)
def test_another_answer_is_told(body: str, message: str) -> None:
    with pytest.raises(LiveError, match=f"^entsoe: .*{message}"):
        rows(body)
    with pytest.raises(LiveError, match=r"^entsoe: "):
        ENTSOE.table([body.encode("utf-16")])


def test_the_token_is_a_secret_of_each_request() -> None:
    requests = ENTSOE.requests("hush")
    assert len(requests) > 1
    for request in requests:
        assert request.secrets == {"securityToken": "hush"}
        assert "hush" not in f"{request!r} {request.told}"
