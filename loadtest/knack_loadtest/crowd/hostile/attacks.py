"""What attackers do, in one table: each attack with the answers that are right, how often it is made, and how many at once.

An answer is a close code (`close_1009`), an HTTP status (`http_403`), `closed` for a line that the server hung up on without a
word, or `stays_open` for one that it should have. A deed is one go.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from knack_loadtest.crowd import frames
from knack_loadtest.crowd.frames import frame_of
from knack_loadtest.crowd.hostile.enemy import CLOSED, Enemy, Ground, handshake
from knack_protocol.wire.codec import encode
from knack_protocol.wire.limits import COMMAND_BYTES_MAX, MALFORMED_MAX
from knack_protocol.wire.messages import Ping

CONT: Final = 0
GIANT_BYTES: Final = 1 << 20
PIECES: Final = 200
"""Three times the frames that a message may have."""

FLOOD: Final = 100
PINGS: Final = 5_000
DRIP_EVERY_S: Final = 0.25
SPAM: Final = 40
"""Contact requests in a row from one address: more than anybody writes."""

ROOM: Final = 300
"""Connections that one address may have at a server of the siege's own."""

SURPLUS: Final = 40
CROWDER: Final = "127.0.0.67"
"""Where those come from who take up the room; everybody else's attacks come from another address."""

BOMBS: Final = (
    b"\xdd\xff\xff\xff\xff" * (COMMAND_BYTES_MAX // 5),
    b"\xdc\x00\x40" * (COMMAND_BYTES_MAX // 3),
    b"\x9f" * COMMAND_BYTES_MAX,
    b"\x91" * (COMMAND_BYTES_MAX - 1) + b"\x00",
    b"\xdf\xff\xff\xff\xff",
    b"\x81\x00" * (COMMAND_BYTES_MAX // 2),
    b"\x93\x03\x02\xdb\xff\xff\xff\xff",
    b"\xc9\xff\xff\xff\xff\x05",
)
"""MessagePack that announces worlds: arrays of arrays, depth, maps, a text and an extension of 4 GiB."""

Deed = Callable[[Ground], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Attack:
    """One kind of attack."""

    pack: str
    name: str
    tries: str
    expected: tuple[str, ...]
    deed: Deed
    times: int = 20
    at_once: int = 5
    own_server: bool = False
    """Whether the answer is known only of a server that the siege has set up."""


# --- handshakes ---


async def silence(ground: Ground) -> str:
    """Connect, and say nothing."""
    async with Enemy.dialed(ground) as enemy:
        return await enemy.status()


async def half_handshake(ground: Ground) -> str:
    """Stop in the middle of a handshake."""
    async with Enemy.dialed(ground) as enemy:
        request = handshake(ground)
        return await enemy.request(request[: len(request) // 2])


async def drip_head(ground: Ground) -> str:
    """Send a handshake byte by byte, as slowly as it takes."""
    async with Enemy.dialed(ground) as enemy:
        _, answer = await asyncio.gather(enemy.drip(handshake(ground), DRIP_EVERY_S), enemy.status())
        return answer


async def no_hello(ground: Ground) -> str:
    """Shake hands, and say no hello."""
    async with Enemy.upgraded(ground) as enemy:
        return await enemy.end()


async def long_head(ground: Ground) -> str:
    """Send a head without end."""
    async with Enemy.dialed(ground) as enemy:
        return await enemy.request(handshake(ground, [("X-Long", "a" * 65_536)]))


async def foreign_origin(ground: Ground) -> str:
    """Come from a page of somebody else's."""
    async with Enemy.dialed(ground) as enemy:
        return await enemy.request(handshake(ground, [("Origin", "http://evil.example")]))


async def no_subprotocol(ground: Ground) -> str:
    """Speak no protocol that the server knows."""
    async with Enemy.dialed(ground) as enemy:
        return await enemy.request(handshake(ground, subprotocol=""))


async def crowding(ground: Ground) -> str:
    """Take up all the room that an address has, and some more."""
    crowder = replace(ground, source=CROWDER)
    async with AsyncExitStack() as held:
        enemies = [await held.enter_async_context(Enemy.dialed(crowder)) for _ in range(ROOM + SURPLUS)]
        answers = await asyncio.gather(*(enemy.request(handshake(crowder)) for enemy in enemies))
    let_in = answers.count("http_101")
    refused = next((answer for answer in answers if answer != "http_101"), "nobody")
    return refused if let_in == ROOM else f"{let_in}_let_in"


# --- frames ---


def framed(*octets: bytes) -> Deed:
    """Return the deed of sending bytes on an open line."""

    async def deed(ground: Ground) -> str:
        async with Enemy.upgraded(ground) as enemy:
            for part in octets:
                enemy.send(part)
            return await enemy.end()

    return deed


def pieces(payload: bytes) -> Deed:
    """Return the deed of a message that never ends, piece by piece."""

    async def deed(ground: Ground) -> str:
        async with Enemy.upgraded(ground) as enemy:
            enemy.frame(frames.BINARY, b"\x95", fin=False)
            for _ in range(PIECES):
                enemy.frame(CONT, payload, fin=False)
            return await enemy.end()

    return deed


async def compressed(ground: Ground) -> str:
    """Send a frame that says it is compressed, which nobody has agreed on."""
    async with Enemy.upgraded(ground) as enemy:
        enemy.frame(frames.BINARY, bytes(100), reserved=4)
        return await enemy.end()


async def broken_ping(ground: Ground) -> str:
    """Send a ping in pieces."""
    async with Enemy.upgraded(ground) as enemy:
        enemy.frame(frames.PING, b"a", fin=False)
        return await enemy.end()


# --- messages ---


async def flood(ground: Ground) -> str:
    """Say hello, and then a hundred things at once."""
    async with Enemy.upgraded(ground) as enemy:
        await enemy.hello()
        enemy.send(b"".join(frame_of(frames.BINARY, encode(Ping(req))) for req in range(2, FLOOD)))
        return await enemy.end()


async def ping_flood(ground: Ground) -> str:
    """Ping and ping, and read no pong."""
    async with Enemy.upgraded(ground) as enemy:
        await enemy.hello()
        enemy.send(frame_of(frames.PING, b"x" * 125) * PINGS)
        return await enemy.end()


# --- the contact form ---


def posted(
    ground: Ground, body: bytes, headers: Sequence[tuple[str, str]] = (), kind: str = "application/json"
) -> bytes:
    """Return a request of the contact form."""
    named = [("Host", ground.authority), ("Content-Type", kind), ("Content-Length", str(len(body))), *headers]
    head = [
        f"POST /api/contact?event={ground.event} HTTP/1.1",
        *(f"{name}: {value}" for name, value in named),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def form(form_token: str = "", **fields: str) -> bytes:
    """Return what somebody wrote, as JSON."""
    plain = {
        "first_name": "Eve",
        "last_name": "Il",
        "email": "eve@example.org",
        "concern": "Hello",
        "website": "",
    }
    return json.dumps({"form": form_token, **plain, **fields}).encode()


async def spam(ground: Ground) -> str:
    """Write again and again; return how that ended, or the first answer that has no business there."""
    answers = []
    for _ in range(SPAM):
        async with Enemy.dialed(ground) as enemy:
            answers.append(await enemy.request(posted(ground, form())))
    strange = [answer for answer in answers if answer not in {"http_201", "http_400", "http_429"}]
    return (strange or answers[-1:])[0]


async def huge_form(ground: Ground) -> str:
    """Write a megabyte."""
    async with Enemy.dialed(ground) as enemy:
        return await enemy.request(posted(ground, form(concern="a" * GIANT_BYTES)))


async def drip_body(ground: Ground) -> str:
    """Write a byte now and then."""
    async with Enemy.dialed(ground) as enemy:
        request = posted(ground, form())
        head, _, body = request.partition(b"\r\n\r\n")
        enemy.send(head + b"\r\n\r\n")
        _, answer = await asyncio.gather(enemy.drip(body, DRIP_EVERY_S), enemy.status())
        return answer


async def foreign_form(ground: Ground) -> str:
    """Write from a page of somebody else's."""
    async with Enemy.dialed(ground) as enemy:
        return await enemy.request(posted(ground, form(), [("Origin", "http://evil.example")]))


async def plain_form(ground: Ground) -> str:
    """Write what a page of somebody else's could send without being asked."""
    async with Enemy.dialed(ground) as enemy:
        return await enemy.request(posted(ground, form(), kind="text/plain"))


async def broken_form(ground: Ground) -> str:
    """Write what is no JSON."""
    async with Enemy.dialed(ground) as enemy:
        return await enemy.request(posted(ground, b'{"form": ' + b"[" * 30_000))


UNMASKED: Final = b"\x82\x01\x00"
ANNOUNCED: Final = b"\x82\xff" + (1 << 62).to_bytes(8, "big") + bytes(4)
CHATTER: Final = frame_of(frames.TEXT, b"{" * COMMAND_BYTES_MAX)
BROKEN_UTF8: Final = frame_of(frames.TEXT, b"\xff\xfe" * 50)
BOMB_FRAMES: Final = tuple(frame_of(frames.BINARY, bomb) for bomb in BOMBS)

TABLE: Final = (
    Attack("handshakes", "silence", "a connection without a word", (CLOSED,), silence, 50, 50),
    Attack("handshakes", "half_handshake", "half a handshake", (CLOSED,), half_handshake, 100, 100),
    Attack("handshakes", "drip_head", "a handshake byte by byte", (CLOSED,), drip_head, 20, 20),
    Attack("handshakes", "no_hello", "a line without a hello", ("close_4001",), no_hello, 30, 30),
    Attack("handshakes", "long_head", "a head of 64 KiB", ("http_431",), long_head),
    Attack(
        "handshakes", "foreign_origin", "a page of somebody else's", ("http_403",), foreign_origin, 200, 20
    ),
    Attack("handshakes", "no_subprotocol", "no protocol", ("http_400",), no_subprotocol, 50, 10),
    Attack(
        "handshakes",
        "crowding",
        "more lines than an address may have",
        ("http_503", CLOSED),
        crowding,
        1,
        1,
        True,
    ),
    Attack(
        "frames",
        "giant",
        "a frame of 1 MiB",
        ("close_1009",),
        framed(frame_of(frames.BINARY, bytes(GIANT_BYTES))),
    ),
    Attack(
        "frames",
        "announced_giant",
        "a frame of 2^62 bytes, announced",
        ("close_1009",),
        framed(ANNOUNCED),
    ),
    Attack("frames", "pieces", "a message in 200 pieces", ("close_1009",), pieces(b"x")),
    Attack("frames", "empty_pieces", "a message in 200 empty pieces", ("close_1009",), pieces(b"")),
    Attack("frames", "compressed", "a compressed frame", ("close_1002",), compressed),
    Attack("frames", "unmasked", "a frame without a mask", ("close_1002",), framed(UNMASKED)),
    Attack(
        "frames", "unknown_opcode", "an opcode that there is not", ("close_1002",), framed(frame_of(3, b"a"))
    ),
    Attack(
        "frames",
        "long_ping",
        "a ping of 126 bytes",
        ("close_1002",),
        framed(frame_of(frames.PING, bytes(126))),
    ),
    Attack("frames", "broken_ping", "a ping in pieces", ("close_1002",), broken_ping),
    Attack("frames", "loose_end", "the rest of nothing", ("close_1002",), framed(frame_of(CONT, b"a"))),
    Attack("messages", "bombs", "MessagePack that announces worlds", ("close_4502",), framed(*BOMB_FRAMES)),
    Attack("messages", "chatter", "text", ("close_4502",), framed(*[CHATTER] * MALFORMED_MAX)),
    Attack(
        "messages",
        "broken_text",
        "text that is no UTF-8",
        ("close_4502",),
        framed(*[BROKEN_UTF8] * MALFORMED_MAX),
    ),
    Attack("messages", "flood", "a hundred messages at once", ("close_4503",), flood, 40),
    Attack("messages", "ping_flood", "5,000 pings whose pongs nobody reads", ("close_4503",), ping_flood),
    Attack("forms", "spam", "40 contact requests in a row", ("http_429",), spam, 2, 1),
    Attack("forms", "huge_form", "a contact request of 1 MiB", ("http_413",), huge_form),
    Attack("forms", "drip_body", "a contact request byte by byte", (CLOSED,), drip_body, 20, 20),
    Attack("forms", "foreign_form", "a form on somebody else's page", ("http_403",), foreign_form),
    Attack("forms", "plain_form", "a form that is no JSON by its type", ("http_415",), plain_form),
    Attack("forms", "broken_form", "a form that is no JSON", ("http_400",), broken_form),
)

PACKS: Final = tuple(dict.fromkeys(attack.pack for attack in TABLE))
