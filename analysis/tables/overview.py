"""The headline values of all topics in one table."""

from collections.abc import Mapping

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.plain import percent
from analysis.inputs.scenario import Scenario
from analysis.tables import (
    api_spread,
    cost_stack,
    electricity_shares,
    electricity_to_token,
    energy_model,
    explained_share,
    gpu_offset,
    pass_through,
    price_gap,
    price_over_time,
    same_weights,
    strongest_case,
    tariff_effect,
)
from analysis.tables.headline import Headline


def in_words(headlines: pd.DataFrame) -> pd.DataFrame:
    """Return `all_headlines` for reading: by topic and meaning, numbers as people write them.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``topic`` and ``meaning``: ``value``, ``low``, ``high``, ``unit`` and ``grade``, all texts;
        counts of zero are left out.
    """
    meanings = datasets.load_table("headlines")
    table = meanings[["topic", "meaning"]].join(headlines, how="inner")
    table = table[(table["unit"] != "claims") | (table["value"] > 0.0)]
    shown = {
        end: [_number(number, unit) for number, unit in zip(table[end], table["unit"], strict=True)]
        for end in ("value", "low", "high")
    }
    words = table[["topic", "meaning"]].assign(**shown, unit=table["unit"].replace(_UNITS))
    return words.assign(grade=table["grade"]).set_index(["topic", "meaning"])


_UNITS = {"share": "", "ratio": "times", "CNY": "million CNY"}
"""Units as `in_words` writes them, where they are not written as they are."""

_DIGITS = 3
_MILLION = 1e6


def _number(number: float, unit: str) -> str:
    if pd.isna(number):
        return ""
    if unit == "share":
        return percent(number)
    if unit == "claims":
        return f"{number:.0f}"
    if unit == "ratio" and number < 100.0:
        return f"{number:.{1 if number >= 10.0 else 2}f}"
    number = number / _MILLION if unit == "CNY" else number
    return f"{number:,.0f}" if abs(number) >= 100.0 else f"{number:.{_DIGITS}g}"


def all_headlines(
    scenario: Scenario, horizon_years: int, ledger_headlines: Mapping[str, Headline]
) -> pd.DataFrame:
    """Return every headline value with its ends, unit and grade, indexed by key.

    Parameters
    ----------
    scenario : Scenario
        Whose values.
    horizon_years : int
        Years over which savings run [years].
    ledger_headlines : mapping of str to Headline
        Those of the claims, as returned by `claims.headlines`.
    """
    pairs, stacks = same_weights.price_ratios(), cost_stack.token_cost_parts(scenario)
    found = {
        **price_gap.headlines(scenario),
        **api_spread.headlines(scenario),
        **gpu_offset.headlines(scenario, horizon_years),
        **electricity_to_token.headlines(scenario),
        **ledger_headlines,
        **energy_model.headlines(),
        **explained_share.headlines(
            explained_share.output_quantiles(scenario, "hub", explained_share.DRAWS),
            tariff_effect.tariff_effect_definitions(scenario, explained_share.DRAWS),
        ),
        **same_weights.headlines(pairs),
        **pass_through.headlines(scenario.root, scenario, pass_through.measured_ratios(pairs)),
        **price_over_time.headlines(scenario),
        **strongest_case.headlines(scenario),
        **electricity_shares.headlines(
            electricity_shares.published_electricity_shares(scenario),
            electricity_shares.our_shares(scenario, stacks),
        ),
    }
    table = pd.DataFrame(found.values(), index=pd.Index(found, name="key"))
    return table.astype({"value": float, "low": float, "high": float})
