"""Somebody's view of the standings, held to every rule that a feed has: counted, timed, and compared at the end."""

from typing import Final

from knack_client.conversation import Conversation
from knack_client.feed import Feed
from knack_client.standings import AnyRow, Standings
from knack_loadtest.crowd.people.device import Device
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person
from knack_protocol.ids import CourseName, PlayerId
from knack_protocol.wire.messages import Delta, Resync, Snapshot, View, Watching

REPAIR_WITHIN_US: Final = 3_000_000
"""A gap has to be closed by then, else the screen was wrong for too long."""

TOP_COUNT: Final = 50
"""Standings in the view `top` (protocol, chapter 8)."""

PODIUM: Final = 3
AROUND: Final = 3
"""The view `own`: ranks 1 to 3, the player's own standing, and up to three neighbours on either side."""


class Subscriber(Feed):
    """A feed that is watched while it watches.

    Args:
        stage: Where it is.
        person: Whose it is.
        device: Through what it comes.
        course: Whose standings.
        view: Which of them.
        is_sampled: Whether it measures when moves become visible.
    """

    def __init__(
        self,
        stage: Stage,
        person: Person,
        device: Device,
        course: CourseName,
        view: View,
        *,
        is_sampled: bool,
    ) -> None:
        super().__init__(course, view)
        self.person = person
        self.player = PlayerId("")
        """Whose own standing the view `own` is about."""
        self._stage = stage
        self._device = device
        self._is_sampled = is_sampled
        self._asked_us = 0
        self._feed = -1
        """The number that the server gave this feed last, also while a gap is open."""
        self._gap_since_us = 0
        self._gap_to = 0
        """From which version on the delta tells that opened the gap."""
        self._changed_runs: tuple[str, ...] = ()
        self._best_acked: list[tuple[int, int, int]] = []
        self._missing_since_us = 0
        self._owed: tuple[int, int] | None = None
        """The epoch and version that the server had when this was last watched, until they are shown."""
        self._is_resumed = False

    async def subscribe(self, connection: Conversation) -> None:
        """Watch over a connection, and note when that was asked for."""
        self._asked_us = self._stage.now_us()
        self._device.shown.add(self)
        await super().subscribe(connection)

    def take(self, push: Snapshot | Delta | Resync) -> None:
        """Follow a push, and write down when it was applied."""
        before = self.standings
        if push.feed == self._feed:
            self._count(push)
        super().take(push)
        if self.standings is not before:
            self._applied(before)

    def close(self) -> None:
        """Look no more: a gap that is open now stays open."""
        if self._gap_since_us:
            self._gap_since_us = 0
            self._stage.tally.count("feeds.unrepaired")

    def acknowledged(self, epoch: int, version: int, score: int) -> None:
        """Expect the own standing to show at least this score as soon as these standings are shown."""
        self._best_acked = [*self._best_acked[-20:], (epoch, version, score)]

    def differs(self, rows: list[AnyRow]) -> str:
        """Hold what is shown against the server's whole standings; say the first thing that differs, or nothing."""
        shown = list(self.standings.rows)
        expected = self._expected(rows, len(shown))
        for place, (wanted, got) in enumerate(zip(expected, shown, strict=False), 1):
            if tuple(wanted) != tuple(got):
                return f"place {place}: shows {_told(got)}, the server says {_told(wanted)}"
        if len(expected) != len(shown):
            return f"shows {len(shown)} rows, the server has {len(expected)} for it"
        return ""

    def _expected(self, rows: list[AnyRow], count: int) -> list[AnyRow]:
        """Return what this view has to show of all rows, `count` of which it shows."""
        if self.standings.view is View.TOP:
            return rows[:TOP_COUNT]
        podium, others = rows[:PODIUM], rows[PODIUM:]
        own = next((place for place, row in enumerate(others) if row.player == self.player), None)
        if own is None:
            first = next((place for place, row in enumerate(others) if row in self.standings.rows), 0)
            return podium + others[first : first + count - len(podium)]
        # The server may show a larger part of the standings than asked for; it has to hang together around the own one.
        shown = [
            place for place, row in enumerate(others) if row.player in {r.player for r in self.standings.rows}
        ]
        first, last = min([own - AROUND, *shown]), max([own + AROUND, *shown])
        return podium + others[max(first, 0) : last + 1]

    def _watching(self, watching: Watching) -> None:
        super()._watching(watching)
        self._feed = watching.feed
        self._owed, self._is_resumed = (watching.epoch, watching.version), True
        self._settle()

    def _settle(self) -> None:
        """Note when all is shown that there was when this was watched; after a loss also whether it went on or began anew."""
        shown = self.standings
        if self._owed is None or shown.epoch != self._owed[0] or shown.version < self._owed[1]:
            return
        self._owed = None
        if self._device.is_coming_back:
            self._stage.tally.count("recover.resumed" if self._is_resumed else "recover.snapshot")
            self._device.is_shown(self)

    def _count(self, push: Snapshot | Delta | Resync) -> None:
        """Count what came, whether it can be used or not."""
        tally = self._stage.tally
        match push:
            case Resync():
                tally.count("feeds.resync")
            case Snapshot():
                tally.count("feeds.snapshots")
            case Delta():
                tally.count("feeds.deltas")
                if self._gap_since_us and self.standings.version < push.to <= self._gap_to:
                    tally.count("feeds.out_of_order")

    def _after(self, push: Snapshot | Delta) -> Standings | None:
        standings = self.standings
        applied = self._stage.shared.after(standings, push)
        after, self._changed_runs = applied.standings, applied.changed
        if isinstance(push, Snapshot):
            self._is_resumed = False
            if push.epoch == standings.epoch and push.version < standings.version:
                self._violation(
                    f"a snapshot of version {push.version} came after version {standings.version}"
                )
        elif push.from_ > push.to:
            self._violation(f"a delta from {push.from_} to {push.to}")
        if after is None:
            self._open_gap_now(push)
        elif after is standings and isinstance(push, Delta):
            self._stage.tally.count("feeds.duplicate")
        else:
            self._close_gap_now()
        return after

    def _open_gap_now(self, push: Snapshot | Delta) -> None:
        assert isinstance(push, Delta), "a snapshot can always be shown"
        if not self._gap_since_us:
            self._gap_since_us, self._gap_to = self._stage.now_us(), push.from_
            self._stage.tally.count("feeds.gap")

    def _close_gap_now(self) -> None:
        if self._gap_since_us:
            took_us = self._stage.now_us() - self._gap_since_us
            self._gap_since_us = 0
            is_soon = took_us <= REPAIR_WITHIN_US
            self._stage.tally.count("feeds.repaired" if is_soon else "feeds.unrepaired")

    def _applied(self, before: Standings) -> None:
        stage, shown = self._stage, self.standings
        at_us = stage.since_start_us(self._device.heard_ns)
        if not before.epoch:
            stage.tally.time("snapshot", stage.now_us() - self._asked_us)
        if self._is_sampled and shown.view is View.TOP:
            catches_up = not before.epoch or self._device.was_taken_away
            changed = () if catches_up else self._changed_runs
            stage.applied.append(
                (self.person.number, shown.course, shown.epoch, before.version, shown.version, at_us, changed)
            )
        if self._best_acked:
            self._read_own_writes()
        self._settle()

    def _read_own_writes(self) -> None:
        """Hold the own standing against what was acknowledged with this version or an earlier one.

        A player who comes into another part of the standings may be without one until the snapshot of that part is here.
        """
        shown = self.standings
        due = [acked for acked in self._best_acked if shown.epoch == acked[0] and shown.version >= acked[1]]
        score = max((acked[2] for acked in due), default=0)
        own = shown.of(self.player)
        if not score or self._stage.may_fall:
            self._missing_since_us = 0
        elif own is None:
            now_us = self._stage.now_us()
            self._missing_since_us = self._missing_since_us or now_us
            if now_us - self._missing_since_us <= REPAIR_WITHIN_US:
                return
            self._late(shown.version, "no standing", score)
        elif own.score < score:
            self._late(shown.version, str(own.score), score)
        self._missing_since_us = 0
        self._best_acked = [
            acked for acked in self._best_acked if acked not in due and acked[0] == shown.epoch
        ]

    def _late(self, version: int, shown: str, score: int) -> None:
        text = f"version {version} shows {shown} for a player whose {score} points were acknowledged with an earlier one"
        self._violation(text, "read_your_writes")

    def _violation(self, text: str, oracle: str = "versions") -> None:
        self._stage.violation(oracle, f"{self.standings.course}: {text}", self.person)


def _told(row: AnyRow) -> str:
    return f"rank {row.rank} {row.name!r} with {row.score} points after {row.time_ms} ms (run {row.run})"
