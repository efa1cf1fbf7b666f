"""How each claim of the ledger is evaluated: one small function a kind of claim.

A function takes a claim and the context and returns a `Finding`. The ledger names it in its column
``check``; adding a kind of claim is adding a function here with the decorator `check`.
"""

from analysis.claims.checks import energy, generic, tokens
from analysis.claims.checks.base import CHECKS, Context, Finding, check, default_context

__all__ = ["CHECKS", "Context", "Finding", "check", "default_context", "energy", "generic", "tokens"]
