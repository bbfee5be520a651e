"""A process that floods a server in every way there is, until its standard input ends.

Run as `python -m tests.support.adversary_floods PORT HALF_OPEN`: holds so many half-open handshakes, says `ready`, and at
the end how often each attack was made and with which codes the server closed it, as JSON.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import cycle

import uvloop
from tests.support.line import BINARY, CONT, TEXT, Line, handshake, masked_frame

from knack_protocol.wire.codec import encode
from knack_protocol.wire.codes import CloseCode
from knack_protocol.wire.limits import COMMAND_BYTES_MAX, MALFORMED_MAX
from knack_protocol.wire.messages import Ping, Role

FULL = COMMAND_BYTES_MAX
BOMBS = (
    b"\xdd\xff\xff\xff\xff" * (FULL // 5),
    b"\xdc\x00\x40" * (FULL // 3),
    b"\x9f" * FULL,
    b"\x91" * (FULL - 1) + b"\x00",
    b"\xdf\xff\xff\xff\xff",
    b"\x81\x00" * (FULL // 2),
    b"\x93\x03\x02\xdb\xff\xff\xff\xff",
    b"\xc9\xff\xff\xff\xff\x05",
)

NEXT_BOMB = cycle(BOMBS)

REQUEST = handshake(1)
STOPS_BEFORE = len(REQUEST) - 40
"""Nobody finishes a handshake by accident."""

FLOOD = b"".join(masked_frame(BINARY, encode(Ping(req))) for req in range(100, 200))
GIANT = masked_frame(BINARY, bytes(1 << 20))

Attack = Callable[[int, "Counter[int]"], Awaitable[None]]
"""One go at the server on a port; it counts the codes with which it was closed."""


async def flood(port: int, closed: "Counter[int]") -> None:
    """Say hello, and then a hundred things at once."""
    async with await Line.open(port) as line:
        await line.hello(Role.WATCHER)
        await line.raw(FLOOD)
        closed[await line.closed()] += 1


async def giant(port: int, closed: "Counter[int]") -> None:
    """Send a frame of 1 MiB."""
    async with await Line.open(port) as line:
        with suppress(ConnectionError):
            await line.raw(GIANT)
        closed[await line.closed()] += 1


async def announced_giant(port: int, closed: "Counter[int]") -> None:
    """Announce a frame of 2^62 bytes, and send none of them."""
    async with await Line.open(port) as line:
        await line.raw(b"\x82\xff" + (1 << 62).to_bytes(8, "big") + bytes(4))
        closed[await line.closed()] += 1


async def pieces(port: int, closed: "Counter[int]") -> None:
    """Begin a message that never ends, byte by byte."""
    async with await Line.open(port) as line:
        await line.frame(BINARY, b"\x95", fin=False)
        with suppress(ConnectionError):
            for _ in range(200):
                await line.frame(CONT, b"x", fin=False)
        closed[await line.closed()] += 1


async def compressed(port: int, closed: "Counter[int]") -> None:
    """Send a frame that says it is compressed, which nobody has agreed on."""
    async with await Line.open(port) as line:
        frame = bytearray(masked_frame(BINARY, bytes(100)))
        frame[0] |= 0x40
        await line.raw(bytes(frame))
        closed[await line.closed()] += 1


async def bomb(port: int, closed: "Counter[int]") -> None:
    """Send MessagePack that announces worlds."""
    async with await Line.open(port) as line:
        for _ in range(MALFORMED_MAX):
            await line.frame(BINARY, next(NEXT_BOMB))
        closed[await line.closed()] += 1


async def chatter(port: int, closed: "Counter[int]") -> None:
    """Send text."""
    async with await Line.open(port) as line:
        for _ in range(MALFORMED_MAX):
            await line.frame(TEXT, b"{" * FULL)
        closed[await line.closed()] += 1


ATTACKS: dict[Attack, tuple[float, int]] = {
    flood: (0.1, CloseCode.FLOODING),
    giant: (0.2, CloseCode.TOO_BIG),
    announced_giant: (0.1, CloseCode.TOO_BIG),
    pieces: (0.1, CloseCode.TOO_BIG),
    compressed: (0.1, 1002),
    bomb: (0.05, CloseCode.MALFORMED),
    chatter: (0.1, CloseCode.MALFORMED),
}
"""How often each is made, in seconds, and what the server closes it with: 1,000 messages a second from the flood alone."""


async def hold_half_open(port: int, count: int) -> list[asyncio.StreamWriter]:
    """Open connections whose handshake stops in the middle."""
    opened = [(await asyncio.open_connection("127.0.0.1", port))[1] for _ in range(count)]
    for number, writer in enumerate(opened):
        writer.write(REQUEST[: number % STOPS_BEFORE])
    return opened


async def drip(port: int) -> None:
    """Send a handshake, a byte a second."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for octet in REQUEST:
        writer.write(bytes([octet]))
        await asyncio.sleep(1)


async def again_and_again(attack: Attack, port: int, every_s: float, closed: "Counter[int]") -> None:
    while True:
        await attack(port, closed)
        await asyncio.sleep(every_s)


async def main(port: int, half_open: int) -> None:
    """Make all attacks until nobody wants any more."""
    held = await hold_half_open(port, half_open)
    closed: dict[Attack, Counter[int]] = {attack: Counter() for attack in ATTACKS}
    tasks = [
        asyncio.create_task(again_and_again(attack, port, every, closed[attack]))
        for attack, (every, _) in ATTACKS.items()
    ]
    tasks += [asyncio.create_task(drip(port)) for _ in range(20)]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(outcome, asyncio.CancelledError), outcome
    for writer in held:
        writer.close()
    print(json.dumps({attack.__name__: counted for attack, counted in closed.items()}))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
