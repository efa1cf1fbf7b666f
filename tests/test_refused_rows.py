"""What the tables of the data refuse: a row that is wrong, and a file that is broken, each by name."""

import csv
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from analysis.inputs import datasets, packs, paths, rules
from analysis.inputs.errors import DataError

CLAIMS = f"claims/{paths.FIRST_PACK}/claims.csv"
LOADERS: dict[str, Callable] = {
    "prices_us.csv": datasets.load_prices,
    "prices_china.csv": datasets.load_prices,
    "gpu_economics.csv": datasets.load_gpu_economics,
    "sources.csv": datasets.load_sources,
    "flagship_models.csv": datasets.load_flagships,
    "china_build_ups.csv": datasets.load_build_ups,
    "facts.csv": datasets.load_facts,
    "generation.csv": datasets.load_generation,
    "energy_measured.csv": datasets.load_energy_measured,
    CLAIMS: partial(packs.load_claims, paths.FIRST_PACK),
    "assumptions.csv": datasets.load_assumptions,
    "gpu_specs.csv": datasets.load_gpu_specs,
    "ecologits_same_rows.csv": datasets.load_ecologits,
    "correlations.csv": datasets.load_correlations,
    "places.csv": partial(datasets.load_table, "places"),
    "price_changes.csv": partial(datasets.load_table, "price_changes"),
    "price_flagships.csv": partial(datasets.load_table, "price_flagships"),
    "published_electricity_shares.csv": partial(datasets.load_table, "published_electricity_shares"),
}


def corrupt(path: Path, row: int, **cells: str) -> None:
    """Change cells of the data row with this number in the file (header = 1)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[row - 2].update(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("name", "row", "cells", "message"),
    [
        ("prices_us.csv", 3, {"value": "dear"}, "row 3, column value"),
        ("prices_us.csv", 3, {"value": ""}, "row 3, column value"),
        ("prices_us.csv", 3, {"value": "-0.1"}, "row 3, column value: -0.1 fails: above zero"),
        ("prices_us.csv", 3, {"value": "inf"}, "row 3, column value"),
        ("prices_us.csv", 4, {"low": "9"}, "row 4, column low: should not exceed"),
        ("prices_us.csv", 4, {"high": "0.001"}, "row 4, column high: should not be less"),
        ("prices_us.csv", 5, {"unit": "USD/MWh"}, "row 5, column unit: 'USD/MWh'"),
        ("prices_us.csv", 5, {"currency": "CNY"}, "row 5, column currency: should be that of the unit"),
        ("prices_us.csv", 5, {"currency": ""}, "row 5, column currency: should be that of the unit"),
        ("prices_us.csv", 6, {"source": "hearsay"}, "row 6, column source: 'hearsay' is not in sources.csv"),
        ("prices_us.csv", 6, {"grade": "D"}, "row 6, column grade: 'D'"),
        ("prices_us.csv", 7, {"id": "us-avg-ind-2010"}, "column id: 'us-avg-ind-2010'"),
        ("prices_us.csv", 7, {"id": "../x"}, "row 7, column id"),
        ("prices_us.csv", 8, {"period": "soon"}, "row 8, column period: 'soon'"),
        ("prices_us.csv", 8, {"year": "2031"}, "row 8, column year: should be that"),
        ("prices_us.csv", 8, {"year": "soon"},
         "prices_us.csv, row 8, column year: 'soon' fails: a whole number"),
        ("prices_us.csv", 8, {"value": "90"},
         r"row 8, column value: should lie within 0\.001 to 5 \[USD/kWh\]"),
        ("prices_us.csv", 8, {"component": "demand charge"},
         "row 8, column unit: should be currency/kW-month where component is demand charge"),
        ("prices_china.csv", 38, {"value": "1.2"},
         r"row 38, column value: should lie within 0\.001 to 0\.5 \[share\]"),
        ("prices_china.csv", 38, {"unit": "CNY/kWh", "currency": "CNY"},
         "row 38, column unit: should be share where component is loss rate"),
        ("assumptions.csv", 15, {"value": "dear"}, "row 15, column value: 'dear' fails: a number"),
        ("assumptions.csv", 15, {"grade": ""},
         "row 15, column grade: should be filled exactly where value is"),
        ("assumptions.csv", 2, {"highest": "0"}, "row 2, column highest: should not be less than lowest"),
        ("assumptions.csv", 15, {"low": "4.5"}, "row 15, column low: should not exceed"),
        ("assumptions.csv", 15, {"source": "hearsay"}, "row 15, column source: 'hearsay' is not in"),
        ("prices_us.csv", 9, {"tax_level": "some"}, "row 9, column tax_level: 'some'"),
        ("prices_us.csv", 9, {"consumer_class": "big"}, "row 9, column consumer_class: 'big'"),
        ("prices_us.csv", 9, {"component": "delivery"}, "row 9, column component"),
        ("prices_us.csv", 9, {"note": "Recalled from memory"}, "row 9, column note: a figure recalled"),
        ("prices_china.csv", 3, {"id": "us-avg-ind-2025-06"}, "'us-avg-ind-2025-06' stands in two files"),
        ("gpu_economics.csv", 2, {"accelerators": "0"}, "row 2, column accelerators"),
        ("gpu_economics.csv", 2, {"source": "hearsay"}, "row 2, column source"),
        ("sources.csv", 2, {"url": "ftp://x"}, "row 2, column url"),
        ("sources.csv", 2, {"published": "some day"}, "row 2, column published"),
        ("flagship_models.csv", 2, {"model_id": "claude-99"}, "row 2, column model_id: the catalogue has no"),
        ("flagship_models.csv", 2, {"provider_id": "zai", "model_id": "glm-4.7-flash"}, "no list price"),
        ("flagship_models.csv", 3, {"country": "FR"}, "row 3, column country"),
        ("china_build_ups.csv", 2, {"energy_rows": "cn-nowhere"},
         "row 2, column energy_rows: 'cn-nowhere' is not in"),
        ("china_build_ups.csv", 2, {"energy_rows": "cn-gansu-demand-2026-08"},
         "row 2, column energy_rows: 'cn-gansu-demand-2026-08' is 'demand charge', not energy"),
        ("china_build_ups.csv", 2, {"hub": "maybe"}, "row 2, column hub"),
        ("facts.csv", 3, {"unit": "tokens"}, "row 3, column unit"),
        ("facts.csv", 3, {"source": "hearsay"}, "row 3, column source"),
        ("facts.csv", 4, {"high": "0.1"}, "row 4, column high: should not be less"),
        ("generation.csv", 2, {"metric": "hope"}, "row 2, column metric"),
        ("generation.csv", 2, {"year": "1950"}, "row 2, column year: should be that"),
        ("energy_measured.csv", 2, {"params_active_b": "4e3"},
         "row 2, column params_active_b: should not exceed"),
        ("energy_measured.csv", 2, {"gpu_count": "0"}, "row 2, column gpu_count"),
        ("gpu_specs.csv", 2, {"tdp_w": "-400"}, "row 2, column tdp_w: -400.0 fails: above zero"),
        ("ecologits_same_rows.csv", 2, {"id": "mle9"},
         "row 2, column id: 'mle9' is not in energy_measured.csv"),
        (CLAIMS, 2, {"value_low": "9"}, "row 2, column value_low: should not exceed"),
        (CLAIMS, 2, {"value_low": "", "value_high": ""},
         "row 2, column value_low: should be filled where value_high is blank"),
        (CLAIMS, 2, {"unit": "furlong"}, "row 2, column unit"),
        (CLAIMS, 2, {"evidence": "nowhere-*"}, "row 2, column evidence: no data row"),
        ("price_changes.csv", 4, {"model_id": "claude-3-5-haiku-20241022"},
         "row 4, column model_id: should stand once for each observed and provider_id"),
        ("price_changes.csv", 2, {"input_usd_per_mtok": ""},
         "row 2, column output_usd_per_mtok: should be filled exactly where input_usd_per_mtok is"),
        ("price_changes.csv", 2, {"observed": "soon"}, "row 2, column observed"),
        ("places.csv", 2, {"price_rows": "us-nowhere"}, "row 2, column price_rows: 'us-nowhere' is not in"),
        ("places.csv", 2, {"side": "eu"}, "row 2, column side: 'eu'"),
        ("places.csv", 2, {"grid": "Gansu"}, "row 2, column grid: should be blank where side is us"),
        ("places.csv", 2, {"tariff": "0.1"}, "row 2, column tariff: should be filled exactly where source"),
        ("places.csv", 2, {"pue": "0.9"}, "row 2, column pue: 0.9 fails"),
        ("places.csv", 2, {"pue_source": ""}, "row 2, column pue: should be filled exactly where pue_source"),
        ("places.csv", 3, {"unit": "MYR/kWh"}, "row 3, column currency: should be that of the unit"),
        ("places.csv", 3, {"tariff": "9"}, r"row 3, column tariff: should lie within 0\.001 to 5"),
        ("places.csv", 3, {"source": "hearsay"}, "row 3, column source: 'hearsay' is not in sources.csv"),
        ("places.csv", 3, {"place": "Arizona"}, "column place: 'Arizona'"),
        ("price_flagships.csv", 2, {"input_usd_per_mtok": "0"}, "row 2, column input_usd_per_mtok"),
        ("price_flagships.csv", 2, {"source": "models_dev_history"},
         "row 2, column package: should be blank where source is models_dev_history"),
        (CLAIMS, 2, {"evidence": "or-[a-z]*"}, "row 2, column evidence: no data row"),
        (CLAIMS, 2, {"evidence": "or-cn-grwth-2026-02"}, "did you mean or-cn-growth-2026-02?"),
        (CLAIMS, 2, {"paragraph": ""}, "row 2, column paragraph"),
        (CLAIMS, 2, {"topic": "token shares"}, "column topic: .*did you mean token share?"),
        (CLAIMS, 2, {"claimed_basis": "all trafic"}, "not in bases.csv; did you mean all traffic"),
        (CLAIMS, 2, {"evidence_basis": "top 10 models"}, "evidence_basis: 'top 10 models' is not in"),
        (CLAIMS, 2, {"same_as": "p99-none"}, "column same_as: 'p99-none' is not in .*claims.csv"),
        (CLAIMS, 2, {"stronger": "lower"}, "column stronger: 'lower' fails: one of low"),
        ("correlations.csv", 6, {"loading": "1.5"}, "row 6, column loading: '?1.5'? fails: 1 or less"),
        ("correlations.csv", 2, {"source": "nobody"}, "row 2, column source: 'nobody' is not in sources.csv"),
        ("published_electricity_shares.csv", 4, {"capital_cost": "maybe"},
         "row 4, column capital_cost: .*one of"),
        ("published_electricity_shares.csv", 4, {"cost_rows": "pub-tco-h0"},
         "row 4, column cost_rows: .*'pub-tco-h0'"),
        ("published_electricity_shares.csv", 4, {"power_gw": "1"},
         "row 4, column power_row: should be blank where"),
    ],
)  # fmt: skip
def test_a_corrupted_row_is_named(data_copy: Path, name: str, row: int, cells: dict, message: str) -> None:
    corrupt(data_copy / name, row, **cells)
    with pytest.raises(DataError, match=message) as caught:
        LOADERS[name](data_copy)
    assert Path(name).stem in str(caught.value)


@pytest.mark.parametrize(
    ("name", "row", "cells", "message"),
    [
        ("claims", 2, {"value_low": "-16.7"}, r"column value_low: should lie within 0\.001 to 10 \[share\]"),
        ("claims", 2, {"value_high": "610000"}, r"column value_high: should lie within"),
        ("claims", 2, {"unit": "TWh"}, "column unit: should be share where quantity is"),
        ("assumptions", 16, {"low": "-0.4"}, "column low: should not be less than lowest"),
        ("assumptions", 24, {"unit": "eternities"}, "column unit: 'eternities' fails: one of"),
        ("assumptions", 24, {"unit": "share"}, "column unit: should be one of allowed_units"),
        ("assumptions", 24, {"allowed_units": "aeons"}, r"column lowest: no bounds for \[aeons\]"),
        ("model_cards", 2, {"layers": "262144"}, "column layers: 262144.0 fails: 500 or less"),
        ("generation", 2, {"value": "-4.3"}, "column value: -4.3 fails: above zero"),
        ("generation", 2, {"unit": "GW"}, r"column unit: should be TWh where metric is electricity"),
        ("generation", 420, {"unit": "TWh"}, r"column unit: should be GW where metric is"),
        ("energy_assumptions", 2, {"low": "0.6"}, "column value: should lie between low and high"),
        ("energy_assumptions", 3, {"low": "1.36", "high": "1"},
         "column value: should not exceed high where kind"),
        ("energy_assumptions", 2, {"name": "host_power"}, "column name: 'host_power' fails: one of"),
        ("energy_coefficients", 2, {"low": "1.9"}, "column low: should not exceed value"),
        ("energy_coefficients", 2, {"high": "1.3"}, "column high: should not be less than value"),
        ("energy_coefficients", 2, {"start": "6"}, "column start: should not exceed greatest"),
        ("energy_held_out", 2, {"energy_j_per_output_token_p5": "40"},
         "column energy_j_per_output_token_p5: should not exceed energy_j_per_output_token_p50"),
        ("energy_held_out", 2, {"id": "mle9"}, "column id: 'mle9' is not in energy_measured.csv"),
        ("energy_measured", 2, {"workload": "chess"},
         "column workload: 'chess' is not in workload_lengths.csv"),
        ("energy_measured", 2, {"gpu_model": "H1"}, "column gpu_model: 'H1' is not in gpu_specs.csv"),
        ("energy_measured", 2, {"precision": "bf61"}, "column precision: 'bf61' is not in precisions.csv"),
        ("energy_measured", 2, {"gpu_power_w": "9"}, "column gpu_power_w: 9.0 fails: 10 or more"),
        ("energy_measured", 2, {"batch": "90000"},
         r"column gpu_power_w: should be 0\.05 to 3000 times value"),
        ("correlations", 2, {"name": "gpu_price_xx"},
         "column name: 'gpu_price_xx' is not in assumptions.csv"),
        ("published_electricity_shares", 2, {"gpu_model": "H1"},
         "column gpu_model: 'H1' is not in gpu_specs.csv"),
        ("article_figures", 2, {"unit": "furlong"}, "column unit: 'furlong' fails: one of"),
        ("gpu_economics", 2, {"value": "2.7"}, r"column value: should lie within 10000 to 1e9 \[CNY\]"),
        ("gpu_economics", 2, {"unit": "kW", "currency": ""},
         "column unit: should be currency where quantity is"),
        ("prices_us", 3, {"id": "renamed"}, "column id: should begin with us- or eu- or cn-"),
        ("prices_us", 3, {"id": "us-avg-ind"}, "column id: should hold the year"),
        ("prices_us", 3, {"value": "0.08_04"}, "'0.08_04' fails: a number"),
    ],
)  # fmt: skip
def test_what_is_not_plausible_is_refused(
    data_copy: Path, name: str, row: int, cells: dict, message: str
) -> None:
    table = "prices" if name.startswith("prices") else name
    file = f"{name}.csv" if table == "prices" else rules.files_of(name)[0]
    corrupt(data_copy / file, row, **cells)
    with pytest.raises(DataError, match=rf"^{re.escape(file)}, row {row}, (?s:.*){message}"):
        datasets.load_table(table, data_copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.partition("\n")[0] + "\n", r"^prices_us\.csv: holds no row$"),
        (lambda text: text.replace("grade,", "mark,", 1), "prices_us.csv: missing column 'grade'"),
        (lambda text: text.replace("\n", ",extra\n", 1), "prices_us.csv"),
        (lambda text: "", "not a readable CSV"),
        (lambda text: text.replace("id,", "id,id2,", 1), "prices_us.csv"),
    ],
)
def test_a_broken_table_is_named(data_copy: Path, change: Callable[[str], str], message: str) -> None:
    path = data_copy / "prices_us.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        datasets.load_prices(data_copy)


def test_one_cell_gives_one_message(data_copy: Path) -> None:
    corrupt(data_copy / "prices_us.csv", 3, value="-inf")
    with pytest.raises(DataError) as caught:
        datasets.load_prices(data_copy)
    assert str(caught.value).count("row 3, column value") == 1


def test_a_missing_file_is_named(data_copy: Path) -> None:
    (data_copy / "prices_us.csv").unlink()
    with pytest.raises(DataError, match=r"prices_us\.csv: No such file"):
        datasets.load_prices(data_copy)


def test_many_problems_are_summed_up(data_copy: Path) -> None:
    path = data_copy / "prices_us.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("USD/kWh", "USD/MWh"), encoding="utf-8")
    with pytest.raises(DataError, match=r"and \d+ more"):
        datasets.load_prices(data_copy)
