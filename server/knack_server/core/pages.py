"""The standings around each player, cut into pages that many share.

Theory. A player sees the podium and a few neighbours. Making that for each of thousands would cost a frame a player; so
the order is cut into *pages*, ranges of some dozens of standings, and everybody who stands in one is told the same
frames. A page is bounded by places in the order (points, time, player), not by ranks: when one player climbs past a
thousand others, the pages in between change in one number, how many stand before them. Only who scores himself comes
into another page, and is then told its snapshot. A page shows its neighbours on either side as well, so nobody needs two.

Pages are published in a *round*, a few at a time, so that thousands of players do not hold up a move; from the lowest page
to the highest, because players climb: who has left a page keeps what is shown until it is the turn of the one above.

Pages are cut where somebody watches, grow and shrink with the standings, are split when they get long, joined when two
get short, and dropped when nobody is left. Who has no standing yet sits on a page of its own, the podium alone.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from knack_protocol.ids import PlayerId
from knack_server.core import rows
from knack_server.core.feed import Window
from knack_server.core.standings import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from knack_protocol.ids import CourseName
    from knack_server.core.event import Event
    from knack_server.core.peer import Peer

NEW_COUNT = 32
"""Standings of a page as it is cut: with neighbours and podium 41 rows, 2 to 3 KiB as a snapshot."""

LONG_COUNT = 64
"""A longer page is split."""

SHORT_COUNT = 24
"""Two neighbouring pages that have no more than so many together become one."""

_FIRST = Mark(-1, PlayerId(""))
_LAST = Mark(1 << 64, PlayerId(""))


class Page(Window):
    """A window on the standings from `low` up to and without `high`; with `low` None on the podium alone."""

    def __init__(
        self, event: Event, course: CourseName, number: int, low: Mark | None, high: Mark | None
    ) -> None:
        self.low = low
        self.high = high
        self.arrivals: set[Peer] = set()
        """Who belongs here since the last turn, and is told with the next."""
        super().__init__(event.feeds[course], number, lambda: rows.page(event, course, self.low, self.high))

    def holds(self, mark: Mark | None) -> bool:
        """Tell whether a player with this place in the order belongs here; None has no standing."""
        if mark is None or self.low is None or self.high is None:
            return mark is self.low
        return self.low <= mark < self.high


class Pages:
    """The pages of one course's standings that somebody watches."""

    def __init__(self, event: Event, course: CourseName, number: int) -> None:
        self._event = event
        self._course = course
        self._number = number
        self._feed = event.feeds[course]
        self._standings = event.standings[course]
        self._pages: list[Page] = []
        """In the order of the standings; no two overlap."""
        self._round: list[Page] = []
        """Pages whose turn is still to come, the next one last."""
        self._lows: list[Mark] = []
        self._apart: list[Page] = []
        """The podium's page, and pages that were joined to another and still have readers."""
        self.seats: dict[Peer, Page] = {}
        """Who watches, and on which page."""
        self.round_ms = 0
        """When the last round began."""

    def __iter__(self) -> Iterator[Page]:
        yield from self._pages
        yield from self._apart

    def page_of(self, peer: Peer) -> Page:
        """Return the page that a connection's player belongs on, cut anew where there is none."""
        mark = self._mark(peer)
        if mark is None:
            return next((page for page in self._apart if page.low is None), None) or self._add_apart()
        at = bisect_right(self._lows, mark) - 1
        if at >= 0 and self._pages[at].holds(mark):
            return self._pages[at]
        return self._cut(mark, at + 1)

    def astray(self, page: Page) -> list[Peer]:
        """Return those on a page whose players have left it."""
        astray = [peer for peer in page.peers if not page.holds(self._mark(peer))]
        return sorted(astray, key=lambda peer: peer.connection)

    @property
    def is_in_round(self) -> bool:
        """Whether there are pages whose turn is still to come."""
        return bool(self._round)

    def begin_round(self, now_ms: int) -> None:
        """Let each page have a turn."""
        self.round_ms = now_ms
        self._tidy()
        self._round = [*self._pages, *self._apart]

    def next_turns(self, count: int) -> list[Page]:
        """Return the next few pages of the round."""
        return [self._round.pop() for _ in range(min(count, len(self._round)))]

    def seat(self, peer: Peer, page: Page) -> None:
        """Put a connection on a page."""
        self.unseat(peer)
        self.seats[peer] = page
        page.peers.add(peer)

    def unseat(self, peer: Peer) -> None:
        """Take a connection off its page; does nothing for one that has none."""
        page = self.seats.pop(peer, None)
        if page is not None:
            page.peers.remove(peer)
            page.arrivals.discard(peer)

    def _tidy(self) -> None:
        """Drop pages that nobody watches, split long ones and join short ones."""
        self._pages = [page for page in self._pages if page.peers]
        self._apart = [page for page in self._apart if page.peers]
        kept: list[Page] = []
        for page in self._pages:
            before = kept[-1] if kept else None
            if before is not None and self._count(before, page) <= SHORT_COUNT:
                before.high = page.high
                page.high = page.low  # nobody belongs here any more
                self._apart.append(page)
                self._feed.touch()  # what a page shows changes with its bounds
            else:
                kept.append(page)
        for page in kept:
            self._shorten(page)
        self._pages = kept
        self._lows = [page.low for page in kept if page.low is not None]

    def _shorten(self, page: Page) -> None:
        """Leave a page that has become long half of what one may have; who stands behind that has left it."""
        if self._count(page, page) > LONG_COUNT:
            page.high = self._mark_at(self._before(page.low) + LONG_COUNT // 2)
            self._feed.touch()

    def _mark(self, peer: Peer) -> Mark | None:
        return None if peer.player is None else self._standings.mark(peer.player.id)

    def _before(self, mark: Mark | None) -> int:
        assert mark is not None
        return self._standings.before(mark)

    def _count(self, first: Page, last: Page) -> int:
        return self._before(last.high) - self._before(first.low)

    def _mark_at(self, index: int) -> Mark | None:
        """Return the place in the order that so many stand before; None beyond the last."""
        found = self._standings.between(index, index + 1)
        return self._standings.mark(found[0].player) if found else None

    def _cut(self, mark: Mark, at: int) -> Page:
        """Cut a page around a place in the order, between the neighbours that there are."""
        index = self._before(mark)
        start = index - NEW_COUNT // 2
        low = (self._mark_at(start) or mark) if start > 0 else _FIRST
        high = self._mark_at(index + NEW_COUNT // 2) or _LAST
        if at > 0:
            low = max(low, self._pages[at - 1].high or _FIRST)
        if at < len(self._pages):
            high = min(high, self._lows[at])
        page = Page(self._event, self._course, self._number, low, high)
        self._pages.insert(at, page)
        self._lows.insert(at, low)
        return page

    def _add_apart(self) -> Page:
        page = Page(self._event, self._course, self._number, None, None)
        self._apart.append(page)
        return page
