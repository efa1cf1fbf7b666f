"""A file is read once, again when it has changed, and no caller spoils it for another; YAML as plain data."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.inputs import datasets, packs, reading
from analysis.inputs.errors import DataError, ScenarioError
from analysis.inputs.reading import read_once


@pytest.fixture
def counted(tmp_path: Path):
    """Return a reader of a file, the list of its readings, and the file."""
    readings = []

    @read_once
    def read(path: Path, suffix: str = "") -> list[str]:
        readings.append(path)
        return [path.read_text(encoding="utf-8") + suffix]

    path = tmp_path / "some.txt"
    path.write_text("one", encoding="utf-8")
    return read, readings, path


def test_an_unchanged_file_is_read_once(counted) -> None:
    read, readings, path = counted
    assert read(path) == read(path=path) == read(path, "") == ["one"]
    assert len(readings) == 1


def test_other_arguments_are_another_reading(counted) -> None:
    read, _, path = counted
    assert (read(path), read(path, "!")) == (["one"], ["one!"])


def test_a_changed_file_is_read_anew(counted) -> None:
    read, readings, path = counted
    read(path)
    path.write_text("another", encoding="utf-8")
    assert read(path) == ["another"]
    assert len(readings) == 2


def test_a_change_by_one_caller_is_not_seen_by_another(counted) -> None:
    read, _, path = counted
    read(path).append("spoilt")
    assert read(path) == ["one"]


READERS_OF_A_TABLE = """
import os, sys
from analysis.inputs import datasets, packs, paths
from analysis.inputs.scenario import load_scenario

if {inherit}:
    packs.load_claims()
    datasets.load_host_tariffs()
    load_scenario("article")
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
opened = set()
sys.addaudithook(lambda event, given: opened.add(str(given[0])) if event == "open" else None)
for again in range(2):
    datasets.load_host_tariffs()
    load_scenario("article")
print(*sorted(os.path.relpath(name, paths.DATA) for name in opened if name.startswith(str(paths.DATA))))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is inherited where nothing forks")
def test_what_a_forked_process_inherits_counts_as_read_by_it() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", READERS_OF_A_TABLE.format(inherit=inherit)],
            **{"capture_output": True, "text": True, "check": True},
        ).stdout.split()
        for inherit in (False, True)
    ]
    assert said[1] == said[0]
    assert {"columns.csv", "host_tariffs.csv", "prices_us.csv", "scenarios/article.yaml"} <= set(said[1])
    assert "same_weights.csv" not in said[1], "only what it works with"


def test_a_failure_is_not_kept(counted) -> None:
    read, _, path = counted
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read(path)
    path.write_text("back", encoding="utf-8")
    assert read(path) == ["back"]


def test_a_changed_table_is_read_anew(data_copy: Path) -> None:
    before = datasets.load_facts(data_copy)
    path = data_copy / "facts.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",4.12,", ",4.25,", 1), encoding="utf-8")
    after = datasets.load_facts(data_copy)
    assert (before["value"].iloc[0], after["value"].iloc[0]) == (4.12, 4.25)


def test_a_table_is_checked_again_when_the_sources_have_changed(data_copy: Path) -> None:
    datasets.load_facts(data_copy)
    path = data_copy / "sources.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("nbd_2026_02_27,", "gone,"), encoding="utf-8")
    with pytest.raises(DataError, match="'nbd_2026_02_27' is not in"):
        datasets.load_facts(data_copy)


def test_frames_and_the_lists_in_their_cells_are_copies() -> None:
    spoilt = datasets.load_facts()
    spoilt.loc[:, "value"] = 0.0
    assert (datasets.load_facts()["value"] > 0).all()
    packs.load_claims()["evidence"].iloc[0].append("spoilt")
    assert "spoilt" not in packs.load_claims()["evidence"].iloc[0]
    datasets.load_build_ups()["energy_rows"].iloc[0].clear()
    assert datasets.load_build_ups()["energy_rows"].iloc[0]


def test_a_changed_scenario_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("pue: {value: 1.1}\n", encoding="utf-8")
    reading.read_mapping(path)["pue"]["value"] = 9
    assert reading.read_mapping(path) == {"pue": {"value": 1.1}}
    path.write_text("pue: {value: 1.25}\n", encoding="utf-8")
    assert reading.read_mapping(path) == {"pue": {"value": 1.25}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "there, line 1: a is given twice"),
        ("a: [1\n", "there, line 2: "),
        ('a: "\\ud800"\n', "there: it holds half of a character"),
        ("a: &a [*a]\n", "more than 1000000 entries"),
        ("a: !!python/name:os.system\n", "there, line 1: could not determine a constructor"),
    ],
)
def test_a_text_that_is_no_plain_data_is_refused(text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        reading.read_value(text, "there")


def test_plain_data_come_as_they_are() -> None:
    assert reading.read_value("a: [1, 2.5, true]\nb: {c: text}\n", "there") == {
        "a": [1, 2.5, True],
        "b": {"c": "text"},
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1000", 1000), ("-7", -7), ("1e-3", 1e-3), ("1e+22", 1e22), ("1E5", 1e5), (".5", 0.5), ("1.", 1.0),
        (".inf", math.inf), ("+.Inf", math.inf), ("-.INF", -math.inf),
        ("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("", None),
        ("2019-01-01", "2019-01-01"), ("2019-99-99", "2019-99-99"),
        ("2001-12-14t21:59:43Z", "2001-12-14t21:59:43Z"),
        ("yes", "yes"), ("No", "No"), ("on", "on"), ("OFF", "OFF"),
        ("1:30", "1:30"), ("190:20:30.15", "190:20:30.15"), ("017", "017"), ("0o17", "0o17"),
        ("y", "y"), ("0x10", "0x10"), ("1_000", "1_000"), ("+5", "+5"), ("٣", "٣"), ("1,000", "1,000"),
        ("9" * 5000, "9" * 5000), ("9" * 60, 10**60 - 1), ("nan", "nan"), ("Infinity", "Infinity"),
        ("=", "="), ("1e999", "1e999"),
        ('"1e-3"', "1e-3"), ("'true'", "true"), ("!!str 2019", "2019"), ("!!str true", "true"),
        ('"\\ud83d\\ude00"', "😀"), ('"\\U0001F600"', "😀"), ("😀", "😀"), ('"\\ufeffa"', "\ufeffa"),
    ],
)  # fmt: skip
def test_scalars_are_read_by_the_core_schema(text: str, value: object) -> None:
    (read,) = reading.read_value(f"v: {text}", "there").values()
    assert read == value
    assert type(read) is type(value)
    assert reading.read_value(f"[{text}]", "there") == [value] if text and "," not in text else True


def test_not_a_number_is_one() -> None:
    assert math.isnan(reading.read_value(".nan", "there"))


@pytest.mark.parametrize(
    "tag", ["timestamp 2019-01-01", "binary aGVsbG8=", "set {a}", "omap [a: 1]", "int 0x10"]
)
def test_a_tag_makes_nothing_but_plain_data(tag: str) -> None:
    with pytest.raises(ScenarioError, match="there, line 1: could not determine a constructor for the tag"):
        reading.read_value(f"v: !!{tag}", "there")


def test_what_json_writes_is_read_as_it_was() -> None:
    data = {
        "a": [1e22, 1e-7, 1.5, 3, True, None],
        "😀 \u2028": "\x7f 2019-01-01 😀\ud7ff\ue000",
        "yes": {"": []},
    }
    assert reading.read_value(json.dumps(data), "there") == data
    assert reading.read_value(json.dumps(data, indent=1), "there") == data


def test_other_loaders_are_left_alone() -> None:
    import datetime

    import yaml

    assert yaml.safe_load("2019-01-01") == datetime.date(2019, 1, 1)


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83d x"])
def test_half_of_a_character_is_refused(half: str) -> None:
    with pytest.raises(ScenarioError, match="half of a character"):
        reading.read_value(f'a: "{half}"', "there")
