"""Packs of claims: an article, what it claims, and evidence, bases and sources of its own, in a folder.

A pack is a folder of ``data/claims``, or any other folder: ``article.yaml``, ``claims.csv`` and, where it has
some, ``facts.csv``, ``bases.csv``, ``sources.csv`` and ``figures.csv`` (the numbers that the text prints).
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from analysis.inputs import datasets, paths, rules
from analysis.inputs.errors import DataError, ParameterError, ScenarioError, explain, nearest, quoted
from analysis.inputs.paths import FIRST_PACK
from analysis.inputs.reading import read_mapping, read_once
from analysis.inputs.rules import ids_by_row, row_ids
from analysis.inputs.scenario import scenario_names
from analysis.inputs.units import period_bounds

ARTICLE, CLAIMS, NOT_STATED = "article.yaml", "claims.csv", "not stated"
_FILES = {
    "sources": "sources.csv",
    "bases": "bases.csv",
    "facts": "facts.csv",
    "article_figures": "figures.csv",
    "claims": CLAIMS,
}
"""File of each table of a pack, in the order in which they refer to each other; the last is a must."""

_EXTENDED = ("sources", "bases", "facts")
"""Tables of the project that a pack may add rows to."""

_EVIDENCE = ("prices", "facts", "generation", "energy_measured", "gpu_economics", "flagship_models")
"""Tables that a claim of any pack may cite as evidence, beside the facts of its own pack."""


class Article(BaseModel):
    """Which article a pack audits, as it identifies itself; what it does not state says so."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_min_length=1)

    title: str
    title_en: str
    author: str
    author_en: str = NOT_STATED
    outlet: str
    published: str
    language: str
    url: str
    scenario: str = NOT_STATED
    topics: list[str] = []

    @field_validator("published")
    @classmethod
    def _check_published(cls, published: str) -> str:
        for one in [] if published == NOT_STATED else published.split("; "):
            period_bounds(one.partition(" ")[0])
        return published

    @field_validator("language")
    @classmethod
    def _check_language(cls, language: str) -> str:
        if not re.fullmatch("[a-z]{2,3}", language):
            raise ValueError(f"{language!r:.40} is no ISO 639 code such as en or zh")
        return language

    @field_validator("scenario")
    @classmethod
    def _check_scenario(cls, scenario: str) -> str:
        if scenario not in {NOT_STATED, *scenario_names()}:
            raise ValueError(f"no scenario {scenario!r:.40}{nearest(scenario, scenario_names())}")
        return scenario

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        if url != NOT_STATED and not all(re.fullmatch(r"https?://\S+", one) for one in url.split("; ")):
            raise ValueError(f"{url!r:.60} is no web address, nor {NOT_STATED!r}")
        return url


class Pack(NamedTuple):
    """A pack: its name, article and tables; ``facts`` and ``sources`` are those of the project, too."""

    name: str
    article: Article
    claims: pd.DataFrame
    facts: pd.DataFrame
    sources: pd.DataFrame
    printed: pd.DataFrame


def pack_names(folder: Path = paths.DATA) -> tuple[str, ...]:
    """Return the names of the packs that come with the project, that of the first article first.

    Examples
    --------
    >>> pack_names()[0]
    'china-tokens-2026-03'
    """
    found = sorted(place.name for place in (folder / "claims").iterdir() if place.is_dir())
    return tuple(sorted(found, key=lambda name: name != FIRST_PACK))


def pack_folder(pack: str, folder: Path = paths.DATA) -> Path:
    """Return the folder of a pack by its name; the path of a folder is one, too.

    Raises
    ------
    ParameterError
        If there is no such pack and no such folder.
    """
    names = pack_names(folder)
    if pack in names:
        return folder / "claims" / pack
    try:
        place = Path(pack).expanduser()
        if pack and place.is_dir():
            return place.resolve()
    except (ValueError, OSError, RuntimeError):  # a zero byte, a name that is too long, no such home
        pass
    told = f"pack {quoted(pack)}: no folder, nor one of {', '.join(names)}"
    raise ParameterError(f"{told}{nearest(pack, names)}")


def load_pack(pack: str = FIRST_PACK, folder: Path = paths.DATA) -> Pack:
    """Return a pack, everything in it checked.

    Raises
    ------
    ParameterError
        If there is no such pack.
    DataError
        If a file is missing, unknown or breaks a rule, or a claim names evidence that no table holds.
    """
    return read_pack(pack_folder(pack, folder), folder)


def load_claims(pack: str = FIRST_PACK, folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the claims of a pack, indexed by id; ``evidence`` is a list of row ids, ``pack`` its name.

    In the file ``name-*`` stands for all rows whose id starts with ``name-``; ``same_as`` is blank where a
    claim stands for the first time. Raises as `load_pack` does.
    """
    return load_pack(pack, folder).claims


@read_once
def read_pack(place: Path, folder: Path) -> Pack:
    """Return the pack in a folder, checked against the tables of the data in another one."""
    article = _read_article(place)
    all_columns = rules.load_columns(folder)
    own: dict[str, pd.DataFrame] = {}

    def keys_of(table: str) -> Iterable[str]:
        return [*datasets.load_table(table, folder).index, *(own[table].index if table in own else ())]

    taken = {row_id for table in _EVIDENCE for row_id in datasets.load_table(table, folder)["id"]}
    for name, file in _FILES.items():
        if name == "claims" or (place / file).exists():
            columns = _columns_of_pack(all_columns[all_columns["table"] == name], article)
            called = f"{place.name}/{file}"
            frame = _read_table(place / file, columns, called, article)
            rules.check_references(called, frame, columns, keys_of)
            for key in columns.loc[columns["unique"] == "key", "column"]:
                if name in _EXTENDED:
                    _check_new(frame[key], called, taken if name == "facts" else set(keys_of(name)))
                frame = frame.set_index(key, drop=False)
            own[name] = frame
    known = taken | set(own["facts"].index if "facts" in own else ())
    claims = _with_evidence(own["claims"], known, f"{place.name}/{CLAIMS}").assign(pack=place.name)
    facts, sources = (
        pd.concat([datasets.load_table(name, folder), own.get(name)]) for name in ("facts", "sources")
    )
    printed = own.get("article_figures", datasets.load_table("article_figures", folder).iloc[:0])
    return Pack(place.name, article, claims, facts, sources, printed)


def _read_article(place: Path) -> Article:
    """Return the article of a pack, and refuse files that a pack does not have."""
    files = {file.name for file in place.iterdir() if not file.name.startswith(".")}
    known = {ARTICLE, "README.md", *_FILES.values()}
    for name in (ARTICLE, CLAIMS):
        if name not in files:
            needs = f"a pack has {ARTICLE} and {CLAIMS}, see CONTRIBUTING, Add a pack"
            raise DataError(f"{place.name}/{name}: missing{nearest(name, files - known)}; {needs}")
    for name in sorted(files - known):
        raise DataError(f"{place.name}/{name:.60}: no file of a pack{nearest(name, known)}")
    try:
        return Article(**read_mapping(place / ARTICLE, "article"))
    except ScenarioError as error:
        raise DataError(str(error).replace(str(place), place.name)) from None
    except ValidationError as error:
        problems, fields = error.errors(), Article.model_fields
        unknown = [str(one["loc"][0]) for one in problems if one["type"] == "extra_forbidden"]
        hints = "".join(nearest(name, fields) for name in unknown)
        told = f"{explain(problems)}{hints}; what is not known says {NOT_STATED!r}"
        raise DataError(f"{place.name}/{ARTICLE}: {told}") from None


def _columns_of_pack(columns: pd.DataFrame, article: Article) -> pd.DataFrame:
    """Return the columns of a table as they are in a pack: topics of its own, paraphrases in its language."""
    columns = columns.copy()
    topic = (columns["column"] == "topic") & (columns["kind"] == "choice")
    columns.loc[topic, "words"] += "".join(f";{word}" for word in article.topics)
    paraphrase = columns["column"] == "paraphrase_zh"
    if article.language == "en":
        return columns[~paraphrase]
    columns.loc[paraphrase, "column"] = f"paraphrase_{article.language}"
    return columns


def _read_table(path: Path, columns: pd.DataFrame, called: str, article: Article) -> pd.DataFrame:
    """Return a table of a pack; where its paraphrases are in another language than the article, say so."""
    try:
        return rules.read_checked(path, columns, called)
    except DataError as error:
        if "column 'paraphrase_" not in str(error):
            raise
        told = f"{error}; {ARTICLE} says that the language is {article.language!r}"
        raise DataError(told) from None


def _check_new(keys: pd.Series, called: str, taken: set[str]) -> None:
    """Refuse a row of a pack whose key a row of the project has."""
    for number, row_id in enumerate(keys, start=2):
        if row_id in taken:
            problem = f"{row_id!r:.60} is the name of a row of the project's own tables"
            raise DataError.at(called, number, str(keys.name), problem)


def _with_evidence(claims: pd.DataFrame, known: set[str], called: str) -> pd.DataFrame:
    """Return claims whose evidence is a list of row ids, each of which is known; none repeats a repeat."""
    rows_of = {}
    for row, name in ids_by_row(claims["evidence"]).items():
        start = name[:-1] if name.endswith("-*") else None
        rows_of[name] = sorted(one for one in known if one == name or (start and one.startswith(start)))
        if not rows_of[name]:
            hint = nearest(name, known)
            raise DataError.at(called, row, "evidence", f"no data row {name!r:.60}{hint}")
    first = claims["same_as"].isna()
    repeated = claims["same_as"].map(first.set_axis(claims["id"]))
    for number, (name, is_first) in enumerate(zip(claims["same_as"], repeated, strict=True), start=2):
        if is_first is False:
            problem = f"{name!r:.60} repeats a claim itself; name the one that stands for the first time"
            raise DataError.at(called, number, "same_as", problem)
    listed = [[row_id for name in row_ids(cell) for row_id in rows_of[name]] for cell in claims["evidence"]]
    return claims.assign(
        same_as=claims["same_as"].fillna(""),
        same_number=claims["same_number"].fillna(""),
        evidence=pd.Series(listed, index=claims.index, dtype=object),
    )
