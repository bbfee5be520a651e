"""One competition: its players, their runs, its standings and its moderators' acts."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from knack_protocol.ids import CourseName, EventId, PlayerId, RunId
from knack_protocol.rules.course import COURSES
from knack_server.core.acts import Acts
from knack_server.core.entry import Entry, RunState
from knack_server.core.feed import Feed
from knack_server.core.standings import Standings

if TYPE_CHECKING:
    from collections.abc import Callable

    from knack_server.core.names import NameBook
    from knack_server.core.play import Play
    from knack_server.core.player import Player

LATEST_COUNT = 20
"""Finished runs that a screen may list as the latest."""


class Event:
    """A competition. Several live beside one another and share nothing but the process."""

    def __init__(
        self, event: EventId, title: str, runs_max: int | None, names: NameBook, draw_epoch: Callable[[], int]
    ) -> None:
        self.id = event
        self.title = title
        self.runs_max = runs_max
        """Runs that one player may start; None is without limit."""
        self.players: dict[PlayerId, Player] = {}
        self.names = names
        """Every name ever taken, so that nobody can pose as somebody else."""
        self.runs: dict[RunId, Entry] = {}
        self.acts = Acts(event)
        self.standings = {course: Standings() for course in COURSES}
        self.latest: dict[CourseName, deque[Entry]] = {
            course: deque(maxlen=LATEST_COUNT) for course in COURSES
        }
        self.plays: dict[RunId, Play] = {}
        """Runs in countdown or in play."""
        self.last_k = -1
        """The number of open play's last live digest."""
        self.just_ended: dict[RunId, tuple[int, bytes]] = {}
        """Number of events and last hash of the runs that have ended since that digest."""
        self.by_course: dict[CourseName, list[Entry]] = {course: [] for course in COURSES}
        """Started runs in the order of their start."""
        self.feeds = {course: Feed(draw_epoch()) for course in COURSES}

    def shown_name(self, player: Player) -> str:
        """The name as the public sees it: the player's own, a moderator's, or empty when hidden."""
        replaced = self.acts.shown_name(player.id)
        return player.name if replaced is None else replaced

    def forget_names(self) -> None:
        """Free the names that players no longer have, and show that they are gone."""
        self.names.clear()
        for player in self.players.values():
            if player.name:
                self.names.add(player.name)
        for feed in self.feeds.values():
            feed.touch()

    def rank(self, course: CourseName, player: PlayerId) -> int:
        """The player's rank in a course's standings; 0 without a standing."""
        return self.standings[course].rank(player)

    def add_started(self, entry: Entry) -> None:
        """Take up a run that has been started; from now on the desk sees it."""
        self.by_course[entry.course].append(entry)
        self.feeds[entry.course].touch()

    def stand(self, entry: Entry) -> None:
        """Bring one run's place in the standings in line with its score and the moderators' acts."""
        standings = self.standings[entry.course]
        if entry.score > 0 and not self.acts.is_voided(entry.run):
            standings.put(entry.run, entry.player.id, entry.score, entry.scored_at_ms)
        else:
            standings.remove(entry.run)
        self.feeds[entry.course].touch()

    def end(self, entry: Entry) -> None:
        """Note that a run is over: it joins the latest results."""
        entry.state = RunState.ENDED
        entry.play = None
        self.plays.pop(entry.run, None)
        self.latest[entry.course].appendleft(entry)
        self.feeds[entry.course].touch()
