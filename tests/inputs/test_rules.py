"""Rules of the tables are rows: what they refuse."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets, paths, rules
from analysis.inputs.errors import DataError
from analysis.inputs.units import words_of


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
        ("number", "1e-3", "1e999"),
        ("number", "0.5", "nan"),
        ("number", "5", "+5"),
        ("number", "5", " 5"),
        ("number", "3", "٣"),
        ("number", "0.3", "０.３"),
        ("positive number", "1000", "1_000"),
        ("positive whole number", "17", "017"),
        ("whole number", "16", "0x10"),
        ("whole number", "12", "9" * 60),
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
        ("text", "na", "nan"),
        ("text", "a b", " a"),
        ("id", "x", "nan"),
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
    assert refusal(tmp_path, "a\nkWh\n", a=words) == f"{told}; did you mean USD/kWh?"
    assert refusal(tmp_path, "a\nkWh\n", a=words | {"words": "share"}).endswith("fails: one of share")


def test_a_number_written_otherwise_is_told_as_it_should_be(tmp_path: Path) -> None:
    told = refusal(tmp_path, "a\n1_000\n", a={"kind": "whole number"})
    assert told == "some.csv, row 2, column a: '1_000' fails: a whole number; write 1000"


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a,b\n", a={}, b={}) == "some.csv: holds no row"


def test_a_message_is_never_long(tmp_path: Path) -> None:
    told = refusal(tmp_path, "a\n" + f"{'x' * 5000}\n" * 1000, a={"kind": "number"})
    assert len(told) <= 500
    assert told.splitlines()[0].startswith("some.csv, row 2, column a: 'xxx")
    assert told.splitlines()[-1] == f"and {1000 - (len(told.splitlines()) - 1)} more"
    many = {"kind": "choice", "words": ";".join(f"word{number}" for number in range(1000))}
    assert len(refusal(tmp_path, "a\nword\n", a=many)) <= 500


def test_bounds_blanks_and_doubles(tmp_path: Path) -> None:
    year = {"kind": "whole number", "lowest": "1900", "highest": "2100"}
    assert refusal(tmp_path, "a\n1900\n2100\n", a=year) == ""
    assert "row 2, column a: 1899 fails: 1900 or more" in refusal(tmp_path, "a\n1899\n", a=year)
    assert "row 2, column a: 2101 fails: 2100 or less" in refusal(tmp_path, "a\n2101\n", a=year)
    assert "row 3, column a: nan fails: not blank" in refusal(tmp_path, "a,b\nx,y\n,y\n", a={}, b={})
    assert refusal(tmp_path, "a,b\nx,y\n,y\n", a={"blank": "yes"}, b={}) == ""
    assert "column a: 'x' fails: no two rows the same" in refusal(tmp_path, "a\nx\nx\n", a={"unique": "yes"})
    assert refusal(tmp_path, "a,b\n,y\n,y\n", a={"unique": "yes", "blank": "yes"}, b={}) == ""


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("should not exceed b", ("1", "1"), ("2", "1")),
        ("should not exceed b", ("1", ""), ("10", "9")),
        ("should not be less than b", ("", "2"), ("1", "2")),
        ("should be 0.1 to 10 times b", ("1", "10"), ("1", "10.1")),
        ("should be 0.1 to 10 times b", ("10", "1"), ("11", "1")),
        ("should be 0.1 to 10 times b", ("", "1"), ("0", "1")),
        ("should be zero or 0.1 to 10 times b", ("0", "5"), ("0.1", "5")),
        ("should be share or % where b is given", ("%", "given"), ("kW", "given")),
        ("should be currency/kWh where b is a * price", ("USD/kWh", "a low price"), ("USD", "a high price")),
        ("should be currency/kWh where b is x or y", ("kW", "z"), ("kW", "y")),
        ("should be one of b", ("CNY/kWh", "share;currency/kWh"), ("kWh", "share;currency/kWh")),
        ("should hold the b", ("us-2025", "2025"), ("us-2024", "2025")),
        ("should hold the b", ("gen-us-2025", "US"), ("gen-2025", "US")),
        ("should begin with us- or eu-", ("eu-x", "x"), ("x-eu-", "x")),
        ("should be filled where b is given", ("1", "given"), ("", "given")),
        ("should be filled where b is blank", ("", "x"), ("", "")),
        ("should be filled exactly where b is filled", ("", ""), ("1", "")),
        ("should be filled exactly where b is yes", ("1", "yes"), ("1", "no")),
        ("should be that of the period", ("2025", "2025-S1"), ("2024", "2025-S1")),
        ("should be that of the unit", ("CAD", "CAD/kWh"), ("USD", "share")),
        ("a figure recalled from memory has no place here", ("x", "y"), ("Recalled so", "y")),
    ],
)
def test_each_rule_holds_over_a_row(tmp_path: Path, rule: str, good: tuple, bad: tuple) -> None:
    other = next((word for word in ("unit", "period", "component") if word in rule), "b")
    numbers = "than" in rule or "exceed" in rule or "times" in rule
    cells = {
        "a": {"rules": rule, "blank": "yes", "kind": "number" if numbers else "text"},
        other: {"blank": "yes", "kind": "number" if numbers else "text"},
    }
    assert refusal(tmp_path, f"a,{other},c\n{good[0]},{good[1]},x\n", **cells, c={}) == ""
    refused = refusal(tmp_path, f"a,{other},c\n{bad[0]},{bad[1]},x\n", **cells, c={})
    assert refused == f"some.csv, row 2, column a: {rule}"


def test_bounds_go_by_the_unit(tmp_path: Path) -> None:
    rule = "should lie within 0.001 to 5 [currency/kWh], 0 to 1 [share], -2 to 1e3 [* ratio]"
    cells = {
        "a": {"kind": "number", "rules": rule},
        "b": {"kind": "number", "blank": "yes", "rules": "should lie within the bounds of a"},
        "unit": {},
    }
    good = "a,b,unit\n5,0.001,USD/kWh\n1,,share\n-2,1000,log ratio\n"
    assert refusal(tmp_path, good, **cells) == ""
    told = "some.csv, row 2, column {}: should lie within 0.001 to 5 [CNY/kWh]"
    assert refusal(tmp_path, "a,b,unit\n6,1,CNY/kWh\n", **cells) == told.format("a")
    assert refusal(tmp_path, "a,b,unit\n5,6,CNY/kWh\n", **cells) == told.format("b")
    assert "row 2, column a: no bounds for [kW]" in refusal(tmp_path, "a,b,unit\n1,1,kW\n", **cells)
    by = {"a": {"kind": "number", "rules": f"{rule} by units"}, "units": {}}
    assert "should lie within 0 to 1 [share]" in refusal(tmp_path, "a,units\n2,share\n", **by)


def test_rules_on_three_columns(tmp_path: Path) -> None:
    number = {"kind": "number"}
    between = {"a": number | {"rules": "should lie between b and c"}, "b": number, "c": number}
    assert refusal(tmp_path, "a,b,c\n2,1,3\n2,3,1\n", **between) == ""
    assert "row 2, column a: should lie between" in refusal(tmp_path, "a,b,c\n4,3,1\n", **between)
    product = {"a": number | {"rules": "should be 1 to 2 times b times c"}, "b": number, "c": number}
    assert refusal(tmp_path, "a,b,c\n6,2,3\n", **product) == ""
    assert "row 2, column a: should be 1 to 2" in refusal(tmp_path, "a,b,c\n5,2,3\n", **product)
    link = {"a": number | {"rules": "should not exceed b where c is link"}, "b": number, "c": {}}
    assert refusal(tmp_path, "a,b,c\n1,2,link\n3,2,input\n", **link) == ""
    assert "row 2, column a: should not exceed b" in refusal(tmp_path, "a,b,c\n3,2,link\n", **link)


@pytest.mark.parametrize(
    "rule", ["should not exceed z", "should not exceed b", "should lie within the bounds of b"]
)
def test_a_rule_that_fits_no_column_is_named(tmp_path: Path, rule: str) -> None:
    told = refusal(tmp_path, "a,b\n1,x\n", a={"kind": "number", "rules": rule}, b={})
    assert told.startswith(f"columns.csv: the rule '{rule}' of ")


def test_rules_over_several_rows(tmp_path: Path) -> None:
    once = {"a": {"rules": "should stand once for each b"}, "b": {}}
    assert refusal(tmp_path, "a,b\nx,1\nx,2\ny,1\n", **once) == ""
    assert "row 3, column a: should stand once for each b" in refusal(tmp_path, "a,b\nx,1\nx,1\n", **once)
    twice = {"a": {"rules": "should stand once for each b and c"}, "b": {}, "c": {}}
    assert refusal(tmp_path, "a,b,c\nx,1,p\nx,1,q\nx,2,p\n", **twice) == ""
    assert "row 3, column a: should stand once for each b and c" in refusal(
        tmp_path, "a,b,c\nx,1,p\nx,1,p\n", **twice
    )
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
        (",2000,", ",early,", r"row 5, column lowest: 'early' fails: a number"),
        ("number,,,-1000,", "number,,,dear,", r"column lowest: 'dear' fails: a number"),
        (",meaning\n", ",sense\n", r"columns\.csv: missing column 'meaning'"),
        (",rules,", ",laws,", r"columns\.csv: missing column 'rules'"),
        ("prices,area,", "prices,region,", r"row 4, column column: should stand once for each table"),
        (",sources,,where the", ",springs,,where the", r"column refers_to: no table 'springs'"),
        (
            "sources,publisher,text,,,,,yes,,,",
            "sources,publisher,text,,,,,yes,,prices,",
            r"columns\.csv, column refers_to: a circle: \w+, \w+",
        ),
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


def units_of(table: str) -> set[str]:
    """Return the units that figures of a table may have."""
    declared = rules.load_columns().set_index(["table", "column"])["words"]
    return set(words_of(declared[table, "unit"]))


def test_every_number_has_bounds_in_each_unit() -> None:
    columns = rules.load_columns()
    for row in columns[columns["kind"].str.endswith("number")].itertuples():
        if row.lowest and row.highest:
            assert float(row.lowest) < float(row.highest)
            continue
        of = next(
            (name for rule in row.rules.split("; ") for name in re.findall(r"the bounds of (\w+)", rule)), ""
        )
        told = columns[(columns["table"] == row.table) & (columns["column"] == (of or row.column))][
            "rules"
        ].item()
        within = next((rule for rule in told.split("; ") if rule.startswith("should lie within")), "")
        if row.table == "assumptions" and not within:  # each row has its own
            assert "should not exceed highest" in told or "should not be less than lowest" in told
            continue
        for unit in units_of(row.table):
            least, most = map(float, rules.bounds_of(within, unit))
            assert least < most, (row.table, row.column, unit)


def test_changes_of_cells_that_alter_a_meaning_are_refused(data_copy: Path) -> None:
    spec = spec_from_file_location("changed_cells", paths.project_root() / "benchmarks" / "changed_cells.py")
    changed_cells = module_from_spec(spec)
    spec.loader.exec_module(changed_cells)
    tried = list(changed_cells.changes(300, 16, data_copy))
    altering = [change for change in tried if change.alters]
    assert len(altering) > 100
    assert changed_cells.refused_share(altering) >= 0.9
    assert max(len(change.message) for change in tried) <= 500
    assert all(".csv" in change.message for change in tried if change.message)


def test_every_table_is_declared_and_keeps_its_rules() -> None:
    declared = set(rules.load_columns()["table"])
    files = {path.name for path in paths.DATA.glob("*.csv")}
    in_packs = {f"claims/{paths.FIRST_PACK}/{name}.csv" for name in ("claims", "figures")}
    assert {file for name in declared for file in rules.files_of(name)} == files | in_packs
    for name in declared:
        assert len(datasets.load_table(name)) > 0
