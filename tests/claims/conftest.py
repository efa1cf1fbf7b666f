"""The audited ledger and what its checks look at, once for all tests of the claims."""

import pandas as pd
import pytest

from analysis import claims
from analysis.claims.checks import Context, default_context


@pytest.fixture(scope="session")
def context() -> Context:
    return default_context()


@pytest.fixture(scope="session")
def ledger(context: Context) -> pd.DataFrame:
    return claims.evaluate(context=context)
