"""How options are read."""

from pathlib import Path

import pytest
import typer

from analysis.cli import folder, named_value, number
from analysis.inputs.errors import ParameterError


@pytest.mark.parametrize(
    "text", ["1_0", "٣", "+5", " 5", "0x10", "017", "1,5", "nan", "inf", "1e999", "", "x"]
)
def test_a_number_is_written_as_everywhere(text: str) -> None:
    for kind in (int, float):
        with pytest.raises(typer.BadParameter, match=r"is no (whole )?number from 0 to"):
            number(kind)["parser"](text)


@pytest.mark.parametrize("kind", [int, float])
def test_a_number_is_within_bounds(kind: type) -> None:
    option = number(kind, 1, 256)
    assert (option["min"], option["max"]) == (1, 256)
    assert option["parser"]("8") == option["parser"](8) == 8
    assert type(option["parser"]("8")) is kind
    for text in ("0", "257", "-1", "9" * 400):
        with pytest.raises(typer.BadParameter, match="from 1 to 256"):
            option["parser"](text)


def test_a_whole_number_has_no_fraction() -> None:
    assert number(float)["parser"]("2.5") == 2.5
    with pytest.raises(typer.BadParameter, match=r"2\.5 is no whole number"):
        number(int)["parser"]("2.5")


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_a_blank_names_no_folder(text: str) -> None:
    assert folder("out") == Path("out")
    with pytest.raises(typer.BadParameter, match="names no folder"):
        folder(text)


@pytest.mark.parametrize("text", ["", "=3", " =3", "hub"])
def test_what_is_no_named_value_is_told(text: str) -> None:
    with pytest.raises(ParameterError, match=r"^what-if .*: expected NAME=VALUE$"):
        named_value(text, "what-if ")
