"""The GPU offset: what load, purchase and electricity share a saved bill implies, pair by pair."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.money import column_in_currency, in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import gpu_offset
from analysis.model.gpu_hour import annuity_factor
from analysis.tables.headline import Headline, headlines_of_rows

PAIRS = {
    "narrow: US low, hub high": ("low", "high"),
    "mid: US mid, hub mid": ("value", "value"),
    "wide: US high, hub low": ("high", "low"),
}
"""The tariff pairs: which end of the US and which of the hub tariff."""

_TARIFFS = ("tariff_us", "tariff_cn_hub")

MID = "mid: US mid, hub mid"

LONGEST_HORIZON = 40
GAP_STEPS = 56
GAP_MARGIN = 1.1


def pair_tariffs(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return the US and hub tariff of each pair [currency/kWh]."""
    us, hub = in_currency(scenario.tariff_us, currency), in_currency(scenario.tariff_cn_hub, currency)
    tariffs_of = {pair: (getattr(us, of_us), getattr(hub, of_hub)) for pair, (of_us, of_hub) in PAIRS.items()}
    table = pd.DataFrame.from_dict(tariffs_of, orient="index", columns=["tariff_us", "tariff_hub"])
    return table.rename_axis("pair")


def implied_energy(scenario: Scenario, currency: str) -> pd.Series[float]:
    """Return the energy that the claimed saving implies for each pair [GWh/year].

    A scenario without a parent is taken at its word: its own tariffs give the load, pair by pair. One that
    extends another keeps the load that the first scenario of the chain implies at its mid tariffs.
    """
    saving = in_currency(scenario.annual_saving, currency).value
    claimed = pair_tariffs(scenario.root, currency)
    basis = claimed if scenario.root is scenario else claimed.loc[[MID] * len(PAIRS)].set_axis(claimed.index)
    return gpu_offset.implied_energy(saving, dear_tariff=basis["tariff_us"], cheap_tariff=basis["tariff_hub"])


def implied_purchase(scenario: Scenario, currency: str) -> float:
    """Return the accelerator purchase that the claim implies [currency]."""
    saving = in_currency(scenario.annual_saving, currency).value
    years, share = scenario.offset_years.value, scenario.offset_share.value
    return float(gpu_offset.implied_purchase(saving, years, share))


def offset_by_tariff_pair(
    scenario: Scenario, currency: str, horizon_years: int, discount_rate: float
) -> pd.DataFrame:
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
    purchase = implied_purchase(scenario, currency)
    years = scenario.offset_years.value

    # What the claim implies: a load, the accelerators that it carries, the price of each.
    table["tariff_gap"] = table["tariff_us"] - table["tariff_hub"]
    table["energy_gwh_per_year"] = energy
    table["load_mw"] = gpu_offset.mean_load_mw(energy)
    table["accelerators"] = gpu_offset.accelerator_count(
        table["load_mw"], power_kw=scenario.accelerator_power.value, pue=scenario.pue.value
    )
    table["purchase"] = purchase
    table["price_per_accelerator"] = purchase / table["accelerators"]

    # What that load saves within the horizon, and what electricity is of the cost at either site.
    savings = gpu_offset.offset(
        energy_gwh_per_year=energy,
        dear_tariff=table["tariff_us"],
        cheap_tariff=table["tariff_hub"],
        purchase=purchase,
        horizon_years=horizon_years,
        discount_rate=discount_rate,
    )
    table = table.assign(**savings._asdict())
    for site, tariff in (("cn", table["tariff_hub"]), ("us", table["tariff_us"])):
        table[f"electricity_share_{site}"] = gpu_offset.electricity_share(
            energy_gwh_per_year=energy, tariff=tariff, purchase=purchase, years=years
        )
    return table


def accelerator_prices(currency: str) -> pd.DataFrame:
    """Return street prices per accelerator to set beside the implied one [currency]."""
    rows = datasets.load_gpu_economics()
    bought = rows[rows["quantity"] == "purchase price"].copy()
    bought["price_per_accelerator"] = column_in_currency(bought, currency) / bought["accelerators"]
    return bought.set_index("item")[["price_per_accelerator", "period", "grade", "source", "note", "id"]]


def published_electricity_shares() -> pd.DataFrame:
    """Return electricity shares of a published 1 GW data centre: of its total and of its cash cost [1]."""
    rows = datasets.load_gpu_economics()
    basis = {"dc-1gw-tco": "total cost of ownership", "dc-1gw-cash-opex": "cash operating expense"}
    energy, costs = rows.loc["dc-1gw-energy"], rows.loc[[*basis]].rename(index=basis)
    table = pd.DataFrame(
        {
            "low": energy["value"] / costs["high"].fillna(costs["value"]),
            "value": energy["value"] / costs["value"],
            "high": energy["value"] / costs["low"].fillna(costs["value"]),
            "grade": costs["grade"],
            "source": costs["source"],
            "rows": energy["id"] + "; " + costs["id"],
        }
    )
    return table.rename_axis("electricity over")


def offset_by_gap_and_horizon(scenario: Scenario, currency: str, *, discount_rate: float) -> pd.DataFrame:
    """Return the share of the purchase that savings offset over tariff gap and horizon, at the mid load [1].

    A row a gap [currency/kWh], from none (or a little under the narrowest, where that is negative) to a
    little over the widest of the scenario and of the article; a column a horizon [years]; savings
    discounted at `discount_rate` [1/year].
    """
    energy = float(implied_energy(scenario, currency)[MID])
    tables = (pair_tariffs(scenario, currency), pair_tariffs(scenario.root, currency))
    gap_of = pd.concat([table["tariff_us"] - table["tariff_hub"] for table in tables])
    most, least = max(GAP_MARGIN * gap_of.max(), 0.0) or 1.0, float(gap_of.min())
    if least < 0.0:
        least -= (GAP_MARGIN - 1.0) / 2.0 * (most - least)
    gaps = np.linspace(min(least, 0.0), most, GAP_STEPS)
    horizons = np.arange(1, LONGEST_HORIZON + 1)
    gap, years = np.meshgrid(gaps, horizons, indexing="ij")
    result = gpu_offset.offset(
        energy_gwh_per_year=energy,
        dear_tariff=gap,
        cheap_tariff=0.0,
        purchase=implied_purchase(scenario, currency),
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
    table = offset_by_tariff_pair(scenario, currency, horizon_years, discount_rate)
    savings = table[["annual_saving", "purchase"]].reset_index()
    savings = pd.DataFrame({"year": range(horizon_years + 1)}).merge(savings, how="cross")
    savings["undiscounted"] = savings["annual_saving"] * savings["year"]
    annuity = annuity_factor(savings["year"], discount_rate)
    savings["present_value"] = savings["annual_saving"] * annuity
    return savings[["pair", "year", "undiscounted", "present_value", "purchase"]]


def headlines(scenario: Scenario, horizon_years: int) -> dict[str, Headline]:
    """Return the headline values at the mid pair, ends over the pairs; money in CNY.

    The claimed saving is in all of them, and with it the load at the claimed tariffs, or years and share of
    the purchase.
    """
    table = offset_by_tariff_pair(scenario, "CNY", horizon_years, 0.0)
    # blank where a pair implies nothing
    least, greatest = table.min(skipna=False), table.max(skipna=False)
    ranges = pd.DataFrame({"low": least, "value": table.loc[MID], "high": greatest})
    purchase = scenario.grade_of("annual_saving", "offset_years", "offset_share")
    load = worst_grade([scenario.grade_of("annual_saving"), scenario.root.grade_of(*_TARIFFS)])
    savings = worst_grade([load, scenario.grade_of(*_TARIFFS)])
    grades = {"purchase": purchase, "load_mw": load, "savings_undiscounted": savings}
    ranges["grade"] = [grades.get(str(row), worst_grade([savings, purchase])) for row in ranges.index]
    rows = {
        "gpu_offset_savings_cny": ("savings_undiscounted", "CNY"),
        "gpu_offset_implied_purchase_cny": ("purchase", "CNY"),
        "gpu_offset_implied_load_mw": ("load_mw", "MW"),
        "gpu_offset_electricity_share_cn": ("electricity_share_cn", "share"),
        "gpu_offset_electricity_share_us": ("electricity_share_us", "share"),
    }
    return headlines_of_rows(ranges, rows)
