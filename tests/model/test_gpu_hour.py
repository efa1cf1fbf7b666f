import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis
from analysis.inputs.errors import ParameterError
from analysis.model.gpu_hour import PARTS, annuity_factor, gpu_hour_cost, numbers_of

HOUR = {
    "gpu_price_usd": 8766.0 * 4,
    "gpu_life_years": 4.0,
    "utilisation": 0.5,
    "gpu_power_kw": 0.8,
    "server_overhead": 1.5,
    "pue": 1.25,
    "tariff_usd_per_kwh": 0.1,
    "network_usd_per_gpu_hour": 0.3,
    "facility_capex_usd_per_kw": 8766.0,
    "facility_life_years": 10.0,
    "other_opex_usd_per_gpu_hour": 0.05,
    "idle_power_fraction": 0.2,
}


def test_each_part_by_hand():
    """A dollar an hour of hardware; 1.2 kW of IT; half of the hours used."""
    cost = gpu_hour_cost(**HOUR)
    assert cost.hardware == pytest.approx(1.0 / 0.5)
    assert cost.electricity == pytest.approx(1.2 * 1.25 * 0.1 * (1 + 0.2 * 1.0))
    assert cost.network == pytest.approx(0.6)
    assert cost.facility == pytest.approx(8766 * 1.2 / 10 / 8766 / 0.5)
    assert cost.other == pytest.approx(0.1)
    assert cost.total == pytest.approx(2.0 + 0.18 + 0.6 + 0.24 + 0.1)


def test_cost_of_capital_is_an_annuity_by_hand():
    """Two years at 10 %: 1 / 1.1 + 1 / 1.21 = 1.735537 payments make up the price."""
    cost = gpu_hour_cost(**(HOUR | {"gpu_life_years": 2.0, "discount_rate": 0.1, "utilisation": 1.0}))
    assert cost.hardware == pytest.approx(4.0 / (1 / 1.1 + 1 / 1.21))
    facility = sum(1.1**-year for year in range(1, 11))
    assert cost.facility == pytest.approx(1.2 / facility)


@pytest.mark.parametrize("rate", [5e-324, 1e-310, 2.3e-308, 1e-16, 1e-12])
def test_the_smallest_cost_of_capital_is_none(rate):
    cost = gpu_hour_cost(**(HOUR | {"discount_rate": rate}))
    assert cost.total == pytest.approx(gpu_hour_cost(**HOUR).total, rel=1e-9)


def test_lokshins_hour():
    cost = analysis.gpu_hour_cost(
        gpu_price_usd=25_000,
        gpu_life_years=3,
        utilisation=0.7,
        gpu_power_kw=0.7,
        pue=1.2,
        tariff_usd_per_kwh=0.08,
    )
    assert round(cost.hardware, 3) == 1.358
    assert cost.network == cost.facility == cost.other == 0.0
    assert cost.electricity == pytest.approx(0.7 * 1.2 * 0.08)


def test_full_use_has_no_idle_hours():
    full = gpu_hour_cost(**(HOUR | {"utilisation": 1.0, "idle_power_fraction": 1.0}))
    assert full.electricity == pytest.approx(1.2 * 1.25 * 0.1)


positive = st.floats(0.01, 1e3)


@given(
    st.fixed_dictionaries(
        {
            "gpu_price_usd": st.floats(0.0, 1e6),
            "gpu_life_years": st.floats(0.5, 20.0),
            "utilisation": st.floats(0.01, 1.0),
            "discount_rate": st.floats(0.0, 0.5),
            "gpu_power_kw": st.floats(0.0, 5.0),
            "server_overhead": st.floats(1.0, 3.0),
            "pue": st.floats(1.0, 2.0),
            "tariff_usd_per_kwh": st.floats(0.0, 1.0),
            "idle_power_fraction": st.floats(0.0, 1.0),
        }
    )
)
def test_parts_sum_and_more_use_costs_less(given_costs):
    cost = gpu_hour_cost(**given_costs)
    assert sum(getattr(cost, part) for part in PARTS) == pytest.approx(cost.total)
    used = gpu_hour_cost(**(given_costs | {"utilisation": min(1.0, given_costs["utilisation"] * 1.5)}))
    assert used.total <= cost.total * (1 + 1e-12)
    dearer = gpu_hour_cost(**(given_costs | {"discount_rate": given_costs["discount_rate"] + 0.1}))
    assert dearer.hardware >= cost.hardware


def test_arrays_equal_a_loop():
    tariffs, use = np.array([0.05, 0.1, 0.2]), np.array([0.3, 0.6, 0.9])
    together = gpu_hour_cost(**(HOUR | {"tariff_usd_per_kwh": tariffs, "utilisation": use}))
    for place in range(3):
        alone = gpu_hour_cost(**(HOUR | {"tariff_usd_per_kwh": tariffs[place], "utilisation": use[place]}))
        for name in alone._fields:
            whole = np.broadcast_to(getattr(together, name), 3)
            assert whole[place] == pytest.approx(getattr(alone, name), rel=1e-14)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("utilisation", 0.0, "not above zero"),
        ("utilisation", 1.2, "above one"),
        ("gpu_life_years", 0.0, "not above zero"),
        ("gpu_price_usd", -1.0, "negative"),
        ("pue", 0.9, "below one"),
        ("server_overhead", 0.5, "below one"),
        ("idle_power_fraction", 1.5, "above one"),
        ("tariff_usd_per_kwh", float("nan"), "not a finite number"),
        ("tariff_usd_per_kwh", np.array([0.1, np.inf]), "not a finite number"),
        ("tariff_usd_per_kwh", "cheap", "not a number"),
    ],
)
def test_nonsense_is_refused_by_name(name, value, why):
    with pytest.raises(ValueError, match=f"{name}.*{why}"):
        gpu_hour_cost(**(HOUR | {name: value}))


def test_lists_series_and_small_integers_are_numbers():
    parts = gpu_hour_cost(**(HOUR | {"tariff_usd_per_kwh": [0.1, 0.2], "gpu_price_usd": 35064}))
    assert parts.electricity == pytest.approx([0.18, 0.36])
    assert all(np.shape(part) == (2,) for part in parts), "every part has the common shape"
    labels = pd.Index(["x", "y"])
    tariff = pd.Series([0.1, 0.2], index=labels)
    life = pd.Series([4.0, 8.0], index=labels)
    found = gpu_hour_cost(**(HOUR | {"tariff_usd_per_kwh": tariff, "gpu_life_years": life}))
    assert found.hardware.to_dict() == pytest.approx({"x": 2.0, "y": 1.0})
    assert found.total.index.equals(labels)
    small = gpu_hour_cost(**(HOUR | {"gpu_power_kw": np.int8([100]), "server_overhead": np.int8([2])}))
    assert small.electricity == pytest.approx(200 * 1.25 * 0.1 * 1.2)


def test_arguments_that_do_not_fit_together_are_named():
    tariff, life = pd.Series([0.1, 0.2], index=["x", "y"]), pd.Series([4.0, 8.0], index=["y", "x"])
    with pytest.raises(ValueError, match="tariff_usd_per_kwh: its index differs from that of gpu_life_years"):
        gpu_hour_cost(**(HOUR | {"tariff_usd_per_kwh": tariff, "gpu_life_years": life}))
    with pytest.raises(ValueError, match=r"do not fit together: .*pue \(3,\).*tariff_usd_per_kwh \(2,\)"):
        gpu_hour_cost(**(HOUR | {"tariff_usd_per_kwh": np.full(2, 0.1), "pue": np.full(3, 1.2)}))
    for strange in ("25000", True, [1 + 2j]):
        with pytest.raises(ValueError, match="gpu_price_usd: not a number"):
            gpu_hour_cost(**(HOUR | {"gpu_price_usd": strange}))


def test_a_building_can_be_made_for_more_than_the_mean_power():
    twice = gpu_hour_cost(**(HOUR | {"facility_power_kw": 2.4}))
    assert twice.facility == pytest.approx(2 * gpu_hour_cost(**HOUR).facility)
    assert twice.electricity == gpu_hour_cost(**HOUR).electricity


def test_present_value_by_hand() -> None:
    """1 / 1.08 + ... + 1 / 1.08^5 = 3.99271."""
    assert annuity_factor(5, 0.08) == pytest.approx(sum(1.08**-year for year in range(1, 6)))
    assert annuity_factor(5, 0.08) == pytest.approx(3.99271, abs=1e-5)


@given(st.integers(0, 40), st.floats(0, 1))
def test_annuity_equals_the_plain_sum(years: int, rate: float) -> None:
    plain = sum((1 + rate) ** -year for year in range(1, years + 1))
    assert annuity_factor(years, rate) == pytest.approx(plain, rel=1e-9, abs=1e-12)


def test_annuity_is_continuous_at_zero() -> None:
    assert annuity_factor(40, 1e-12) == pytest.approx(40, rel=1e-9)


def test_annuities_of_arrays_equal_a_loop() -> None:
    years, rates = np.array([1, 5, 40]), np.array([0.0, 0.08, 0.5])
    looped = [annuity_factor(n, r) for n, r in zip(years, rates, strict=True)]
    assert annuity_factor(years, rates).tolist() == looped


@pytest.mark.parametrize("strange", ["8", b"1", True, None, 1j, 10**400, [True, 0.5], np.array([True])])
@pytest.mark.parametrize("name", sorted(HOUR))
def test_text_bytes_truths_none_and_complex_numbers_are_refused_alike(name, strange):
    with pytest.raises(ParameterError, match=f"^{name}: not a number: "):
        gpu_hour_cost(**(HOUR | {name: strange}))


def test_numbers_beyond_any_sense_are_refused():
    with pytest.raises(ParameterError, match=r"gpu_price_usd: 1e.300 is above any sense"):
        gpu_hour_cost(**(HOUR | {"gpu_price_usd": 1e300}))


NO_NUMBERS = [
    *("8", "1_000", b"1", bytearray(b"1"), True, None, 1j, 10**400, {}, {1}, object()),
    *([True, 0.5], ["8"], [1j], [None], [[1], [2, 3]], np.bool_(True), np.array(["8"]), np.array([True])),
    *(
        np.array([1j]),
        pd.NA,
        pd.Timestamp("2026-01-01"),
        pd.Series(["1"]),
        pd.Series([True]),
        pd.Series([None]),
    ),
    *(np.datetime64("2026"), pd.Series([1.0, True], dtype=object), 10**5000, "x" * 10_000),
]
"""What no argument takes for a number."""


@pytest.mark.parametrize("given", NO_NUMBERS, ids=lambda given: type(given).__name__)
def test_what_is_no_number_is_refused_by_name(given: object) -> None:
    with pytest.raises(ParameterError, match=r"^pue: not a number: ") as error:
        numbers_of("pue", given)
    assert len(str(error.value)) < 100


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (1, 1.0),
        (0.5, 0.5),
        (np.int8(3), 3.0),
        (np.float32(0.5), 0.5),
        ([1, 2.5], [1.0, 2.5]),
        ((1, np.float64(2.5)), [1.0, 2.5]),
        (np.array([1, 2], dtype="uint8"), [1.0, 2.0]),
        (pd.Series([1, 2], dtype="Int64"), [1.0, 2.0]),
        (pd.Series([1, 2.5], dtype=object), [1.0, 2.5]),
        ([], []),
    ],
    ids=repr,
)
def test_numbers_of_every_kind_are_taken(given: object, found: object) -> None:
    numbers = numbers_of("pue", given)
    assert numbers.dtype == np.float64
    assert numbers.tolist() == found
