"""Scripts that do known things to frames, and count what they did themselves: the tester has to come to the same."""

import asyncio
import os
import signal
from collections import Counter
from dataclasses import dataclass
from time import monotonic_ns

from tests.loadtest.crowd.fake.hop import Frame, Script, Way

from knack_protocol.wire.messages import Delta, Move, Moved, Snapshot

WAITS_FOR_THE_NEXT_S = 1.0
"""A delta that nothing follows within this is let pass as it is: a loss that nothing follows cannot be noticed by anybody."""


@dataclass
class Ack:
    """One answer to a move as a hop saw it, all times in ns of the monotonic clock."""

    asked_ns: int
    said_ns: int = 0
    told_ns: int = 0


class Late(Script):
    """Holds every answer to a move back for the same time, and writes down when it did what."""

    def __init__(self, hold_ms: int) -> None:
        self.hold_ns = hold_ms * 1_000_000
        self.acks: dict[tuple[str, int], Ack] = {}
        """By run and the number that the move asked for."""
        self._asked: dict[tuple[int, int], Ack] = {}

    def asked(self, way: Way, frame: Frame) -> None:
        command = frame.command
        if isinstance(command, Move):
            ack = self.acks[command.run, command.seq] = Ack(monotonic_ns())
            self._asked[way.number, command.req] = ack
        super().asked(way, frame)

    def said(self, way: Way, frame: Frame) -> None:
        message = frame.message
        if not isinstance(message, Moved):
            super().said(way, frame)
            return
        ack = self._asked[way.number, message.req]
        ack.said_ns = monotonic_ns()
        way.tell(frame, self.hold_ns, lambda at_ns: setattr(ack, "told_ns", at_ns))


@dataclass
class Feed:
    """What a client of this protocol has of one feed: its version, and where it is not whole, up to where it lacks something."""

    version: int = -1
    is_whole: bool = False
    gap_to: int = 0
    held: Frame | None = None
    deed: str = ""
    timer: asyncio.TimerHandle | None = None


class Broken(Late):
    """Drops, doubles and swaps deltas, and holds answers to moves back; `counts` says what clients must have seen.

    Nothing is done to a feed while it waits for its snapshot: what it hears then, it cannot use.

    Args:
        hold_ms: For how long to hold answers to moves back.
        every: Each deed, and to every how many-th delta it is done.
    """

    def __init__(self, hold_ms: int, **every: int) -> None:
        super().__init__(hold_ms)
        self.counts: Counter[str] = Counter()
        self.deeds: Counter[str] = Counter()
        self._every = every
        self._feeds: dict[tuple[int, int], Feed] = {}
        self._deltas = 0

    def said(self, way: Way, frame: Frame) -> None:
        message = frame.message
        if not isinstance(message, Delta | Snapshot):
            super().said(way, frame)
            return
        feed = self._feeds.setdefault((way.number, message.feed), Feed())
        if isinstance(message, Snapshot):
            self._release(way, feed)
            self._tell_snapshot(way, feed, frame, message)
        elif feed.held is not None:
            self._end_deed(way, feed, frame)
        else:
            self._begin_deed(way, feed, frame)

    def gone(self, way: Way) -> None:
        for (number, _), feed in self._feeds.items():
            if number == way.number and feed.timer is not None:
                feed.timer.cancel()

    def _begin_deed(self, way: Way, feed: Feed, frame: Frame) -> None:
        self._deltas += 1
        deed = next((deed for deed, every in self._every.items() if self._deltas % every == 0), "")
        if not feed.is_whole or not deed:
            self._tell(way, feed, frame)
        elif deed == "doubled":
            self.deeds[deed] += 1
            self._tell(way, feed, frame)
            self._tell(way, feed, frame)
        else:
            feed.held, feed.deed = frame, deed
            loop = asyncio.get_running_loop()
            feed.timer = loop.call_later(WAITS_FOR_THE_NEXT_S, self._release, way, feed)

    def _end_deed(self, way: Way, feed: Feed, frame: Frame) -> None:
        held, deed = feed.held, feed.deed
        assert held is not None
        self._forget(feed)
        self.deeds[deed] += 1
        self._tell(way, feed, frame)
        if deed == "swapped":
            self._tell(way, feed, held)

    def _release(self, way: Way, feed: Feed) -> None:
        held = feed.held
        self._forget(feed)
        if held is not None:
            self._tell(way, feed, held)

    def _forget(self, feed: Feed) -> None:
        if feed.timer is not None:
            feed.timer.cancel()
        feed.held, feed.timer = None, None

    def _tell_snapshot(self, way: Way, feed: Feed, frame: Frame, snapshot: Snapshot) -> None:
        self.counts["snapshots"] += 1
        self.counts["closed"] += feed.version >= 0 and not feed.is_whole
        feed.version, feed.is_whole = snapshot.version, True
        way.tell(frame)

    def _tell(self, way: Way, feed: Feed, frame: Frame) -> None:
        """Tell a delta, and count what it must be to a client that has `feed`."""
        delta = frame.message
        assert isinstance(delta, Delta)
        self.counts["deltas"] += 1
        if not feed.is_whole:
            self.counts["out_of_order"] += feed.version < delta.to <= feed.gap_to
        elif delta.from_ > feed.version:
            self.counts["gap"] += 1
            feed.is_whole = False
            feed.gap_to = delta.from_
        elif delta.to <= feed.version:
            self.counts["duplicate"] += 1
        else:
            feed.version = delta.to
        way.tell(frame)


class Standstill(Script):
    """Stops the server when the next move comes after all players have begun, and lets it go on after a while."""

    def __init__(self, players: int, lasts_ms: int) -> None:
        self.server = 0
        """The server's process, a child of this one; to be set before anything happens."""
        self.came_ns = 0
        """When the move came that found the server stopped."""
        self.stopped_ns = 0
        """By when the server stood still."""
        self.goes_on_ns = 0
        """Until when it stood still, at least."""
        self._lasts_s = lasts_ms / 1000
        self._waiting_for = players

    def said(self, way: Way, frame: Frame) -> None:
        self._waiting_for -= isinstance(frame.message, Moved) and frame.message.seq == 1
        super().said(way, frame)

    def asked(self, way: Way, frame: Frame) -> None:
        if self._waiting_for <= 0 and not self.came_ns and isinstance(frame.command, Move):
            self.came_ns = monotonic_ns()
            os.kill(self.server, signal.SIGSTOP)
            os.waitid(os.P_PID, self.server, os.WSTOPPED | os.WNOWAIT)
            self.stopped_ns = monotonic_ns()
            asyncio.get_running_loop().call_later(self._lasts_s, self._go_on)
        super().asked(way, frame)

    def _go_on(self) -> None:
        self.goes_on_ns = monotonic_ns()
        os.kill(self.server, signal.SIGCONT)
