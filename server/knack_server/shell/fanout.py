"""Tells many people one thing, a slice at a time, so that moves go on being answered in between.

Theory. A *pass* brings one finished frame to everybody who was in its channel when it was asked for. Passes are made one
after the other, in slices of at most 1.5 ms; between two slices the loop serves whoever has spoken meanwhile. So a
connection gets the frames of one channel in their order and never two passes at once. *Notices* (live digests, where a
heat stands, whether anything can be recorded) go before standings, which have a newer state a moment later anyway.

Each pass begins with somebody else, so that nobody is always last. Whoever goes between two slices is passed over. A
reader that is slow when the turn comes to it loses its place in the channel: it is told nothing more there until it has
caught up, and then begins anew with a snapshot.

A write costs the same for one frame and for two. So what is told every second whatever happens *rides*: it goes in front of
whatever is written to a reader next, in one write with it. Who is written nothing for a while gets it by itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from knack_server.shell.clock import ticks_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from knack_server.core.effects import Channel, ConnectionId
    from knack_server.shell.meters import Meters
    from knack_server.shell.socket import KnackSocket

SLICE_NS = 1_200_000
"""How long the fan-out keeps the loop to itself: 1.5 ms less what the last few writes may take."""

LOOK_EVERY_FRAMES = 16
"""Frames between two looks at the clock: 16 take about 120 µs."""


class Members:
    """Who is in a channel."""

    __slots__ = ("_order", "passes_count", "sockets")

    def __init__(self) -> None:
        self.sockets: dict[ConnectionId, KnackSocket] = {}
        self.passes_count = 0
        self._order: list[tuple[ConnectionId, KnackSocket]] | None = None

    def add(self, connection: ConnectionId, socket: KnackSocket) -> None:
        """Let somebody in."""
        self.sockets[connection] = socket
        self._order = None

    def remove(self, connection: ConnectionId) -> None:
        """Let somebody out; does nothing for one who is not in."""
        if self.sockets.pop(connection, None) is not None:
            self._order = None

    def in_turn(self) -> list[tuple[ConnectionId, KnackSocket]]:
        """Everybody, each time beginning elsewhere; the list is not changed afterwards."""
        if self._order is None:
            self._order = list(self.sockets.items())
        order = self._order
        start = self.passes_count * TURN % len(order) if order else 0
        self.passes_count += 1
        return order[start:] + order[:start] if start else order


TURN = 7919
"""A prime, so that the beginnings of many passes lie spread over any number of members."""


class Pass:
    """One frame on its way to everybody in a channel, or with no channel to those it was made for.

    An empty frame brings nothing but what still rides.
    """

    __slots__ = ("began_ns", "channel", "frame", "left", "left_count")

    def __init__(
        self, channel: Channel | None, frame: bytes, order: Sequence[tuple[ConnectionId, KnackSocket]]
    ) -> None:
        self.channel = channel
        self.frame = frame
        self.left: Iterator[tuple[ConnectionId, KnackSocket]] = iter(order)
        self.left_count = len(order)
        self.began_ns = ticks_ns()


class FanOut:
    """Keeps who is in which channel, and makes the passes.

    Args:
        meters: Counts slices, passes and frames.
        patience_s: How long a frame rides at most; as long as standings are apart, so that it meets some.
    """

    slice_ns = SLICE_NS
    """How long one slice may take before the loop has its turn."""

    def __init__(self, meters: Meters, patience_s: float) -> None:
        self._patience_s = patience_s
        self.missed: dict[ConnectionId, set[Channel]] = {}
        """Channels of slow readers that have missed something and need a snapshot."""
        self.on_published: Callable[[Channel], None] = lambda _channel: None
        """Told when standings have reached everybody."""
        self._meters = meters
        self._channels: dict[Channel, Members] = {}
        self._notices: deque[Pass] = deque()
        self._standings: deque[Pass] = deque()
        self._is_due = False
        """Whether the next slice is being made, or the loop will call for it."""

    def enter(self, connection: ConnectionId, socket: KnackSocket, channel: Channel) -> None:
        """Let a connection take what is published in a channel from now on."""
        members = self._channels.get(channel)
        if members is None:
            members = self._channels[channel] = Members()
        members.add(connection, socket)

    def exit(self, connection: ConnectionId, channel: Channel) -> None:
        """Let a connection take no more of a channel."""
        members = self._channels.get(channel)
        if members is not None:
            members.remove(connection)
            if not members.sockets:
                del self._channels[channel]
        missed = self.missed.get(connection)
        if missed is not None:
            missed.discard(channel)

    def leave_out(self, connection: ConnectionId, channel: Channel) -> None:
        """Take a slow reader out of a channel; what it misses is made good when it has caught up."""
        self.exit(connection, channel)
        self.missed.setdefault(connection, set()).add(channel)

    def publish_standings(self, channel: Channel, frame: bytes) -> None:
        """Bring a frame to everybody in a channel who can take it; `on_published` is called afterwards."""
        self._standings.append(Pass(channel, frame, self._in_turn(channel)))

    def publish_notice(self, channel: Channel, frame: bytes) -> None:
        """Bring a frame to everybody in a channel, before all standings, and to slow readers, too."""
        self._notices.append(Pass(None, frame, self._in_turn(channel)))

    def ride(self, channel: Channel, frame: bytes) -> None:
        """Bring a frame to everybody in a channel with whatever is written to them next, which it never comes behind."""
        everybody = self._in_turn(channel)
        for _, socket in everybody:
            socket.riding += frame
        self._meters.frames_count += len(everybody)
        if everybody:
            asyncio.get_running_loop().call_later(self._patience_s, self._bring_alone, everybody)

    def tell(self, sockets: Sequence[tuple[ConnectionId, KnackSocket]], frame: bytes) -> None:
        """Bring a frame to some connections, in order with all other notices."""
        self._notices.append(Pass(None, frame, sockets))

    def run(self) -> None:
        """Make the first slice of what is waiting at once, and have the loop come back for the rest."""
        if not self._is_due and (self._notices or self._standings):
            self._is_due = True
            self._slice()

    def _bring_alone(self, everybody: Sequence[tuple[ConnectionId, KnackSocket]]) -> None:
        """Write to those who have been written nothing else meanwhile."""
        self._notices.append(Pass(None, b"", everybody))
        self.run()

    def _in_turn(self, channel: Channel) -> list[tuple[ConnectionId, KnackSocket]]:
        members = self._channels.get(channel)
        return members.in_turn() if members is not None else []

    def _slice(self) -> None:
        began_ns = ticks_ns()
        end_ns = began_ns + self.slice_ns
        now_ns = began_ns
        try:
            while now_ns < end_ns:
                waiting = self._notices or self._standings
                if not waiting:
                    break
                current = waiting[0]
                self._write_some(current)
                now_ns = ticks_ns()
                if not current.left_count:
                    waiting.popleft()
                    if current.frame:
                        self._meters.pass_took(now_ns - current.began_ns)
                    if current.channel is not None:
                        self.on_published(current.channel)
        finally:
            self._meters.slice_took(now_ns - began_ns)
            self._is_due = bool(self._notices or self._standings)
            if self._is_due:
                asyncio.get_running_loop().call_soon(self._slice)

    def _write_some(self, current: Pass) -> None:
        """Write to the next few; this is the loop in which a server with many watchers spends its time."""
        frame = current.frame
        some = min(LOOK_EVERY_FRAMES, current.left_count)
        current.left_count -= some
        for connection, socket in islice(current.left, some):
            if socket.is_slow and current.channel is not None:
                self.leave_out(connection, current.channel)
                self._meters.frames_skipped_count += 1
                self._meters.frames_count -= 1
            elif frame or socket.riding:
                socket.write(frame)
        if frame:
            self._meters.frames_count += some
