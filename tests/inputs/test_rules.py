"""Rules of the tables are rows: what they refuse."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets, paths, rules
from analysis.inputs.errors import DataError


def columns_of(**columns: dict[str, str]) -> pd.DataFrame:
    """Return declarations of columns; what is not given is blank, their kind text."""
    names = (
        "table",
        "column",
        "kind",
        "unit",
        "words",
        "lowest",
        "highest",
        "blank",
        "unique",
        "refers_to",
        "rules",
    )
    rows = [
        dict.fromkeys(names, "") | {"column": name, "kind": "text"} | given for name, given in columns.items()
    ]
    return pd.DataFrame(rows)


def refusal(tmp_path: Path, text: str, **columns: dict[str, str]) -> str:
    """Return why a table is refused, or nothing."""
    path = tmp_path / "some.csv"
    path.write_text(text, encoding="utf-8")
    try:
        rules.read_checked(path, columns_of(**columns))
    except DataError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("id", "a-1_b", "A b"),
        ("number", "-1.5", "much"),
        ("number", "1e300", "inf"),
        ("positive number", "0.1", "0"),
        ("whole number", "-3", "0.5"),
        ("positive whole number", "3", "-3"),
        ("true or false", "true", "yes"),
        ("period", "2025-S1", "soon"),
        ("country", "FR", "INT"),
        ("country or INT", "INT", "France"),
        ("countries", "FR; DE", "FR, DE"),
        ("vendor/name", "a/b", "a/b/c"),
        ("web address", "https://a", "ftp://a"),
        ("text", "anything", ""),
    ],
)
def test_each_kind_takes_its_own(tmp_path: Path, kind: str, good: str, bad: str) -> None:
    cells = {"kind": kind}
    assert refusal(tmp_path, f'a,b\nx,"{good}"\n', a={}, b=cells) == ""
    assert refusal(tmp_path, f'a,b\nx,"{bad}"\n', a={}, b=cells).startswith("some.csv, row 2, column b: ")


def test_what_a_kind_takes_is_said(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path, "a\nx\n", a={"kind": "number"}) == "some.csv, row 2, column a: 'x' fails: a number"
    )
    words = {"kind": "choice", "words": "share;currency/kWh"}
    assert refusal(tmp_path, "a\nUSD/kWh\nshare\n", a=words) == ""
    told = "some.csv, row 2, column a: 'kWh' fails: one of share, CNY/kWh, EUR/kWh, GBP/kWh, USD/kWh"
    assert refusal(tmp_path, "a\nkWh\n", a=words) == told


def test_bounds_blanks_and_doubles(tmp_path: Path) -> None:
    year = {"kind": "whole number", "lowest": "1900", "highest": "2100"}
    assert refusal(tmp_path, "a\n1900\n2100\n", a=year) == ""
    assert "row 2, column a: 1899 fails: 1900 or more" in refusal(tmp_path, "a\n1899\n", a=year)
    assert "row 2, column a: 2101 fails: 2100 or less" in refusal(tmp_path, "a\n2101\n", a=year)
    assert "row 3, column a: nan fails: not blank" in refusal(tmp_path, "a,b\nx,y\n,y\n", a={}, b={})
    assert refusal(tmp_path, "a,b\nx,y\n,y\n", a={"blank": "yes"}, b={}) == ""
    assert "column a: 'x' fails: no two rows the same" in refusal(tmp_path, "a\nx\nx\n", a={"unique": "yes"})


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("should not exceed b", ("1", "1"), ("2", "1")),
        ("should not exceed b", ("1", ""), ("10", "9")),
        ("should not be less than b", ("", "2"), ("1", "2")),
        ("should lie within 1 to 5 where unit ends in /kWh", ("5", "x/kWh"), ("6", "x/kWh")),
        ("should lie within 1 to 5 where unit ends in /kWh", ("6", "x/kW"), ("0.9", "x/kWh")),
        ("should be filled where b is given", ("1", "given"), ("", "given")),
        ("should be filled where b is blank", ("", "x"), ("", "")),
        ("should be filled exactly where b is filled", ("", ""), ("1", "")),
        ("should be filled exactly where b is yes", ("1", "yes"), ("1", "no")),
        ("should be that of the period", ("2025", "2025-S1"), ("2024", "2025-S1")),
        ("should be that of the unit", ("CAD", "CAD/kWh"), ("USD", "share")),
        ("should be one that the component can have", ("USD/kW-month", "demand charge"), ("share", "energy")),
        ("should be one that the component can have", ("share", "loss rate"), ("USD/kWh", "loss rate")),
        ("a figure recalled from memory has no place here", ("x", "y"), ("Recalled so", "y")),
    ],
)
def test_each_rule_holds_over_a_row(tmp_path: Path, rule: str, good: tuple, bad: tuple) -> None:
    other = next((word for word in ("unit", "period", "component") if word in rule), "b")
    numbers = "than" in rule or "exceed" in rule or "lie" in rule
    cells = {
        "a": {"rules": rule, "blank": "yes", "kind": "number" if numbers else "text"},
        other: {"blank": "yes", "kind": "number" if "exceed" in rule or "than" in rule else "text"},
    }
    assert refusal(tmp_path, f"a,{other},c\n{good[0]},{good[1]},x\n", **cells, c={}) == ""
    refused = refusal(tmp_path, f"a,{other},c\n{bad[0]},{bad[1]},x\n", **cells, c={})
    assert refused == f"some.csv, row 2, column a: {rule}"


def test_rules_over_several_rows(tmp_path: Path) -> None:
    once = {"a": {"rules": "should stand once for each b"}, "b": {}}
    assert refusal(tmp_path, "a,b\nx,1\nx,2\ny,1\n", **once) == ""
    assert "row 3, column a: should stand once for each b" in refusal(tmp_path, "a,b\nx,1\nx,1\n", **once)
    has = {"a": {"rules": "should have the row value for each b"}, "b": {}}
    assert refusal(tmp_path, "a,b\nvalue,1\nlow,1\n", **has) == ""
    assert "row 3, column a: should have the row value" in refusal(tmp_path, "a,b\nvalue,1\nlow,2\n", **has)


def test_a_wrong_cell_and_a_broken_rule_are_told_together(tmp_path: Path) -> None:
    cells = {"a": {"kind": "number", "rules": "should not exceed b"}, "b": {"kind": "number"}}
    refused = refusal(tmp_path, "a,b\nx,1\n3,2\n", **cells)
    assert refused.splitlines() == [
        "some.csv, row 2, column a: 'x' fails: a number",
        "some.csv, row 3, column a: should not exceed b",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "prices,area,text,",
            "prices,area,prose,",
            r"columns\.csv, row 4, column kind: 'prose' fails: one of",
        ),
        (
            "should be that of the period",
            "should be nice",
            r"row 5, column rules: no rule 'should be nice' is known",
        ),
        (",1900,", ",early,", r"row 5, column lowest: 'early' fails: a number"),
        (",meaning\n", ",sense\n", r"columns\.csv: missing column 'meaning'"),
        (",rules,", ",laws,", r"columns\.csv: missing column 'rules'"),
        ("prices,area,", "prices,region,", r"row 4, column column: should stand once for each table"),
    ],
)
def test_a_wrong_declaration_is_named(data_copy: Path, old: str, new: str, message: str) -> None:
    path = data_copy / "columns.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        datasets.load_prices(data_copy)


def test_a_new_column_needs_a_row_and_no_code(data_copy: Path) -> None:
    path = data_copy / "workload_lengths.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{header},turns", *(f"{line},3" for line in lines)]) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="unknown column 'turns'"):
        datasets.load_workloads(data_copy)
    with (data_copy / "columns.csv").open("a", encoding="utf-8") as file:
        file.write("workload_lengths,turns,positive whole number,,,,,,,,,turns of a talk\n")
    assert datasets.load_workloads(data_copy)["turns"].eq(3).all()
    assert datasets.load_workloads(data_copy)["turns"].dtype == np.int64


def test_every_table_is_declared_and_keeps_its_rules() -> None:
    declared = set(rules.load_columns()["table"])
    files = {path.stem for path in paths.DATA.glob("*.csv")}
    assert declared == {"prices" if name.startswith("prices_") else name for name in files}
    for name in declared:
        assert len(datasets.load_table(name)) > 0
