"""One competition: its players, their runs, its standings and its moderators' acts."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from knack_protocol.ids import CourseName, HeatId, PlayerId, RunId
from knack_protocol.proof.commitments import predecessors
from knack_protocol.rules.course import COURSES, SPRINT
from knack_protocol.wire.messages import View
from knack_server.core.acts import Acts
from knack_server.core.effects import Channel
from knack_server.core.entry import Entry, RunState
from knack_server.core.facts import EventAdded, EventKind
from knack_server.core.feed import Feed
from knack_server.core.heat import Heat, HeatPhase
from knack_server.core.standings import Standing, Standings

if TYPE_CHECKING:
    from collections.abc import Callable

    from knack_server.core.names import NameBook
    from knack_server.core.play import Play
    from knack_server.core.player import Player

REHEARSAL_PLAYERS_MAX = 20_000
"""Players of a rehearsal, as many as connections that a server lets in: a load tester leaves no more names than that."""

TITLE_LENGTH_MAX = 80
"""Characters of an event's title; it fits a projector in one line."""

LATEST_COUNT = 20
"""Finished runs that a screen may list as the latest."""


SUM_LISTING = "heats"
"""Under this name the sum over heats is watched; no heat's id begins with it."""


class Published(NamedTuple):
    """The list of commitments as it was published (rules, section 5)."""

    text: str
    signature: bytes


def fit_title(text: str) -> str | None:
    """Return a title without the blanks around it; None where nobody could read it, or a line would not hold it."""
    title = text.strip()
    return title if 1 <= len(title) <= TITLE_LENGTH_MAX and title.isprintable() else None


def sum_listing(course: CourseName) -> CourseName:
    """Return the name of a course's sum over heats: `heats` for sprint, which ranked heats play, else `heats-` and it."""
    return CourseName(SUM_LISTING if course == SPRINT.name else f"{SUM_LISTING}-{course}")


class Event:
    """A competition. Several live beside one another and share nothing but the process."""

    def __init__(self, added: EventAdded, names: NameBook, draw_epoch: Callable[[], int]) -> None:
        self.id = added.event
        self.kind = added.kind
        self.added_unix_ms = added.at_ms
        self.channel = Channel()
        """Every connection of the event, from its welcome on."""
        self.title = added.title
        self.runs_max = added.runs_max
        """Runs that one player may start; None is without limit."""
        self.ended_unix_ms: int | None = None
        """When it was ended; None while it goes on."""
        self.players: dict[PlayerId, Player] = {}
        self.names = names
        """Every name ever taken, so that nobody can pose as somebody else."""
        self.runs: dict[RunId, Entry] = {}
        self.acts = Acts(added.event)
        self.heats: dict[HeatId, Heat] = {}
        """Prepared heats with their reruns, in the order of the published list."""
        self.published: Published | None = None
        """None until the list of commitments is out."""
        self.standings: dict[CourseName, Standings] = {}
        """By course, by heat, and the sums over heats."""
        self.latest: dict[CourseName, deque[Entry]] = {}
        self.plays: dict[RunId, Play] = {}
        """Runs in countdown or in play."""
        self.last_k = -1
        """The number of open play's last live digest."""
        self.just_ended: dict[RunId, tuple[int, bytes]] = {}
        """Number of events and last hash of the runs that have ended since that digest."""
        self.by_course: dict[CourseName, list[Entry]] = {}
        """Started runs in the order of their start; those of a heat by its id."""
        self.feeds: dict[CourseName, Feed] = {}
        self._draw_epoch = draw_epoch
        self._listings: dict[CourseName, int] = {}
        for course in COURSES:
            self._add_listing(course)

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
        self.by_course[entry.listing].append(entry)
        self.feeds[entry.listing].touch()

    def feed_number(self, listing: CourseName, view: View) -> int:
        """Return a feed's number: the same on every connection, so that one frame fits all that watch it."""
        return self._listings[listing] * len(View) + view

    def add_heat(self, heat: Heat) -> None:
        """Take up a prepared heat, with standings of its own and a part in its course's sum."""
        self.heats[heat.id] = heat
        for listing in (sum_listing(heat.course), heat.listing):
            if listing not in self.feeds:
                self._add_listing(listing)

    @property
    def has_ended(self) -> bool:
        """Tell whether the event is over for good: nobody joins or plays any more."""
        return self.ended_unix_ms is not None

    @property
    def is_rehearsal(self) -> bool:
        """Tell whether it is a try, to be deleted whole."""
        return self.kind is EventKind.REHEARSAL

    @property
    def is_full(self) -> bool:
        """Tell whether nobody else may join; a competition takes everybody."""
        return self.is_rehearsal and len(self.players) >= REHEARSAL_PLAYERS_MAX

    def may_stand(self, run: RunId) -> bool:
        """Tell whether there is such a run, and in a heat whether it was started: one that never was is no run at all."""
        entry = self.runs.get(run)
        return entry is not None and not (entry.heat and entry.state is RunState.PREPARED)

    def was_opened(self, heat: HeatId) -> bool:
        """Tell whether there is such a heat and its lobby was opened."""
        return heat in self.heats and self.heats[heat].phase is not HeatPhase.PREPARED

    def gather(self, heat: Heat, player: Player, *, is_in: bool) -> None:
        """Let a player into a heat's lobby, or out of it."""
        if is_in:
            heat.members[player.id] = player
            player.heat = heat
        else:
            del heat.members[player.id]
            player.heat = None

    def release(self, heat: Heat) -> None:
        """Let everybody of a heat that is over gather elsewhere."""
        for player in heat.members.values():
            player.heat = None

    def heat_of(self, entry: Entry) -> Heat | None:
        """The heat that a run belongs to; None in open play."""
        return self.heats.get(entry.heat)

    def is_voided(self, entry: Entry) -> bool:
        """Tell whether a run has no standing: it was voided, or its whole heat."""
        return self.acts.is_voided(entry.run) or self.acts.is_heat_voided(entry.heat)

    def was_rerun_for(self, entry: Entry) -> bool:
        """Tell whether a run's heat was voided and its player has a run in a rerun that stands."""
        if not self.acts.is_heat_voided(entry.heat):
            return False
        for heat in self.heats.values():
            again = heat.runs.get(entry.player.id)
            if again is None or not heat.was_played or self.is_voided(again):
                continue
            if entry.heat in predecessors(heat.id, self.heats):
                return True
        return False

    def sum_up(self, course: CourseName) -> None:
        """Add every player's heats of a course up anew, because one more counts or one less."""
        players = {player for heat in self.heats.values() if heat.course == course for player in heat.runs}
        for player in players:
            self._sum_up_player(course, player)

    def _sum_up_player(self, course: CourseName, player: PlayerId) -> None:
        """Put a player's sum over heats into its standings (rules, section 8)."""
        full_time_ms = sum(level.time_ms for level in COURSES[course].levels)
        score = time_ms = 0
        for heat in self.heats.values():
            if heat.course != course or not heat.has_begun or self.acts.is_heat_voided(heat.id):
                continue
            entry = heat.runs.get(player)
            if entry is not None and entry.score and not self.is_voided(entry):
                score, time_ms = score + entry.score, time_ms + entry.scored_at_ms
            else:
                time_ms += full_time_ms
        listing = sum_listing(course)
        self.standings[listing].put(RunId(player), player, score, time_ms)
        self.feeds[listing].touch()

    def _add_listing(self, listing: CourseName) -> None:
        self._listings[listing] = len(self._listings)
        self.standings[listing] = Standings()
        self.latest[listing] = deque(maxlen=LATEST_COUNT)
        self.by_course[listing] = []
        self.feeds[listing] = Feed(self._draw_epoch())

    def stand(self, entry: Entry) -> None:
        """Bring one run's place in the standings in line with its score and the moderators' acts."""
        standings = self.standings[entry.listing]
        if entry.score > 0 and not self.is_voided(entry):
            standings.put(entry.run, entry.player.id, entry.score, entry.scored_at_ms)
        else:
            standings.remove(entry.run, entry.player.id)
        self.feeds[entry.listing].touch()
        if entry.heat:
            self._sum_up_player(entry.course, entry.player.id)

    def stand_again(self) -> None:
        """Fill the standings with every run that has a score, at a start; sums over heats are added up apart."""
        results: dict[CourseName, list[Standing]] = {}
        for entry in self.runs.values():
            if entry.score > 0 and not self.is_voided(entry):
                standing = Standing(entry.run, entry.player.id, entry.score, entry.scored_at_ms)
                results.setdefault(entry.listing, []).append(standing)
        for listing, known in results.items():
            self.standings[listing].fill(known)
            self.feeds[listing].touch()

    def end(self, entry: Entry) -> None:
        """Note that a run is over: it joins the latest results."""
        entry.state = RunState.ENDED
        entry.play = None
        self.plays.pop(entry.run, None)
        self.latest[entry.listing].appendleft(entry)
        self.feeds[entry.listing].touch()
