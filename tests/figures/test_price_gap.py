"""The price gap: claims and evidence where the tables have them, with labels and units."""

import numpy as np
import pandas as pd
import pytest

from analysis import figures
from analysis.figures.price_gap import layer_looks
from analysis.figures.style import CLAIM
from analysis.inputs.scenario import load_scenario
from analysis.tables import china_grids, price_evidence, price_gap


@pytest.fixture(scope="module")
def evidence(article) -> pd.DataFrame:
    return price_evidence.price_evidence_by_layer(article, "CNY")


@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_price_gap_draws_claim_and_evidence(article, currency: str, texts, names, clipped_texts) -> None:
    verdicts = price_gap.tariff_verdicts(article, article, currency)
    figure = figures.price_gap(verdicts, currency)
    axes = figure.axes[0]
    assert axes.get_xlabel() == f"price of electricity [{currency}/kWh]"
    assert names(axes) == list(price_evidence.REGIONS)
    claims = [line for line in axes.lines if line.get_color() == CLAIM]
    by_region = verdicts.drop_duplicates("region").set_index("region")[["claim_low", "claim_high"]]
    assert [tuple(line.get_xdata()) for line in claims] == [
        tuple(by_region.loc[region]) for region in price_evidence.REGIONS
    ]
    assert axes.get_title(loc="left").startswith("The article's delivered price fits US commercial")
    shown = texts(axes)
    for row in verdicts.itertuples():
        assert any(text.startswith(row.verdict) for text in shown)
    assert clipped_texts(figure) == []


def test_layers_keep_their_looks_whatever_the_order_of_the_rows(evidence) -> None:
    looks = layer_looks(evidence)
    assert list(looks) == list(price_evidence.LAYERS)
    assert layer_looks(evidence.iloc[::-1]) == looks
    assert len(set(looks.values())) == len(looks)


def test_price_ratios_show_every_value(article, evidence, texts, clipped_texts) -> None:
    ratios = price_gap.price_ratios_by_layer(evidence)
    main = ratios[ratios["year"] == price_evidence.MAIN_YEAR]
    claimed = price_gap.tariff_ratios(price_gap.scenario_tariffs(article, "CNY"))
    figure = figures.price_ratios(claimed, main)
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    shown = texts(axes)
    assert {"1.83", "4.65"} <= set(shown)
    to_average = main[main["claimed"] == "US / China average"]["value"]
    title = f"US power costs {to_average.min():.2f} to {to_average.max():.2f} times the Chinese average"
    assert axes.get_title(loc="left").startswith(title)
    assert {f"{value:.2f}" for value in main["value"]} <= set(shown)
    assert clipped_texts(figure) == []


def test_what_a_run_takes_is_marked(article, evidence, clipped_texts) -> None:
    changed = load_scenario("audited", {"tariff_us": 0.09})
    verdicts = price_gap.tariff_verdicts(article, changed, "CNY")
    taken = price_gap.taken_by_region(changed, "CNY")
    figure = figures.price_gap(verdicts, "CNY", taken)
    marks = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "X"]
    assert marks == pytest.approx(taken.loc[[*price_evidence.REGIONS], "value"].tolist())
    claimed = price_gap.tariff_ratios(price_gap.scenario_tariffs(article, "CNY"))
    own = price_gap.tariff_ratios(price_gap.scenario_tariffs(changed, "CNY"))
    ratios = price_gap.price_ratios_by_layer(evidence)
    drawn = figures.price_ratios(claimed, ratios[ratios["year"] == 2025], own)
    lines = drawn.axes[0].lines
    marks = [(line.get_xdata()[0], line.get_ydata()[0]) for line in lines if line.get_marker() == "X"]
    to_hub = own.loc[("US", price_evidence.CN_HUB)]
    assert to_hub["mid"] in [place for place, _ in marks]
    # in a lane of its own, with the ends of the table
    others = {line.get_ydata()[0] for line in lines if line.get_marker() in {"o", "D", "s"}}
    assert not others & {height for _, height in marks}
    assert [to_hub["narrowest"], to_hub["widest"]] in [list(line.get_xdata()) for line in lines]
    assert clipped_texts(figure) == clipped_texts(drawn) == []


def test_delivered_parts_stack_up_to_the_total(article, evidence, names, clipped_texts) -> None:
    parts = china_grids.delivered_price_parts(article, "CNY")
    with_vat = evidence[(evidence["layer"] == price_evidence.WITH_VAT) & (evidence["year"] == 2025)].iloc[1:3]
    figure = figures.delivered_parts(parts, with_vat.assign(label=with_vat["region"].astype(str)), "CNY")
    axes = figure.axes[0]
    ends = np.array([bar.get_x() + bar.get_width() for bar in axes.patches if bar.get_height() == 0.66])
    assert ends.reshape(6, -1)[-1] == pytest.approx(parts["built_up"].to_numpy())
    assert "[CNY/kWh]" in axes.get_xlabel()
    assert {"Gansu*", "Sichuan"} <= set(names(axes))
    assert clipped_texts(figure) == []


def test_history_joins_lines_and_never_points(article, evidence, clipped_texts) -> None:
    history = price_gap.price_history("CNY", evidence)
    figure = figures.price_history(history, price_gap.scenario_tariffs(article, "CNY"), "CNY", 2026.2)
    by_label = {line.get_label(): line for line in figure.axes[0].lines}
    for series, rows in history.groupby("series"):
        line = by_label[series]
        assert line.get_xdata() == pytest.approx(rows["time"].to_numpy())
        assert line.get_linestyle() == ("-" if (rows["kind"] == "line").all() else "None")
    assert clipped_texts(figure) == []
