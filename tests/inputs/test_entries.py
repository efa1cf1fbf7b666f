"""Raw entries: choices of an assumption, numbers that replace one, and what is refused."""

import re
from pathlib import Path

import pytest

from analysis.inputs import paths
from analysis.inputs.assumption import Definition
from analysis.inputs.entries import apply_override, definitions_in, with_choices, with_numbers
from analysis.inputs.errors import DataError, ScenarioError
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario

TARIFF = {
    "value": 0.1,
    "low": 0.05,
    "high": 0.2,
    "unit": "USD/kWh",
    "period": "2025",
    "source": "s",
    "grade": "A",
}
DEFINED = {
    "tariff": Definition(
        "a tariff", ("USD/kWh",), 0.001, 0.15, None, {"day": "tariff_day", "night": "tariff_night"}
    ),
    "tariff_day": Definition("by day", ("USD/kWh",), 0.001, 100),
    "tariff_night": Definition("by night", ("USD/kWh",), 0.001, 100),
}
ENTRIES = {"tariff": "day", "tariff_day": TARIFF, "tariff_night": {**TARIFF, "value": 0.06}}


def test_a_word_stands_for_the_entry_of_its_choice() -> None:
    assert with_choices(ENTRIES, DEFINED, "file")["tariff"] is TARIFF
    assert ENTRIES["tariff"] == "day", "nothing is changed in place"
    with pytest.raises(
        ScenarioError, match=r"^file: tariff: 'nigth' is none of day, night; did you mean night"
    ):
        with_choices({**ENTRIES, "tariff": "nigth"}, DEFINED, "file")


def test_a_number_takes_the_rest_from_what_it_replaces() -> None:
    """The ends move in proportion, inside the bounds; the origin is no longer that of the row."""
    entries = dict(ENTRIES)
    apply_override(entries, DEFINED, "tariff", 0.12)
    moved = entries["tariff"]
    assert (moved["low"], moved["value"]) == pytest.approx((0.06, 0.12))
    assert moved["high"] == 0.15, "the highest that is possible, not 0.24"
    assert (moved["unit"], moved["period"], moved["source"], moved["grade"]) == (
        "USD/kWh",
        "2025",
        "override",
        "C",
    )
    assert with_numbers({"tariff": 0.12}, ENTRIES, DEFINED, "mine.yaml")["tariff"] == moved
    assert with_numbers({"tariff": 0.12}, {}, DEFINED, "mine.yaml") == {"tariff": 0.12}, (
        "nothing to take the unit from"
    )


def test_an_override_of_a_choice_moves_what_chose_it() -> None:
    entries = dict(ENTRIES)
    apply_override(entries, DEFINED, "tariff_day", 0.08)
    assert with_choices(entries, DEFINED, "file")["tariff"]["value"] == 0.08
    apply_override(entries, DEFINED, "tariff", "night")
    assert with_choices(entries, DEFINED, "file")["tariff"]["value"] == 0.06


def test_an_amount_brings_its_unit_and_has_no_range() -> None:
    found = load_scenario("article", {"tariff_us": "0.09 USD/kWh"}).tariff_us
    assert (found.low, found.value, found.high, found.unit) == (0.09, 0.09, 0.09, "USD/kWh")
    assert (found.source, found.grade) == ("override", "C")
    with pytest.raises(ScenarioError, match="unit 'JPY/kW' is not one of"):
        load_scenario("article", {"tariff_us": "9 JPY/kW"})
    with pytest.raises(ScenarioError, match="neither a usable number nor a mapping"):
        load_scenario("article", {"tariff_us": "nine USD/kWh"})


@pytest.mark.parametrize("given", [True, "dear", 10**400, [1]])
def test_what_is_no_number_is_refused(given: object) -> None:
    with pytest.raises(
        ScenarioError, match=r"override 'tariff_day': .* is neither a usable number nor a mapping"
    ):
        apply_override(dict(ENTRIES), DEFINED, "tariff_day", given)


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(f"name: mine\ntitle: T\nextends: audited\n{text}\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("word", ["industrial", "commercial", "data_centre"])
def test_a_file_may_choose_the_class_of_the_us_tariff(tmp_path: Path, word: str, audited) -> None:
    mine = load_scenario(write(tmp_path, f"tariff_us: {word}"))
    assert (
        mine.tariff_us == audited.entries[f"tariff_us_{word}"] == mine.choosing("tariff_us", word).tariff_us
    )
    assert load_scenario("audited", {"tariff_us": word}).tariff_us == mine.tariff_us
    assert load_scenario("article", {"tariff_us": word}).tariff_us == mine.tariff_us


def test_a_file_may_change_the_class_that_it_inherits(tmp_path: Path) -> None:
    mine = load_scenario(write(tmp_path, "tariff_us_data_centre: 0.2"))
    assert mine.tariff_us == mine.tariff_us_data_centre
    assert mine.tariff_us.value == 0.2
    assert load_scenario("audited", {"tariff_us_data_centre": 0.2}).tariff_us == mine.tariff_us


def test_a_number_in_a_file_is_what_an_override_is(tmp_path: Path, audited) -> None:
    """Unit and period are those of what it extends, source and grade those of an assumption."""
    mine = load_scenario(write(tmp_path, "tariff_us: 0.09\npue: 1.3"))
    assert mine.tariff_us == load_scenario("audited", {"tariff_us": 0.09}).tariff_us
    assert mine.pue == load_scenario("audited", {"pue": 1.3}).pue
    before = audited.tariff_us
    assert (mine.tariff_us.unit, mine.tariff_us.period) == (before.unit, before.period)
    assert (mine.tariff_us.source, mine.tariff_us.grade, mine.tariff_us.rows) == ("override", "C", ())
    assert mine.tariff_us.low == pytest.approx(before.low * 0.09 / before.value)
    with pytest.raises(ScenarioError, match=r"tariff_us: value 1000 is out of bounds"):
        load_scenario(write(tmp_path, "tariff_us: 1000"))


def test_an_unknown_word_in_a_file_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        ScenarioError, match=r"mine\.yaml: tariff_us: 'comercial' is none of .* did you mean commercial"
    ):
        load_scenario(write(tmp_path, "tariff_us: comercial"))


@pytest.mark.parametrize(("name", "whole"), [("rent_low", "nothing"), ("cheap", "tariff_us")])
def test_a_choice_is_called_after_what_it_stands_for(
    data_copy: Path, name: str, whole: str, monkeypatch
) -> None:
    monkeypatch.setattr(paths, "DATA", data_copy)
    with (data_copy / "assumptions.csv").open("a", encoding="utf-8") as file:
        file.write(
            f"{name},a choice,currency/kWh,0.001,100,0.1,0.1,0.1,USD/kWh,USD,2025,project,C,,{whole}\n"
        )
    with pytest.raises(DataError, match=f"column choice_of: '{name}' can be no choice of '{whole}'"):
        definitions_in(data_copy)


def test_the_rows_of_a_start_are_known(audited) -> None:
    assert audited.tariff_us_commercial.rows == ("us-avg-com-2025", "us-avg-com-2024", "us-avg-com-2026-07")


@pytest.mark.parametrize(
    "text", ["0.09 USD/kWh", "0.045 EUR/kWh", "20 USD/MWh", "0.5..0.7 CNY/kWh", "10 NOK/kWh"]
)
def test_a_file_and_an_override_read_the_same_amounts(tmp_path: Path, text: str) -> None:
    mine = load_scenario(write(tmp_path, f"tariff_us: {text}"))
    assert mine.tariff_us == load_scenario("audited", {"tariff_us": text}).tariff_us
    own = load_scenario("audited").tariff_us
    assert (mine.tariff_us.source, mine.tariff_us.period) == ("override", own.period)


def test_an_amount_in_a_currency_that_no_assumption_has_is_exchanged() -> None:
    found = load_scenario("audited", {"tariff_us": "1 NOK/kWh", "tariff_europe": "0.1 GBP/kWh"})
    assert found.tariff_us.unit == "USD/kWh"
    assert found.tariff_us.value == pytest.approx(mean_rate("NOK", "USD", "2024"))
    assert found.tariff_europe.unit == "GBP/kWh", "one that it may have is kept"


def test_a_choice_is_forgiven_its_case_and_dashes(audited) -> None:
    assert load_scenario("article", {"tariff_us": "Data-Centre"}).tariff_us == audited.tariff_us_data_centre
    assert load_scenario("article", {"tariff_us": "data center"}).tariff_us == audited.tariff_us_data_centre
    with pytest.raises(ScenarioError, match=r"'data-cent' is none of .*; did you mean data_centre"):
        load_scenario("article", {"tariff_us": "data-cent"})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("tariff_us", "0.05..0.09", r"names no unit; write it as in 0\.05\.\.0\.09 CNY/kWh$"),
        ("tariff_us", "8 ct/kWh", r"'8 ct/kWh': cents of which currency\? write it in USD or EUR$"),
        ("tariff_us", "5 years", "unit 'years' is not one of CNY/kWh, EUR/kWh, GBP/kWh, USD/kWh"),
        ("tariff_us", "0,09 USD/kWh", r"neither a usable number nor a mapping; write 0\.09 USD/kWh$"),
        ("tariff_us", "9 EUO/kWh", "unknown currency EUO; did you mean EUR"),
        ("pue", "115%", r"unit '%' is not one of ratio; write it as in 1\.2 ratio$"),
        ("electricity_share", "130%", "electricity_share: value 1.3 is out of bounds 0 to 1"),
    ],
)
def test_an_amount_that_cannot_be_used_is_told_in_overrides_and_files(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        load_scenario("article", {name: text})
    path = Path(write(tmp_path, f"{name}: {text}"))
    path.write_text(path.read_text().replace("audited", "article"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"^mine\.yaml: ") as error:
        load_scenario(str(path))
    assert re.search(message, str(error.value))
