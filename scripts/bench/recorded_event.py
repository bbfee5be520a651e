"""What a subscriber of the board gets in an event: `recorded_event.py FOLDER SECONDS PLAYERS`, one line of JSON.

The event is played by the whole server, its store included, on a clock that is set forward a publication at a time, so
that ten minutes take some ten seconds; sockets are stand-ins that keep what is written to them. People come one by one,
play sprints, rest, and play again. Beside every frame of the standings that the subscriber gets stands what it would be
as the same fifty rows in JSON, whole: place, name, points and time, and whether the run is in play. Deflate is zlib's own
default with a window of 32 KiB that lasts for the whole connection.
"""

import asyncio
import json
import random
import sys
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import uvloop

from knack_client.mirror import Mirror
from knack_client.standings import Standings
from knack_protocol.ids import CourseName, EventId, PlayerId, RunId
from knack_protocol.rules.course import rules_hash
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codec import decode_message, encode
from knack_protocol.wire.messages import (
    Begin,
    Command,
    Delta,
    Ended,
    Hello,
    Join,
    Joined,
    Move,
    Moved,
    Ping,
    Prepare,
    Prepared,
    Role,
    RowState,
    Snapshot,
    Start,
    View,
    Watch,
)
from knack_server import app
from knack_server.config import Settings
from knack_server.core.instant import Instant
from knack_server.shell.clock import Clock
from knack_server.shell.host import Host

STEP_MS = 250
PAUSE_MS = (300, 1500)
"""Between a lock's end and the next move."""
REST_MS = (5_000, 40_000)
"""Between two runs."""
HEARTBEAT_MS = 10_000
LETTERS = "bdfghkpqstxz"
SPRINT = CourseName("sprint")
SHORT, LONG = 126, 1 << 16


class SetClock(Clock):
    """A clock that stands still until it is set forward."""

    def __init__(self) -> None:
        super().__init__()
        self.ms = 0

    def now(self) -> Instant:
        """Return the moment that was set."""
        return Instant(self.ms, 1_800_000_000_000 + self.ms)


class StandIn:
    """In the place of a socket: takes frames, answers pings."""

    is_slow = False
    riding = b""
    is_open = True
    queued_bytes = 0

    def __init__(self, host: Host) -> None:
        self.host = host
        self.frames: list[bytes] = []
        self.connection = host.opened(self, host.clock.now())
        self.heard = 0

    def write(self, frame: bytes) -> None:
        """Keep a frame, behind the one that rides."""
        self.frames += [each for each in (self.riding, frame) if each]
        self.riding = b""

    def ping(self, payload: bytes) -> None:
        """Answer a moment later."""
        asyncio.get_running_loop().call_soon(self.pong, payload)

    def pong(self, payload: bytes) -> None:
        """Answer."""
        self.host.ponged(self.connection, payload, self.host.clock.now())

    def close(self, code: int) -> None:
        """Fail: nobody misbehaves here."""
        raise AssertionError(f"closed with {code}")

    def send(self, command: Command) -> None:
        """Say something."""
        self.host.received(self.connection, encode(command), self.host.clock.now())

    def news(self) -> Iterator[tuple[object, int]]:
        """Yield what was told since the last time, with the size of its frame."""
        fresh, self.frames = self.frames, []
        for frame in fresh:
            head = 2 if frame[1] < SHORT else 4 if frame[1] == SHORT else 10
            yield decode_message(frame[head:]), len(frame)


class Person:
    """Somebody who comes, plays, rests, and plays again."""

    def __init__(self, host: Host, draw: random.Random, number: int) -> None:
        self.line = StandIn(host)
        self.host, self.draw = host, draw
        self.reqs = count(1)
        self.player, self.run, self.commit = PlayerId(""), RunId(""), b""
        self.mirror = None
        self.begun_ms = self.next_ms = 0
        self.swap = (0, 0)
        self.line.send(Hello(next(self.reqs), Role.PLAYER, EventId(""), ""))
        self.line.send(Join(next(self.reqs), name_of(number)))

    def act(self, now_ms: int) -> None:
        """Take in the news and do what is due."""
        for message, _ in self.line.news():
            match message:
                case Joined():
                    self.player = message.player
                case Prepared():
                    self.run, self.commit = message.run, message.commit
                    self.line.send(Start(next(self.reqs), self.run, self.draw.randbytes(16)))
                case Begin():
                    self.mirror = Mirror.begun(
                        message, EventId("demo"), self.player, rules_hash(), self.commit
                    )
                    self.begun_ms, self.next_ms = now_ms, now_ms + self.draw.randint(*PAUSE_MS)
                case Moved():
                    self.mirror.moved(message, *self.swap)
                    self.next_ms = self.begun_ms + message.lock_end + self.draw.randint(*PAUSE_MS)
                case Ended():
                    self.mirror, self.next_ms = None, now_ms + self.draw.randint(*REST_MS)
        if now_ms < self.next_ms:
            return
        self.next_ms = now_ms + 5_000
        if self.mirror is None:
            self.line.send(Prepare(next(self.reqs), SPRINT))
        else:
            run = self.mirror.run
            self.swap = self.draw.choice(legal_swaps(run.board))
            self.line.send(Move(next(self.reqs), self.run, run.seq + 1, run.head[:8], *self.swap))


class Subscriber:
    """Watches the board, and keeps account of it."""

    def __init__(self, host: Host) -> None:
        self.line = StandIn(host)
        self.reqs = count(3)
        self.standings = Standings(SPRINT, View.TOP)
        self.deflate = zlib.compressobj(wbits=-15)
        self.sizes = {"ours": 0, "json": 0, "deflated": 0, "other": 0, "frames": 0}
        self.line.send(Hello(1, Role.WATCHER, EventId(""), ""))
        self.line.send(Watch(2, SPRINT, View.TOP, 0, 0))

    def act(self) -> None:
        """Take in the news, and count what they would be in JSON."""
        for message, size in self.line.news():
            if not isinstance(message, Snapshot | Delta):
                self.sizes["other"] += size
                continue
            after = self.standings.after(message)
            assert after is not None, "there is a gap"
            self.standings = after
            body = as_json(after)
            packed = self.deflate.compress(body) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
            self.sizes["ours"] += size
            self.sizes["json"] += framed(len(body))
            self.sizes["deflated"] += framed(len(packed) - 4)
            self.sizes["frames"] += 1


def as_json(standings: Standings) -> bytes:
    """Write the rows as a page without a protocol of its own would get them."""
    rows = [
        {
            "rank": row.rank,
            "name": row.name,
            "score": row.score,
            "time_ms": row.time_ms,
            "running": bool(row.state & RowState.RUNNING),
        }
        for row in standings.rows
    ]
    return json.dumps({"version": standings.version, "rows": rows}, separators=(",", ":")).encode()


def framed(length: int) -> int:
    """Return the length of a frame with so much in it."""
    return length + (2 if length < SHORT else 4 if length < LONG else 10)


def name_of(number: int) -> str:
    """Write a number as a name of four to nine letters, no two of which look alike."""
    letters = []
    for _ in range(4 + number % 6):
        number, letter = divmod(number, len(LETTERS))
        letters.append(LETTERS[letter])
    return "".join(letters).capitalize()


async def main() -> None:
    """Play the event."""
    folder, seconds, players = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    draw, clock = random.Random(seconds), SetClock()  # noqa: S311 - the same event every time
    async with app.open_house(Settings(data_dir=folder), clock) as house:
        host = house.host
        subscriber = Subscriber(host)
        people: list[Person] = []
        heartbeat_ms = 0
        while clock.ms < seconds * 1000:
            clock.ms += STEP_MS
            host._tick()  # noqa: SLF001 - time is this program's to pass
            if len(people) < players and len(people) * seconds * 500 <= clock.ms * players:
                people.append(Person(host, draw, len(people)))
            for person in people:
                person.act(clock.ms)
            if clock.ms - heartbeat_ms >= HEARTBEAT_MS:
                heartbeat_ms = clock.ms
                subscriber.line.send(Ping(next(subscriber.reqs)))
            await host.do(lambda _now: (None, []))
            await asyncio.sleep(0)
            subscriber.act()
        played = sum(
            event.runs[run].moves for event in host.arena.floor.events.values() for run in event.runs
        )
        sys.stdout.write(json.dumps({**subscriber.sizes, "moves": played}) + "\n")


if __name__ == "__main__":
    uvloop.run(main())
