"""What electricity costs in a place: the row it is from, its ends, and names that are none."""

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError
from analysis.tables.places import place_or_raise, places, tariffs_of
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
    assert {source for cell in table["source"] for source in cell.split("; ")} <= known
    assert set(table["grade"]) <= {"A", "B", "C"}
    chinese = table.index[table["side"] == "cn"]
    assert {"Guizhou", "Guizhou hub", "China average", "China western hubs", "Ningxia"} <= set(chinese)
    assert not {"Texas", "Germany", "Singapore"} & set(chinese)


def test_a_chinese_grid_is_without_recoverable_tax(audited) -> None:
    from analysis.tables import china_grids

    billed = china_grids.delivered_prices(audited).loc["Guizhou", "best"]
    from analysis.inputs.money import mean_rate

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
