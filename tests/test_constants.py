"""No number between data and chart without a row: what changes a result stands in `data/`, method is named.

The rule holds for `model`, `tables` and `claims`.
"""

import ast
import re

import pytest

from analysis.inputs import datasets, paths
from analysis.inputs.scenario import load_scenario

PACKAGE = paths.project_root() / "analysis"
ROOMS = ("model", "tables", "claims")
STRUCTURAL = {0, 0.5, 1, 2}
"""Numbers that count, halve or double a formula's term."""

NEUTRAL = {0, 1}
"""Defaults that leave a sum or a product as it is."""

ROWS = {
    "model.gpu_hour.FACILITY_LIFE_YEARS": lambda: datasets.load_assumptions().loc["facility_life", "value"],
    "model.token_cost.token_cost(cached_input_cost)": lambda: datasets.load_assumptions().loc[
        "cached_input_cost", "value"
    ],
    "model.token_cost.EXCHANGE_PERIOD": lambda: load_scenario("audited").tariff_us.period,
}
"""Defaults, and the entry in the data that each has to agree with."""

METHOD = {
    "model.decode_step.FLOP_PER_PARAMETER": "definition: a multiplication and an addition",
    "model.elasticity.WEBB_SQUARES": "definition of Webb's six points",
    "model.fit.ROBUST_WIDTH": "loss of the least squares",
    "model.fit.POWER_WEIGHT": "loss of the least squares",
    "model.fit.START_WEIGHT": "loss of the least squares",
    "model.fit.DIGITS": "digits of what is written",
    "model.fit.AGREEMENT": "tolerance of a comparison",
    "model.predict.ROWS_AT_ONCE": "size of a chunk",
    "model.predict.LARGEST": "refuses input, changes no answer",
    "model.predict.EARLIEST_YEAR": "refuses input, changes no answer",
    "model.predict.STRANGE_SHOWN": "length of a warning",
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
    """Return a statement's name and value if it names a number, numbers, or a text that is one (a year)."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return None
    try:
        value = ast.literal_eval(node.value)
    except ValueError:  # an expression: its numbers are those of a formula
        return None
    name = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
    numeral = isinstance(value, str) and is_numeral(value)
    return (name, value) if numeral or numbers_in(node.value) else None


class LooseConstants(ast.NodeVisitor):
    """Numbers beyond the structural ones inside of functions and formulas, and sums that hide one."""

    def __init__(self) -> None:
        self.found: dict[str, object] = {}
        self.inside = ""

    def note(self, value: object) -> None:
        """Take down a value under the function that it stands in."""
        self.found[f"{self.inside}: {value}"] = value

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Go through the body; methods are noted under their own names."""
        for statement in node.body:
            self.visit(statement)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Take down defaults by their argument, then the body; annotations are no numbers."""
        outer, self.inside = self.inside, node.name
        arguments = node.args
        with_default = [
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
            *zip([*arguments.posonlyargs, *arguments.args][::-1], arguments.defaults[::-1], strict=False),
        ]
        for argument, default in with_default:
            if isinstance(default, ast.Constant) and tells_a_number(default.value):
                self.found[f"{node.name}({argument.arg})"] = default.value
            elif default is not None and not isinstance(default, ast.Constant):
                self.visit(default)
        for statement in [*node.decorator_list, *node.body]:
            self.visit(statement)
        self.inside = outer

    def visit_keyword(self, node: ast.keyword) -> None:
        """Pass over what counts calls."""
        if node.arg != "stacklevel":
            self.visit(node.value)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> None:
        """Go through the value; its format is no number."""
        self.visit(node.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Take down arithmetic on constants alone."""
        if isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant):
            self.note(ast.unparse(node))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take down any other number, and text that is one."""
        numeral = isinstance(node.value, str) and is_numeral(node.value)
        if numeral or {*numbers_in(node)} - STRUCTURAL:
            self.note(node.value)


def is_numeral(text: str) -> bool:
    """Tell whether a text is a number, a year or another period; names that hold digits are none."""
    return re.fullmatch(r"[-+]?[\d.]*\d(e[-+]?\d+)?|\d{4}(-\w+)*(\.\.\S+)?", text) is not None


def tells_a_number(default: object) -> bool:
    """Tell whether a default is a number that changes a sum or a product, or a text with digits."""
    if isinstance(default, str):
        return is_numeral(default)
    is_number = isinstance(default, int | float) and not isinstance(default, bool)
    return is_number and default not in NEUTRAL


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
    f"{room}.{path.stem}.{name}": value
    for room in ROOMS
    for path in sorted((PACKAGE / room).glob("*.py"))
    for name, value in constants_of(path.read_text(encoding="utf-8")).items()
}


def test_every_constant_has_a_row_or_is_method() -> None:
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
        ("def cost(x, rate=2.0, /):\n    return x", {"cost(rate)": 2.0}),
        ("def cost(*, years, share=0.5):\n    return years", {"cost(share)": 0.5}),
        ("def cost(period='2025'):\n    return period", {"cost(period)": "2025"}),
        ("def cost(x):\n    return 1.2 * x", {"cost: 1.2": 1.2}),
        ("def cost(x):\n    return float('0.13') * x", {"cost: 0.13": "0.13"}),
        ("@scaled(1.2)\ndef cost(x):\n    return x", {"cost: 1.2": 1.2}),
        ("class A:\n    def cost(self, x):\n        return 1.2 * x", {"cost: 1.2": 1.2}),
        ("def cost(rate=-0.1):\n    return rate", {"cost: 0.1": 0.1}),
        ("THREE = 1 + 2", {": 1 + 2": "1 + 2"}),
        ("HALF = sqrt(1.0 / 2.0)", {": 1.0 / 2.0": "1.0 / 2.0"}),
        ("MODEL = 'gpt-4o'\ndef told(x):\n    return f'{x:.60}'", {}),
        ("LABEL = 'gpu'\ndef mean(x, y=0.0):\n    return 0.5 * x - 1.0 / (2.0 - y)", {}),
    ],
)
def test_what_counts_as_a_constant(text: str, found: dict[str, object]) -> None:
    assert constants_of(text) == found
