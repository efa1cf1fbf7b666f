"""Electricity's share of published costs by hand, ours beside it, and the steps from the one to the other."""

import pytest

from analysis.inputs import datasets
from analysis.tables import cost_stack, electricity_shares
from analysis.tables.cost_stack import OPEN_MODEL, US, usd

CLASSES = ("industrial", "commercial", "data_centre")


@pytest.fixture(scope="module")
def published(audited):
    return electricity_shares.published_electricity_shares(audited)


@pytest.fixture(scope="module")
def stacks(audited):
    return cost_stack.token_cost_parts(audited)


@pytest.mark.parametrize("word", CLASSES)
def test_published_shares_by_hand_for_each_class_of_tariff(published, audited, word):
    tariff, base = usd(audited, f"tariff_us_{word}"), usd(audited, "tariff_us")

    def share(kwh, cost):
        # electricity at the tariff of the class, in a cost from which that at the base tariff is taken out
        return kwh * tariff / (cost - kwh * base + kwh * tariff)

    by_hand = {
        "InferenceX, H100, hyperscaler": share(1.73, 1.30),
        "InferenceX, H200, specialised cloud": share(1.73, 1.74),
        "InferenceX, MI355X, hyperscaler": share(2.65, 1.48),
        "Epoch AI, 1 GW of GB200": share(8766, 8500),  # a kW for a year, of 8.5 million USD a MW
        "Michael, 100 MW of DGX H100": share(8766, 10_800),
        "Lokshin, trade model, H100": 0.756 * tariff / (1.358 + 0.15 + 0.756 * tariff),
    }
    for stack, expected in by_hand.items():
        assert published.loc[(stack, word), "share_full_load"] == pytest.approx(expected), stack
    at_part = published.loc[("InferenceX, H100, hyperscaler", word), "share_part_load"]
    assert at_part == pytest.approx(share(audited.load_factor.low * 1.73, 1.30))
    below_full = published.loc[("Lokshin, trade model, H100", word), "share_part_load"]
    part = audited.load_factor.low * 0.756 * tariff
    assert below_full == pytest.approx(part / (1.508 + part))


def test_the_scenarios_tariff_is_one_of_the_classes(published):
    own, of_class = (published.xs(word, level="tariff") for word in ("scenario", "data_centre"))
    assert own.equals(of_class)


def test_shares_that_are_stated_stay_as_they_are(published):
    stated = published.xs("publisher", level="tariff")
    epoch = stated.loc["Epoch AI, 1 GW of GB200"]
    shares = epoch[["share_part_load", "share_stated", "share_full_load"]]
    assert shares.tolist() == pytest.approx([0.6 / 12, 0.6 / 8.5, 0.6 / 7])
    assert stated.loc["aiinframap, 1,024 x H200", "share_stated"] == pytest.approx(2.11 / 37.95)
    training = stated.loc["Cottier et al., development of frontier models"]
    assert training[["share_part_load", "share_full_load"]].tolist() == [0.02, 0.06]
    assert "staff" in training["counts"]
    cash = stated.loc["Epoch AI, 1 GW of GB200, cash cost alone"]
    assert cash["share_stated"] == pytest.approx(2 / 3)
    assert cash.isna()["gpu_model"], "not of the whole cost: it stays out of the headline"


def test_grades_are_the_worst_that_enters(published, audited):
    rows = datasets.load_gpu_economics()
    for word in CLASSES:
        worst = max(rows.loc["pub-tco-h100", "grade"], getattr(audited, f"tariff_us_{word}").grade)
        assert published.loc[("InferenceX, H100, hyperscaler", word), "grade"] == worst
    load = audited.load_factor.grade
    at_part = published.dropna(subset="grade_part_load")
    assert (at_part["grade_part_load"] == at_part["grade"].map(lambda grade: max(grade, load))).all()
    assert not rows.loc[["pub-tco-b300", "pub-tco-gb300"], "grade"].isin(["A", "B"]).any(), "placeholders"
    assert not published.index.get_level_values("stack").str.contains("B300").any()


def test_our_hour_by_hand(audited):
    """An H200 of 35,000 USD over five years at 8.7 %, every hour in use, at 700 W and 269 W for the host."""

    def factor(years):
        return (1 - 1.087**-years) / 0.087

    hour = electricity_shares.our_hour(audited, "H200")
    assert hour.electricity == pytest.approx(0.969 * 1.115 * usd(audited, "tariff_us"))
    assert hour.hardware == pytest.approx(35_000 / (factor(5) * 8766))
    assert hour.facility == pytest.approx(10_500 * 0.969 / (factor(15) * 8766))
    assert (hour.network, hour.other) == pytest.approx((0.15, 0.0592))
    large = electricity_shares.our_hour(audited, "B200")
    assert large.network / hour.network == pytest.approx(large.hardware / hour.hardware)
    assert large.other / hour.other == pytest.approx(1000 / 700)


def test_our_hour_is_near_the_published_ones(published):
    """Within a fifth of every cost of an hour that a hyperscaler is said to have."""
    hours = published.xs("scenario", level="tariff")
    hours = hours[hours.index.str.endswith("hyperscaler")]
    assert len(hours) == 7
    ratio = hours["our_cost_usd_per_hour"] / hours["cost_usd_per_hour"]
    assert ratio.between(1 / 1.2, 1.2).all(), ratio


def test_provisioned_power_by_hand(audited):
    cards = electricity_shares.power_of_cards(audited)
    h100 = cards.loc["H100"]
    assert h100["serving_kw"] == pytest.approx((0.7 + 0.269) * 1.115)
    assert h100["provisioned_kw"] == pytest.approx(10.2 / 8 * 1.14 * 1.115, rel=2e-3)  # nameplate of a server
    parts = ["rated_kw", "host_serving_kw", "host_to_nameplate_kw", "network_kw", "cooling_kw"]
    assert cards[parts].sum(axis=1).to_numpy() == pytest.approx(cards["provisioned_kw"].to_numpy())
    assert cards["provisioned_over_published"].between(0.9, 1.25).all()


@pytest.mark.parametrize("name", ["audited", "article"])
def test_steps_lead_from_our_share_to_the_published_one(request, name):
    scenario = request.getfixturevalue(name)
    steps = electricity_shares.share_step_by_step(scenario)
    share = steps["electricity_share"]
    mix = cost_stack.token_cost_parts(scenario).loc[(OPEN_MODEL, "US", "mix")]
    assert US.gpu_model == "H200"
    assert share.iloc[0] == pytest.approx(mix["electricity_share"])
    assert share["every hour in use"] > share.iloc[0]
    assert share["cost of the hour as published"] == pytest.approx(1.73 * usd(scenario, "tariff_us") / 1.41)
    at_part = scenario.load_factor.low * 1.73 * usd(scenario, "tariff_us") / 1.41
    assert share.iloc[-1] == pytest.approx(at_part)
    assert steps["change"].sum() == pytest.approx(share.iloc[-1] - share.iloc[0])


def test_a_busy_hour_costs_what_the_function_of_the_hour_says(audited):
    steps = electricity_shares.share_step_by_step(audited)
    rated = steps.loc["accelerator at its rated power"]
    hour = electricity_shares.our_hour(audited, "H200")
    assert rated["power_kw"] * usd(audited, "tariff_us") == pytest.approx(hour.electricity)
    assert rated["cost_usd_per_hour"] == pytest.approx(hour.total, rel=0.05)


def test_our_shares_are_those_of_the_stack_and_move_with_the_class(audited, stacks):
    ours = electricity_shares.our_shares(audited, stacks)
    mix = stacks.xs("mix", level="kind")
    assert ours.loc[(OPEN_MODEL, "China, hub", "hub"), "electricity_share"] == pytest.approx(
        mix.loc[(OPEN_MODEL, "China, hub"), "electricity_share"]
    )
    for word in CLASSES:
        of_class = audited.choosing("tariff_us", word)
        expected = cost_stack.token_cost_parts(of_class).loc[("flagship", "US", "mix")]
        found = ours.loc[("flagship", "US", word)]
        for column in ("electricity_share", "electricity_share_of_cash"):
            assert found[column] == pytest.approx(expected[column])


def test_headlines_cover_what_is_published_of_a_service(audited, published, stacks):
    ours = electricity_shares.our_shares(audited, stacks)
    found = electricity_shares.headlines(published, ours)
    shares = found["electricity_share_of_cost_published"]
    tariff = usd(audited, "tariff_us")
    assert shares.high == pytest.approx(2.65 * tariff / 1.48)
    part = audited.load_factor.low * 0.756 * tariff
    assert shares.low == pytest.approx(part / (1.508 + part))
    assert shares.low < 0.6 / 8.5 < shares.high
    for headline in found.values():
        assert headline.low <= headline.value <= headline.high < 1.0
    assert found["electricity_share_of_cost_ours"].high < found["electricity_share_cash"].low


def test_headlines_carry_the_weakest_grade(audited, published, stacks):
    ours = electricity_shares.our_shares(audited, stacks)
    found = electricity_shares.headlines(published, ours)
    assert {headline.grade for headline in found.values()} == {"C"}
    better = published.assign(grade="A", grade_part_load="B")
    assert electricity_shares.headlines(better, ours)["electricity_share_of_cost_published"].grade == "B"
    better = ours.assign(grade="B")
    assert electricity_shares.headlines(published, better)["electricity_share_cash"].grade == "B"
