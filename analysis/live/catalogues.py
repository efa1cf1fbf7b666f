"""Catalogues of list prices: models.dev, OpenRouter, LiteLLM."""

from __future__ import annotations

import pandas as pd

from analysis.inputs.units import TOKENS_PER_MTOK
from analysis.live.client import Request
from analysis.live.sources import PRICES, Source, as_json, prices

_LITELLM = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
_LITELLM_PRICES = ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost")
_DIGITS = 9
"""Digits after the point of a price per million tokens: one per token leaves noise in the last ones."""


def _of_models_dev(bodies: list[bytes]) -> pd.DataFrame:
    """Read ``{provider: {models: {model: {cost: {input, output, cache_read}}}}}``, USD per million tokens."""
    (body,) = bodies
    entries = [
        (provider, model, cost["input"], cost["output"], cost.get("cache_read"))
        for provider, offered in as_json(body).items()
        for model, told in offered["models"].items()
        if (cost := told.get("cost")) and "input" in cost and "output" in cost
    ]
    return prices(entries)


def _of_openrouter(bodies: list[bytes]) -> pd.DataFrame:
    """Read ``{data: [{id, pricing: {prompt, completion, input_cache_read}}]}``, texts in USD per token.

    Routers that pick a model by themselves have a price of -1: they are left out.
    """
    (body,) = bodies
    entries = []
    for model in as_json(body)["data"]:
        pricing = model["pricing"]
        per_token = [pricing["prompt"], pricing["completion"], pricing.get("input_cache_read")]
        if float(pricing["prompt"]) >= 0.0:
            entries.append(("openrouter", model["id"], *map(_per_mtok, per_token)))
    return prices(entries)


def _of_litellm(bodies: list[bytes]) -> pd.DataFrame:
    """Read ``{model: {litellm_provider, mode, input_cost_per_token, ...}}``, USD per token."""
    (body,) = bodies
    entries = []
    for model, told in as_json(body).items():
        per_token = [told.get(name) for name in _LITELLM_PRICES]
        if told.get("mode") in {"chat", "responses"} and None not in per_token[:2]:
            entries.append((told["litellm_provider"], model, *map(_per_mtok, per_token)))
    return prices(entries)


def _per_mtok(per_token: str | float | None) -> float | None:
    """Return a price per million tokens from one per token; none from none."""
    return None if per_token is None else round(float(per_token) * TOKENS_PER_MTOK, _DIGITS)


MODELS_DEV = Source(
    "models-dev",
    "list prices of models and hosts",
    "MIT",
    PRICES,
    lambda key: [Request("https://models.dev/api.json")],
    _of_models_dev,
)
OPENROUTER = Source(
    "openrouter",
    "list prices at one aggregator",
    "terms of openrouter.ai; facts alone are kept",
    PRICES,
    lambda key: [Request("https://openrouter.ai/api/v1/models")],
    _of_openrouter,
)
LITELLM = Source(
    "litellm",
    "list prices of models, second catalogue",
    "MIT",
    PRICES,
    lambda key: [Request(_LITELLM)],
    _of_litellm,
)
