"""The answer in words and in numbers."""

import json

import pandas as pd
import pytest

from analysis.inputs import paths
from analysis.inputs.scenario import load_scenario
from analysis.tables import answer, strongest_case

CHANNELS = pd.DataFrame(
    {"value": [1.5, 1.2, 1.9, 1.1], "high": [2.0, 1.3, 9.9, 1.2], "grade": ["C"] * 4},
    index=[strongest_case.CASH, "Training", strongest_case.REFERENCE, strongest_case.WAITING],
)


def headlines(**values: float) -> pd.DataFrame:
    known = {
        "electricity_share_of_cost_published": 0.07,
        "electricity_share_of_cost_ours": 0.05,
        "electricity_share_cash": 0.53,
        "spread_if_electricity_free": 16.4,
    }
    return pd.DataFrame({"value": known | values})


def test_words_follow_the_numbers() -> None:
    cost, gap, best = answer.answer_in_words(headlines(), CHANNELS, 16.7)
    assert cost.startswith("Electricity is a small part of")
    assert "is not the main reason" in cost
    assert "almost all of the claimed gap" in gap
    # the two largest but the tariff itself
    assert (
        "a price war in which sellers ask no more than running costs, about half of which is power or" in best
    )
    assert best.endswith("training; neither comes near the claimed gap.")
    far = CHANNELS.assign(high=9.0)
    assert answer.answer_in_words(headlines(), far, 16.7)[2].endswith("this may come near the claimed gap.")


@pytest.mark.parametrize(
    ("share", "free", "part", "left"),
    [
        (0.3, 12.0, "a good part", "most"),
        (0.5, 8.0, "about half", "about half"),
        (0.9, 3.0, "most", "a part"),
        (0.9, 1.1, "most", "almost nothing"),
    ],
)
def test_other_numbers_other_words(share: float, free: float, part: str, left: str) -> None:
    values = {"electricity_share_of_cost_published": share, "spread_if_electricity_free": free}
    cost, gap, _ = answer.answer_in_words(headlines(**values), CHANNELS, 16.7)
    assert cost.startswith(f"Electricity is {part} of")
    assert "may be a reason" in cost
    assert f"{left} of the claimed gap" in gap


@pytest.mark.parametrize("name", ["article", "audited"])
def test_readme_and_notebook_open_with_the_answer(name: str) -> None:
    """Three plain sentences before any code, number or logarithm, and they are what the numbers say."""
    entries = json.loads((paths.figures_root() / name / "headline.json").read_text(encoding="utf-8"))
    scenario = load_scenario(name)
    sentences = answer.answer_in_words(
        pd.DataFrame.from_dict(entries, orient="index"),
        strongest_case.strongest_channels(scenario),
        scenario.root.api_spread_claim.value,
    )
    assert not any(sign.isdigit() for sign in "".join(sentences))
    notebook = json.loads((paths.NOTEBOOKS / "00-overview.ipynb").read_text(encoding="utf-8"))
    first = "".join(notebook["cells"][0]["source"]).split("\n\n")
    assert first[1] == " ".join(sentences)
    readme = (paths.project_root() / "README.md").read_text(encoding="utf-8")
    assert " ".join(sentences) in " ".join(readme.split("##")[0].split())


def test_the_article_stands_beside_what_it_is_held_against() -> None:
    article, audited = load_scenario("article"), load_scenario("audited")
    assert answer.versions(article) == {"the article's tariffs": article, "audited tariffs": audited}
    assert answer.versions(audited) == answer.versions(article)
    cheap = load_scenario("audited", {"tariff_us": 0.05})
    assert answer.versions(cheap) == {"the article's tariffs": article, "this run's tariffs": cheap}
    claimed = load_scenario("article", {"tariff_us": 0.9})
    assert answer.versions(claimed) == {"this run's tariffs": claimed, "audited tariffs": audited}
