"""The hostile pack: it attacks nobody but this machine, says what it got, and tells a server that lets something pass."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.hostile import attacks, enemy, siege
from knack_loadtest.crowd.hostile.attacks import PACKS, TABLE, Attack
from knack_loadtest.crowd.hostile.enemy import CLOSED, STAYS_OPEN, Ground
from knack_loadtest.crowd.hostile.siege import assault, judge
from knack_loadtest.crowd.verdict import FAILED, PASSED, UNREACHABLE, WRONG

BY_NAME = {attack.name: attack for attack in TABLE}


def few(name: str) -> Attack:
    """One go of an attack."""
    row = BY_NAME[name]
    return Attack(row.pack, row.name, row.tries, row.expected, row.deed, 2, 2)


@asynccontextmanager
async def answering(answer: bytes, *, hangs_up: bool = False) -> AsyncIterator[Ground]:
    """A server that answers whatever comes with these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(65536)
            writer.write(answer)
            if not hangs_up:
                await reader.read(-1)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Ground("127.0.0.1", server.sockets[0].getsockname()[1])


async def attacked(name: str, answer: bytes, *, hangs_up: bool = False) -> siege.Outcome:
    async with answering(answer, hangs_up=hangs_up) as ground:
        return await assault(few(name), ground)


SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
CLOSE = b"\x88\x02"


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enemy, "WITHIN_S", 0.2)
    monkeypatch.setattr(siege, "PACK_S", 0.0)


@pytest.mark.parametrize(
    ("name", "answer", "got"),
    [
        ("foreign_origin", b"HTTP/1.1 403 Forbidden\r\n\r\n", "http_403"),
        ("giant", SWITCHED + CLOSE + (1009).to_bytes(2, "big"), "close_1009"),
        ("silence", b"", CLOSED),
    ],
    ids=["a status", "a close code", "hung up"],
)
def test_a_right_answer_is_right(name: str, answer: bytes, got: str) -> None:
    outcome = asyncio.run(attacked(name, answer, hangs_up=True)) if name != "silence" else hung_up_on()

    assert dict(outcome.got) == {got: outcome.attack.times}
    assert outcome.is_right
    assert judge([outcome], [], [], None)["exit_code"] == PASSED


def hung_up_on() -> siege.Outcome:
    """Meet a server that hangs up on whoever says nothing."""

    async def meet() -> siege.Outcome:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            return await assault(few("silence"), Ground("127.0.0.1", server.sockets[0].getsockname()[1]))

    return asyncio.run(meet())


@pytest.mark.parametrize(
    ("name", "answer", "got"),
    [
        ("foreign_origin", SWITCHED, "http_101"),
        ("half_handshake", b"", STAYS_OPEN),
        ("giant", SWITCHED, STAYS_OPEN),
        ("giant", SWITCHED + CLOSE + (1000).to_bytes(2, "big"), "close_1000"),
        ("no_hello", SWITCHED, STAYS_OPEN),
        ("huge_form", b"HTTP/1.1 201 Created\r\n\r\n", "http_201"),
        ("pieces", b"HTTP/1.1 500 Oops\r\n\r\n", "no_way_in (the handshake was answered with http_500)"),
    ],
    ids=["let in", "held open", "taken", "another code", "waited for", "written down", "broken down"],
)
def test_a_server_that_takes_what_it_must_not_is_told(name: str, answer: bytes, got: str) -> None:
    outcome = asyncio.run(attacked(name, answer))
    told = judge([outcome], [], [], None)

    assert dict(outcome.got) == {got: 2}
    assert not outcome.is_right
    assert (told["word"], told["exit_code"]) == ("WRONG", WRONG)
    assert name in told["facts"][0]["text"]


@pytest.mark.parametrize(
    ("harmed", "honest", "grown", "exit_code"),
    [
        (["an honest player lost the line 1 times"], [], None, WRONG),
        ([], [(10.0, 100), (259.0, 100)], 0, PASSED),
        ([], [(10.0, 100), (261.0, 100)], 0, FAILED),
        ([], [(10.0, 100), (None, 3)], 0, FAILED),
        ([], [], siege.GROWTH_BYTES_MAX + 1, FAILED),
        ([], [], siege.GROWTH_BYTES_MAX, PASSED),
    ],
    ids=["harmed", "as before", "slower", "unheard", "grown", "no larger"],
)
def test_honest_people_and_memory_are_judged(
    harmed: list[str], honest: list[tuple[float | None, int]], grown: int | None, exit_code: int
) -> None:
    phases: list[dict[str, Any]] = [{"pack": "frames", "p95_ms": p95, "replies": n} for p95, n in honest]

    assert judge([], harmed, phases, grown)["exit_code"] == exit_code


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:8000", "http://192.0.2.7", "http://[2001:db8::1]:80", "not an address"]
)
def test_only_this_machine_is_attacked(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("nothing may be sent")

    monkeypatch.setattr("knack_loadtest.crowd.commands.hostile.find", never)
    done = CliRunner().invoke(crowd, ["hostile", "all", "--target", url, "--out", str(tmp_path)])

    assert done.exit_code == UNREACHABLE
    assert list(tmp_path.iterdir()) == []


def test_every_attack_is_bounded_and_has_a_name_and_a_pack_of_its_own() -> None:
    assert len(BY_NAME) == len(TABLE)
    assert all(0 < attack.at_once <= attack.times <= 200 for attack in TABLE)
    assert PACKS == ("handshakes", "frames", "messages", "forms")
    held_at_once = sum(attack.at_once for attack in TABLE if not attack.own_server)
    assert held_at_once < attacks.ROOM + 200  # one pack at a time stays below what an address may have
    for pack in PACKS:
        assert sum(a.at_once for a in TABLE if a.pack == pack and not a.own_server) < attacks.ROOM


@pytest.mark.system
@pytest.mark.timeout(300)
def test_a_real_server_gives_every_right_answer_while_people_play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(siege, "QUIET_S", 1.0)
    monkeypatch.setattr(siege, "PACK_S", 1.0)
    done = CliRunner().invoke(crowd, ["hostile", "messages", "--out", str(tmp_path)], catch_exceptions=False)
    (path,) = tmp_path.glob("*/hostile.json")
    result = json.loads(path.read_text())

    assert {row["attack"]: row["got"] for row in result["attacks"] if not row["is_right"]} == {}
    assert [row["attack"] for row in result["attacks"]] == [a.name for a in TABLE if a.pack == "messages"]
    assert [fact for fact in result["verdict"]["facts"] if fact["weight"] == "wrong"] == []
    assert result["left_out"] == []
    assert [phase["pack"] for phase in result["honest"]] == ["", "messages"]
    assert result["server"]["rss_peak_bytes"] > 0
    assert done.exit_code in {PASSED, FAILED}  # 6: two seconds are too short to say how long replies took
