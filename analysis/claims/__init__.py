"""The ledger: every claim of the article with what decides it, and the article against itself."""

from analysis.claims import article_checks, checks
from analysis.claims.ledger import counts, evaluate, headlines, on_topic

__all__ = ["article_checks", "checks", "counts", "evaluate", "headlines", "on_topic"]
