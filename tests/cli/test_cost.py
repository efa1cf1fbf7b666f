"""The command ``cost``: Norway in one command under its own name, ranked places, files out, and refusals."""

import csv
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.inputs.money import mean_rate
from analysis.inputs.place_entries import OURS
from analysis.tables.cost_by_place import BASES, cost_by_place
from analysis.tables.places import places

MINE = "name: Rjukan\ntariff: 0.03 EUR/kWh\npue: 1.1\ncost_of_capital: 0.07\n"


def answered(here, *options: str) -> list[dict]:
    """Return the answer of the command in JSON, from the cheapest place on."""
    told = here("cost", *options, "--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def refused(here, *options: str) -> str:
    told = here("cost", *options)
    assert (told.returncode, told.stdout) == (2, ""), told.stdout
    assert told.stderr.count("\n") == 1
    assert "Traceback" not in told.stderr
    return told.stderr.removeprefix("kwh2token: ").rstrip("\n")


def test_norway_answers_under_its_own_name(here) -> None:
    options = ("--place", "norway", "--model", "minimax-m2.5", "--tariff", "0.045 EUR/kWh")
    found = {row["place"]: row for row in answered(here, *options)}
    assert set(found) == {"Norway", *BASES}
    norway = found["Norway"]
    assert norway["model"] == "MiniMaxAI/MiniMax-M2.5"
    usd_per_kwh = 0.045 * mean_rate("EUR", "USD", "2025")
    assert norway["tariff_usd_per_kwh"] == pytest.approx(usd_per_kwh)
    assert (norway["tariff_source"], norway["tariff_grade"]) == (OURS, "C")
    us, mix = found["US data centre"], "mix_electricity_usd_per_mtok"
    ratio = usd_per_kwh / us["tariff_usd_per_kwh"]
    assert norway[mix]["p50"] == pytest.approx(us[mix]["p50"] * ratio), "the tariff alone differs"
    screen = here("cost", *options).stdout
    assert "In Norway, USD per million tokens" in screen
    assert f"Norway: 0.05085 USD/kWh, grade C, source: {OURS}" in screen
    assert "In US" not in screen
    for part in ("electricity", "hardware", "network", "facility", "other", "total", "electricity's share"):
        assert f" {part} " in screen


def test_several_places_are_ranked_between_the_base_cases(here, audited, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    options = [word for name in ("germany", "norway", "mine.yaml") for word in ("--place", name)]
    rows = answered(here, *options)
    totals = [row["mix_total_usd_per_mtok"]["p50"] for row in rows]
    assert totals == sorted(totals)
    stack = cost_by_place(audited, ["germany", "norway"])["total"]
    found = {row["place"]: row["mix_total_usd_per_mtok"]["p50"] for row in rows}
    assert set(found) == {"Germany", "Norway", "Rjukan", *BASES}
    assert found["Germany"] == pytest.approx(stack["Germany"])
    assert [row["place"] for row in rows if row["is_base"]] == list(BASES)
    screen = here("cost", *options).stdout
    lines = [
        line.split()[0] for line in screen.splitlines() if line.startswith((" Germany", " Norway", " Rjukan"))
    ]
    assert lines == ["Rjukan", "Norway", "Germany"]
    assert f"source: {OURS}" in screen


def test_every_place_can_be_asked_at_once(here) -> None:
    told = here("cost", "--place", "all", "--csv")
    rows = list(csv.DictReader(io.StringIO(told.stdout)))
    assert {row["place"] for row in rows} == set(places().index)
    totals = [float(row["mix_total_usd_per_mtok"]) for row in rows]
    assert totals == sorted(totals)
    assert next(iter(rows[0])) == "place"


@pytest.mark.parametrize(("columns", "is_terminal"), [(60, True), (80, True), (80, False)])
def test_no_figure_is_cut_for_a_long_name(
    here, monkeypatch: pytest.MonkeyPatch, columns: int, is_terminal: bool
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = SimpleNamespace(isatty=lambda: is_terminal)
    monkeypatch.setattr("analysis.cli.sys", SimpleNamespace(stdout=out))
    long = "Western hubs (Gansu, Guizhou, Inner Mongolia)"
    screen = here("cost", "--place", long, "--place", "switzerland").stdout
    table = screen.partition("cheapest place on\n")[2].partition("\n* the base case")[0]
    head, *rows = filter(str.strip, table.splitlines())
    assert head.split() == ["USD/kWh", "PUE", "USD/Mtok", "electricity", "over", "US", "g", "CO2"]
    figures = (
        r" 0\.\d+ +1\.\d+ +0\.\d+ \(0\.\d+-0\.\d+\) +[\d.]+ % \([\d.]+-[\d.]+\) +\d\.\d{3} +(-|[\d.]+) *$"
    )
    assert sum(bool(re.search(figures, row)) for row in rows) == 2 + len(BASES)
    assert all(word in table for word in [*long.split(), "Switzerland"])


def test_the_suffix_of_the_file_says_what_is_written(here, tmp_path: Path) -> None:
    for name, start in (("a.csv", b"place,"), ("a.json", b"[\n"), ("a.png", b"\x89PNG"), ("a.svg", b"<?xml")):
        told = here("cost", "--place", "norway", "--out", name)
        assert (told.returncode, told.stdout) == (0, ""), told.stderr
        assert (tmp_path / name).read_bytes().startswith(start)
    first = (tmp_path / "a.svg").read_bytes()
    here("cost", "--place", "norway", "--out", "a.svg")
    assert (tmp_path / "a.svg").read_bytes() == first, "the same to the byte"


def test_other_options_are_those_of_the_estimate(here) -> None:
    base, small = (
        answered(here, "--place", "norway", *more)[0] for more in ((), ("--model", "gpt-oss-120b"))
    )
    assert small["mix_total_usd_per_mtok"]["p50"] != base["mix_total_usd_per_mtok"]["p50"]
    card = answered(here, "--place", "norway", "--gpu", "H100", "--gpus", "8", "--load", "saturated")[0]
    assert card["gpu_model"] == "H100"
    assert not any("batch" in note for note in card["notes"])
    told = {row["place"]: row["pue"] for row in answered(here, "--place", "norway", "--pue", "1.5")}
    assert told["Norway"] == 1.5
    assert told["US data centre"] < 1.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "--place: which place? A name such as norway, a .yaml file, or all"),
        (("--place", "noway"), "--place: 'noway' is not known; did you mean Norway or Iowa?"),
        (("--place", "all", "--place", "norway"), "--place: all has every place of the data; give it alone"),
        (("--place", "lost.yaml"), "place file lost.yaml: No such file or directory"),
        (("--place", "bad.yaml"), "--place: pui: unknown name; missing: "),
        (("--place", "evil.yaml"), "place file evil.yaml"),
        (
            ("--place", "norway", "--place", "texas", "--tariff", "0.05"),
            "--tariff: it is of one place, and 2",
        ),
        (
            ("--place", "norway", "--tariff", "0,05"),
            "--tariff: '0,05' is no price of electricity; write 0.05",
        ),
        (
            ("--place", "norway", "--model", "minimx"),
            "--model: 'minimx' is not known; did you mean MiniMaxAI/",
        ),
        (("--place", "norway", "--gpu", "H20O"), "--gpu: 'H20O' is not known; did you mean H20 or H200?"),
        (("--place", "norway", "--json", "--csv"), "--json and --csv: choose one"),
        (("--place", "norway", "--out", "."), "--out: '.' is a folder; name a file in it"),
        (("--place", "noway", "--out", "x.pdf"), "--out: 'x.pdf': end its name in .csv, .json, .png or .svg"),
        (("--place", "noway", "--out", "x"), "--out: 'x': end its name in .csv, .json, .png or .svg"),
    ],
)
def test_what_cannot_be_used_is_named(here, tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    (tmp_path / "bad.yaml").write_text("pui: 1.2\n", encoding="utf-8")
    (tmp_path / "evil.yaml").write_text("name: !!python/name:os.system\ntariff: 1\n", encoding="utf-8")
    told = refused(here, *options)
    if "bad.yaml" in options:
        assert told.startswith("--place: missing: name, tariff; pui: unknown name; known: name, tariff")
    else:
        assert told.startswith(message)
