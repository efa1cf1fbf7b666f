"""The README's numbers, and how the README looks where CommonMark is rendered."""

import re
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from analysis.cli import regenerate
from analysis.inputs import paths

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
    assert "of 16.7 , on a logarithmic scale" in answer
    assert answer.endswith("3.4 .")


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


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) == 5
    assert all((paths.project_root() / picture).is_file() for picture in pictures)
