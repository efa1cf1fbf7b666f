"""By what factor a gap between two tariffs moves cost: five ways to count, each for another question."""

from typing import NamedTuple

from analysis.inputs.units import Numeric
from analysis.model.gpu_hour import GpuHourCost
from analysis.model.spread import cost_ratio_share_at_cheap_site


class TariffEffects(NamedTuple):
    """Cost after over cost before, in five ways to count [ratio].

    Attributes
    ----------
    all_orders : numeric
        The tariff's part of the ratio of costs, averaged over all orders in which the differences between the
        sides can be made (`analysis.model.spread.explain_log_ratio`).
    moved : numeric
        Whole cost of the cheap side once it pays the expensive tariff, over its cost before.
    bill : numeric
        The same once it pays the other side's whole electricity bill.
    cash : numeric
        As `moved`, of running costs alone: electricity, staff, repairs and the rest.
    electricity : numeric
        As `moved`, of electricity alone: the ratio of the tariffs.
    """

    all_orders: Numeric
    moved: Numeric
    bill: Numeric
    cash: Numeric
    electricity: Numeric


def tariff_effects(
    *, all_orders: Numeric, cheap: GpuHourCost, dear: GpuHourCost, tariff_ratio: Numeric
) -> TariffEffects:
    """Return what the tariff of the expensive side does to the cost of the cheap side.

    Parameters
    ----------
    all_orders : numeric
        The tariff's part of the ratio of costs [ratio].
    cheap, dear : GpuHourCost
        Cost of the same number of tokens on both sides, part by part [USD].
    tariff_ratio : numeric
        Expensive over cheap tariff [ratio].

    Notes
    -----
    For cost c, electricity e and other running cost o of the cheap side, tariff ratio r and the other side's
    electricity E: ``1 + e (r - 1) / c``, ``1 + (E - e) / c``, ``1 + e (r - 1) / (e + o)`` and ``r``.

    Examples
    --------
    One dollar of electricity and one of staff in a cost of eight; power costs three times as much elsewhere,
    where the larger model's bill is five dollars.

    >>> home = GpuHourCost(electricity=1.0, hardware=6.0, network=0.0, facility=0.0, other=1.0, total=8.0)
    >>> away = home._replace(electricity=5.0, total=12.0)
    >>> tariff_effects(all_orders=1.2, cheap=home, dear=away, tariff_ratio=3.0)
    TariffEffects(all_orders=1.2, moved=1.25, bill=1.5, cash=2.0, electricity=3.0)
    """
    of_cash = cheap.electricity / (cheap.electricity + cheap.other)
    return TariffEffects(
        all_orders=all_orders,
        moved=cost_ratio_share_at_cheap_site(cheap.electricity / cheap.total, tariff_ratio),
        bill=1.0 + (dear.electricity - cheap.electricity) / cheap.total,
        cash=cost_ratio_share_at_cheap_site(of_cash, tariff_ratio),
        electricity=tariff_ratio,
    )


def added_usd(*, cheap: GpuHourCost, dear: GpuHourCost, tariff_ratio: Numeric) -> dict[str, Numeric]:
    """Return the dollars that the cheap side pays more with the expensive tariff, and with the whole bill.

    Parameters
    ----------
    cheap, dear, tariff_ratio
        As for `tariff_effects`.

    Returns
    -------
    dict
        ``moved`` and ``bill`` of `TariffEffects` [USD].
    """
    return {"moved": cheap.electricity * (tariff_ratio - 1.0), "bill": dear.electricity - cheap.electricity}
