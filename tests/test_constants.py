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
    "model.token_cost.EXCHANGE_PERIOD": lambda: load_scenario("audited").tariff_us_industrial.period,
}
"""Defaults, and the entry in the data that each has to agree with."""

METHOD = {
    "model.decode_step.EXCHANGED_B_PER_WIDTH": "definition: two sums a layer, 2 B a number, there and back",
    "model.decode_step.FLOP_PER_PARAMETER": "definition: a multiplication and an addition",
    "model.decode_step.PARAMETERS_PER_LAYER_AND_WIDTH_SQUARED": "definition: parts of a transformer's layer",
    "model.decode_step.SHARPNESS": "form of a maximum of two times",
    "model.evidence.(INDIFFERENT_BATCH, INDIFFERENT_OUTPUT)": "what a rate of prefill hardly depends on",
    "model.fit.(POWER_WEIGHT, RATE_WEIGHT, PREFILL_WEIGHT)": "loss of the least squares",
    "model.fit.MOST_TOLD_BY": "how many sources are named",
    "model.intervals.FEW_BITS": "where a regime of intervals begins, not a figure of anything",
    "model.limits.ROWS_AT_ONCE": "size of a chunk",
    "model.read_rows.LARGEST": "refuses input, changes no answer",
    "model.read_rows.LARGEST_OF": "refuses input, changes no answer",
    "model.sensitivity.NOISE": "tolerance of a comparison",
    "model.serving.HALVINGS": "steps of a search",
    "model.setups.UNLESS_TOLD": "nothing of the kind",
    "model.fit.SOURCE_EXPONENT": "loss of the least squares",
    "model.elasticity.WEBB_SQUARES": "definition of Webb's six points",
    "model.fit.ROBUST_WIDTH": "loss of the least squares",
    "model.fit.DIGITS": "digits of what is written",
    "model.fit.AGREEMENT": "tolerance of a comparison",
    "model.predict.ROWS_AT_ONCE": "size of a chunk",
    "model.gpu_hour.LARGEST": "refuses input, changes no answer",
    "model.boundary.OTHER": "the last place, that of a card that no row holds",
    "model.verdict.FALSE_BEYOND": "the stated rule of the ledger",
    "model.verdict.INSIDE_TO_HOLD": "the stated rule of the ledger",
    "model.gpu_hour.: 1000": "exponent of the rate that stands for none, changes no digit",
    "tables.api_spread.CATALOGUE_DATE": "the day of the pinned catalogue",
    "tables.china_grids.PERIOD_OF_YEAR": "which period's exchange rate stands for a year",
    "tables.china_hubs.YEAR": "the last calendar year before the article, on which verdicts rest",
    "tables.electricity_to_token.: 15.0": "edge of a size class",
    "tables.electricity_to_token.: 50.0": "edge of a size class",
    "tables.electricity_to_token.: 150.0": "edge of a size class",
    "tables.energy_model.TWICE": "definition: within a factor of two",
    "tables.energy_model.TARGETS": "what the model aims at, decides nothing",
    "tables.energy_model.scores_by_group: 16": "edge of a batch class",
    "tables.energy_model.scores_by_group: 64": "edge of a batch class",
    "tables.energy_model.scores_by_group: 256": "edge of a batch class",
    "tables.energy_model.energy_by_batch: 13": "points of a curve",
    "tables.energy_model.energy_by_batch: 1500.0": "assumption of ours: length of a prompt in an example",
    "tables.energy_model.energy_by_batch: 8.0": "assumption of ours: accelerators in an example",
    "tables.explained_share.SEED": "seed",
    "tables.explained_share.DRAWS": "size of a sample",
    "tables.explained_share.: 8192": "size of a chunk",
    "tables.explained_share.: 2000": "grid of a sketch",
    "tables.explained_share.: 40": "grid of a sketch",
    "tables.explained_share.QUANTILES": "levels of an interval",
    "tables.explained_inputs.: 8192": "size of a sample",
    "tables.explained_inputs.: 200": "size of a sample",
    "tables.explained_inputs.: 0.9": "level of an interval",
    "tables.explained_inputs.CORRELATIONS": "what is tried beside the rows",
    "tables.generation_history.FIRST_COMPLETE_YEAR": "where the line of a chart begins",
    "tables.generation_history.dated_claims: 4": "digits of a year",
    "tables.gpu_offset.LONGEST_HORIZON": "axis of a chart",
    "tables.gpu_offset.GAP_STEPS": "axis of a chart",
    "tables.gpu_offset.GAP_MARGIN": "axis of a chart",
    "tables.price_evidence.MAIN_YEAR": "the last calendar year before the article, on which verdicts rest",
    "tables.price_gap.: 2010": "where the lines of a chart begin",
    "tables.price_gap.independent_prices: -01": "name of a month",
    "tables.electricity_shares.USD_PER_BILLION": "unit",
    "tables.same_weights.SAME_PRICE": "tolerance of a comparison",
    "tables.same_weights.monthly_ratios: 0.25": "quartile",
    "tables.same_weights.monthly_ratios: 0.75": "quartile",
    "tables.same_weights.headlines: 0.25": "quartile",
    "tables.same_weights.headlines: 0.75": "quartile",
    "tables.tariff_elasticity.(DRAWS, SEED)": "size of a sample, seed",
    "tables.pass_through.(DRAWS, SEED)": "size of a sample, seed",
    "tables.pass_through.(LEVEL, POWER)": "level of an interval, power of a test",
    "tables.pass_through.LEAST_CLUSTERS": "the stated rule of the test on the same weights",
    "tables.tariff_elasticity.INTERVAL_SEARCH": "steps of a search",
    "tables.tariff_elasticity._estimate: 9": "digits to which two tariffs are the same",
    "tables.token_share.weekly_tokens: 10": "the article speaks of the ten largest",
    "claims.rank_checks._SOVIET_UNION_ENDED": "from when a country has no rows",
    "claims.rank_checks.ahead_of_us: 3": "every third row: a claim cites three for each year",
    "tables.answer._PARTS": "how much a share is, in words",
    "tables.answer._NEAR": "from where a channel comes near the claimed ratio, in words",
    "tables.answer._LEFT": "how much of a gap is left, in words",
    "tables.overview._number: 100.0": "from where a number is shown whole",
    "tables.overview._DIGITS": "digits of a number that is shown",
    "tables.overview._MILLION": "unit",
    "tables.price_over_time.FEW_MODELS": "from how many models on a median is joined to others by a line",
    "claims.checks.per_head: 1000000.0": "unit",
    "claims.article_checks.(ELO_BASE, ELO_SCALE, EVEN_CHANCE)": "definition of an Elo rating",
    "claims.ledger._as_text: 100": "unit",
    "claims.ledger._as_text: 1000.0": "from where a number is shown whole",
    "claims.ledger.half_digit: 10.0": "definition of a decimal digit",
    "claims.ledger.is_about: 1e-09": "tolerance of a comparison",
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
