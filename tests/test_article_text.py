"""The parser of the Chinese text, and the ledger's coverage of every number in it."""

import runpy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.claims.ledger import is_about
from analysis.inputs import packs, paths
from analysis.inputs.errors import DataError

PARSER = runpy.run_path(str(Path(__file__).with_name("article_text.py")))
TEXT = paths.project_root().parent / "shared" / "article.zh.md"
NOT_CLAIMS = {
    (3, "2026-03-13 00:19:17"): "publication time",
    (4, "0"): "a counter of the page",
    (11, "千亿参数"): "size class that a claim is about",
    (11, "100Token"): "denominator of a claim",
    (17, "2026年"): "year of the comparison that follows",
    (21, "百万Token"): "denominator of prices",
    (21, "GPT-4o"): "model name",
    (26, "GPT-4o"): "model name",
    (30, "百年"): "a heading",
}
"""Numbers of the text that claim nothing by themselves, and why."""

TIMES = {"months", "years"}
"""Units of one kind."""


def is_covered_by(claim: Any, number: Any) -> bool:
    """Tell whether a claim states a number of the text, or is of the year that it names."""
    if number.unit == "calendar year":
        of_year = str(claim.as_of).startswith(f"{number.value_low:.0f}")
        return bool(claim.paragraph == number.paragraph and of_year)
    return is_about(claim, number)


def uncovered(numbers: list[Any]) -> list[Any]:
    claims = list(packs.load_claims().itertuples(index=False))
    return [number for number in numbers if not any(is_covered_by(claim, number) for claim in claims)]


@pytest.fixture(scope="module")
def numbers() -> list[Any]:
    """Return the numbers of the text that a claim should state."""
    printed = packs.load_pack().printed.itertuples(index=False)
    return [number for number in printed if (number.paragraph, number.token) not in NOT_CLAIMS]


@pytest.mark.parametrize(
    ("words", "token", "low", "high", "unit"),
    [
        ("单周5.16万亿Token", "5.16万亿Token", 5.16e12, 5.16e12, "token"),
        ("价格0.48-0.61/度", "0.48-0.61/度", 0.48, 0.61, "CNY/kWh"),
        ("价格0.13~0.3/度", "0.13~0.3/度", 0.13, 0.3, "CNY/kWh"),
        ("占60%~70%", "60%~70%", 60, 70, "%"),
        ("用电5000万度", "5000万度", 5e7, 5e7, "kWh"),
        ("装机15.19亿千瓦", "15.19亿千瓦", 1.519e9, 1.519e9, "kW"),
        ("发电1.36万亿千瓦时", "1.36万亿千瓦时", 1.36e12, 1.36e12, "kWh"),
        ("只有三分之一", "三分之一", 1 / 3, 1 / 3, "share"),
        ("十分之一的钱", "十分之一", 0.1, 0.1, "share"),
        ("不足三成", "三成", 0.3, 0.3, "share"),
        ("超过一半", "一半", 0.5, 0.5, "share"),
        ("花了数十亿美元", "数十亿美元", 2e9, 9.9e9, "USD"),
        ("工厂停三开四", "停三开四", 3, 4, "days"),
        ("千亿参数", "千亿参数", 1e11, 1e11, "parameter"),
        ("百万Token", "百万Token", 1e6, 1e6, "token"),
        ("成为第二大", "第二", 2, 2, "rank"),
        ("过了三周", "三周", 3, 3, "weeks"),
        ("七十余年", "七十余年", 70, 79, "years"),
        ("等5-7年", "5-7年", 5, 7, "years"),
        ("落后3-6个月", "3-6个月", 3, 6, "months"),
        ("在20262月", "20262月", 2026, 2026, "calendar year"),
        ("在1949年", "1949年", 1949, 1949, "calendar year"),
        ("高16.7倍", "16.7倍", 16.7, 16.7, "ratio"),
    ],
)
def test_numerals_and_units(words: str, token: str, low: float, high: float, unit: str) -> None:
    (number,) = PARSER["numbers_in"](f"7. {words}")
    assert (number.paragraph, number.token, number.unit) == (7, token, unit)
    assert (number.value_low, number.value_high) == pytest.approx((low, high))


def test_a_text_without_numbers_has_none() -> None:
    assert PARSER["numbers_in"]("1. 没有数字\nno number here 5%\n2. 一二三") == []


def test_the_list_survives_a_round_trip(data_copy: Path) -> None:
    printed = packs.load_pack().printed
    path = data_copy / "claims" / paths.FIRST_PACK / "figures.csv"
    path.unlink()
    PARSER["write_numbers"](list(printed.itertuples(index=False)), path)
    assert packs.load_pack(folder=data_copy).printed.equals(printed)
    assert len(printed) == 85


def test_a_number_that_is_none_is_named(data_copy: Path) -> None:
    path = data_copy / "claims" / paths.FIRST_PACK / "figures.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("61,61,%", "61,many,%", 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"figures\.csv.*column value_high"):
        packs.load_pack(folder=data_copy)


def test_every_number_has_a_claim(numbers: list[Any]) -> None:
    assert uncovered(numbers) == []


def test_a_number_that_no_claim_states_is_uncovered(numbers: list[Any]) -> None:
    """Another value, another unit or another paragraph is not covered."""
    scaled = [
        number._replace(value_low=number.value_low * 1.07, value_high=number.value_high * 1.07)
        for number in numbers
    ]
    other_unit = [number._replace(unit="months") for number in numbers if number.unit not in TIMES]
    elsewhere = [number._replace(paragraph=number.paragraph + 100) for number in numbers]
    for changed in (scaled, other_unit, elsewhere):
        assert uncovered(changed) == changed


def test_the_exceptions_are_a_handful_and_are_in_the_text() -> None:
    printed = packs.load_pack().printed
    assert set(NOT_CLAIMS) <= set(zip(printed["paragraph"], printed["token"], strict=True))
    assert len(NOT_CLAIMS) < 10


@pytest.mark.skipif(not TEXT.is_file(), reason="the text is not at hand")
def test_the_list_is_that_of_the_text() -> None:
    fresh = pd.DataFrame(PARSER["numbers_in"](TEXT.read_text(encoding="utf-8")))
    pd.testing.assert_frame_equal(fresh, packs.load_pack().printed, check_dtype=False)


@pytest.mark.skipif(not TEXT.is_file(), reason="the text is not at hand")
def test_no_sentence_of_the_text_is_kept() -> None:
    text = TEXT.read_text(encoding="utf-8")
    for claim in packs.load_claims().itertuples():
        assert claim.paraphrase_zh not in text
        pieces = [claim.paraphrase_zh[start : start + 12] for start in range(len(claim.paraphrase_zh) - 11)]
        assert not any(piece in text for piece in pieces), claim.id
