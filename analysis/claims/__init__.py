"""The ledger: every claim of the article with what decides it, and the article against itself."""

from analysis.claims.ledger import counts, evaluate, headlines, on_topic

__all__ = ["counts", "evaluate", "headlines", "on_topic"]
