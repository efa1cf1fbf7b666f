"""Print how fast the cost stack is evaluated and inputs are drawn, beside a plain loop and memory itself."""

from __future__ import annotations

import resource
import time

import numpy as np

from analysis.model.gpu_hour import gpu_hour_cost
from analysis.model.uncertainty import Inputs, Uncertain, monte_carlo

EVALUATIONS, LOOPED, AT_ONCE, SEED = 20_000_000, 20_000, 65_536, 1
NAMES = {
    "gpu_price_usd": Uncertain(25e3, 34e3, 50e3),
    "gpu_life_years": Uncertain(3.0, 5.0, 6.0),
    "utilisation": Uncertain(0.4, 0.7, 0.9, 0.01, 1.0),
    "discount_rate": Uncertain(0.05, 0.10, 0.17),
    "gpu_power_kw": Uncertain(0.4, 0.5, 0.7),
    "server_overhead": Uncertain(1.4, 1.7, 2.0, 1.0),
    "pue": Uncertain(1.05, 1.2, 1.5, 1.0),
    "tariff_usd_per_kwh": Uncertain(0.05, 0.08, 0.12),
    "network_usd_per_gpu_hour": Uncertain(0.1, 0.37, 0.45),
    "facility_capex_usd_per_kw": Uncertain(9e3, 10.5e3, 17e3),
    "facility_life_years": Uncertain(14.0, 15.0, 20.0),
    "other_opex_usd_per_gpu_hour": Uncertain(0.03, 0.06, 0.12),
    "idle_power_fraction": Uncertain(0.2, 0.5, 0.7, 0.0, 1.0),
}


def plain(c: dict[str, float]) -> float:
    """Return the same cost in plain Python, as one would write it down."""

    def annuity(years: float, rate: float) -> float:
        return (1.0 - (1.0 + rate) ** -years) / rate if rate else years

    hours = 8766.0 * c["utilisation"]
    it_kw = c["gpu_power_kw"] * c["server_overhead"]
    idle = c["idle_power_fraction"] * (1.0 - c["utilisation"]) / c["utilisation"]
    return (
        it_kw * c["pue"] * c["tariff_usd_per_kwh"] * (1.0 + idle)
        + c["gpu_price_usd"] / annuity(c["gpu_life_years"], c["discount_rate"]) / hours
        + c["facility_capex_usd_per_kw"]
        * it_kw
        / annuity(c["facility_life_years"], c["discount_rate"])
        / hours
        + (c["network_usd_per_gpu_hour"] + c["other_opex_usd_per_gpu_hour"]) / c["utilisation"]
    )


def main() -> None:
    """Time evaluations, draws and a copy of memory, and print rates and ratios."""
    inputs = Inputs(NAMES)
    next(inputs.draws(AT_ONCE, seed=SEED, at_once=AT_ONCE))
    start = time.perf_counter()
    pieces = list(inputs.draws(AT_ONCE * 32, seed=SEED, at_once=AT_ONCE))
    draw_rate = AT_ONCE * 32 / (time.perf_counter() - start)
    drawn = {name: np.concatenate([piece[name] for piece in pieces]) for name in NAMES}

    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        for number in range(EVALUATIONS // AT_ONCE):
            gpu_hour_cost(**pieces[number % len(pieces)])
        best = min(best, time.perf_counter() - start)
    rate = EVALUATIONS // AT_ONCE * AT_ONCE / best

    rows = [{name: float(column[place]) for name, column in drawn.items()} for place in range(LOOPED)]
    start = time.perf_counter()
    totals = [plain(row) for row in rows]
    loop_rate = LOOPED / (time.perf_counter() - start)
    vector = gpu_hour_cost(**{name: column[:LOOPED] for name, column in drawn.items()}).total
    np.testing.assert_allclose(vector, totals, rtol=1e-12)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    draws = 4_000_000
    sketch = monte_carlo(
        inputs,
        lambda c: {"total": gpu_hour_cost(**c).total},
        draws=draws,
        seed=SEED,
        at_once=65_536,
        bins_per_log=2000,
        reach=40,
    )["total"]
    seconds = time.perf_counter() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    ends = ", ".join(f"{sketch.quantile(share):.3f}" for share in (0.05, 0.5, 0.95))
    print(f"Monte Carlo  {draws:,} draws in {seconds:.1f} s, {grown:.0f} MB more memory: {ends} USD")

    big, target = np.zeros(50_000_000), np.empty(50_000_000)
    target[:] = big
    start = time.perf_counter()
    target[:] = big
    bandwidth = 2 * big.nbytes / (time.perf_counter() - start) / 1e9
    del big, target

    print(
        f"cost stack   {rate / 1e6:8.1f} million evaluations/s on one core, {rate / loop_rate:,.0f} x a loop"
    )
    print(f"plain loop   {loop_rate / 1e6:8.2f} million evaluations/s")
    print(f"drawing      {draw_rate / 1e6:8.2f} million draws/s of {len(NAMES)} inputs")
    print(f"memory copy  {bandwidth:8.1f} GB/s; the stack reads {rate * 8 * len(NAMES) / 1e9:.1f} GB/s")


if __name__ == "__main__":
    main()
