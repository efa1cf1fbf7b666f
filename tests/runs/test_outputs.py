"""Results as files: written to the same bytes, and told whole from broken."""

import hashlib
import io
import json
import math
import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest

from analysis import figures
from analysis.inputs.assumption import Range
from analysis.runs import outputs
from analysis.runs.outputs import as_entries, dump, problem_with
from analysis.tables.headline import Headline

ONE = Headline.of(1.0, "ratio", "B")


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


@pytest.mark.parametrize("suffix", outputs.FIGURE_FORMATS)
def test_a_figure_is_saved_as_matplotlib_saves_it(tmp_path: Path, suffix: str) -> None:
    """At the resolution of saved files, its layout found once; and it stays as it is shown."""
    figures.apply_style()
    figure, axes = plt.subplots()
    axes.set(title="long " * 9, xlabel="x", ylabel="y")
    canvas, dpi = figure.canvas, figure.dpi
    outputs.print_figure(figure, suffix, tmp_path / "ours")
    assert (figure.canvas, figure.dpi) == (canvas, dpi)
    again, axes = plt.subplots()
    axes.set(title="long " * 9, xlabel="x", ylabel="y")
    again.savefig(tmp_path / "theirs", format=suffix, metadata=outputs._METADATA[suffix])
    plt.close("all")
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


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
    outputs.save_headlines(tmp_path, {"a": ONE, "old": Headline.of(0.0, "1", "C")}, "one")
    outputs.save_headlines(tmp_path, {"b": Headline(2.0, 1.0, 3.0, "MW", "A")}, "two")
    outputs.save_headlines(tmp_path, {"a": Headline.of(4.0, "ratio", "C")}, "one")
    entries = json.loads((tmp_path / "headline.json").read_text())
    assert entries == {
        "a": {
            "value": 4.0, "low": None, "high": None, "unit": "ratio", "grade": "C", "notebook": "one"
        },
        "b": {"value": 2.0, "low": 1.0, "high": 3.0, "unit": "MW", "grade": "A", "notebook": "two"},
    }  # fmt: skip
    assert list(entries["a"]) == sorted(entries["a"])


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
    outputs.save_headlines(tmp_path, {"a": ONE}, "one")
    assert {name: entry["value"] for name, entry in json.loads(written(tmp_path)).items()} == {"a": 1.0}


def test_a_headline_file_that_is_no_text_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "headline.json").write_bytes(b"\xff\xfe")
    outputs.save_headlines(tmp_path, {"a": ONE}, "one")
    assert "ratio" in written(tmp_path)


def written(folder: Path) -> str:
    return (folder / "headline.json").read_text(encoding="utf-8")


def test_what_is_not_a_number_is_null() -> None:
    entries = as_entries({"x": Headline(float("nan"), float("-inf"), None, "1", "")}, "n")
    assert entries["x"] == {
        "value": None, "low": None, "high": None, "unit": "1", "grade": "", "notebook": "n"
    }  # fmt: skip
    assert dump(entries).endswith("}\n")


def picture(kind: str) -> bytes:
    figure, _ = plt.subplots()
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind)
    plt.close(figure)
    return buffer.getvalue()


def parquet() -> bytes:
    return pd.DataFrame({"a": [1]}).to_parquet()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", picture("png")),
        ("a.svg", picture("svg")),
        ("t/a.csv", b'a,b\n1,"x, y"\n'),
        ("a.json", b"{}"),
        ("a.ipynb", b"{}"),
        ("a.parquet", parquet()),
        ("a.txt", b"anything"),
    ],
)
def test_what_is_whole_is_fine(name: str, content: bytes) -> None:
    assert problem_with([name], {name: content, "more.txt": b""}) == ""
    assert problem_with([name], {name: b""}) == f"not delivered, or empty: {name}"
    assert problem_with([name], {}) == f"not delivered, or empty: {name}"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.png", picture("png")[:-3], "no whole PNG"),
        ("a.PNG", b"x", "no whole PNG"),
        ("a.svg", picture("svg")[:-9], "unclosed token"),
        ("a.svg", b"<html/>", "no SVG"),
        ("a.csv", b"a,b\n1\n", "rows of different lengths"),
        ("a.csv", b"\n\n", "no row"),
        ("a.csv", b'a\n"b', "unexpected end of data"),
        ("a.csv", b"\xff\xfe", "codec can't decode"),
        ("a.json", b"{", "Expecting property name"),
        ("a.json", b"[" * 100_000, "recursion"),
        ("a.parquet", parquet()[:-1], "Parquet"),
        ("a.parquet", b"PAR1" + b"junk" * 9 + b"PAR1", "arquet"),
        ("a.parquet", parquet()[:30] + bytes(60) + parquet()[90:], "a.parquet (Could"),
    ],
)
def test_what_is_broken_is_named(name: str, content: bytes, reason: str) -> None:
    problem = problem_with(["b.json", name], {name: content, "b.json": b"1"})
    assert problem.startswith(f"not valid: {name} (")
    assert reason in problem


def test_everything_missing_is_named_at_once() -> None:
    assert problem_with(["a", "b", "c"], {"b": b"1"}) == "not delivered, or empty: a, c"


def test_entries_are_rounded_to_nine_digits() -> None:
    found = Headline.ranged(Range(1 / 3, 2 / 3, 1234567.0123), "ratio", "B")
    assert as_entries({"spread": found}, "02-api-spread") == {
        "spread": {
            "value": 0.666666667,
            "low": 0.333333333,
            "high": 1234567.01,
            "unit": "ratio",
            "grade": "B",
            "notebook": "02-api-spread",
        }
    }


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_left_blank(number: float) -> None:
    entry = as_entries({"load": Headline.of(number, "MW", "C")}, "03-gpu-offset")["load"]
    assert (entry["value"], entry["low"], entry["high"]) == (None, None, None)


def test_zero_and_tiny_values_are_numbers() -> None:
    tiny = Headline.of(1.23456789012e-12, "1", "A")
    entries = as_entries({"none": Headline.of(0.0, "1", "A"), "tiny": tiny}, "n")
    assert entries["none"]["value"] == 0.0
    assert entries["tiny"]["value"] == 1.23456789e-12


def test_the_text_does_not_depend_on_the_order() -> None:
    text = dump({"b": 1.5, "a": {"unit": "\u5143"}})
    assert text == dump({"a": {"unit": "\u5143"}, "b": 1.5})
    assert text == '{\n  "a": {\n    "unit": "\u5143"\n  },\n  "b": 1.5\n}\n'
    assert json.loads(text) == {"a": {"unit": "\u5143"}, "b": 1.5}


def test_the_text_holds_no_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump({"a": math.nan})


def page_of(*outputs_: nbformat.NotebookNode, told: str = "why") -> str:
    """Return the page of a notebook of one cell with such outputs."""
    cell = nbformat.v4.new_code_cell("1 / 0", outputs=[*outputs_])
    notebook = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    return outputs.as_html(notebook, "a/trial", told).decode()


def test_a_page_needs_no_other_file_and_shows_texts_as_they_are() -> None:
    page = page_of(told="<script>alert(1)</script>\n# no *heading* $x$")
    assert "<title>a/trial</title>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\n# no *heading* $x$" in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//|url\(["']?https?:""", page)


def test_a_page_leaves_out_what_is_huge_but_not_the_error() -> None:
    stream = nbformat.v4.new_output("stream", text="x" * 6_000_000)
    picture = nbformat.v4.new_output("display_data", {"image/png": "iVBO" * 300_000})
    error = nbformat.v4.new_output(
        "error", ename="ValueError", evalue="odd", traceback=["ValueError: odd\ud800"]
    )
    page = page_of(stream, *[picture] * 6, error)
    assert len(page) < 6_000_000
    assert page.count("characters left out)") == 3
    assert "ValueError: odd\\ud800" in page
