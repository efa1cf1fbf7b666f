"""Short answers in the form in which each source gives them."""

import json

MODELS_DEV = {
    "anthropic": {
        "id": "anthropic",
        "models": {
            "claude-a": {"id": "claude-a", "cost": {"input": 5, "output": 25, "cache_read": 0.5}},
            "claude-free": {"id": "claude-free"},
        },
    },
    "deepseek": {"id": "deepseek", "models": {"v": {"id": "v", "cost": {"input": 0.28, "output": 0.42}}}},
}
OPENROUTER = {
    "data": [
        {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
        {
            "id": "deepseek/v",
            "pricing": {
                "prompt": "0.00000028",
                "completion": "0.00000042",
                "input_cache_read": "0.000000028",
            },
        },
    ]
}
LITELLM = {
    "sample_spec": {"litellm_provider": "one of https://...", "mode": "one of: chat, embedding"},
    "claude-a": {
        "litellm_provider": "anthropic",
        "mode": "chat",
        "input_cost_per_token": 5e-06,
        "output_cost_per_token": 2.5e-05,
        "cache_read_input_token_cost": 5e-07,
    },
    "embed": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 1e-08},
}


def eia(first: int, rows: list[tuple[str, str, str, str | None]], total: int | None = None) -> dict:
    """Return a page of EIA's answer."""
    data = [
        {
            "period": period,
            "stateid": area[:2].upper(),
            "stateDescription": area,
            "sectorid": sector,
            "price": price,
            "price-units": "cents per kilowatt-hour",
        }
        for period, area, sector, price in rows
    ]
    return {"response": {"total": str(len(rows) if total is None else total), "data": data}}


EIA_ROWS = [
    ("2026-07", "U.S. Total", "IND", "9.01"),
    ("2026-07", "U.S. Total", "COM", "13.9"),
    ("2026-07", "Virginia", "COM", "10.2"),
    ("2026-07", "Guam", "COM", None),
    ("2026-07", "Guam", "IND", "0"),
]
EUROSTAT = {
    "version": "2.0",
    "class": "dataset",
    "id": ["freq", "nrg_cons", "tax", "geo", "time"],
    "size": [1, 2, 2, 2, 1],
    "dimension": {
        "freq": {"category": {"index": {"S": 0}, "label": {"S": "Half-yearly"}}},
        "nrg_cons": {"category": {"index": {"MWH20000-69999": 0, "MWH_GE150000": 1}, "label": {}}},
        "tax": {"category": {"index": {"X_VAT": 0, "I_TAX": 1}, "label": {}}},
        "geo": {"category": {"index": {"NO": 1, "DE": 0}, "label": {"DE": "Germany", "NO": "Norway"}}},
        "time": {"category": {"index": {"2026-S1": 0}, "label": {"2026-S1": "2026-S1"}}},
    },
    # IE: Germany, Norway without VAT; Germany with it (Norway missing); IG: Norway alone
    "value": {"0": 0.16, "1": 0.07, "2": 0.19, "5": 0.05},
}
ECB = (
    "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE\n"
    "EXR.D.CNY.EUR.SP00.A,D,CNY,EUR,SP00,A,2026-11-27,8.21\n"
    "EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2026-11-27,1.15\n"
    "EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2026-11-28,\n"
)
WORLD_BANK = [
    {"page": 1, "pages": 1, "total": 2},
    [
        {"countryiso3code": "SAU", "date": "2025", "value": 3.75},
        {"countryiso3code": "VNM", "date": "2025", "value": None},
    ],
]

PATHS = {
    "/api.json": json.dumps(MODELS_DEV),
    "/api/v1/models": json.dumps(OPENROUTER),
    "/BerriAI/litellm/main/model_prices_and_context_window.json": json.dumps(LITELLM),
    "/v2/electricity/retail-sales/data/": json.dumps(eia(0, EIA_ROWS)),
    "/eurostat/api/dissemination/statistics/1.0/data/nrg_pc_205": json.dumps(EUROSTAT),
    "/v2/country/SAU;ARE;VNM;TWN/indicator/PA.NUS.FCRF": json.dumps(WORLD_BANK),
}
"""Answers by path; that of the ECB holds its currencies."""


def whole_eia(hosting: dict[str, float]) -> list[tuple[str, str, str, str | None]]:
    """Return two years to August 2026: each price rises by a hundredth of a cent a month from its start."""
    start = {("U.S. Total", "IND"): 8.0, ("U.S. Total", "COM"): 13.0, ("Virginia", "COM"): 9.0}
    start |= {(state, "IND"): cents for state, cents in hosting.items()}
    months = [f"{2024 + number // 12}-{number % 12 + 1:02}" for number in range(8, 32)]
    return [
        (month, area, sector, f"{cents + number / 100:.2f}")
        for number, month in enumerate(months)
        for (area, sector), cents in start.items()
    ]


def whole_eurostat() -> dict:
    """Return bands IC, IE, IG of the EU-27 over two half-years, the second one without IG."""
    codes = {"nrg_cons": ["MWH500-1999", "MWH20000-69999", "MWH_GE150000"], "tax": ["X_VAT", "I_TAX"]}
    codes |= {"geo": ["EU27_2020"], "time": ["2025-S2", "2026-S1"]}
    dimension: dict = {name: {"category": {"index": each, "label": {}}} for name, each in codes.items()}
    dimension["geo"]["category"]["label"] = {"EU27_2020": "European Union - 27 countries (from 2020)"}
    values = [0.19, 0.20, 0.24, 0.25, 0.14, 0.15, 0.18, 0.19, 0.11, None, 0.14, None]
    sizes = [len(each) for each in codes.values()]
    return {"id": [*codes], "size": sizes, "dimension": dimension, "value": values}


def whole_catalogue(models: list[tuple[str, str]], factor: float = 1.0) -> dict:
    """Return a catalogue of models: the first costs 1 and 10 USD, the second 2 and 20, and so on."""
    found: dict[str, dict] = {}
    for number, (provider, model) in enumerate(models, start=1):
        cost = {"input": number * factor, "output": 10 * number * factor}
        found.setdefault(provider, {"models": {}})["models"][model] = {"cost": cost}
    return found


def entsoe(zone: str, prices: dict[int, float], resolution: str = "PT60M", sequence: str = "1") -> str:
    """Return a document of one zone and day, 29 November 2026 in central Europe, with prices by position."""
    points = "".join(
        f"<Point><position>{position}</position><price.amount>{price}</price.amount></Point>"
        for position, price in prices.items()
    )
    part = "classificationSequence_AttributeInstanceComponent.position"
    return (
        '<Publication_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3">'
        f"<TimeSeries><in_Domain.mRID>{zone}</in_Domain.mRID><currency_Unit.name>EUR</currency_Unit.name>"
        f"<price_Measure_Unit.name>MWH</price_Measure_Unit.name><{part}>{sequence}</{part}><Period><timeInterval>"
        "<start>2026-11-28T23:00Z</start><end>2026-11-29T23:00Z</end></timeInterval>"
        f"<resolution>{resolution}</resolution>{points}</Period></TimeSeries></Publication_MarketDocument>"
    )


PATHS["/api"] = entsoe("10YFR-RTE------C", {1: 20.0})
