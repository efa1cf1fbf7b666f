"""Claims against evidence: ratios within each layer, and a verdict on each claimed tariff."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.inputs.money import in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import currency_of, worst_grade
from analysis.model import spread
from analysis.model.verdict import judge_range
from analysis.tables.price_evidence import (
    CN_AVERAGE,
    CN_HUB,
    EUROPE,
    LAYERS,
    MAIN_YEAR,
    REGIONS,
    TARIFF_OF,
    US_AVERAGE,
    layers,
)

_NOTHING = {"low": np.nan, "value": np.nan, "high": np.nan, "grade": None}


def ratios(evidence: pd.DataFrame) -> pd.DataFrame:
    """Return foreign over Chinese prices within each layer and year.

    Parameters
    ----------
    evidence : pandas.DataFrame
        As returned by `layers`.

    Returns
    -------
    pandas.DataFrame
        ``low`` (narrowest), ``value`` and ``high`` (widest pairing) [1], and the weakest grade.
    """
    records = []
    for (layer, year), cells in evidence.groupby(["layer", "year"], observed=True):
        by_region = cells.set_index("region")
        for foreign in (US_AVERAGE, EUROPE):
            for home in (CN_AVERAGE, CN_HUB):
                if foreign not in by_region.index or home not in by_region.index:
                    continue
                top, base = by_region.loc[foreign], by_region.loc[home]
                ratio = range_ratio(top, base)
                records.append(
                    {
                        "layer": layer,
                        "year": year,
                        "ratio": f"{foreign} / {home}",
                        "low": ratio.narrowest,
                        "value": ratio.mid,
                        "high": ratio.widest,
                        "grade": worst_grade([top["grade"], base["grade"]]),
                    }
                )
    return pd.DataFrame(records)


def range_ratio(top: pd.Series[float], base: pd.Series[float]) -> spread.RatioRange:
    """Return the ratio of two rows that hold ``low``, ``value`` and ``high`` in one unit [1]."""
    return spread.ratio_range(top, base)


def verdicts(claims: Scenario, scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return a verdict on each region's claimed tariff in each layer, on the evidence of the main year.

    Parameters
    ----------
    claims : Scenario
        The scenario whose tariffs are judged.
    scenario : Scenario
        Gives load factor, system cost and VAT rate of the evidence, and the tolerance of the verdict.
    currency : str
        ISO 4217 code of what is shown; a claim is judged in its own currency.

    Returns
    -------
    pandas.DataFrame
        Claim and evidence [currency/kWh], the deviations of the claim's ends [1], grade, verdict.
    """
    figures = {region: getattr(claims, TARIFF_OF[region]) for region in REGIONS}
    native = {region: currency_of(figure.unit) or currency for region, figure in figures.items()}
    cells = {money: _main_cells(scenario, money) for money in {currency, *native.values()}}
    records = []
    for layer in LAYERS:
        for region, figure in figures.items():
            found = cells[native[region]].get((layer, region), _NOTHING)
            verdict = judge_range(
                claim_low=figure.low,
                claim_high=figure.high,
                evidence_low=found["low"],
                evidence_value=found["value"],
                evidence_high=found["high"],
                grade=found["grade"],
                tolerance=scenario.verdict_tolerance.value,
            )
            claim, shown = in_currency(figure, currency), cells[currency].get((layer, region), _NOTHING)
            records.append(
                {
                    "layer": layer,
                    "region": region,
                    "claim_low": claim.low,
                    "claim_high": claim.high,
                    "evidence_low": shown["low"],
                    "evidence_value": shown["value"],
                    "evidence_high": shown["high"],
                    "grade": found["grade"] or "",
                    "claim_low_deviation": verdict.low_deviation,
                    "claim_high_deviation": verdict.high_deviation,
                    "word": verdict.word,
                    "verdict": verdict.text,
                }
            )
    return pd.DataFrame(records)


def _main_cells(scenario: Scenario, currency: str) -> dict[tuple[str, str], Any]:
    """Return the evidence of the main year by layer and region."""
    table = layers(scenario, currency)
    main = table[table["year"] == MAIN_YEAR]
    return {(row["layer"], row["region"]): row for row in main.to_dict("records")}
