"""A decode step, term by term, with numbers that can be done in the head."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.decode_step import SHARPNESS, common_terms, decode_step
from analysis.model.energy_model import EnergyModel
from analysis.model.quantities import Coefficients, Setup
from analysis.model.request import token_energy

IDEAL = Coefficients(
    weight_read_excess=1.0,
    kv_read_excess=1.0,
    decode_excess=1.0,
    prefill_excess=1.0,
    expert_excess=1.0,
    fp8_expert_excess=1.0,
    layer_overhead_s=0.0,
    link_overhead_s=0.0,
    link_excess=0.0,
    sequence_overhead_s=0.0,
    early_overhead=1.0,
    llama_cpp_overhead=1.0,
    naive_layer_s=0.0,
    naive_int8=1.0,
    naive_kv=1.0,
    power_floor=0.2,
    power_memory=0.5,
    power_compute=0.7,
    power_prefill=0.6,
    blackwell_power=1.0,
)
DENSE = Setup(
    params_total=10e9,
    params_active=10e9,
    shared_share=0.0,
    bytes_per_weight=2.0,
    is_fp8=0.0,
    is_blackwell=0.0,
    is_early=0.0,
    is_naive=0.0,
    is_llama_cpp=0.0,
    layers=40.0,
    request_bytes=(100 + 400 / 2) * 1e5,
    batch=10.0,
    tokens_per_step=1.0,
    input_tokens=100.0,
    cached_tokens=0.0,
    output_tokens=400.0,
    gpu_count=1.0,
    gpus_per_server=8.0,
    prefill_chunk=8192.0,
    bandwidth_b_per_s=1e12,
    link_b_per_s=1e11,
    peak_flop_per_s=1e15,
    prefill_peak_flop_per_s=1e15,
    tdp_w=1000.0,
)
"""10 billion weights of 2 B on one GPU of 1 TB/s, 1 PFLOP/s and 1 kW."""

TERMS = ("weight_time_s", "kv_time_s", "compute_time_s", "layer_time_s", "link_time_s", "sequence_time_s")


def step(setup=DENSE, **coefficients):
    chosen = IDEAL._replace(**coefficients)
    return decode_step(setup, chosen, common_terms(setup, chosen))


def test_each_term_of_a_dense_step_by_hand():
    found = step()
    assert found.expert_coverage == 1.0
    assert found.weight_time_s == pytest.approx(20e9 / 1e12)
    assert found.kv_time_s == pytest.approx(10 * 300 * 1e5 / 1e12)
    assert found.compute_time_s == pytest.approx(2 * 10e9 * 10 / 1e15)
    time = 0.020 + 0.0003 + 0.0002
    assert found.time_s == pytest.approx(time)
    assert found.power_ratio == pytest.approx(0.2 + (0.5 * 0.0203 + 0.7 * 0.0002) / time)


def test_overheads_by_hand():
    overheads = {"layer_overhead_s": 1e-4, "link_overhead_s": 1e-5, "sequence_overhead_s": 1e-3}
    found = step(DENSE._replace(gpu_count=16.0), **overheads)
    assert found.layer_time_s == pytest.approx(40 * 1e-4)
    assert found.link_time_s == pytest.approx(40 * 4 * 1e-5)
    assert found.sequence_time_s == pytest.approx(10 * 1e-3 / 2), "two servers share the batch"


@pytest.mark.parametrize(("engine", "factor"), [("is_early", 7.0), ("is_llama_cpp", 0.5)])
def test_engines_have_overheads_of_their_own(engine, factor):
    overheads = {"layer_overhead_s": 1e-4, "link_overhead_s": 1e-5, "sequence_overhead_s": 1e-3}
    engines = {"early_overhead": 7.0, "llama_cpp_overhead": 0.5}
    setup = DENSE._replace(gpu_count=2.0)
    current, other = (step(one, **overheads, **engines) for one in (setup, setup._replace(**{engine: 1.0})))
    for name in TERMS[3:]:
        assert getattr(other, name) == pytest.approx(factor * getattr(current, name))
    for name in TERMS[:3]:
        assert getattr(other, name) == getattr(current, name)


def test_the_host_of_a_naive_engine_works_beside_its_gpu():
    naive = DENSE._replace(is_naive=1.0)
    slow_host = step(naive, naive_layer_s=1e-2, layer_overhead_s=1e-4, sequence_overhead_s=1e-3)
    both = (0.0205**SHARPNESS + 0.4**SHARPNESS) ** (1 / SHARPNESS)
    assert slow_host.time_s == pytest.approx(both), "and layers and requests cost nothing else"
    assert slow_host.time_s == pytest.approx(0.4, rel=1e-4), "40 layers of 10 ms, the GPU is done long before"
    assert step(naive, naive_layer_s=1e-5).time_s == pytest.approx(0.0205, rel=1e-4), "the GPU is the slower"
    assert slow_host.power_ratio == pytest.approx(0.2 + (0.5 * 0.0203 + 0.7 * 0.0002) / both)


def test_unpacking_of_eight_bits_slows_a_naive_host_alone():
    eight = DENSE._replace(bytes_per_weight=1.0, is_naive=1.0)
    slow = {"naive_layer_s": 1e-2, "naive_int8": 3.0}
    assert step(eight, **slow).time_s == pytest.approx(1.2, rel=1e-4)
    assert step(eight._replace(is_fp8=1.0), **slow).time_s == pytest.approx(0.4, rel=1e-4), "floats"
    assert step(eight._replace(is_naive=0.0), **slow).time_s == pytest.approx(0.0105)


def test_naive_engines_read_their_cache_more_than_once():
    naive = DENSE._replace(is_naive=1.0)
    assert step(naive, naive_kv=20.0).kv_time_s == pytest.approx(20 * step().kv_time_s)
    assert step(naive_kv=20.0).kv_time_s == step().kv_time_s


def test_sums_are_exchanged_over_the_links():
    width = np.sqrt(10e9 / (12 * 40))
    found = step(DENSE._replace(gpu_count=4.0), link_excess=2.0)
    assert found.link_time_s == pytest.approx(10 * 2 * 8 * 0.75 * 40 * width / 1e11)
    slower = step(DENSE._replace(gpu_count=4.0, link_b_per_s=1e10), link_excess=2.0)
    assert slower.link_time_s == pytest.approx(10 * found.link_time_s)
    assert step(link_excess=2.0).link_time_s == 0.0, "one GPU has nobody to talk to"


def test_a_mixture_reads_the_experts_that_its_batch_touches():
    mixture = DENSE._replace(params_total=100e9, shared_share=0.5, batch=1.0)
    used = 5e9 / 95e9  # 5 of the 10 active billions are routed
    for batch, kept in ((1.0, 1.0), (7.0, 1.0), (7.0, 2.0)):
        found = step(mixture._replace(batch=batch, tokens_per_step=kept))
        assert found.expert_coverage == pytest.approx(1 - (1 - used) ** (batch * kept))
        assert found.weight_bytes == pytest.approx(2 * (5e9 + 95e9 * found.expert_coverage))
    assert step(mixture).weight_bytes == pytest.approx(2 * 10e9), "one token: the active ones"


def test_mixtures_have_their_own_excesses():
    mixture = DENSE._replace(params_total=100e9, shared_share=0.5)
    assert step(mixture, expert_excess=3.0).compute_time_s == pytest.approx(3 * step(mixture).compute_time_s)
    assert step(expert_excess=3.0).compute_time_s == step().compute_time_s
    fp8 = mixture._replace(is_fp8=1.0)
    assert step(fp8, fp8_expert_excess=2.0).weight_time_s == pytest.approx(2 * step(fp8).weight_time_s)
    for other in (DENSE._replace(is_fp8=1.0), mixture):
        assert step(other, fp8_expert_excess=2.0) == step(other)


def test_several_tokens_a_step_are_multiplied_but_read_once():
    one, two = step(), step(DENSE._replace(tokens_per_step=2.0))
    assert two.compute_time_s == pytest.approx(2 * one.compute_time_s)
    assert (two.weight_time_s, two.kv_time_s) == (one.weight_time_s, one.kv_time_s)


def test_power_never_exceeds_the_rated_one_and_blackwell_draws_more():
    assert step(power_floor=0.6, power_memory=0.9).power_ratio == 1.0
    warm = step(DENSE._replace(is_blackwell=1.0), blackwell_power=1.2)
    assert warm.power_ratio == pytest.approx(1.2 * step().power_ratio)
    assert step(blackwell_power=1.2).power_ratio == step().power_ratio


def test_a_batch_below_one_counts_as_one():
    assert step(DENSE._replace(batch=0.5)) == step(DENSE._replace(batch=1.0))


sizes = st.floats(0.5, 500.0)
FITTED = EnergyModel.load().coefficients


@st.composite
def setups(draw):
    active = draw(sizes) * 1e9
    prompt = draw(st.just(0.0) | st.floats(1.0, 1e5))
    engine = draw(st.sampled_from(["is_early", "is_naive", "is_llama_cpp", None]))
    return DENSE._replace(
        params_active=active,
        params_total=active * draw(st.floats(1.0, 30.0)),
        shared_share=draw(st.floats(0.1, 0.9)),
        is_fp8=draw(st.sampled_from([0.0, 1.0])),
        is_blackwell=draw(st.sampled_from([0.0, 1.0])),
        bytes_per_weight=draw(st.sampled_from([0.5, 1.0, 2.0])),
        batch=draw(st.floats(1.0, 5000.0)),
        tokens_per_step=draw(st.floats(1.0, 4.0)),
        input_tokens=prompt,
        cached_tokens=prompt * draw(st.floats(0.0, 1.0)),
        output_tokens=draw(st.floats(1.0, 1e5)),
        request_bytes=draw(st.floats(1e5, 1e11)),
        layers=draw(st.floats(8.0, 130.0)),
        gpu_count=draw(st.sampled_from([1.0, 2.0, 8.0, 16.0])),
        link_b_per_s=draw(st.sampled_from([3e10, 9e11])),
        **({engine: 1.0} if engine else {}),
    )


def _energy(setup):
    return float(token_energy(setup, FITTED).gpu_energy_j_per_output_token)


@given(setups(), st.floats(1.0, 50.0))
def test_more_batch_never_costs_more_per_token(setup, factor):
    assert _energy(setup._replace(batch=setup.batch * factor)) <= _energy(setup) * (1 + 1e-9)


@given(setups(), st.sampled_from(["request_bytes", "params_total"]), sizes)
def test_fewer_bytes_never_cost_more(setup, name, factor):
    more = setup._replace(**{name: getattr(setup, name) * (1.0 + factor)})
    assert _energy(setup) <= _energy(more) * (1 + 1e-9)


@given(setups(), st.floats(1.0, 1e5))
def test_more_fresh_input_never_costs_less(setup, more):
    longer = setup._replace(input_tokens=setup.input_tokens + more)
    assert _energy(setup) <= _energy(longer) * (1 + 1e-9)


@given(setups(), st.floats(0.0, 1.0))
def test_a_larger_cached_share_never_costs_more(setup, share):
    cached = setup.cached_tokens + share * (setup.input_tokens - setup.cached_tokens)
    assert _energy(setup._replace(cached_tokens=cached)) <= _energy(setup) * (1 + 1e-9)


@given(setups())
def test_a_step_is_the_sum_of_its_parts_at_a_power_between_floor_and_rated(setup):
    found = decode_step(setup, FITTED, common_terms(setup, FITTED))
    assert sum(getattr(found, name) for name in TERMS) == pytest.approx(float(found.time_s))
    assert FITTED.power_floor <= found.power_ratio * (1 + 1e-12) <= 1.0 + 1e-9


@given(st.lists(setups(), min_size=1, max_size=6))
def test_arrays_equal_a_loop_of_scalars(several):
    together = Setup(*(np.array(column, dtype=float) for column in zip(*several, strict=True)))
    vector = token_energy(together, FITTED)
    for place, setup in enumerate(several):
        alone = token_energy(setup, FITTED)
        for name in alone._fields:
            one = float(np.asarray(getattr(alone, name)))
            assert getattr(vector, name)[place] == pytest.approx(one, rel=1e-9, nan_ok=True), name
