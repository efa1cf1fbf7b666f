"""What a user has set, and what else is there, changes no result; what runs here changes nothing there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from analysis.inputs import paths

NOTEBOOK = "03-gpu-offset"
LOOKS = "savefig.bbox: tight\nsavefig.facecolor: yellow\naxes.formatter.limits: -1, 1\nfont.size: 20\n"
PATCH = (
    "import pandas as pd\npd.DataFrame.to_csv = lambda self, path, **rest: open(path, 'w').write('a\\n')\n"
)
PLAIN = ("PYTHONPATH", "PATH", "TMPDIR", "LANG", "LD_LIBRARY_PATH")


def environment_of(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of somebody whose home is this folder."""
    kept = {name: os.environ[name] for name in PLAIN if name in os.environ}
    return {**kept, "HOME": str(home), **more}


def run_suite(folder: Path, environment: Mapping[str, str], *options: str) -> dict[str, bytes]:
    """Run a notebook of the suite as a command in an empty folder; return all that it gave."""
    (folder / "here").mkdir(exist_ok=True)
    code = f"import sys; sys.path.append({str(paths.PACKAGE.parent)!r}); from kwh2token import main; main()"
    command = ["run", "--only", NOTEBOOK, "--scenario", "article", "--out", str(folder / "out"), *options]
    result = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=folder / "here",
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, ""), result.stdout + result.stderr
    out = folder / "out" / "article"
    found = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    return {
        name: content.replace(str(folder).encode(), b"")
        for name, content in found.items()
        if not name.startswith(".")
    }


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return what the notebook gives where nothing is set."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "home").mkdir()
    given = run_suite(folder, environment_of(folder / "home"))
    assert [*(folder / "home").iterdir()] == [], "nothing is written there"
    for name, content in given.items():
        committed = paths.figures_root() / "article" / name
        if committed.suffix in {".png", ".svg", ".csv"}:
            assert content == committed.read_bytes(), name
    assert f"{NOTEBOOK}.ipynb" in given
    return given


def written(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def matplotlibrc_at_home(home: Path) -> dict[str, str]:
    written(home / ".config" / "matplotlib" / "matplotlibrc", LOOKS)
    return {}


def matplotlibrc_by_name(home: Path) -> dict[str, str]:
    return {"MATPLOTLIBRC": written(home / "mine", LOOKS)}


def matplotlibrc_in_its_folder(home: Path) -> dict[str, str]:
    return {"MPLCONFIGDIR": str(Path(written(home / "mpl" / "matplotlibrc", LOOKS)).parent)}


def backend(home: Path) -> dict[str, str]:
    return {"MPLBACKEND": "Agg"}


def ipython_config(home: Path) -> dict[str, str]:
    lines = "c.InlineBackend.figure_formats = {'svg'}\nc.InteractiveShellApp.exec_lines = ['round = max']\n"
    written(home / ".ipython" / "profile_default" / "ipython_config.py", lines)
    return {}


def ipython_config_by_name(home: Path) -> dict[str, str]:
    lines = "c.InlineBackend.print_figure_kwargs = {'facecolor': 'yellow'}\n"
    written(home / "ipython" / "profile_default" / "ipython_kernel_config.py", lines)
    return {"IPYTHONDIR": str(home / "ipython")}


def startup_file(home: Path) -> dict[str, str]:
    written(home / ".ipython" / "profile_default" / "startup" / "00-mine.py", PATCH)
    return {}


def startup_file_that_exits(home: Path) -> dict[str, str]:
    written(home / ".ipython" / "profile_default" / "startup" / "00-mine.py", "import os\nos._exit(1)\n")
    return {}


def python_startup(home: Path) -> dict[str, str]:
    return {"PYTHONSTARTUP": written(home / "startup.py", PATCH)}


def python_startup_that_exits(home: Path) -> dict[str, str]:
    return {"PYTHONSTARTUP": written(home / "startup.py", "import os\nos._exit(1)\n")}


def kernel_of_our_name(home: Path) -> dict[str, str]:
    spec = {"argv": ["false"], "display_name": "another", "language": "python"}
    for name in ("kwh2token-warm", "python3"):
        written(home / "jupyter" / "kernels" / name / "kernel.json", json.dumps(spec))
    return {"JUPYTER_PATH": str(home / "jupyter")}


def jupyter_config(home: Path) -> dict[str, str]:
    lines = "c.KernelManager.transport = 'tcp'\nc.IPKernelApp.exec_lines = ['round = max']\n"
    for name in ("jupyter_config.py", "jupyter_kernel_config.py", "ipython_config.py"):
        written(home / ".jupyter" / name, lines)
    return {"JUPYTER_CONFIG_PATH": str(home / ".jupyter")}


def package_of_our_name(home: Path) -> dict[str, str]:
    written(home / "lib" / "analysis" / "__init__.py", "raise ImportError('not this one')\n")
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(home / "lib"), os.environ.get("PYTHONPATH"))))}


def threads(home: Path) -> dict[str, str]:
    return {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}


SETTINGS = {
    "looks at home": (matplotlibrc_at_home, ipython_config, startup_file, python_startup_that_exits, threads),
    "looks by name": (matplotlibrc_by_name, backend, ipython_config_by_name, package_of_our_name),
    "what does not start": (
        matplotlibrc_in_its_folder,
        python_startup,
        jupyter_config,
        startup_file_that_exits,
        kernel_of_our_name,
    ),
}
"""What does not come in each other's way is tried at once."""


@pytest.mark.parametrize("settings", SETTINGS)
def test_no_setting_of_the_user_changes_a_byte(
    plain: dict[str, bytes], tmp_path: Path, settings: str
) -> None:
    home = tmp_path / "home"
    more = {name: text for setting in SETTINGS[settings] for name, text in setting(home).items()}
    assert run_suite(tmp_path, environment_of(home, **more)) == plain


def test_nor_all_of_them_where_kernels_start_in_the_ordinary_way(
    plain: dict[str, bytes], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    every = [setting for settings in SETTINGS.values() for setting in settings]
    more = {name: text for setting in every for name, text in setting(home).items()}
    assert run_suite(tmp_path, environment_of(home, **more), "--cold") == plain


def test_the_figure_of_a_sweep_does_not_depend_on_them(notebook, write_result: str, tmp_path: Path) -> None:
    """And where there is no home, nothing is told of it."""
    file = f"notebook: {notebook(write_result).name}\ndelivers: [result.json]\ngrid: {{scale: [1, 2]}}\n"
    written(tmp_path / "mine.yaml", file)
    looks = matplotlibrc_at_home(tmp_path / "home") | {"MPLBACKEND": "no such backend"}
    homes = {"plain": environment_of(Path("/proc")), "set": environment_of(tmp_path / "home", **looks)}
    figures = []
    for name, environment in homes.items():
        result = subprocess.run(
            [sys.executable, "-m", "analysis.cli", "sweep", "mine.yaml", "--cold", "--out", name],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, ""), result.stdout
        figures.append([(tmp_path / name / f"sweep.{kind}").read_bytes() for kind in ("png", "svg")])
    assert figures[0] == figures[1]


def test_the_command_is_ours_wherever_its_file_is_copied(tmp_path: Path) -> None:
    """As an editable installation does, while another package has our name."""
    (tmp_path / "other" / "analysis").mkdir(parents=True)
    (tmp_path / "other" / "analysis" / "__init__.py").touch()
    shutil.copy(paths.PACKAGE.parent / "kwh2token.py", tmp_path)
    code = f"import sys; sys.path.append({str(paths.PACKAGE.parent)!r}); import kwh2token, analysis.cli"
    place = os.pathsep.join(map(str, (tmp_path, tmp_path / "other")))
    environment = environment_of(tmp_path, PYTHONPATH=place)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, timeout=60, check=True)
