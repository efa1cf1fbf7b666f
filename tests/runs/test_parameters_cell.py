"""What a parameters cell declares, and values put after it."""

import ast
import json
import math

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from analysis.inputs.errors import ParameterError
from analysis.runs.parameters_cell import inferred_model, with_values
from analysis.runs.suite import defaults_of, validated


def inferred_from(source: str, values: dict) -> dict:
    """Check values against the model inferred from a parameters cell; return all parameters."""
    notebook = {"cells": [{"cell_type": "code", "source": source, "metadata": {"tags": ["parameters"]}}]}
    return validated(inferred_model(notebook, "trial"), values, "trial").model_dump(by_alias=True)


PARAMETERS = """from pathlib import Path
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
    assert inferred_from(PARAMETERS, {}) == {
        "rate": 0.5, "years": 3, "name": "a=b", "quick": True, "sizes": [1, 2], "shares": {}, "mode": "fast",
        "limit": None, "other": None, "loose": None, "folder": None, "_private": 1, "model_dump": 2,
    }  # fmt: skip
    notebook = {"cells": [{"cell_type": "code", "source": PARAMETERS, "metadata": {"tags": ["parameters"]}}]}
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
    assert inferred_from(PARAMETERS, values).items() >= values.items()


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
        ({"years": float("nan")}, ["years"]),
        ({"rate": "1_000"}, ["rate: Input should be a valid number: write 1000 (got '1_000')"]),
        ({"loose": object()}, ["loose: not a number, text"]),
        ({"loose": {1: 2}}, ["loose: not a number, text"]),
        (
            {"rate": "x", "years": "y", "unknown": 1},
            ["rate: ", "years: ", "unknown: unknown name", "known: rate,"],
        ),
    ],
)
def test_wrong_values_are_all_named(values: dict, named: list[str]) -> None:
    with pytest.raises(ParameterError) as error:
        inferred_from(PARAMETERS, values)
    for text in named:
        assert text in str(error.value)


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
@settings(max_examples=60)
def test_a_value_reaches_the_notebook_as_data(values: dict) -> None:
    """Whatever a text holds, the injected cell is a list of assignments of just these values."""
    from papermill.translators import papermill_translators

    inferred_from(PARAMETERS, {name: value for name, value in values.items() if "inf" not in repr(value)})
    source = papermill_translators.find_translator(None, "python").codify(values)
    tree = ast.parse(source)
    assert all(isinstance(statement, ast.Assign) for statement in tree.body)
    space: dict = {}
    exec(compile(tree, "cell", "exec"), {"float": float}, space)
    assert space == values


def notebook_of(*cells: str | tuple[str, list[str]]) -> dict:
    """Return a notebook; a cell alone is text, else with its tags."""
    pairs = [(cell, []) if isinstance(cell, str) else cell for cell in cells]
    return {
        "cells": [{"cell_type": "code", "source": text, "metadata": {"tags": tags}} for text, tags in pairs]
    }


def declared_by(*sources: str) -> dict:
    """Return what parameters cells declare, with defaults."""
    return defaults_of(
        inferred_model(notebook_of(*((source, ["parameters"]) for source in sources)), "trial")
    )


@pytest.mark.parametrize(
    ("source", "declared"),
    [
        ("%load_ext autoreload\n%autoreload 2\nalpha: float = 0.5", {"alpha": 0.5}),
        ("!echo 'a = 3'\nalpha = 1", {"alpha": 1}),
        ("%%time\nalpha = 1", {"alpha": 1}),
        ("\n%%capture out\nalpha = 1", {"alpha": 1}),
        ("files = !ls\nalpha = 1", {"files": None, "alpha": 1}),
        ("?alpha\nalpha = 1", {"alpha": 1}),
        ("d, e = 1, 2", {"d": 1, "e": 2}),
        ("(d, [e, f]) = 1, (2, 'x')", {"d": 1, "e": 2, "f": "x"}),
        ("[d, e] = [1, None]", {"d": 1, "e": None}),
        ("d, *e = 1, 2, 3", {"d": None, "e": None}),
        ("d, e = pair()", {"d": None, "e": None}),
        ("c = d = 4", {"c": 4, "d": 4}),
        ("c = (d, e) = 4, 5", {"c": (4, 5), "d": 4, "e": 5}),
        ("a = 1; b = 'x'; import os; c = -2.5", {"a": 1, "b": "x", "c": -2.5}),
        ("a: int\nb: float = 2.0", {"a": None, "b": 2.0}),
        ("a = 1\na: int", {"a": 1}),
        ("a: float\na = 1", {"a": 1}),
        ("a = 1\na = 2", {"a": 2}),
        ("a = 1\na += 1", {"a": None}),
        ("a = b = 1\nif b:\n    a = 2", {"a": None, "b": 1}),
        ("a = 1\nfor a in range(3): pass", {"a": None}),
        ("a = 1\nprint(a)", {"a": 1}),
        ("a = 1\ndef f():\n    a = 2", {"a": 1}),
        ("d, e = {1, 2}", {"d": None, "e": None}),
        ("config = {'x': 1}\nobject.a = 3\nconfig['y'] = 2", {"config": {"x": 1}}),
        ("def f():\n    a = 1\nclass A: pass\nif (n := 1): pass", {}),
        ("# nothing but a comment", {}),
        ("", {}),
        ("%%bash\na=1", {}),
    ],
)
def test_what_a_cell_sets_are_its_parameters(source: str, declared: dict) -> None:
    assert declared_by(source) == declared


def test_several_cells_declare_together() -> None:
    assert declared_by("a = 1\nb = 1", "b = 2\nc = 3") == {"a": 1, "b": 2, "c": 3}
    assert inferred_from_cells(("# Title", ["parameters"]), ("a = 1", ["parameters"]), a=2) == {"a": 2}


def inferred_from_cells(*cells: str | tuple[str, list[str]], **values: object) -> dict:
    """Check values against the model of a notebook; return all parameters."""
    return validated(inferred_model(notebook_of(*cells), "trial"), values, "trial").model_dump(by_alias=True)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("v: Any = 1", "text"),
        ("v: typing.Any = 1", [1, "x", None]),
        ("v: Sequence[float] = (1.0,)", [1, 2.5]),
        ("v: np.ndarray = 1", 2.5),
        ("v: 'Foo' = 1", "text"),
        ("v: Optional[Foo] = 1", "text"),
        ("v: Callable[[int], str] = 1", {"a": 1}),
        ("v: 1 + 1 = 1", "text"),
        ("v: '1 +' = 1", "text"),
        ("v: Literal[()] = 1", "text"),
        ("v: Union[()] = 1", "text"),
        ("v: list[Foo] = []", [1, "x"]),
        ("v: Union[int, Any] = 1", "text"),
        ("v = (1, 2)", [1, 2]),
        ("v = compute()", "text"),
        ("v: float = 1", math.inf),
        ("v = 0.5", -math.inf),
        ("v: list[float] = []", [1, math.inf]),
        ("v: float | None = None", math.inf),
        ("v: Any", "text"),
        ("v: int", 3),
        ("v = 10", 10**60),
        ("v = 1.5", 10**22),
        ("v: str = 'x'", "1_000"),
        ("v: Path = 'x'", "2019-01-01"),
    ],
)
def test_a_cell_takes_what_it_says(source: str, value: object) -> None:
    assert inferred_from_cells((source, ["parameters"]), v=value) == {"v": value}


def test_a_cell_takes_what_is_no_number_where_a_float_may_be() -> None:
    assert math.isnan(inferred_from_cells(("v: float = 1.0", ["parameters"]), v=math.nan)["v"])


@pytest.mark.parametrize(
    ("source", "value", "message"),
    [
        ("v: int = 1", math.inf, "v: Input should be a valid integer"),
        ("v = 1", math.nan, "v: Input should be a valid integer"),
        ("v = 1", 2.0, "v: Input should be a valid integer: write 2 "),
        ("v = 0.5", "0x10", "v: Input should be a valid number: write 16 "),
        ("v = 0.5", "1:30", "v: Input should be a valid number: write a number as in 1000, 0.5 or 1e-3"),
        ("v: bool = True", "yes", "v: Input should be a valid boolean: write true or false"),
        ("v: float", True, "v: Input should be a valid number"),
        ("v = 10", 10**400, "v: not a number, text"),
        ("v: dict[str, float] = {}", {"a": "٣"}, "v.a: Input should be a valid number: write 3 "),
        ("v = 1", [1], "v: Input should be a valid integer"),
    ],
)
def test_a_cell_refuses_what_it_does_not_say(source: str, value: object, message: str) -> None:
    with pytest.raises(ParameterError) as error:
        inferred_from_cells((source, ["parameters"]), v=value)
    assert message in str(error.value)


def test_a_name_with_an_annotation_alone_is_required() -> None:
    with pytest.raises(ParameterError, match=r"trial: missing: a, c$"):
        inferred_from_cells(("a: int\nb: int = 1\nc: Foo", ["parameters"]), b=2)
    model = inferred_model(notebook_of(("output_dir: str", ["parameters"])), "trial", ("output_dir",))
    validated(model, {}, "every run is given its folder")


@pytest.mark.parametrize("cells", [("print(x)",), (("# set from outside", ["parameters"]), "print(x)"), ()])
def test_a_notebook_that_declares_nothing_takes_everything_by_any_name_of_python(cells: tuple) -> None:
    values = {"x": 1, "_y": [{"a": None}], "größe": "2019-01-01", "model_dump": math.inf, "z": None}
    assert inferred_from_cells(*cells, **values) == values
    for name in ("a b", "os.system('touch pwned')#", "x = 1; y", "class", "1a", "", "a-b", "x\n"):
        with pytest.raises(ParameterError, match="is no name of Python's"):
            inferred_from_cells(*cells, **{name: 1})
    with pytest.raises(ParameterError, match="x: not a number, text"):
        inferred_from_cells(*cells, x=object())


@pytest.mark.parametrize(
    "source", ["a = ", "a = (", "%magic\na = [", "a = 1\n  b = 2", "for", "%%time\na = ", "a = '\0'"]
)
def test_a_cell_that_is_no_python_is_refused(source: str) -> None:
    with pytest.raises(ParameterError, match="trial: its parameters cell is no Python"):
        declared_by(source)


def filled(values: dict, *cells: str | tuple[str, list[str]]) -> list[str]:
    """Return the cells of a notebook that is given values."""
    notebook = nbformat.from_dict(notebook_of(*cells) | {"nbformat": 4, "nbformat_minor": 5, "metadata": {}})
    with_values(notebook, values)
    assert len({cell.get("id", number) for number, cell in enumerate(notebook.cells)}) == len(notebook.cells)
    return [cell.source.removeprefix("# Parameters\n").rstrip() for cell in notebook.cells]


def test_values_go_after_the_cells_that_declare_them() -> None:
    first, second = ("a = 1\nb = 1", ["parameters"]), ("b = 2\nc = 3", ["parameters"])
    cells = ("import os", first, "d = a + b", second, "print(a, b, c, d)")
    texts = [cell if isinstance(cell, str) else cell[0] for cell in cells]
    assert filled({}, *cells) == texts
    assert filled({"a": 5}, *cells) == [*texts[:2], "a = 5", *texts[2:]]
    assert filled({"c": 5}, *cells) == [*texts[:4], "c = 5", *texts[4:]]
    both = filled({"c": 7, "b": 6, "a": 5}, *cells)
    assert both == [*texts[:2], "b = 6\na = 5", texts[2], texts[3], "c = 7\nb = 6", texts[4]]
    space: dict = {}
    exec("\n".join(both), space)
    assert [space[name] for name in "abcd"] == [5, 6, 7, 11]


def test_values_go_on_top_where_no_cell_declares_any() -> None:
    assert filled({"x": 1}, "print(x)") == ["x = 1", "print(x)"]
    assert filled({"x": 1}) == ["x = 1"]
    assert filled({"x": 1}, "import os", ("# here", ["parameters"])) == ["import os", "# here", "x = 1"]


def test_one_cell_gets_what_papermill_injects(notebook) -> None:
    values = {"scale": 1e-3, "output_dir": 'a "b"\n😀', "x": [None, True, {"a": math.inf}]}
    ours, theirs = (load_notebook_node(str(notebook("1"))) for _ in range(2))
    with_values(ours, values)
    theirs = parameterize_notebook(theirs, values, kernel_name="python3", language="python")
    strip = [{key: part for key, part in cell.items() if key != "id"} for cell in theirs.cells]
    for cell in ours.cells:
        del cell["id"]
    assert json.loads(json.dumps(ours.cells)) == json.loads(json.dumps(strip))
