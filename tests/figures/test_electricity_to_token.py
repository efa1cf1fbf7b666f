"""Energy claims, cost ratios and token shares: claim and evidence on one axis."""

from analysis import figures
from analysis.inputs import datasets
from analysis.tables import electricity_to_token, token_share


def test_energy_ladder_spans_claim_and_measurement(article, clipped_texts) -> None:
    ladder = electricity_to_token.energy_ladder()
    figure = figures.energy_ladder(ladder)
    axes = figure.axes[0]
    ends = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2]
    assert ends == [(row["low"], row["high"]) for _, row in ladder.iterrows()]
    assert "[kWh per million tokens]" in axes.get_xlabel()
    assert clipped_texts(figure) == []


def test_training_runs_show_the_claim(texts, clipped_texts) -> None:
    rows = datasets.load_facts().query("quantity == 'training energy'").copy()
    rows[["low", "high"]] = rows[["low", "high"]].apply(lambda column: column.fillna(rows["value"]))
    figure = figures.training_energy(rows, 50.0)
    assert {"1.3", "4.3", "21.6", "50", "310", "the article: over 50"} == set(texts(figure.axes[0]))
    assert clipped_texts(figure) == []


def test_cost_ratios_are_labelled_with_their_ends(article, texts, clipped_texts) -> None:
    figure = figures.cost_ratio_bounds(electricity_to_token.cost_ratios(article), 16.7)
    assert {"1.89-2.22", "5.94-6.76", "2.50-3.33"} <= set(texts(figure.axes[0]))
    assert clipped_texts(figure) == []


def test_token_shares_are_labelled_with_grades(texts, clipped_texts) -> None:
    figure = figures.token_denominators(token_share.token_share_by_denominator(), 0.61)
    assert "60.9% (grade B)" in texts(figure.axes[0])
    assert "50.0% (grade A)" in texts(figure.axes[0])
    assert clipped_texts(figure) == []


def test_weeks_are_points_never_joined(clipped_texts) -> None:
    figure = figures.weekly_tokens(token_share.weekly_tokens(), 5.16)
    assert all(line.get_linestyle() == "None" for line in figure.axes[0].lines[:2])
    assert clipped_texts(figure) == []
