"""A lying server is found out: every lie, told end to end, ends in exit code 5, and the oracle whose business it is names it.

What each oracle finds when it is given a lie stands in `test_oracles`; here is shown that it is given it. In a normal run
lies that do not get in each other's way share a crowd; at full size each is told by itself.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from tests.loadtest.crowd.fake.documents import FirstRow
from tests.loadtest.crowd.fake.lies import LIES, Told
from tests.loadtest.crowd.fake.lying import Rows, lying
from tests.loadtest.crowd.fake.playing import Played, play

from knack_loadtest.crowd.oracles.table import ORACLES
from knack_loadtest.crowd.verdict import WRONG

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

SCENARIO = """
[scenario]
name = "lies"
title = "Lies"
about = "Three players and two screens look at a liar."
duration = "10s"
ending = "abandon"

[players.quick]
count = 3
skill = "bot_limit"

[watchers.screen]
count = 2
device = "screen"
"""

VISITOR = """
[visitors.guest]
count = 1
rate = "1/2s"
payloads = ["plain"]
"""

CHEATS = """
[cheats.some]
count = 1
kinds = {kinds}
"""

TOLD = {told.name: told for told in LIES}

LET_PASS = [told for told in LIES if told.cheats]
"""Told in two crowds: a result tells 20 violations of an oracle in words."""

ON_THE_WIRE = (
    "a_wrong_row_on_one_screen",
    "a_snapshot_of_an_older_version",
    "another_live_digest_for_one",
    "an_honest_player_refused",
    "an_address_in_a_public_document",
    "a_letter_that_is_lost",
    "early_let_pass",
    "a_touched_bundle",
)
IN_THE_RECORD = (
    "a_wrong_row_in_the_api",
    "a_move_that_is_forgotten",
    "points_that_nobody_made",
    "a_score_that_changes_after_the_end",
)
"""Lies that share a crowd in a normal run: each has an oracle of its own."""

ONLY_IN_HEATS = frozenset({"heats"})
"""Oracles that look at nothing in open play; `test_oracles` lies to them."""


def scenario(lies: Iterable[Told]) -> str:
    kinds = [kind for told in lies for kind in told.cheats]
    text = SCENARIO + (CHEATS.format(kinds=str(kinds).replace("'", '"')) if kinds else "")
    return text + (VISITOR if any(told.oracle == "contacts" for told in lies) else "")


def played_with(folder: Path, lies: Sequence[Told]) -> Played:
    with lying([told.make() for told in lies]):
        return play(folder, scenario(lies))


def named(played: Played, lies: Iterable[Told], *others: str) -> None:
    """Each lie is named by its oracle, the verdict is WRONG for it, and nothing but `others` is blamed beside them."""
    assert (played.code, played.result["verdict"]["word"]) == (WRONG, "WRONG"), played.said
    blamed = {fact["about"] for fact in played.result["verdict"]["facts"] if fact["weight"] == "wrong"}
    allowed = set(others)
    for told in lies:
        assert told.oracle in played.broken, (told.name, played.broken)
        assert re.search(told.names_it, played.broken[told.oracle]), (told.name, played.broken)
        allowed |= {told.oracle, *told.also}
    assert {told.oracle for told in lies} <= blamed <= allowed


def one_less(rows: Rows) -> Rows:
    return rows[:-1]


def test_lies_on_the_wire_are_all_named_and_so_is_an_export_that_leaves_somebody_out(tmp_path: Path) -> None:
    lies = [TOLD[name] for name in ON_THE_WIRE]
    with lying([told.make() for told in lies], export=one_less):
        played = play(tmp_path, scenario(lies))

    named(played, lies, "export")
    assert re.search(r"the export lists \d+ rows, the API listed \d+", played.broken["export"])


def test_lies_in_the_record_are_all_named(tmp_path: Path) -> None:
    lies = [TOLD[name] for name in IN_THE_RECORD]

    named(played_with(tmp_path, lies), lies)


@pytest.mark.slow
@pytest.mark.parametrize("told", [told for told in LIES if not told.cheats], ids=lambda told: told.name)
def test_each_lie_by_itself_is_named(told: Told, tmp_path: Path) -> None:
    named(played_with(tmp_path, [told]), [told])


@pytest.mark.slow
@pytest.mark.parametrize("lies", [LET_PASS[:12], LET_PASS[12:]], ids=["the first twelve", "the others"])
def test_every_cheat_that_is_let_pass_is_named(lies: Sequence[Told], tmp_path: Path) -> None:
    played = played_with(tmp_path, lies)

    named(played, lies)
    missed = {row["kind"]: row["got"] for row in played.result["tables"]["cheats"]}
    assert missed.keys() == {told.cheats[0] for told in lies}
    assert played.value("cheats.missed") + played.value("cheats.wrong_reason") == len(lies)


@pytest.mark.slow
def test_an_export_and_a_restart_that_tell_something_else_are_named(tmp_path: Path) -> None:
    with lying([], export=one_less, after_restart=[FirstRow()]):
        played = play(tmp_path, SCENARIO)

    assert (played.code, played.result["verdict"]["word"]) == (WRONG, "WRONG")
    assert played.broken.keys() == {"export"}
    assert "the restarted server says" in played.broken["export"]
    assert "the export lists 2 rows, the API listed 3" in played.broken["export"]


def test_every_oracle_is_lied_to() -> None:
    told = {told.oracle for told in LIES} | {"export"}

    assert told | ONLY_IN_HEATS >= set(ORACLES)
    assert {TOLD[name].oracle for name in (*ON_THE_WIRE, *IN_THE_RECORD)} | {"export"} == told
