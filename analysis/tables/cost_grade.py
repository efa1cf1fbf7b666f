"""The weakest grade of what the cost of a token is made of."""

from functools import lru_cache

from analysis.inputs import datasets
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model.evidence import evidence
from analysis.tables.cost_stack import FLAGSHIP, GRIDS, LIST_PRICES, MIX, SHARED, US, Side, side_of


@lru_cache(maxsize=1)
def energy_grade() -> str:
    """Return the weakest grade of the energy model: of the rows that it is fitted to and of what it assumes.

    Examples
    --------
    >>> energy_grade()
    'C'
    """
    tables = (*evidence().fitted(), datasets.load_energy_assumptions())
    return worst_grade(grade for table in tables for grade in table["grade"])


def stack_grade(scenario: Scenario, *sides: Side) -> str:
    """Return the weakest grade of what the cost of a token is made of on some sides, the tariff apart."""
    names = {MIX, "batch_per_gpu", *SHARED.values()}
    grades = [energy_grade(), *datasets.load_gpu_specs().loc[[side.gpu_model for side in sides], "grade"]]
    for side in sides:
        names |= {*side.assumptions.values()}
        if side.model == FLAGSHIP:
            names |= {"closed_model_active", "closed_model_sparsity"}
        else:
            grades.append(datasets.load_model_cards().loc[side.model, "grade"])
    return worst_grade([*grades, scenario.grade_of(*names)])


def output_grade(scenario: Scenario, grid: str, output: str) -> str:
    """Return the weakest grade of an output of `tables.explained_share`, by its name.

    The ratio of the tariffs is of these alone; in all others is a cost, a list price or the claim.
    """
    tariffs = scenario.grade_of(GRIDS[grid], GRIDS["US"])
    if output == "effect: electricity":
        return tariffs
    prices = [scenario.grade_of(*LIST_PRICES), scenario.root.api_spread_claim.grade]
    return worst_grade([tariffs, *prices, stack_grade(scenario, side_of(grid), US)])
