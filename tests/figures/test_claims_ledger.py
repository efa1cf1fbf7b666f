"""The ledger: a mark for every distinct claim, told apart by more than colour; history stands apart."""

import pytest
from matplotlib.colors import to_hex

from analysis import claims, figures
from analysis.figures.claims_ledger import VERDICT_LOOK
from analysis.model.verdict import CLAIM_VERDICTS


def marks_of(axes) -> dict[float, tuple[float, str]]:
    """Return place and marker of each mark by its height."""
    lines = [
        line for line in axes.lines if line.get_marker() not in {"None", ""} and len(line.get_xdata()) == 1
    ]
    return {line.get_ydata()[0]: (line.get_xdata()[0], line.get_marker()) for line in lines}


def test_every_distinct_claim_is_drawn_once(ledger, names, clipped_texts) -> None:
    figure = figures.claims_over_evidence(ledger)
    distinct = ledger[ledger["same_as"] == ""]
    rows = [len(names(axes)) for axes in figure.axes]
    assert sum(rows) == len(distinct) + distinct["topic"].nunique()
    assert sum(len(marks_of(axes)) for axes in figure.axes) == len(distinct)
    assert max(rows) < 1.25 * min(rows), "panels are about as high as each other"
    assert "HISTORY" in names(figure.axes[-1])
    assert clipped_texts(figure) == []


def test_what_is_far_off_stands_at_the_edge_with_its_ratio(ledger, names, texts) -> None:
    axes = figures.claims_over_evidence(ledger).axes[0]
    height = names(axes).index("energy of 100 tokens  (11)")
    place, marker = marks_of(axes)[height]
    assert place < axes.get_xlim()[1] < ledger.loc["p11-energy-per-token", "ratio"]
    assert marker == VERDICT_LOOK["false"][1]
    assert f"{ledger.loc['p11-energy-per-token', 'ratio']:,.0f} \N{RIGHTWARDS ARROW}" in texts(axes)


def test_a_mark_stands_at_its_ratio_or_right_of_the_border(ledger) -> None:
    row = ledger.loc[["p21-cn-output"]]
    ((place, _),) = marks_of(figures.claims_over_evidence(row).axes[0]).values()
    assert place == pytest.approx(1.1 / 2.4)
    ((beside, _),) = marks_of(figures.claims_over_evidence(row.assign(ratio=float("nan"))).axes[0]).values()
    assert beside > 7.3
    ((edge, _),) = marks_of(figures.claims_over_evidence(row.assign(ratio=-0.3)).axes[0]).values()
    assert edge == pytest.approx(0.18)


def test_topics_head_their_claims_in_bold(ledger) -> None:
    labels = [text for axes in figures.claims_over_evidence(ledger).axes for text in axes.get_yticklabels()]
    bold = [text.get_text() for text in labels if text.get_fontweight() == "bold"]
    assert sorted(bold) == sorted(topic.upper() for topic in ledger["topic"].unique())


def test_each_verdict_has_a_look_of_its_own() -> None:
    looks = list(VERDICT_LOOK.values())
    assert list(VERDICT_LOOK) == list(CLAIM_VERDICTS)
    assert len({colour for colour, _ in looks}) == len(looks)
    assert len(set(looks)) == len(looks)


def test_verdict_counts_stack_history_on_the_rest(ledger, texts, clipped_texts) -> None:
    counts = claims.counts(ledger)
    figure = figures.verdict_counts(counts)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == [*counts["outside_history"], *counts["history"]]
    first = figure.axes[0].patches[0]
    assert to_hex(first.get_facecolor()).upper() == VERDICT_LOOK["holds"][0]
    holds = counts.loc["holds"]
    assert texts(figure.axes[0])[0] == f"{holds['outside_history']} + {holds['history']}"
    assert clipped_texts(figure) == []


def test_a_pack_without_history_says_nothing_of_it(names) -> None:
    ledger = claims.evaluate("token-export-2026")
    figure = figures.claims_over_evidence(ledger)
    drawn = sum(len(names(axes)) for axes in figure.axes)
    assert drawn == len(ledger) + ledger["topic"].nunique()
    held = ledger["verdict"].isin(["holds", "holds within rounding"]).sum()
    assert figure.get_suptitle() == f"{held} of {len(ledger)} claims hold"
    counted = figures.verdict_counts(claims.counts(ledger)).axes[0]
    assert counted.get_title(loc="left") == f"{held} of {len(ledger)} claims hold"
    assert counted.get_xlabel() == "distinct claims"


@pytest.mark.parametrize("draw", ["claims_over_evidence", "verdict_counts"])
def test_the_title_counts_what_holds(ledger, draw: str) -> None:
    """Computed: with one verdict turned it says one less."""
    changed = ledger.copy()
    changed.loc["p06-weekly-peak", "verdict"] = "false"
    titles = []
    for table in (ledger, changed):
        figure = figures.claims_over_evidence(table)
        if draw == "verdict_counts":
            figure = figures.verdict_counts(claims.counts(table))
        titles.append(figure.get_suptitle() or figure.axes[0].get_title(loc="left"))
    held = ledger[(ledger["topic"] != "history") & (ledger["same_as"] == "")]["verdict"]
    number = held.isin(["holds", "holds within rounding"]).sum()
    assert titles[0].startswith(f"{number} of {len(held)} claims outside history hold")
    assert titles[1].startswith(f"{number - 1} of {len(held)} claims outside history hold")
