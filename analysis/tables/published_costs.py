"""The cost stack against published figures: each from its publisher's inputs or from ours, with a band."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.scenario import load_scenario
from analysis.inputs.units import HOURS_PER_YEAR, worst_grade
from analysis.model.boundary import Links, at_boundary
from analysis.model.gpu_hour import gpu_hour_cost
from analysis.tables.cost_stack import usd

ACCELERATORS = ("H100", "H200", "B200", "GB200", "MI300X", "MI355X")
ROUNDING = 0.001
"""Band of a figure that is pure arithmetic on published inputs."""

CASH_BAND = 0.15
"""Band of a share of cash operating cost for which none was published."""

TCO_BAND = 0.25
"""Band of a published hourly cost whose inputs are not published: ours are other people's prices."""


def checks() -> pd.DataFrame:
    """Return published figures beside what the cost stack gives, and whether it lies in the band.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``figure``: ``published``, ``computed``, the band ``low`` to ``high`` for the computed
        figure, ``unit``, ``inside``, ``why_this_band``, and ``grade`` of the weakest row.
    """
    rows = datasets.load_gpu_economics()
    records = [*_epoch(rows), *_deepseek(rows), *_lokshin(rows), *_inferencex(rows)]
    table = pd.DataFrame(records).set_index("figure")
    table["inside"] = table["computed"].between(table["low"], table["high"])
    return table


def _record(
    figure: str,
    published: float,
    computed: float,
    band: tuple[float, float],
    unit: str,
    why: str,
    grades: Any,
) -> dict[str, Any]:
    return {
        "figure": figure,
        "published": published,
        "computed": computed,
        "low": band[0],
        "high": band[1],
        "unit": unit,
        "why_this_band": why,
        "grade": worst_grade(grades),
    }


def _epoch(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Epoch AI's gigawatt: our US tariff through the stack, the other costs as published."""
    audited = load_scenario("audited")
    total, energy, cash = (rows.loc[f"dc-1gw-{name}"] for name in ("tco", "energy", "cash-opex"))
    kw_per_gw, billion = 1e6, 1e9
    busy = audited.load_factor.value
    hour = gpu_hour_cost(
        gpu_price_usd=0.0,
        gpu_life_years=1.0,
        utilisation=1.0,
        gpu_power_kw=busy,
        pue=1.0,  # a gigawatt at the meter of the facility
        tariff_usd_per_kwh=usd(audited, "tariff_us"),
    )
    ours = hour.electricity * HOURS_PER_YEAR * kw_per_gw / billion
    grades = [total["grade"], energy["grade"], cash["grade"]]
    for name, whole, why in (
        ("total cost", total, "with server lives of 3 to 7 years"),
        ("cash operating cost", cash, "no range published; the other costs are the publisher's own"),
    ):
        rest = whole["value"] - energy["value"]
        published = energy["value"] / whole["value"]
        if name == "total cost":
            band = (energy["value"] / whole["high"], energy["value"] / whole["low"])
        else:
            band = (published * (1.0 - CASH_BAND), published * (1.0 + CASH_BAND))
        yield _record(
            f"Epoch AI, 1 GW: electricity of {name}",
            published,
            ours / (rest + ours),
            band,
            "share",
            why,
            grades,
        )


def _deepseek(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """DeepSeek's day: rent by the hour, and electricity of it at the published estimate's inputs."""
    facts = datasets.load_facts()
    rent, day = rows.loc["rent-h800", "value"], rows.loc["pub-deepseek-day"]
    servers, power = facts.loc["dsday-nodes", "value"], facts.loc["dsday-node-power"]
    per_server = datasets.load_energy_assumptions().loc["gpus_per_server", "value"]
    hours = 24.0
    computed = servers * per_server * hours * rent
    band = (day["value"] * (1.0 - ROUNDING), day["value"] * (1.0 + ROUNDING))
    yield _record(
        "DeepSeek's day: rent", day["value"], computed, band, "USD", "arithmetic on published figures", ["A"]
    )
    tariff, pue, published = 0.08, 1.25, (0.045, 0.064)  # inputs and result of the published estimate
    shares = [
        gpu_hour_cost(
            gpu_price_usd=0.0,
            gpu_life_years=1.0,
            utilisation=1.0,
            gpu_power_kw=power[end] / per_server,
            pue=pue,
            tariff_usd_per_kwh=tariff,
        ).electricity
        / rent
        for end in ("low", "high")
    ]
    rounding = 0.0005
    for end, share, printed in zip(("70 % load", "full load"), shares, published, strict=True):
        band = (printed - rounding, printed + rounding)
        why = "as printed, at 0.08 USD/kWh and a PUE of 1.25"
        yield _record(
            f"DeepSeek's day: electricity of rent, {end}",
            printed,
            share,
            band,
            "share",
            why,
            [power["grade"]],
        )


def _lokshin(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    published, price = rows.loc["pub-lokshin-hardware"], rows.loc["pub-lokshin-price"]
    years, used, power_kw = 3.0, 0.7, 0.7
    computed = gpu_hour_cost(
        gpu_price_usd=price["value"],
        gpu_life_years=years,
        utilisation=used,
        gpu_power_kw=power_kw,
        pue=1.0,
        tariff_usd_per_kwh=0.0,
    ).hardware
    band = (published["value"] * (1.0 - ROUNDING), published["value"] * (1.0 + ROUNDING))
    yield _record(
        "Lokshin's trade model: hardware of a used hour",
        published["value"],
        float(computed),
        band,
        published["unit"],
        "arithmetic on published inputs",
        [published["grade"]],
    )


def _inferencex(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """InferenceX: all-in power from rated power, host and PUE; hourly cost where a price is at hand."""
    gpus, own = datasets.load_gpu_specs(), datasets.load_energy_assumptions().loc["host_power_share"]
    audited = load_scenario("audited")
    for name in ACCELERATORS:
        published, rated = rows.loc[f"pub-power-{name.lower()}"], gpus.loc[name]
        low, computed, high = (
            rated["tdp_w"]
            / 1000.0
            * float(
                at_boundary(
                    gpu_energy_j=1.0,
                    gpu_power_ratio=1.0,
                    links=Links(own[end], 1.0, getattr(audited.pue, end)),
                    boundary="facility",
                )
            )
            for end in ("low", "value", "high")
        )
        grades = [published["grade"], rated["grade"], own["grade"], audited.pue.grade]
        # turned round: the published figure should lie between our ends
        ratio = published["value"] / computed
        yield _record(
            f"InferenceX: all-in power of {name}",
            published["value"],
            computed,
            (computed * published["value"] / high, computed * published["value"] / low),
            "kW",
            f"published between {low:.2f} and {high:.2f} kW (host and PUE); it is {ratio:.2f} times ours",
            grades,
        )
    for name, price_row in (("H100", "cap-h100-cluster"), ("GB200", "cap-gb200-rack")):
        published, price = rows.loc[f"pub-tco-{name.lower()}"], rows.loc[price_row]
        power = rows.loc[f"pub-power-{name.lower()}"]
        computed = gpu_hour_cost(
            gpu_price_usd=price["value"] / price["accelerators"],
            gpu_life_years=audited.gpu_life.value,
            utilisation=1.0,
            gpu_power_kw=power["value"],
            pue=1.0,  # in the all-in power
            tariff_usd_per_kwh=usd(audited, "tariff_us"),
            other_opex_usd_per_gpu_hour=usd(audited, "other_opex"),
        ).total
        band = (published["value"] * (1.0 - TCO_BAND), published["value"] * (1.0 + TCO_BAND))
        yield _record(
            f"InferenceX: cost of an hour of {name}",
            published["value"],
            float(computed),
            band,
            published["unit"],
            "its inputs are not published; ours: an installed price over five years, capital at no cost",
            [published["grade"], price["grade"]],
        )
