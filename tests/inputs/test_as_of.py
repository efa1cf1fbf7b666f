"""Scenarios as of a day: which day, what it renews, from where."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analysis.inputs import as_of, paths
from analysis.inputs.datasets import load_table
from analysis.inputs.errors import ScenarioError
from analysis.inputs.scenario import load_scenario, reference_of

PUE = "pue: {value: 1.1, unit: ratio, source: mine, grade: C}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.SNAPSHOTS, str(tmp_path / "snapshots"))
    return tmp_path / "snapshots"


def lay_down(root: Path, day: str, text: str = PUE) -> None:
    (root / day).mkdir(parents=True)
    (root / day / as_of.ASSUMPTIONS).write_text(text, encoding="utf-8")


def test_a_month_means_its_last_snapshot(root: Path) -> None:
    for day in ("2026-09-02", "2026-09-10", "2026-10-05"):
        lay_down(root, day)
    assert as_of.day_in_force("2026-10") == "2026-10-05"
    assert as_of.day_in_force("2026-10-04") == "2026-09-15"  # committed list prices, later than a snapshot
    assert as_of.day_in_force("2026-09") == "2026-09-10"  # a snapshot of the month comes first
    assert as_of.day_in_force("2026-09-09") == "2026-09-02"
    assert as_of.day_in_force("2026-08") == "2026-07-15"


def test_what_is_no_snapshot_counts_as_none(root: Path, tmp_path: Path) -> None:
    lay_down(tmp_path / "elsewhere", "2026-10-05")
    root.mkdir()
    (root / "2026-10-05").symlink_to(tmp_path / "elsewhere" / "2026-10-05")
    (root / "2026-10-06").mkdir()
    (root / "2026-02-31").mkdir()
    (root / "2026-10-07").write_text("", encoding="utf-8")
    assert as_of.days(root, as_of.ASSUMPTIONS) == []
    assert as_of.days(root) == ["2026-10-06"]


@pytest.mark.parametrize(
    "when", ["", "2026", "2026-13", "2026-02-30", "../x", "2026-1", "2026-11-30x", "２０２６-11", "2026-11@x"]
)
def test_what_is_no_day_is_refused(when: str) -> None:
    with pytest.raises(ScenarioError, match="write a month or a day"):
        load_scenario(f"audited@{when}")


def test_an_unknown_date_names_those_there_are(root: Path) -> None:
    lay_down(root, "2026-10-05")
    with pytest.raises(ScenarioError, match=r"snapshots: 2026-10-05; committed list prices: .*2026-07-15"):
        load_scenario("audited@2024-01")
    ahead = f"{datetime.now(UTC) + timedelta(days=40):%Y-%m}"
    with pytest.raises(ScenarioError, match="has not come yet; snapshots: 2026-10-05"):
        load_scenario(f"audited@{ahead}")


def test_a_snapshot_is_laid_over_a_scenario(root: Path, audited) -> None:
    row = "{value: 0.2, unit: EUR/kWh, period: 2026-S1, source: snapshots/2026-10-05/eurostat, grade: A}"
    lay_down(root, "2026-10-05", f"tariff_europe: {row}\n")
    dated = load_scenario("audited@2026-10")
    assert (dated.name, dated.as_of) == ("audited@2026-10-05", "2026-10-05")
    assert dated.title.endswith("; tariffs as of 2026-10-05")
    assert dated.tariff_europe.value == 0.2
    assert dated.renewed == {"tariff_europe": "snapshots/2026-10-05/eurostat"}
    assert dated.root == audited.root
    before = audited.assumptions()
    assert {name for name, entry in dated.assumptions().items() if entry != before[name]} == {"tariff_europe"}
    assert load_scenario("audited@2026-10", {"tariff_europe": 0.3}).tariff_europe.value == 0.3
    assert load_scenario("audited") == audited


def test_the_class_of_a_tariff_is_chosen_from_what_is_renewed(root: Path) -> None:
    row = "{value: 0.2, unit: USD/kWh, period: 2026-08, source: s, grade: A}"
    lay_down(root, "2026-10-05", f"tariff_us_data_centre: {row}\n")
    dated = load_scenario("audited@2026-10-05")
    assert dated.tariff_us == dated.tariff_us_data_centre
    assert dated.tariff_us.value == 0.2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pue: [", "assumptions.yaml"),
        ("", "should hold name: value"),
        ("name: audited\n", "2026-10-05/assumptions.yaml: unknown name 'name'"),
        ("as_of: 2020-01-01\n", "unknown name 'as_of'"),
        (f"{PUE}exchange_rates: ../../x\n", r"exchange_rates: '\.\./\.\./x' is no day"),
        (f"{PUE}exchange_rates: 7\n", "exchange_rates: 7 is no day"),
        ("pue: {value: 99, unit: ratio, source: s, grade: A}\n", "audited@2026-10-05: pue: value 99 is out"),
        ("pue: 3\n", "audited@2026-10-05: pue"),
    ],
)
def test_a_damaged_snapshot_is_named(root: Path, text: str, message: str) -> None:
    lay_down(root, "2026-10-05", text)
    with pytest.raises(ScenarioError, match=message):
        load_scenario("audited@2026-10")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("article@2026-10", "article holds the claims themselves"),
        ("nobody@2026-10", "unknown scenario 'nobody'"),
        ("../audited@2026-10", "not allowed"),
        ("@2026-10", "not allowed"),
    ],
)
def test_what_no_snapshot_renews_is_refused(name: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        load_scenario(name)


def test_a_file_extends_the_day_itself(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for extends, name, message in (
        ("audited@2026-07", "mine", "a file names the day itself: audited@2026-07-15"),
        ("audited", "audited@2026-07-15", "is that of a scenario as of a day"),
    ):
        file.write_text(f"name: {name}\ntitle: t\nextends: {extends}\n", encoding="utf-8")
        with pytest.raises(ScenarioError, match=message):
            load_scenario(str(file))
    file.write_text("name: mine\ntitle: t\nextends: audited@2026-07-15\n", encoding="utf-8")
    mine = load_scenario(str(file))
    assert (mine.name, mine.as_of, mine.root.name) == ("mine", "2026-07-15", "article")
    assert mine.price_us_input == load_scenario("audited@2026-07").price_us_input


def test_committed_list_prices_by_hand() -> None:
    """Of July 2026, Opus 4.8, GPT-5.5, Gemini 3.1 Pro, Grok 4.5: 5, 5, 2, 2 and 25, 30, 12, 6 USD."""
    dated = load_scenario("audited@2026-07")
    price = dated.price_us_output
    assert (price.low, price.value, price.high) == (6.0, 18.5, 30.0)
    assert dated.price_us_input.value == 3.5
    assert (price.period, price.source, price.grade) == ("2026-07-15", "litellm_prices", "B")
    assert "genai-prices 0.0.71, litellm 1.92.0" in price.note
    assert dated.tariff_us == load_scenario("audited").tariff_us


def test_days_with_few_models_are_not_offered() -> None:
    days = as_of.archived_days()
    assert "2025-01-01" not in days
    assert set(days) < set(load_table("price_flagships")["date"])
    assert reference_of("audited@2026-11-23") == "audited@2026-09-15"


def test_prices_of_too_few_models_stay_as_they_were() -> None:
    models = pd.DataFrame(
        {
            "country": ["US"] * 3 + ["CN"] * 2,
            "label": list("abcde"),
            "input_usd_per_mtok": [1.0, 2.0, 6.0, 1.0, 1.0],
            "output_usd_per_mtok": [10.0, 20.0, 60.0, 1.0, 1.0],
            "grade": ["A", "B", "A", "A", "A"],
        }
    )
    found = as_of.price_entries(models, "2026-11-01", "s", "n")
    assert set(found) == {"price_us_input", "price_us_output"}
    entry = found["price_us_output"]
    assert [entry[end] for end in ("low", "value", "high")] == [10.0, 20.0, 60.0]
    assert entry["grade"] == "B"


def test_models_come_from_the_table_that_prices_name(root: Path) -> None:
    lay_down(root, "2026-10-05")
    table = "provider_id,model_id,input_usd_per_mtok,output_usd_per_mtok,cached_input_usd_per_mtok\n"
    file = root / "2026-10-05" / "models-dev.csv"
    file.write_text(f"{table}openai,gpt-5.4,7,8,\nx,y,1,1,\n", encoding="utf-8")
    day, models = as_of.models("2026-10-31", "snapshots/2026-10-05/models-dev")
    assert day == "2026-10-05"
    assert models[["label", "input_usd_per_mtok"]].to_numpy().tolist() == [["GPT-5.4", 7]]
    for end in ("../x", "2026-10-05/..", "2026-10-05", "2026-10-05/.x", ""):
        source = f"snapshots/{end}"
        with pytest.raises(ScenarioError, match="is no table of a snapshot"):
            as_of.models("2026-10-31", source)
    file.write_text("x\n1\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"2026-10-05/models-dev\.csv"):
        as_of.models("2026-10-31", "snapshots/2026-10-05/models-dev")
