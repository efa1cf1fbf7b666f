"""What counts as a valid deliverable."""

import io

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis.runs.outputs import problem_with


def picture(kind: str) -> bytes:
    figure, _ = plt.subplots()
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind)
    plt.close(figure)
    return buffer.getvalue()


def parquet() -> bytes:
    return pd.DataFrame({"a": [1]}).to_parquet()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", picture("png")),
        ("a.svg", picture("svg")),
        ("t/a.csv", b'a,b\n1,"x, y"\n'),
        ("a.json", b"{}"),
        ("a.ipynb", b"{}"),
        ("a.parquet", parquet()),
        ("a.txt", b"anything"),
    ],
)
def test_what_is_whole_is_fine(name: str, content: bytes) -> None:
    assert problem_with([name], {name: content, "more.txt": b""}) == ""
    assert problem_with([name], {name: b""}) == f"not delivered, or empty: {name}"
    assert problem_with([name], {}) == f"not delivered, or empty: {name}"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.png", picture("png")[:-3], "no whole PNG"),
        ("a.PNG", b"x", "no whole PNG"),
        ("a.svg", picture("svg")[:-9], "unclosed token"),
        ("a.svg", b"<html/>", "no SVG"),
        ("a.csv", b"a,b\n1\n", "rows of different lengths"),
        ("a.csv", b"\n\n", "no row"),
        ("a.csv", b'a\n"b', "unexpected end of data"),
        ("a.csv", b"\xff\xfe", "codec can't decode"),
        ("a.json", b"{", "Expecting property name"),
        ("a.json", b"[" * 100_000, "recursion"),
        ("a.parquet", parquet()[:-1], "Parquet"),
        ("a.parquet", b"PAR1" + b"junk" * 9 + b"PAR1", "arquet"),
        ("a.parquet", parquet()[:30] + bytes(60) + parquet()[90:], "a.parquet (Could"),
    ],
)
def test_what_is_broken_is_named(name: str, content: bytes, reason: str) -> None:
    problem = problem_with(["b.json", name], {name: content, "b.json": b"1"})
    assert problem.startswith(f"not valid: {name} (")
    assert reason in problem


def test_everything_missing_is_named_at_once() -> None:
    assert problem_with(["a", "b", "c"], {"b": b"1"}) == "not delivered, or empty: a, c"
