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

STEP_EVERY_MS = 25
TURNS_A_STEP = 8
"""Pages of one course that are published at once: about 1.5 ms of work. With more than 160 a round takes longer."""

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

    def forget(self, event: Event) -> None:
        """Let go of an event that nobody watches any more."""
        for feed in event.feeds.values():
            self._pages.pop(feed, None)

    def caught_up(self, peer: Peer, channels: AbstractSet[Channel]) -> None:
        """Give a connection that could not take some channels' deltas for a while one fresh snapshot of each."""
        for number in sorted(peer.feeds):
            window = self._window(peer, number)
            if window.channel in channels:
                self._go_on(peer, window, [window.resync(), window.snapshot()])

    def publish(self) -> None:
        """Publish what has changed in the views that are the same for everybody.

        A view whose last delta is still under way waits, and then gets all that happened meanwhile in one.
        """
        for event in self._floor.events.values():
            for feed in event.feeds.values():
                for window in feed.windows.values():
                    if not window.is_under_way:
                        self._advance(window)

    def publish_own(self, now: Instant) -> None:
        """Publish the next few pages, from which players' own views are cut."""
        for pages in self._pages.values():
            if not pages.is_in_round and now.ms - pages.round_ms >= OWN_EVERY_MS:
                pages.begin_round(now.ms)
            for page in pages.next_turns(TURNS_A_STEP):
                if not page.is_under_way:
                    self._publish_page(pages, page)
        is_in_round = any(pages.is_in_round for pages in self._pages.values())
        next_ms = min((pages.round_ms for pages in self._pages.values()), default=now.ms) + OWN_EVERY_MS
        due_ms = now.ms if is_in_round else next_ms
        self._floor.timers.at(max(due_ms, now.ms + STEP_EVERY_MS), self.publish_own)

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
                        page.arrivals.add(peer)
                    self._greet(page)

    def published(self, channel: Channel) -> None:
        """Note that a delta has reached everybody; a channel that carries no standings does not count."""
        window = self._under_way.pop(channel, None)
        if window is not None:
            window.is_under_way = False

    def _publish_page(self, pages: Pages, page: Page) -> None:
        """Publish a page, take leave of those who have left it, and greet those who have come."""
        delta = page.advance() if page.is_stale else None
        for peer in pages.astray(page):
            self._floor.exit(peer, page.channel)
            elsewhere = pages.page_of(peer)
            pages.seat(peer, elsewhere)
            elsewhere.arrivals.add(peer)
            if not elsewhere.is_stale:  # it has just been cut
                self._greet(elsewhere)
        self._tell(page, delta)
        self._greet(page)

    def _greet(self, page: Page) -> None:
        """Tell those who have come to a page what it shows now."""
        arrivals, page.arrivals = page.arrivals, set()
        for peer in sorted(arrivals, key=lambda peer: peer.connection):
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
