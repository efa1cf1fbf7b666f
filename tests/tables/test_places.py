"""What electricity costs in a place: the row it is from, its ends, and names that are none."""

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets
from analysis.inputs.errors import DataError, ParameterError
from analysis.inputs.money import mean_rate
from analysis.inputs.place_entries import place_or_raise
from analysis.tables.places import places, tariffs_of
from analysis.tables.same_weights import host_tariffs


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("US", "US data centre"),
        ("usa", "US data centre"),
        ("texas", "Texas"),
        ("DE", "Germany"),
        ("guizhou", "Guizhou"),
        ("Guizhou hub", "Guizhou hub"),
        ("cn-hub", "China western hubs"),
        ("european union", "EU-27 average"),
        ("inner-mongolia west", "Inner Mongolia West"),
        ("Inner Mongolia", "Inner Mongolia West"),
        ("uae", "United Arab Emirates"),
        ("québec", "Quebec"),
    ],
)
def test_a_place_is_found_by_every_name_that_it_has(name: str, place: str) -> None:
    assert place_or_raise(name) == place
    assert place in places().index


def test_an_unknown_place_is_refused_with_the_nearest() -> None:
    with pytest.raises(ParameterError, match=r"^--place: 'Texs' is not known; did you mean Texas\?$"):
        place_or_raise("Texs", "--place")


def test_prices_are_those_of_the_rows(audited) -> None:
    prices, table = datasets.load_prices(), places()
    texas = prices[(prices["area"] == "Texas") & (prices["component"] == "delivered")]
    industrial = texas[(texas["consumer_class"] == "industrial") & (texas["period"] == "2025")]
    assert table.loc["Texas", "value"] == industrial["value"].item(), "the whole year, not its last month"
    assert table.loc["Texas", "source"].startswith(industrial["source"].item())
    assert table.loc["Texas", "high"] > table.loc["Texas", "value"], "commercial users pay more"
    countries = host_tariffs(audited)
    for country, place in (("US", "US data centre"), ("CN-hub", "China western hubs"), ("DE", "Germany")):
        for end in ("low", "value", "high"):
            assert table.loc[place, end] == pytest.approx(countries.loc[country, end])


def test_every_place_has_ends_in_order_a_source_and_a_grade() -> None:
    table = places()
    assert ((table["low"] > 0) & (table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    assert table["high"].max() < 0.5, "USD/kWh"
    known = set(datasets.load_sources().index)
    for name, column in (("pue", "pue"), ("carbon_g_per_kwh", "carbon"), ("capital_premium", "capital")):
        told = table[name].notna()
        assert told.sum() >= 20
        assert (table[f"{column}_source"].isin(known) == told).all()
        assert (table[f"{column}_grade"].isin(list("ABC")) == told).all()
    assert {source for cell in table["source"] for source in cell.split("; ")} <= known
    assert set(table["grade"]) <= {"A", "B", "C"}
    chinese = table.index[table["side"] == "cn"]
    assert {"Guizhou", "Guizhou hub", "China average", "China western hubs", "Ningxia"} <= set(chinese)
    assert not {"Texas", "Germany", "Singapore"} & set(chinese)


def test_a_chinese_grid_is_without_recoverable_tax(audited) -> None:
    from analysis.tables import china_grids

    billed = china_grids.delivered_prices(audited).loc["Guizhou", "best"]
    net = places().loc["Guizhou", "value"] * mean_rate("USD", "CNY", "2025")
    assert billed / 1.13 < net < billed


def test_a_price_that_is_told_wins_over_the_place() -> None:
    told = np.array([0.05, np.nan, np.nan])
    found = tariffs_of(told, pd.Series(["Guizhou", "Guizhou", None]))
    assert found.price.value[0] == found.price.low[0] == found.price.high[0] == 0.05
    assert found.price.value[1] == places().loc["Guizhou", "value"]
    assert np.isnan(found.price.value[2])
    assert found.side.tolist() == ["cn", "cn", "us"]
    assert found.of_tariff("grade").tolist() == ["", "B", ""]
    assert found.rows.index.tolist() == ["Guizhou", "Guizhou", ""]


def test_the_row_of_an_unknown_place_is_named() -> None:
    names = pd.Series(["Texas", "Mars"], index=["a", "b"])
    with pytest.raises(ParameterError, match=r"^row b, column place: 'Mars' is not known"):
        tariffs_of(np.full(2, np.nan), names)


WANTED = (
    "Norway, Iceland, Sweden, Germany, France, United Arab Emirates, Saudi Arabia, India, Japan, Singapore, "
    "Malaysia, Brazil, Quebec, Texas, Virginia, Ningxia, Gansu, Guizhou, Inner Mongolia West, South Korea"
)


def test_the_places_that_are_wanted_are_there() -> None:
    assert set(WANTED.split(", ")) <= set(places().index)


def test_a_tariff_of_its_own_is_exchanged_at_the_mean_rate_of_its_period() -> None:
    table = datasets.load_table("places")
    own = table[table["tariff"].notna()]
    assert len(own) >= 12
    for name, row in own.iterrows():
        rate = mean_rate(row["currency"], "USD", row["period"])
        assert places().loc[name, "value"] == pytest.approx(row["tariff"] * rate)
    iceland = places().loc["Iceland"]
    assert (iceland["low"], iceland["value"], iceland["high"]) == (0.043, 0.0895, 0.0895)


def test_the_first_row_is_the_value_and_the_others_its_ends() -> None:
    germany, prices = places().loc["Germany"], datasets.load_prices()["value"]
    rate = mean_rate("EUR", "USD", "2025-S1")
    bands = {"low": "ig", "value": "ie", "high": "ic"}
    for end, band in bands.items():
        assert germany[end] == pytest.approx(prices[f"eu-de-{band}-xvat-2025-s1"] * rate)
    assert germany["grade"] == "A"
    assert places().loc["Texas", "grade"] == "B", "the commercial price is B"


@pytest.mark.parametrize(
    "cells", [{"price_rows": None}, {"grid": "Gansu"}, {"price_rows": None, "host_area": "Atlantis"}]
)
def test_a_place_takes_its_tariff_from_one_place_alone(monkeypatch, cells) -> None:
    table = datasets.load_table("places")
    for column, cell in cells.items():
        table.loc["Texas", column] = cell
    load = datasets.load_table
    monkeypatch.setattr(
        datasets, "load_table", lambda name, *more: table if name == "places" else load(name, *more)
    )
    row = table.index.get_loc("Texas") + 2
    with pytest.raises(DataError, match=rf"^places\.csv, row {row}, column (price_rows|host_area): "):
        places.__wrapped__()
