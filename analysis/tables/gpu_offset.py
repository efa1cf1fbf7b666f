"""The GPU offset: what load, purchase and electricity share a saved bill implies, pair by pair."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.money import Range, column_in_currency, in_currency
from analysis.inputs.scenario import Scenario
from analysis.model import tariffs
from analysis.tables.headline import Headline

PAIRS = {
    "narrow: US low, hub high": ("low", "high"),
    "mid: US mid, hub mid": ("value", "value"),
    "wide: US high, hub low": ("high", "low"),
}
"""The tariff pairs: which end of the US and which of the hub tariff."""

MID = "mid: US mid, hub mid"

LONGEST_HORIZON = 40
GAP_STEPS = 56
GAP_MARGIN = 1.1


def pair_tariffs(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return the US and hub tariff of each pair [currency/kWh]."""
    us, hub = in_currency(scenario.tariff_us, currency), in_currency(scenario.tariff_cn_hub, currency)
    return pd.DataFrame(
        {
            "tariff_us": {pair: getattr(us, ends[0]) for pair, ends in PAIRS.items()},
            "tariff_hub": {pair: getattr(hub, ends[1]) for pair, ends in PAIRS.items()},
        }
    ).rename_axis("pair")


def implied_energy(scenario: Scenario, currency: str) -> pd.Series[float]:
    """Return the energy that the claimed saving implies for each pair [GWh/year].

    A scenario without a parent is taken at its word: its own tariffs give the load, pair by pair. One that
    extends another keeps the load that the first scenario of the chain implies at its mid tariffs.
    """
    saving = in_currency(scenario.annual_saving, currency).value
    claimed = pair_tariffs(scenario.root, currency)
    basis = claimed if scenario.root is scenario else claimed.loc[[MID] * len(PAIRS)].set_axis(claimed.index)
    return tariffs.implied_energy(saving, dear_tariff=basis["tariff_us"], cheap_tariff=basis["tariff_hub"])


def purchase(scenario: Scenario, currency: str) -> float:
    """Return the accelerator purchase that the claim implies [currency]."""
    saving = in_currency(scenario.annual_saving, currency).value
    return float(tariffs.implied_purchase(saving, scenario.offset_years.value, scenario.offset_share.value))


def pairs(scenario: Scenario, currency: str, horizon_years: int, discount_rate: float) -> pd.DataFrame:
    """Return what each tariff pair implies.

    Parameters
    ----------
    scenario : Scenario
        Tariffs and the claim: saving, years, share.
    currency : str
        ISO 4217 code.
    horizon_years : int
        Years over which savings run [years].
    discount_rate : float
        Cost of capital [1/year].

    Returns
    -------
    pandas.DataFrame
        Indexed by pair: tariffs [currency/kWh], ``energy_gwh_per_year``, ``load_mw``, ``accelerators``,
        ``purchase`` and ``price_per_accelerator`` [currency], savings [currency/year, currency], the share
        of the purchase they offset and the electricity shares over the claim's own years [1].
    """
    table = pair_tariffs(scenario, currency)
    energy = implied_energy(scenario, currency)
    bought = purchase(scenario, currency)
    result = tariffs.offset(
        energy_gwh_per_year=energy,
        dear_tariff=table["tariff_us"],
        cheap_tariff=table["tariff_hub"],
        purchase=bought,
        horizon_years=horizon_years,
        discount_rate=discount_rate,
    )
    table["tariff_gap"] = table["tariff_us"] - table["tariff_hub"]
    table["energy_gwh_per_year"] = energy
    table["load_mw"] = tariffs.mean_load_mw(energy)
    table["accelerators"] = tariffs.accelerator_count(
        table["load_mw"], power_kw=scenario.accelerator_power.value, pue=scenario.pue.value
    )
    table["purchase"] = bought
    table["price_per_accelerator"] = bought / table["accelerators"]
    for name, column in result._asdict().items():
        table[name] = column
    for site, tariff in (("cn", "tariff_hub"), ("us", "tariff_us")):
        table[f"electricity_share_{site}"] = tariffs.electricity_share(
            energy_gwh_per_year=energy,
            tariff=table[tariff],
            purchase=bought,
            years=scenario.offset_years.value,
        )
    return table


def accelerator_prices(currency: str) -> pd.DataFrame:
    """Return street prices per accelerator to set beside the implied one [currency]."""
    rows = datasets.load_gpu_economics()
    bought = rows[rows["quantity"] == "purchase price"].copy()
    bought["price_per_accelerator"] = column_in_currency(bought, currency) / bought["accelerators"]
    return bought.set_index("item")[["price_per_accelerator", "period", "grade", "source", "note", "id"]]


def published_shares() -> pd.DataFrame:
    """Return electricity shares of a published 1 GW data centre: of its total and of its cash cost [1]."""
    rows = datasets.load_gpu_economics()
    energy = rows.loc["dc-1gw-energy", "value"]
    records = []
    for basis, row_id in (
        ("total cost of ownership", "dc-1gw-tco"),
        ("cash operating expense", "dc-1gw-cash-opex"),
    ):
        row = rows.loc[row_id]
        low, high = row[["low", "high"]].fillna(row["value"])
        records.append(
            {
                "electricity over": basis,
                "low": energy / high,
                "value": energy / row["value"],
                "high": energy / low,
                "grade": row["grade"],
                "source": row["source"],
                "rows": f"dc-1gw-energy; {row_id}",
            }
        )
    return pd.DataFrame(records).set_index("electricity over")


def offset_grid(scenario: Scenario, currency: str, *, discount_rate: float) -> pd.DataFrame:
    """Return the share of the purchase that savings offset over tariff gap and horizon, at the mid load [1].

    A row a gap [currency/kWh], from none to a little over the widest of the scenario and of the article; a
    column a horizon [years]; savings discounted at `discount_rate` [1/year].
    """
    energy = float(implied_energy(scenario, currency)[MID])
    tables = (pair_tariffs(scenario, currency), pair_tariffs(scenario.root, currency))
    widest = max(float((table["tariff_us"] - table["tariff_hub"]).max()) for table in tables)
    gaps = np.linspace(0.0, GAP_MARGIN * max(widest, 0.0) or 1.0, GAP_STEPS)
    horizons = np.arange(1, LONGEST_HORIZON + 1)
    gap, years = np.meshgrid(gaps, horizons, indexing="ij")
    result = tariffs.offset(
        energy_gwh_per_year=energy,
        dear_tariff=gap,
        cheap_tariff=0.0,
        purchase=purchase(scenario, currency),
        horizon_years=years,
        discount_rate=discount_rate,
    )
    return pd.DataFrame(
        result.offset_share_present_value,
        index=pd.Index(gaps, name="tariff_gap"),
        columns=pd.Index(horizons, name="years"),
    )


def cumulative_savings(
    scenario: Scenario, currency: str, *, horizon_years: int, discount_rate: float
) -> pd.DataFrame:
    """Return savings summed from year 0 to each year of the horizon, plain and discounted, for each pair."""
    records = []
    for year in range(horizon_years + 1):
        table = pairs(scenario, currency, year, discount_rate)
        for pair, row in table.iterrows():
            records.append(
                {
                    "pair": pair,
                    "year": year,
                    "undiscounted": row["savings_undiscounted"],
                    "present_value": row["savings_present_value"],
                    "purchase": row["purchase"],
                }
            )
    return pd.DataFrame(records)


def headlines(scenario: Scenario, horizon_years: int) -> dict[str, Headline]:
    """Return the headline values at the mid pair, ends over the pairs; money in CNY."""
    table = pairs(scenario, "CNY", horizon_years, 0.0)

    def over_pairs(column: str, unit: str) -> Headline:
        """Return the middle pair with its ends over all; blank where a pair implies nothing."""
        ends = table[column].agg(["min", "max"], skipna=False)
        return Headline.ranged(Range(ends["min"], table.loc[MID, column], ends["max"]), unit)

    return {
        "gpu_offset_savings_cny": over_pairs("savings_undiscounted", "CNY"),
        "gpu_offset_implied_purchase_cny": over_pairs("purchase", "CNY"),
        "gpu_offset_implied_load_mw": over_pairs("load_mw", "MW"),
        "gpu_offset_electricity_share_cn": over_pairs("electricity_share_cn", "share"),
        "gpu_offset_electricity_share_us": over_pairs("electricity_share_us", "share"),
    }
