"""The process that forks kernels."""

import os
from pathlib import Path

import pytest

from analysis.inputs import paths
from analysis.runs.kernels import zygote


def test_a_kernel_that_is_not_its_own_counts_as_killed() -> None:
    assert zygote._status_of(os.getpid()) == -9


def test_modules_in_the_folder_of_a_kernel_are_seen(tmp_path: Path) -> None:
    assert not zygote._has_modules_instead(str(tmp_path))
    assert not zygote._has_modules_instead(str(paths.project_root())), "the package itself is no other one"
    for name in ("json.py", "pytest", "notes.py", "numpy.txt", "data"):
        folder = tmp_path / name.replace(".", "-")
        (folder / "pytest").mkdir(parents=True)
        assert not zygote._has_modules_instead(str(folder)), "a folder without __init__.py"
        if name == "pytest":
            (folder / name / "__init__.py").touch()
        else:
            (folder / name).touch()
        assert zygote._has_modules_instead(str(folder)) == (name in {"json.py", "pytest"}), name
    (tmp_path / "matplotlibrc").touch()
    assert zygote._has_modules_instead(str(tmp_path))


def test_another_search_path_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/a:/b")
    assert not zygote._has_other_path({"PYTHONPATH": "/a:/b"})
    for other in ({}, {"PYTHONPATH": "/a"}, {"PYTHONPATH": "/b:/a"}):
        assert zygote._has_other_path(other)
    monkeypatch.setenv("PYTHONPATH", "/a:b")
    assert zygote._has_other_path({"PYTHONPATH": "/a:b"}), "b counts from a kernel's own folder"
    monkeypatch.delenv("PYTHONPATH")
    assert not zygote._has_other_path({})


def test_a_changed_or_lost_file_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("x = 1")
    changed = file.stat().st_ctime
    assert not zygote._have_changed([str(file)], since=changed)
    assert zygote._have_changed([str(file)], since=changed - 1)
    os.utime(file, (1, 1))
    assert zygote._have_changed([str(file)], since=changed - 1), "however old it claims to be"
    assert zygote._have_changed([str(tmp_path / "gone.py")], since=changed)
