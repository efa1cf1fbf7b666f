"""Which files a run read."""

from pathlib import Path

import nbformat
import pandas as pd

from analysis.runs.engine import run_all
from analysis.runs.kernels.private_kernel import files_changed, files_read
from analysis.runs.run import AS_WAS, OK


def cells_of(*cells: str) -> list[nbformat.NotebookNode]:
    return [*map(nbformat.v4.new_code_cell, cells), nbformat.v4.new_markdown_cell("'prose.csv'")]


def test_named_files_count_unless_the_run_wrote_them(tmp_path: Path) -> None:
    for name in ("noted.csv", "named.parquet", "other.parquet", "made.csv", "prose.csv", "unnamed.csv"):
        (tmp_path / name).touch()
    private = tmp_path / "private"
    private.mkdir()
    (private / "opened.txt").write_text(f"read {tmp_path}/noted.csv\0written {tmp_path}/made.csv\0")
    cells = (
        "x = 'named.parquet' + 'made.csv'",
        f'y = "{tmp_path}/other.parquet", "{"z" * 999}", ".", "none"',
    )
    expected = {str(tmp_path / name) for name in ("noted.csv", "named.parquet", "other.parquet")}
    assert files_read(private, cells_of(*cells), str(tmp_path)) == expected
    assert files_read(private, cells_of(*cells), "") == {str(tmp_path / "noted.csv")}
    assert files_read(tmp_path / "none", cells_of(), str(tmp_path)) == set()


def test_what_changed_while_a_run_used_it_is_told(tmp_path: Path) -> None:
    """What it wrote itself, even if it is gone, and what changed while it was read, appended to or named.

    An empty file, such as a lock, carries nothing.
    """
    private = tmp_path / "private"
    private.mkdir()
    notes = ["written made", "written private/own", "read data", "changed log", "read gone", "changed lock"]
    entries = [note.replace(" ", f" {tmp_path}/") for note in notes]
    (private / "opened.txt").write_text("\0".join(entries))
    for name in ("data", "log", "named.db"):
        (tmp_path / name).write_text("x")
    (tmp_path / "lock").touch()
    now = (tmp_path / "named.db").stat().st_ctime

    def changed_since(time: float, home: str) -> set[str]:
        found = files_changed(private, cells_of("'named.db'"), home, time)
        return {name.removeprefix(f"{tmp_path}/") for name in found}

    assert changed_since(now - 60, str(tmp_path)) == {"made", "data", "log", "gone", "named.db"}
    assert changed_since(now - 60, "") == {"made", "data", "log", "gone"}
    assert changed_since(now + 60, str(tmp_path)) == {"made", "gone"}


def test_what_a_run_wrote_by_another_way_is_no_input(run_of, tmp_path: Path, write_result: str) -> None:
    """Else it would never be current."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    run = run_of(
        write_result,
        "for name in ('link/../real/a.txt', 'link/b.txt'):\n    open(name, 'w').write('x')",
        "'link/b.txt', 'real/a.txt'",
    )
    assert [run_all([run], lambda outcome: None)[0].status for _ in range(2)] == [OK, AS_WAS]


def test_a_changed_parquet_file_makes_it_run(run_of, tmp_path: Path, write_result: str) -> None:
    """Though no Python opens it."""
    data = tmp_path / "prices.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(data)
    cell = f"import pandas as pd\npd.read_parquet('prices.parquet')\n{write_result}"
    run = run_of(cell)
    assert [run_all([run], lambda outcome: None)[0].status for _ in range(2)] == [OK, AS_WAS]
    pd.DataFrame({"a": [2]}).to_parquet(data)
    assert [run_all([run], lambda outcome: None)[0].status for _ in range(2)] == [OK, AS_WAS]


def test_a_file_beside_the_notebook_that_it_writes_does_not_make_it_run(run_of, write_result: str) -> None:
    run = run_of(f"open('log.txt', 'w').write('x')\nopen('log.txt').read()\n{write_result}")
    assert [run_all([run], lambda outcome: None)[0].status for _ in range(2)] == [OK, AS_WAS]
