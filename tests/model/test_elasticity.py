"""The elasticity within the same weights, and inference with few companies."""

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


def test_a_known_slope_comes_back() -> None:
    tariff = np.log([0.05, 0.08, 0.15, 0.05, 0.08])
    price = np.array([1.0, 1.0, 1.0, -3.0, -3.0]) + 0.65 * tariff
    found = elasticity.fit(elasticity.Panel(price, tariff, [1, 1, 1, 2, 2], list("abcab")))
    assert found.estimate == pytest.approx(0.65)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)


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


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_neither_currency_nor_unit_matters(price_shift: float, tariff_shift: float) -> None:
    plain = elasticity.fit(elasticity.Panel(PRICE, TARIFF, list("aabb"), list("mmnn")))
    moved = elasticity.fit(
        elasticity.Panel(np.add(PRICE, price_shift), np.add(TARIFF, tariff_shift), list("aabb"), list("mmnn"))
    )
    assert moved == pytest.approx(plain, rel=1e-9)


def test_a_shift_of_one_weights_changes_nothing() -> None:
    shifted = [0.0, 1.0, 105.0, 106.5]
    plain, moved = (
        elasticity.fit(elasticity.Panel(y, TARIFF, list("aabb"), list("mmnn"))) for y in (PRICE, shifted)
    )
    assert moved.estimate == pytest.approx(plain.estimate)
    assert moved.standard_error == pytest.approx(plain.standard_error)


def test_smallest_detectable_by_hand() -> None:
    """Nine degrees of freedom: 2.262157 + 0.883404 = 3.145561 standard errors."""
    found = elasticity.minimum_detectable(0.5, freedom=9, level=0.05, power=0.8)
    assert found == pytest.approx(1.5727805, rel=1e-6)
    assert elasticity.minimum_detectable(0.5, freedom=3, level=0.05, power=0.8) > found
    assert elasticity.minimum_detectable(0.5, freedom=9, level=0.05, power=0.9) > found


@pytest.mark.parametrize("effect_in_detectable", [1.0, 0.5])
def test_the_smallest_detectable_is_found_in_four_of_five_cases(effect_in_detectable: float) -> None:
    """A t test on six draws of unit variance; half the effect is found far less often."""
    generator = np.random.default_rng(9)
    effect = elasticity.minimum_detectable(6**-0.5, freedom=5, level=0.05, power=0.8)
    sample = generator.normal(effect * effect_in_detectable, 1.0, size=(20_000, 6))
    t = sample.mean(axis=1) / (sample.std(axis=1, ddof=1) / 6**0.5)
    found = (np.abs(t) > 2.5706).mean()
    assert found == pytest.approx(0.8, abs=0.05) if effect_in_detectable == 1.0 else found < 0.4


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


def drawn_means(values, hosts, vendors, draws: int = 20_000, seed: int = 7) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return elasticity.two_way_means(values, hosts, vendors, draws=draws, generator=generator)


def test_the_two_way_bootstrap_has_the_variance_of_a_full_table() -> None:
    """Value = host + vendor: variance of hosts over 3, and of vendors over 4."""
    host, vendor = np.array([0.0, 1.0, 5.0]), np.array([0.0, 2.0, 2.0, -4.0])
    table = np.add.outer(host, vendor)
    rows, columns = np.indices(table.shape)
    means = drawn_means(table.ravel(), rows.ravel(), columns.ravel())
    assert means.mean() == pytest.approx(table.mean(), abs=0.05)
    assert means.var() == pytest.approx(host.var() / 3 + vendor.var() / 4, rel=0.03)
    one_vendor_alone = drawn_means(table.ravel(), rows.ravel(), np.arange(table.size))
    assert one_vendor_alone.var() < means.var(), "what cells of a vendor share is lost"


def test_a_draw_weighs_a_cell_by_its_host_times_its_vendor() -> None:
    """Two hosts, two vendors, three cells: every possible mean by hand."""
    means = drawn_means([1.0, 10.0, 100.0], list("aab"), list("xyx"), draws=2_000)
    counts = [(i, 2 - i) for i in range(3)]
    possible = {
        (a * x + 10 * a * y + 100 * b * x) / (a * x + a * y + b * x)
        for a, b in counts
        for x, y in counts
        if a * x + a * y + b * x
    }
    assert set(means.round(9)) == {round(value, 9) for value in possible}
    assert len(means) < 2_000, "host b with vendor y has no cell"


def test_neither_the_order_of_cells_nor_the_names_matter() -> None:
    generator = np.random.default_rng(5)
    values, hosts, vendors = (
        generator.normal(size=60),
        generator.integers(0, 9, 60),
        generator.integers(0, 5, 60),
    )
    plain = drawn_means(values, hosts, vendors, draws=500)
    order = generator.permutation(60)
    assert drawn_means(values[order], hosts[order], vendors[order], draws=500) == pytest.approx(plain)
    named = np.array(list("abcdefghi"))[hosts]
    assert drawn_means(values, named, vendors, draws=500) == pytest.approx(plain)
    shuffled = drawn_means(values, generator.permutation(9)[hosts], vendors)
    assert np.quantile(shuffled, [0.05, 0.95]) == pytest.approx(
        np.quantile(drawn_means(values, hosts, vendors), [0.05, 0.95]), abs=0.02
    )


def test_intervals_cover_a_known_mean_where_those_of_single_cells_do_not() -> None:
    """Hosts and vendors with effects of their own, half of the table filled."""
    generator = np.random.default_rng(12)
    covered = {"two ways": 0, "cell by cell": 0}
    for _ in range(200):
        filled = np.argwhere(generator.random((12, 8)) < 0.5)
        hosts, vendors = filled.T
        noise = generator.normal(0, 0.3, 12)[hosts] + generator.normal(0, 0.3, 8)[vendors]
        values = -0.1 + noise + generator.normal(0, 0.4, len(filled))
        means = elasticity.two_way_means(values, hosts, vendors, draws=399, generator=generator)
        low, high = np.quantile(means, [0.025, 0.975])
        covered["two ways"] += low <= -0.1 <= high
        reach = 1.96 * values.std() / len(values) ** 0.5
        covered["cell by cell"] += abs(values.mean() + 0.1) <= reach
    assert 0.87 * 200 <= covered["two ways"] <= 0.99 * 200
    assert covered["cell by cell"] < 0.75 * 200


@pytest.mark.parametrize("hosts", ["aaa", "abc"])
def test_one_host_or_vendor_gives_no_interval(hosts: str) -> None:
    vendors = "xyz" if hosts == "aaa" else "xxx"
    with pytest.raises(ValueError, match="at least two"):
        drawn_means([1.0, 2.0, 3.0], list(hosts), list(vendors), draws=9)


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


def test_weights_for_other_clusters_are_refused() -> None:
    panel = elasticity.Panel(PRICE, TARIFF, list("aabb"), list("mmnn"))
    with pytest.raises(ValueError, match="another number of clusters"):
        elasticity.WildBootstrap(panel, np.ones((9, 3)))
