"""The README's numbers and how it looks where CommonMark is rendered, and the data dictionary."""

import re
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from analysis.cli import regenerate
from analysis.inputs import paths, rules
from analysis.inputs.errors import DataError

README = (paths.project_root() / "README.md").read_text(encoding="utf-8")
PLAIN = re.sub(r"<!--.*?-->", "", README)


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the block elements of a Markdown text with the words that a reader sees in each."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    shown = []
    for kind, content in pairwise(tokens):
        if content.type == "inline":
            words = [part.content for part in content.children or [] if part.type in {"text", "code_inline"}]
            shown.append((kind.type, " ".join(" ".join(words).split())))
    return shown


def test_the_rendered_paragraphs_are_those_of_the_text_without_markers() -> None:
    html = [token.content for token in MarkdownIt("commonmark").parse(README) if token.type == "html_block"]
    assert html == []
    assert [kind for kind, _ in blocks(README)] == [kind for kind, _ in blocks(PLAIN)]
    squeezed = [[re.sub(r"\s", "", words) for _, words in blocks(text)] for text in (README, PLAIN)]
    assert squeezed[0] == squeezed[1]
    answer = next(words for _, words in blocks(README) if words.startswith("The answer."))
    assert answer.endswith("the claimed gap.")
    numbers = next(words for _, words in blocks(README) if words.startswith("In numbers."))
    assert "16.7 times the Chinese ones" in numbers
    assert not [line for line in README.splitlines() if line.startswith("<!--")]


def test_the_numbers_are_current() -> None:
    assert README.count("<!--k2t ") >= 20
    assert regenerate.render(README, regenerate.known_numbers()) == README


@pytest.mark.parametrize("start", ["", "- ", "> ", "   "])
def test_a_marker_that_begins_a_line_is_refused(start: str) -> None:
    with pytest.raises(ValueError, match=r"ends the paragraph: .*k2t a\.x\.value"):
        regenerate.render(f"One\n{start}<!--k2t a.x.value:g-->1<!--/k2t-->", {"a": {"x": {"value": 1.0}}})


@pytest.mark.parametrize(
    "marker", ["nobody.x.value", "article.nothing.value", "article.tariff_ratio_widest.low"]
)
def test_a_marker_without_a_number_is_named(marker: str) -> None:
    with pytest.raises(ValueError, match="no number for"):
        regenerate.render(f"is <!--k2t {marker}:.2f-->1<!--/k2t-->", regenerate.known_numbers())


def test_a_grade_is_written_as_it_is() -> None:
    entry = {"value": 1.04, "grade": "C"}
    text = "makes <!--k2t a.x.value:.2f-->1<!--/k2t--> (grade <!--k2t a.x.grade-->?<!--/k2t-->)"
    shown = regenerate.render(text, {"a": {"x": entry}})
    assert shown == text.replace("-->1<", "-->1.04<").replace("?", "C")
    assert regenerate.known_numbers()["audited"]["tariff_cn_hub"]["grade"] == "C"
    for empty in ({"x": entry | {"grade": ""}}, {"x": {"value": 3.0}}):
        with pytest.raises(ValueError, match=r"no grade for .*a\.x\.grade"):
            regenerate.render("of grade <!--k2t a.x.grade-->C<!--/k2t-->", {"a": empty})


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) == 5
    assert all((paths.project_root() / picture).is_file() for picture in pictures)


def test_the_dictionary_lists_the_columns_as_they_are() -> None:
    text = (paths.DATA / "README.md").read_text(encoding="utf-8")
    assert text == regenerate.with_columns_listed(text, rules.load_columns())


def test_a_list_of_columns_is_written_between_its_marks() -> None:
    given = [
        {"column": "a", "kind": "number", "unit": "W", "lowest": "0", "blank": "yes", "meaning": "first"},
        {"column": "b", "kind": "choice", "words": "x;y", "unique": "key", "meaning": "second"},
        {"column": "c", "kind": "ids", "refers_to": "u", "meaning": "third"},
    ]
    columns = pd.DataFrame(given, columns=rules.load_columns().columns, dtype=object).fillna("")
    columns = columns.assign(table="t", rules=["should not exceed b", "should be x where b is *y", ""])
    page = regenerate.with_columns_listed(
        "Prose.\n<!-- columns of t -->\nold\n<!-- end -->\nMore.\n", columns
    )
    assert page.splitlines() == [
        "Prose.",
        "<!-- columns of t -->",
        "| column | holds | meaning |",
        "|---|---|---|",
        "| `a` | number [W], from 0, or blank; should not exceed b | first |",
        r"| `b` | one of `x`, `y`, key of the row; should be x where b is \*y | second |",
        "| `c` | keys of `u` | third |",
        "<!-- end -->",
        "More.",
    ]
    assert regenerate.with_columns_listed(page, columns) == page
    with pytest.raises(DataError, match="declared alone: t"):
        regenerate.with_columns_listed("Prose.\n", columns)


def test_the_command_writes_the_dictionary_or_checks_it(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "DATA", data_copy)
    path = data_copy / "README.md"
    current = path.read_text(encoding="utf-8")
    path.write_text(current.replace("| `area` |", "| `place` |"), encoding="utf-8")
    run = CliRunner().invoke
    refused = run(regenerate.app, ["dictionary", "--check"])
    assert refused.exit_code == 1
    assert refused.output == "README.md differs from columns.csv; run make dictionary\n"
    assert run(regenerate.app, ["dictionary"]).exit_code == 0
    assert path.read_text(encoding="utf-8") == current
    assert run(regenerate.app, ["dictionary", "--check"]).exit_code == 0
