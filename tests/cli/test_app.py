"""The command line: wrong input, changed assumptions, and what it lists."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.cli import named_value, progress
from analysis.inputs.errors import ParameterError
from analysis.inputs.money import in_currency
from analysis.inputs.reading import read_value
from analysis.inputs.scenario import load_scenario
from analysis.runs.run import Limits

LONG = "x" * 10_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "-p", "horizon_years=fast", "--only", "03-gpu-offset"], "horizon_years"),
        (["run", "-p", "horizon_years=99", "--only", "03-gpu-offset"], "horizon_years"),
        (["run", "-p", "horizon_years=5.5", "--only", "03-gpu-offset"], "horizon_years"),
        (["run", "-p", "horizon_years=1_0", "--only", "03-gpu-offset"], "write 10 (got '1_0')"),
        (["run", "-p", "horizon_years=٣", "--only", "03-gpu-offset"], "write 3 (got '٣')"),
        (["run", "-p", "horizon_years= 5", "--only", "03-gpu-offset"], "write 5 (got ' 5')"),
        (["run", "-p", "horizon_years=+5", "--only", "03-gpu-offset"], "write 5 (got '+5')"),
        (["run", "-p", "horizon_years=017", "--only", "03-gpu-offset"], "write 17 (got '017')"),
        (["run", "-p", "horizon_years=1e1", "--only", "03-gpu-offset"], "write 10 (got 10.0)"),
        (["run", "-p", "discount_rate=.nan", "--only", "03-gpu-offset"], "finite number (got nan)"),
        (["run", "-p", "discount_rate=1e999", "--only", "03-gpu-offset"], "(got '1e999')"),
        (["run", "-p", "topic=2025"], 'write it in quotes, "2025" (got 2025)'),
        (["run", "-p", "topic=nope"], "topic: no claim is on 'nope'; topics: token share, "),
        (["run", "-p", "currency=2019-01-01"], "'CNY' or 'USD' (got '2019-01-01')"),
        (["run", "-p", "tariff_us=1,000"], "neither a usable number nor a mapping; write 1000"),
        (["run", "-p", f"electricity_share.low={'9' * 60}"], "is not between low 1e+60 and high"),
        (["run", "-p", f"electricity_share.low={'9' * 5000}"], "is not a number; write a number as in"),
        (["run", "-p", "tariff_us=-1"], "tariff_us"),
        (["run", "-p", "tariff_us=nan"], "tariff_us"),
        (["run", "-p", "tarif_us=1"], "did you mean tariff_us"),
        (["run", "-p", "tariff_us"], "expected NAME=VALUE"),
        (["run", "-p", "tariff_us={low: 1"], "-p tariff_us"),
        (["run", "-p", "tariff_us=[2020-99-99]"], "['2020-99-99'] is neither a usable number"),
        (["run", "-p", "tariff_us=[!!python/name:os.system x]"], "could not determine a constructor"),
        (["run", "-p", "tariff_us=" + "[" * 1000], "-p tariff_us: not readable as YAML"),
        (["run", "-p", "tariff_us=&a [*a]"], "neither a usable number nor a mapping"),
        (["run", "-p", "tariff_us=[&a [*a]]"], "aliases counted in full"),
        (["run", "-p", 'tariff_us=["\\ud800"]'], "half of a character"),
        (["run", "-p", "topic=\udcff"], "topic: not a number, text"),
        (["run", "-p", "\udcff=1"], r"is neither a notebook parameter nor an assumption"),
        (["run", "--scenario", "\udcff"], "not allowed"),
        (["run", "--as-of", "\udcff"], "write a month or a day, as in 2026-11"),
        (["run", "--as-of", LONG], "write a month or a day, as in 2026-11"),
        (["run", "--as-of", "2024-01"], "snapshots: none, kwh2token refresh lays one down"),
        (["run", "--scenario", "audited@2026-07/../../x"], "write a month or a day"),
        (["run", "--scenario", "article@2026-07"], "holds the claims themselves"),
        (["list", "--as-of", "2026-13"], "write a month or a day"),
        (["sweep", "\udcff.yaml"], "No such file"),
        (
            ["run", "-p", "tariff_us=__import__('os').system('touch pwned')"],
            "neither a usable number nor a mapping",
        ),
        (["run", "-p", "currency=GBP"], "currency"),
        (["run", "--only", "04-none"], "unknown notebook '04-none'"),
        (["run", "--scenario", "nobody"], "unknown scenario 'nobody'; known: article, audited"),
        (["run", "--scenario", "../../etc/passwd"], "not allowed"),
        (["run", "--scenario", "nothing.yaml"], "No such file or directory"),
        (["list", "--scenario", "nobody"], "unknown scenario"),
        (["run", "--jobs", "0"], "jobs"),
        (["fly"], "No such command"),
    ],
)
def test_wrong_input_is_refused_first(here, tmp_path: Path, arguments: list[str], message: str) -> None:
    result = here(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    ["5", "-1.5", ".5", "1e-3", "1e+22", "9" * 60, "+5", "017", "0x10", "1_000", "1:30", "٣", "1e999", "nan",
     ".inf", "-.inf", "true", "False", "yes", "off", "null", "~", "2019-01-01", "text", '"5"', "'true'",
     "[1e-3, 2019-01-01, yes]", "{a: .5, b: [~]}", '"\\ud83d\\ude00"'],
)  # fmt: skip
def test_a_value_says_the_same_on_the_command_line_and_in_a_file(text: str) -> None:
    assert repr(named_value(f"name={text}")) == repr(("name", read_value(text, "there")))


@pytest.mark.parametrize("text", ["", " 5", "a: b", "# text", "a=b", "!x", "*", "&"])
def test_other_text_is_taken_as_it_is_on_the_command_line(text: str) -> None:
    assert named_value(f"name={text}") == ("name", text)


def test_wrong_input_leaves_earlier_results_alone(here, tmp_path: Path) -> None:
    kept = tmp_path / "out" / "article" / "headline.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("old", encoding="utf-8")
    assert here("run", "-p", "tariff_us=-1", "--out", "out").returncode == 2
    assert kept.read_text() == "old"


def test_a_changed_assumption_reaches_the_results(here, tmp_path: Path) -> None:
    wanted = ("--scenario", "article", "--only", "03-gpu-offset", "--out", "out")
    result = here("run", *wanted, "-p", "tariff_us=2.0", "-p", "horizon_years=10")
    assert result.returncode == 0, result.stderr
    assert "1 of 1 notebooks succeeded" in result.stdout
    entries = json.loads((tmp_path / "out" / "article-modified" / "headline.json").read_text())
    assert entries["gpu_offset_savings_cny"]["value"] == pytest.approx(230e6)
    assert entries["gpu_offset_implied_load_mw"]["value"] == pytest.approx(
        23e6 / (2.0 - 0.215) / 8766e3, rel=1e-6
    )
    assert (tmp_path / "out" / "article-modified" / "03-gpu-offset.ipynb").is_file()


def test_a_scenario_file_of_ones_own(here, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ntitle: Cheap hub\nextends: audited\n"
        "tariff_cn_hub: {low: 0.2, high: 0.3, unit: CNY/kWh, period: 2025, source: contract, grade: C}\n",
        encoding="utf-8",
    )
    result = here("run", "--scenario", "mine.yaml", "--only", "01-price-gap", "-p", "currency=USD")
    assert result.returncode == 0, result.stderr
    entries = json.loads((tmp_path / "results" / "mine" / "headline.json").read_text())
    us = in_currency(load_scenario("audited").tariff_us, "CNY").value
    assert entries["tariff_ratio_us_to_hub"]["value"] == pytest.approx(us / 0.25, rel=1e-3)


def test_list_names_what_there_is(here) -> None:
    result = here("list", "--scenario", "audited")
    assert result.returncode == 0
    for words in ("03-gpu-offset", "horizon_years", "audited", "tariff_cn_hub", "[years]"):
        assert words in result.stdout


def test_list_shows_what_holds_at_a_day(here) -> None:
    told = here("list", "--as-of", "2026-07").stdout
    assert "Assumptions of audited@2026-07-15" in told
    assert "snapshots: none" in told
    assert here("list", "--scenario", "audited@2026-07").stdout == told


def test_a_process_ends_as_told(command, tmp_path: Path) -> None:
    result = command("run", "-p", "tariff_us=-1", "-p", "topic=\udcff")
    assert result.returncode == 2
    assert "tariff_us" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_help(here) -> None:
    result = here("--help")
    assert result.returncode == 0
    assert "electricity" in result.stdout


ENCODINGS = r"""
import sys
from analysis.cli import app, progress
from analysis.runs.run import FAILED, Outcome, Run
from analysis.runs.suite import SUITE
from analysis.runs.template import of_suite
from pathlib import Path

run = Run(of_suite("03-gpu-offset"), "\u6d4b", {"note": "\xb6"}, Path("\xe9"), Path("\xe9"))
outcomes = [Outcome(run, FAILED, 0.0, "\u2013 \xb6 \U0001f600")]
for shown in (False, True):
    app.app.command(f"tell{shown}")(lambda shown=shown: progress.closing(outcomes, shown))
every = (["--help"], ["list"], ["claims"], ["claims", "--json"], ["estimate", "--params-active", "8"],
         ["estimate", "--help"], ["run", "--only", "\u6d4b\xb6\u2028"],
         ["run", "-p", "tariff_us=\udcff\xb6"],
         ["sweep", "\u6d4b.yaml"], ["fit", "--\u6d4b"], ["tellFalse"], ["tellTrue"])
for encoding in (sys.stdout.encoding, "ascii"):
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding=encoding, errors="strict")
    for words in every:
        sys.argv = ["kwh2token", *words]
        try:
            app.main()
        except SystemExit as end:
            assert end.code in (None, 0, 2), words
    print("done", flush=True)
"""


def test_no_output_dies_of_an_encoding(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", ENCODINGS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "gbk"},
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    *outputs, rest = told.stdout.decode("gbk").split("done\n")
    assert (len(outputs), rest) == (2, "")
    for out in outputs:
        assert "\\U0001f600" in out, "what a console cannot show is named"
        assert json.loads(out.splitlines()[-1])["event"] == "end"
    assert ["\u6d4b" in out for out in outputs] == [True, False], "the second is in ASCII"
    assert b"Traceback" not in told.stderr


@pytest.mark.parametrize("word", ["list", "--help"])
def test_a_reader_that_stops_early_meets_no_traceback(tmp_path: Path, word: str) -> None:
    """Be it in the middle of much, or at the end of little."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "analysis.cli", word]
    told = subprocess.run(command, cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (told.returncode, told.stderr) == (1, b"")


@pytest.mark.parametrize("name", ["", " "])
@pytest.mark.parametrize("words", [["run", "-p", "pue=1.3"], ["sweep", "x.yaml"]])
def test_a_blank_names_no_folder(here, tmp_path: Path, words: list[str], name: str) -> None:
    refused = here(*words, "--out", name)
    assert refused.returncode == 2
    assert "'--out': it names no folder" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "start"),
    [
        (["run", "--only", LONG], "kwh2token: unknown notebook 'xxx"),
        (["run", "--scenario", LONG], "kwh2token: scenario name 'xxx"),
        (["run", "--scenario", f"{LONG}.yaml"], "kwh2token: scenario file /"),
        (["run", "--out", LONG, "-p", "pue=1.3"], "kwh2token: /"),
        (["run", "-p", f"{LONG}=1"], "kwh2token: 'xxx"),
        (["run", "-p", f"currency={LONG}"], "kwh2token: 00-overview with currency=xxx"),
        (["run", "--jobs", LONG], "kwh2token: Invalid value for '-j' / '--jobs': xxx"),
        ([f"--{LONG}"], "kwh2token: No such option: --xxx"),
        ([LONG], "kwh2token: No such command 'xxx"),
        (["sweep", LONG], "kwh2token: sweep file "),
        (["claims", "--verdict", LONG], "kwh2token: verdict 'xxx"),
        (["run", "-p", f"pue={{value: 2, low: {LONG}}}"], "kwh2token: "),
    ],
)
def test_a_message_is_short_and_begins_with_what_it_is_about(here, words: list[str], start: str) -> None:
    refused = here(*words)
    assert refused.returncode == 2
    assert refused.stderr.startswith(start)
    assert len(refused.stderr) <= 500
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("name", ["fifo", "loop", "folder", "x" * 300])
def test_what_the_system_refuses_is_told_as_ours(here, tmp_path: Path, name: str) -> None:
    for suffix in ("yaml", "ipynb"):
        os.mkfifo(tmp_path / f"fifo.{suffix}")
        (tmp_path / f"loop.{suffix}").symlink_to(f"loop.{suffix}")
        (tmp_path / f"folder.{suffix}").mkdir()
    (tmp_path / "book.yaml").write_text(f"notebook: {name}.ipynb\nruns: [{{}}]", encoding="utf-8")
    (tmp_path / "inner.yaml").write_text(
        f"notebook: 03-gpu-offset\nruns: [{{scenario: {name}.yaml}}]", encoding="utf-8"
    )
    for words in (["list", "--scenario", f"{name}.yaml"], ["run", "--scenario", f"{name}.yaml"]):
        refused = here(*words)
        assert (refused.returncode, refused.stderr[:11], refused.stdout) == (2, "kwh2token: ", "")
    for file in (f"{name}.yaml", "book.yaml", "inner.yaml"):
        refused = here("sweep", file)
        assert (refused.returncode, refused.stderr[:11], refused.stdout) == (2, "kwh2token: ", "")


@pytest.mark.parametrize("command", [["run", "--only", "02-api-spread"], ["sweep", "sweep.yaml"]])
def test_limits_reach_the_runs(
    here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    def stop(runs, jobs, force, limits, *rest):
        raise ParameterError(str(limits))

    monkeypatch.setattr(progress, "run_batch", stop)
    (tmp_path / "sweep.yaml").write_text("notebook: 03-gpu-offset\ngrid: {horizon_years: [3]}")
    given = here(*command, "--timeout", "7", "--cell-timeout", "5", "--memory-gb", "2", "--cold")
    assert given.stderr == f"kwh2token: {Limits(7.0, 2.0, cold=True, cell_timeout_seconds=5.0)}\n"
