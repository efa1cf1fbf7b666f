"""The process that forks kernels."""

import os
from pathlib import Path

from analysis.inputs import paths
from analysis.runs.kernels import zygote


def test_a_kernel_that_is_not_its_own_counts_as_killed() -> None:
    assert zygote._status_of(os.getpid()) == -9


def test_modules_in_the_folder_of_a_kernel_are_seen(tmp_path: Path) -> None:
    assert not zygote._has_modules_instead(str(tmp_path))
    assert not zygote._has_modules_instead(str(paths.project_root())), "the package itself is no other one"
    for name in ("json.py", "psutil", "notes.py", "numpy.txt", "data"):
        folder = tmp_path / name.replace(".", "-")
        (folder / "psutil").mkdir(parents=True)
        assert not zygote._has_modules_instead(str(folder)), "a folder without __init__.py"
        if name == "psutil":
            (folder / name / "__init__.py").touch()
        else:
            (folder / name).touch()
        assert zygote._has_modules_instead(str(folder)) == (name in {"json.py", "psutil"}), name
    (tmp_path / "matplotlibrc").touch()
    assert zygote._has_modules_instead(str(tmp_path))
