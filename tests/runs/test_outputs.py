"""Writing results."""

import hashlib
import json
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis import figures
from analysis.runs import files, outputs
from analysis.tables.headline import Headline, as_entries, dump


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for attempt in ("first", "second"):
        figures.apply_style()
        figure, axes = plt.subplots()
        axes.plot([1, 2, 3], label="line")
        axes.legend()
        outputs.save_figure(tmp_path / attempt, "plot", figure)
        plt.close(figure)
        digests.append(
            [
                hashlib.sha256((tmp_path / attempt / f"plot.{s}").read_bytes()).hexdigest()
                for s in ("png", "svg")
            ]
        )
    assert digests[0] == digests[1]


def test_figures_carry_no_date_and_no_version(tmp_path: Path) -> None:
    figure, _ = plt.subplots()
    outputs.save_figure(tmp_path, "plot", figure)
    plt.close(figure)
    svg = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert "dc:date" not in svg
    assert "Matplotlib" not in svg
    assert b"Matplotlib" not in (tmp_path / "plot.png").read_bytes()


def test_tables_keep_a_named_index_and_drop_a_plain_one(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1 / 3, 1e9]})
    outputs.save_table(tmp_path, "plain", frame)
    outputs.save_table(tmp_path, "named", frame.rename_axis("row"))
    assert (tmp_path / "tables" / "plain.csv").read_text() == "x\n0.333333333\n1e+09\n"
    assert (tmp_path / "tables" / "named.csv").read_text().startswith("row,x\n0,")


def test_headlines_of_other_notebooks_stay(tmp_path: Path) -> None:
    outputs.save_headlines(tmp_path, {"a": Headline.of(1.0, "ratio"), "old": Headline.of(0.0, "1")}, "one")
    outputs.save_headlines(tmp_path, {"b": Headline(2.0, 1.0, 3.0, "MW")}, "two")
    outputs.save_headlines(tmp_path, {"a": Headline.of(4.0, "ratio")}, "one")
    entries = json.loads((tmp_path / "headline.json").read_text())
    assert entries == {
        "a": {"value": 4.0, "low": None, "high": None, "unit": "ratio", "notebook": "one"},
        "b": {"value": 2.0, "low": 1.0, "high": 3.0, "unit": "MW", "notebook": "two"},
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        '{"a": 3}',
        '{"a": {"value": NaN}}',
        '{"\\ud800": {}}',
        "[" * 100_000,
        '{"b": {"value": 1e999}}',
    ],
)
def test_a_corrupt_headline_file_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "headline.json").write_text(text, encoding="utf-8")
    outputs.save_headlines(tmp_path, {"a": Headline.of(1.0, "ratio")}, "one")
    assert {name: entry["value"] for name, entry in json.loads(written(tmp_path)).items()} == {"a": 1.0}


def test_a_headline_file_that_is_no_text_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "headline.json").write_bytes(b"\xff\xfe")
    outputs.save_headlines(tmp_path, {"a": Headline.of(1.0, "ratio")}, "one")
    assert "ratio" in written(tmp_path)


def written(folder: Path) -> str:
    return (folder / "headline.json").read_text(encoding="utf-8")


def test_what_is_not_a_number_is_null() -> None:
    entries = as_entries({"x": Headline(float("nan"), float("-inf"), None, "1")}, "n")
    assert entries["x"] == {"value": None, "low": None, "high": None, "unit": "1", "notebook": "n"}
    assert dump(entries).endswith("}\n")


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    path.write_text("old", encoding="utf-8")

    def fail(temporary: Path) -> None:
        temporary.write_text("half", encoding="utf-8")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        files.write_atomically(path, fail)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["result.txt"]
