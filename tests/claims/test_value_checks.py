"""What a kilowatt-hour is worth as tokens."""

from collections.abc import Callable

import pandas as pd
import pytest

from analysis import claims
from analysis.claims.checks import Finding
from analysis.claims.context import Context, default_context
from analysis.claims.value_checks import OF_DAY, OF_MODEL, value_per_kwh
from analysis.inputs import packs
from analysis.inputs.errors import DataError
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables import cost_stack
from analysis.tables.china_grids import published_average
from analysis.tables.price_evidence import MAIN_YEAR

PACK = "token-export-2026"


@pytest.fixture(scope="module")
def context() -> Context:
    return default_context(PACK)


@pytest.fixture
def finding(context: Context) -> Callable[..., Finding]:
    (claim,) = packs.load_claims(PACK).loc[["chinadaily-value"]].itertuples()
    return lambda within=context: value_per_kwh(claim, within)


def test_the_day_by_hand(finding, context: Context) -> None:
    """562,027 USD over 226.75 servers of 10.2 kW, 24 hours and a PUE of 1.2, at the rate of February 2025."""
    day, _ = finding().readings
    yuan_per_kwh = 562027 * mean_rate("USD", "CNY", "2025-02") / (226.75 * 10.2 * 24 * 1.2)
    tariff = published_average(context.audited, MAIN_YEAR).without_tax
    assert day.basis == OF_DAY
    assert day.value == pytest.approx(yuan_per_kwh / tariff.value)
    assert 60 < yuan_per_kwh < 94  # the band of a referee's own arithmetic
    least = 280499 * mean_rate("USD", "CNY", "2025-02") / (226.75 * 10.2 * 24 * 1.5)
    assert day.low == pytest.approx(least / tariff.high)


def test_the_cheaper_revenue_is_that_of_its_list_price(context: Context) -> None:
    """Hits, misses and output of the day at 0.07, 0.27 and 1.10 USD a million."""
    value = context.rows["value"]
    cached = value["dsday-cached"]
    mtok_in, mtok_out = value["dsday-input"] * 1e6, value["dsday-output"] * 1e6
    own = mtok_in * (cached * 0.07 + (1 - cached) * 0.27) + mtok_out * 1.10
    assert value["te-day-cheaper"] == pytest.approx(own, rel=1e-4)
    dearer = mtok_in * (cached * 0.14 + (1 - cached) * 0.55) + mtok_out * 2.19
    assert value["te-day-dearer"] == pytest.approx(dearer, rel=2e-4)


def test_the_model_is_that_of_the_cost_stack(finding, context: Context) -> None:
    """The list price of the mix over its energy: 0.3 and 1.2 USD, 3.619 input tokens an output token."""
    _, model = finding().readings
    energy = cost_stack.token_cost_parts(context.audited).loc[
        (cost_stack.OPEN_MODEL, "China, hub", "mix"), "kwh_per_mtok"
    ]
    mix = context.audited.input_tokens_per_output_token.value
    price = (mix * 0.3 + 1.2) / (mix + 1.0) * mean_rate("USD", "CNY", "2026-03-12")
    tariff = published_average(context.audited, MAIN_YEAR).without_tax
    assert (model.basis, model.grade) == (OF_MODEL, "C")
    assert model.value == pytest.approx(price / energy / tariff.value)


def test_more_power_beside_the_servers_makes_a_kilowatt_hour_worth_less(finding, context: Context) -> None:
    hungry = Context(context.article, load_scenario("audited", {"pue": 1.5}), PACK)
    for before, after in zip(finding().readings, finding(hungry).readings, strict=True):
        assert after.value < before.value


def test_what_no_assumption_on_power_enters_decides(finding) -> None:
    day, model = finding().readings
    assert (day.grade, model.grade) == ("B", "C")
    row = claims.evaluate(PACK).loc["chinadaily-value"]
    assert (row["verdict"], row["evidence_used"]) == ("understated", OF_DAY)
    assert row["value_high"] < day.low


def test_rows_that_are_no_day_are_refused() -> None:
    row = packs.load_claims(PACK).loc[["chinadaily-value"]].copy()
    for evidence in (["te-day-dearer"], ["te-server-rated", *row["evidence"].item()[1:]]):
        row["evidence"] = pd.Series([evidence], index=row.index)
        with pytest.raises(DataError, match="column evidence: value_per_kwh cannot use"):
            claims.judged(row, default_context(PACK))
