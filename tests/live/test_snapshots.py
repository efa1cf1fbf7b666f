"""Dated snapshots and what has changed between them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analysis.inputs.errors import DataError, ParameterError
from analysis.live import snapshots
from analysis.live.catalogues import MODELS_DEV
from analysis.live.client import Answer
from analysis.live.snapshots import Fetched
from analysis.live.statistics import ECB
from analysis.runs.writing import write_all

WHEN = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def catalogue(**prices: tuple[float, float]) -> pd.DataFrame:
    rows = [("host", model, *price, None) for model, price in prices.items()]
    return MODELS_DEV.schema.validate(pd.DataFrame(rows, columns=[*MODELS_DEV.schema.columns]))


def lay_down(root: Path, day: str, table: pd.DataFrame, source=MODELS_DEV) -> dict[Path, bytes]:
    fetched = Fetched(source, table, (Answer(b"{}", "https://somewhere/api?x=1"),))
    files = snapshots.files_of(root, day, {source.name: fetched}, WHEN)
    write_all(files)
    return files


def test_a_snapshot_is_one_folder_with_tables_and_their_origin(tmp_path: Path) -> None:
    lay_down(tmp_path, "2026-11-29", catalogue(a=(5.0, 25.0)))
    rates = ECB.table([b"CURRENCY,CURRENCY_DENOM,TIME_PERIOD,OBS_VALUE\nUSD,EUR,2026-11-27,1.15\n"])
    lay_down(tmp_path, "2026-11-29", rates, ECB)
    assert snapshots.days(tmp_path) == ["2026-11-29"]
    origin = pd.read_csv(tmp_path / "2026-11-29" / snapshots.ORIGIN)
    assert list(origin["source"]) == ["ecb", "models-dev"]
    assert set(origin["fetched"]) == {"2026-11-30T09:00:00Z"}
    assert origin["sha256"].str.len().eq(64).all()
    again = snapshots.read_table(tmp_path / "2026-11-29" / "models-dev.csv", MODELS_DEV)
    pd.testing.assert_frame_equal(again, catalogue(a=(5.0, 25.0)))


def test_a_second_look_on_the_same_day_replaces_the_first(tmp_path: Path) -> None:
    lay_down(tmp_path, "2026-11-29", catalogue(a=(5.0, 25.0)))
    lay_down(tmp_path, "2026-11-29", catalogue(a=(4.0, 20.0)))
    origin = pd.read_csv(tmp_path / "2026-11-29" / snapshots.ORIGIN)
    assert len(origin) == 1
    assert sorted(path.name for path in tmp_path.rglob("*.csv")) == ["models-dev.csv", "origin.csv"]


def test_the_last_is_the_latest_before_a_day(tmp_path: Path) -> None:
    assert snapshots.last_before(tmp_path / "none", "2026-11-30", MODELS_DEV) is None
    lay_down(tmp_path, "2026-11-01", catalogue(a=(1.0, 1.0)))
    lay_down(tmp_path, "2026-11-20", catalogue(a=(2.0, 2.0)))
    (tmp_path / "2026-11-25").mkdir()  # of another source
    (tmp_path / "notes").mkdir()
    found = snapshots.last_before(tmp_path, "2026-11-30", MODELS_DEV)
    assert found is not None
    assert found[0] == "2026-11-20"
    assert snapshots.last_before(tmp_path, "2026-11-20", MODELS_DEV)[0] == "2026-11-01"


def test_a_damaged_snapshot_is_named(tmp_path: Path) -> None:
    lay_down(tmp_path, "2026-11-01", catalogue(a=(1.0, 1.0)))
    for text in ("provider_id\nx\n", "", "provider_id,model_id,input_usd_per_mtok\nx,y,z\n"):
        (tmp_path / "2026-11-01" / "models-dev.csv").write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=r"2026-11-01/models-dev\.csv: "):
            snapshots.last_before(tmp_path, "2026-11-30", MODELS_DEV)


def test_changes_name_what_moved_came_and_went() -> None:
    before = catalogue(a=(5.0, 25.0), b=(1.0, 2.0), gone=(1.0, 1.0))
    after = catalogue(a=(5.0, 50.0), b=(1.0, 2.0 + 1e-12), new=(3.0, 3.0))
    found = snapshots.changes(before, after, MODELS_DEV)
    assert list(found.iloc[0][["row", "figure", "before", "after", "factor", "kind"]]) == [
        "host a", "output_usd_per_mtok", 25.0, 50.0, 2.0, "changed",
    ]  # fmt: skip
    assert found["kind"].value_counts().to_dict() == {"gone": 2, "new": 2, "changed": 1}
    assert snapshots.changes(after, after, MODELS_DEV).empty


def test_a_day_is_checked() -> None:
    assert snapshots.day_of("2026-11-01") == "2026-11-01"
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    for text in ("2026-11", "../x", "2026-13-01", "", tomorrow):
        with pytest.raises(ParameterError, match="date"):
            snapshots.day_of(text)


def test_one_refresh_at_a_time_and_never_through_a_link(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(snapshots, "_PATIENCE_SECONDS", 0.05)
    with (
        snapshots.alone_in(tmp_path / "2026-11-29"),
        pytest.raises(ParameterError, match="another refresh is writing"),
        snapshots.alone_in(tmp_path / "2026-11-29"),
    ):
        pass
    (tmp_path / "2026-11-28").symlink_to(tmp_path / "2026-11-29")
    with (
        pytest.raises(ParameterError, match="2026-11-28: a link"),
        snapshots.alone_in(tmp_path / "2026-11-28"),
    ):
        pass


def test_refreshes_side_by_side_lose_nothing(tmp_path: Path) -> None:
    """Each adds a source of its own to the same day; all must be told in its origin."""
    folder, names = tmp_path / "2026-11-29", [f"source-{number}" for number in range(8)]

    def add(name: str) -> None:
        source = replace(MODELS_DEV, name=name)
        fetched = Fetched(source, catalogue(a=(1.0, 1.0)), (Answer(b"{}", "https://somewhere/"),))
        with snapshots.alone_in(folder):
            write_all(snapshots.files_of(tmp_path, folder.name, {name: fetched}, WHEN))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, names))
    assert list(pd.read_csv(folder / snapshots.ORIGIN)["source"]) == names


@pytest.mark.parametrize("text", ["", "source\necb\n", "\x00\xff"])
def test_a_damaged_origin_is_named(tmp_path: Path, text: str) -> None:
    lay_down(tmp_path, "2026-11-29", catalogue(a=(5.0, 25.0)))
    (tmp_path / "2026-11-29" / snapshots.ORIGIN).write_text(text, encoding="latin-1")
    with pytest.raises(DataError, match=r"2026-11-29/origin\.csv: .*take it away"):
        lay_down(tmp_path, "2026-11-29", catalogue(a=(5.0, 25.0)))


def test_the_latest_up_to_a_day(tmp_path: Path) -> None:
    lay_down(tmp_path, "2026-11-01", catalogue(a=(1.0, 1.0)))
    found = snapshots.last_before(tmp_path, "2026-11-01", MODELS_DEV, and_on_it=True)
    assert found is not None
    assert found[0] == "2026-11-01"
