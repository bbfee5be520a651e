"""Row 1 of the threat table: somebody tells the server a result. There is no message for one.

Every command is sent with every field of every MessagePack type, with fields too many and too few, and so is everything
that only a server says. That no bytes whatever make the decoder fail is proved in tests/protocol/wire/test_codec.py.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgpack
import pytest
from starlette.routing import Route
from tests.protocol.wire.golden import GOOD
from tests.support.adversary import Contender
from tests.support.adversary_referee import judge, results, standings
from tests.support.line import BINARY, TEXT
from tests.support.site import Site

from knack_protocol.wire.codec import Malformed, decode_command
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.limits import MALFORMED_MAX
from knack_protocol.wire.messages import Moved, Reject, Role
from knack_protocol.wire.table import ANSWERS, COMMANDS
from knack_server.shell import host

pytestmark = pytest.mark.asyncio

SCORE = 999_999

FOREIGN = {
    "nil": None,
    "true": True,
    "a number": SCORE,
    "a negative number": -1,
    "a number of 64 bits": 2**63,
    "a fraction": float(SCORE),
    "a text": str(SCORE),
    "bytes": SCORE.to_bytes(3, "big"),
    "an array": [SCORE],
    "a map": {"score": SCORE},
    "an extension": msgpack.ExtType(5, b"score"),
    "a time": msgpack.Timestamp(SCORE),
}

TAKES_ANY_NUMBER = {(7, 3), (8, 4), (8, 5), *((opcode, 1) for opcode in COMMANDS)}
"""Places, by opcode, of a `u32`."""


class Forgery(NamedTuple):
    what: str
    frame: bytes
    code: RejectCode


def good_commands(contender: Contender) -> dict[int, list[Any]]:
    """Return a right command of every kind, as the arrays that go over the wire; the move is a good one."""
    run, seq, head, cell, direction = contender.fields()
    return {
        1: [1, 7, Role.PLAYER.value, "demo", contender.line.token],
        2: [2, 7],
        3: [3, 7, "Mallory"],
        4: [4, 7],
        5: [5, 7, "climb"],
        6: [6, 7, run, bytes(16)],
        7: [7, 7, run, seq, head, cell, direction],
        8: [8, 7, "sprint", 0, 0, 0],
        9: [9, 7, 0],
    }


def is_wrong_at(opcode: int, place: int, value: Any, good: Any) -> bool:
    """Tell whether a value of this type or size is nothing that a field may hold."""
    if type(value) is int is type(good):
        return value != SCORE or (opcode, place) not in TAKES_ANY_NUMBER
    return type(value) is not type(good) or isinstance(value, bytes)


def forgeries(contender: Contender) -> list[Forgery]:
    """Return everything that there is no message for, said by somebody whose every other word is right."""
    broken: dict[str, Any] = {"a map": {"opcode": 7, "score": SCORE}, "a number": SCORE, "nothing": []}
    for opcode, good in good_commands(contender).items():
        name = COMMANDS[opcode].name
        broken[f"{name} cut short"] = good[:-1]
        broken[f"{name} as a map"] = {"type": name, "score": SCORE, "fields": good}
        for what, value in FOREIGN.items():
            broken[f"{name} and {what} more"] = [*good, value]
            for place in range(1, len(good)):
                if is_wrong_at(opcode, place, value, good[place]):
                    broken[f"{name} with {what} at {place}"] = [*good[:place], value, *good[place + 1 :]]
    unknown = [
        (vector["name"], bytes.fromhex(vector["hex"]))
        for vector in GOOD
        if msgpack.unpackb(bytes.fromhex(vector["hex"]))[0] in ANSWERS
    ]
    unknown += [
        (f"opcode {opcode}", msgpack.packb([opcode, 7, SCORE]))
        for opcode in range(256)
        if opcode not in COMMANDS
    ]
    return [
        *(Forgery(what, msgpack.packb(value), RejectCode.MALFORMED) for what, value in broken.items()),
        *(Forgery(what, frame, RejectCode.UNKNOWN_OPCODE) for what, frame in unknown),
    ]


async def forge(site: Site) -> None:
    """Have a crowd of cheats, all of them in play, tell every forgery there is, while an honest player plays."""
    twin, first = await Contender.enter(site, "Anna", "Mallory")
    count = len(forgeries(first))
    names = [f"Mallory {number}" for number in range(2, count // MALFORMED_MAX + 3)]
    cheats = await Contender.enter(site, *names)
    before = await results(site)

    for number, cheat in enumerate(cheats):
        told = forgeries(cheat)[number * MALFORMED_MAX :][:MALFORMED_MAX]
        for forgery in told:
            await cheat.line.frame(BINARY, forgery.frame)
        for forgery in told:
            reply = await cheat.line.until(lambda message: hasattr(message, "req"))
            assert (type(reply), getattr(reply, "code", None)) == (Reject, forgery.code), forgery
        if len(told) == MALFORMED_MAX:
            assert await cheat.line.closed() == CloseCode.MALFORMED

    assert await results(site) == before
    for _ in range(3):
        site.pass_ms(3000)
        assert isinstance(await twin.try_move(), Moved)
    assert [row[4] for row in await standings(site)] == [twin.score]
    assert (await judge(site, twin.run)).score == twin.score > 0
    assert (await judge(site, cheats[0].run)).moves == []


async def test_a_forged_result_in_any_field_of_any_type_of_any_command_gains_nothing(ring: Site) -> None:
    await forge(ring)


async def test_a_result_forged_as_text_gains_nothing(ring: Site) -> None:
    twin, cheat = await Contender.enter(ring, "Anna", "Mallory")
    before = await results(ring)

    for text in (
        b'{"type":"MOVE","score":999999}',
        b"[38,1,999999]",
        msgpack.packb([7, 7, *cheat.fields()]).hex().encode(),
    ):
        await cheat.line.frame(TEXT, text)
        assert (await cheat.line.next(Reject)).code == RejectCode.MALFORMED

    assert await results(ring) == before
    assert isinstance(await twin.try_move(), Moved)


async def test_a_result_forged_over_http_finds_no_door(ring: Site) -> None:
    """With a desk's token, too, which only looks receipts up and opens a rehearsal, an event with results of its own; the
    application names its doors, so none is forgotten.
    """
    twin, cheat = await Contender.enter(ring, "Anna", "Mallory")
    assert isinstance(await twin.try_move(), Moved)
    desk = await ring.desk()
    before = await results(ring)
    claim = {
        "run": cheat.run,
        "player": cheat.hand.player,
        "score": SCORE,
        "kind": "score",
        "target": cheat.run,
    }
    routes = [route for route in ring.server.config.app._app.routes if isinstance(route, Route)]
    doors = {route.path.replace("{run}", cheat.run).replace("{event}", "demo") for route in routes}
    assert len(doors) > 20
    harmless = {"/api/desk/receipts", "/api/desk/rehearsals"}

    for door in sorted(doors | {"/api/score", "/api/runs", f"/api/runs/{cheat.run}", "/api/desk/score"}):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for headers in ({}, desk):
                answer = await ring.http.request(method, door, headers=headers, json=claim, params=claim)
                assert answer.status_code < 500, (method, door)
                assert answer.status_code >= 400 or (door in harmless and headers == desk), door

    after = await results(ring)
    assert after["events"].pop()[0].startswith("rehearsal-")
    assert after == before


def forgetful(frame: bytes) -> Any:
    """Read a command as a server would that passes over what it does not know."""
    command = decode_command(frame)
    array = msgpack.unpackb(frame, strict_map_key=False) if isinstance(command, Malformed) else None
    if isinstance(array, list) and array[:1] == [7]:
        return decode_command(msgpack.packb(array[:7]))
    return command


def obliging(frame: bytes) -> Any:
    """Read a command as a server would that makes a number of whatever looks like one."""
    command = decode_command(frame)
    array = msgpack.unpackb(frame, strict_map_key=False) if isinstance(command, Malformed) else None
    if isinstance(array, list):
        whole = [int(value) if isinstance(value, bool | float) else value for value in array]
        return decode_command(msgpack.packb(whole, default=str))
    return command


@pytest.mark.parametrize("weakness", [forgetful, obliging])
async def test_a_server_that_reads_more_kindly_is_found_out(
    ring: Site, weakness: Callable[[bytes], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "decode_command", weakness)

    with pytest.raises(AssertionError):
        await forge(ring)
