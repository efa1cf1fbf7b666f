"""What tokens and requests take and cost, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.model.boundary import load_links
from analysis.model.hour_inputs import Ends, hour_inputs
from analysis.model.token_parts import SHARE, cost_of_use, price_tokens
from analysis.model.token_use import KINDS, Use

NOTHING = np.array([np.nan])
TOLD = {
    "gpu_price_usd": 87_660.0,  # at no cost of capital, over one year of 8,766 hours: 10 USD an hour
    "gpu_life_years": 1.0,
    "utilisation": 1.0,
    "discount_rate": 0.0,
    "pue": 1.25,
    "tariff_usd_per_kwh": 0.1,
    "network_usd_per_gpu_hour": 2.0,
    "facility_capex_usd_per_kw": 8766.0,  # over one year, for 1 kW: 1 USD an hour
    "facility_life_years": 1.0,
    "other_opex_usd_per_gpu_hour": 3.0,
    "cached_input_cost": 0.1,
}


def one(value: float) -> np.ndarray:
    return np.array([value])


def sure(value: float) -> Ends:
    return Ends(one(value), one(value), one(value))


def use_of(**changes) -> Use:
    """Return one row: an input token of 0.36 s and 3.6 MJ at the server, an output token of ten times it."""
    hours = {"input": one(1e-4), "output": one(1e-3)}
    gpu = {"input": sure(1.8e6), "output": sure(1.8e7)}
    server = {"input": sure(3.6e6), "output": sure(3.6e7)}
    tokens = {"input": one(10.0), "cached_input": one(30.0), "output": one(2.0)}
    whole = Use(hours, gpu, server, tokens, sure(1.0), sure(1.0), one(1.0))
    return whole._replace(**changes)


def inputs_of(**changes):
    return hour_inputs(
        {name: one(value) for name, value in (TOLD | changes).items() if value is not None},
        side=np.array(["us"], dtype=object),
        gpu_model=["H100"],
        bandwidth_gb_s=one(3350.0),
        tdp_w=one(700.0),
    )


def cost_of(use: Use, inputs=None, *, idle_power: float = 0.0, rent: float = np.nan):
    return cost_of_use(use, inputs or inputs_of(), idle_power=one(idle_power), rent_usd=one(rent))


def test_a_token_costs_the_hour_that_it_takes() -> None:
    cost = cost_of(use_of()).per_token
    # 1e-4 h of 10 + 2 + 1 + 3 USD, and 1 kWh x 1.25 x 0.1 USD; a million of them
    expected = {"hardware": 1e3, "network": 200.0, "facility": 100.0, "other": 300.0, "electricity": 125e3}
    for part, usd in expected.items():
        assert cost["input"][part].value.item() == pytest.approx(usd)
        assert cost["output"][part].value.item() == pytest.approx(10 * usd)
        assert cost["cached_input"][part].value.item() == pytest.approx(usd / 10)
    assert cost["input"]["total"].value.item() == pytest.approx(126_600.0)
    assert cost["input"][SHARE].value.item() == pytest.approx(125e3 / 126_600.0)


def test_a_request_costs_its_tokens() -> None:
    cost = cost_of(use_of())
    tokens = {"input": 10.0, "cached_input": 30.0, "output": 2.0}
    for part in ("electricity", "total"):
        usd = sum(cost.per_token[kind][part].value.item() * tokens[kind] / 1e6 for kind in KINDS)
        assert cost.per_request[part].value.item() == pytest.approx(usd)
    none = use_of(tokens={"input": one(10.0), "cached_input": one(0.0), "output": one(0.0)})
    alone = cost_of(none).per_request["total"].value.item()
    assert alone == pytest.approx(10 * cost.per_token["input"]["total"].value.item() / 1e6)


def test_idle_servers_are_the_measured_overhead_or_what_is_told() -> None:
    measured = load_links()["value"].idle_overhead
    told, left_out = (cost_of(use_of(), idle_power=power) for power in (0.0, np.nan))
    ratio = left_out.per_token["input"]["electricity"].value / told.per_token["input"]["electricity"].value
    assert ratio.item() == pytest.approx(measured)
    half = cost_of(use_of(), inputs_of(utilisation=0.5), idle_power=0.4)
    ratio = half.per_token["input"]["electricity"].value / told.per_token["input"]["electricity"].value
    assert ratio.item() == pytest.approx(1.4)


def test_what_is_told_leaves_the_error_of_time_and_of_idle_servers_alone() -> None:
    wide = Ends(one(0.9e6), one(1.8e6), one(7.2e6))
    use = use_of(
        gpu_j={"input": wide, "output": sure(1.8e7)},
        server_j={"input": Ends(one(1.8e6), one(3.6e6), one(14.4e6)), "output": sure(3.6e7)},
    )
    cost = cost_of(use).per_token
    for part in ("hardware", "network", "facility", "other"):
        found = cost["input"][part]
        assert (found.low / found.value).item() == pytest.approx(0.5)
        assert (found.high / found.value).item() == pytest.approx(4.0)
        assert cost["output"][part].low == cost["output"][part].high
    # electricity has idle servers too, in quadrature of logarithms
    links = load_links()
    idle = np.log(links["high"].idle_overhead / links["value"].idle_overhead)
    up = np.log((cost["input"]["electricity"].high / cost["input"]["electricity"].value).item())
    assert up == pytest.approx(np.log(4.0))
    left_out = cost_of(use, idle_power=np.nan).per_token["input"]["electricity"]
    assert np.log((left_out.high / left_out.value).item()) == pytest.approx(np.hypot(np.log(4.0), idle))


def test_assumed_costs_widen_the_total_by_their_part_of_it() -> None:
    """With hardware alone, at 35,000 USD (28,000 to 52,500), the total moves as the price does."""
    alone = inputs_of(
        gpu_price_usd=None,
        network_usd_per_gpu_hour=0.0,
        other_opex_usd_per_gpu_hour=0.0,
        facility_capex_usd_per_kw=0.0,
        tariff_usd_per_kwh=0.0,
    )
    total = cost_of(use_of(), alone).per_token["input"]["total"]
    assert (total.low / total.value).item() == pytest.approx(28_000 / 35_000)
    assert (total.high / total.value).item() == pytest.approx(52_500 / 35_000)


def test_a_share_is_not_moved_by_the_error_of_time() -> None:
    wide = Ends(one(0.9e6), one(1.8e6), one(7.2e6))
    servers = Ends(one(1.8e6), one(3.6e6), one(14.4e6))
    use = use_of(
        gpu_j={"input": wide, "output": sure(1.8e7)}, server_j={"input": servers, "output": sure(3.6e7)}
    )
    share = cost_of(use).per_token["input"][SHARE]
    assert share.low == pytest.approx(share.value)
    assert share.high == pytest.approx(share.value)


def test_a_rented_hour_has_everything_in_it() -> None:
    cost = cost_of(use_of(), rent=2000.0).per_token["input"]
    assert cost["total"].value.item() == pytest.approx(2000.0 * 1e-4 * 1e6)
    assert cost["electricity"].value.item() == pytest.approx(125e3)
    assert cost["hardware"].value.item() == pytest.approx(200e3 - 125e3)
    assert np.isnan(cost["network"].value).all()


def test_no_token_of_a_kind_has_no_cost() -> None:
    none = use_of(
        gpu_hours={"input": one(1e-4), "output": NOTHING},
        gpu_j={"input": sure(1.8e6), "output": Ends(NOTHING, NOTHING, NOTHING)},
        server_j={"input": sure(3.6e6), "output": Ends(NOTHING, NOTHING, NOTHING)},
        tokens={"input": one(10.0), "cached_input": one(0.0), "output": one(0.0)},
    )
    cost = cost_of(none)
    assert np.isnan(cost.per_token["output"]["total"].value).all()
    assert cost.per_request["total"].value.item() > 0.0


def test_a_prompt_that_is_all_cached_has_a_last_token_that_is_read() -> None:
    frame = pd.DataFrame({"params_active_b": [8.0, 8.0], "batch": 4.0, "input_tokens": 1000.0})
    frame["cached_share"] = [1.0, 0.999]
    cost = price_tokens(frame, np.array(["us", "us"], dtype=object), {}).cost
    assert np.isfinite(cost.per_request["total"].value).all()
    for kind in KINDS:
        all_cached, but_one = cost.per_token[kind]["total"].value
        assert all_cached == pytest.approx(but_one)


def test_set_ups_at_once_equal_set_ups_alone() -> None:
    frame = pd.DataFrame(
        {
            "params_active_b": [8.0, 70.0],
            "params_total_b": [8.0, 70.0],
            "gpu_model": ["L4", "H200"],
            "batch": 4.0,
        }
    )
    sides = np.array(["us", "cn"], dtype=object)
    given = {"pue": np.array([1.1, np.nan])}
    together = price_tokens(frame, sides, given)
    for place in range(2):
        chosen = slice(place, place + 1)
        alone = price_tokens(frame.iloc[chosen], sides[chosen], {"pue": given["pue"][chosen]})
        for kind in KINDS:
            for part in ("electricity", "total", SHARE):
                for found, expected in zip(
                    together.cost.per_token[kind][part], alone.cost.per_token[kind][part], strict=True
                ):
                    assert found[place] == pytest.approx(expected[0])
