import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.decode_step import Coefficients, Setup, token_energy
from analysis.model.energy_model import EnergyModel

IDEAL = Coefficients(
    weight_read_excess=1.0,
    kv_read_excess=1.0,
    decode_excess=1.0,
    prefill_excess=1.0,
    expert_excess=1.0,
    fp8_expert_excess=1.0,
    layer_overhead_s=0.0,
    link_overhead_s=0.0,
    sequence_overhead_s=0.0,
    power_floor=0.2,
    power_memory=0.5,
    power_compute=0.7,
    blackwell_power=1.0,
    overhead_growth_per_year=0.0,
)
DENSE = Setup(
    params_total=10e9,
    params_active=10e9,
    shared_share=0.0,
    bytes_per_weight=2.0,
    fp8_experts=0.0,
    fp8_gain=2.0,
    is_blackwell=0.0,
    layers=40.0,
    kv_bytes_per_token=1e5,
    batch=10.0,
    input_tokens=100.0,
    output_tokens=400.0,
    gpu_count=1.0,
    gpus_per_server=8.0,
    bandwidth_b_per_s=1e12,
    memory_b=80e9,
    peak_flop_per_s=1e15,
    tdp_w=1000.0,
    software_age_years=0.0,
)
"""10 billion weights of 2 B on one GPU of 1 TB/s, 1 PFLOP/s and 1 kW: every term can be done in the head."""


def test_each_term_of_a_dense_step_by_hand():
    steps = token_energy(DENSE, IDEAL)
    assert steps.expert_coverage == 1.0
    assert steps.weight_time_s == pytest.approx(20e9 / 1e12)
    assert steps.kv_bytes == pytest.approx(10 * (100 + 400 / 2) * 1e5)
    assert steps.kv_time_s == pytest.approx(0.3e9 / 1e12)
    assert steps.decode_compute_time_s == pytest.approx(2 * 10e9 * 10 / 1e15)
    assert steps.prefill_time_s == pytest.approx(2 * 10e9 * 10 * 100 / 400 / 1e15)
    assert steps.batch_kv_limit == pytest.approx((80e9 - 20e9) / (300 * 1e5))
    step = 0.020 + 0.0003 + 0.0002 + 0.00005
    assert steps.step_time_s == pytest.approx(step)
    power = 0.2 + (0.5 * 0.0203 + 0.7 * 0.00025) / step
    assert steps.gpu_power_ratio == pytest.approx(power)
    assert steps.gpu_energy_j_per_output_token == pytest.approx(power * 1000 * step / 10)
    assert steps.prefill_energy_j_per_output_token == pytest.approx(0.9 * 1000 * 0.00005 / 10)


def test_overheads_by_hand():
    coefficients = IDEAL._replace(
        layer_overhead_s=1e-4, link_overhead_s=1e-5, sequence_overhead_s=1e-3, overhead_growth_per_year=0.5
    )
    steps = token_energy(DENSE._replace(gpu_count=16.0, software_age_years=2.0), coefficients)
    assert steps.layer_time_s == pytest.approx(np.e * 40 * 1e-4)
    assert steps.link_time_s == pytest.approx(np.e * 40 * 4 * 1e-5)
    assert steps.sequence_time_s == pytest.approx(np.e * 10 * 1e-3 / 2), "two servers share the batch"


def test_every_excess_scales_its_own_term():
    base = token_energy(DENSE, IDEAL)
    for name, term in (
        ("weight_read_excess", "weight_time_s"),
        ("kv_read_excess", "kv_time_s"),
        ("decode_excess", "decode_compute_time_s"),
        ("prefill_excess", "prefill_time_s"),
    ):
        changed = token_energy(DENSE, IDEAL._replace(**{name: 3.0}))
        for other in ("weight_time_s", "kv_time_s", "decode_compute_time_s", "prefill_time_s"):
            factor = 3.0 if other == term else 1.0
            assert getattr(changed, other) == pytest.approx(factor * getattr(base, other))


def test_a_mixture_reads_the_experts_that_its_batch_touches():
    mixture = DENSE._replace(params_total=100e9, shared_share=0.5, batch=1.0)
    used = 5e9 / 95e9  # 5 of the 10 active billions are routed
    for batch in (1.0, 7.0):
        steps = token_energy(mixture._replace(batch=batch), IDEAL)
        assert steps.expert_coverage == pytest.approx(1 - (1 - used) ** batch)
        assert steps.weight_bytes == pytest.approx(2 * (5e9 + 95e9 * steps.expert_coverage))
    assert token_energy(mixture, IDEAL).weight_bytes == pytest.approx(2 * 10e9), "one token: the active ones"


def test_mixtures_have_their_own_excesses():
    mixture = DENSE._replace(params_total=100e9, shared_share=0.5)
    plain = token_energy(mixture, IDEAL)
    slower = token_energy(mixture, IDEAL._replace(expert_excess=3.0))
    assert slower.decode_compute_time_s == pytest.approx(3 * plain.decode_compute_time_s)
    assert slower.prefill_time_s == plain.prefill_time_s
    fp8 = mixture._replace(bytes_per_weight=1.0, fp8_experts=1.0, peak_flop_per_s=2e15)
    slow = token_energy(fp8, IDEAL._replace(fp8_expert_excess=2.0))
    assert slow.weight_time_s == pytest.approx(plain.weight_time_s), "two is the speed of 16 bits"
    assert slow.decode_compute_time_s == pytest.approx(plain.decode_compute_time_s)
    without_units = fp8._replace(fp8_gain=1.0, peak_flop_per_s=1e15)
    slow = token_energy(without_units, IDEAL._replace(fp8_expert_excess=2.0))
    assert slow.decode_compute_time_s == pytest.approx(plain.decode_compute_time_s), "no slower than 16 bits"
    dense = token_energy(DENSE, IDEAL._replace(expert_excess=3.0))
    assert dense.decode_compute_time_s == token_energy(DENSE, IDEAL).decode_compute_time_s


def test_power_never_exceeds_the_rated_one():
    hot = IDEAL._replace(power_floor=0.6, power_memory=0.9)
    steps = token_energy(DENSE, hot)
    assert steps.gpu_power_ratio == 1.0
    assert steps.gpu_energy_j_per_output_token == pytest.approx(1000 * steps.step_time_s / 10)
    parts = steps.prefill_energy_j_per_output_token + steps.decode_energy_j_per_output_token
    assert parts == pytest.approx(steps.gpu_energy_j_per_output_token)


def test_blackwell_boards_draw_more_for_the_same_shares():
    coefficients = IDEAL._replace(blackwell_power=1.25)
    assert token_energy(DENSE, coefficients) == token_energy(DENSE, IDEAL)
    hot = token_energy(DENSE._replace(is_blackwell=1.0), coefficients)
    assert hot.gpu_power_ratio == pytest.approx(1.25 * token_energy(DENSE, IDEAL).gpu_power_ratio)
    plain = token_energy(DENSE, IDEAL).prefill_energy_j_per_output_token
    assert hot.prefill_energy_j_per_output_token == pytest.approx(1.25 * plain)


def test_one_gpu_has_no_links_and_a_batch_below_one_counts_as_one():
    assert token_energy(DENSE, IDEAL._replace(link_overhead_s=1.0)).link_time_s == 0.0
    half, one = (token_energy(DENSE._replace(batch=batch), IDEAL) for batch in (0.5, 1.0))
    assert half.gpu_energy_j_per_output_token == one.gpu_energy_j_per_output_token


sizes = st.floats(0.5, 500.0)
FITTED = EnergyModel.load().coefficients


@st.composite
def setups(draw):
    active = draw(sizes) * 1e9
    gpus = draw(st.sampled_from([1.0, 2.0, 8.0, 16.0]))
    return DENSE._replace(
        params_active=active,
        params_total=active * draw(st.floats(1.0, 30.0)),
        shared_share=draw(st.floats(0.1, 0.9)),
        fp8_experts=draw(st.sampled_from([0.0, 1.0])),
        bytes_per_weight=draw(st.sampled_from([0.5, 1.0, 2.0])),
        batch=draw(st.floats(1.0, 5000.0)),
        input_tokens=draw(st.floats(0.0, 1e5)),
        output_tokens=draw(st.floats(1.0, 1e5)),
        kv_bytes_per_token=draw(st.floats(1e3, 1e6)),
        layers=draw(st.floats(8.0, 130.0)),
        gpu_count=gpus,
        software_age_years=draw(st.floats(0.0, 3.0)),
    )


def _energy(setup):
    return float(token_energy(setup, FITTED).gpu_energy_j_per_output_token)


@given(setups(), st.floats(1.0, 50.0))
def test_more_batch_never_costs_more_per_token(setup, factor):
    assert _energy(setup._replace(batch=setup.batch * factor)) <= _energy(setup) * (1 + 1e-12)


@given(setups(), st.sampled_from(["bytes_per_weight", "kv_bytes_per_token", "params_total"]), sizes)
def test_fewer_bytes_never_cost_more(setup, name, factor):
    more = setup._replace(**{name: getattr(setup, name) * (1.0 + factor)})
    assert _energy(setup) <= _energy(more) * (1 + 1e-12)


@given(setups(), st.sampled_from(["input_tokens", "layers", "software_age_years"]), st.floats(0.0, 5.0))
def test_more_work_never_costs_less(setup, name, more):
    assert _energy(setup) <= _energy(setup._replace(**{name: getattr(setup, name) + more})) * (1 + 1e-12)


@given(setups())
def test_power_lies_between_the_floor_and_the_rated_one(setup):
    steps = token_energy(setup, FITTED)
    assert FITTED.power_floor <= steps.gpu_power_ratio * (1 + 1e-12) * max(FITTED.blackwell_power, 1.0)
    assert steps.gpu_power_ratio <= 1.0
    assert 0.0 < steps.gpu_energy_j_per_output_token < np.inf


@given(setups())
def test_a_step_is_the_sum_of_its_parts(setup):
    steps = token_energy(setup, FITTED)
    parts = [name for name in steps._fields if name.endswith("_time_s") and name != "step_time_s"]
    assert sum(getattr(steps, name) for name in parts) == pytest.approx(steps.step_time_s)
    assert len(parts) == 7


@given(st.lists(setups(), min_size=1, max_size=6))
def test_arrays_equal_a_loop_of_scalars(several):
    together = Setup(*(np.array(column, dtype=float) for column in zip(*several, strict=True)))
    vector = token_energy(together, FITTED)
    for place, setup in enumerate(several):
        alone = token_energy(setup, FITTED)
        for name in alone._fields:
            assert getattr(vector, name)[place] == pytest.approx(float(getattr(alone, name)), rel=1e-12)
