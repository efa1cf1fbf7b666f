"""No number in the model without a row: what changes a result stands in `data/`, what is method is named."""

import ast
from pathlib import Path

import pytest

from analysis.inputs import datasets, paths
from analysis.inputs.scenario import load_scenario

FOLDER = paths.project_root() / "analysis" / "model"
STRUCTURAL = {0, 0.5, 1, 2}
"""Numbers that count, halve or double a formula's term."""

ROWS = {
    "gpu_hour.FACILITY_LIFE_YEARS": lambda: datasets.load_assumptions().loc["facility_life", "value"],
    "token_cost.token_cost(cached_input_cost)": lambda: datasets.load_assumptions().loc[
        "cached_input_cost", "value"
    ],
    "token_cost.EXCHANGE_PERIOD": lambda: load_scenario("audited").tariff_us.period,
}
"""Defaults, and the entry in the data that each has to agree with."""

METHOD = {
    "decode_step.FLOP_PER_PARAMETER": "definition: a multiplication and an addition",
    "elasticity.WEBB_SQUARES": "definition of Webb's six points",
    "fit.ROBUST_WIDTH": "loss of the least squares",
    "fit.POWER_WEIGHT": "loss of the least squares",
    "fit.START_WEIGHT": "loss of the least squares",
    "fit.DIGITS": "digits of what is written",
    "fit.AGREEMENT": "tolerance of a comparison",
    "predict.ROWS_AT_ONCE": "size of a chunk",
    "predict.LARGEST": "refuses input, changes no answer",
    "predict.EARLIEST_YEAR": "refuses input, changes no answer",
    "predict.STRANGE_SHOWN": "length of a warning",
}
"""Constants that are a definition or a matter of numerical method, and why."""

Found = tuple[str, object]


def numbers_in(node: ast.AST) -> list[float]:
    return [
        found.value
        for found in ast.walk(node)
        if isinstance(found, ast.Constant)
        and isinstance(found.value, int | float)
        and not isinstance(found.value, bool)
    ]


def named_constant(node: ast.stmt) -> Found | None:
    """Return a statement's name and value if it names a number, numbers, or a text with digits (a year)."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return None
    try:
        value = ast.literal_eval(node.value)
    except ValueError:  # an expression: its numbers are those of a formula
        return None
    name = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
    digits = isinstance(value, str) and any(map(str.isdigit, value))
    return (name, value) if digits or numbers_in(node.value) else None


class LooseConstants(ast.NodeVisitor):
    """Numbers beyond the structural ones inside of functions and formulas, and sums that hide one."""

    def __init__(self) -> None:
        self.found: dict[str, object] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Take down defaults by their argument, then the body; annotations are no numbers."""
        arguments = node.args
        with_default = [
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
            *zip(arguments.args[::-1], arguments.defaults[::-1], strict=False),
        ]
        for argument, default in with_default:
            if isinstance(default, ast.Constant) and {*numbers_in(default)} - STRUCTURAL:
                self.found[f"{node.name}({argument.arg})"] = default.value
            elif default is not None:
                self.visit(default)
        for statement in node.body:
            self.visit(statement)

    def visit_keyword(self, node: ast.keyword) -> None:
        """Pass over what counts calls."""
        if node.arg != "stacklevel":
            self.visit(node.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Take down arithmetic on constants alone."""
        if isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant):
            self.found[f"line {node.lineno}"] = ast.unparse(node)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take down any other number."""
        if {*numbers_in(node)} - STRUCTURAL:
            self.found[f"line {node.lineno}"] = node.value


def constants_of(text: str) -> dict[str, object]:
    named, loose = {}, LooseConstants()
    for statement in ast.parse(text).body:
        found = named_constant(statement)
        if found:
            named[found[0]] = found[1]
        else:
            loose.visit(statement)
    return named | loose.found


FOUND = {
    f"{path.stem}.{name}": value
    for path in sorted(Path(FOLDER).glob("*.py"))
    for name, value in constants_of(path.read_text(encoding="utf-8")).items()
}


def test_every_constant_of_the_model_has_a_row_or_is_method() -> None:
    assert set(FOUND) == {*ROWS, *METHOD}


@pytest.mark.parametrize("name", ROWS)
def test_a_default_agrees_with_its_row(name: str) -> None:
    assert FOUND[name] == ROWS[name]()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FACILITY_LIFE_YEARS = 15.0", {"FACILITY_LIFE_YEARS": 15.0}),
        ("ONE_YEAR = 1.0", {"ONE_YEAR": 1.0}),
        ("PERIOD: str = '2025'", {"PERIOD": "2025"}),
        ("WEIGHTS = {'a': (0.3, 0.5)}", {"WEIGHTS": {"a": (0.3, 0.5)}}),
        ("def cost(x, rate=0.1):\n    return x", {"cost(rate)": 0.1}),
        ("def cost(*, years, rate=0.1):\n    return years", {"cost(rate)": 0.1}),
        ("def cost(x):\n    return 1.2 * x", {"line 2": 1.2}),
        ("def cost(rate=-0.1):\n    return rate", {"line 1": 0.1}),
        ("THREE = 1 + 2", {"line 1": "1 + 2"}),
        ("HALF = sqrt(1.0 / 2.0)", {"line 1": "1.0 / 2.0"}),
        ("LABEL = 'gpu'\ndef mean(x, y=0.0):\n    return 0.5 * x - 1.0 / (2.0 - y)", {}),
    ],
)
def test_what_counts_as_a_constant(text: str, found: dict[str, object]) -> None:
    assert constants_of(text) == found
