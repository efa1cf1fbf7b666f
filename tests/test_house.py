"""Rules of the house that a machine can check: what imports what, how large it is, what is committed."""

import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from analysis.inputs import paths
from analysis.inputs.scenario import scenario_names
from analysis.runs.suite import SUITE

ROOT = paths.project_root()
_SPEC = spec_from_file_location("house", ROOT / "benchmarks" / "house.py")
house = module_from_spec(_SPEC)
_SPEC.loader.exec_module(house)
MODULES = house.modules()
MOST_FLOORS, MOST_ROOMS = 6, 10


@pytest.mark.parametrize("name", sorted(filter(None, MODULES)))
def test_a_module_imports_only_what_its_room_may(name: str) -> None:
    room = house.room_of(name)
    allowed = (room, *house.MAY_IMPORT[room])
    odd = {
        target for target in house.imports(MODULES[name]) if not any(_within(target, one) for one in allowed)
    }
    assert odd == set()


def _within(module: str, room: str) -> bool:
    inside = module == room or module.startswith(f"{room}.")
    return inside and (house.room_of(module) == room or "." in room)


def test_every_module_lies_in_a_room() -> None:
    assert {name for name in MODULES if name and not house.room_of(name)} == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from analysis.tables import headline", {"tables.headline"}),
        ("import analysis.runs.plan as p", {"runs.plan"}),
        ("def f():\n    from analysis.claims.ledger import evaluate", {"claims.ledger"}),
        ("preload = 'analysis.runs.session'", {"runs.session"}),
        ("message = f'see (analysis.runs.session) {1}'", {"runs.session"}),
        ("from .. import cli", {"cli"}),
        ("from ..cli import app", {"cli.app"}),
        ('"""Prose on `analysis.runs.session` and analysis.runs.plan."""', set()),
    ],
)
def test_an_import_is_seen_wherever_it_hides(tmp_path: Path, text: str, found: set[str]) -> None:
    path = tmp_path / "module.py"
    path.write_text(text, encoding="utf-8")
    assert house.imports(path) == found


def test_there_are_few_rooms_on_few_floors_and_no_arrow_runs_back_up() -> None:
    floors = house.floors()  # raises where rooms import each other
    assert len(floors) <= MOST_ROOMS
    assert max(floors.values()) <= MOST_FLOORS


def test_an_arrow_back_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "arrows", lambda: {"inputs": {"model"}, "model": {"inputs"}, "cli": set()})
    with pytest.raises(ValueError, match=r"rooms that import each other: \['inputs', 'model'\]"):
        house.floors()


def test_the_package_is_small() -> None:
    counts = [len(house.code_lines(path)) for path in MODULES.values()]
    assert sum(counts) <= house.MOST_LINES_OF_CODE
    assert sum(1 for count in counts if count) <= house.MOST_MODULES


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_module_and_no_function_is_long(name: str) -> None:
    path = MODULES[name]
    assert path.read_text(encoding="utf-8").count("\n") <= house.MOST_LINES_OF_MODULE
    assert {key: n for key, n in house.functions(path).items() if n > house.MOST_LINES_OF_FUNCTION} == {}


def test_what_counts_as_a_line_of_code(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        '"""Doc."""\n\nX = 1\n"""What X is."""\n\n\ndef f(\n    a,\n):\n    # why\n    return """\nb"""\n'
    )
    assert house.code_lines(path) == {3, 7, 8, 9, 11, 12}
    assert house.functions(path) == {"f:7": 5}


def test_tests_mirror_the_package() -> None:
    tests = {path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    mirrored = {path for path in tests if len(path.parts) > 1}
    homes = {".".join((*path.parts[:-1], path.stem.removeprefix("test_"))) for path in mirrored}
    homes = {home.removesuffix(".init") for home in homes}
    assert homes <= set(MODULES)
    wanted = {name for name, path in MODULES.items() if name and house.functions(path)}
    assert wanted <= homes


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "('pandas', 'numpy', 'matplotlib', 'pydantic')"
    code = f"import sys, analysis; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    import analysis

    for name in analysis.__all__:
        assert getattr(analysis, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = analysis.nothing


def test_figures_hold_what_is_declared_and_nothing_else() -> None:
    declared = {name for notebook in SUITE.values() for name in notebook.delivers}
    for scenario in scenario_names():
        folder = paths.figures_root() / scenario
        found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
        assert found == declared
    assert {folder.name for folder in paths.figures_root().iterdir()} == set(scenario_names())


def test_constraints_hold_names_and_versions_alone() -> None:
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line)


def test_nothing_personal_is_committed() -> None:
    """No path of a machine and no host of a package registry."""
    private = re.compile(
        "|".join(("/" + "root/", "/" + "work/", "python" + "hosted", "pypi" + r"\.org/simple"))
    )
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0 or not listed.stdout:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".png", ".svg"} or not path.is_file():
            continue
        assert private.search(path.read_text(encoding="utf-8")) is None, name
