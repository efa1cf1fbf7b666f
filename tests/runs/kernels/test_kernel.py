"""Which files count as read by a notebook."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest

from analysis.runs.kernels import kernel
from analysis.runs.run import Limits


def noted(tmp_path: Path, code: str, counted: Sequence[str] = (), kind: str = kernel.READ) -> set[str]:
    """Return what a process in tmp_path/here notes as read (or written) while it runs some code."""
    (tmp_path / "here").mkdir(exist_ok=True)
    (tmp_path / "own").mkdir(exist_ok=True)
    log = tmp_path / "own" / "log"
    start = f"from analysis.runs.kernels.kernel import note_reads; note_reads({str(log)!r}, {counted!r})\n"
    subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(code)],
        cwd=tmp_path / "here",
        check=True,
        env={**os.environ, "HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": ""},
    )
    entries = os.fsdecode(log.read_bytes()).split("\0")
    names = [entry.removeprefix(kind) for entry in entries if entry.startswith(kind)]
    log.unlink()
    return {name.removeprefix(f"{tmp_path}/") for name in names}


def test_what_is_opened_for_reading_is_noted_once(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    for name in ("a.csv", "b.bin", "c d\n.txt", "e.db", "f.txt"):
        (tmp_path / "here" / name).touch()
    (tmp_path / "elsewhere").touch()
    code = """
        import os, pathlib, sqlite3
        open("a.csv").close()
        os.close(os.open(b"b.bin", os.O_RDONLY))
        pathlib.Path("c d\\n.txt").read_text()
        sqlite3.connect("e.db").close()
        open("f.txt", "r+").close()
        open("../elsewhere").close()
        open(os.open("a.csv", os.O_RDONLY)).close()
    """
    expected = {"here/a.csv", "here/b.bin", "here/c d\n.txt", "here/e.db", "here/f.txt", "here/../elsewhere"}
    assert noted(tmp_path, code) == expected


def test_what_it_wrote_itself_or_is_not_there_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "old").write_text("old")
    (tmp_path / "here" / "appended").write_text("old")
    code = """
        import contextlib, pathlib
        for name in ("new", "old"):
            open(name, "w").close()
            open(name).close()
        open("made", "x").close()
        open("made").close()
        open("appended", "a").close()
        with contextlib.suppress(OSError):
            open("missing")
        pathlib.Path("missing").write_text("now there")
        pathlib.Path("missing").read_text()
        pathlib.Path("../own/scratch").touch()
        open("../own/scratch").close()
    """
    assert noted(tmp_path, code) == set()
    assert noted(tmp_path, "open('appended', 'a').close(); open('appended').close()") == {"here/appended"}


def test_links_are_noted_by_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "real.csv").touch()
    (tmp_path / "here" / "latest.csv").symlink_to(tmp_path / "real.csv")
    (tmp_path / "here" / "b.db").touch()
    code = """
        import sqlite3
        open("latest.csv").close()
        sqlite3.connect("file:b.db?mode=ro", uri=True).close()
    """
    assert noted(tmp_path, code) == {"here/latest.csv", "here/b.db"}


def test_what_it_wrote_is_noted_as_such(tmp_path: Path) -> None:
    code = "open('new', 'w').close(); open('new').close(); open('made', 'x').close()"
    assert noted(tmp_path, code, kind=kernel.WRITTEN) == {"here/new"}
    (tmp_path / "here" / "made").unlink()
    assert noted(tmp_path, code, kind=kernel.OWN) == {"here/made"}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (kernel.WRITTEN, {"new.db", "new.txt", "there", "read.txt", "helper.py"}),
        (kernel.CHANGED, {"log", "over"}),
        (kernel.READ, {"r+", "old.db", "read.txt"}),
    ],
)
def test_what_it_may_have_changed_is_noted_apart(tmp_path: Path, kind: str, names: set[str]) -> None:
    """What it read stays an input; a file that it made is noted once; a device is no file."""
    (tmp_path / "here").mkdir()
    for name in ("log", "r+", "old.db", "moved", "over", "read.txt"):
        (tmp_path / "here" / name).touch()
    code = """
        import os, pathlib, sqlite3, subprocess
        open("log", "a").close()
        open("r+", "r+").close()
        for name in ("old.db", "new.db", ":memory:"):
            sqlite3.connect(name).close()
        pathlib.Path("new.txt").write_text("x")
        os.replace("new.txt", "over")
        pathlib.Path("moved").rename("there")
        open("there").close()
        open("read.txt").close()
        pathlib.Path("read.txt").write_text("x")
        open(os.devnull, "w").close()
        subprocess.run(["true"], stdin=subprocess.DEVNULL)
        pathlib.Path("helper.py").write_text("x = 1")
        import helper
    """
    assert noted(tmp_path, code, kind=kind) == {f"here/{name}" for name in names}


def test_files_of_python_system_and_hidden_folders_at_home_do_not_count(tmp_path: Path) -> None:
    for folder in ("home/.cache", "home/mine", "here/.hidden"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x").touch()
    code = """
        import os, json.tool, pandas
        open("/etc/hostname").close()
        open(os.__file__).close()
        open(pandas.__file__).close()
        for name in ("../home/.cache/x", "../home/mine/x", ".hidden/x"):
            open(name).close()
    """
    assert noted(tmp_path, code) == {"here/../home/mine/x", "here/.hidden/x"}


def test_a_folder_may_count_even_inside_python(tmp_path: Path) -> None:
    data = Path(json.__file__).parent
    code = f"open({json.__file__!r}).close()"
    assert noted(tmp_path, code) == set()
    assert noted(tmp_path, code, counted=[str(data)]) == {str(Path(json.__file__).resolve())}


def test_a_module_counts_by_its_source_compiled_or_not(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "helper.py").write_text("x = 1\n")
    for _ in range(2):
        assert noted(tmp_path, "import helper") == {"here/helper.py"}
    assert list((tmp_path / "here" / "__pycache__").iterdir())


def test_the_deepest_folder_decides() -> None:
    folders = {Path("/a"): False, Path("/a/b"): True, Path("/a/b/c"): False}
    counted = [
        path for path in ("/x", "/a/x", "/a/b/x", "/a/b/c/x", "/ab") if kernel._counts(Path(path), folders)
    ]
    assert counted == ["/x", "/a/b/x", "/ab"]


@pytest.mark.parametrize("cold", [False, True])
def test_a_run_tells_what_it_read(execute_of, tmp_path: Path, cold: bool) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n")
    cell = f"import os, pandas as pd\npd.read_csv({str(data)!r})\n"
    cell += f"print([name for name in os.environ if name == {kernel.NOTES!r}])"
    given = execute_of(cell, delivers=(), limits=Limits(cold=cold))
    assert given.error == ""
    assert given.read == (str(data),)
    assert json.loads(given.notebook)["cells"][-1]["outputs"][0]["text"] in ("[]\n", ["[]\n"])
