"""The README's numbers."""

import pytest

from analysis.cli import readme
from analysis.inputs import paths


def test_the_numbers_are_current() -> None:
    text = (paths.project_root() / "README.md").read_text(encoding="utf-8")
    assert text.count("<!--k2t ") >= 20
    assert readme.render(text, readme.known_numbers()) == text


@pytest.mark.parametrize(
    "marker", ["nobody.x.value", "article.nothing.value", "article.tariff_ratio_widest.low"]
)
def test_a_marker_without_a_number_is_named(marker: str) -> None:
    with pytest.raises(ValueError, match="no number for"):
        readme.render(f"<!--k2t {marker}:.2f-->1<!--/k2t-->", readme.known_numbers())


def test_every_picture_is_there() -> None:
    import re

    text = (paths.project_root() / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert len(pictures) == 5
    assert all((paths.project_root() / picture).is_file() for picture in pictures)
