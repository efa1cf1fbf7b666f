"""Scenarios: reading, extending, overriding, refusing."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inputs import paths
from analysis.inputs.entries import assumption_names, assumptions_called, definitions_in, other_names
from analysis.inputs.errors import DataError, ScenarioError
from analysis.inputs.scenario import load_scenario, reader_of, scenario_names


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_article_takes_every_figure_from_a_paragraph(article) -> None:
    from_article = {
        name: entry for name, entry in article.assumptions().items() if entry.source == "article_2026_03_13"
    }
    assert len(from_article) == 14
    assert all(entry.paragraph is not None for entry in from_article.values())
    assert (article.tariff_us.low, article.tariff_us.value, article.tariff_us.high) == (0.8, 1.0, 1.2)


def test_audited_keeps_the_claims_and_replaces_the_tariffs(article, audited) -> None:
    assert audited.root is not audited
    assert audited.root == article
    assert audited.annual_saving == article.annual_saving
    assert audited.tariff_us.unit == "USD/kWh"


def test_every_assumption_comes_with_source_and_grade() -> None:
    for name in scenario_names():
        for assumption in load_scenario(name).assumptions().values():
            assert assumption.source
            assert assumption.low <= assumption.value <= assumption.high


def test_a_number_moves_the_range_in_proportion() -> None:
    moved = load_scenario("article", {"tariff_us": 0.5}).tariff_us
    assert (moved.low, moved.value, moved.high) == pytest.approx((0.4, 0.5, 0.6))
    assert (moved.source, moved.grade, moved.paragraph) == ("override", "C", None)


def test_the_moved_range_stays_inside_its_bounds() -> None:
    pue = load_scenario("audited", {"pue": 1.05}).pue
    assert pue.low == 1.0
    assert pue.value == 1.05


@given(value=st.floats(0.001, 100))
def test_any_tariff_in_bounds_is_taken(value: float) -> None:
    moved = load_scenario("article", {"tariff_us": value}).tariff_us
    assert moved.low <= moved.value == value <= moved.high


def test_one_end_can_be_set() -> None:
    changed = load_scenario("article", {"tariff_us.high": 2.0}).tariff_us
    assert (changed.low, changed.high) == (0.8, 2.0)
    assert changed.value == pytest.approx(1.4)


def test_a_mapping_sets_several_fields() -> None:
    changed = load_scenario(
        "article", {"pue": {"value": 1.3, "low": 1.2, "high": 1.4, "source": "site_meter"}}
    ).pue
    assert (changed.low, changed.value, changed.high, changed.source) == (1.2, 1.3, 1.4, "site_meter")


def test_a_file_may_extend_a_scenario(tmp_path: Path) -> None:
    mine = load_scenario(
        write(
            tmp_path,
            "name: mine\ntitle: T\nextends: audited\npue: {value: 1.1, unit: ratio, source: s, grade: B}\n",
        )
    )
    assert mine.pue.value == 1.1
    assert mine.tariff_us == load_scenario("audited").tariff_us
    assert mine.root.name == "article"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"tarif_us": 1.0}, "did you mean tariff_us"),
        ({"tariff_us": "dear"}, "'dear' is none of industrial, commercial, data_centre"),
        ({"pue": "low"}, "neither a usable number nor a mapping"),
        ({"tariff_us": True}, "neither a usable number nor a mapping"),
        ({"tariff_us": 10**400}, "neither a usable number nor a mapping"),
        ({"tariff_us": {"low": 10**400, "high": 10**400, "value": None}}, "tariff_us: low 10*"),
        ({"tariff_us": {}}, "override 'tariff_us': it sets nothing"),
        ({"tariff_us.low": None}, "override 'tariff_us.low': it sets nothing"),
        ({"tariff_us": {"value": "1.0"}}, "tariff_us: value '1.0' is not a number"),
        ({"tariff_us": {"low": True}}, "tariff_us: low True is not a number"),
        ({"tariff_us.": 1}, "override 'tariff_us.': a figure has value, low, high"),
        ({"tariff_us": -1.0}, "out of bounds"),
        ({"tariff_us": float("nan")}, "tariff_us"),
        ({"tariff_us": float("inf")}, "tariff_us"),
        ({"pue": 0.9}, "pue: value 0.9 is out of bounds 1 to 5"),
        ({"tariff_us": {"low": 3.0, "value": 2.0}}, "not between low 3"),
        ({"tariff_us": {"colour": 1}}, "tariff_us.colour: unknown name"),
        ({"tariff_us.colour": 1}, "override 'tariff_us.colour': a figure has value, low, high"),
        ({"tariff_us": {"unit": "JPY/kWh"}}, "unit 'JPY/kWh' is not one of"),
        ({"tariff_us": {"grade": "D"}}, "grade"),
        ({"tariff_us": {"period": "soon"}}, "not a period"),
        ({"name": "x"}, "no assumption has this name"),
    ],
)
def test_wrong_overrides_are_named(overrides: dict, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        load_scenario("article", overrides)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "should hold name: value"),
        ("- a\n- b\n", "should hold name: value"),
        ("name: [\n", "mine.yaml"),
        ("name: mine\ntitle: t\nextends: nobody\n", "unknown scenario 'nobody'"),
        ("name: mine\ntitle: t\nextends: ../article.yaml\n", "extends takes the name"),
        ("name: mine\ntitle: t\nextends: 3\n", "extends takes the name"),
        ("name: ../../x\ntitle: t\nextends: article\n", "not allowed"),
        (f"name: {'a' * 100}\ntitle: t\nextends: article\n", "not allowed"),
        ("name: mine\ntitle: t\nextends: article\ntarif_us: 1\n", "did you mean tariff_us"),
        ("name: mine\nname: yours\ntitle: t\n", "name is given twice"),
        ("name: mine\ntitle: t\n", "mine.yaml: missing: tariff_cn_average, tariff_cn_hub, tariff_us"),
        ("title: t\nextends: article\n", "mine.yaml: name is missing"),
        ("name: mine\nextends: article\n", "mine.yaml: title is missing"),
        ("name: audited\ntitle: t\nextends: article\n", "name 'audited' is that of a scenario"),
        ("name: " + "[" * 1000, "not readable as YAML"),
        ("name: mine\ntitle: t\nextends: 2026-02-31\n", "'2026-02-31' is not allowed"),
        ("name: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        (
            "name: mine\ntitle: t\nextends: article\npue: {value: 1.1, unit: kW, source: s, grade: B}\n",
            "unit 'kW'",
        ),
    ],
)
def test_wrong_files_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        load_scenario(write(tmp_path, text))


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", "A", "a b", "a" * 65, "a\x00b", "ａ"])
def test_a_name_is_never_a_path(name: str) -> None:
    with pytest.raises(ScenarioError, match="not allowed"):
        load_scenario(name)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="No such file"):
        load_scenario(str(tmp_path / "none.yaml"))
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(ScenarioError, match="not a regular file"):
        load_scenario(str(tmp_path / "folder.yaml"))
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match=r"UTF-8|special characters"):
        load_scenario(str(tmp_path / "binary.yaml"))
    (tmp_path / "huge.yaml").write_text("#" * 1_000_001, encoding="utf-8")
    with pytest.raises(ScenarioError, match="larger than"):
        load_scenario(str(tmp_path / "huge.yaml"))


def test_a_scenario_that_extends_itself_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loop.yaml").write_text("name: loop\ntitle: t\nextends: loop\n", encoding="utf-8")
    monkeypatch.setattr(paths, "SCENARIOS", tmp_path)
    with pytest.raises(ScenarioError, match="extends itself"):
        load_scenario("loop")


def test_an_override_of_a_wrong_entry_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, "name: mine\ntitle: t\nextends: article\npue: {value: 1.1, unit: ratio}\n")
    with pytest.raises(
        ScenarioError, match="override 'pue': what it changes is wrong: missing: source, grade"
    ):
        load_scenario(file, {"pue": 1.2})


def test_a_wrong_header_and_wrong_assumptions_are_told_together(tmp_path: Path) -> None:
    entries = "pue: {value: 9, unit: ratio, source: s, grade: B}\ngpu_life: {value: 3}\n"
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(tmp_path, f"name: mine\ntitle: 3\nextends: article\n{entries}"))
    told = str(caught.value)
    assert told.startswith("mine.yaml: missing: gpu_life.unit, gpu_life.source, gpu_life.grade; title: ")
    assert "(got 3); pue: value 9 is out of bounds 1 to 5 [ratio]" in told


@pytest.fixture
def own_data(data_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the data that scenarios are read from."""
    monkeypatch.setattr(paths, "DATA", data_copy)
    monkeypatch.setattr(paths, "SCENARIOS", data_copy / "scenarios")
    return data_copy


def add_assumption(folder: Path, row: str) -> None:
    with (folder / "assumptions.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")


def test_a_new_assumption_is_a_row(own_data: Path) -> None:
    add_assumption(
        own_data, "rent,rent of a hall,currency/kW,1,1e4,80,60,90,EUR/kW,EUR,2025,project,C,a guess"
    )
    scenario = load_scenario("audited", {"rent": 40})
    assert assumption_names()[-1] == list(scenario.assumptions())[-1] == "rent"
    assert load_scenario("article").rent.value == 80
    assert (scenario.rent.low, scenario.rent.value, scenario.rent.high) == (30, 40, 45)
    assert scenario.definition("rent").meaning == "rent of a hall"
    with pytest.raises(ScenarioError, match=r"rent: value 1e\+06 is out of bounds 1 to 10000 \[EUR/kW\]"):
        load_scenario("article", {"rent": 1e6})
    with pytest.raises(ScenarioError, match="unit 'kW' is not one of CNY/kW, EUR/kW, GBP/kW, USD/kW"):
        load_scenario("article", {"rent.unit": "kW"})


def test_a_new_assumption_without_a_start_must_be_given(own_data: Path) -> None:
    add_assumption(own_data, "rent,rent of a hall,EUR/kW,1,1e4,,,,,,,,,")
    with pytest.raises(ScenarioError, match=r"article\.yaml: missing: rent"):
        load_scenario("article")
    with (own_data / "scenarios" / "article.yaml").open("a", encoding="utf-8") as file:
        file.write("rent: {value: 70, unit: EUR/kW, period: 2025, source: project, grade: C}\n")
    assert load_scenario("audited").rent.value == 70


@pytest.mark.parametrize("name", ["title", "entries", "root", "assumptions"])
def test_an_assumption_may_not_hide_what_scenarios_have(own_data: Path, name: str) -> None:
    add_assumption(own_data, f"{name},a name that is taken,ratio,0,1,,,,,,,,,")
    with pytest.raises(DataError, match=f"'{name}' is what scenarios call something else"):
        load_scenario("article")


def test_scenarios_are_equal_hashed_and_pickled_by_what_they_hold(article) -> None:
    again = load_scenario("article")
    assert again is not article
    assert (again, hash(again)) == (article, hash(article))
    assert pickle.loads(pickle.dumps(article)) == article
    assert load_scenario("article", {"pue": 1.3}) != article
    with pytest.raises(AttributeError, match="no assumption 'tariff_mars'"):
        _ = article.tariff_mars


def test_names_are_stable() -> None:
    assert scenario_names() == ("article", "audited")
    assert "tariff_us" in assumption_names()
    assert "name" not in assumption_names()


def test_sets_of_overrides_that_are_read_one_after_another_do_not_meet(tmp_path: Path) -> None:
    """Nor does a figure that is wrong by itself stay wrong, or become right, for the next set."""
    own = tmp_path / "own.yaml"
    own.write_text(
        "name: own\ntitle: t\nextends: audited\npue: {value: 9, unit: ratio, source: mine, grade: C}\n",
        "utf-8",
    )
    mended = {"pue": {"value": 1.2}}
    sets = [mended, {"tariff_us": 0.1, **mended}, {**mended, "tariff_us.high": 3, "gpu_life": 4}, mended]
    read = reader_of(str(own))
    for overrides in sets:
        assert read(overrides) == load_scenario(str(own), overrides)
        with pytest.raises(ScenarioError, match=r"own\.yaml: pue: value 9 is out of bounds"):
            read({})


def test_other_names_hide_no_assumption() -> None:
    """A name of its own means one assumption; what others are called besides leads to them."""
    for name in assumption_names():
        assert assumptions_called(name) == assumptions_called(name.upper().replace("_", " ")) == [name]
        assert assumptions_called(definitions_in(paths.DATA)[name].meaning) == [name], (
            "as a what-if prints it"
        )
    for word in other_names():
        assert assumptions_called(word), word
    assert assumptions_called("life") == ["gpu_life", "facility_life"]
    assert assumptions_called("weather") == assumptions_called("") == []
