"""Scenarios: what is wrong with one is said with file, line and key."""

import tomllib

import pytest
from tests.support.jsonschema import faults_of

from knack_loadtest.crowd.scenario.reading import ScenarioError, load, override, read, shipped
from knack_loadtest.crowd.scenario.schema import scenario_schema
from knack_loadtest.crowd.thresholds import parse

FRAME = '[scenario]\nname = "s"\ntitle = "S"\nabout = "A scenario."\nduration = "1m"\n'


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (
            FRAME + '\n[players.a]\ncount = "many"\nskill = "casual"\n',
            "s.toml, line 8, players.a.count",
            "whole number",
        ),
        (
            FRAME + '\n[players.a]\ncount = 3\nskill = "casul"\n',
            "s.toml, line 9, players.a.skill",
            "must be one of",
        ),
        (FRAME + "\n[players.a]\ncount = 3\n", "s.toml, line 7, players.a.skill", "is missing"),
        (
            FRAME + '\n[players.a]\ncoutn = 3\nskill = "casual"\n',
            "s.toml, line 8, players.a.coutn",
            "no such key",
        ),
        (FRAME + "\n[playrs.a]\ncount = 3\n", "s.toml, line 1, playrs", "no such table"),
        (FRAME.replace("1m", "soon"), "s.toml, line 5, scenario.duration", "must be a time"),
        (
            FRAME + '\n[watchers.b]\ncount = 1\ndevice = "phone"\narrive = { shape = "poisson" }\n',
            "s.toml, line 10, watchers.b.arrive.rate",
            "the shape poisson needs it",
        ),
        (
            FRAME + '\n[[faults]]\nat = "1s"\nkind = "storm"\n\n[[faults]]\nat = 3\nkind = "storm"\n',
            "s.toml, line 12, faults.1.at",
            "a time",
        ),
        (
            FRAME + "\n[cheats.c]\ncount = 1\nkinds = ['magic']\n",
            "s.toml, line 9, cheats.c.kinds",
            "'magic' is none of",
        ),
        (
            FRAME + '\n[players.a]\ncount = 3\nskill = "casual"\nnetwork = "wifi"\n',
            "s.toml, line 10, players.a.network",
            "'wifi' is none of",
        ),
        (
            FRAME + '\n[players.a]\ncount = 3\nskill = "casual"\nnetwork = { lte = 0.5, tunnel = 0.4 }\n',
            "s.toml, line 10, players.a.network",
            "0.9 together",
        ),
        (FRAME + "\n[players\n", "s.toml, line 7", "Expected"),
        ("title = 3\n", "s.toml, line 1, title", "no such table"),
    ],
)
def test_an_error_names_file_line_and_key(text: str, where: str, what: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read(text, "s.toml")

    assert any(fault.startswith(where) and what in fault for fault in caught.value.faults), (
        caught.value.faults
    )


def test_all_that_is_wrong_is_said_at_once() -> None:
    text = FRAME.replace("1m", "soon") + '\n[players.a]\ncount = -1\nskill = "nobody"\n'

    with pytest.raises(ScenarioError) as caught:
        read(text, "s.toml")

    assert len(caught.value.faults) == 3


HEATS = """
[players.a]
count = 3
skill = "casual"

[heats.{name}]
players = "{players}"
at = "{at}"
"""


def test_who_shows_heats_that_there_are_not_is_told_so() -> None:
    screen = '\n[watchers.screen]\ncount = 1\ndevice = "screen"\nheats = "heats.{}"\n'
    text = FRAME + HEATS.format(name="final", players="players.a", at="5s")

    assert read(text + screen.format("final"), "s.toml").watchers[0].heats == "heats.final"
    with pytest.raises(ScenarioError, match=r"watchers\.screen\.heats: .* there are heats\.final"):
        read(text + screen.format("finale"), "s.toml")


@pytest.mark.parametrize(
    ("name", "players", "at", "said"),
    [
        ("final", "players.b", "5s", r"s\.toml, line 12, heats\.final\.players: .*players\.a"),
        ("final", "players.a", "soon", r"s\.toml, line 13, heats\.final\.at: must be a time"),
        ("run-a", "players.a", "5s", r"s\.toml, line 11, heats\.run-a: a heat's name"),
        ("heats", "players.a", "5s", r"s\.toml, line 11, heats\.heats: a heat's name"),
        ("Final", "players.a", "5s", r"s\.toml, line 11, heats\.Final: a heat's name"),
    ],
    ids=["no_such_group", "no_time", "name_of_a_run", "name_of_the_sum", "capitals"],
)
def test_what_is_wrong_with_heats_is_said_with_its_line_and_key(
    name: str, players: str, at: str, said: str
) -> None:
    with pytest.raises(ScenarioError, match=said):
        read(FRAME + HEATS.format(name=name, players=players, at=at), "s.toml")


def test_a_key_can_be_set_beside_the_file_and_says_so_when_it_is_wrong() -> None:
    text = FRAME + '\n[players.a]\ncount = 3\nskill = "casual"\n'

    assert read(text, "s.toml", dict([override("players.a.count=400")])).players[0].count == 400
    assert read(text, "s.toml", dict([override("players.a.skill=expert")])).players[0].skill == "expert"
    with pytest.raises(ScenarioError, match=r"--set players\.a\.count: must be a whole number"):
        read(text, "s.toml", dict([override("players.a.count=lots")]))


def test_a_scenario_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ScenarioError, match="smoke"):
        load("smoek")


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_can_be_read_and_its_thresholds_too(name: str) -> None:
    scenario = load(name)

    assert scenario.frame.about.endswith(".")
    assert [parse(text).text for text in scenario.expect.thresholds] == list(scenario.expect.thresholds)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_has_the_published_form(name: str) -> None:
    assert faults_of(tomllib.loads(shipped()[name]), scenario_schema()) == []
