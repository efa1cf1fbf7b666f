"""The ledger: every claim of the article with what decides it, and the article against itself."""

from analysis.claims import article_checks, checks, rank_checks, tariff_checks
from analysis.claims.ledger import article_identity, counts, evaluate, for_reading, headlines, on_topic

__all__ = [
    "article_checks",
    "article_identity",
    "checks",
    "counts",
    "evaluate",
    "for_reading",
    "headlines",
    "on_topic",
    "rank_checks",
    "tariff_checks",
]
