"""Loaders of what the energy model takes beside measured energy: rates, loads, kinds of attention."""

from pathlib import Path

import pandas as pd

from analysis.inputs import paths
from analysis.inputs.datasets import load_table


def load_loads(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return how busy servers are kept, indexed by name, with the least speed of an answer [token/s]."""
    return load_table("loads", folder)


def load_attentions(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return kinds of attention indexed by name, with the cache that each needs."""
    return load_table("attentions", folder)


def load_throughput_measured(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return measured output rates [token/s/GPU] of set-ups, indexed by id."""
    return load_table("throughput_measured", folder)


def load_prefill_rates(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return published rates of reading prompts [token/s/GPU], indexed by id."""
    return load_table("prefill_rates", folder)
