"""What results depend on besides their inputs."""

import os
import sys
from pathlib import Path

import pytest

from analysis.inputs import paths
from analysis.runs import hashes


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("1")
    first = hashes.hash_of_file(file)
    assert first == hashes.hash_of(b"1")
    file.write_text("2")
    os.utime(file, (1, 1))
    second = hashes.hash_of_file(file)
    assert second == hashes.hash_of(b"2")
    file.write_text("1")
    os.utime(file, (1, 1))  # same size, same time
    assert hashes.hash_of_file(file) == first


def test_libraries_package_and_constraints_make_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hashes.environment_hash()
    assert hashes.environment_hash() == before
    (tmp_path / "scikit_learn-1.0.dist-info").mkdir()
    with monkeypatch.context() as there:
        there.setattr(sys, "path", [*sys.path, str(tmp_path)])
        assert hashes.environment_hash() != before
    with monkeypatch.context() as there:
        there.setattr(hashes, "package_hash", lambda: "another")
        assert hashes.environment_hash() != before
    with monkeypatch.context() as there:
        (tmp_path / "constraints.txt").write_text("numpy==1.0")
        there.setattr(paths, "DATA", tmp_path / "data")
        assert hashes.environment_hash() != before


def test_a_moved_or_renamed_module_is_another_package(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    before = hashes._hash_of_folder(tmp_path, "*.py")
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert hashes._hash_of_folder(tmp_path, "*.py") != before


def test_the_package_is_the_package_alone() -> None:
    assert paths.PACKAGE.name == "analysis"
    assert hashes.package_hash() == hashes._hash_of_folder(paths.project_root() / "analysis", "*.py")
