"""What a notebook works with."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis import begin
from analysis.inputs import datasets, packs, rules
from analysis.inputs.errors import DataError, ParameterError, ScenarioError
from analysis.inputs.scenario import load_scenario
from analysis.runs.session import warm_up
from analysis.runs.suite import SUITE


def session(folder: Path, **parameters):
    return begin("03-gpu-offset", output_dir=str(folder), **parameters)


def test_after_a_warm_up_nothing_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    warm_up()
    monkeypatch.setattr(rules, "read_checked", lambda path, columns: pytest.fail(f"{path} is read again"))
    for load in (packs.load_claims, datasets.load_quotes, datasets.load_build_ups, datasets.load_facts):
        load()
    load_scenario("audited")


def test_a_warm_up_leaves_telling_what_is_wrong_to_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise DataError(f"{name}.csv, row 2: wrong")

    monkeypatch.setattr(datasets, "load_table", refuse)
    warm_up()


def test_overrides_win_over_the_scenario(tmp_path: Path) -> None:
    study = session(tmp_path, scenario="audited", overrides={"tariff_cn_hub": 0.3})
    assert study.scenario.tariff_cn_hub.value == 0.3
    assert study.claims.name == "article"


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"horizon_years": 0}, ParameterError, "horizon_years"),
        ({"horizon_years": 41}, ParameterError, "horizon_years"),
        ({"horizon_years": 5.5}, ParameterError, "horizon_years"),
        ({"horizon_years": "5"}, ParameterError, "horizon_years"),
        ({"discount_rate": -0.1}, ParameterError, "discount_rate"),
        ({"discount_rate": float("nan")}, ParameterError, "discount_rate"),
        ({"currency": "EUR"}, ParameterError, "currency"),
        ({"colour": "red"}, ParameterError, "colour: unknown name"),
        ({"scenario": "nobody"}, ScenarioError, "unknown scenario"),
        ({"overrides": {"tarif": 1}}, ScenarioError, "no assumption has this name"),
        ({"overrides": "tariff_us"}, ParameterError, "overrides"),
        ({"output_dir": "figures/article"}, ParameterError, "figures/ is written by"),
        ({"output_dir": "figures"}, ParameterError, "figures/ is written by"),
    ],
)
def test_wrong_parameters_are_named(tmp_path: Path, parameters: dict, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        begin("03-gpu-offset", **({"output_dir": str(tmp_path)} | parameters))


def test_parameters_are_picked_out_of_the_names_of_a_notebook(tmp_path: Path) -> None:
    scenario, currency, output_dir, overrides = "audited", "USD", str(tmp_path), {"tariff_cn_hub": 0.3}
    horizon_years, discount_rate = 7, 0.1
    unrelated = object()
    study = begin("03-gpu-offset", {**locals(), "unrelated": unrelated})
    by_name = begin(
        "03-gpu-offset",
        scenario=scenario,
        currency=currency,
        output_dir=output_dir,
        overrides=overrides,
        horizon_years=horizon_years,
        discount_rate=discount_rate,
    )
    assert study.parameters == by_name.parameters
    assert study.scenario == by_name.scenario


def test_a_wrong_or_missing_name_of_a_notebook_is_told(tmp_path: Path) -> None:
    names = {"scenario": "article", "currency": "CNY", "output_dir": str(tmp_path), "overrides": {}}
    with pytest.raises(ParameterError, match="03-gpu-offset: missing: horizon_years, discount_rate"):
        begin("03-gpu-offset", names)
    with pytest.raises(ParameterError, match="03-gpu-offset: horizon_years: Input should be a valid integer"):
        begin("03-gpu-offset", names | {"horizon_years": "5", "discount_rate": 0.1})
    with pytest.raises(ParameterError, match="colour: unknown name"):
        begin("01-price-gap", names, colour="red")
    assert begin("01-price-gap", names, currency="USD").currency == "USD"


def test_an_unknown_notebook_is_named() -> None:
    with pytest.raises(ParameterError, match="unknown notebook '99-x'"):
        begin("99-x")


def test_only_what_is_declared_is_delivered(tmp_path: Path) -> None:
    study = session(tmp_path)
    figure, _ = plt.subplots()
    with pytest.raises(ValueError, match="other figures than it declares: gpu-offset-heatmap"):
        study.deliver(figures={"gpu-offset-savings": figure, "gpu-offset-shares": figure}, tables={})
    plt.close(figure)
    assert list(tmp_path.iterdir()) == []


def test_what_is_optional_may_be_delivered_or_not(tmp_path: Path) -> None:
    optional = SUITE["09-cost-stack"].optional
    assert optional
    declared = {"figures": SUITE["09-cost-stack"].figures, "tables": SUITE["09-cost-stack"].tables}
    assert not set(optional) & {*declared["figures"], *declared["tables"]}
    study = begin("09-cost-stack", output_dir=str(tmp_path))
    with pytest.raises(ValueError, match="other figures than it declares: cost-") as error:
        study.deliver(figures={"cost-by-place": None}, tables={})
    assert "cost-by-place" not in str(error.value)


def test_shown_tables_are_rounded_and_blank_where_nothing_is_known(tmp_path: Path) -> None:
    table = pd.DataFrame({"x": [0.12345, float("nan"), 123456.7], "n": [1, 2, 3], "t": ["a", None, "c"]})
    shown = session(tmp_path).show(table, digits=2)
    assert shown["x"].tolist() == ["0.12", "", "123,457"]
    assert shown["n"].tolist() == [1, 2, 3]
    assert shown["t"].tolist() == ["a", "", "c"]


def test_what_rounds_to_zero_is_shown_without_a_sign(tmp_path: Path) -> None:
    shown = session(tmp_path).show(pd.DataFrame({"x": [-0.0004, -0.0006, -1234.4]}))
    assert shown["x"].tolist() == ["0.000", "-0.001", "-1,234"]


@pytest.mark.parametrize(
    "name", ["currency", "overrides", "horizon_years", "discount_rate", "scenario", "topic"]
)
def test_an_integer_of_thousands_of_digits_is_refused_by_name(name: str) -> None:
    with pytest.raises(ParameterError, match=name):
        begin("03-gpu-offset", **{name: 10**5000})
