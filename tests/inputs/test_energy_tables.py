"""Rates, loads and kinds of attention."""

from analysis.inputs import datasets, energy_tables


def test_rates_are_of_known_cards_and_sources() -> None:
    for table in (energy_tables.load_throughput_measured(), energy_tables.load_prefill_rates()):
        assert set(table["gpu_model"]) <= set(datasets.load_gpu_specs().index)
        assert set(table["source"]) <= set(datasets.load_sources().index)
        assert (table["unit"] == "token/s/GPU").all()
    assert len(energy_tables.load_throughput_measured()) == 57


def test_busier_loads_wait_for_slower_readers_and_serve_more() -> None:
    loads = energy_tables.load_loads().loc[["interactive", "balanced", "saturated"]]
    assert loads["tokens_per_s_per_user"].is_monotonic_decreasing
    assert loads["least_batch"].is_monotonic_increasing
    assert list(loads["if_unknown"]) == ["low", "value", "high"]


def test_latent_attention_keeps_least_and_multi_head_most() -> None:
    kept = energy_tables.load_attentions()["cache_over_grouped"]
    assert kept["latent"] < kept["grouped"] == 1.0 < kept["sliding"] < kept["multi-head"]
