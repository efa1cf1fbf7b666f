"""Electricity's share of cost as others publish it, ours for the same card, and what lies between the two."""

from typing import Any

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.rules import row_ids
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.inputs.units import BASE_UNITS, HOURS_PER_YEAR, WATT_PER_KW, worst_grade
from analysis.model.boundary import host_power_shares
from analysis.model.gpu_hour import GpuHourCost, gpu_hour_cost
from analysis.model.hour_inputs import card_price
from analysis.tables.cost_grade import stack_grade
from analysis.tables.cost_stack import GRIDS, OPEN_MODEL, US, cost_parts, gpu_hour_inputs, side_of, usd
from analysis.tables.cost_variants import hour_of_mix
from analysis.tables.headline import Headline, headlines_of_rows

USD_PER_BILLION = 1e9
BASE = "audited"
"""Whose US tariff stands in for that of publishers who do not tell theirs."""
ABOUT = ("gpu_model", "capital_cost", "counts", "leaves_out", "source")
PUBLISHER, OWN = "publisher", "scenario"
"""Whose tariff a share is at, beside the classes of the US tariff."""


def published_electricity_shares(scenario: Scenario) -> pd.DataFrame:
    """Return electricity's share of published costs, at full power and at a part of it, and ours beside it.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``stack`` and ``tariff`` (the publisher's where it states a share, each US class, and the
        scenario's): ``power_kw`` at the meter, ``cost_usd_per_hour``, ``share_full_load``,
        ``share_part_load`` (of a stated share: its ends, beside ``share_stated``); our power, cost and shares
        for the same card, every hour in use; `ABOUT` it (no card: not the whole cost of a service);
        ``grade`` of the weakest that enters, ``grade_part_load`` with that of the load.

    Notes
    -----
    Power x load x tariff over the published cost of the hour, whose own tariff is unknown and stays in it.
    The part of full load is the low end of the scenario's load factor.
    """
    rows = datasets.load_gpu_economics()
    tariffs = {**scenario.definition("tariff_us").choices, OWN: "tariff_us"}
    records: dict[tuple[str, str], dict[str, Any]] = {}
    for stack in datasets.load_table("published_electricity_shares").itertuples():
        used = [*row_ids(stack.cost_rows), *row_ids(stack.share_rows)]
        used += [] if pd.isna(stack.power_row) else [stack.power_row]
        about = {name: getattr(stack, name) for name in ABOUT}
        grades = [stack.grade, *rows.loc[used, "grade"]]
        if row_ids(stack.share_rows):
            shares = _stated_share(rows.loc[row_ids(stack.share_rows)])
            ends = {
                "share_part_load": shares.low,
                "share_full_load": shares.high,
                "share_stated": shares.value,
            }
            records[stack.Index, PUBLISHER] = {**ends, **about, "grade": worst_grade(grades)}
        if not row_ids(stack.cost_rows):
            continue
        for word, name in tariffs.items():
            grade = worst_grade([*grades, getattr(scenario, name).grade])
            records[stack.Index, word] = {
                **_shares_at(scenario, stack, rows, usd(scenario, name)),
                **about,
                "grade": grade,
                "grade_part_load": worst_grade([grade, scenario.load_factor.grade]),
            }
    return pd.DataFrame.from_dict(records, orient="index").rename_axis(["stack", "tariff"])


def _stated_share(rows: pd.DataFrame) -> Range:
    """Return a share that the publisher states, or its electricity over its cost, with its ends."""
    cost = rows.iloc[-1]
    ends = [cost[end] if pd.notna(cost[end]) else cost["value"] for end in ("low", "value", "high")]
    if len(rows) == 1:
        return Range(*ends)
    return Range(*(rows.iloc[0]["value"] / end for end in reversed(ends)))


def _shares_at(scenario: Scenario, stack: Any, rows: pd.DataFrame, tariff: float) -> dict[str, float]:
    """Return power, cost and shares of a published stack at a tariff [USD/kWh], and ours of its card.

    Where the published cost holds electricity, at a tariff that nobody tells, that of `BASE` is taken out.
    """
    cost = rows.loc[row_ids(stack.cost_rows), "value"].sum()
    power_kw = 1.0
    if pd.notna(stack.power_gw):  # of a data centre: by the kW
        cost *= USD_PER_BILLION / (stack.power_gw * BASE_UNITS["GW"][1] * HOURS_PER_YEAR)
    else:
        power_kw = rows.loc[stack.power_row, "value"]
    found = {"power_kw": power_kw, "cost_usd_per_hour": cost, "tariff_usd_per_kwh": tariff}
    ours = our_hour(scenario, stack.gpu_model)
    our_power_kw = float(ours.electricity / usd(scenario, "tariff_us"))
    our_rest = float(ours.total - ours.electricity)
    if pd.notna(stack.power_gw):
        our_power_kw, our_rest = scenario.pue_us.value, our_rest * scenario.pue_us.value / our_power_kw
    for name, load in (("full", 1.0), ("part", scenario.load_factor.low)):
        electricity, our_electricity = (kw * load * tariff for kw in (power_kw, our_power_kw))
        told = power_kw * load * usd(load_scenario(BASE), "tariff_us") if stack.electricity_in_cost else 0.0
        whole = cost - told + electricity
        found[f"share_{name}_load"] = electricity / whole
        found[f"our_share_{name}_load"] = our_electricity / (our_rest + our_electricity)
    return found | {"our_power_kw": our_power_kw, "our_cost_usd_per_hour": our_rest + our_power_kw * tariff}


def our_hour(scenario: Scenario, gpu_model: str) -> GpuHourCost:
    """Return our cost of an hour of a card in the US, by the clock, at its rated power [USD/GPU-hour]."""
    specs = datasets.load_gpu_specs()
    card, reference = specs.loc[gpu_model], specs.loc[US.gpu_model]
    price = card_price(gpu_model, US.suffix, float(card["bandwidth_gb_s"])).ratio.value
    scales = {"gpu_price_usd": price, "network_usd_per_gpu_hour": price}
    scales["other_opex_usd_per_gpu_hour"] = card["tdp_w"] / reference["tdp_w"]
    costs = gpu_hour_inputs(scenario, US, "US")
    costs |= {name: costs[name] * scale for name, scale in scales.items()}
    host = host_power_shares()["value"][specs.index.get_loc(gpu_model)]
    rated_kw = card["tdp_w"] / WATT_PER_KW * (1.0 + host)
    return gpu_hour_cost(**{**costs, "utilisation": 1.0}, gpu_power_kw=rated_kw)


def power_of_cards(scenario: Scenario) -> pd.DataFrame:
    """Return what adds up to the power that a data centre provides for each card whose power is published.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``card``: ``rated_kw``, ``host_serving_kw``, ``serving_kw`` (both with PUE: ours);
        ``host_to_nameplate_kw``, ``network_kw`` (switches and the rest of IT), ``cooling_kw``, their sum
        ``provisioned_kw`` and ``published_kw`` with its ``grade``.
    """
    specs, rows = datasets.load_gpu_specs(), datasets.load_gpu_economics()
    published = rows[rows["quantity"] == "all-in utility power"].set_index("item")
    places = specs.index.get_indexer(published.index)
    rated = specs.loc[published.index, "tdp_w"] / WATT_PER_KW
    serving, nameplate = (host_power_shares()[end][places] * rated for end in ("value", "high"))
    beyond_servers = datasets.load_facts().loc["dc-it-over-server", "value"] - 1.0
    network = (rated + nameplate) * beyond_servers
    it = rated + nameplate + network
    pue = scenario.pue_us.value
    return pd.DataFrame(
        {
            "rated_kw": rated,
            "host_serving_kw": serving,
            "serving_kw": (rated + serving) * pue,
            "host_to_nameplate_kw": nameplate - serving,
            "network_kw": network,
            "cooling_kw": it * (pue - 1.0),
            "provisioned_kw": it * pue,
            "published_kw": published["value"],
            "provisioned_over_published": it * pue / published["value"],
            "grade": published["grade"],
        }
    ).rename_axis("card")


def share_step_by_step(scenario: Scenario) -> pd.DataFrame:
    """Return how our share of electricity in the US turns into the published one of the same card.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``step``, by the clock: ``power_kw`` at the meter, ``cost_usd_per_hour``,
        ``electricity_share`` after the step, and ``change`` by it.
    """
    mix = cost_parts(scenario, OPEN_MODEL, US, "US").loc["mix"]
    costs = gpu_hour_inputs(scenario, US, "US")
    used, tariff, pue = costs["utilisation"], costs["tariff_usd_per_kwh"], costs["pue"]
    served = hour_of_mix(costs, mix)
    busy_kw = served["gpu_power_kw"] * pue
    by_clock_kw = busy_kw * (used + costs["idle_power_fraction"] * (1.0 - used))
    rest = (mix["total"] - mix["electricity"]) / served["hours"] * used  # without electricity, by the clock
    power = power_of_cards(scenario).loc[US.gpu_model]
    rows = datasets.load_gpu_economics()
    published = rows[rows["quantity"] == "cost of an hour"].set_index("gpu_model").loc[US.gpu_model, "value"]
    beyond_servers = power["network_kw"] * pue
    steps = {
        "ours, as served": (by_clock_kw, rest),
        "every hour in use": (busy_kw, rest),
        "accelerator at its rated power": (power["serving_kw"], rest),
        "server at its nameplate": (power["provisioned_kw"] - beyond_servers, rest),
        "network and other IT": (power["provisioned_kw"], rest),
        "power as published": (power["published_kw"], rest),
        "cost of the hour as published": (power["published_kw"], published - power["published_kw"] * tariff),
        "at a part of full load": (
            power["published_kw"] * scenario.load_factor.low,
            published - power["published_kw"] * scenario.load_factor.low * tariff,
        ),
    }
    table = pd.DataFrame.from_dict(steps, orient="index", columns=["power_kw", "rest"]).rename_axis("step")
    electricity = table["power_kw"] * tariff
    table["cost_usd_per_hour"] = electricity + table.pop("rest")
    table["electricity_share"] = electricity / table["cost_usd_per_hour"]
    table["change"] = table["electricity_share"].diff().fillna(0.0)
    return table


def at_own_tariff(published: pd.DataFrame) -> pd.DataFrame:
    """Return the published shares by stack: as stated, and at the scenario's tariff.

    Parameters
    ----------
    published : pandas.DataFrame
        From `published_electricity_shares`.
    """
    chosen = published[published.index.get_level_values("tariff").isin([PUBLISHER, OWN])]
    names = [f"{stack}, as stated" if tariff == PUBLISHER else stack for stack, tariff in chosen.index]
    return chosen.set_axis(pd.Index(names, name="stack"))


def our_shares(scenario: Scenario, stacks: pd.DataFrame) -> pd.DataFrame:
    """Return electricity's share of the cost of the mix by model, place and class of the US tariff.

    Parameters
    ----------
    scenario : Scenario
        Whose tariffs.
    stacks : pandas.DataFrame
        From `analysis.tables.cost_stack.token_cost_parts`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``model``, ``served_on`` and ``tariff``: ``electricity_share``,
        ``electricity_share_of_cash`` (of electricity and other operating cost) [ratio], ``grade``.
    """
    records = {}
    for (model, place), row in stacks.xs("mix", level="kind").iterrows():
        grid = place.rpartition(", ")[2]
        classes = {**scenario.definition("tariff_us").choices, OWN: "tariff_us"}
        of_stack = stack_grade(scenario, side_of(grid)._replace(model=model))
        for word, name in (classes if grid == "US" else {grid: GRIDS[grid]}).items():
            electricity = row["kwh_per_mtok"] * usd(scenario, name)
            records[model, place, word] = {
                "electricity_share": electricity / (row["total"] - row["electricity"] + electricity),
                "electricity_share_of_cash": electricity / (row["other"] + electricity),
                "grade": worst_grade([of_stack, scenario.grade_of(name)]),
            }
    table = pd.DataFrame.from_dict(records, orient="index")
    return table.rename_axis(["model", "served_on", "tariff"])


def headlines(published: pd.DataFrame, ours: pd.DataFrame) -> dict[str, Headline]:
    """Return electricity's share as published and ours, of all cost and of cash cost, with their ends.

    Parameters
    ----------
    published : pandas.DataFrame
        From `published_electricity_shares`: stacks of a service, at the scenario's or the publisher's tariff;
        their median at part load, the least at part and the greatest at full load.
    ours : pandas.DataFrame
        From `our_shares`: median, least and greatest over places and classes of the tariff.
    """
    chosen = at_own_tariff(published[published["gpu_model"].notna()])
    middle = chosen["share_stated"].fillna(chosen["share_part_load"]).median()
    of_published = worst_grade(chosen["grade_part_load"].fillna(chosen["grade"]))
    different = ours.drop_duplicates(["electricity_share", "electricity_share_of_cash"])
    ends = different.drop(columns="grade").agg(["min", "median", "max"]).set_axis([*Range._fields]).T
    ranges = ends.assign(grade=worst_grade(ours["grade"]))
    ranges.loc["published"] = [
        chosen["share_part_load"].min(),
        middle,
        chosen["share_full_load"].max(),
        of_published,
    ]
    keys = {
        "electricity_share_of_cost_published": "published",
        "electricity_share_of_cost_ours": "electricity_share",
        "electricity_share_cash": "electricity_share_of_cash",
    }
    return headlines_of_rows(ranges, {key: (name, "share") for key, name in keys.items()})
