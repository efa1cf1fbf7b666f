"""The headline values of all topics in one table."""

from __future__ import annotations

import pandas as pd

from analysis import claims
from analysis.claims import contradictions
from analysis.inputs.scenario import Scenario
from analysis.tables import (
    api_spread,
    energy_model,
    explained_share,
    gpu_offset,
    price_gap,
    same_weights,
    tariff_elasticity,
)


def headlines(scenario: Scenario, horizon_years: int, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return every headline value with its ends and unit, indexed by key.

    Parameters
    ----------
    scenario : Scenario
        Whose values.
    horizon_years : int
        Years over which savings run [years].
    ledger : pandas.DataFrame
        As returned by `claims.evaluate`.
    """
    found = {
        **price_gap.headlines(scenario),
        **api_spread.headlines(scenario),
        **gpu_offset.headlines(scenario, horizon_years),
        **contradictions.headlines(scenario),
        **claims.headlines(ledger),
        **energy_model.headlines(),
        **explained_share.headlines(explained_share.output_quantiles(scenario, "hub", explained_share.DRAWS)),
        **same_weights.headlines(same_weights.price_ratios(scenario)),
        **tariff_elasticity.headlines(tariff_elasticity.elasticity_by_specification(scenario)),
    }
    table = pd.DataFrame.from_dict({key: entry._asdict() for key, entry in found.items()}, orient="index")
    return table.astype({"value": float, "low": float, "high": float}).rename_axis("key")
