"""`fanout`: what it costs to deliver a board frame to one of 1,000 and of 5,000 subscribers.

A peer is asked for a board of 300 bytes every 800 ms and sends it to everybody. Our board changes because players play; what
the players themselves cost is measured with a single subscriber, and taken off. What a peer costs when nothing happens is
taken off, too.

What counts is boards. What our subscribers get beside them, live digests (in the same writes or by themselves) and heartbeats,
is not counted and not taken off: that is what our boards cost more.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Final

from knack_loadtest.bench.contenders import PEERS_BY_NAME
from knack_loadtest.bench.process import Work
from knack_loadtest.bench.readings import Reading, Round, Row, alternating, reading, wrong_of
from knack_loadtest.bench.stage import (
    FAILURES,
    Stage,
    Stand,
    absent,
    faults,
    our_stand,
    peer_stand,
    standings,
    void_all,
)

INTERVAL_MS: Final = 800
"""Between two boards: so long it takes until most rows have changed; a delta of them is the largest that there is."""

PLAYERS: Final = 48
"""Fewer than the fifty rows of the board, so that every move changes it."""

MOVES_PER_S: Final = 45
"""As many as so many players can make: a lock lasts a second."""

_RUN_LASTS_S: Final = 60
"""A sprint is over after 90 s; past this a new one is started before anything is measured."""

TOP_COUNT: Final = 50
_LOOKS: Final = 25
"""How often subscribers are looked at before what they have counts as wrong: the last board may still be on its way."""

AIMS: Final = {
    "bare": ("at most 1.3 times", 1.3),
    "broadcast": ("at most 0.6 times", 0.6),
    "asgi": ("at most 0.6 times", 0.6),
    "socketify": ("at most 1.1 times", 1.1),
    "picows": ("at most 1.1 times", 1.1),
    "ws": ("below", 1.0),
    "colyseus": ("below", 1.0),
}


class OurBoard:
    """Our server, and players whose moves change its board."""

    def __init__(self, stand: Stand, duration_s: float, bases: int) -> None:
        self.stand = stand
        self.bytes_apiece = 0.0
        self.digests_apiece = 0.0
        self._duration_s = duration_s
        self._begun_s = 0.0
        stand.do("keep", numbers=[0])
        stand.do("gather", number=PLAYERS)
        stand.connect(1)
        self._base = [self.play() for _ in range(bases)]

    def play(self, *, ages: bool = False) -> Work:
        """Play a stretch; a run that would end within it is replaced first."""
        if time.monotonic() - self._begun_s > _RUN_LASTS_S:
            void_all(self.stand)  # a run that does not beat its player's best would change nothing
            self.stand.do("begin")
            self._begun_s = time.monotonic()
        work = self.stand.do("play", rate_per_s=MOVES_PER_S, duration_s=self._duration_s, ages=ages)
        self._note(work)
        return work

    def round(self) -> Round:
        """Measure the cost of a delivery in µs, and look whether everybody has the board."""
        work = self.play()
        base_cpu_s = sum(base.server_cpu_s for base in self._base) / len(self._base)
        base_count = sum(base.answer["deliveries"] for base in self._base) / len(self._base)
        delivered = work.answer["deliveries"] - base_count
        wrong = (*faults(work), *self.disagreements())
        return Round((work.server_cpu_s - base_cpu_s) / max(delivered, 1) * 1e6, work.client_share, wrong)

    def _note(self, work: Work) -> None:
        self.bytes_apiece = work.answer["board_bytes"] / max(work.answer["deliveries"], 1)
        self.digests_apiece = work.answer["others"] / max(work.answer["deliveries"], 1)

    def disagreements(self) -> list[str]:
        """Return where subscribers have something else than the standings, and go on having it."""
        for _ in range(_LOOKS):
            found = list(self._disagreements())
            if not found:
                break
            self.stand.do("rest", duration_s=INTERVAL_MS / 1000)
        return found

    def _disagreements(self) -> Iterator[str]:
        behind = self.stand.do("behind").answer["behind"]
        if behind:
            yield f"{behind} subscribers lack the newest change"
        if self.stand.do("rows", number=0).answer["rows"] != standings(self.stand, TOP_COUNT):
            yield "a subscriber's rows are not the standings"


def peer_round(stand: Stand, boards: int, idle_cpu_per_s: float) -> Round:
    """Measure the cost of a peer's delivery in µs; the client waits until everybody has every board."""
    work = stand.boards(1000 / INTERVAL_MS, boards)
    cpu_s = work.server_cpu_s - idle_cpu_per_s * work.wall_s
    return Round(cpu_s / max(work.answer["deliveries"], 1) * 1e6, work.client_share, faults(work))


def measure(stage: Stage) -> Iterator[Row]:
    """Measure with fewer and with more subscribers, everybody's connections open at once, turn and turn about."""
    few, many = stage.size(small=20, full=1000), stage.size(small=40, full=5000)
    boards = stage.size(small=2, full=5)
    duration_s = (
        stage.size(small=2, full=8) * INTERVAL_MS / 1000
    )  # longer than theirs: the players' part is taken off
    missing: dict[str, Exception] = {}
    with ExitStack() as open_stands:
        ours = OurBoard(
            open_stands.enter_context(our_stand(stage, publish_interval_ms=INTERVAL_MS)),
            duration_s,
            stage.size(small=1, full=2),
        )
        stands: dict[str, Stand] = {}
        for name in AIMS if stage.scratch else ():
            try:
                stands[name] = open_stands.enter_context(peer_stand(stage, name))
            except FAILURES as reason:
                missing[name] = reason
        connected = 0
        for subscribers in (few, many):
            ours.stand.connect(subscribers - max(connected, 1))
            idle: dict[str, float] = {}
            for name, stand in list(stands.items()):
                try:
                    stand.connect(subscribers - connected)
                except FAILURES as reason:
                    missing[name] = reason
                    del stands[name]
                else:
                    resting = stand.do("rest", duration_s=1)
                    idle[name] = resting.server_cpu_s / resting.wall_s
            connected = subscribers
            works = {"ours": ours.round} | {
                name: partial(peer_round, stand, boards, idle[name]) for name, stand in stands.items()
            }
            yield from _rows(subscribers, alternating(stage.rounds, works), missing, ours)


def _rows(
    subscribers: int, rounds: dict[str, list[Round]], missing: dict[str, Exception], board: OurBoard
) -> Iterator[Row]:
    mine: Reading | None = reading(rounds["ours"])
    what = f"a board frame to one of {subscribers:,} subscribers"
    note = (
        f"ours: boards of {board.bytes_apiece:.0f} bytes on average; with each go {board.digests_apiece:.1f} live digests of "
        f"some 80 bytes, which do not count"
    )
    row = Row("fanout", what, "µs CPU", mine, "", note=note)
    if len(rounds) == 1 and not missing:
        yield row._replace(against="–", wrong=wrong_of(rounds["ours"]))
    for name, (aim, limit) in AIMS.items():
        held = row._replace(against=PEERS_BY_NAME[name].label, aim=aim, limit=limit)
        if name in rounds:
            yield held._replace(theirs=reading(rounds[name]), wrong=wrong_of(rounds["ours"], rounds[name]))
        elif name in missing:
            yield absent(held, missing[name])
