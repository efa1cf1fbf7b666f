"""The direct test: what US hosts ask for Chinese weights, beside what tariffs would make them ask.

If electricity is a claimed share of cost, and prices follow cost, a host on an expensive grid has to ask a
predictable multiple of the vendor's price. The rule, the same for every gap and every subset:

- *rejected*: the one-sided upper bound of the measured mean lies below the least prediction, even with the
  narrowest ratio of tariffs; *rejected at the middle tariffs*: below it with the middle ratio alone;
- *agrees*: the interval reaches the predictions and lies above one;
- *cannot tell*: anything else; *too few*: under `LEAST_CLUSTERS` hosts or vendors.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from analysis.inputs.assumption import Assumption, Range
from analysis.inputs.money import in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import spread
from analysis.model.elasticity import minimum_detectable, two_way_means
from analysis.tables import same_weights
from analysis.tables.headline import Headline

DRAWS, SEED = 9999, 20260312
LEVEL, POWER = 0.05, 0.8
LEAST_CLUSTERS = 4
"""Hosts and vendors below which no verdict is given; companies of a specification that counts."""

ALL = "all pairs"
SUBSETS = {
    ALL: "weights == weights",
    "without Qwen": "vendor != 'Qwen'",
    "without exact copies": "not equal",
    "neither Qwen nor copies": "vendor != 'Qwen' and not equal",
    "hosts with US sites alone": f"served_countries == '{same_weights.US}'",
}
"""Which of `same_weights.price_ratios` are tested; copies ask the vendor's input and output price."""

HUB, AVERAGE = "hub", "average"
AS_STATED, AS_SET = "as stated", "as set"
REJECTED, AT_THE_MIDDLE = "rejected", "rejected at the middle tariffs"
AGREES, CANNOT_TELL, TOO_FEW = "agrees", "cannot tell", "too few"


class Predicted(NamedTuple):
    """Price ratios that a share of electricity in cost would make, passed on in full [1]."""

    narrowest: float
    least: float
    most_us_site: float
    least_cn_site: float
    most: float


def predicted_ratio(share: Assumption | Range, tariffs: spread.RatioRange) -> Predicted:
    """Return the predictions for a range of shares, at the expensive or at the cheap site, and tariffs.

    Parameters
    ----------
    share : Assumption or Range
        Electricity in cost, with its ``low`` and ``high`` end [1].
    tariffs : RatioRange
        Expensive over cheap tariff [1].

    Returns
    -------
    Predicted
        ``least`` to ``most_us_site``: the share holds at the expensive site; ``least_cn_site`` to ``most``:
        at the cheap one; both at the middle ratio. ``narrowest``: the least, at the narrowest ratio.

    Examples
    --------
    >>> found = predicted_ratio(Range(0.5, 0.6, 0.75), spread.RatioRange(1.0, 2.0, 2.0, 2.0, 4.0))
    >>> [round(value, 3) for value in found]
    [1.0, 1.333, 1.6, 1.5, 1.75]
    """
    expensive, cheap = spread.cost_ratio_share_at_expensive_site, spread.cost_ratio_share_at_cheap_site
    return Predicted(
        expensive(share.low, tariffs.narrowest),
        expensive(share.low, tariffs.mid),
        expensive(share.high, tariffs.mid),
        cheap(share.low, tariffs.mid),
        cheap(share.high, tariffs.mid),
    )


def measured_ratios(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the geometric mean of output prices of US hosts over the vendor's, with its uncertainty.

    Parameters
    ----------
    pairs : pandas.DataFrame
        As `same_weights.price_ratios` returns them.

    Returns
    -------
    pandas.DataFrame
        By `SUBSETS`: ``pairs``, ``weights``, ``hosts``, ``vendors`` [number], ``copies``: share of pairs with
        the vendor's own prices, ``median``, ``mean``, its interval ``low`` and ``high``, the one-sided
        ``upper`` bound, the mean with vendors weighing the same, ``mean_of_vendors`` [1], ``standard_error``
        of the log mean, ``freedom``, ``grade``.

    Notes
    -----
    Hosts and vendors are both drawn anew (`two_way_means`). With six vendors a percentile bound is a little
    too low (simulated coverage of the interval: 90 to 97 %), so ``upper`` is the larger of that and a t bound
    with one degree of freedom less than the fewer of hosts and vendors.
    """
    return pd.DataFrame.from_dict(
        {name: _measured(pairs.query(rule)) for name, rule in SUBSETS.items()}, orient="index"
    ).rename_axis("pairs_of")


def _measured(pairs: pd.DataFrame) -> dict[str, Any]:
    """Return the row of `measured_ratios` for one subset."""
    logs, hosts, vendors = np.log(pairs["output_ratio"]), pairs["provider_id"], pairs["vendor"]
    generator = np.random.default_rng(SEED)
    means = two_way_means(logs, hosts, vendors, draws=DRAWS, generator=generator)
    freedom = min(hosts.nunique(), vendors.nunique()) - 1
    error, mean = float(means.std()), float(logs.mean())
    low, high, bound = np.quantile(means, [LEVEL / 2, 1 - LEVEL / 2, 1 - LEVEL])
    upper = max(bound, mean + stats.t.ppf(1 - LEVEL, freedom) * error)
    ends = {"mean": mean, "low": low, "high": high, "upper": upper}
    ends["mean_of_vendors"] = logs.groupby(vendors).mean().mean()
    return {
        "pairs": len(pairs),
        "weights": pairs["weights"].nunique(),
        "hosts": hosts.nunique(),
        "vendors": vendors.nunique(),
        "copies": pairs["equal"].mean(),
        "median": pairs["output_ratio"].median(),
        **{name: float(np.exp(value)) for name, value in ends.items()},
        "standard_error": error,
        "freedom": freedom,
        "grade": worst_grade(pairs["grade"]),
    }


def predicted_ratios(claims: Scenario, scenario: Scenario) -> pd.DataFrame:
    """Return the price ratio that the claimed share of electricity predicts, for each ratio of tariffs.

    Parameters
    ----------
    claims : Scenario
        Gives the share, and the tariffs that are claimed.
    scenario : Scenario
        Gives the Chinese tariffs beside them, and the US tariff: its own and every class.

    Returns
    -------
    pandas.DataFrame
        By ``basis`` (name of a scenario), ``us`` (class of the US tariff) and ``cn``: ``tariff_low``,
        ``tariff_ratio``, ``tariff_high`` [1], the fields of `Predicted` [1], ``grade`` of the share
        and the tariffs.
    """
    classes, share = scenario.definition("tariff_us").choices, claims.electricity_share
    chosen = {word.replace("_", " "): scenario.choosing("tariff_us", word) for word in classes}
    versions = [(AS_STATED, claims)]
    if scenario.tariff_us not in [claims.tariff_us, *(one.tariff_us for one in chosen.values())]:
        versions.append((AS_SET, scenario))
    records = {}
    for us, version in [*versions, *chosen.items()]:
        for cn, chinese in ((HUB, version.tariff_cn_hub), (AVERAGE, version.tariff_cn_average)):
            tariffs = _tariff_ratio(version.tariff_us, chinese)
            records[version.name, us, cn] = {
                "tariff_low": tariffs.narrowest,
                "tariff_ratio": tariffs.mid,
                "tariff_high": tariffs.widest,
                **predicted_ratio(share, tariffs)._asdict(),
                "grade": worst_grade([share.grade, version.tariff_us.grade, chinese.grade]),
            }
    return pd.DataFrame.from_dict(records, orient="index").rename_axis(["basis", "us", "cn"])


def _tariff_ratio(american: Assumption, chinese: Assumption) -> spread.RatioRange:
    """Return US over Chinese tariff [1], both in one currency, each at the rate of its own period."""
    top, base = (in_currency(tariff, "CNY")._asdict() for tariff in (american, chinese))
    return spread.ratio_range(top, base)


def verdicts(measured: pd.DataFrame, predicted: pd.DataFrame) -> pd.DataFrame:
    """Return what each subset says about each prediction, by the rule at the head of this module.

    Returns
    -------
    pandas.DataFrame
        One row for a ratio of tariffs and a subset: the prediction, the measured mean and its ends [1];
        ``elasticity`` of price to tariff that they imply, its one-sided ``elasticity_upper`` bound and the
        smallest one that could have been found, ``minimum_detectable`` (blank where the tariffs are equal, or
        the other way round); ``verdict``; ``grade``.
    """
    kept = ["mean", "low", "high", "upper"]
    table = predicted.reset_index().merge(measured.reset_index(), how="cross", suffixes=("", "_pairs"))
    gap = np.log(table["tariff_ratio"]).where(table["tariff_ratio"] > 1)
    detectable = [
        minimum_detectable(error, freedom=freedom, level=LEVEL, power=POWER)
        for error, freedom in zip(table["standard_error"], table["freedom"], strict=True)
    ]
    table = table.assign(
        elasticity=np.log(table["mean"]) / gap,
        elasticity_upper=np.log(table["upper"]) / gap,
        minimum_detectable=detectable / gap,
        verdict=[_verdict(row) for row in table.itertuples()],
        grade=[worst_grade(two) for two in zip(table["grade"], table["grade_pairs"], strict=True)],
    )
    implied = ["elasticity", "elasticity_upper", "minimum_detectable", "verdict", "grade"]
    return table[[*predicted.index.names, "pairs_of", *predicted.columns.drop("grade"), *kept, *implied]]


def _verdict(row: Any) -> str:
    if min(row.hosts, row.vendors) < LEAST_CLUSTERS:
        return TOO_FEW
    if row.upper < row.narrowest:
        return REJECTED
    if row.upper < row.least:
        return AT_THE_MIDDLE
    return AGREES if row.low > 1 and row.least <= row.high and row.low <= row.most else CANNOT_TELL


def headlines(claims: Scenario, scenario: Scenario, measured: pd.DataFrame) -> dict[str, Headline]:
    """Return the measured mean, what the scenario's hub tariff predicts, and the bound on pass-through.

    The prediction is that of the low end of the share at the US site; its ends reach to the high end at the
    Chinese site. The bound is an elasticity; its ends are those over the subsets with enough clusters.
    """
    everyone = measured.loc[ALL]
    enough = measured[measured["freedom"] >= LEAST_CLUSTERS - 1]
    tariffs = _tariff_ratio(scenario.tariff_us, scenario.tariff_cn_hub)
    predicted = predicted_ratio(claims.electricity_share, tariffs)
    ends = (predicted.least, predicted.most)
    bounds = np.log([everyone["upper"], enough["upper"].min(), enough["upper"].max()])
    upper = (bounds / np.log(tariffs.mid)).tolist() if tariffs.mid > 1 else [None, None, None]
    mean, low, high = everyone[["mean", "low", "high"]].astype(float)
    of_tariffs = scenario.grade_of("tariff_us", "tariff_cn_hub")
    of_share = worst_grade([claims.electricity_share.grade, of_tariffs])
    of_bound = worst_grade([*enough["grade"], of_tariffs])
    return {
        "same_weights_price_ratio_mean": Headline(mean, low, high, "ratio", everyone["grade"]),
        "same_weights_ratio_predicted": Headline(predicted.least, min(ends), max(ends), "ratio", of_share),
        "same_weights_passthrough_upper": Headline(upper[0], upper[1], upper[2], "ratio", of_bound),
    }
