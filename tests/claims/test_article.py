"""The parser of the Chinese text, and the ledger's coverage of it."""

import pytest

from analysis import claims
from analysis.claims import article
from analysis.inputs import datasets, paths

TEXT = paths.project_root().parent / "shared" / "article.zh.md"


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
    (figure,) = article.figures_of(f"7. {words}")
    assert (figure.paragraph, figure.token, figure.unit) == (7, token, unit)
    assert (figure.value_low, figure.value_high) == pytest.approx((low, high))


def test_a_text_without_figures_has_none() -> None:
    assert article.figures_of("1. 没有数字\nno number here 5%\n2. 一二三") == []


def test_the_list_survives_a_round_trip(tmp_path) -> None:
    figures = article.load_figures()
    article.write_figures(figures, tmp_path / "figures.csv")
    assert article.load_figures(tmp_path / "figures.csv") == figures
    assert len(figures) == 85


def test_every_figure_has_a_claim() -> None:
    assert claims.uncovered_figures(datasets.load_claims(), article.load_figures()) == []


def test_the_exceptions_are_a_handful_and_are_in_the_text() -> None:
    listed = {(figure.paragraph, figure.token) for figure in article.load_figures()}
    assert set(claims.NOT_CLAIMS) <= listed
    assert len(claims.NOT_CLAIMS) < 10


def test_a_removed_claim_leaves_a_figure_uncovered() -> None:
    """True of every claim about a figure that no other claim shares."""
    ledger, figures = datasets.load_claims(), article.load_figures()
    rows = list(ledger.itertuples(index=False))
    checked = 0
    for figure in figures:
        if (figure.paragraph, figure.token) in claims.NOT_CLAIMS:
            continue
        about = [claim.id for claim in rows if claims.says(claim, figure)]
        without = ledger.drop(index=about)
        assert figure in claims.uncovered_figures(without, figures)
        checked += 1
    assert checked == len(figures) - len(claims.NOT_CLAIMS)


@pytest.mark.skipif(not TEXT.is_file(), reason="the text is not at hand")
def test_the_list_is_that_of_the_text() -> None:
    text = TEXT.read_text(encoding="utf-8")
    fresh = article.figures_of(text)
    kept = article.load_figures()
    assert [figure[:2] for figure in fresh] == [figure[:2] for figure in kept]
    for one, other in zip(fresh, kept, strict=True):
        assert one[2:4] == pytest.approx(other[2:4])
        assert one.unit == other.unit


@pytest.mark.skipif(not TEXT.is_file(), reason="the text is not at hand")
def test_no_sentence_of_the_text_is_kept() -> None:
    text = TEXT.read_text(encoding="utf-8")
    for claim in datasets.load_claims().itertuples():
        assert claim.paraphrase_zh not in text
        pieces = [claim.paraphrase_zh[start : start + 12] for start in range(len(claim.paraphrase_zh) - 11)]
        assert not any(piece in text for piece in pieces), claim.id
