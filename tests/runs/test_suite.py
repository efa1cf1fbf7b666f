"""Notebooks and what the suite says of them agree."""

import ast
import json
import shutil

import nbformat
import pytest

from analysis.inputs import paths
from analysis.inputs.errors import ParameterError
from analysis.inputs.packs import load_claims
from analysis.model.verdict import CLAIM_VERDICTS
from analysis.runs.plan import check_runs, plan
from analysis.runs.suite import SUITE, validated


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
    words = ["total", *(verdict.replace(" ", "_") for verdict in CLAIM_VERDICTS)]
    wanted = [f"{start}_{word}" for start in ("claims", "claims_outside_history") for word in words]
    assert sorted(SUITE["07-claims-ledger"].headlines) == sorted(["claims_distinct_total", *wanted])


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


def test_a_place_that_is_not_known_is_refused_before_a_kernel_starts(tmp_path) -> None:
    model = SUITE["09-cost-stack"].parameters
    mine = {"name": "Rjukan", "tariff": "0.03 EUR/kWh"}
    assert validated(model, {"places": ["norway", mine]}, "trial").places == ["norway", mine]
    for places, message in (
        (["noway"], "'noway' is not known; did you mean Norway"),
        ([{}], "missing: name"),
    ):
        runs = plan(
            scenarios=["article"], notebooks=["09-cost-stack"], values={"places": places}, out=tmp_path
        )
        with pytest.raises(ParameterError, match=message):
            check_runs(runs)


def test_a_topic_that_no_claim_has_is_refused_before_a_kernel_starts(tmp_path) -> None:
    model = SUITE["07-claims-ledger"].parameters
    for topic in ("", *load_claims()["topic"].unique()):
        assert validated(model, {"topic": topic}, "trial").topic == topic
    runs = plan(scenarios=["article"], notebooks=["07-claims-ledger"], values={"topic": "nope"}, out=tmp_path)
    with pytest.raises(ParameterError, match=r"topic: no claim is on 'nope'; topics: token share, "):
        check_runs(runs)


def test_a_topic_is_one_of_the_pack_that_is_audited(tmp_path) -> None:
    model = SUITE["07-claims-ledger"].parameters
    for pack, other in (("goldman-power-2025-11", "PUE"), ("token-export-2026", "history")):
        topic = load_claims(pack)["topic"].iloc[0]
        assert validated(model, {"pack": pack, "topic": topic}, "trial").pack == pack
        with pytest.raises(ParameterError, match=f"topic: no claim is on '{other}'"):
            validated(model, {"pack": pack, "topic": other}, "trial")
    with pytest.raises(ParameterError, match=r"pack: pack 'token-export-2025': .*mean token-export-2026\?$"):
        validated(model, {"pack": "token-export-2025", "topic": "history"}, "trial")


def test_a_notebook_takes_the_whole_path_of_a_pack(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs in another folder than the one in which it was asked for."""
    shutil.copytree(paths.DATA / "claims" / "goldman-power-2025-11", tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    model = SUITE["07-claims-ledger"].parameters
    with pytest.raises(ParameterError, match=f"write the whole path: {tmp_path / 'mine'}"):
        validated(model, {"pack": "mine"}, "trial")
    assert validated(model, {"pack": str(tmp_path / "mine")}, "trial").pack == str(tmp_path / "mine")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({1: 2}, '(got the name 1; names are text, if need be in quotes: "1")'),
        (
            [1, {"a": object}],
            "topic.1.a: not a number, text, true or false, list or mapping of names (got <class",
        ),
        (b"x", "(got b'x'; write it as one of these)"),
        ("\ud83d", "(got '\\ud83d'; text is written in UTF-8)"),
        (10**400, "not a number, text"),
    ],
)
def test_what_is_no_plain_data_is_told_with_a_remedy(value: object, told: str) -> None:
    with pytest.raises(ParameterError) as error:
        validated(SUITE["07-claims-ledger"].parameters, {"topic": value}, "trial")
    assert told in str(error.value)
    assert len(str(error.value)) < 500
