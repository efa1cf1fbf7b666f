"""What stands in for costs that are left out: assumptions of a side, prices of cards."""

import numpy as np
import pytest

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.money import in_currency, mean_rate
from analysis.model.hour_inputs import (
    ARGUMENTS,
    REFERENCE_CARD,
    SIDES,
    Ends,
    argument_names,
    assumed_costs,
    card_price,
    hour_inputs,
)

US_CARD = {"side": np.array(["us"], dtype=object), "gpu_model": ["H100"], "tdp_w": np.array([700.0])}


def inputs_of(card: str, side: str = "us", **given: float):
    row = datasets.load_gpu_specs().loc[card]
    return hour_inputs(
        {name: np.array([value]) for name, value in given.items()},
        side=np.array([side], dtype=object),
        gpu_model=[card],
        bandwidth_gb_s=np.array([row["bandwidth_gb_s"]]),
        tdp_w=np.array([row["tdp_w"]]),
    )


@pytest.mark.parametrize("side", SIDES)
def test_what_is_left_out_is_the_assumption_of_the_audited_scenario(audited, side: str) -> None:
    found = inputs_of(REFERENCE_CARD[side], side)
    for argument, name in argument_names(side).items():
        expected = in_currency(getattr(audited, name), "USD")
        assert [getattr(found, end)[argument].item() for end in Range._fields] == pytest.approx([*expected])
        assert found.assumed[argument].all()
        assert assumed_costs(side).loc[argument, "grade"] == getattr(audited, name).grade
    assert set(found.value) == set(ARGUMENTS)


def test_what_is_told_is_certain_and_not_assumed() -> None:
    found = inputs_of("H100", gpu_price_usd=20_000.0, utilisation=0.5)
    for name, value in (("gpu_price_usd", 20_000.0), ("utilisation", 0.5)):
        assert found.low[name] == found.value[name] == found.high[name] == value
        assert not found.assumed[name].any()
        assert not found.moves(name)
    assert found.gpu_price_grade.item() == ""
    assert found.moves("discount_rate")


def test_a_price_with_ends_of_its_own_keeps_them() -> None:
    price = Ends(*(np.array([value]) for value in (0.05, 0.06, 0.09)))
    found = hour_inputs({"tariff_usd_per_kwh": price}, bandwidth_gb_s=np.array([3350.0]), **US_CARD)
    ends = [getattr(found, end)["tariff_usd_per_kwh"].item() for end in Range._fields]
    assert ends == [0.05, 0.06, 0.09]
    assert not found.assumed["tariff_usd_per_kwh"].any()


def test_cards_cost_what_their_rows_say() -> None:
    rows = datasets.load_gpu_economics()
    assert card_price("H200", "us", 1.0).ratio == Range(1.0, 1.0, 1.0), "its bandwidth does not matter"
    # 2.7 million yuan for eight, of 2024, over 1.5 million of early 2026, each at its own exchange rate
    then, now = (
        mean_rate("CNY", "USD", rows.loc[row, "period"]) for row in ("gpu-cn-h100-2024", "gpu-cn-h200-2026")
    )
    assert card_price("H100", "cn", 1.0).ratio.value == pytest.approx(2.7 * then / (1.5 * now))
    hours = card_price("B200", "us", 1.0)
    assert hours.ratio.value == pytest.approx(1.95 / 1.41)
    assert (hours.grade, hours.source) == ("C", "inferencex_tco")
    assert found_price("B200") == pytest.approx(35_000 * 1.95 / 1.41)
    assert found_price("H100") == 30_000.0, "not the server of 2023"


def found_price(card: str) -> float:
    return float(inputs_of(card).value["gpu_price_usd"].item())


def test_a_card_that_has_no_price_goes_by_its_bandwidth() -> None:
    small, own = (card_price(name, "us", 300.0) for name in ("L4", "a card of mine"))
    assert small == own
    assert small.ratio.low < small.ratio.value < small.ratio.high
    assert card_price("L4", "us", 600.0).ratio.value == pytest.approx(2 * small.ratio.value)
    assert 1000 < found_price("L4") < 4000
    assert found_price("T4") < found_price("A100") < found_price("H100") < found_price("B300")
    assert card_price("L4", "us", 300.0).grade == "C"


def test_network_grows_with_the_card_and_staff_with_its_power() -> None:
    large, small = inputs_of("H100"), inputs_of("L4")
    network = small.value["network_usd_per_gpu_hour"] / large.value["network_usd_per_gpu_hour"]
    assert network == pytest.approx(found_price("L4") / found_price("H100"))
    other = small.value["other_opex_usd_per_gpu_hour"] / large.value["other_opex_usd_per_gpu_hour"]
    assert other == pytest.approx(72 / 700)


def test_rows_of_both_sides_equal_those_alone() -> None:
    specs = datasets.load_gpu_specs()
    cards, sides = ["H100", "L4", "H20"], ["us", "cn", "cn"]
    together = hour_inputs(
        {"pue": np.array([1.1, np.nan, np.nan])},
        side=np.array(sides, dtype=object),
        gpu_model=cards,
        bandwidth_gb_s=specs.loc[cards, "bandwidth_gb_s"].to_numpy(),
        tdp_w=specs.loc[cards, "tdp_w"].to_numpy(),
    )
    for place, (card, side) in enumerate(zip(cards, sides, strict=True)):
        alone = inputs_of(card, side, **({"pue": 1.1} if place == 0 else {}))
        for name in ARGUMENTS:
            for end in Range._fields:
                assert getattr(together, end)[name][place] == getattr(alone, end)[name][0]
        assert together.gpu_price_grade[place] == alone.gpu_price_grade[0]
