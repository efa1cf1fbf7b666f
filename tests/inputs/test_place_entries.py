"""A place of one's own: what it may tell, and what it may not."""

from pathlib import Path

import pytest

from analysis.inputs.errors import InputError, ParameterError
from analysis.inputs.money import mean_rate
from analysis.inputs.place_entries import OURS, own_place, read_place

MINE = {"name": "Rjukan", "tariff": "0.03 EUR/kWh"}


def test_a_tariff_is_exchanged_at_the_mean_rate_of_its_period() -> None:
    for period in ("2024", "2025"):
        found = own_place({**MINE, "period": period}, "mine")
        assert found["value"] == pytest.approx(0.03 * mean_rate("EUR", "USD", period))
        assert found["low"] == found["value"] == found["high"]
    assert own_place({**MINE, "tariff": 0.05}, "mine")["value"] == 0.05


def test_without_a_source_it_is_an_assumption_of_grade_c() -> None:
    found = own_place(MINE, "mine")
    assert (found["source"], found["grade"], found["pue_source"]) == (OURS, "C", OURS)
    assert found["pue"] is found["cost_of_capital"] is found["carbon_g_per_kwh"] is None
    told = own_place({**MINE, "source": "the utility", "grade": "A", "pue": 1.1}, "mine")
    assert (told["source"], told["grade"], told["pue"], told["pue_grade"]) == ("the utility", "A", 1.1, "A")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"name": "X"}, "mine: missing: tariff"),
        ({**MINE, "pui": 1.2}, "mine: pui: unknown name; known: name, tariff, "),
        ({**MINE, "pue": 0.5}, "mine: pue: "),
        ({**MINE, "pue": "1.1"}, "mine: pue: "),
        ({**MINE, "pue": True}, "mine: pue: "),
        ({**MINE, "pue": float("nan")}, "mine: pue: "),
        ({**MINE, "cost_of_capital": 8.7}, "mine: cost_of_capital: "),
        ({**MINE, "carbon_g_per_kwh": -1}, "mine: carbon_g_per_kwh: "),
        ({**MINE, "side": "eu"}, "mine: side: "),
        ({**MINE, "grade": "D"}, "mine: grade: "),
        ({**MINE, "name": ""}, "mine: name: "),
        ({**MINE, "name": "x" * 61}, "mine: name: "),
        ({**MINE, "name": "a\x1b[31mb"}, "mine: 'a\\x1b[31mb' holds signs that cannot be printed"),
        ({**MINE, "name": 5}, "mine: name: "),
        ({**MINE, "tariff": "cheap"}, "mine: tariff: 'cheap' is no price of electricity"),
        ({**MINE, "tariff": "3 XYZ/kWh"}, "mine: tariff: '3 XYZ/kWh': unknown currency XYZ"),
        ({**MINE, "tariff": -0.01}, "mine: tariff: -0.01 is -0.01 USD/kWh: not above zero"),
        ({**MINE, "tariff": float("inf")}, "mine: tariff: "),
        ({**MINE, "tariff": [0.03]}, "mine: tariff: [0.03] is no price of electricity; write one as in"),
        ({**MINE, "tariff": True}, "mine: tariff: "),
        ({**MINE, "tariff": "0 EUR/kWh"}, "mine: tariff: "),
        ({**MINE, "tariff": 45}, "mine: tariff: 45 is 45 USD/kWh: not above zero, or beyond any sense"),
        ({**MINE, "tariff": 1e300}, "mine: tariff: "),
        ({**MINE, "period": "2099"}, "mine: tariff: "),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(entries: dict, message: str) -> None:
    with pytest.raises(ParameterError) as refused:
        own_place(entries, "mine")
    assert str(refused.value).startswith(message)
    assert len(str(refused.value)) <= 480


def test_a_name_stays_a_name_and_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.YAML"
    file.write_text("name: Rjukan\ntariff: 0.03 EUR/kWh\n", encoding="utf-8")
    assert read_place("norway") == "norway"
    assert read_place(str(file)) == MINE


@pytest.mark.parametrize(
    "text",
    [
        "name: !!python/object/apply:os.system ['echo']\ntariff: 1\n",
        "name: A\nname: B\ntariff: 0.1\n",
        "- name: A\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b\n",
        "name: [[[[\n",
        "#" * 1_100_000,
        "",
    ],
)
def test_a_hostile_file_is_refused_as_data(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.yaml"):
        read_place(str(file))


def test_a_folder_and_a_lost_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    for name in ("folder.yaml", "lost.yml"):
        with pytest.raises(InputError, match=name):
            read_place(str(tmp_path / name))
