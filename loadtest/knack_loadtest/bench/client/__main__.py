"""The client's process: a line of JSON on its standard input is a command, and gets one on its standard output.

    {"do": "connect", "count": 1000}  ->  {"wall_s": 0.41, "cpu_share": 0.9}
    anything that goes wrong          ->  {"failed": "Patience: not within 60 s: 1000 connections (loop.py:51 until)"}

Between commands the loop goes on turning, so that nobody is thrown out for not answering a ping. The first line says
whom to talk to, and how: {"port": 8000, "dialect": "knack", "offers_deflate": false, "seed": 1}.
"""

import gc
import json
import os
import resource
import sys
import time
from array import array
from collections.abc import Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

from knack_loadtest.bench.client.crowd import Crowd
from knack_loadtest.bench.client.dialects import DIALECTS
from knack_loadtest.bench.client.echoes import echo
from knack_loadtest.bench.client.folded import newest_rows
from knack_loadtest.bench.client.loop import Loop, own_cpu_s
from knack_loadtest.bench.client.players import Players
from knack_protocol.wire.messages import View

_ARRIVE_WITHIN_S: Final = 30
_QUIET_S: Final = 1.2
"""So long nothing comes once everything has: more than a publication."""

_READ_BYTES: Final = 1 << 16
_PLACES_SHOWN: Final = 4
"""Of the calls that led to a failure, the innermost."""

Answer = dict[str, Any]


class Client:
    """What a client process can do; each method is a command, and takes and returns what JSON can hold."""

    def __init__(self, port: int, dialect: str, offers_deflate: bool, seed: int) -> None:
        self.loop = Loop()
        self.crowd = Crowd(self.loop, port, DIALECTS[dialect](), offers_deflate=offers_deflate)
        self.players = Players(self.loop, port, seed, self.crowd)

    def connect(
        self, count: int, paths: Sequence[str] = (), at_once: int = 200, receive_buffer_bytes: int = 0
    ) -> Answer:
        """Connect so many more subscribers."""
        self.crowd.connect(count, paths, at_once=at_once, receive_buffer_bytes=receive_buffer_bytes)
        return {}

    def boards(self, message: str, rate_per_s: float, count: int) -> Answer:
        """Have a peer send so many boards at this rate, and wait until everybody has them."""
        crowd = self.crowd
        crowd.tally()
        due = time.monotonic()
        for _ in range(count):
            crowd.send(0, bytes.fromhex(message))
            due += 1 / rate_per_s
            self.loop.pass_s(due - time.monotonic())
        wanted = count * sum(1 for one in crowd.subscribers if one.is_open)
        self.loop.until(lambda: crowd.deliveries >= wanted, _ARRIVE_WITHIN_S, f"{wanted} deliveries")
        return self._tally()

    def echo(self, message: str, rate_per_s: float, duration_s: float) -> Answer:
        """Send echoes at this rate for so long."""
        return echo(self.loop, self.crowd, bytes.fromhex(message), rate_per_s, duration_s)._asdict()

    def gather(self, number: int) -> Answer:
        """Have so many players join."""
        self.players.gather(number)
        return {}

    def begin(self) -> Answer:
        """Start a run for every player."""
        self.players.begin()
        return {}

    def watch(self, view: str) -> Answer:
        """Have every player watch a view."""
        self.players.watch(View[view])
        return {}

    def unwatch(self) -> Answer:
        """End every player's view."""
        self.players.unwatch()
        return {}

    def play(self, rate_per_s: float, duration_s: float, ages: bool = False) -> Answer:
        """Play at this rate for so long, then wait until nothing comes any more."""
        crowd, players = self.crowd, self.players
        crowd.tally()
        crowd.born.clear()
        crowd.ages_s, players.waits_s = array("d"), array("d")
        if ages:
            crowd.born[0] = 0.0  # an empty one means that nobody wants to know
        played = players.play(rate_per_s, duration_s)
        self._become_quiet()
        return {
            **played._asdict(),
            **self._tally(),
            "wait_ms": _spread_ms(players.waits_s),
            "age_ms": _spread_ms(crowd.ages_s),
        }

    def rest(self, duration_s: float) -> Answer:
        """Only listen, and return what was counted meanwhile."""
        self.crowd.tally()
        self.loop.pass_s(duration_s)
        return self._tally()

    def tally(self) -> Answer:
        """Begin to count anew."""
        return self._tally()

    def quiet(self) -> Answer:
        """Wait until nothing comes any more, and return what was counted."""
        self._become_quiet()
        return self._tally()

    def beat(self, message: str, rate_per_s: float, duration_s: float) -> Answer:
        """Have a peer send boards at this rate for so long, whoever reads them."""
        due = time.monotonic()
        end = due + duration_s
        while due < end:
            self.crowd.send(0, bytes.fromhex(message))
            due += 1 / rate_per_s
            self.loop.pass_s(due - time.monotonic())
        return self._tally()

    def stall(self, first: int, count: int) -> Answer:
        """Let so many subscribers, from this one on, read nothing."""
        self.crowd.stall(first, count)
        return {}

    def wake(self, first: int, count: int) -> Answer:
        """Let them read again, and wait until nothing comes any more."""
        self.crowd.wake(first, count)
        self._become_quiet()
        return self._tally()

    def keep(self, numbers: Sequence[int]) -> Answer:
        """Keep every message of these subscribers, from their first one on; to be said before they connect."""
        self.crowd.keeps = frozenset(numbers)
        return {}

    def rows(self, number: int) -> Answer:
        """Return the standings that a subscriber's messages come to."""
        kept = self.crowd.subscribers[number].kept
        assert kept is not None, "its messages were not kept"
        return {"rows": newest_rows(kept)}

    def behind(self) -> Answer:
        """Count the subscribers that lack the newest change."""
        return {"behind": self.crowd.behind()}

    def hang_up(self) -> Answer:
        """Close every connection."""
        self.crowd.close()
        self.players.close()
        return {}

    def _tally(self) -> Answer:
        return self.crowd.tally()._asdict()

    def _become_quiet(self) -> None:
        end = time.monotonic() + _ARRIVE_WITHIN_S
        seen = -1
        while seen != (seen := self.crowd.deliveries + self.players.boards) and time.monotonic() < end:
            self.loop.pass_s(_QUIET_S)


COMMANDS: Final = {name: getattr(Client, name) for name in vars(Client) if not name.startswith("_")}


def _spread_ms(values_s: "array[float]") -> dict[str, float]:
    """Return count, median, p99 and maximum in ms."""
    if not values_s:
        return {"count": 0}
    ordered = sorted(values_s)
    at = {"p50": 0.5, "p99": 0.99}
    spread = {name: ordered[min(int(len(ordered) * share), len(ordered) - 1)] for name, share in at.items()}
    return {
        "count": len(ordered),
        **{name: round(s * 1000, 3) for name, s in {**spread, "max": ordered[-1]}.items()},
    }


def _do(client: Client, line: bytes) -> Answer:
    command = json.loads(line)
    name = command.pop("do")
    begun_s, cpu_s = time.monotonic(), own_cpu_s()
    try:
        answer: Answer = COMMANDS[name](client, **command)
    except Exception as failure:  # noqa: BLE001 - whatever it is, the other side has to hear of it
        return {"failed": _words(failure)}
    wall_s = time.monotonic() - begun_s
    return {**answer, "wall_s": round(wall_s, 3), "cpu_share": round((own_cpu_s() - cpu_s) / wall_s, 3)}


def _words(failure: Exception) -> str:
    """Write a failure in one line, with where it was raised and by which way."""
    way = extract_tb(failure.__traceback__)[-_PLACES_SHOWN:]
    places = " > ".join(f"{Path(place.filename).name}:{place.lineno} {place.name}" for place in way)
    return f"{type(failure).__name__}: {failure} ({places})"


def main() -> None:
    """Do what is said until nothing more is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.freeze()
    with os.fdopen(os.dup(0), "rb", buffering=0) as unbuffered:
        client = Client(**json.loads(unbuffered.readline()))
    said = bytearray()
    is_over = False

    def hear() -> None:
        nonlocal is_over
        heard = os.read(0, _READ_BYTES)
        is_over = not heard
        said.extend(heard)

    client.loop.add(0, hear)
    while not is_over:
        client.loop.turn()
        while b"\n" in said:
            line, _, rest = bytes(said).partition(b"\n")
            said[:] = rest
            sys.stdout.write(json.dumps(_do(client, line)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
