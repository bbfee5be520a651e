import hashlib

import pytest

from knack_protocol.ids import CourseName, EventId, PlayerId
from knack_protocol.proof import seeds
from knack_protocol.proof.seeds import Scope

# RULES.md, section 9.
DEMO, H1, SPRINT, P1 = EventId("demo"), "h1", CourseName("sprint"), PlayerId("p1")
RULES_HASH = hashlib.sha256(b"rules").digest()
SERVER_SEED = bytes(range(32))


def test_the_promise_is_the_one_that_the_rules_print() -> None:
    commit = seeds.commit(DEMO, H1, SPRINT, Scope.HEAT, RULES_HASH, SERVER_SEED)
    assert commit.hex() == "b515d50abeaece6e6e75f2d41e7639960331c1506b5d30d12ecbdda59c794543"


def test_the_seeds_are_those_that_the_rules_print() -> None:
    seed = seeds.seed(SERVER_SEED, DEMO, H1, b"stage:hello")
    assert seed.hex() == "d2a53ed8f3e2730cfb5fa040fca25a5ef1d2c87682da75f35a373b422dfd7a43"
    assert (
        seeds.player_seed(seed, P1).hex()
        == "7ebf3128173e20ae60b36da96533774f26c580e089352abc9728f9a302622953"
    )


def test_the_promise_changes_with_everything_that_it_promises() -> None:
    promised = (DEMO, H1, SPRINT, Scope.HEAT, RULES_HASH, SERVER_SEED)
    others = ("demo2", "h2", "climb", Scope.PLAYER, bytes(32), bytes(32))
    commits = {seeds.commit(*promised)}
    for place, other in enumerate(others):
        commits.add(seeds.commit(*promised[:place], other, *promised[place + 1 :]))
    assert len(commits) == 1 + len(others)


def test_a_name_has_its_own_server_seed_under_every_master() -> None:
    masters, names = (bytes(32), bytes(range(32))), ((DEMO, "h1"), (DEMO, "h2"), (EventId("demoh"), "1"))
    drawn = {seeds.server_seed(master, *name) for master in masters for name in names}
    assert len(drawn) == 6
    assert all(len(seed) == 32 for seed in drawn)


def test_a_device_adds_sixteen_bytes() -> None:
    assert seeds.client_public(bytes(16)) == b"client:" + bytes(16)
    for count in (0, 15, 17):
        with pytest.raises(ValueError, match="16 bytes"):
            seeds.client_public(bytes(count))
