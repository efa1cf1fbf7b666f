"""Notebooks that can be run, what they take, and what is none."""

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inputs.errors import ParameterError
from analysis.runs.plan import check_runs
from analysis.runs.run import Run
from analysis.runs.suite import validated
from analysis.runs.template import inferred_model, of_file

CELL = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{%s}]}'


@pytest.mark.parametrize("name", ["python3", "python", "Python3", "kwh2token-warm", ""])
def test_the_kernel_of_this_environment_has_many_names(notebook, name: str) -> None:
    path = notebook()
    path.write_text(path.read_text().replace('"name": "python3"', f'"name": "{name}"'))
    assert of_file(path).kernel == ""


def test_a_kernel_that_is_not_installed_is_refused(sweep_of, notebook) -> None:
    """Before anything runs, with the ways out."""
    path = notebook()
    path.write_text(path.read_text().replace('"name": "python3"', '"name": "my-env"'))
    with pytest.raises(ParameterError, match=r"'my-env' is not installed; those are: .*python3.*install it"):
        check_runs(sweep_of(f"notebook: {path.name}\ngrid: {{scale: [1]}}").runs)
    chosen = sweep_of(f"notebook: {path.name}\nkernel: python3\ngrid: {{scale: [1]}}")
    assert chosen.runs[0].template.kernel == ""


def test_a_kernel_has_the_language_of_its_specification(
    notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook may name it alone."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    path = notebook()
    specs = {"ir": '{"argv": ["R"], "display_name": "R", "language": "R"}', "broken": "{", "odd": "[]"}
    for name, text in specs.items():
        (tmp_path / "kernels" / name).mkdir(parents=True)
        (tmp_path / "kernels" / name / "kernel.json").write_text(text)
    for name, message in {
        "ir": "in R; only Python",
        "broken": "'broken' is not installed",
        "odd": "'odd' is not installed",
        "../ir": "is not installed",
    }.items():
        content = json.loads(path.read_text())
        content["metadata"] = {"kernelspec": {"name": name}}
        path.write_text(json.dumps(content))
        with pytest.raises(ParameterError, match=message):
            Run(of_file(path), "a", {}, tmp_path, tmp_path).validate()


def test_a_notebook_in_another_language_is_refused(sweep_of, notebook) -> None:
    path = notebook("1")
    path.write_text(path.read_text().replace('"language": "python"', '"language": "R"'))
    with pytest.raises(ParameterError, match="in R; only Python"):
        sweep_of(f"notebook: {path.name}\nruns: [{{}}]")
    path.write_text("{}")
    with pytest.raises(ParameterError, match="not a Jupyter notebook of format 4"):
        sweep_of(f"notebook: {path.name}\nruns: [{{}}]")


@pytest.mark.parametrize(
    "content",
    [
        "3",
        "[" * 100_000,
        '{"nbformat": 4}',
        '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": {}}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [3]}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": "x"}, "cells": []}',
        '{"nbformat": 4, "nbformat_minor": "x", "metadata": {}, "cells": []}',
        CELL % '"cell_type": "code", "source": 3, "metadata": {}',
        CELL % '"cell_type": "code", "source": [3], "metadata": {}',
        CELL % '"cell_type": "no", "source": "", "metadata": {}',
        CELL % '"cell_type": "code", "source": "", "metadata": {"tags": 3}',
        CELL % '"cell_type": "code", "source": "", "metadata": {"tags": [3]}',
        CELL % '"cell_type": "code", "source": "", "metadata": 3',
        CELL % '"cell_type": "code"',
    ],
)
def test_what_is_no_notebook_is_refused(sweep_of, tmp_path: Path, content: str) -> None:
    (tmp_path / "odd.ipynb").write_text(content, encoding="utf-8")
    with pytest.raises(ParameterError, match=r"odd\.ipynb: not a Jupyter notebook"):
        sweep_of("notebook: odd.ipynb\nruns: [{}]")


def test_a_notebook_without_ids_gets_lasting_ones(sweep_of, tmp_path: Path) -> None:
    cell = '"cell_type": "code", "source": ["a = ", "1"], "metadata": {"tags": ["parameters"]}, "outputs": []'
    (tmp_path / "old.ipynb").write_text(CELL % cell, encoding="utf-8")
    first, second = (sweep_of("notebook: old.ipynb\nruns: [{a: 2}]").runs[0].template for _ in range(2))
    assert first.source == second.source
    assert json.loads(first.source)["cells"][0]["id"] == "cell-0"
    (tmp_path / "old.ipynb").write_text((CELL % cell).replace('["a = ", "1"]', '"a = 1"'), encoding="utf-8")
    assert (
        sweep_of("notebook: old.ipynb\nruns: [{a: 2}]").runs[0].template.hash_of_cells == first.hash_of_cells
    )


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
    with pytest.raises(ParameterError) as error:
        inferred_from(PARAMETERS, values)
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
    with pytest.raises(ParameterError, match=message):
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

    inferred_from(PARAMETERS, {name: value for name, value in values.items() if "inf" not in repr(value)})
    source = papermill_translators.find_translator(None, "python").codify(values)
    tree = ast.parse(source)
    assert all(isinstance(statement, ast.Assign) for statement in tree.body)
    space: dict = {}
    exec(compile(tree, "cell", "exec"), {"float": float}, space)
    assert space == values
