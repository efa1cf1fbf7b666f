"""Rules of the house that a machine can check."""

import ast
import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.inputs import datasets, paths
from analysis.inputs.scenario import assumption_names, load_scenario, scenario_names
from analysis.runs.suite import SUITE

ROOT = paths.project_root()
SHARED = ROOT.parent / "shared" / "facts"
STRUCTURAL = {0, 1, 2}
"""Numbers that count or halve; any other number in the model belongs into a row."""


@pytest.mark.parametrize(
    "path", sorted((ROOT / "analysis" / "model").glob("*.py")), ids=lambda path: path.name
)
def test_the_model_holds_no_constant_without_a_row(path: Path) -> None:
    numbers = {
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    }
    assert numbers <= STRUCTURAL | {entry.value for entry in load_scenario("article").assumptions().values()}


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "('pandas', 'numpy', 'matplotlib', 'pydantic')"
    code = f"import sys, analysis; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    import analysis

    for name in analysis.__all__:
        assert getattr(analysis, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = analysis.nothing


def sources_in_use() -> set[str]:
    used = set()
    loaders = (
        datasets.load_prices,
        datasets.load_gpu_economics,
        datasets.load_flagships,
        datasets.load_facts,
        datasets.load_generation,
        datasets.load_energy_measured,
        datasets.load_gpu_specs,
        datasets.load_precisions,
        datasets.load_workloads,
        datasets.load_model_cards,
        datasets.load_energy_assumptions,
        datasets.load_hosts,
        datasets.load_host_tariffs,
    )
    for load in loaders:
        used |= set(load()["source"].dropna())
    for note in [
        *datasets.load_energy_assumptions()["note"],
        *datasets.load_gpu_specs()["note"].dropna(),
    ]:
        used |= set(re.findall(r"[a-z]+(?:_[a-z0-9]+)+", note))
    for name in scenario_names():
        for entry in load_scenario(name).assumptions().values():
            used |= {entry.source, *re.findall(r"[a-z]+(?:_[a-z0-9]+)+", entry.note)}
    return used


def test_every_source_is_used_and_every_used_source_is_known() -> None:
    known = set(datasets.load_sources()["id"])
    used = sources_in_use()
    assert known <= used
    for name in scenario_names():
        assert {entry.source for entry in load_scenario(name).assumptions().values()} <= known


def test_every_row_that_a_scenario_names_is_there() -> None:
    known = set(datasets.load_prices().index) | set(datasets.load_flagships().index)
    for name in scenario_names():
        for entry in load_scenario(name).assumptions().values():
            assert set(entry.rows) <= known


def test_an_independent_number_names_rows_or_a_source() -> None:
    audited = load_scenario("audited")
    for name, entry in audited.assumptions().items():
        if entry != getattr(audited.root, name):
            assert entry.rows or "nda_pue_2024" in entry.note, name


def test_assumptions_have_the_names_of_the_model() -> None:
    with (paths.DATA / "assumptions.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["name"] for row in csv.DictReader(file)}
    assert rows <= set(assumption_names())


def test_the_data_dictionary_explains_every_column() -> None:
    text = (paths.DATA / "README.md").read_text(encoding="utf-8")
    for path in paths.DATA.glob("*.csv"):
        assert f"`{path.name}`" in text
        header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        for column in header:
            assert f"`{column}`" in text, (path.name, column)


def test_figures_hold_what_is_declared_and_nothing_else() -> None:
    declared = {name for notebook in SUITE.values() for name in notebook.delivers}
    for scenario in scenario_names():
        folder = paths.figures_root() / scenario
        found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
        assert found == declared
    assert {folder.name for folder in paths.figures_root().iterdir()} == set(scenario_names())


def test_constraints_hold_names_and_versions_alone() -> None:
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line)


def test_no_module_holds_two_topics() -> None:
    for path in (ROOT / "analysis").rglob("*.py"):
        assert path.read_text(encoding="utf-8").count("\n") <= 400, path.name


@pytest.mark.skipif(not SHARED.is_dir(), reason="the collected facts are not at hand")
def test_rows_agree_with_the_collected_facts() -> None:
    """US and Eurostat rows against the facts that they were taken from."""
    with (SHARED / "industrial_prices.csv").open(encoding="utf-8", newline="") as file:
        facts = {
            (row["region"], row["subregion"], row["period"] if row["period"] != "annual" else row["year"],
             row["consumer_class"], row["tax_treatment"]): float(row["price"])
            for row in csv.DictReader(file)
        }  # fmt: skip
    prices = datasets.load_prices()
    checked = 0
    for (region, state, period, consumer_class, _), price in facts.items():
        if region == "United States" and consumer_class == "industrial, all utilities":
            row = f"us-{re.sub(r'[^a-z]+', '-', state.lower()) if state else 'avg'}-ind-{period}"
            assert prices.loc[row, "value"] == price
            checked += 1
    for (region, _, period, consumer_class, tax), price in facts.items():
        if (
            region == "EU-27"
            and consumer_class.startswith("Eurostat band")
            and period >= "2010"
            and tax.startswith("excluding VAT")
        ):
            band = consumer_class.split()[2].lower()
            assert prices.loc[f"eu-eu27-{band}-xvat-{period.lower()}", "value"] == price
            checked += 1
    assert checked > 350


def test_nothing_personal_is_committed() -> None:
    """No path of a machine and no host of a package registry."""
    private = re.compile(
        "|".join(("/" + "root/", "/" + "work/", "python" + "hosted", "pypi" + r"\.org/simple"))
    )
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0 or not listed.stdout:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".png", ".svg"} or not path.is_file():
            continue
        assert private.search(path.read_text(encoding="utf-8")) is None, name
