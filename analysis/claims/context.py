"""What the checks look at: a pack of claims, the data rows that they may cite, two scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.inputs import datasets, packs
from analysis.inputs.errors import DataError
from analysis.inputs.paths import FIRST_PACK
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.tables import price_evidence

_COLUMNS = ["id", "value", "low", "high", "unit", "currency", "period", "year", "basis", "source", "grade"]
"""What all data rows have."""


@dataclass(frozen=True)
class Context:
    """What the checks look at: a pack, all data rows, the scenario of its article and the audited one."""

    article: Scenario
    audited: Scenario
    pack: str = FIRST_PACK

    @cached_property
    def _pack(self) -> packs.Pack:
        return packs.load_pack(self.pack)

    @property
    def claims(self) -> pd.DataFrame:
        """The claims of the pack by id."""
        return self._pack.claims

    @property
    def printed(self) -> pd.DataFrame:
        """The numbers that the article prints, none where the pack does not list them."""
        return self._pack.printed

    @property
    def has_own_scenario(self) -> bool:
        """Whether the article's own assumptions are known: a scenario holds them."""
        return self._pack.article.scenario != packs.NOT_STATED

    def own_scenario(self, claim: Any) -> Scenario:
        """Return the scenario of what the article assumes, for a check that cannot do without.

        Raises
        ------
        DataError
            If the pack names none.
        """
        if not self.has_own_scenario:
            problem = (
                f"{claim.check} computes with what the article assumes; {packs.ARTICLE} names no scenario"
            )
            raise refused(claim, "check", problem)
        return self.article

    @cached_property
    def rows(self) -> pd.DataFrame:
        """All data rows by id, with the columns that they share."""
        generation, models = datasets.load_generation(), datasets.load_flagships()
        metric = generation["metric"].str.replace("^electricity |.*(?=capacity$)", "", regex=True)
        tables = [
            self._pack.facts,
            datasets.load_prices().rename(columns={"component": "basis"}),
            datasets.load_gpu_economics().rename(columns={"quantity": "basis"}),
            datasets.load_energy_measured().assign(basis="GPU energy, measured"),
            generation.assign(basis=metric),
            models.assign(value=models["input_usd_per_mtok"], unit="USD/Mtok", basis="list price"),
        ]
        rows = pd.concat([table.reindex(columns=_COLUMNS) for table in tables], ignore_index=True)
        rows["low"], rows["high"] = rows["low"].fillna(rows["value"]), rows["high"].fillna(rows["value"])
        return rows.set_index("id", drop=False)

    @cached_property
    def subjects(self) -> pd.Series[str]:
        """Of whom or what each fact is, by id."""
        return self._pack.facts["subject"]

    @cached_property
    def price_cells(self) -> pd.DataFrame:
        """The evidence on tariffs in the main year [CNY/kWh]."""
        layers = price_evidence.price_evidence_by_layer(self.article, "CNY")
        return layers[layers["year"] == price_evidence.MAIN_YEAR].set_index(["layer", "region"])

    def cited(self, claim: Any) -> pd.DataFrame:
        """Return the rows that a claim cites, in its order."""
        return self.rows.loc[claim.evidence]


def default_context(pack: str = FIRST_PACK) -> Context:
    """Return the context of a pack: the scenario of what its article assumes, else the audited one."""
    own, audited = packs.load_pack(pack).article.scenario, load_scenario("audited")
    return Context(audited if own == packs.NOT_STATED else load_scenario(own), audited, pack)


def refused(claim: Any, column: str, problem: str) -> DataError:
    """Return the error of a cell of a claim, which names the file of its pack."""
    return DataError.at(f"{claim.pack}/{packs.CLAIMS}", repr(claim.id), column, problem)


def article_identity(pack: str = FIRST_PACK) -> str:
    """Return a sentence that says which article is audited: title, label of the author, outlet, date."""
    article = packs.load_pack(pack).article
    title = f"**{article.title}**"
    title += f" ({article.title_en})" if article.title_en != article.title else ""
    label = "" if article.author_en == packs.NOT_STATED else f", {article.author_en}"
    parts = [
        title if article.author == packs.NOT_STATED else f"{title}, signed {article.author}{label}",
        *(["author not stated"] if article.author == packs.NOT_STATED else []),
        f"outlet {article.outlet}",
        f"published {article.published}",
    ]
    return "; ".join(parts) + "."
