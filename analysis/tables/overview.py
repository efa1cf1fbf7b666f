"""The headline values of all topics in one table."""

from collections.abc import Mapping

import pandas as pd

from analysis.inputs.scenario import Scenario
from analysis.tables import (
    api_spread,
    electricity_to_token,
    energy_model,
    explained_share,
    gpu_offset,
    pass_through,
    price_gap,
    same_weights,
)
from analysis.tables.headline import Headline


def all_headlines(
    scenario: Scenario, horizon_years: int, ledger_headlines: Mapping[str, Headline]
) -> pd.DataFrame:
    """Return every headline value with its ends and unit, indexed by key.

    Parameters
    ----------
    scenario : Scenario
        Whose values.
    horizon_years : int
        Years over which savings run [years].
    ledger_headlines : mapping of str to Headline
        Those of the claims, as returned by `claims.headlines`.
    """
    found = {
        **price_gap.headlines(scenario),
        **api_spread.headlines(scenario),
        **gpu_offset.headlines(scenario, horizon_years),
        **electricity_to_token.headlines(scenario),
        **ledger_headlines,
        **energy_model.headlines(),
        **explained_share.headlines(explained_share.output_quantiles(scenario, "hub", explained_share.DRAWS)),
        **same_weights.headlines(same_weights.price_ratios()),
        **pass_through.headlines(
            scenario.root, scenario, pass_through.measured_ratios(same_weights.price_ratios())
        ),
    }
    table = pd.DataFrame(found.values(), index=pd.Index(found, name="key"))
    return table.astype({"value": float, "low": float, "high": float})
