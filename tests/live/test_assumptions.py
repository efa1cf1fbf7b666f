"""What a day's tables renew, against numbers worked out by hand."""

import json

import pytest
import yaml

from analysis.inputs import paths
from analysis.inputs.datasets import load_flagships, load_prices, load_table
from analysis.inputs.scenario import load_scenario
from analysis.live.assumptions import Dated, as_yaml, derive
from analysis.live.catalogues import MODELS_DEV
from analysis.live.statistics import ECB, EIA, EUROSTAT
from tests.live import recorded

DAY = "2026-10-30"
CENTS = {"Texas": 6.0, "Virginia": 9.5}


def hosting() -> dict[str, float]:
    """Return a price for each state whose industrial price of 2025 is at hand, Texas the cheapest."""
    rows = load_prices()
    rows = rows[(rows["region"] == "US") & (rows["period"] == "2025") & (rows["grade"] != "C")]
    states = set(rows.loc[rows["consumer_class"] == "industrial", "area"]) - {"US average"}
    assert CENTS.keys() <= states
    return dict.fromkeys(sorted(states), 9.0) | CENTS


def flagships(country: str) -> list[tuple[str, str]]:
    rows = load_table("flagship_models")
    rows = rows[(rows["role"] == "flagship") & (rows["country"] == country)]
    return list(zip(rows["provider_id"], rows["model_id"], strict=True))


def dated(source, *answers: dict) -> Dated:
    return Dated(DAY, source.table([json.dumps(each).encode() for each in answers]))


@pytest.fixture(scope="module")
def tables() -> dict[str, Dated]:
    return {
        "models-dev": dated(MODELS_DEV, recorded.whole_catalogue([*flagships("US"), *flagships("CN")])),
        "eia": dated(EIA, recorded.eia(0, recorded.whole_eia(hosting()))),
        "eurostat": dated(EUROSTAT, recorded.whole_eurostat()),
        "ecb": Dated(DAY, ECB.table([recorded.ECB.encode()])),
    }


def ends(entry: dict) -> tuple[float, float, float]:
    return entry["low"], entry["value"], entry["high"]


def test_list_prices_are_median_and_range_over_the_flagships(tables) -> None:
    found, missing = derive(tables)
    us, china = len(flagships("US")), len(flagships("CN"))
    assert ends(found["price_us_input"]) == (1.0, (us + 1) / 2, us)
    assert ends(found["price_cn_output"]) == (10 * (us + 1), 10 * (us + (china + 1) / 2), 10 * (us + china))
    assert found["price_us_input"]["source"] == f"snapshots/{DAY}/models-dev"
    assert found["price_us_input"]["period"] == DAY
    assert not missing


def test_models_that_are_gone_are_named(tables) -> None:
    us, china = flagships("US"), flagships("CN")
    some = dated(MODELS_DEV, recorded.whole_catalogue([*us[1:], *china[:2]]))
    found, missing = derive(tables | {"models-dev": some})
    gone = load_table("flagship_models").set_index("model_id").loc[us[0][1], "label"]
    assert missing[1] == f"list prices, US: no longer listed: {gone}"
    there, _, left_out = found["price_us_input"]["note"].partition("no longer listed: ")
    assert gone in left_out
    assert gone not in there
    assert "price_cn_input" not in found
    assert missing[0].startswith("list prices, CN: no longer listed: ")
    assert missing[0].endswith("; fewer than 3 are left")
    assert gone not in missing[0]


def test_us_tariffs_are_means_of_the_latest_twelve_months(tables) -> None:
    """Months 0 to 23 rise by 0.01 cent each: the years' means are those of 0 to 11 and of 12 to 23."""
    found, _ = derive(tables)
    industrial = found["tariff_us_industrial"]
    assert ends(industrial) == pytest.approx((0.08055, 0.08175, 0.0823))
    assert (industrial["period"], industrial["grade"]) == ("2025-09..2026-08", "A")
    assert ends(found["tariff_us_commercial"]) == pytest.approx((0.13055, 0.13175, 0.1323))
    centre = found["tariff_us_data_centre"]
    assert ends(centre) == pytest.approx((0.06175, 0.09175, 0.0923))
    assert "industry in Texas" in centre["note"]
    assert "Virginia in 2026-08" in centre["note"]
    assert centre["grade"] == "B"


def test_a_month_that_is_missing_leaves_a_tariff_as_it_was(tables) -> None:
    rows = [row for row in recorded.whole_eia(hosting()) if row[:3] != ("2025-12", "U.S. Total", "IND")]
    found, missing = derive(tables | {"eia": dated(EIA, recorded.eia(0, rows))})
    assert "tariff_us_industrial" not in found
    assert "tariff_us_commercial" in found
    assert missing == ["tariff_us_industrial: 24 months in a row of U.S. Total, industrial, are not there"]


def test_europe_is_the_latest_half_year_with_all_bands(tables) -> None:
    found, _ = derive(tables)
    assert ends(found["tariff_europe"]) == (0.11, 0.14, 0.19)
    assert found["tariff_europe"]["period"] == "2025-S2"
    answer = recorded.whole_eurostat()
    answer["value"][8] = None
    found, missing = derive(tables | {"eurostat": dated(EUROSTAT, answer)})
    assert "tariff_europe" not in found
    assert missing == ["tariff_europe: no half-year of the EU-27 has bands IE, IG, IC"]


def test_what_was_never_fetched_is_told() -> None:
    found, missing = derive({})
    assert not found
    assert len(missing) == 3
    assert "eia was never fetched" in missing[1]


def test_a_file_says_what_entries_say_and_a_scenario_takes_it(tables, tmp_path, monkeypatch) -> None:
    found, _ = derive(tables)
    assert yaml.safe_load(as_yaml(found)) == found
    (tmp_path / DAY).mkdir()
    (tmp_path / DAY / "assumptions.yaml").write_bytes(as_yaml(found))
    monkeypatch.setenv(paths.SNAPSHOTS, str(tmp_path))
    scenario = load_scenario("audited@2026-10")
    assert scenario.rates_of == DAY
    for name in found.keys() - {"exchange_rates"}:
        assert getattr(scenario, name).model_dump(include=set(found[name])) == found[name]


def test_what_a_scenario_would_refuse_is_left_out_and_told(tables) -> None:
    models = [*flagships("US"), *flagships("CN")]
    beyond = dated(MODELS_DEV, recorded.whole_catalogue(models, factor=500.0))
    found, missing = derive(tables | {"models-dev": beyond})
    assert {name for name in found if name.startswith("price")} == {"price_us_input", "price_cn_input"} & {
        *found
    }
    assert any(line.startswith("price_cn_output: ") and "out of bounds" in line for line in missing)


def test_a_model_that_is_free_is_not_listed(tables) -> None:
    catalogue = recorded.whole_catalogue([*flagships("US"), *flagships("CN")])
    provider, model = flagships("US")[0]
    catalogue[provider]["models"][model]["cost"] = {"input": 0, "output": 0}
    found, missing = derive(tables | {"models-dev": dated(MODELS_DEV, catalogue)})
    assert found["price_us_input"]["low"] == 2.0
    assert len(missing) == 1


def test_the_pinned_catalogue_gives_the_prices_of_the_audited_scenario(audited) -> None:
    rows = load_flagships()
    found, missing = derive({"models-dev": Dated("2026-03-12", rows[[*MODELS_DEV.schema.columns]])})
    for name, entry in found.items():
        known = getattr(audited, name)
        assert ends(entry) == (known.low, known.value, known.high)
        assert (entry["period"], entry["unit"]) == (known.period, known.unit)
    assert len(found) == 4
    assert len(missing) == 2
