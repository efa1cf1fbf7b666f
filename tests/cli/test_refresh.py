"""``kwh2token refresh`` against a server on this machine."""

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import refresh
from analysis.inputs import paths
from analysis.inputs.errors import ParameterError
from analysis.live.client import Limits
from tests.live import recorded
from tests.live.conftest import server as server

QUICK = Limits(seconds=2.0, tries=2, wait_seconds=0.01, longest_wait_seconds=0.02)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "snapshots_root", lambda: tmp_path / "snapshots")
    monkeypatch.delenv("EIA_API_KEY", raising=False)
    return tmp_path / "snapshots"


def refreshed(server, *names: str, day: str = "2026-11-29") -> int:
    return refresh.run(names, day=day, server=server.url, limits=QUICK)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("[!.]*") if path.is_file()
    }


def test_all_sources_go_into_one_dated_folder(server, root: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("EIA_API_KEY", "hush-hush")
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
