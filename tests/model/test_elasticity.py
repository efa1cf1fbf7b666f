"""The elasticity within the same weights, and inference with few companies."""

from itertools import permutations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from analysis.model import elasticity

PRICE, TARIFF = [0.0, 1.0, 5.0, 6.5], [0.0, 2.0, 0.0, 2.0]


def simulated(seed: int, slope: float, companies: int = 12, weights: int = 15) -> elasticity.Panel:
    """Return a panel whose tariff belongs to the company and whose noise does too."""
    generator = np.random.default_rng(seed)
    company = np.tile(np.arange(companies), weights)
    effect = np.repeat(np.arange(weights), companies)
    kept = generator.random(company.size) < 0.6
    tariff = generator.normal(size=companies)[company]
    noise = generator.normal(size=companies)[company] + generator.normal(size=company.size)
    price = generator.normal(size=weights)[effect] + slope * tariff + noise
    return elasticity.Panel(price[kept], tariff[kept], effect[kept], company[kept])


def test_four_prices_by_hand() -> None:
    """Slopes 0.5 and 0.75; residuals 1/8; scores -1/4 and 1/4; factor 2/1 x 3/1."""
    found = elasticity.fit(elasticity.Panel(PRICE, TARIFF, list("aabb"), list("mmnn")))
    assert found.estimate == 0.625
    assert found.standard_error == pytest.approx((2 * 3 * 2 * 0.25**2) ** 0.5 / 4)
    assert (found.rows, found.effects, found.clusters) == (4, 2, 2)
    assert found.effective_clusters == pytest.approx(2.0)
    assert found.r2_effects == pytest.approx(1 - 1.625 / 29.1875)
    assert found.r2_added == pytest.approx(1.5625 / 29.1875)
    assert found.r2_partial == pytest.approx(1.5625 / 1.625)


def test_a_known_slope_comes_back() -> None:
    tariff = np.log([0.05, 0.08, 0.15, 0.05, 0.08])
    price = np.array([1.0, 1.0, 1.0, -3.0, -3.0]) + 0.65 * tariff
    found = elasticity.fit(elasticity.Panel(price, tariff, [1, 1, 1, 2, 2], list("abcab")))
    assert found.estimate == pytest.approx(0.65)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)
    assert found.r2_partial == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(4))
def test_statsmodels_with_a_dummy_for_each_weights_agrees(seed: int) -> None:
    panel = simulated(seed, 0.3)
    dummies = np.equal.outer(panel.effects, np.arange(panel.effects.max() + 1)).astype(float)
    model = sm.OLS(panel.price, np.column_stack([panel.tariff, dummies])).fit(
        cov_type="cluster", cov_kwds={"groups": panel.clusters, "df_correction": True}, use_t=True
    )
    found = elasticity.fit(panel)
    assert found.estimate == pytest.approx(model.params[0], rel=1e-9)
    assert found.standard_error == pytest.approx(model.bse[0], rel=1e-9)
    assert found.t_interval(level=0.05) == pytest.approx(tuple(model.conf_int()[0]), rel=1e-9)


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_neither_currency_nor_unit_matters(price_shift: float, tariff_shift: float) -> None:
    plain = elasticity.fit(elasticity.Panel(PRICE, TARIFF, list("aabb"), list("mmnn")))
    moved = elasticity.fit(
        elasticity.Panel(np.add(PRICE, price_shift), np.add(TARIFF, tariff_shift), list("aabb"), list("mmnn"))
    )
    assert moved == pytest.approx(plain, rel=1e-9)


def test_a_shift_of_one_weights_changes_nothing_but_what_effects_explain() -> None:
    shifted = [0.0, 1.0, 105.0, 106.5]
    plain, moved = (
        elasticity.fit(elasticity.Panel(y, TARIFF, list("aabb"), list("mmnn"))) for y in (PRICE, shifted)
    )
    assert moved.estimate == pytest.approx(plain.estimate)
    assert moved.standard_error == pytest.approx(plain.standard_error)
    assert moved.r2_effects > plain.r2_effects


def test_smallest_detectable_by_hand() -> None:
    """Nine degrees of freedom: 2.262157 + 0.883404 = 3.145561 standard errors."""
    found = elasticity.Fit(0.0, 0.5, 0, 0, 10, 0.0, 0.0, 0.0, 0.0)
    assert found.minimum_detectable(level=0.05, power=0.8) == pytest.approx(1.5727805, rel=1e-6)


def test_webb_weights_have_mean_zero_and_variance_one() -> None:
    drawn = elasticity.webb_weights(20_000, 5, np.random.default_rng(1))
    assert sorted(np.unique(np.square(drawn.round(12))).round(6)) == [0.5, 1.0, 1.5]
    assert np.unique(drawn).size == 6
    assert drawn.mean() == pytest.approx(0.0, abs=0.02)
    assert drawn.var() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("null", [0.0, 0.65, -1.5])
def test_the_bootstrap_equals_a_plain_loop(null: float) -> None:
    """Impose the null, weight residuals by company, estimate anew, compare t: one draw after another."""
    panel = simulated(3, 0.4, companies=7)
    weights = elasticity.webb_weights(99, 7, np.random.default_rng(2))
    true = elasticity.fit(panel)
    restricted = panel.price - null * panel.tariff
    beyond = 0
    for draw in weights:
        price = null * panel.tariff + draw[panel.clusters] * restricted
        again = elasticity.fit(elasticity.Panel(price, panel.tariff, panel.effects, panel.clusters))
        t = (again.estimate - null) / again.standard_error
        beyond += abs(t) >= abs((true.estimate - null) / true.standard_error)
    assert elasticity.WildBootstrap(panel, weights).p_value(null) == pytest.approx((1 + beyond) / 100)


def test_the_interval_holds_what_the_test_does_not_reject() -> None:
    panel = simulated(5, 0.4)
    bootstrap = elasticity.WildBootstrap(panel, elasticity.webb_weights(999, 12, np.random.default_rng(3)))
    step = elasticity.fit(panel).standard_error
    low, high = bootstrap.interval(level=0.05, step=step, doublings=8, halvings=30)
    assert low < panel.estimate < high
    assert bootstrap.p_value(low + 1e-6) >= 0.05 > bootstrap.p_value(low - 1e-6)
    assert bootstrap.p_value(high - 1e-6) >= 0.05 > bootstrap.p_value(high + 1e-6)
    assert bootstrap.p_value(panel.estimate) == 1.0


def test_an_interval_that_is_never_left_is_infinite() -> None:
    panel = simulated(5, 0.4, companies=3)
    bootstrap = elasticity.WildBootstrap(panel, elasticity.webb_weights(19, 3, np.random.default_rng(3)))
    assert bootstrap.interval(level=0.01, step=1.0, doublings=5, halvings=5) == (-np.inf, np.inf)


def test_size_and_power_on_simulated_companies() -> None:
    """A true null is rejected about as often as it should be, and a large slope is found."""
    generator = np.random.default_rng(11)
    rejected = {0.0: 0, 2.5: 0}
    for slope in rejected:
        for seed in range(200):
            weights = elasticity.webb_weights(199, 12, generator)
            rejected[slope] += elasticity.WildBootstrap(simulated(seed, slope), weights).p_value(0.0) < 0.05
    assert 3 <= rejected[0.0] <= 20, "2 to 10 % of 200"
    assert rejected[2.5] > 160


def test_permutations_come_close_to_all_deals() -> None:
    """Four countries: 24 deals, counted one by one."""
    place = np.tile([0, 1, 2, 3], 5)
    tariff = np.log([0.05, 0.08, 0.1, 0.2])
    price = np.random.default_rng(4).normal(size=20) + 0.5 * tariff[place]
    effect = np.repeat(range(5), 4)

    def fits(dealt: tuple[float, ...]) -> float:
        return elasticity.fit(elasticity.Panel(price, np.array(dealt)[place], effect, place)).r2_partial

    exact = np.mean([fits(deal) >= fits(tuple(tariff)) - 1e-12 for deal in permutations(tariff)])
    panel = elasticity.Panel(price, tariff[place], effect, place)
    found = elasticity.permutation_p_value(
        panel, tariff[place], place, draws=20_000, generator=np.random.default_rng(5)
    )
    assert found == pytest.approx(exact, abs=0.015)


def test_the_same_seed_gives_the_same_result() -> None:
    panel = simulated(8, 0.2)
    twice = [
        elasticity.WildBootstrap(panel, elasticity.webb_weights(99, 12, np.random.default_rng(6))).interval(
            level=0.1, step=0.2, doublings=8, halvings=10
        )
        for _ in range(2)
    ]
    assert twice[0] == twice[1]


@pytest.mark.parametrize(
    ("price", "tariff", "effects", "clusters", "problem"),
    [
        (PRICE[:3], TARIFF, list("aabb"), list("mmnn"), "differ in length"),
        ([0.0, np.inf, 1.0, 2.0], TARIFF, list("aabb"), list("mmnn"), "not finite"),
        (PRICE, TARIFF, list("aabb"), list("mmmm"), "two clusters"),
        (PRICE, [1.0, 1.0, 2.0, 2.0], list("aabb"), list("mnmn"), "does not vary"),
    ],
)
def test_bad_input_is_refused(price, tariff, effects, clusters, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        elasticity.Panel(price, tariff, effects, clusters)


def test_more_coefficients_than_rows_are_refused() -> None:
    panel = elasticity.Panel([1.0, 2.0, 3.0], [0.0, 1.0, 0.0], list("aab"), list("mnm"))
    with pytest.raises(ValueError, match="no more rows"):
        elasticity.fit(panel)


def test_weights_for_other_clusters_and_two_tariffs_in_a_country_are_refused() -> None:
    panel = elasticity.Panel(PRICE, TARIFF, list("aabb"), list("mmnn"))
    with pytest.raises(ValueError, match="another number of clusters"):
        elasticity.WildBootstrap(panel, np.ones((9, 3)))
    with pytest.raises(ValueError, match="two tariffs"):
        elasticity.permutation_p_value(panel, TARIFF, ["x"] * 4, draws=9, generator=np.random.default_rng(1))
