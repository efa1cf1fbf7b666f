"""Files: written whole, known by what they hold; and what results depend on besides them."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from analysis.inputs import paths
from analysis.runs import writing


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
