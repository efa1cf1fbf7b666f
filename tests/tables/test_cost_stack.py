import numpy as np
import pytest

import analysis
from analysis.inputs import datasets
from analysis.tables import cost_stack
from analysis.tables.cost_stack import CHINA, DOMESTIC, FLAGSHIP, OPEN_MODEL, US


def test_the_stack_equals_the_public_function(audited):
    table = cost_stack.token_cost_parts(audited)
    setup = cost_stack.setup_of(audited, CHINA, OPEN_MODEL)
    costs = cost_stack.gpu_hour_inputs(audited, CHINA, "hub")
    row = analysis.token_cost(setup, **costs).iloc[0]
    for kind in ("input", "cached_input", "output"):
        stack = table.loc[(OPEN_MODEL, "China, hub", kind)]
        assert stack["total"] == pytest.approx(row[f"{kind}_total_usd_per_mtok"])
    mix = table.loc[(OPEN_MODEL, "China, hub", "mix"), "total"]
    expected = (3.619 * row["input_total_usd_per_mtok"] + row["output_total_usd_per_mtok"]) / 4.619
    assert mix == pytest.approx(expected)


def test_the_stack_carries_the_scenarios_tariffs(article, audited):
    for scenario in (article, audited):
        table = cost_stack.token_cost_parts(scenario).xs("mix", level="kind")
        kwh = table["electricity"] / table["kwh_per_mtok"]
        tariffs = [
            cost_stack.usd(scenario, cost_stack.GRIDS[grid])
            for grid in ("hub", "average", "US", "US", "subsidised hub")
        ]
        assert kwh.to_numpy() == pytest.approx(tariffs)


def test_electricity_is_a_part_of_cash_and_cash_of_the_total(article):
    table = cost_stack.token_cost_parts(article)
    assert table["electricity_share"].to_numpy() == pytest.approx(table["electricity"] / table["total"])
    cash = table["electricity"] + table["other"]
    assert table["electricity_share_of_cash"].to_numpy() == pytest.approx(table["electricity"] / cash)
    assert (table["electricity_share"] < table["electricity_share_of_cash"]).all()
    fresh, cached = (table.xs(kind, level="kind")["total"] for kind in ("input", "cached_input"))
    assert (cached / fresh).to_numpy() == pytest.approx(article.cached_input_cost.value)


@pytest.mark.parametrize("grid", ["hub", "subsidised hub", "average"])
def test_cash_cost_is_electricity_and_other_operating_cost_by_class_of_tariff(audited, grid):
    ratios = cost_stack.cash_cost_ratio(audited, grid)
    for word in ("industrial", "commercial", "data_centre"):
        of_class = audited.choosing("tariff_us", word)
        mix = cost_stack.token_cost_parts(of_class).xs("mix", level="kind")
        cheap, dear = mix.loc[(OPEN_MODEL, f"China, {grid}")], mix.loc[(OPEN_MODEL, "US")]
        found = ratios.loc[(word, OPEN_MODEL)]
        cash = [side["electricity"] + side["other"] for side in (cheap, dear)]
        assert found["cash_ratio"] == pytest.approx(cash[1] / cash[0])
        assert found["electricity_ratio"] == pytest.approx(dear["electricity"] / cheap["electricity"])
        assert found["cost_ratio"] == pytest.approx(dear["total"] / cheap["total"])
    own = ratios.xs("scenario", level="tariff_us")
    assert own.equals(ratios.xs("data_centre", level="tariff_us")), "the class of the scenario"


def test_a_subsidised_hub_runs_domestic_accelerators_at_their_price(audited):
    assert cost_stack.side_of("subsidised hub") == DOMESTIC
    assert {cost_stack.side_of(grid) for grid in ("hub", "average")} == {CHINA}
    inputs = cost_stack.gpu_hour_inputs(audited, DOMESTIC, "subsidised hub")
    assert inputs["gpu_price_usd"] == cost_stack.usd(audited, "gpu_price_cn_domestic")
    assert inputs["tariff_usd_per_kwh"] == cost_stack.usd(audited, "tariff_cn_hub_subsidised")
    rest = cost_stack.gpu_hour_inputs(audited, CHINA, "hub")
    assert {name for name in rest if rest[name] != inputs[name]} == {"gpu_price_usd", "tariff_usd_per_kwh"}
    uncertain = cost_stack.uncertain_inputs(audited, "subsidised hub").uncertain
    assert {"gpu_price_cn_domestic", "tariff_cn_hub_subsidised"} <= set(uncertain)
    assert not {"gpu_price_cn", "tariff_cn_hub"} & set(uncertain)


@pytest.mark.parametrize(
    ("side", "model", "gpu_count"),
    [
        (CHINA, OPEN_MODEL, 2.0),  # 230 GB of weights x 1.2 over 141 GB: 1.96
        (DOMESTIC, OPEN_MODEL, 4.0),  # over 128 GB: 2.16
        (US, FLAGSHIP, 4.0),  # 100 x 4 GB x 1.2 over 141 GB: 3.4
    ],
)
def test_a_model_is_served_by_as_many_accelerators_as_hold_it(article, side, model, gpu_count):
    setup = cost_stack.setup_of(article, side, model).iloc[0]
    assert setup["gpu_count"] == gpu_count
    assert setup["batch"] == 88 * gpu_count
    assert setup["input_tokens"] / setup["output_tokens"] == pytest.approx(3.619)


def test_inputs_that_move_together_share_the_factor_of_their_row(article):
    uncertain = cost_stack.uncertain_inputs(article, "hub").uncertain
    rows = datasets.load_correlations()
    assert {name for name, entry in uncertain.items() if entry.factor} == set(rows.index)
    for name, row in rows.iterrows():
        assert (uncertain[name].factor, uncertain[name].loading) == (row["factor"], row["loading"])
    assert rows["factor"].value_counts().min() == 2, "a factor that one input has is no correlation"
    assert {"tariff_cn_hub", "tariff_us"} <= set(uncertain)
    assert "tariff_cn_average" not in uncertain


def test_uncertain_money_is_in_dollars_and_shares_keep_their_bounds(article):
    uncertain = cost_stack.uncertain_inputs(article, "average").uncertain
    assert uncertain["tariff_cn_average"].value == cost_stack.usd(article, "tariff_cn_average")
    assert (uncertain["tariff_us"].least, uncertain["tariff_us"].greatest) == (0.0, np.inf)
    assert uncertain["utilisation_cn"].greatest == 1.0
    for side in (CHINA, US):
        error = uncertain[f"energy_error_{side.suffix}"]
        assert error.low < error.value == 1.0 < error.high


def at_values(scenario, **changes):
    """Return draws with every input at its value but some, as arrays of the length of the changes."""
    length = max(map(len, changes.values()), default=1)
    uncertain = cost_stack.uncertain_inputs(scenario, "hub").uncertain
    draws = {name: np.full(length, entry.value) for name, entry in uncertain.items()}
    return draws | {name: np.asarray(values) for name, values in changes.items()}


def test_inputs_at_the_values_make_the_stack(article):
    inputs = cost_stack.mix_cost_inputs(article, at_values(article), CHINA, "hub")
    share = inputs["output_share"]
    kwh = share.gpu_hours * share.gpu_power_kw * 1e6
    stack = cost_stack.token_cost_parts(article).loc[(OPEN_MODEL, "China, hub", "output")]
    used = inputs["utilisation"]
    idle = 1 + article.idle_power.value * (1 - used) / used
    assert stack["kwh_per_mtok"] == pytest.approx((kwh * inputs["pue"] * idle)[0])


def test_the_error_of_the_energy_model_stretches_time_at_the_same_power(article):
    draws = at_values(article, energy_error_cn=[1.0, 2.0])
    inputs = cost_stack.mix_cost_inputs(article, draws, CHINA, "hub")
    for kind in ("input", "output"):
        hours, power_kw = inputs[f"{kind}_share"]
        assert hours[1] == pytest.approx(2 * hours[0])
        assert power_kw[1] == power_kw[0]


def test_a_larger_flagship_takes_more_and_leaves_the_other_side_alone(article):
    draws = at_values(article, closed_model_active=[20.0, 100.0, 500.0])
    dear, cheap = (cost_stack.mix_cost_inputs(article, draws, *side) for side in ((US, "US"), (CHINA, "hub")))
    assert (np.diff(dear["output_share"].gpu_hours) > 0).all()
    assert np.ptp(cheap["output_share"].gpu_hours) == 0.0


def test_draws_at_once_equal_draws_one_by_one(article):
    changes = {"batch_us": [16.0, 88.0, 352.0], "closed_model_sparsity": [1.0, 4.0, 9.0]}
    together = cost_stack.mix_cost_inputs(article, at_values(article, **changes), US, "US")
    for place in range(3):
        one = at_values(article, **{name: values[place : place + 1] for name, values in changes.items()})
        alone = cost_stack.mix_cost_inputs(article, one, US, "US")
        for name, values in together.items():
            of_three = np.stack(np.broadcast_arrays(*np.atleast_2d(values), np.zeros(3)))[:-1, place]
            assert of_three == pytest.approx(np.ravel(alone[name])), name
