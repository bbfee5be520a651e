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
from knack_server.core.feed import Feed, Shown, Window
from knack_server.core.floor import Refused
from knack_server.core.pages import Page, Pages

if TYPE_CHECKING:
    from knack_server.core.effects import Channel
    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.instant import Instant
    from knack_server.core.peer import Peer

OWN_EVERY_MS = 500
"""Between two publications of the players' own views: a player looks at the board, and hears of an own result at once."""


class Watchers:
    """Subscriptions to the standings."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._pages: dict[Feed, Pages] = {}
        """Of each feed whose view *own* somebody has watched."""
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
        peer.feeds[number] = (command.course, command.view)
        feed = event.feeds[command.course]
        window = self._take_seat(peer, event, command, number)
        if command.epoch == feed.epoch and command.version > window.as_of:  # what was seen elsewhere is newer
            self._advance(window)
        self._floor.send(peer, Watching(command.req, number, feed.epoch, window.as_of))
        if command.view is View.OWN:  # nobody knows which page it had
            self._go_on(peer, window, window.anew(command.epoch))
        else:
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

    def publish(self, now: Instant) -> None:
        """Publish what has changed in every feed of every event.

        A view whose last delta is still under way waits, and then gets all that happened meanwhile in one.
        """
        for event in self._floor.events.values():
            for feed in event.feeds.values():
                for window in feed.windows.values():
                    if not window.is_under_way:
                        self._advance(window)
        for pages in self._pages.values():
            if now.ms - pages.published_ms >= OWN_EVERY_MS:
                pages.published_ms = now.ms
                self._publish_pages(pages)

    def publish_results(self) -> None:
        """Show players whose run has just ended where they stand, before the next publication."""
        results, self._floor.results = self._floor.results, []
        for player in results:
            peer = player.peer
            if peer is None:
                continue
            for pages in [pages for pages in self._pages.values() if peer in pages.seats]:
                page = pages.page_of(peer)
                if not page.is_under_way:
                    self._advance(page)
                    if page is not pages.seats[peer]:
                        self._floor.exit(peer, pages.seats[peer].channel)
                        pages.seat(peer, page)
                        self._go_on(peer, page, [page.snapshot()])

    def published(self, channel: Channel) -> None:
        """Note that a delta has reached everybody; a channel that carries no standings does not count."""
        window = self._under_way.pop(channel, None)
        if window is not None:
            window.is_under_way = False

    def _publish_pages(self, pages: Pages) -> None:
        """Publish the pages, and bring those to another one who have left theirs."""
        pages.tidy()
        deltas = [(page, page.advance()) for page in pages if page.is_stale and not page.is_under_way]
        moves: list[tuple[Peer, Page]] = []
        for peer in [peer for peer in pages.seats if pages.is_astray(peer)]:
            page = pages.page_of(peer)
            if (
                not page.is_stale
            ):  # else its last delta is under way, and the next publication is early enough
                self._floor.exit(peer, pages.seats[peer].channel)
                pages.seat(peer, page)
                moves.append((peer, page))
        for page, delta in deltas:
            self._tell(page, delta)
        for peer, page in moves:
            self._go_on(peer, page, [page.snapshot()])

    def _advance(self, window: Window) -> None:
        """Bring a window up to date, and tell who watches it."""
        if window.is_stale:
            self._tell(window, window.advance())

    def _tell(self, window: Window, delta: Delta | None) -> None:
        if delta is not None and window.peers:
            window.is_under_way = True
            self._under_way[window.channel] = window
            self._floor.publish(window.channel, delta)

    def _go_on(self, peer: Peer, window: Window, messages: Sequence[Snapshot | Delta | Resync]) -> None:
        """Bring a connection to where a window is, and let it take what comes next."""
        for message in messages:
            self._floor.send(peer, message)
        self._floor.enter(peer, window.channel)

    def _take_seat(self, peer: Peer, event: Event, command: Watch, number: int) -> Window:
        feed = event.feeds[command.course]
        if command.view is View.OWN:
            pages = self._pages.get(feed)
            if pages is None:
                pages = self._pages[feed] = Pages(event, command.course, number)
            page = pages.page_of(peer)
            pages.seat(peer, page)
            return page
        window = feed.window(command.view, number, _maker(event, command.course, command.view))
        window.peers.add(peer)
        return window

    def _window(self, peer: Peer, number: int) -> Window:
        course, view = peer.feeds[number]
        assert peer.event is not None
        feed = peer.event.feeds[course]
        return self._pages[feed].seats[peer] if view is View.OWN else feed.windows[view]

    def _drop(self, peer: Peer, number: int) -> None:
        window = self._window(peer, number)
        course, view = peer.feeds.pop(number)
        assert peer.event is not None
        if view is View.OWN:
            self._pages[peer.event.feeds[course]].unseat(peer)
        else:
            window.peers.remove(peer)
        self._floor.exit(peer, window.channel)


def _maker(event: Event, course: CourseName, view: View) -> Callable[[], Shown]:
    match view:
        case View.LATEST:
            return lambda: rows.latest(event, course)
        case View.DESK:
            return lambda: rows.desk(event, course)
        case _:
            return lambda: rows.shown_top(event, course)
