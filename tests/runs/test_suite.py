"""Notebooks and what the suite says of them agree."""

import ast
import json

import nbformat
import pytest

from analysis.inputs import paths
from analysis.model.verdict import CLAIM_VERDICTS
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


def test_names_of_results_are_given_once() -> None:
    for kind in ("figures", "tables", "headlines"):
        for notebook in SUITE.values():
            assert len({*getattr(notebook, kind)}) == len(getattr(notebook, kind))
    headlines = [name for notebook in SUITE.values() for name in notebook.headlines]
    assert len({*headlines}) == len(headlines), "they share one file"


def test_the_ledger_counts_each_verdict() -> None:
    verdicts = [f"claims_{verdict.replace(' ', '_')}" for verdict in CLAIM_VERDICTS]
    assert SUITE["07-claims-ledger"].headlines == ("claims_total", *verdicts)


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
