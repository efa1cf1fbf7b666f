"""``kwh2token refresh`` against a server on this machine."""

import io
import json
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote

import pandas as pd
import pytest
import yaml

from analysis.cli import refresh
from analysis.inputs import paths
from analysis.inputs.errors import ParameterError
from analysis.live.client import Limits
from analysis.runs.engine import run_all
from analysis.runs.manifest import reasons
from analysis.runs.plan import check_runs, plan
from analysis.runs.run import AS_WAS, OK, Run
from analysis.runs.writing import environment
from tests.live import recorded
from tests.live.conftest import server as server
from tests.live.test_assumptions import flagships, hosting

QUICK = Limits(seconds=2.0, tries=2, wait_seconds=0.01, longest_wait_seconds=0.02)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.SNAPSHOTS, str(tmp_path / "snapshots"))  # for kernels, too
    for name in ("EIA_API_KEY", "ENTSOE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "snapshots"


def refreshed(server, *names: str, day: str = "2026-11-29") -> int:
    return refresh.run(names, day=day, server=server.url, limits=QUICK)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("[!.]*") if path.is_file()
    }


def test_all_sources_go_into_one_dated_folder(server, root: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("EIA_API_KEY", "hush-hush")
    monkeypatch.setenv("ENTSOE_API_KEY", "hush-hush")
    data = contents(paths.DATA)
    assert refreshed(server) == 0
    assert sorted(contents(root)) == [
        f"2026-11-29/{name}.csv" for name in sorted([*refresh.SOURCES, "origin"])
    ]
    assert contents(paths.DATA) == data
    told = capsys.readouterr()
    assert "models-dev: 2 rows, the first snapshot" in told.out
    everything = b"".join(contents(root).values()).decode() + told.out + told.err
    assert "hush-hush" not in everything
    assert any("hush-hush" in asked for asked in server.asked)


def test_a_source_without_its_key_is_left_out_or_refused_when_named(server, root: Path, capsys) -> None:
    assert refreshed(server) == 0
    assert "eia: left out, no key in EIA_API_KEY" in capsys.readouterr().out
    assert not (root / "2026-11-29" / "eia.csv").exists()
    with pytest.raises(ParameterError, match="source eia: it needs a key in the variable EIA_API_KEY"):
        refreshed(server, "eia")


def test_what_has_changed_is_told(server, root: Path, capsys) -> None:
    refreshed(server, "models-dev", day="2026-11-28")
    dearer = json.loads(json.dumps(recorded.MODELS_DEV))
    dearer["deepseek"]["models"]["v"]["cost"]["output"] = 0.84
    server.bodies["/api.json"] = json.dumps(dearer)
    before = contents(root)
    capsys.readouterr()
    assert refreshed(server, "models-dev") == 0
    told = capsys.readouterr().out
    assert "figures since 2026-11-28: 1 changed" in told
    assert "deepseek v output_usd_per_mtok: 0.42 -> 0.84 (x2)" in told
    after = contents(root)
    assert {name: after[name] for name in before} == before
    assert {Path(name).parts[0] for name in after.keys() - before.keys()} == {"2026-11-29"}


@pytest.mark.parametrize("fault", ["429", "500", "truncated", "html", "endless", "403"])
def test_a_fault_leaves_everything_as_it_was(server, root: Path, fault: str, capsys) -> None:
    refreshed(server, "models-dev")
    before = contents(root)
    server.faults = [fault] * 2
    limits = Limits(seconds=2.0, most_bytes=100_000, tries=2, wait_seconds=0.01, longest_wait_seconds=0.02)
    assert refresh.run(["models-dev"], day="2026-11-29", server=server.url, limits=limits) == 1
    assert contents(root) == before
    told = capsys.readouterr().err
    assert told.startswith("kwh2token: models-dev: ")
    assert "what was there before is kept" in told
    assert len(told) < 500


def test_one_bad_source_does_not_stop_the_others(server, root: Path, capsys) -> None:
    server.bodies["/api/v1/models"] = '{"data": [{"id": "x", "pricing": {"prompt": "free"}}]}'
    assert refreshed(server, "openrouter", "litellm") == 1
    assert sorted(contents(root / "2026-11-29")) == ["litellm.csv", "origin.csv"]
    assert list(pd.read_csv(root / "2026-11-29" / "origin.csv")["source"]) == ["litellm"]


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["modelsdev"], {}, "source 'modelsdev': there is none of this name; did you mean models-dev"),
        (["ecb"], {"day": "tomorrow"}, "write a day as in"),
        (["ecb"], {"server": "mirror.example"}, "write it as in https://"),
    ],
)
def test_wrong_requests_are_named(root: Path, names: list[str], options: dict, message: str) -> None:
    given = {"day": "", "server": "http://127.0.0.1:9", "limits": QUICK} | options
    with pytest.raises(ParameterError, match=message):
        refresh.run(names, **given)
    assert not root.exists()


def test_what_it_renews_is_laid_down_and_told(server, root: Path, monkeypatch, capsys) -> None:
    models = [*flagships("US"), *flagships("CN")]
    server.bodies["/api.json"] = json.dumps(recorded.whole_catalogue(models))
    assert refreshed(server, "models-dev", "ecb", day="2026-11-28") == 0
    told = capsys.readouterr().out
    assert "renewed for --as-of 2026-11-28: price_cn_input, price_cn_output, price_us_input" in told
    assert "as before: monthly tariffs by US state, industrial and commercial: eia was never fetched" in told
    before = contents(root)
    monkeypatch.setenv("EIA_API_KEY", "hush-hush")
    whole = recorded.eia(0, recorded.whole_eia(hosting()))
    server.bodies["/v2/electricity/retail-sales/data/"] = json.dumps(whole)
    server.bodies["/eurostat/api/dissemination/statistics/1.0/data/nrg_pc_205"] = json.dumps(
        recorded.whole_eurostat()
    )
    assert refreshed(server, "eurostat", "eia") == 0
    after = contents(root)
    assert {name: after[name] for name in before} == before
    text = after["2026-11-29/assumptions.yaml"].decode()
    assert "source: snapshots/2026-11-28/models-dev" in text, "what is not asked for is the last one known"
    assert "source: snapshots/2026-11-29/eurostat" in text
    assert yaml.safe_load(text)["tariff_us_data_centre"]["value"] == pytest.approx(0.09175)
    assert "hush-hush" not in text
    assert "exchange_rates: '2026-11-28'" in text


def test_nothing_renewed_is_no_snapshot_for_a_scenario(server, root: Path) -> None:
    assert refreshed(server, "ecb") == 0
    assert sorted(contents(root)) == ["2026-11-29/ecb.csv", "2026-11-29/origin.csv"]


def test_a_damaged_snapshot_does_not_stop_the_next(server, root: Path, capsys) -> None:
    refreshed(server, "models-dev", day="2026-11-28")
    (root / "2026-11-28" / "models-dev.csv").write_text("x\n", encoding="utf-8")
    assert refreshed(server, "models-dev") == 0
    assert "2026-11-28/models-dev.csv" in capsys.readouterr().err
    assert (root / "2026-11-29" / "models-dev.csv").is_file()


def test_nothing_that_a_server_says_steers_the_terminal(server, root: Path, capsys) -> None:
    refreshed(server, "models-dev", day="2026-11-28")
    for price in (1, 2):
        cost = {"input": price, "output": price}
        hostile = {"host": {"models": {"\x1b[31mred\r\n": {"cost": cost}}}}
        server.bodies["/api.json"] = json.dumps(hostile)
        refreshed(server, "models-dev", day=f"2026-11-2{7 + price}")
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err
    assert "\\x1b[31mred" in told.out


def test_a_day_that_is_over_needs_a_mirror(root: Path) -> None:
    with pytest.raises(ParameterError, match="--server names a mirror of that day"):
        refresh.run(["ecb"], day="2026-11-01", server="", limits=QUICK)


def test_a_password_in_a_server_is_refused_and_not_told(root: Path) -> None:
    with pytest.raises(ParameterError) as refused:
        refresh.run(["ecb"], day="", server="https://me:hush-hush@mirror.example", limits=QUICK)
    assert "hush-hush" not in str(refused.value)


def test_a_folder_that_is_a_link_is_refused(server, root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    root.mkdir()
    (root / "2026-11-29").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ParameterError, match="a link"):
        refreshed(server, "ecb")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_rerun_on_a_refresh_moves_only_what_depends_on_it(server, root: Path, tmp_path: Path) -> None:
    """Two refreshes, a run after each, then one more: the same bytes; another scenario stays as it was."""

    def planned(scenario: str) -> list[Run]:
        values = {"currency": "USD"}
        return plan(scenarios=[scenario], notebooks=["02-api-spread"], values=values, out=tmp_path / "out")

    def why(scenario: str) -> list[str]:
        return list(reasons(planned(scenario)[0], environment()))

    def run(scenario: str) -> tuple[str, dict[str, bytes]]:
        runs = planned(scenario)
        check_runs(runs)
        (outcome,) = run_all(runs, lambda outcome: None)
        assert not outcome.error
        return outcome.status, contents(tmp_path / "out" / scenario)

    models = [*flagships("US"), *flagships("CN")]
    server.bodies["/api.json"] = json.dumps(recorded.whole_catalogue(models))
    refreshed(server, "models-dev", "ecb", day="2026-10-20")
    status, first = run("audited@2026-10")
    assert status == OK
    assert run("audited@2026-10") == (AS_WAS, first)
    july = run("audited@2026-07")[1]
    assert b"prices as of 2026-10-20" in first["tables/api-prices.csv"]

    server.bodies["/api.json"] = json.dumps(recorded.whole_catalogue(models, factor=2.0))
    refreshed(server, "models-dev", day="2026-10-21")
    assert run("audited@2026-07") == (AS_WAS, july)
    assert run("audited@2026-10-20")[1]["headline.json"] == first["headline.json"]
    assert why("audited@2026-10") == ["scenario audited@2026-10-20 -> audited@2026-10-21"]
    status, second = run("audited@2026-10")
    assert status == OK
    before, after = (pd.read_csv(io.BytesIO(each["tables/api-prices.csv"])) for each in (first, second))
    assert (after["input"] / before["input"]).round(6).eq(2.0).all()
    assert not why("audited@2026-10")
    server.bodies["/api.json"] = json.dumps(recorded.whole_catalogue(models, factor=3.0))
    refreshed(server, "models-dev", day="2026-10-21")
    changed = {line.rpartition("/")[2] for line in why("audited@2026-10")}
    assert changed == {"assumptions.yaml changed", "models-dev.csv changed"}
    assert not why("audited@2026-07")
    assert not why("audited@2026-10-20")


@pytest.mark.parametrize("key", ["0123456789abcdef", "SeCr3tKEY/+42=&zz", "it's \\ 'hush'"])
@pytest.mark.parametrize("fault", ["echo", "echo_page", "echo_unquoted", "echo_cut"])
def test_a_key_that_a_server_repeats_is_not_told(
    server, root: Path, monkeypatch, capsys, fault: str, key: str
) -> None:
    monkeypatch.setenv("EIA_API_KEY", key)
    server.faults = [fault] * 2
    assert refreshed(server, "eia") == 1
    told = capsys.readouterr()
    shown = unquote(told.out + told.err).lower()
    assert not any(key[at : at + 5].lower() in shown for at in range(len(key) - 4))
    assert told.err.startswith("kwh2token: eia: ")
    assert not root.exists()


def test_a_key_that_another_source_repeats_is_not_told(server, root: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("EIA_API_KEY", "SeCr3tKEY/+42=&zz")
    server.bodies["/api/v1/models"] = (
        '{"data": [{"id": "x", "pricing": {"prompt": "SeCr3tKEY/+42=&zz", "completion": 1}}]}'
    )
    assert refreshed(server, "openrouter") == 1
    assert capsys.readouterr().err.startswith("kwh2token: openrouter: the answer repeats a key; what was")
    server.bodies["/api/v1/models"] = (
        '{"data": [{"id": "x", "pricing": {"prompt": "free", "completion": 1}}]}'
    )
    assert refreshed(server, "openrouter") == 1
    assert "'free'" in capsys.readouterr().err


@pytest.mark.parametrize("held", [str, quote, quote_plus, str.lower, "at {}, USA".format])
def test_a_table_that_holds_a_key_is_refused(server, root: Path, monkeypatch, capsys, held) -> None:
    monkeypatch.setenv("EIA_API_KEY", key := "SeCr3tKEY/+42=&zz")
    whole = recorded.eia(0, [("2026-01", held(key), "IND", "9")])
    server.bodies["/v2/electricity/retail-sales/data/"] = json.dumps(whole)
    cost = {"cost": {"input": 1, "output": 1}}
    server.bodies["/api.json"] = json.dumps({"host": {"models": {held(key): cost}}})
    assert refreshed(server, "eia", "models-dev", "ecb") == 1
    told = capsys.readouterr()
    assert "eia: the table repeats a key; what was there before is kept" in told.err
    assert "models-dev: the table repeats a key; what was there before is kept" in told.err
    assert sorted(contents(root)) == ["2026-11-29/ecb.csv", "2026-11-29/origin.csv"]
    assert "secr3tkey" not in (told.out + told.err).lower()
