"""The ledger: every claim of the article, evaluated by one rule.

`evaluate` runs the check that each row names and turns what it finds into a verdict. Nothing is typed:
numbers come from data rows, grades travel with them, and the verdict follows from both.
"""

import math
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from analysis.claims.checks import CHECKS, Finding, in_unit_of_claim
from analysis.claims.context import Context, default_context, refused
from analysis.inputs import packs
from analysis.inputs.errors import InputError, ParameterError, nearest
from analysis.inputs.paths import FIRST_PACK
from analysis.inputs.units import in_base
from analysis.model.verdict import (
    CLAIM_VERDICTS,
    UNDEFINED,
    Reading,
    judge_claim,
    judge_classes,
    judge_statement,
    share_inside,
)
from analysis.tables.headline import Headline

_PLAIN_UNITS = ("share", "ratio", "rank", "number", "calendar year")
"""Units that go without saying beside a number."""

_PRINTED_UNITS = {"USD/Mtok": "USD", "kWh/100tok": "kWh"}
"""Units that the article prints without what they are for."""

HISTORY = "history"
"""Topic of the dated claims on the past, which are counted apart."""

_INTERCHANGEABLE = ({"ratio", "number"}, {"share", "ratio"})
"""Base units of a claim and of a printed number that may mean the same."""


def evaluate(pack: str = FIRST_PACK, context: Context | None = None) -> pd.DataFrame:
    """Return the audited ledger of a pack, as `judged` does; its context may be given."""
    return judged(packs.load_claims(pack), context or default_context(pack))


def judged(claims: pd.DataFrame, context: Context | None = None) -> pd.DataFrame:
    """Return claims with what decides them and their verdicts.

    Parameters
    ----------
    claims : pandas.DataFrame
        Of one pack, as returned by `packs.load_claims`.
    context : Context, optional
        What the checks look at; that of the first article by default.

    Returns
    -------
    pandas.DataFrame
        Indexed by id, the ledger's columns and ``reproduced``, ``evidence_low``, ``evidence_value``,
        ``evidence_high`` (in the claim's unit), ``evidence_inside`` (share of it inside the claim) [1],
        ``grade``, ``source``, ``ratio`` of claim to evidence [1], ``verdict`` and ``reasoning``.

    Raises
    ------
    DataError
        If a row names a check that is not there, or its evidence has another unit.
    """
    context = context or default_context()
    tolerance = context.article.verdict_tolerance.value
    records = []
    for claim, finding in findings(claims, context):
        digit = half_digit(claim, context.printed)
        verdict, reading, told = _verdict(claim, finding, digit, tolerance)
        inside = math.nan
        if reading is not None:
            low, high = _stated(claim)
            slack_low, slack_high = (max(digit, tolerance * abs(end)) for end in (low, high))
            inside = share_inside(low - slack_low, high + slack_high, reading)
        finding = finding._replace(reasoning=f"{finding.reasoning}{told}")
        records.append(_record(claim, finding, verdict, reading, inside, context))
    return pd.DataFrame(records).set_index("id", drop=False)


def findings(claims: pd.DataFrame, context: Context) -> Iterator[tuple[Any, Finding]]:
    """Yield each claim with what its check finds.

    Raises
    ------
    DataError
        If a row names a check that is not there.
    """
    for claim in claims.itertuples(index=False):
        if claim.check not in CHECKS:
            hint = nearest(claim.check, CHECKS)
            raise refused(claim, "check", f"there is no check {claim.check!r:.60}{hint}")
        try:
            yield claim, in_unit_of_claim(claim, CHECKS[claim.check](claim, context))
        except InputError:
            raise
        except (ValueError, LookupError, ZeroDivisionError) as error:
            told = "it takes another number of them" if re.search(r"unpack|zip\(\)", str(error)) else error
            problem = f"{claim.check} cannot use these rows, {len(claim.evidence)} given: {told}"
            raise refused(claim, "evidence", problem) from error


def _verdict(
    claim: Any, finding: Finding, half_digit: float, tolerance: float
) -> tuple[str, Reading | None, str]:
    """Return the verdict, the reading that it rests on, and what there is to say of the verdict itself."""
    if finding.undefined:
        return UNDEFINED, None, ""
    if finding.statement is not None:
        return judge_statement(finding.statement, finding.statement_grade), None, ""
    low, high = _stated(claim)
    judge = partial(
        judge_claim,
        claim_low=low,
        claim_high=high,
        claimed_basis=claim.claimed_basis,
        half_digit=half_digit,
        tolerance=tolerance,
        lower_is_stronger=claim.stronger == "low",
    )
    if finding.by_class:
        judged = {word: judge(readings=[reading]) for word, reading in finding.by_class.items()}
        words = {word: verdict for word, (verdict, _) in judged.items()}
        told = "; ".join(f"{word}: {verdict}" for word, verdict in words.items())
        return judge_classes(words), next(iter(finding.by_class.values())), f" By class: {told}."
    return *judge(readings=finding.readings), ""


def _stated(claim: Any) -> tuple[float, float]:
    """Return the ends of a claim, infinite where it is open."""
    low, high = claim.value_low, claim.value_high
    return -math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high


def _record(
    claim: Any, finding: Finding, verdict: str, reading: Reading | None, inside: float, context: Context
) -> dict[str, Any]:
    used = reading or Reading("", math.nan, math.nan, math.nan, finding.statement_grade)
    stated = pd.Series([claim.value_low, claim.value_high]).mean()
    return {
        **claim._asdict(),
        "evidence": ";".join(claim.evidence),
        "reproduced": math.nan if finding.reproduced is None else finding.reproduced,
        "evidence_low": used.low,
        "evidence_value": used.value,
        "evidence_high": used.high if math.isfinite(used.high) else math.nan,
        "evidence_inside": inside,
        "evidence_used": used.basis,
        "grade": used.grade,
        "source": ";".join(context.cited(claim)["source"].unique()),
        "ratio": stated / used.value if used.value and math.isfinite(used.value) else math.nan,
        "verdict": verdict,
        "reasoning": _reasoning(claim, finding, reading, inside),
    }


def _reasoning(claim: Any, finding: Finding, reading: Reading | None, inside: float) -> str:
    """Return one sentence or two: what the evidence is, and what the check says of it."""
    if reading is None:
        return finding.reasoning or "No evidence with a source was found."
    ends = dict.fromkeys(_as_text(end, claim.unit) for end in (reading.low, reading.high))
    weak = "Weak evidence" if reading.grade == "C" else "Evidence"
    basis = "" if reading.basis == claim.unit else f" ({reading.basis})"
    unit = "" if claim.unit in _PLAIN_UNITS else f" {claim.unit}"
    spread = ""
    if len(ends) > 1:
        counted = f"of {len(reading.row_values)} values " if reading.row_values else "of it "
        spread = f", middle {_as_text(reading.value, claim.unit)}, {inside:.0%} {counted}inside the claim"
    return f"{weak}{basis}: {' to '.join(ends)}{unit}{spread}. {finding.reasoning}".strip()


def _as_text(number: float, unit: str) -> str:
    if math.isinf(number):
        return "never"
    if unit == "share":
        return f"{number * 100:.3g} %"
    return f"{number:,.0f}" if abs(number) >= 1000.0 and unit != "calendar year" else f"{number:.4g}"


def half_digit(claim: Any, printed: pd.DataFrame) -> float:
    """Return half a unit of the last digit that the article prints, in the claim's unit.

    Parameters
    ----------
    claim : row of the claims
        The claim.
    printed : pandas.DataFrame
        Those of its pack.

    Returns
    -------
    float
        Of a range the end with more decimals counts; 0 where no number is printed in digits.
    """
    number: Any = next((row for row in printed.itertuples() if is_about(claim, row)), None)
    digits = re.findall(r"\d+(?:\.\d+)?", number.token) if number else []
    if not digits or not float(digits[0]):
        return 0.0
    last_digit = min(10.0 ** -len(text.partition(".")[2]) for text in digits)
    scale = number.value_low / float(digits[0])
    in_claim_unit, _ = in_base(1.0, _PRINTED_UNITS.get(claim.unit, claim.unit))
    return 0.5 * last_digit * in_base(scale, number.unit)[0] / in_claim_unit


def is_about(claim: Any, number: Any) -> bool:
    """Tell whether a claim is about a printed number: same paragraph, kind of unit, and stated ends."""
    unit = _PRINTED_UNITS.get(claim.unit, claim.unit)
    factor, base = in_base(1.0, unit)
    printed_factor, printed_base = in_base(1.0, number.unit)
    if claim.paragraph != number.paragraph or number.unit == "calendar year":
        return False
    if base != printed_base and {base, printed_base} not in _INTERCHANGEABLE:
        return False
    stated = [end * factor for end in (claim.value_low, claim.value_high) if not math.isnan(end)]
    printed = [end * printed_factor for end in (number.value_low, number.value_high)]
    return all(any(math.isclose(end, one, rel_tol=1e-9) for one in printed) for end in stated)


def counts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the number of claims by verdict, every verdict named.

    Returns
    -------
    pandas.DataFrame
        ``claims`` counts all, ``distinct`` leaves out what repeats another claim, ``outside_history`` and
        ``history`` divide the distinct ones by topic.

    Raises
    ------
    ParameterError
        If the claims are of several packs: what one article claims is not counted as another's.
    """
    if (several := sorted(ledger["pack"].unique()))[1:]:
        raise ParameterError(f"claims of several packs are not counted together: {', '.join(several)}")
    distinct = ledger["same_as"] == ""
    history = ledger["topic"] == HISTORY
    chosen = {
        "claims": ledger["same_as"].notna(),
        "distinct": distinct,
        "outside_history": distinct & ~history,
        "history": distinct & history,
    }
    numbers = {name: ledger.loc[which, "verdict"].value_counts() for name, which in chosen.items()}
    table = pd.DataFrame(numbers).reindex(CLAIM_VERDICTS).fillna(0).astype(int)
    return table.rename_axis("verdict")


def for_reading(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger as it is read: paragraph, claim, verdict, grade of the evidence, and why."""
    columns = {
        "paragraph": "paragraph",
        "paraphrase_en": "claim",
        "verdict": "verdict",
        "grade": "grade",
        "reasoning": "why",
    }
    return ledger.rename(columns=columns)[list(columns.values())].reset_index(drop=True)


def on_topic(ledger: pd.DataFrame, topic: str) -> pd.DataFrame:
    """Return the claims of a topic, or all for an empty string.

    Raises
    ------
    ParameterError
        If no claim has the topic.
    """
    topics = list(dict.fromkeys(ledger["topic"]))
    if topic and topic not in topics:
        raise ParameterError(
            f"topic {topic!r:.60}: no claim has it{nearest(topic, topics)}; topics: {', '.join(topics)}"
        )
    return ledger if not topic else ledger[ledger["topic"] == topic]


def headlines(ledger: pd.DataFrame) -> dict[str, Headline]:
    """Return the number of claims by verdict, of all and of the distinct ones outside history; totals.

    They are those of the article whose ledger it is: a run on another pack is labelled as modified.
    """
    table = counts(ledger)
    found = {"claims_distinct_total": Headline.counted(table["distinct"].sum(), "claims")}
    for start, column in {"claims": "claims", "claims_outside_history": "outside_history"}.items():
        found[f"{start}_total"] = Headline.counted(table[column].sum(), "claims")
        for verdict, number in table[column].items():
            found[f"{start}_{str(verdict).replace(' ', '_')}"] = Headline.counted(number, "claims")
    return found
