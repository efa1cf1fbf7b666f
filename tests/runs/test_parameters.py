"""Notebooks and their parameter models agree."""

import ast
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inputs import paths
from analysis.runs import parameters
from analysis.runs.parameters import inferred_model

from analysis.runs.suite import SUITE


def cells(name: str):
    return nbformat.read(paths.NOTEBOOKS / f"{name}.ipynb", as_version=4).cells


def parameter_cell(name: str) -> str:
    tagged = [cell for cell in cells(name) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    return tagged[0].source


def test_every_notebook_is_in_the_suite() -> None:
    assert sorted(path.stem for path in paths.NOTEBOOKS.glob("*.ipynb")) == sorted(SUITE)


@pytest.mark.parametrize("name", list(SUITE))
def test_the_parameters_cell_is_the_model(name: str) -> None:
    source = parameter_cell(name)
    fields = SUITE[name].parameters.model_fields
    defaults = {}
    for line, statement in zip(source.splitlines(), ast.parse(source).body, strict=True):
        assert isinstance(statement, ast.AnnAssign)
        assert isinstance(statement.target, ast.Name)
        assert "  # " in line
        defaults[statement.target.id] = ast.literal_eval(statement.value)
        assert type(defaults[statement.target.id]).__name__ == ast.unparse(statement.annotation)
    assert defaults == {field: info.default for field, info in fields.items()}


@pytest.mark.parametrize("name", list(SUITE))
def test_notebooks_keep_the_house_rules(name: str) -> None:
    for number, cell in enumerate(cells(name)):
        if cell.cell_type != "code":
            continue
        assert "def " not in cell.source, number
        assert cell.source.count("\n") <= 18, number
        if "_figure = figures." in cell.source:
            assert cell.source.rstrip().endswith("plt.show()"), number
        assert cell.execution_count is not None, "outputs are stored: run make templates"
        for output in cell.outputs:
            assert output.get("name") != "stderr"
            assert output.output_type != "error"
            shown = json.dumps(
                {kind: data for kind, data in output.get("data", {}).items() if kind != "image/png"}
            )
            assert "/home/" not in shown
            assert "/tmp/" not in shown


@pytest.mark.parametrize("name", list(SUITE))
def test_prose_holds_no_result(name: str) -> None:
    """Results are formatted from tables; prose may name a year, a band or the 100 MW of an example."""
    allowed = {"2025", "100", "4", "1949", "1992", "2000", "2"}
    for cell in cells(name):
        if cell.cell_type == "markdown":
            words = cell.source.replace("GPT-4o", "").replace("1 GW", "").split()
            numbers = {word.strip(".,;:()") for word in words if any(letter.isdigit() for letter in word)}
            assert numbers <= allowed, numbers - allowed


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
