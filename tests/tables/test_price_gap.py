"""Tables of the price gap, against hand-computed values."""

import pandas as pd
import pytest

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables import price_evidence, price_gap
from analysis.tables.price_evidence import (
    CN_AVERAGE,
    CN_HUB,
    ENERGY,
    EUROPE,
    US_AVERAGE,
    US_COMMERCIAL,
    US_DATA_CENTRE,
    WITH_VAT,
    WITHOUT_TAX,
)


def test_the_ratios_of_the_article_by_hand(article) -> None:
    headlines = price_gap.headlines(article)
    average = headlines["tariff_ratio_us_to_cn_average"]
    assert average.value == pytest.approx(1.0 / 0.545)
    assert (average.low, average.high) == pytest.approx((0.8 / 0.61, 1.2 / 0.48))
    assert headlines["tariff_ratio_us_to_hub"].value == pytest.approx(1.0 / 0.215)
    assert headlines["tariff_ratio_widest"].value == pytest.approx(1.2 / 0.13)
    assert round(average.value, 2) == 1.83
    assert round(headlines["tariff_ratio_us_to_hub"].value, 2) == 4.65
    assert round(headlines["tariff_ratio_widest"].value, 2) == 9.23


def test_the_audited_ratio_compares_delivered_prices_each_at_its_rate(audited) -> None:
    ratio = price_gap.headlines(audited)["tariff_ratio_us_to_cn_average"]
    us = 0.0893 * mean_rate("USD", "CNY", "2024")
    assert ratio.value == pytest.approx(us / audited.tariff_cn_average.value)
    assert ratio.low < 1 < ratio.high


def test_headlines_of_each_class_follow_its_rows(audited) -> None:
    found = price_gap.headlines(audited)
    own = found["tariff_ratio_us_to_cn_average"]
    assert found["tariff_ratio_us_data_centre_to_cn_average"] == own
    rate, home = mean_rate("USD", "CNY", "2025"), audited.tariff_cn_average
    commerce = found["tariff_ratio_us_commercial_to_cn_average"]
    assert commerce.value == pytest.approx(0.1341 * rate / home.value)
    assert (commerce.low, commerce.high) == pytest.approx(
        (0.1275 * rate / home.high, 0.1453 * rate / home.low)
    )


def test_tariff_ratios_hold_every_pair_and_its_inverse(article) -> None:
    ratios = price_gap.tariff_ratios(price_gap.scenario_tariffs(article, "CNY"))
    assert len(ratios) == 4 * 3
    there, back = ratios.loc[(price_gap.US, CN_HUB)], ratios.loc[(CN_HUB, price_gap.US)]
    assert there["mid"] * back["mid"] == pytest.approx(1.0)
    assert there["widest"] * back["narrowest"] == pytest.approx(1.0)
    assert (ratios["narrowest"] <= ratios[["low", "mid", "high"]].min(axis=1)).all()
    assert (ratios["widest"] >= ratios[["low", "mid", "high"]].max(axis=1)).all()


def test_ratios_do_not_depend_on_the_currency(article) -> None:
    tables = [price_gap.tariff_ratios(price_gap.scenario_tariffs(article, money)) for money in ("CNY", "USD")]
    assert tables[0].to_numpy() == pytest.approx(tables[1].to_numpy())


def test_ratios_stay_within_a_layer_and_year_and_take_the_weaker_grade() -> None:
    evidence = pd.DataFrame(
        [
            (ENERGY, 2025, US_AVERAGE, 2.0, 3.0, 4.0, "A"),
            (ENERGY, 2025, CN_HUB, 1.0, 1.5, 2.0, "C"),
            (ENERGY, 2024, CN_HUB, 9.0, 9.0, 9.0, "A"),
            (WITH_VAT, 2025, CN_AVERAGE, 5.0, 5.0, 5.0, "A"),
            (WITH_VAT, 2025, EUROPE, 5.0, 10.0, 15.0, "B"),
        ],
        columns=["layer", "year", "region", "low", "value", "high", "grade"],
    )
    found = price_gap.price_ratios_by_layer(evidence)
    assert found.to_dict("split")["data"] == [
        [WITH_VAT, 2025, *["Europe average / China average"] * 2, 1.0, 2.0, 3.0, "B"],
        [ENERGY, 2025, "US industrial / China western hubs", "US / China western hubs", 1.0, 2.0, 4.0, "C"],
    ]


def test_evidence_ratios_by_hand(article) -> None:
    """The annual mean of US industry, and EU band IE, over the mean of the four grids of the hubs."""
    ratios = price_gap.price_ratios_by_layer(price_evidence.price_evidence_by_layer(article, "CNY"))
    by_key = ratios.set_index(["layer", "year", "ratio"])
    us = 0.0862 * mean_rate("USD", "CNY", "2025")
    assert by_key.loc[(WITH_VAT, 2025, "US industrial / China western hubs"), "value"] == pytest.approx(
        us / 0.500008
    )
    europe = 0.1382 * mean_rate("EUR", "CNY", "2025-S1")
    hub = (0.500008 - 0.023) / 1.13 + 0.023
    found = by_key.loc[(WITHOUT_TAX, 2025, "Europe average / China western hubs"), "value"]
    assert found == pytest.approx(europe / hub)
    assert tuple(ratios["layer"].cat.categories) == price_evidence.LAYERS


def test_verdicts_of_the_article(article) -> None:
    table = price_gap.tariff_verdicts(article, article, "CNY").set_index(["layer", "region"])
    words = table["word"]
    for layer in price_evidence.LAYERS:
        assert words[layer, CN_AVERAGE] == words[layer, CN_HUB] == "unsettled", "build-ups are of grade C"
    for layer in (WITH_VAT, WITHOUT_TAX):
        assert words[layer, US_AVERAGE] == words[layer, US_DATA_CENTRE] == "too high"
        assert words[layer, US_COMMERCIAL] == "holds"
    assert words[WITHOUT_TAX, EUROPE] == "holds"
    assert words[WITH_VAT, EUROPE] == "unsettled"
    assert len(words) == 3 * 6 - 2, "energy alone has no class of users"
    nothing = table.loc[(WITH_VAT, EUROPE)]
    assert nothing["grade"] == ""
    assert nothing[["evidence_low", "evidence_value", "evidence_high", "claim_low_deviation"]].isna().all()
    assert table.loc[(WITH_VAT, CN_HUB), "evidence_value"] == pytest.approx(0.500008, abs=1e-6)


def test_verdicts_do_not_depend_on_the_currency(article) -> None:
    """A claim is judged in its own currency, whatever is shown."""
    tables = [price_gap.tariff_verdicts(article, article, money) for money in ("CNY", "USD")]
    assert tables[0]["verdict"].tolist() == tables[1]["verdict"].tolist()
    assert tables[1].loc[0, "claim_low"] == pytest.approx(
        0.48 / mean_rate("USD", "CNY", "2026-01..2026-03-13")
    )


def test_the_tolerance_decides_at_the_edge(article) -> None:
    """A claim that begins 4 % above the evidence."""
    evidence = price_gap.tariff_verdicts(article, article, "CNY").set_index(["layer", "region"])
    start = evidence.loc[(WITHOUT_TAX, US_AVERAGE), "evidence_high"] * 1.04
    claims = load_scenario("article", {"tariff_us": {"low": start, "value": 2 * start, "high": 2 * start}})
    lenient = load_scenario("article", {"verdict_tolerance": {"value": 0.05, "low": 0.05, "high": 0.05}})
    words = [
        price_gap.tariff_verdicts(claims, scenario, "CNY").set_index(["layer", "region"])["word"]
        for scenario in (article, lenient)
    ]
    assert [word[WITHOUT_TAX, US_AVERAGE] for word in words] == ["too high", "holds"]


def test_history_never_interpolates(article) -> None:
    history = price_gap.price_history("CNY", price_evidence.price_evidence_by_layer(article, "CNY"))
    points = history[history["kind"] == "point"]
    assert set(points["series"]) == {"China, national figures", "China, hub reports", "US commercial (EIA)"}
    us = history[history["series"] == "US industrial (EIA)"]
    assert us["time"].round(1).tolist() == [year + 0.5 for year in range(2010, 2026)]
    known = set(datasets.load_prices().index)
    assert all(set(rows.split("; ")) <= known for rows in history["id"])
    assert history["time"].between(2010, 2026).all()


def test_history_by_hand(article) -> None:
    """Every point of the US is a row at its own period's rate."""
    history = price_gap.price_history("USD", price_evidence.price_evidence_by_layer(article, "USD"))
    us = history[history["series"] == "US industrial (EIA)"].set_index("time")
    assert us.loc[2025.5, "price"] == pytest.approx(0.0862)
    assert us.loc[2010.5, ["price", "grade"]].tolist() == [0.0677, "A"]
    assert us.loc[2025.5, "grade"] == "B"
    by_row = history.set_index("id")["price"]
    assert by_row["cn-hub-hohhot-2015-03"] == pytest.approx(0.38 / mean_rate("USD", "CNY", "2015-03"))


def test_independent_prices_keep_kinds_apart(article) -> None:
    table = price_gap.independent_prices(article, "CNY")
    assert {"industrial", "commercial", "IC", "IG", "large two-part 110 kV", "data centre"} <= set(
        table["consumer_class"]
    )
    assert not table[["tax_level", "component", "grade", "source", "id"]].isna().any().any()
    by_row = table.set_index("id")
    assert by_row.loc["us-virginia-com-2023", "cny_per_kwh"] == pytest.approx(
        0.0895 * mean_rate("USD", "CNY", "2023")
    )
    assert "us-avg-ind-2026-01" in by_row.index
    assert "us-avg-ind-2025-12" not in by_row.index


def test_states_and_bands() -> None:
    states, bands = price_gap.us_prices_by_state("USD"), price_gap.europe_prices_by_band("CNY")
    assert states.loc["Virginia", "industrial 2025"] == pytest.approx(0.0945)
    assert states.loc["Virginia", "commercial 2023"] == pytest.approx(0.0895)
    rate = mean_rate("EUR", "CNY", "2025-S1")
    levels = {"without recoverable tax": 0.1382, "without tax": 0.12}
    for level, price in levels.items():
        assert bands.loc["EU-27 average", f"IE {level}"] == pytest.approx(price * rate)
    names = [f"{band} {level}" for band in ("IC", "ID", "IE", "IF", "IG") for level in levels]
    assert list(bands.columns) == names
    for band in ("IC", "IE", "IG"):
        taxed, untaxed = (bands[f"{band} {level}"].dropna() for level in levels)
        both = taxed.index.intersection(untaxed.index)
        assert (taxed[both] >= untaxed[both]).all()
    ig = bands["IG without recoverable tax"]
    assert ig["France"] < ig["Ireland"]
    assert price_gap.europe_prices_by_band("CNY", "1990-S1").empty


def test_what_a_run_takes_stands_at_every_class(audited) -> None:
    """An override moves it; the evidence stays where it is."""
    changed = load_scenario("audited", {"tariff_us": 0.09, "tariff_cn_hub": 0.2})
    ranges = price_gap.taken_by_region(changed, "CNY")
    taken = ranges["value"]
    assert (ranges["low"] < taken).all()
    assert (taken < ranges["high"]).all()
    us = 0.09 * mean_rate("USD", "CNY", audited.tariff_us.period)
    assert [taken[region] for region in price_evidence.US_CLASSES.values()] == pytest.approx([us] * 3)
    assert taken[CN_HUB] == 0.2
    ratio = price_gap.headlines(changed)["tariff_ratio_us_to_hub"]
    assert ratio.value == pytest.approx(us / 0.2)
    ratios = price_gap.tariff_ratios(price_gap.scenario_tariffs(changed, "CNY"))
    assert ratios.loc[(price_gap.US, CN_HUB), "mid"] == pytest.approx(ratio.value)


def test_a_ratio_has_the_grade_of_the_weaker_tariff(audited) -> None:
    """The delivered hub tariff is C whatever the US one is; the subsidised one and the US are B."""
    assert (audited.tariff_us.grade, audited.tariff_cn_hub.grade) == ("B", "C")
    found = price_gap.headlines(audited)
    assert {found[key].grade for key in ("tariff_ratio_us_to_hub", "tariff_ratio_widest")} == {"C"}
    ratios = price_gap.tariff_ratios(price_gap.scenario_tariffs(audited, "CNY"))
    assert ratios.loc[(EUROPE, price_gap.US), "grade"] == max(audited.tariff_europe.grade, "B")
    subsidised = price_gap.headlines(audited.choosing("tariff_cn_hub", "subsidised"))
    assert subsidised["tariff_ratio_us_to_hub"].grade == "B"
    assert subsidised["tariff_ratio_us_to_cn_average"].grade == audited.tariff_cn_average.grade == "C"
