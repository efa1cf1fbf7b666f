"""The audited ledger and what its checks look at, once for all tests of the claims."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from analysis import claims
from analysis.claims.checks import CHECKS, Finding
from analysis.claims.context import Context, default_context
from analysis.inputs import packs


@pytest.fixture(scope="session")
def context() -> Context:
    return default_context()


@pytest.fixture(scope="session")
def ledger(context: Context) -> pd.DataFrame:
    return claims.evaluate(context=context)


@pytest.fixture(scope="session")
def finding(context: Context) -> Callable[..., Finding]:
    """Return a function that gives what the check of a claim finds, with cells of its row changed."""

    def find(claim: str, within: Context = context, **cells: Any) -> Finding:
        row = packs.load_claims().loc[[claim]].copy()
        for name, cell in cells.items():
            row[name] = [cell]
        (changed,) = row.itertuples(index=False)
        return CHECKS[changed.check](changed, within)

    return find
