"""The cost of a token: bars as long as the numbers behind them, all panels on one scale."""

import numpy as np
import pandas as pd
import pytest

from analysis import figures
from analysis.model.gpu_hour import PARTS
from analysis.tables import cost_stack, electricity_shares


@pytest.fixture(scope="module")
def stacks(article) -> pd.DataFrame:
    return cost_stack.token_cost_parts(article)


def test_waterfalls_stack_up_to_the_total_on_one_scale(stacks) -> None:
    figure = figures.cost_waterfalls(stacks, "mix")
    chosen = stacks.xs("mix", level="kind")
    assert len(figure.axes) == len(chosen)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    for axes in figure.axes:
        model, place = axes.get_title(loc="left").split("\n")
        row = next(row for key, row in chosen.iterrows() if key[0].endswith(model) and key[1] == place)
        heights = [bar.get_height() for bar in axes.patches]
        assert heights == pytest.approx([*(row[part] for part in PARTS), row["total"]])
        tops = [bar.get_y() + bar.get_height() for bar in axes.patches[:-1]]
        assert tops == pytest.approx(np.cumsum(heights[:-1]))
    share = chosen["electricity"] / chosen["total"]
    assert figure.get_suptitle().endswith(f"electricity {share.min():.0%} to {share.max():.0%}")


def test_published_shares_are_drawn_beside_ours(article, stacks, names, clipped_texts) -> None:
    published = electricity_shares.at_own_tariff(electricity_shares.published_electricity_shares(article))
    ours = electricity_shares.our_shares(article, stacks)
    figure = figures.electricity_in_cost(published, ours, (0.6, 0.7))
    axes = figure.axes[0]
    drawn = {tuple(np.round(line.get_xdata(), 12)) for line in axes.lines}
    for row in published.itertuples():
        assert tuple(np.round([row.share_part_load, row.share_full_load], 12)) in drawn
    assert names(axes)[: len(published)] == published.index.tolist()
    of_cash = "Epoch AI, 1 GW of GB200, cash cost alone, as stated"
    service = published.drop(["Cottier et al., development of frontier models, as stated", of_cash])
    least, greatest = service["share_part_load"].min(), service["share_full_load"].max()
    title = axes.get_title(loc="left")
    assert f"{least:.0%} to {greatest:.0%} of published full costs of serving" in title
    assert f",\n{published.loc[of_cash, 'share_stated']:.0%} of cash cost" in title
    assert clipped_texts(figure) == []


def test_steps_end_where_the_table_ends(texts) -> None:
    steps = pd.DataFrame(
        {"electricity_share": [0.04, 0.06, 0.05], "change": [0.0, 0.02, -0.01]}, index=["ours", "up", "down"]
    )
    axes = figures.share_steps(steps, "X").axes[0]
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends == pytest.approx([0.04, 0.06, 0.05])
    assert texts(axes) == ["4.0%", "6.0% (+2.0 points)", "5.0% (-1.0 points)"]
    assert "4.0% as our tokens are served to 5.0% as published (X, US)" in axes.get_title(loc="left")
