"""The cost stack against published figures: each from its publisher's inputs or from ours, with a band.

The figures, their inputs and their bands are rows of ``data/published_cost_checks.csv``. Each
private function computes one of their quantities from a row of that file, the data rows that it names,
and the audited scenario.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.inputs.units import BASE_UNITS, HOURS_PER_DAY, HOURS_PER_YEAR, worst_grade
from analysis.model.gpu_hour import GpuHourCost, gpu_hour_cost
from analysis.tables.cost_stack import usd

USD_PER_BILLION = 1e9


ASSUMED = {"tariff_usd_per_kwh": "tariff_us", "load": "load_factor", "gpu_life_years": "gpu_life"}
"""Column of a check to the assumption that stands in where it is blank."""


class Comparison(NamedTuple):
    """A published figure and the computed one, each with its ends, and columns of `ASSUMED` that enter."""

    published: Range
    computed: Range
    entering: tuple[str, ...] = ()


def published_cost_checks() -> pd.DataFrame:
    """Return published figures beside what the cost stack gives, and whether it lies in the band.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``figure``: ``published``, ``computed``, the band ``low`` to ``high`` for the computed
        figure, ``unit``, ``why_this_band``, ``grade`` of the weakest row, and ``inside``.
    """
    audited = load_scenario("audited")
    rows = pd.concat([datasets.load_gpu_economics(), datasets.load_facts()])
    checks = datasets.load_published_cost_checks()
    blank = checks[[*ASSUMED]].isna()  # there an assumption enters, and its grade
    assumed = {column: usd(audited, name) for column, name in ASSUMED.items()}
    checks = checks.fillna({**assumed, "relative_tolerance": 0.0, "absolute_tolerance": 0.0})
    records = {}
    for check in checks.itertuples():
        used = rows.loc[check.rows]
        published, computed, entering = COMPARISONS[check.quantity](check, used, audited)
        grades = [
            getattr(audited, ASSUMED[entry]).grade for entry in entering if blank.loc[check.Index, entry]
        ]
        # the band: the stated tolerance, or the ends of the published figure widened by those of ours
        tolerance = check.relative_tolerance * published.value + check.absolute_tolerance
        low, high = published.value - tolerance, published.value + tolerance
        if tolerance == 0.0:
            low = published.low * computed.value / computed.high
            high = published.high * computed.value / computed.low
        records[check.Index] = {
            "published": published.value,
            "computed": computed.value,
            "low": low,
            "high": high,
            "unit": check.unit,
            # with the numbers of the check in place of their names in braces
            "why_this_band": check.why_this_band.format(**check._asdict()),
            "grade": worst_grade([check.grade, *used["grade"], *grades]),
            "inside": low <= computed.value <= high,
        }
    return pd.DataFrame.from_dict(records, orient="index").rename_axis("figure")


def _exactly(value: float) -> Range:
    return Range(value, value, value)


def _hour_cost(check: Any, *, gpu_power_kw: float, **costs: float) -> GpuHourCost:
    """Return the cost of an hour with a check's inputs and what else is given, capital at no cost."""
    return gpu_hour_cost(
        **{"gpu_price_usd": 0.0, **costs},
        gpu_life_years=check.gpu_life_years,
        utilisation=check.utilisation,
        gpu_power_kw=gpu_power_kw,
        pue=check.pue,
        tariff_usd_per_kwh=check.tariff_usd_per_kwh,
    )


def _data_centre_electricity_share(check: Any, rows: pd.DataFrame, _: Scenario) -> Comparison:
    """Return electricity over the yearly cost of a gigawatt: ours at our tariff, other costs as published."""
    (_, energy), (_, whole) = rows.iterrows()
    kw_per_gw = BASE_UNITS["GW"][1]
    hour = _hour_cost(check, gpu_power_kw=check.load)
    ours = hour.electricity * HOURS_PER_YEAR * kw_per_gw / USD_PER_BILLION
    return Comparison(
        published=Range(*(energy["value"] / whole[end] for end in ("high", "value", "low"))),
        computed=_exactly(ours / (whole["value"] - energy["value"] + ours)),
        entering=("tariff_usd_per_kwh", "load"),
    )


def _daily_rent(_: Any, rows: pd.DataFrame, __: Scenario) -> Comparison:
    """Return servers x accelerators of each x hours of a day x rent [USD]."""
    published, rent, servers = rows["value"]
    return Comparison(_exactly(published), _exactly(servers * _gpus_per_server() * HOURS_PER_DAY * rent))


def _gpus_per_server() -> float:
    return float(datasets.load_energy_assumptions().loc["gpus_per_server", "value"])


def _rent_electricity_share(check: Any, rows: pd.DataFrame, _: Scenario) -> Comparison:
    """Return the electricity of an hour at a part of the greatest power of a server, over the rent."""
    rent, server_power_kw = rows["value"]
    hour = _hour_cost(check, gpu_power_kw=server_power_kw * check.load / _gpus_per_server())
    return Comparison(_exactly(check.published), _exactly(hour.electricity / rent))


def _hardware_cost(check: Any, rows: pd.DataFrame, _: Scenario) -> Comparison:
    """Return the hardware cost of a used hour [USD/GPU-hour]; power does not matter."""
    published, price_usd = rows["value"]
    hour = _hour_cost(check, gpu_power_kw=0.0, gpu_price_usd=price_usd)
    return Comparison(_exactly(published), _exactly(float(hour.hardware)))


COMPARISONS: dict[str, Callable[[Any, pd.DataFrame, Scenario], Comparison]] = {
    "electricity share of a data centre": _data_centre_electricity_share,
    "rent of a day": _daily_rent,
    "electricity share of rent": _rent_electricity_share,
    "hardware cost of an hour": _hardware_cost,
}
"""Quantity of a check to what compares it."""
