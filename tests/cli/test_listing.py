"""``kwh2token list`` prints what there is."""

import pytest

from analysis.cli import listing
from analysis.inputs.errors import ScenarioError
from analysis.inputs.scenario import load_scenario
from analysis.runs.suite import SUITE


def test_it_prints_notebooks_scenarios_and_assumptions(capsys: pytest.CaptureFixture) -> None:
    listing.run("audited", "")
    told = capsys.readouterr().out
    assert "Assumptions of audited" in told
    assert all(name in told for name in (*SUITE, "article", "audited@DATE"))
    assert f"{load_scenario('audited').pue.value:g}" in told


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(ScenarioError, match="unknown scenario"):
        listing.run("nobody", "")
