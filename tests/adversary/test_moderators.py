"""Row 20 of the threat table: a moderator favours friends, with every act that there is.

What each act does, and that each can be undone, is proved in tests/server/shell/test_desk.py. That acts taken back or
invented afterwards contradict what is published and what phones hold is a matter of bundles.
"""

from typing import Any

import pytest
from tests.support.adversary import Contender, race
from tests.support.adversary_referee import judge, results, standings
from tests.support.site import Site

from knack_protocol.rules.log import EndReason
from knack_server.core.desk import Desk

pytestmark = pytest.mark.asyncio

KINDS = (
    "void",
    "restore",
    "hide_name",
    "replace_name",
    "show_name",
    "undo",
    "score",
    "edit",
    "win",
    "void_heat",
)
SCORE = 999_999


async def favour(site: Site) -> None:
    """Do all that a moderator can do to a rival's finished run, to one in play, and to a friend's."""
    rival, friend, playing = await Contender.enter(site, "Anna", "Mallory", "Berta")
    await race(site, rival.honest(moves_max=8), friend.honest(moves_max=4), playing.honest(moves_max=2))
    site.pass_ms(100_000)
    (playing,) = await Contender.begin(site, playing.line)
    await race(site, playing.honest(moves_max=2))
    scores = {row[3]: row[4] for row in await standings(site)}
    before = await results(site)
    desk = await site.desk("mallory")
    players = {contender.hand.player for contender in (rival, friend, playing)}
    targets = [rival.run, friend.run, *players, "1", "-1", "", "run-x"]

    acts = 0
    for kind in KINDS:
        for target in targets:
            body: dict[str, Any] = {
                "kind": kind, "target": target, "text": "Mallory wins", "reason": "because",
                "score": SCORE, "points": SCORE, "number": 1, "desk": "ada", "at_ms": 0,
            }  # fmt: skip
            answer = await site.http.post("/api/desk/acts", headers=desk, json=body)
            assert answer.status_code in {201, 400}, (kind, target, answer.text)
            acts += answer.status_code == 201
    after = await results(site)

    assert acts > 10
    assert [after[what] for what in ("log", "runs", "plays")] == [
        before[what] for what in ("log", "runs", "plays")
    ]
    assert len(after["acts"]) == acts
    assert {row[3] for row in after["acts"]} == {"mallory"}
    assert all(row[4] in scores.values() for row in await standings(site))
    for contender in (rival, friend, playing):
        assert (await judge(site, contender.run)).score == contender.score


async def test_a_moderator_who_tries_every_act_on_everything_changes_no_score_and_no_log(ring: Site) -> None:
    await favour(ring)


async def test_a_rival_voided_in_the_middle_keeps_every_move_in_the_log_and_comes_back(ring: Site) -> None:
    rival, friend = await Contender.enter(ring, "Anna", "Mallory")
    await race(ring, rival.honest(moves_max=8), friend.honest(moves_max=4))
    desk = await ring.desk("mallory")
    void = {"kind": "void", "target": rival.run, "reason": "because"}

    assert (await ring.http.post("/api/desk/acts", headers=desk, json=void)).status_code == 201
    assert [row[3] for row in await standings(ring)] == ["Mallory"]
    judged = await judge(ring, rival.run)
    assert (judged.score, judged.events[-1].reason) == (rival.score, EndReason.VOIDED)
    assert len(judged.moves) == 8
    undo = {"kind": "undo", "target": "1", "reason": "it was wrong"}
    assert (
        await ring.http.post("/api/desk/acts", headers=await ring.desk("ada"), json=undo)
    ).status_code == 201

    assert [(row[3], row[4]) for row in await standings(ring)] == [
        ("Anna", rival.score),
        ("Mallory", friend.score),
    ]
    assert [act[3] for act in (await results(ring))["acts"]] == ["mallory", "ada"]


async def test_a_server_whose_acts_touch_a_score_is_found_out(
    ring: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = Desk.act

    def generous(self: Desk, event: Any, desk: str, kind: Any, target: str, *rest: Any) -> Any:
        if target in event.runs:
            event.runs[target].score += 1
        return act(self, event, desk, kind, target, *rest)

    monkeypatch.setattr(Desk, "act", generous)

    with pytest.raises(AssertionError):
        await favour(ring)
