"""What the class of the US tariff decides: the ratios, the load and the offset of GPUs, a row a class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.money import column_in_currency, in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import gpu_offset as model
from analysis.tables import gpu_offset, price_evidence

OWN = {True: "article's own", False: "this run's own"}
"""What a US tariff is called that is none of the classes: by whether the scenario is the article's."""


def us_classes(scenario: Scenario) -> dict[str, Scenario]:
    """Return the scenario at each class of US tariff, by the word of the choice.

    A US tariff that is none of the classes, the article's or an override, comes first under its own name.

    Examples
    --------
    >>> from analysis.inputs.scenario import load_scenario
    >>> list(us_classes(load_scenario("article")))
    ["article's own", 'industrial', 'commercial', 'data_centre']
    >>> list(us_classes(load_scenario("audited")))
    ['industrial', 'commercial', 'data_centre']
    """
    words = scenario.definition("tariff_us").choices
    found = {word: scenario.choosing("tariff_us", word) for word in words}
    if scenario.tariff_us in [choice.tariff_us for choice in found.values()]:
        return found
    return {OWN[scenario.tariff_us.paragraph is not None]: scenario, **found}


def class_of(scenario: Scenario) -> str:
    """Return the word of the class that the scenario's US tariff is, or what it is called if it is none.

    Examples
    --------
    >>> from analysis.inputs.scenario import load_scenario
    >>> class_of(load_scenario("audited"))
    'data_centre'
    """
    classes = us_classes(scenario)
    return next(word for word, chosen in classes.items() if chosen.tariff_us == scenario.tariff_us)


def class_effects(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return what each class of US tariff makes of the ratios and of the offset of GPUs.

    Parameters
    ----------
    scenario : Scenario
        Gives the Chinese tariffs and the claim: saving, years, share.
    currency : str
        ISO 4217 code of the tariffs shown.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``class``: the tariff's ``low``, ``value``, ``high`` [currency/kWh] and ``usd_value``
        [USD/kWh]; ``cheapest_state``, ``most_expensive_state`` [currency/kWh], how states that host data
        centres differ, and ``of_states``, how many and of which year; ``usd_year_so_far``, the mean of the
        months after the main year [USD/kWh, grade C]; ``to_average``, ``to_hub`` and one column a
        choice of the hub tariff [1], the US tariff over the Chinese one at middle values, with
        ``to_average_low`` and ``to_average_high`` over all pairings;
        ``implied_load_mw``, the load that the claimed saving implies at this tariff; ``offset_share`` [1] and
        ``offset_years`` [years], what the load that the claim itself implies saves within the claimed years,
        and the years in which it saves the claimed share; blank without a gap.

    Notes
    -----
    With tariffs ``t`` and the claim's energy ``E``, years ``y``, share ``s`` and purchase ``P``, the share is
    ``E (t_us - t_hub) y / P`` and the years are ``s P / (E (t_us - t_hub))``.
    """
    home = (scenario.tariff_cn_average, scenario.tariff_cn_hub)
    average, hub = (in_currency(tariff, currency) for tariff in home)
    home_grades = [tariff.grade for tariff in home]
    hubs = scenario.definition("tariff_cn_hub").choices
    other_hubs = {word: in_currency(scenario.entries[name], currency).value for word, name in hubs.items()}
    claimed_load = float(gpu_offset.implied_energy(scenario, currency)[gpu_offset.MID])
    purchase = gpu_offset.implied_purchase(scenario, currency)
    years, share = scenario.offset_years.value, scenario.offset_share.value
    saving = in_currency(scenario.annual_saving, currency).value
    states, so_far = state_ends(currency), usd_year_so_far()

    records = {}
    for word, chosen in us_classes(scenario).items():
        tariff = in_currency(chosen.tariff_us, currency)
        gap = {"dear_tariff": tariff.value, "cheap_tariff": hub.value}
        saved = model.offset(
            energy_gwh_per_year=claimed_load, purchase=purchase, horizon_years=years, discount_rate=0.0, **gap
        )
        records[word] = {
            **tariff._asdict(),
            "usd_value": in_currency(chosen.tariff_us, "USD").value,
            **states.get(word, States(np.nan, np.nan, ""))._asdict(),
            "usd_year_so_far": so_far.get(word, np.nan),
            "to_average": tariff.value / average.value,
            "to_average_low": tariff.low / average.high,
            "to_average_high": tariff.high / average.low,
            "to_hub": tariff.value / hub.value,
            **{f"to_{name}_hub": tariff.value / price for name, price in other_hubs.items()},
            "implied_load_mw": model.mean_load_mw(model.implied_energy(saving, **gap)),
            "offset_share": saved.offset_share,
            "offset_years": share * years / saved.offset_share if saved.offset_share > 0.0 else np.nan,
            "period": chosen.tariff_us.period,
            "grade": worst_grade([chosen.tariff_us.grade, *home_grades]),
            "source": chosen.tariff_us.source,
        }
    return pd.DataFrame.from_dict(records, orient="index").rename_axis("class")


class States(NamedTuple):
    """How a price differs between states that host data centres [currency/kWh], how many, and when."""

    cheapest_state: float
    most_expensive_state: float
    of_states: str


def state_ends(currency: str) -> dict[str, States]:
    """Return the cheapest and most expensive state by class, of those that host data centres [currency/kWh].

    Of industry in the main year; of commerce two years before it, the last year that was found by state.
    """
    prices = datasets.load_prices()
    us = prices[(prices["region"] == "US") & (prices["component"] == "delivered")]
    industry = price_evidence.us_states(us)
    year = str(price_evidence.MAIN_YEAR - 2)
    commerce = us[(us["consumer_class"] == "commercial") & (us["period"] == year)]
    commerce = commerce[commerce["area"].isin(industry["area"])]
    found = {}
    for word, rows in (("industrial", industry), ("commercial", commerce)):
        price = column_in_currency(rows, currency)
        found[word] = States(
            float(price.min()), float(price.max()), f"{len(rows)} in {rows['period'].iloc[0]}"
        )
    return found


def usd_year_so_far() -> dict[str, float]:
    """Return the mean of the months after the main year by class of the national means [USD/kWh]."""
    prices = datasets.load_prices()
    months = prices[(prices["area"] == price_evidence.US_AREA) & (prices["component"] == "delivered")]
    after = (months["year"] == price_evidence.MAIN_YEAR + 1) & months["period"].str.contains(
        "..", regex=False
    )
    return months[after].set_index("consumer_class")["value"].to_dict()
