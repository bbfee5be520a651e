"""Row 23 of the threat table: an insider changes a number of the rules in the middle of an event."""

import copy
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from tests.support.adversary import Contender
from tests.support.site import Site

from knack_client import Player
from knack_client.errors import BrokenReceipt, OtherRules
from knack_protocol.ids import CourseName, EventId, PlayerId
from knack_protocol.proof.seeds import Scope, commit
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.log import h0
from knack_protocol.wire.messages import Moved

SPRINT = CourseName("sprint")


def switched(rules: Any) -> Iterator[Any]:
    """Yield the rules once for every number in them, with that number raised by one."""

    def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        if isinstance(value, dict | list):
            for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                yield from numbers(inner, (*path, key))
        elif isinstance(value, int):
            yield path

    for *path, last in numbers(rules):
        changed = copy.deepcopy(rules)
        place = changed
        for key in path:
            place = place[key]
        place[last] += 1
        yield changed


@pytest.mark.asyncio
async def test_any_number_of_the_rules_raised_by_one_breaks_every_promise_and_every_chain(ring: Site) -> None:
    published = (await ring.http.get("/rules.json")).content
    assert sha256(published).digest() == rules_hash()

    def promises(of: bytes) -> tuple[bytes, bytes]:
        bound = commit(EventId("demo"), "run-x", SPRINT, Scope.HEAT, of, bytes(32))
        return bound, h0(EventId("demo"), "run-x", PlayerId("p-x"), bound, of, 0, 0)

    hashes = [sha256(json.dumps(rules).encode()).digest() for rules in switched(json.loads(published))]

    assert len(hashes) > 80
    assert len({rules_hash(), *hashes}) == len(hashes) + 1
    assert len({promises(of) for of in (rules_hash(), *hashes)}) == len(hashes) + 1


@pytest.mark.asyncio
async def test_players_notice_rules_that_were_switched_under_a_promise_and_play_no_others(ring: Site) -> None:
    (twin,) = await Contender.enter(ring, "Anna")
    line = await ring.player("Berta")
    floor = ring.house.host.arena.floor

    floor.rules_hash = sha256(b"other rules").digest()

    with pytest.raises(BrokenReceipt, match="H0"):
        await Contender.begin(ring, line)
    with pytest.raises(OtherRules):
        async with Player(f"http://127.0.0.1:{ring.port}", "Clara"):
            pass
    assert isinstance(await twin.try_move(), Moved)  # a run that had begun goes on by its own rules
