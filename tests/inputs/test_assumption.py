"""One assumption: its ends, its order, its money, and what defines it."""

import pytest
from pydantic import ValidationError

from analysis.inputs.assumption import Assumption, Definition, Range

ORIGIN = {"source": "x", "grade": "B"}


def assumption(**entries) -> Assumption:
    return Assumption.model_validate({"unit": "ratio", **ORIGIN, **entries})


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        ({"value": 2.0}, (2, 2, 2)),
        ({"low": 1.0, "high": 2.0}, (1, 1.5, 2)),
        ({"value": 2.0, "high": 3.0}, (2, 2, 3)),
        ({"value": 2.0, "low": 1.0, "high": None}, (1, 2, 2)),
    ],
)
def test_what_is_missing_follows_from_the_rest(given: dict, ends: tuple) -> None:
    found = assumption(**given)
    assert (found.low, found.value, found.high) == ends


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"low": 1.0}, "value"),
        ({"value": "2"}, "value '2' is not a number"),
        ({"value": True}, "value True is not a number"),
        ({"low": 1, "high": 10**400}, "high 1000000000.* is not a number"),
        ({"value": 1.0, "low": -(10**309)}, "low -1000000000.* is not a number"),
        ({"value": 3.0, "high": 2.0}, "value 3 is not between low 3 and high 2"),
        ({"value": 1.0, "unit": "USD"}, "a figure in USD needs a period"),
        ({"value": 1.0, "period": "soon"}, "'soon' is not a period"),
        ({"value": float("nan")}, "finite"),
        ({"value": 1.0, "colour": "red"}, "colour"),
        ({"value": "1_000"}, "value '1_000' is not a number; write 1000"),
        ({"value": "٣"}, "value '٣' is not a number; write 3"),
        ({"value": 1.0, "paragraph": 0}, "paragraph"),
        ({"value": 1.0, "paragraph": -3}, "paragraph"),
        ({"value": 1.0, "paragraph": True}, "paragraph"),
        ({"value": 1.0, "paragraph": "3"}, "paragraph"),
        ({"value": 1.0, "paragraph": 3.0}, "paragraph"),
        ({"value": 1.0, "paragraph": 10**60}, "paragraph"),
        ({"value": 1.0, "period": "２０２５"}, "'２０２５' is not a period"),
        ({"value": 1.0, "period": True}, "period"),
    ],
)
def test_what_makes_no_sense_is_named(given: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        assumption(**given)


def test_a_number_alone_is_told_what_it_lacks() -> None:
    with pytest.raises(ValidationError, match=r"3 alone will not do; it takes \{value: 0\.3"):
        Assumption.model_validate(3)


def test_a_year_of_yaml_is_a_period() -> None:
    assert assumption(value=1.0, unit="USD", period=2025).period == "2025"


def test_a_definition_bounds_every_end() -> None:
    share = Definition("a part", ("share", "%"), 0.0, 1.0)
    given = {"value": 0.5, "low": 0.2, "high": 1.0, "unit": "share", **ORIGIN}
    assert Assumption.model_validate(given, context=share).high == 1.0
    with pytest.raises(ValidationError, match=r"high 1\.5 is out of bounds 0 to 1 \[share\]"):
        Assumption.model_validate(given | {"high": 1.5}, context=share)
    with pytest.raises(ValidationError, match="unit 'kW' is not one of share, %"):
        Assumption.model_validate(given | {"unit": "kW"}, context=share)


def test_a_range_is_scaled_as_a_whole() -> None:
    assert Range(1.0, 2.0, 3.0).times(0.5) == Range(0.5, 1.0, 1.5)
