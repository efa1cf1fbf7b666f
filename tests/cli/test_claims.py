"""What ``kwh2token claims`` prints."""

import json

import pytest
from typer.testing import CliRunner

from analysis import claims
from analysis.claims.checks import CHECKS
from analysis.cli.app import app
from analysis.inputs import paths
from analysis.inputs.errors import ParameterError
from analysis.inputs.packs import pack_names


def test_the_command_prints_and_filters(command) -> None:
    shown = command("claims", "--topic", "PUE")
    assert shown.returncode == 0, shown.stderr
    assert "misattributed" in shown.stdout
    assert "outside history: 1 misattributed, 1 false" in shown.stdout
    assert "outlet not stated" in shown.stdout
    machine = json.loads(CliRunner().invoke(app, ["claims", "--json", "--verdict", "undefined"]).stdout)
    assert {entry["verdict"] for entry in machine} == {"undefined"}
    assert {entry["pack"] for entry in machine} == {paths.FIRST_PACK}
    assert len(machine) == (claims.evaluate()["verdict"] == "undefined").sum()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--topic", "cooking"], "no claim has it"),
        (["--verdict", "maybe"], "not one of holds"),
        (["--verdict", "fals"], "did you mean false?"),
        (["--topic", "PUEs"], "did you mean PUE?"),
        (["--pack", "all", "--topic", "cooking"], "topics: token share"),
        (["--pack", "token-export-2025"], "did you mean token-export-2026?"),
    ],
)
def test_the_command_refuses_unknown_filters(arguments: list[str], message: str) -> None:
    refused = CliRunner().invoke(app, ["claims", *arguments])
    assert isinstance(refused.exception, ParameterError)
    assert message in str(refused.exception)


def printed(*arguments: str) -> str:
    told = CliRunner().invoke(app, ["claims", *arguments])
    assert told.exit_code == 0, told.output
    return told.stdout


def test_each_pack_has_a_table_and_counts_of_its_own() -> None:
    told = printed("--pack", "all")
    starts = [told.index(f"{name}: ") for name in pack_names()]
    assert starts == sorted(starts)
    parts = [told[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
    for name, part in zip(pack_names(), parts, strict=True):
        held = (claims.evaluate(name)["verdict"] == "holds").sum()
        counted = " ".join(part.rpartition("┘")[2].split())
        if name == paths.FIRST_PACK:
            assert counted.startswith("outside history: ")
            assert "; history: " in counted
        else:
            assert counted.startswith(f"distinct: {held} holds")


def test_every_check_is_listed_with_what_it_does() -> None:
    told = printed("--checks")
    names = [line.split("│")[1].strip() for line in told.splitlines() if line.startswith("│")]
    assert [name for name in names if name] == sorted(CHECKS)
    for line in told.splitlines():
        if line.startswith("│") and line.split("│")[1].strip():
            assert len(line.split("│")[2].strip()) > 10


def test_a_topic_is_sought_in_all_packs() -> None:
    told = printed("--pack", "all", "--topic", "token price")
    assert "china-tokens-2026-03: " in told
    assert "token-export-2026: " in told
    assert "goldman-power-2025-11: " not in told


def test_of_all_packs_json_names_the_pack() -> None:
    machine = json.loads(printed("--pack", "all", "--json"))
    assert list(dict.fromkeys(entry["pack"] for entry in machine)) == list(pack_names())
