"""docs/loadtest.md names what there is."""

import re
from pathlib import Path

import pytest
from click import Group

from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.commands.words import LISTS
from knack_loadtest.crowd.faults import KINDS as FAULTS
from knack_loadtest.crowd.hostile.attacks import PACKS
from knack_loadtest.crowd.metrics import BY_NAME
from knack_loadtest.crowd.networks.profiles import PROFILES
from knack_loadtest.crowd.oracles.table import ORACLES
from knack_loadtest.crowd.people.attempts import ATTEMPTS
from knack_loadtest.crowd.scenario.reading import read, shipped
from knack_loadtest.crowd.thresholds import parse

MANUAL = (Path(__file__).parents[3] / "docs" / "loadtest.md").read_text(encoding="utf-8")


def part(head: str) -> str:
    return MANUAL.partition(f"\n## {head}\n")[2].partition("\n## ")[0]


def rows(head: str) -> list[str]:
    return re.findall(r"^\| `([\w-]+)` \|", part(head), re.MULTILINE)


def test_every_scenario_has_a_row() -> None:
    assert sorted(rows("The scenarios")) == sorted(shipped())


def test_every_oracle_has_a_row() -> None:
    assert rows("What is proved") == list(ORACLES)


def test_every_figure_that_is_named_is_one() -> None:
    named = re.findall(r"`(\w+)`", part("What the numbers mean"))

    assert {"move_ack", "move_service", "send_lag", "stolen_time", "visible", "staleness"} <= set(named)
    assert [name for name in named if name not in BY_NAME] == []


def test_every_command_that_is_shown_is_one() -> None:
    assert isinstance(crowd, Group)
    shown = set(re.findall(r"^ {4}crowd ([\w-]+)", MANUAL, re.MULTILINE)) | set(
        re.findall(r"`crowd ([\w-]+)", MANUAL)
    )

    assert shown == set(crowd.commands)


def test_every_pack_fault_and_network_has_a_row() -> None:
    assert rows("The hostile pack") == list(PACKS)
    assert rows("What goes wrong on purpose") == list(FAULTS)
    assert rows("Networks") == list(PROFILES)


def test_the_number_of_cheats_is_true() -> None:
    assert f"each of the {len(ATTEMPTS)} ways to cheat" in MANUAL


def test_what_can_be_listed_is_said() -> None:
    assert [
        word
        for word in LISTS
        if word != "scenarios" and f"`{word}`" not in MANUAL and f"list {word}" not in MANUAL
    ] == []


def test_the_example_is_a_scenario() -> None:
    text = "\n".join(
        line[4:] for line in part("Writing a scenario").splitlines() if line.startswith("    ") or not line
    )
    scenario = read(text[text.index("[scenario]") :], "evening.toml")

    assert scenario.players[0].count == 40
    assert [parse(threshold).metric.name for threshold in scenario.expect.thresholds] == [
        "move_ack",
        "visible",
    ]


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 6, 130])
def test_every_exit_code_is_told(code: int) -> None:
    assert re.search(rf"^\| {code} \|", part("The verdict"), re.MULTILINE)
