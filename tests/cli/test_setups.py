"""What may be told of a set-up: how it is read, and what a wrong value is answered with."""

import inspect
import re

import pytest

from analysis.cli.setups import ENTRIES, KNOWN, OPTIONS, read_options, read_value, with_options
from analysis.inputs.errors import ParameterError


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("params_active_b", "70b", '"70b" is no number; in billions, write 70'),
        ("params_active_b", "70B", '"70B" is no number; in billions, write 70'),
        ("params_active_b", "0.6 B", '"0.6 B" is no number; in billions, write 0.6'),
        ("params_active_b", "600M", '"600M" is no number; in billions, write 0.6'),
        ("params_total_b", "1.5T", '"1.5T" is no number; in billions, write 1500'),
        ("params_active_b", "big", '"big" is no number; in billions, write a number as in 70 or 0.6'),
        (
            "params_active_b",
            "70e9",
            "70,000,000,000 billion parameters are beyond any model; in billions, write 70",
        ),
        ("params_active_b", "0", "0 is no size of a model; in billions, write a number as in 70 or 0.6"),
        ("params_active_b", "-3", "-3 is no size of a model; in billions, write a number as in 70 or 0.6"),
        ("batch", "0.5", "0.5 is below the least; write 1 or more"),
        ("batch", "1e9", "1e9 is beyond any sense; write 1000000 or less"),
        ("batch", "2k", '"2k" is no number; write 2000'),
        ("batch", "many", '"many" is no number; write a number as in 64 or 1.5'),
        ("gpu_count", "1.5", "1.5 is no whole number; write 2"),
        ("gpu_count", "0", "0 is below the least; write 1 or more"),
        ("output_tokens", "-1", "-1 is below the least; write 0 or more"),
        ("input_tokens", "1,000", '"1,000" is no number; write 1000'),
        ("cached_share", "95", "95 is more than all; as a share, write 0.95"),
        ("cached_share", "95%", '"95%" is no number; write 0.95'),
        ("utilisation", "70", "70 is more than all; as a share, write 0.7"),
        ("pue", "0.9", "0.9 is below the least; write 1 or more"),
        ("pue", "20", "20 is beyond any sense; write 5 or less"),
        ("tariff", "-1", "-1 is below the least; write 0 or more"),
        ("tariff", "45", "45 is 45 USD/kWh, beyond any sense; write its unit, as in 45 EUR/MWh"),
        ("tariff", "45 CNY/kWh", "45 CNY/kWh is 6.261 USD/kWh, beyond any sense"),
        ("tariff", "8 ct/kWh", "'8 ct/kWh': cents of which currency?"),
        ("tariff", "nan", "is no price of electricity; write a number as in 1000, 0.5 or 1e-3"),
        ("tariff", "0,08", "is no price of electricity; write 0.08"),
        ("gpu_model", " ", "it is blank"),
        ("gpu_model", "\udcff", r"'\udcff' holds signs that cannot be printed"),
        ("layers", "1e6", "1e6 is beyond any sense; write 10000 or less"),
        ("tokens_per_s_per_user", "0", "0 is below the least; write 0.01 or more"),
    ],
)
def test_a_wrong_value_names_the_option_and_what_to_write(column: str, text: str, message: str) -> None:
    with pytest.raises(ParameterError) as refused:
        read_options({column: text})
    assert str(refused.value).startswith(f"{OPTIONS[column]}: ")
    assert message in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.column)
def test_what_a_message_says_to_write_is_taken(entry) -> None:
    if entry.kind in {"number", "whole number", "billions"}:
        for wrong in (str(entry.lowest - 1), "1e13", "2.5", "3.7k"):
            try:
                assert read_value(entry, wrong, "") == float(wrong)
            except ParameterError as error:
                proposed = re.search(r"write (?:a number (?:as in|from) )?([\d.]+)", str(error))[1]
                assert isinstance(read_value(entry, proposed, ""), float)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("params_active_b", "0.6", 0.6),
        ("params_active_b", "1e3", 1000.0),
        ("output_tokens", "0", 0.0),
        ("cached_share", "1", 1.0),
        ("gpu_model", " NVIDIA H100 ", "NVIDIA H100"),
        ("tariff", "45 USD/MWh", 0.045),
        ("gpu_count", "8", 8.0),
        ("gpu_count", "1e2", 100.0),
    ],
)
def test_a_value_is_read(column: str, text: str, value: object) -> None:
    assert read_options({column: text}) == {column: value}


def test_a_name_may_be_of_several_words_and_what_is_not_given_is_none() -> None:
    read = read_options({"model": ["deepseek", "v3"], "batch": None, "engine": None})
    assert read == {"model": "deepseek v3", "batch": None, "engine": None}
    assert read_options({"model": []}) == {"model": None}
    with pytest.raises(ParameterError, match=r"^--params-active: it is blank$"):
        read_options({"params_active_b": ""})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"batch": "8", "load": "balanced"}, r"^--batch and --load: tell one of them"),
        ({"load": "balanced", "tokens_per_s_per_user": "20"}, r"^--load and --tokens-per-second: tell one"),
        (
            {"gpu_tdp_w": "300"},
            r"^--gpu-bandwidth, --gpu-peak, --gpu-memory: a card of one's own needs them too",
        ),
    ],
)
def test_options_that_do_not_go_together_are_named(given: dict[str, str], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        read_options(given)


def test_messages_name_options_instead_of_columns() -> None:
    message = "row set-up, column gpu_count: 2 of gpu_model H100 hold no model; the precision is fp8"
    assert with_options(message) == "--gpus: 2 of --gpu H100 hold no model; the precision is fp8"
    smaller = "row set-up, column params_active_b: nan: more than params_total_b"
    assert with_options(smaller) == "--params-active: more than --params-total"
    unknown = with_options("row set-up, column model: 'x' is not known; known are a, b, and 300 more")
    assert unknown == (
        "MODEL: 'x' is not known; give its size with --params-active, or a name such as deepseek-v3"
    )


def test_the_command_takes_every_option_once() -> None:
    from analysis.cli.app import estimate

    parameters = inspect.signature(estimate).parameters
    assert set(parameters) == {*OPTIONS, "boundary", "file", "out", "as_json", "as_csv"}
    assert len({entry.column for entry in ENTRIES}) == len(ENTRIES) == len(KNOWN)
    assert len({option for option in OPTIONS.values()}) == len(OPTIONS)
