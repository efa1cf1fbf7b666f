"""The strongest case for electricity: each channel as a factor on cost, and all of them together.

A factor is a cost in the US over one at the hub with everything alike but what the channel names. Its ends
are corners: all that enters at its low or high end at once, which is wider than an interval of 90 %.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.rules import row_ids
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import HOURS_PER_YEAR, MONTHS_PER_YEAR, worst_grade
from analysis.model.spread import blended_price
from analysis.tables.cost_grade import stack_grade
from analysis.tables.cost_stack import OPEN_MODEL, cash_cost_ratio, usd
from analysis.tables.headline import Headline, headlines_of_rows
from analysis.tables.time_to_power import (
    SIDE,
    Stack,
    capacity_prices,
    capacity_rise,
    log_share,
    power_stack,
    power_stacks,
    power_waits,
    row_range,
    usd_range,
)
from analysis.tables.us_classes import us_classes

REFERENCE = "Tariff in the full cost"
"""What the channels stand beside: the gap in tariffs, in a cost that holds everything."""

CASH, WAITING, OF_DEVELOPMENT = "Prices at cash cost", "Waiting for power", "Training"
"""Channels; the last is a share of the cost of development, not of serving."""

CAPACITY, OWN_PLANT, SUBSIDY = "Capacity price", "Own gas plant", "Subsidised hub power"
"""Channels of the price of power itself."""

MORE_POWER, TRAINING, SYSTEM_POWER = "chips-more-power", "pub-training-electricity", "cm384-power"
"""Rows: power of domestic chips over that of an H20, for the same tokens; energy in the cost of development;
power of a system of domestic chips."""

HOURS = ("cn-zhejiang-valley-2026-07", "cn-zhejiang-deep-valley-2026-07")
"""Facts: prices of cheap hours over the flat one."""

UNSUBSIDISED, SUBSIDISED = "tariff_cn_hub_delivered", "tariff_cn_hub_subsidised"

SUNK, DOMESTIC_HUB = "sunk capital", "China, subsidised hub"
"""Path of the row where one side alone asks cash cost; where domestic accelerators are served."""
CHINESE_POWER = ("hub", "average", "subsidised hub")
"""Chinese grids that US power is set beside."""


def corners(factor: Callable[..., float], *axes: Sequence[Any]) -> Range:
    """Return a factor at the values, and its ends over all corners; an axis is low, value and high.

    Examples
    --------
    >>> corners(lambda a, b: a / b, (1.0, 2.0, 4.0), (1.0, 1.0, 2.0))
    Range(low=0.5, value=2.0, high=4.0)
    """
    at_corners = [factor(*corner) for corner in product(*axes)]
    return Range(min(at_corners), factor(*(axis[1] for axis in axes)), max(at_corners))


def cash_ratio(stack: Stack, tariff: float, base: float) -> float:
    """Return cash cost at one tariff over that at another [ratio]."""
    return stack.cash(tariff) / stack.cash(base)


def channel_factors(scenario: Scenario) -> dict[str, Range]:
    """Return the factor of each channel alone [ratio], by name."""
    stacks, one = list(power_stacks(scenario).values()), power_stack(scenario, DOMESTIC_HUB)
    us, hub, own = (usd_range(scenario, name) for name in ("tariff_us", "tariff_cn_hub", "onsite_power_us"))
    wait, rise, share = usd_range(scenario, "power_wait"), capacity_rise(scenario), row_range(TRAINING)
    full, paid = (usd_range(scenario, name) for name in (UNSUBSIDISED, SUBSIDISED))
    hours = [1.0, *(row_range(row).value for row in HOURS)]

    def cost(stack: Stack, tariff: float, base: float) -> float:
        return stack.cost(tariff) / stack.cost(base)

    def waiting(stack: Stack, tariff: float, years: float) -> float:
        return stack.cost(tariff, years) / stack.cost(tariff)

    def added(stack: Stack, tariff: float, rise: float) -> float:
        return stack.cost(tariff + rise) / stack.cost(tariff)

    def scaled(stack: Stack, tariff: float, scale: float) -> float:
        return stack.cost(tariff) / stack.cost(tariff * scale)

    def training(share: float, tariff: float, base: float) -> float:
        return 1.0 / (1.0 - share + share * base / tariff)

    return {
        REFERENCE: corners(cost, stacks, us, hub),
        CASH: corners(cash_ratio, stacks, us, hub),
        WAITING: corners(waiting, stacks, us, wait),
        CAPACITY: corners(added, stacks, us, rise),
        OWN_PLANT: corners(cost, stacks, own, us),
        SUBSIDY: corners(cost, (one, one, one), full, paid),
        "Chips that take more power": corners(scaled, stacks, hub, row_range(MORE_POWER)),
        OF_DEVELOPMENT: corners(training, share, us, hub),
        "Power by the hour": corners(scaled, stacks, hub, hours),
    }


def strongest_channels(scenario: Scenario) -> pd.DataFrame:
    """Return each channel with its factor, the share of the claimed spread, its argument and what is against.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``channel``: ``low``, ``value``, ``high`` [ratio], ``share_low``, ``share``, ``share_high``
        of the logarithm of the claimed spread, ``own_grade`` (weakest of the channel's own rows), ``grade``
        (of all that enters), ``condition`` (what it assumes without a source), ``argument``, ``against``.
    """
    table = datasets.load_table("strongest_channels").set_index("channel")
    rows = pd.concat([datasets.load_facts(), datasets.load_gpu_economics()])["grade"]
    entries, cost = scenario.assumptions(), stack_grade(scenario, SIDE)
    factors = {name: factor._asdict() for name, factor in channel_factors(scenario).items()}
    found = pd.DataFrame.from_dict(factors, orient="index").loc[table.index]
    found[["share_low", "share", "share_high"]] = log_share(scenario, found)
    own = [
        [
            *rows[[*row_ids(row.fact_rows), *row_ids(row.cost_rows)]],
            *(entries[name].grade for name in row_ids(row.assumptions)),
        ]
        for row in table.itertuples()
    ]
    found["own_grade"] = list(map(worst_grade, own))
    of_cost = pd.Series(cost, found.index).where(found.index != OF_DEVELOPMENT, "A")
    found["grade"] = list(map(worst_grade, zip(found["own_grade"], of_cost, strict=True)))
    wait = scenario.power_wait.value
    told = {WAITING: f"({wait:g} year{'s' * (wait != 1.0)}, assumed)"}
    found["condition"] = [told.get(name, "") for name in found.index]
    return found.join(table[["argument", "against"]])


def strongest_together(scenario: Scenario) -> pd.DataFrame:
    """Return the ratio of cost when the channels act one upon the other, at their three cases.

    Each row holds all rows above it, so that the factors of the rows multiply to the ratio of the last. US
    power is that of the grid with the rise of the capacity price, or that of one's own plant where it costs
    more, never both. Two rows leave this path: where both sides ask cash cost, waiting cannot count; where
    the US asks full cost and China cash cost, sunk capital makes most of the ratio.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``step``: ``low``, ``value``, ``high`` [ratio] (all at the end that is worst for the
        thesis, at the values, all at the best), ``factor`` of the step at the values [ratio], ``share`` of
        the logarithm of the claimed spread, ``remains`` of it [ratio], ``path``, ``grade``: the weakest of
        the channels that act together.
    """
    low, value, high = (_steps_at(scenario, end) for end in Range._fields)
    table = pd.DataFrame({"low": low, "value": value, "high": high}).rename_axis("step")
    path = table.index[:-2]
    table["factor"] = table["value"] / table["value"].shift(fill_value=1.0).where(table.index.isin(path))
    table["share"] = log_share(scenario, table["value"])
    table["remains"] = scenario.root.api_spread_claim.value / table["value"]
    table["path"] = ["full cost"] * len(path) + ["cash cost", SUNK]
    grades = strongest_channels(scenario)["grade"]
    return table.assign(grade=worst_grade(grades[[REFERENCE, CASH, WAITING, CAPACITY, OWN_PLANT, SUBSIDY]]))


def _steps_at(scenario: Scenario, end: str) -> dict[str, float]:
    """Return the ratio after each step, with everything at one end for the thesis."""
    opposite = {"low": "high", "value": "value", "high": "low"}[end]
    us, own, wait = (
        getattr(usd_range(scenario, name), end) for name in ("tariff_us", "onsite_power_us", "power_wait")
    )
    hub, subsidised = (getattr(usd_range(scenario, name), opposite) for name in ("tariff_cn_hub", SUBSIDISED))
    paid = min(hub, subsidised)
    scarce = max(us + getattr(capacity_rise(scenario), end), own)

    def steps(stack: Stack) -> dict[str, float]:
        return {
            "Tariffs": stack.cost(us) / stack.cost(hub),
            "and subsidised hub power": stack.cost(us) / stack.cost(paid),
            "and scarce US power": stack.cost(scarce) / stack.cost(paid),
            "and waiting for power": stack.cost(scarce, wait) / stack.cost(paid),
            "Cash cost at both sites": stack.cash(scarce) / stack.cash(paid),
            "US full cost over Chinese cash cost": stack.cost(scarce, wait) / stack.cash(paid),
        }

    found = pd.DataFrame({name: steps(stack) for name, stack in power_stacks(scenario).items()})
    chosen = {"low": found.min(axis=1), "value": found["value"], "high": found.max(axis=1)}[end]
    return {str(step): float(ratio) for step, ratio in chosen.items()}


def marginal_costs(scenario: Scenario) -> pd.DataFrame:
    """Return ratios of cost of the open model, US over China, by class of US tariff and Chinese grid.

    Unlike the channels, each site has its own prices, accelerators and PUE, as in `cash_cost_ratio`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``chinese_power`` and ``tariff_us``: the columns of `cash_cost_ratio`, and ``cash_share``
        and ``electricity_share`` of the logarithm of the claimed spread.
    """
    grids = {grid: cash_cost_ratio(scenario, grid).xs(OPEN_MODEL, level="model") for grid in CHINESE_POWER}
    table = pd.concat(grids, names=["chinese_power"]).rename(index=lambda word: word.replace("_", " "))
    for part in ("cash", "electricity"):
        table[f"{part}_share"] = log_share(scenario, table[f"{part}_ratio"])
    return table


def subsidy_a_year(scenario: Scenario) -> dict[str, float]:
    """Return what subsidised power saves one system of domestic accelerators, and a token of theirs.

    Returns
    -------
    dict
        ``kwh_a_year`` at the meter, ``usd_a_year``, ``usd_per_mtok``, ``share`` of the cost without it, and
        ``power_ratio``: power for the same tokens over that of the other side's accelerator, by the model.
    """
    full, paid = (usd_range(scenario, name).value for name in (UNSUBSIDISED, SUBSIDISED))
    used = scenario.utilisation_cn.value
    busy = used + scenario.idle_power.value * (1.0 - used)
    kwh = row_range(SYSTEM_POWER).value * busy * scenario.pue.value * HOURS_PER_YEAR
    stack, other = (power_stack(scenario, place) for place in (DOMESTIC_HUB, "China, hub"))
    saved = stack.cost(full) - stack.cost(paid)
    return {
        "kwh_a_year": kwh,
        "usd_a_year": kwh * (full - paid),
        "usd_per_mtok": saved,
        "share": saved / stack.cost(full),
        "power_ratio": stack.kwh_per_mtok / other.kwh_per_mtok,
    }


def price_over_cost(scenario: Scenario) -> dict[str, float]:
    """Return the Chinese price that the article gives [USD/Mtok], and ratios of price and costs.

    Price is that of the mix, over full cost and over cash cost at the hub; ``full_over_cash_us`` is full over
    cash cost at one and the same US tariff.
    """
    price = blended_price(
        input_price=usd(scenario.root, "price_cn_input"),
        output_price=usd(scenario.root, "price_cn_output"),
        input_tokens_per_output_token=scenario.input_tokens_per_output_token.value,
    )
    stack = power_stacks(scenario)["value"]
    hub, us = usd(scenario, "tariff_cn_hub"), usd(scenario, "tariff_us")
    return {
        "price_usd_per_mtok": float(price),
        "over_full_cost": float(price) / stack.cost(hub),
        "over_cash_cost": float(price) / stack.cash(hub),
        "full_over_cash_us": stack.cost(us) / stack.cash(us),
    }


def strongest_channel(channels: pd.DataFrame) -> str:
    """Return the channel with the largest factor at the values, the reference left out."""
    return str(channels["value"].drop(REFERENCE).idxmax())


def _best_together(scenario: Scenario) -> pd.Series:
    """Return the row of all channels together, on the better of the two paths that power can take."""
    together = strongest_together(scenario)
    paths = together[together["path"] != SUNK]
    return paths.loc[paths["value"].astype(float).idxmax(), [*Range._fields, "grade"]]


def headlines(scenario: Scenario) -> dict[str, Headline]:
    """Return the best single factor, that of all channels together, and what scarcity costs.

    All channels together are those of the better path; the highest is that over the classes of US tariff. The
    best of the channels has the weakest grade of all among which it is the best.
    """
    channels = strongest_channels(scenario)
    by_class = [_best_together(one) for one in us_classes(scenario).values()]
    waits = power_waits(scenario).rename(
        columns={"cost_ratio_low": "low", "cost_ratio": "value", "cost_ratio_high": "high"}
    )
    delivery = datasets.load_facts().loc["capacity-2027", "basis"]
    ranges = pd.DataFrame(
        {
            "factor": channels.assign(grade=worst_grade(channels["grade"])).loc[strongest_channel(channels)],
            "together": _best_together(scenario),
            "together_highest": max(by_class, key=lambda found: float(found["value"])),
            "wait": waits.loc[round(scenario.power_wait.value * MONTHS_PER_YEAR)],
            "capacity": capacity_prices(scenario).loc[delivery],
        }
    ).T
    rows = {
        "strongest_case_factor": ("factor", "ratio"),
        "strongest_case_together": ("together", "ratio"),
        "strongest_case_together_highest": ("together_highest", "ratio"),
        "stranded_year_factor": ("wait", "ratio"),
        "capacity_price_usd_per_kwh": ("capacity", "USD/kWh"),
    }
    return headlines_of_rows(ranges, rows)
