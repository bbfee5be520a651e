"""A process that floods a server with the hostile pack of the load tester, until its standard input ends.

Run as `python -m tests.support.adversary_floods PORT HALF_OPEN`: holds so many half-open handshakes, says `ready`, and at
the end how often each attack was made and how the server answered it, as JSON.
"""

import asyncio
import json
import sys
from collections import Counter

import uvloop

from knack_loadtest.crowd.hostile.attacks import TABLE, Attack
from knack_loadtest.crowd.hostile.enemy import Ground, handshake

EVERY_S = {
    "flood": 0.1,
    "giant": 0.2,
    "announced_giant": 0.1,
    "pieces": 0.1,
    "compressed": 0.1,
    "bombs": 0.05,
    "chatter": 0.1,
}
"""The attacks that are answered at once, and how long each pauses: 1,000 messages a second from the flood alone."""

ATTACKS = [attack for attack in TABLE if attack.name in EVERY_S]
DRIPPING = 20
STOPS_BEFORE_END = 40
"""Nobody finishes a handshake by accident."""


async def hold_half_open(ground: Ground, count: int) -> list[asyncio.StreamWriter]:
    """Open connections whose handshake stops in the middle."""
    request = handshake(ground)
    stops_before = len(request) - STOPS_BEFORE_END
    opened = [(await asyncio.open_connection(ground.host, ground.port))[1] for _ in range(count)]
    for number, writer in enumerate(opened):
        writer.write(request[: number % stops_before])
    return opened


async def drip(ground: Ground) -> None:
    """Send a handshake, a byte a second."""
    _, writer = await asyncio.open_connection(ground.host, ground.port)
    for octet in handshake(ground):
        writer.write(bytes([octet]))
        await asyncio.sleep(1)


async def again_and_again(attack: Attack, ground: Ground, got: "Counter[str]") -> None:
    """Make an attack until nobody wants any more."""
    while True:
        got[await attack.deed(ground)] += 1
        await asyncio.sleep(EVERY_S[attack.name])


async def main(port: int, half_open: int) -> None:
    """Make all attacks until nobody wants any more."""
    ground = Ground("127.0.0.1", port)
    held = await hold_half_open(ground, half_open)
    got: dict[str, Counter[str]] = {attack.name: Counter() for attack in ATTACKS}
    tasks = [asyncio.create_task(again_and_again(attack, ground, got[attack.name])) for attack in ATTACKS]
    tasks += [asyncio.create_task(drip(ground)) for _ in range(DRIPPING)]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(outcome, asyncio.CancelledError), outcome
    for writer in held:
        writer.close()
    print(json.dumps(got))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
