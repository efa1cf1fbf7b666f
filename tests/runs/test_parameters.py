"""What a notebook takes, and values that are checked against it."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.runs import parameters
from analysis.runs.parameters import inferred_model


def inferred_from(source: str, values: dict) -> dict:
    """Check values against the model inferred from a parameters cell; return all parameters."""
    notebook = {"cells": [{"cell_type": "code", "source": source, "metadata": {"tags": ["parameters"]}}]}
    return parameters.validated(inferred_model(notebook, "trial"), values, "trial").model_dump(by_alias=True)


CELL = """from pathlib import Path
rate: float = 0.5  # [1/year] cost of capital
years = 3
name: "str" = "a=b"
quick = True
sizes: list[int] = [1, 2]
shares: dict[str, float] = {}
mode: Literal["fast", "slow"] = "fast"
limit: int | None = None
other: Optional[float] = None
loose = None
folder = Path("x")
_private: Union[int, str] = 1
model_dump = 2
if years: extra = 1
"""


def test_a_model_is_inferred_from_any_parameters_cell() -> None:
    assert inferred_from(CELL, {}) == {
        "rate": 0.5, "years": 3, "name": "a=b", "quick": True, "sizes": [1, 2], "shares": {}, "mode": "fast",
        "limit": None, "other": None, "loose": None, "folder": None, "_private": 1, "model_dump": 2,
    }  # fmt: skip
    notebook = {"cells": [{"cell_type": "code", "source": CELL, "metadata": {"tags": ["parameters"]}}]}
    fields = inferred_model(notebook, "trial").model_fields
    assert fields["parameter_0"].description == "[1/year] cost of capital"


@pytest.mark.parametrize(
    "values",
    [
        {"rate": 1, "years": 4, "name": "x", "quick": False, "sizes": [], "shares": {"a": 1.5}},
        {"mode": "slow", "limit": 3, "other": 2.5, "loose": [1, {"a": None}], "folder": "y"},
        {"limit": None, "_private": "text", "model_dump": 5},
    ],
)
def test_right_values_pass(values: dict) -> None:
    assert inferred_from(CELL, values).items() >= values.items()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"rate": "0.5"}, ["rate"]),
        ({"years": 3.5}, ["years"]),
        ({"years": True}, ["years"]),
        ({"quick": 1}, ["quick"]),
        ({"sizes": [1, "2"]}, ["sizes.1"]),
        ({"shares": {"a": "b"}}, ["shares.a"]),
        ({"mode": "medium"}, ["mode"]),
        ({"limit": "none"}, ["limit"]),
        ({"rate": float("nan")}, ["rate"]),
        ({"loose": object()}, ["loose: not a number, text"]),
        ({"loose": {1: 2}}, ["loose: not a number, text"]),
        (
            {"rate": "x", "years": "y", "unknown": 1},
            ["rate: ", "years: ", "unknown: unknown name", "known: rate,"],
        ),
    ],
)
def test_wrong_values_are_all_named(values: dict, named: list[str]) -> None:
    with pytest.raises(parameters.ParameterError) as error:
        inferred_from(CELL, values)
    for text in named:
        assert text in str(error.value)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([], "0 cells are tagged 'parameters'"),
        (["a = 1", "b = 1"], "2 cells are tagged"),
        (["a = "], "no Python"),
    ],
)
def test_a_notebook_without_one_parameters_cell_is_refused(cells: list[str], message: str) -> None:
    notebook = {"cells": [{"source": cell, "metadata": {"tags": ["parameters"]}} for cell in cells]}
    with pytest.raises(parameters.ParameterError, match=message):
        inferred_model(notebook, "trial")


@given(
    values=st.dictionaries(
        st.sampled_from(["loose", "folder"]),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=8,
        ),
    )
)
@settings(max_examples=60, deadline=None)
def test_a_value_reaches_the_notebook_as_data(values: dict) -> None:
    """Whatever a text holds, the injected cell is a list of assignments of just these values."""
    from papermill.translators import papermill_translators

    inferred_from(CELL, {name: value for name, value in values.items() if "inf" not in repr(value)})
    source = papermill_translators.find_translator(None, "python").codify(values)
    tree = ast.parse(source)
    assert all(isinstance(statement, ast.Assign) for statement in tree.body)
    space: dict = {}
    exec(compile(tree, "cell", "exec"), {"float": float}, space)
    assert space == values
