"""The ledger: a mark for every claim, told apart by more than colour."""

import pytest

from analysis import claims, figures
from analysis.figures.claims_ledger import VERDICT_LOOK


def test_ledger_draws_every_claim(ledger, names, clipped_texts) -> None:
    figure = figures.claims_over_evidence(ledger)
    axes = figure.axes[0]
    labels = names(axes)
    assert len(labels) == len(ledger) + ledger["topic"].nunique()
    marks = [
        line for line in axes.lines if line.get_marker() not in {"None", ""} and len(line.get_xdata()) == 1
    ]
    assert len(marks) == len(ledger)
    energy = labels.index("energy of 100 tokens  (11)")
    (mark,) = [line for line in marks if line.get_ydata()[0] == energy]
    assert mark.get_xdata()[0] == pytest.approx(ledger.loc["p11-energy-per-token", "ratio"])
    assert clipped_texts(figure) == []


def test_topics_head_their_claims_in_bold(ledger) -> None:
    axes = figures.claims_over_evidence(ledger).axes[0]
    bold = [text.get_text() for text in axes.get_yticklabels() if text.get_fontweight() == "bold"]
    assert bold == [topic.upper() for topic in ledger["topic"].unique()]


def test_a_claim_without_a_ratio_stands_at_the_left(ledger) -> None:
    row = ledger.iloc[[0]].assign(ratio=float("nan"))
    (mark,) = [
        line for line in figures.claims_over_evidence(row).axes[0].lines if line.get_marker() != "None"
    ]
    assert mark.get_xdata()[0] == 0.1


def test_verdicts_are_told_apart_by_mark_as_well_as_colour() -> None:
    looks = list(VERDICT_LOOK.values())
    assert len({colour for colour, _ in looks}) == len(looks)
    assert len(set(looks)) == len(looks)


def test_verdict_counts_are_labelled(ledger, texts, clipped_texts) -> None:
    counts = claims.counts(ledger)
    figure = figures.verdict_counts(counts)
    assert [bar.get_width() for bar in figure.axes[0].patches] == counts.tolist()
    assert texts(figure.axes[0]) == [str(number) for number in counts]
    assert clipped_texts(figure) == []
