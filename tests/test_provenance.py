"""Where numbers come from: every row names a source, every source is used, names agree."""

import csv
import re
from functools import partial

import pytest

from analysis.inputs import datasets, energy_tables, paths
from analysis.inputs.scenario import load_scenario, scenario_names

ROOT = paths.project_root()
SHARED = ROOT.parent / "shared" / "facts"


def sources_in_use() -> set[str]:
    used = set()
    loaders = (
        datasets.load_prices,
        datasets.load_gpu_economics,
        datasets.load_flagships,
        datasets.load_facts,
        datasets.load_generation,
        datasets.load_energy_measured,
        datasets.load_gpu_specs,
        datasets.load_precisions,
        datasets.load_machines,
        datasets.load_workloads,
        datasets.load_model_cards,
        partial(datasets.load_table, "closed_models"),
        datasets.load_energy_assumptions,
        energy_tables.load_throughput_measured,
        energy_tables.load_prefill_rates,
        energy_tables.load_loads,
        energy_tables.load_attentions,
        datasets.load_hosts,
        datasets.load_host_tariffs,
        partial(datasets.load_table, "places"),
        partial(datasets.load_table, "published_electricity_shares"),
        partial(datasets.load_table, "published_requests"),
        partial(datasets.load_table, "price_flagships"),
        partial(datasets.load_table, "price_changes"),
        datasets.load_correlations,
    )
    for load in loaders:
        used |= set(load()["source"].dropna())
    places = datasets.load_table("places")
    for column in ("pue_source", "carbon_source", "capital_source"):
        used |= set(places[column].dropna())
    noted = (
        partial(datasets.load_table, "places"),
        datasets.load_energy_assumptions,
        datasets.load_gpu_specs,
        datasets.load_machines,
        datasets.load_model_cards,
    )
    for note in (note for load in noted for note in load()["note"].dropna()):
        used |= set(re.findall(r"[a-z]+(?:_[a-z0-9]+)+", note))
    for name in scenario_names():
        for entry in load_scenario(name).assumptions().values():
            used |= {entry.source, *re.findall(r"[a-z]+(?:_[a-z0-9]+)+", entry.note)}
    return used


def test_every_source_is_used_and_every_used_source_is_known() -> None:
    known = set(datasets.load_sources()["id"])
    used = sources_in_use()
    assert known <= used
    for name in scenario_names():
        assert {entry.source for entry in load_scenario(name).assumptions().values()} <= known


def test_every_row_that_a_scenario_names_is_there() -> None:
    known = set(datasets.load_prices().index) | set(datasets.load_flagships().index)
    for name in scenario_names():
        for entry in load_scenario(name).assumptions().values():
            assert set(entry.rows) <= known


def test_an_independent_number_names_rows_or_a_source() -> None:
    audited = load_scenario("audited")
    for name, entry in audited.assumptions().items():
        if entry != getattr(audited.root, name):
            assert entry.rows or "nda_pue_2024" in entry.note, name


@pytest.mark.skipif(not SHARED.is_dir(), reason="the collected facts are not at hand")
def test_rows_agree_with_the_collected_facts() -> None:
    """US and Eurostat rows against the facts that they were taken from."""
    with (SHARED / "industrial_prices.csv").open(encoding="utf-8", newline="") as file:
        facts = {
            (row["region"], row["subregion"], row["period"] if row["period"] != "annual" else row["year"],
             row["consumer_class"], row["tax_treatment"]): float(row["price"])
            for row in csv.DictReader(file)
        }  # fmt: skip
    prices = datasets.load_prices()
    checked = 0
    for (region, state, period, consumer_class, _), price in facts.items():
        if region == "United States" and consumer_class == "industrial, all utilities":
            row = f"us-{re.sub(r'[^a-z]+', '-', state.lower()) if state else 'avg'}-ind-{period}"
            assert prices.loc[row, "value"] == price
            checked += 1
    for (region, _, period, consumer_class, tax), price in facts.items():
        if (
            region == "EU-27"
            and consumer_class.startswith("Eurostat band")
            and period >= "2010"
            and tax.startswith("excluding VAT")
        ):
            band = consumer_class.split()[2].lower()
            assert prices.loc[f"eu-eu27-{band}-xvat-{period.lower()}", "value"] == price
            checked += 1
    assert checked > 350
