"""Packs of claims: what comes with the project, what a stranger adds, and what is refused."""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import claims
from analysis.inputs import datasets, packs, paths
from analysis.inputs.errors import LONGEST, DataError, InputError, ParameterError
from analysis.inputs.packs import load_pack, pack_folder, pack_names
from tests.test_refused_rows import corrupt

OTHERS = pack_names()[1:]
PACK, COPY = "goldman-power-2025-11", "copied"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a copy of a pack that a test may change."""
    return Path(shutil.copytree(paths.DATA / "claims" / PACK, tmp_path / COPY))


def test_the_first_article_comes_first() -> None:
    assert pack_names()[0] == paths.FIRST_PACK == packs.load_claims()["pack"].unique().item()
    assert {"goldman-power-2025-11", "token-export-2026"} <= set(OTHERS)


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_has_evidence_with_sources(name: str) -> None:
    pack = load_pack(name)
    assert pack.claims.index.is_unique
    assert set(pack.claims["pack"]) == {name}
    assert pack.facts.index.is_unique
    assert set(pack.facts["source"]) <= set(pack.sources.index)
    assert set(datasets.load_facts().index) <= set(pack.facts.index)
    assert (pack.printed.empty) == (name != paths.FIRST_PACK)
    assert ("paraphrase_zh" in pack.claims) == (pack.article.language == "zh")


def test_facts_of_a_pack_are_no_facts_of_the_project() -> None:
    own = set(load_pack(PACK).facts.index) - set(datasets.load_facts().index)
    assert own
    assert not own & set(load_pack().facts.index)


def test_a_folder_is_a_pack(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copied.parent)
    for given in (COPY, str(copied), f"./{COPY}"):
        assert pack_folder(given) == copied
    assert (
        load_pack(str(copied)).claims.drop(columns="pack").equals(load_pack(PACK).claims.drop(columns="pack"))
    )
    assert claims.evaluate(COPY)["verdict"].equals(claims.evaluate(PACK)["verdict"])


def test_a_changed_pack_is_read_anew(copied: Path) -> None:
    before = load_pack(str(copied)).claims["value_low"].iloc[0]
    corrupt(copied / "claims.csv", 2, value_low="300", value_high="4000")
    assert (before, load_pack(str(copied)).claims["value_low"].iloc[0]) == (400.0, 300.0)


@pytest.mark.parametrize(
    ("pack", "told"),
    [
        ("goldman-power-2025", "did you mean goldman-power-2025-11?"),
        ("", "pack '': no folder, nor one of china-tokens-2026-03"),
        ("no\0where", "no folder, nor one of"),
        ("x" * 5000, "no folder, nor one of"),
        ("~nobody/claims", "no folder, nor one of"),
    ],
)
def test_an_unknown_pack_is_named(pack: str, told: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(told)):
        load_pack(pack)


def recipe() -> dict[str, str]:
    """Return the files of the pack in CONTRIBUTING by name."""
    text = (paths.project_root() / "CONTRIBUTING.md").read_text(encoding="utf-8")
    text = text[text.index("**Add a pack.**") : text.index("**Add a claim.**")]
    blocks = re.findall(r"```(?:yaml|csv)\n(.*?)```", text, re.DOTALL)
    names = ("article.yaml", "claims.csv", "facts.csv", "sources.csv", "bases.csv")
    return dict(zip(names, blocks, strict=True))


def test_a_stranger_adds_a_pack_as_contributing_says(tmp_path: Path, command: Callable) -> None:
    """In a folder of the data, and in one of their own, where the command prints the verdicts."""
    data = Path(shutil.copytree(paths.DATA, tmp_path / "data"))
    for place in (data / "claims" / "my-pack", tmp_path / "my-pack"):
        place.mkdir()
        for name, text in recipe().items():
            (place / name).write_text(text, encoding="utf-8")
    assert "my-pack" in pack_names(data)
    assert load_pack("my-pack", data).claims.index.tolist() == ["ex-wind", "ex-share"]
    told = command("claims", "--pack", "my-pack")
    assert (told.returncode, told.stderr) == (0, "")
    assert "distinct: 1 holds, 1 partly holds" in told.stdout
    assert claims.evaluate(str(tmp_path / "my-pack"))["verdict"].tolist() == ["holds", "partly holds"]


def test_what_a_year_generates_may_stand_in_gigawatt_hours(copied: Path) -> None:
    """4100 TWh are 4100000 GWh: one as good as the other."""
    corrupt(copied / "facts.csv", 2, value="4100000", low="4050000", high="4200000", unit="GWh")
    assert load_pack(str(copied)).facts["value"].eq(4_100_000).any()


def test_a_pack_in_another_language_has_a_column_of_it(copied: Path) -> None:
    path = copied / "claims.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    place = rows[0].index("paraphrase_en") + 1
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [*row[:place], "paraphrase_fr" if number == 0 else "en français", *row[place:]]
            for number, row in enumerate(rows)
        )
    article = copied / "article.yaml"
    article.write_text(article.read_text(encoding="utf-8").replace("language: en", "language: fr"), "utf-8")
    assert set(load_pack(str(copied)).claims["paraphrase_fr"]) == {"en français"}


@pytest.mark.parametrize(
    ("file", "row", "cells", "told"),
    [
        ("claims", 2, {"unit": "furlong"}, "claims.csv, row 2, column unit: 'furlong' fails: one of"),
        ("claims", 2, {"unit": "Gw"}, "did you mean GW?"),
        ("claims", 2, {"value_low": "4e6", "value_high": ""}, "should lie within 0.01 to 20000 [GW]"),
        ("claims", 2, {"topic": "power for IA"}, "column topic: 'power for IA' fails: "),
        ("claims", 3, {"id": "gs-spare-2030"}, "row 2, column id: 'gs-spare-2030' fails: no two rows"),
        ("claims", 2, {"paraphrase_en": "中国有四亿千瓦"}, "paraphrase_en: should be written in Latin"),
        ("claims", 2, {"as_of": "soon"}, "row 2, column as_of: 'soon' fails: a period"),
        ("claims", 4, {"claimed_basis": "mean power of the year"}, "did you mean mean power of a year?"),
        ("claims", 4, {"evidence_basis": "none fond"}, "column evidence_basis: 'none fond' is not in"),
        ("claims", 4, {"evidence": "te-top10-cn"}, "row 4, column evidence: no data row 'te-top10-cn'"),
        ("claims", 4, {"evidence": "gs-mean-power-2030"}, "did you mean gs-mean-power-world-2030?"),
        ("claims", 4, {"same_as": "p06-cn-share"}, f"'p06-cn-share' is not in {COPY}/claims.csv"),
        ("claims", 4, {"same_as": "gs-demand-2030"}, "'gs-demand-2030' repeats a claim itself; name the one"),
        ("facts", 2, {"source": "epri_share"}, "column source: 'epri_share' is not in sources.csv; did you"),
        ("facts", 2, {"id": "spare-cn-2030"}, "'spare-cn-2030' is the name of a row of the project's own"),
        ("facts", 2, {"id": "opus-4-6"}, "facts.csv, row 2, column id: 'opus-4-6' is the name of a row"),
        ("facts", 2, {"unit": "GWh", "value": "2e8", "low": "", "high": ""}, "within 0.01 to 1e8 [GWh]"),
        ("claims", 2, {"quantity": "a\x1b[2Jb"}, "row 2, column quantity: 'a\\x1b[2Jb' fails: text"),
        ("facts", 2, {"note": "a\0b"}, "row 2, column note: 'a\\x00b' fails: text without control"),
        ("facts", 2, {"unit": "TW"}, "facts.csv, row 2, column unit: 'TW' fails"),
        ("bases", 2, {"basis": "delivered"}, "bases.csv, row 2, column basis: 'delivered' is the name of"),
        ("sources", 2, {"url": "epri.com"}, "sources.csv, row 2, column url"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named(copied: Path, file: str, row: int, cells: dict, told: str) -> None:
    corrupt(copied / f"{file}.csv", row, **cells)
    with pytest.raises(DataError, match=re.escape(told)) as caught:
        load_pack(str(copied))
    assert str(caught.value).startswith(f"{COPY}/{file}.csv, row ")
    assert len(str(caught.value)) <= LONGEST


@pytest.mark.parametrize(
    ("line", "other", "told"),
    [
        ("language: en", "language: english", "language: 'english' is no ISO 639 code such as en or zh"),
        ("language: en", "language: zh", "missing column 'paraphrase_zh'; article.yaml says that the"),
        ("language: en", "langage: en", "missing: language; langage: unknown name; did you mean language?"),
        ("outlet: not stated", "", "missing: outlet; what is not known says 'not stated'"),
        ("outlet: not stated", 'outlet: ""', "outlet: String should have at least 1 character"),
        ("published: 2025-11-13", "published: 13 November", "published: '13' is not a period"),
        ("published: 2025-11-13", "published: 2025", 'published: Input should be a valid string: write'),
        ("url: https:", "url: www.", "is no web address, nor 'not stated'"),
        ("topics: [", "scenario: articel\ntopics: [", "no scenario 'articel'; did you mean article?"),
        ("topics: [power for AI]", "topics: power for AI", "topics: Input should be a valid list: write"),
        ("title: Gold", "title: [Gold", "article.yaml, line "),
    ],
)  # fmt: skip
def test_a_wrong_article_is_named(copied: Path, line: str, other: str, told: str) -> None:
    path = copied / "article.yaml"
    text = path.read_text(encoding="utf-8")
    assert line in text
    path.write_text(text.replace(line, other, 1), encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(told)) as caught:
        load_pack(str(copied))
    assert COPY in str(caught.value)
    assert str(copied) not in str(caught.value)
    assert len(str(caught.value)) <= LONGEST


@pytest.mark.parametrize(
    ("name", "other", "told"),
    [
        ("article.yaml", "article.yml", "copied/article.yaml: missing; did you mean article.yml?; a"),
        ("claims.csv", "", "copied/claims.csv: missing; a pack has article.yaml and claims.csv, see"),
        ("facts.csv", "fact.csv", "copied/fact.csv: no file of a pack; did you mean facts.csv?"),
    ],
)  # fmt: skip
def test_a_missing_or_unknown_file_is_named(copied: Path, name: str, other: str, told: str) -> None:
    (copied / name).rename(copied / other if other else copied.parent / "away")
    with pytest.raises(DataError, match=re.escape(told)):
        load_pack(str(copied))


@pytest.mark.parametrize("rows", [2, 14])
def test_a_comma_in_a_text_without_quotes_is_told(copied: Path, rows: int) -> None:
    """In one row, or in all of them, where a reader of tables would take the first column for an index."""
    path = copied / "claims.csv"
    lines = path.read_text(encoding="utf-8").splitlines()[:rows]
    lines[1:] = [
        line.replace(",ratio_of_two", ",ratio,of_two").replace(",compare,", ",com,pare,")
        for line in lines[1:]
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match=rf"^{COPY}/claims.csv: .*a text that holds a comma stands in quotes"):
        load_pack(str(copied))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0", b"id\n", b'id,"x\n1', b"id,id\n1,2\n", b"\0" * 99])
@pytest.mark.parametrize("name", ["article.yaml", "claims.csv", "facts.csv"])
def test_a_broken_file_is_wrong_input(copied: Path, name: str, content: bytes) -> None:
    (copied / name).write_bytes(content)
    with pytest.raises(InputError, match=COPY):
        load_pack(str(copied))


@pytest.mark.parametrize("name", ["article.yaml", "claims.csv", "facts.csv"])
def test_a_file_without_end_is_refused_before_it_is_read(copied: Path, name: str) -> None:
    """A link to an endless device would fill the memory, a very large file slows everything."""
    (copied / name).write_bytes(b"x" * 10_000_001)
    with pytest.raises(InputError, match=rf"{name}: larger than 10*0 bytes"):
        load_pack(str(copied))
    (copied / name).unlink()
    (copied / name).symlink_to("/dev/null")
    with pytest.raises(InputError, match=rf"{name}: not a regular file"):
        load_pack(str(copied))


def test_what_is_wrong_ends_the_command_with_one_message(copied: Path, command: Callable) -> None:
    corrupt(copied / "claims.csv", 2, check="compair")
    told = command("claims", "--pack", str(copied))
    assert (told.returncode, told.stdout) == (2, "")
    message = f"{COPY}/claims.csv, row 'gs-spare-2030', column check: there is no check 'compair'"
    assert told.stderr == f"kwh2token: {message}; did you mean compare?\n"


def test_several_faults_of_a_pack_are_one_line(copied: Path, command: Callable) -> None:
    corrupt(copied / "facts.csv", 2, unit="TW", grade="D")
    told = command("claims", "--pack", str(copied))
    assert (told.returncode, told.stdout) == (2, "")
    (line,) = told.stderr.splitlines()
    assert line.startswith(f"kwh2token: {COPY}/facts.csv, row 2, column grade: 'D' fails")
    assert f"; {COPY}/facts.csv, row 2, column unit: 'TW' fails" in line
