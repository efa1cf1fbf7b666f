"""Errors that a user can mend."""

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from analysis.inputs import errors


class Meal(BaseModel):
    """A model with something of every kind to get wrong."""

    model_config = ConfigDict(extra="forbid")

    dish: str
    guests: int

    @field_validator("guests")
    @classmethod
    def _seats(cls, guests: int) -> int:
        if guests > 4:
            raise ValueError("there are four chairs")
        return guests


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"guests": 5}, "missing: dish; guests: there are four chairs"),
        ({}, "missing: dish, guests"),
        ({"dish": "soup", "guests": 1, "wine": "red"}, "wine: unknown name"),
    ],
)
def test_what_is_wrong_with_a_model_is_one_line(given: dict, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Meal.model_validate(given)
    assert errors.explain(caught.value.errors()) == told


def test_a_wrong_type_is_told_with_what_was_given() -> None:
    with pytest.raises(ValidationError) as caught:
        Meal.model_validate({"dish": "soup", "guests": "many"})
    told = errors.explain(caught.value.errors())
    assert told.startswith("guests: Input should be a valid integer")
    assert told.endswith("(got 'many')")


class Order(BaseModel):
    """A model that takes nothing for something else."""

    model_config = ConfigDict(strict=True)

    plates: int = 1
    price: float = 1.0
    paid: bool = True
    name: str = ""
    wishes: list[str] = []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"plates": "1_000"}, "plates: Input should be a valid integer: write 1000 (got '1_000')"),
        ({"plates": 2.0}, "plates: Input should be a valid integer: write 2 (got 2.0)"),
        (
            {"plates": "few"},
            "plates: Input should be a valid integer: write a whole number as in 1000 (got 'few')",
        ),
        ({"price": "٣"}, "price: Input should be a valid number: write 3 (got '٣')"),
        ({"price": "0.5"}, "price: Input should be a valid number: write 0.5 without quotes (got '0.5')"),
        ({"paid": "yes"}, "paid: Input should be a valid boolean: write true or false (got 'yes')"),
        ({"name": 2025}, 'name: Input should be a valid string: write it in quotes, "2025" (got 2025)'),
        ({"wishes": "salt"}, "wishes: Input should be a valid list: write a list as in [1, 2] (got 'salt')"),
    ],
)
def test_a_wrong_type_is_told_with_what_to_write(given: dict, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Order.model_validate(given)
    assert errors.explain(caught.value.errors()) == told


@pytest.mark.parametrize(
    "kind", [errors.DataError, errors.ScenarioError, errors.ParameterError, errors.CollectError]
)
def test_each_is_an_input_error(kind: type) -> None:
    assert issubclass(kind, errors.InputError)
    assert issubclass(errors.InputError, ValueError)


@pytest.mark.parametrize(
    "kind", [errors.DataError, errors.ScenarioError, errors.ParameterError, errors.CollectError]
)
def test_no_message_is_long(kind: type) -> None:
    told = str(kind("a.csv, row 3: " + "x" * 200_000))
    assert len(told) == errors.LONGEST < 500
    assert told.startswith("a.csv, row 3: xxx")
    assert told.endswith("x...")
    assert str(kind("short")) == "short"


def test_of_many_problems_those_are_told_that_fit() -> None:
    assert errors.listed(["a: wrong"]) == "a: wrong"
    assert errors.listed(["a: wrong", "b: wrong"], "\n") == "a: wrong\nb: wrong"
    told = errors.listed(["x" * 1000, "b: wrong"])
    assert told.endswith("...; and 1 more")
    assert len(told) <= errors.LONGEST


def test_an_error_of_cells_tells_as_many_as_a_message_may_hold() -> None:
    few = errors.DataError.of_cells("a.csv", {(3, "x"): "wrong", (2, "y"): "odd"})
    assert str(few) == "a.csv, row 2, column y: odd\na.csv, row 3, column x: wrong"
    many = str(errors.DataError.of_cells("a.csv", {(row, "x"): "wrong" for row in range(2, 10_002)}))
    assert len(many) <= 500
    assert many.splitlines()[-1] == f"and {10_000 - len(many.splitlines()) + 1:d} more"
