"""The ledger: every claim of an article with what decides it, and the article against itself."""

from analysis.claims import article_checks, checks, rank_checks, tariff_checks, value_checks
from analysis.claims.context import article_identity
from analysis.claims.ledger import counts, evaluate, for_reading, headlines, judged, on_topic

__all__ = [
    "article_checks",
    "article_identity",
    "checks",
    "counts",
    "evaluate",
    "for_reading",
    "headlines",
    "judged",
    "on_topic",
    "rank_checks",
    "tariff_checks",
    "value_checks",
]
