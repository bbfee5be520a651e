"""Feeds from a connection's side: watch, unwatch, catch up, publish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.limits import FEEDS_MAX
from knack_protocol.wire.messages import Done, Resync, Role, Unwatch, View, Watch, Watching
from knack_server.core import rows
from knack_server.core.feed import AnyRow
from knack_server.core.floor import Refused

if TYPE_CHECKING:
    from knack_server.core.floor import Floor
    from knack_server.core.peer import Peer


class Watchers:
    """Subscriptions to the standings."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

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
        peer.feeds[number] = (command.course, command.view)
        feed = event.feeds[command.course]
        window = feed.watch(peer, command.view, number, self._maker(peer, command.course, command.view))
        self._floor.send(peer, Watching(command.req, number, feed.epoch, window.as_of))
        feed.begin(peer, command.view, number, command.epoch, command.version, self._floor.send)
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

    def caught_up(self, peer: Peer, number: int) -> None:
        """Give a connection that could not take a feed's deltas for a while one fresh snapshot."""
        if peer.event is None or number not in peer.feeds:
            return
        course, view = peer.feeds[number]
        feed = peer.event.feeds[course]
        self._floor.send(peer, Resync(number, feed.epoch))
        feed.snapshot(peer, view, number, self._floor.send)

    def publish(self) -> None:
        """Publish what has changed in every feed of every event."""
        for event in self._floor.events.values():
            for feed in event.feeds.values():
                feed.publish(self._floor.send)

    def _drop(self, peer: Peer, number: int) -> None:
        course, view = peer.feeds.pop(number)
        assert peer.event is not None
        peer.event.feeds[course].unwatch(peer, view)

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
