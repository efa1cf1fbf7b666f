"""One loader a table: read once, checked against ``data/columns.csv``, returned as a typed frame.

A file that breaks a rule is refused with the row and the column; ``data/README.md`` lists the
columns and what they mean.
"""

from pathlib import Path

import pandas as pd

from analysis.inputs import catalogue, paths, rules
from analysis.inputs.errors import DataError
from analysis.inputs.reading import read_once
from analysis.inputs.rules import ids_by_row, row_ids

IF_UNKNOWN = ("low", "value", "high")
PEAKS = ("16bit", "fp8", "fp4")
"""Which end a row stands in for, and at which peak rate, in the order of the energy model's arrays."""

_BUILD_UP_PARTS = {
    "rate_rows": ("energy rate", "delivered"),
    "demand_rows": ("demand charge",),
    "energy_rows": ("energy",),
    "loss_rows": ("loss", "loss rate"),
    "t_and_d_rows": ("t_and_d",),
    "system_rows": ("system",),
    "funds_rows": ("funds",),
}
"""Which components the rows of each column of the build-ups may have."""

_NOT_OF_QUOTES = ("pinned_countries", "pin_price_ratio", "source", "note")
"""Columns of a host that no quote needs."""


@read_once
def load_table(name: str, folder: Path = paths.DATA) -> pd.DataFrame:
    """Return a table by its name in ``columns.csv``, indexed by its key where it has one.

    Raises
    ------
    DataError
        If a file breaks a rule, a cell refers to a row that is not there, or two files share a key.
    """
    columns, files = rules.load_columns(folder), rules.files_of(name)
    columns = columns[columns["table"] == name]
    frames = []
    for file in files:
        frame = rules.read_checked(folder / file, columns, file)
        rules.check_references(file, frame, columns, lambda other: load_table(other, folder).index)
        frames.append(frame)
    table = pd.concat(frames, ignore_index=True)
    for column in columns.loc[columns["kind"] == "true or false", "column"]:
        table[column] = table[column] == "true"
    for key in columns.loc[columns["unique"] == "key", "column"]:
        doubled = table.loc[table[key].duplicated(), key]
        if not doubled.empty:
            raise DataError(f"{', '.join(files)}: row {key} {doubled.iloc[0]!r:.60} stands in two files")
        table = table.set_index(key, drop=False)
    return table


def load_sources(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the sources, indexed by id: title, publisher, url, published, accessed, licence, grade."""
    return load_table("sources", folder)


def load_prices(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return all electricity price rows, indexed by id, each in its native currency and unit."""
    return load_table("prices", folder)


def load_assumptions(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the assumptions, indexed by name: meaning, units, bounds, and what scenarios start from."""
    return load_table("assumptions", folder)


def load_gpu_economics(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return accelerator and data-centre cost rows, indexed by id."""
    return load_table("gpu_economics", folder)


def load_facts(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return single facts on tokens, training, grids and the rest, indexed by id."""
    return load_table("facts", folder)


def load_generation(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return generation [TWh], capacity [GW] and population rows by entity and year, indexed by id."""
    return load_table("generation", folder)


def load_energy_measured(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return measured energy per output token [J/token] with model, GPU and batch, indexed by id."""
    return load_table("energy_measured", folder)


def load_gpu_specs(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return accelerators indexed by name: power [W], memory [GB], bandwidth [GB/s], peak rates [TFLOP/s]."""
    return load_table("gpu_specs", folder)


def load_precisions(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return number formats of weights indexed by name: bytes a weight [B] and the peak rate they use."""
    return load_table("precisions", folder)


def load_engines(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return kinds of serving engines indexed by name, with the programs of each kind as aliases."""
    return load_table("engines", folder)


def load_machines(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return classes of machines indexed by name: power beside the cards, for each card [W], and its ends."""
    return load_table("machines", folder)


def load_workloads(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return mean prompt and answer lengths [token] by workload."""
    return load_table("workload_lengths", folder)


def load_model_cards(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return shapes of open models indexed by name; what no source confirms is blank."""
    return load_table("model_cards", folder)


def load_energy_assumptions(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the links from GPU to facility and what stands for an unknown input, indexed by name."""
    return load_table("energy_assumptions", folder)


def load_coefficients(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the fitted coefficients of the energy model, indexed by name."""
    return load_table("energy_coefficients", folder)


def load_held_out(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return predictions [J/token] of measured rows by models that never saw them."""
    return load_table("energy_held_out", folder)


def load_ecologits(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return what EcoLogits says of the measured rows [J/token], indexed by row id."""
    return load_table("ecologits_same_rows", folder)


def load_hosts(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return who serves open weights, indexed by provider: kind, countries, company; blank if not known."""
    return load_table("hosts", folder)


@read_once
def load_flagships(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the models that are compared, with their list prices at the article's date [USD per Mtok].

    Which models is a row of ``flagship_models.csv``; the prices come from the pinned catalogue.

    Raises
    ------
    DataError
        If a row names a model that the catalogue does not hold, or one without a price.
    """
    models, file = load_table("flagship_models", folder), "flagship_models.csv"
    prices = catalogue.list_prices(models, file)
    priced = (prices[list(catalogue.PRICES[:2])] > 0).all(axis=1)
    if not priced.all():
        free = models.loc[priced.idxmin()]
        problem = f"no list price for {free['provider_id']}/{free['model_id']}"
        raise DataError.at(file, priced.argmin() + 2, "model_id", problem)
    return models.join(prices)


@read_once
def load_build_ups(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return which rows make up the delivered price of each Chinese grid and weigh it, indexed by grid.

    The ``…_rows`` columns hold lists of row ids, empty where none was found.

    Raises
    ------
    DataError
        If a row is of another component than its column takes.
    """
    table, components = load_table("china_build_ups", folder), load_prices(folder)["component"]
    for column, allowed in _BUILD_UP_PARTS.items():
        for row, row_id in ids_by_row(table[column]).items():
            if (component := components[row_id]) not in allowed:
                problem = f"{row_id!r} is {component!r}, not {' or '.join(allowed)}"
                raise DataError.at("china_build_ups.csv", row, column, problem)
        table[column] = table[column].map(row_ids)
    weights = ["energy_volume_rows", "consumption_rows"]
    return table.assign(**{column: table[column].map(row_ids) for column in weights})


@read_once
def load_same_weights(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return quotes of the same open weights, with list prices [USD/Mtok] of the pinned catalogue.

    Returns
    -------
    pandas.DataFrame
        The mapping, ``suspect`` as a truth value, ``vendor`` (of the weights), the `catalogue.PRICES` (NaN
        where the catalogue has none) and ``left_out``: why a quote cannot be used, blank if it can.

    Raises
    ------
    DataError
        If a row names a host that ``hosts.csv`` does not hold, or a model that the catalogue does not.
    """
    table = load_table("same_weights", folder)
    table = table.join(catalogue.list_prices(table, "same_weights.csv"))
    table["vendor"] = table["weights"].str.partition("/")[0]
    paid = table[list(catalogue.PRICES[:2])]
    table["left_out"] = ""
    table.loc[(paid == 0).any(axis=1), "left_out"] = "the catalogue gives zero for input or output"
    table.loc[paid.isna().any(axis=1), "left_out"] = "the catalogue gives no price"
    return table


@read_once
def load_quotes(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the quotes that can be used, each with its host's row of ``hosts.csv``."""
    table = load_same_weights(folder)
    hosts = load_hosts(folder).drop(columns=["provider_id", *_NOT_OF_QUOTES])
    return table[table["left_out"] == ""].join(hosts, on="provider_id")


@read_once
def load_host_tariffs(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return tariffs of the hosts' countries, each in its own currency and period.

    What is taken from a row of the electricity prices comes with its number, currency, source and grade;
    what is taken from a region of the evidence has NaN, since it depends on a scenario.

    Raises
    ------
    DataError
        If a row is taken from one of another period.
    """
    tariffs, prices = load_table("host_tariffs", folder), load_prices(folder)
    taken = tariffs["taken_from"].isin(prices.index)
    found = prices.loc[tariffs.loc[taken, "taken_from"]]
    if (found["period"].to_numpy() != tariffs.loc[taken, "period"].to_numpy()).any():
        raise DataError("host_tariffs.csv, column period: not that of the price row that is taken")
    tariffs.loc[taken, "tariff"] = found["value"].to_numpy()
    for column in ("currency", "unit", "source", "grade"):
        tariffs.loc[taken, column] = found[column].to_numpy()
    return tariffs


def load_correlations(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the factor that uncertain inputs share and their correlation with it, indexed by name."""
    return load_table("correlations", folder)


def load_token_denominators(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return what a share of tokens counts, indexed by name; ``total`` is a list of rows of the facts."""
    table = load_table("token_denominators", folder)
    return table.assign(total=table["total"].map(row_ids))
