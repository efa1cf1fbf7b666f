"""Files: written whole, known by what they hold; and what results depend on besides them."""

import errno
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.inputs import paths
from analysis.runs import engine, writing
from analysis.runs.engine import run_all
from analysis.runs.run import FAILED, OK


def ignore(outcome: object) -> None:
    """Report nothing."""


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    path.write_text("old", encoding="utf-8")

    def fail(temporary: Path) -> None:
        temporary.write_text("half", encoding="utf-8")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        writing.write_all({path: fail})
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["result.txt"]


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("1")
    first = writing.hash_of_file(file)
    assert first == writing.hash_of(b"1")
    file.write_text("2")
    os.utime(file, (1, 1))
    second = writing.hash_of_file(file)
    assert second == writing.hash_of(b"2")
    file.write_text("1")
    os.utime(file, (1, 1))  # same size, same time
    assert writing.hash_of_file(file) == first


def test_libraries_package_and_constraints_make_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = writing.environment()
    assert writing.environment() == before
    (tmp_path / "scikit_learn-1.0.dist-info").mkdir()
    with monkeypatch.context() as there:
        there.setattr(sys, "path", [*sys.path, str(tmp_path)])
        assert writing.environment() != before
    with monkeypatch.context() as there:
        there.setattr(writing, "package_hash", lambda: "another")
        assert writing.environment() != before
    with monkeypatch.context() as there:
        (tmp_path / "constraints.txt").write_text("numpy==1.0")
        there.setattr(paths, "DATA", tmp_path / "data")
        assert writing.environment() != before


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only module of a package that stands for ours."""
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "package")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "a.py").write_text("x = 1")
    return tmp_path / "package" / "a.py"


def test_a_changed_moved_or_added_module_is_another_package(package: Path) -> None:
    hashes = {writing.package_hash()}
    package.write_text("x = 2")
    hashes.add(writing.package_hash())
    package.rename(package.with_name("b.py"))
    hashes.add(writing.package_hash())
    package.write_text("")
    hashes.add(writing.package_hash())
    assert len(hashes) == 4


def test_comments_docstrings_and_layout_do_not_make_another_package(package: Path) -> None:
    package.write_text("def f(x):\n    return x\n")
    before = writing.package_hash()
    package.write_text('"""Module."""\n\n# why\ndef f( x ):\n    """Function."""\n    return x  # this\n')
    assert writing.package_hash() == before
    package.write_text('def f(x):\n    x = """Text."""\n    return x\n')
    assert writing.package_hash() != before


@pytest.mark.parametrize("kept", ["{", "[1]", "3", '{"a": "b"}', "\x00"])
def test_hashes_of_code_are_kept_and_a_damaged_file_of_them_does_no_harm(
    package: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    first = writing.package_hash()
    place = next((package.parent / "__pycache__").iterdir())
    place.write_text(kept)
    writing._hash_of_source.cache_clear()
    assert writing.package_hash() == first
    writing._hash_of_source.cache_clear()
    monkeypatch.setattr(writing, "hash_of_code", lambda source: pytest.fail("parsed again"))
    assert writing.package_hash() == first


def test_code_that_cannot_be_parsed_has_a_hash() -> None:
    assert writing.hash_of_code(b"def") == writing.hash_of(b"def")
    assert writing.hash_of_code(b"x = '\0'") != writing.hash_of_code(b"def")


def test_a_package_that_cannot_be_written_has_a_hash(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = writing.package_hash()
    shutil.rmtree(package.parent / "__pycache__")
    (package.parent / "__pycache__").write_text("in the way")
    assert writing.package_hash() == before


def test_the_package_is_the_package_alone() -> None:
    assert paths.project_root() / "analysis" == paths.PACKAGE


def test_nothing_runs_where_nothing_can_be_written(run_of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing.os, "access", lambda folder, mode: False)
    monkeypatch.setattr(engine, "_execute_all", lambda *what: pytest.fail("a kernel started"))
    with pytest.raises(PermissionError, match="cannot write here"):
        run_all([run_of()], ignore)


def test_a_full_disk_touches_no_earlier_file(run_of, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of()
    run_all([run], ignore)
    before = contents(run.results)
    original = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if b"cells" in content:  # the last of the files
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return original(path, content)

    monkeypatch.setattr(writing.Path, "write_bytes", full)
    outcome = run_all([run], ignore, force=True)[0]
    assert outcome.status == FAILED
    assert outcome.error == f"cannot write {run.executed / 'trial.ipynb'}: No space left on device"
    assert contents(run.results) == before


FULL = """
import sys, tempfile
from analysis.cli.app import main
for tempfile.tempdir, out in ((None, "small"), ("small too", "out")):
    sys.argv = ["kwh2token", "sweep", "sweep.yaml", "--cold", "--out", out]
    try:
        main()
    except SystemExit as end:
        print("status", end.code)
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="no private mounts here")
def test_a_truly_full_disk_is_named(notebook, tmp_path: Path, write_result: str) -> None:
    """Be it the one for the results, or the one for what a run needs meanwhile."""
    big = f"{write_result}\npathlib.Path(output_dir, 'big').write_bytes(bytes(300_000))"
    (tmp_path / "sweep.yaml").write_text(f"notebook: {notebook(big).name}\ngrid: {{scale: [1.0]}}", "utf-8")
    mounts = []
    for name in ("small", "small too"):
        (tmp_path / name).mkdir()
        mounts.append(f"mount -t tmpfs -o size=128k none '{name}'")
    inside = " && ".join((*mounts, '"$0" -c "$1"'))
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", inside, sys.executable, FULL]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    if "unshare" in result.stderr or "mount" in result.stderr:
        pytest.skip("no private mounts here")
    first, second, rest = result.stdout.split("status 1\n")
    assert "No space left on device" in first
    assert "No space left on device" in second
    assert (rest, result.stderr) == ("", "")


def test_an_unwritable_place_is_named(run_of) -> None:
    run = run_of()
    run.executed.mkdir(parents=True)
    in_the_way = replace(run, results=run.executed / "taken")
    in_the_way.results.write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(OSError, match="taken"):
        run_all([in_the_way], ignore)


def test_a_folder_in_the_place_of_a_result_is_named(run_of) -> None:
    run = run_of()
    (run.results / "result.json").mkdir(parents=True)
    outcome = run_all([run], ignore)[0]
    assert outcome.status == FAILED
    assert outcome.error == f"cannot write {run.results / 'result.json'}: Is a directory"


def test_what_a_killed_process_left_half_written_is_cleared(run_of, write_result: str) -> None:
    """What another batch is writing further down is not its own."""
    below = "folder = pathlib.Path(output_dir, 't')\nfolder.mkdir()\n(folder / 'a.txt').write_text('a')"
    run = run_of(write_result, below, delivers=("result.json", "t/a.txt"))
    left = [run.results / ".x-abc.part", run.results / "t" / ".y-abc.part"]
    of_another = run.results / "runs" / "b" / ".z-abc.part"
    for path in (*left, of_another):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert run_all([run], ignore)[0].status == OK
    assert [path.exists() for path in left] == [False, False]
    assert of_another.exists()
