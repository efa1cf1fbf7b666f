"""The elasticity of the prices of the same weights to tariffs."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from analysis.tables import same_weights, tariff_elasticity

CHOICES = ["price", "sample", "country", "tariff"]


@pytest.fixture(scope="module")
def specifications(article):
    return tariff_elasticity.elasticity_by_specification(article)


@pytest.fixture(scope="module")
def curve(specifications):
    return tariff_elasticity.estimated_specifications(specifications)


def test_every_combination_is_there_or_says_why_not(specifications, curve) -> None:
    sizes = [3, len(tariff_elasticity.SAMPLES), 3, 2]
    assert specifications[CHOICES].nunique().tolist() == sizes
    assert len(specifications) == np.prod(sizes)
    assert not specifications.duplicated(CHOICES).any()
    left_out = specifications[specifications["left_out"] != ""]
    assert left_out["estimate"].isna().all()
    assert curve.drop(columns="left_out").notna().all(axis=None)
    alone = left_out[left_out["sample"] == "resellers and aggregators alone"]
    assert len(alone) == 18, "resellers alone tell nothing: their tariff does not vary"


@pytest.fixture(scope="module")
def rows_of(article):
    """Return a function that gives the quotes of a specification."""
    national = same_weights.host_tariffs(article)["value"]
    quotes = tariff_elasticity.classified_quotes(article)
    tariffs = {
        tariff_elasticity.NATIONAL: national,
        tariff_elasticity.HUB: national.drop("CN").rename({"CN-hub": "CN"}),
    }

    @cache
    def chosen(sample: str, country: str, tariff: str) -> pd.DataFrame:
        rows = same_weights.one_a_host(quotes.query(tariff_elasticity.SAMPLES[sample]))
        return tariff_elasticity.elasticity_panel(rows, country, tariffs[tariff])

    return lambda row: chosen(row["sample"], row["country"], row["tariff"])


def test_a_panel_counts_a_company_once_in_a_place(rows_of) -> None:
    choice = {
        "sample": "vendors and hosts",
        "country": tariff_elasticity.HEADQUARTERS,
        "tariff": tariff_elasticity.NATIONAL,
    }
    seats = rows_of(choice)
    served = rows_of(choice | {"country": tariff_elasticity.SERVED})
    several = rows_of(choice | {"country": tariff_elasticity.SERVED_MEAN})
    kimi = "moonshotai/Kimi-K2.5"
    assert "azure-cognitive-services" not in set(seats["provider_id"])
    assert not {"moonshotai-cn"} & set(seats.loc[seats["weights"] == kimi, "provider_id"])
    assert {"moonshotai", "moonshotai-cn"} <= set(served.loc[served["weights"] == kimi, "provider_id"])
    assert not served["place"].str.contains(";").any()
    assert "nebius" in set(several["provider_id"]) - set(served["provider_id"])
    for table in (seats, served, several):
        assert table["weights"].value_counts().min() >= 2
        assert not table["suspect"].any()


@pytest.mark.parametrize("position", [0, 40, 90])
def test_a_formula_with_weights_as_categories_agrees(curve, rows_of, position: int) -> None:
    row = curve.iloc[position]
    table = rows_of(row).assign(log_price=lambda found: np.log(found[same_weights.PRICE_OF[row["price"]]]))
    company = pd.factorize(table["company_group"])[0]
    model = smf.ols("log_price ~ log_tariff + C(weights)", table).fit(
        cov_type="cluster", cov_kwds={"groups": company}, use_t=True
    )
    alone = smf.ols("log_price ~ C(weights)", table).fit()
    assert row["estimate"] == pytest.approx(model.params["log_tariff"])
    assert row["standard_error"] == pytest.approx(model.bse["log_tariff"])
    assert (row["low"], row["high"]) == pytest.approx(tuple(model.conf_int().loc["log_tariff"]))
    assert row["r2_added"] == pytest.approx(model.rsquared - alone.rsquared)
    assert row["r2_weights"] == pytest.approx(alone.rsquared)
    assert (row["rows"], row["weights"]) == (len(table), table["weights"].nunique())


def test_the_first_look_is_reproduced_within_its_interval(curve) -> None:
    """Headquarters -0.79 to 0.07, hosts only -0.40 to 0.25, served country -0.10 to 1.67."""
    base = curve.query("price == 'output' and tariff == 'Chinese average'").set_index(["sample", "country"])[
        "estimate"
    ]
    assert -0.79 < base[("vendors and hosts", "headquarters")] < 0.07
    assert -0.40 < base[("hosts only", "headquarters")] < 0.25
    assert -0.10 < base[("vendors and hosts", "served, one country")] < 1.67
    assert (
        base[("without Alibaba", "served, one country")] < base[("vendors and hosts", "served, one country")]
    )


def test_intervals_hold_their_estimates_and_tests_agree_with_them(curve) -> None:
    assert (curve["wild_low"] < curve["estimate"]).all()
    assert (curve["estimate"] < curve["wild_high"]).all()
    outside = (curve["wild_low"] > 0) | (curve["wild_high"] < 0)
    assert ((curve["p_zero"] < tariff_elasticity.LEVEL) == outside).mean() > 0.97
    assert curve["p_permutation"].between(0.001, 1).all()
    assert (curve["minimum_detectable"] > 2 * curve["standard_error"]).all()
    assert (curve["effective_companies"] <= curve["companies"]).all()
    assert curve["tariffs"].between(4, 10).all()


def test_the_headline_is_the_median_and_the_envelope(specifications, curve) -> None:
    slope = tariff_elasticity.headlines(specifications)["tariff_elasticity"]
    assert slope.value == np.median(curve["estimate"])
    assert (slope.low, slope.high) == (min(curve["wild_low"]), max(curve["wild_high"]))
    assert slope.low < 0 < slope.high


def test_the_unit_of_tariffs_does_not_matter(rows_of) -> None:
    """A factor common to all tariffs moves nothing."""
    choice = {"sample": "hosts only", "country": tariff_elasticity.HEADQUARTERS}
    table = rows_of(choice | {"tariff": tariff_elasticity.NATIONAL})
    scaled = table.assign(log_tariff=table["log_tariff"] + np.log(7.0))
    found, again = (tariff_elasticity._estimate(part, "output", 0.6) for part in (table, scaled))
    for name, value in found.items():
        assert again[name] == pytest.approx(value, abs=2e-3), name
