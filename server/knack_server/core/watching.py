"""Feeds from a connection's side: watch, unwatch, catch up, publish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.limits import FEEDS_MAX
from knack_protocol.wire.messages import Delta, Done, Resync, Role, Snapshot, Unwatch, View, Watch, Watching
from knack_server.core import rows
from knack_server.core.feed import AnyRow, Window
from knack_server.core.floor import Refused

if TYPE_CHECKING:
    from knack_server.core.effects import Channel
    from knack_server.core.floor import Floor
    from knack_server.core.peer import Peer


class Watchers:
    """Subscriptions to the standings."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._under_way: dict[Channel, Window] = {}
        """Windows whose last delta has not reached everybody yet."""

    def watch(self, peer: Peer, command: Watch) -> Refused | None:
        """Subscribe to one view of the standings of a course, a heat or the sum over heats, going on from (epoch, version) where possible."""
        event = peer.event
        assert event is not None
        if command.course not in event.feeds:
            return Refused(RejectCode.UNKNOWN_COURSE)
        if command.view is View.DESK and peer.role is not Role.DESK:
            return Refused(RejectCode.NOT_ALLOWED)
        number = event.feed_number(command.course, command.view)
        if number not in peer.feeds and len(peer.feeds) >= FEEDS_MAX:
            return Refused(RejectCode.FULL)
        if number in peer.feeds:
            self._drop(peer, number)
        feed = event.feeds[command.course]
        key = peer if command.view is View.OWN else command.view
        window = feed.window(key, number, self._maker(peer, command.course, command.view))
        peer.feeds[number] = (command.course, command.view)
        window.peers.add(peer)
        self._floor.send(peer, Watching(command.req, number, feed.epoch, window.as_of))
        self._go_on(peer, window, window.since(command.epoch, command.version))
        return None

    def unwatch(self, peer: Peer, command: Unwatch) -> Refused | None:
        """End a subscription."""
        if command.feed not in peer.feeds:
            return Refused(RejectCode.UNKNOWN_FEED)
        self._drop(peer, command.feed)
        self._floor.send(peer, Done(command.req))
        return None

    def gone(self, peer: Peer) -> None:
        """End all subscriptions of a connection that has gone."""
        for number in list(peer.feeds):
            self._drop(peer, number)

    def caught_up(self, peer: Peer, channels: AbstractSet[Channel]) -> None:
        """Give a connection that could not take some channels' deltas for a while one fresh snapshot of each."""
        for number in sorted(peer.feeds):
            window = self._window(peer, number)
            if window.channel in channels:
                self._go_on(peer, window, [window.resync(), window.snapshot()])

    def publish(self) -> None:
        """Publish what has changed in every feed of every event."""
        for event in self._floor.events.values():
            for feed in event.feeds.values():
                for window, delta in feed.publish():
                    if window.peers:
                        window.is_under_way = True
                        self._under_way[window.channel] = window
                        self._floor.publish(window.channel, delta)

    def published(self, channel: Channel) -> None:
        """Note that a delta has reached everybody; a channel that carries no standings does not count."""
        window = self._under_way.pop(channel, None)
        if window is not None:
            window.is_under_way = False

    def _go_on(self, peer: Peer, window: Window, messages: Sequence[Snapshot | Delta | Resync]) -> None:
        """Bring a connection to where a window is, and let it take what comes next."""
        for message in messages:
            self._floor.send(peer, message)
        self._floor.enter(peer, window.channel)

    def _window(self, peer: Peer, number: int) -> Window:
        course, view = peer.feeds[number]
        assert peer.event is not None
        return peer.event.feeds[course].windows[peer if view is View.OWN else view]

    def _drop(self, peer: Peer, number: int) -> None:
        window = self._window(peer, number)
        course, view = peer.feeds.pop(number)
        window.peers.remove(peer)
        self._floor.exit(peer, window.channel)
        if view is View.OWN:
            assert peer.event is not None
            del peer.event.feeds[course].windows[peer]

    def _maker(self, peer: Peer, course: CourseName, view: View) -> Callable[[], Sequence[AnyRow]]:
        event = peer.event
        assert event is not None
        match view:
            case View.TOP:
                return lambda: rows.top(event, course)
            case View.OWN:
                return lambda: rows.own(event, course, peer.player)
            case View.LATEST:
                return lambda: rows.latest(event, course)
            case View.DESK:
                return lambda: rows.desk(event, course)
