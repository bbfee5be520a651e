"""A player: joins, starts runs, and stays the same person over any number of connections."""

import asyncio
import os
from collections.abc import Callable, Container
from contextlib import suppress
from random import Random
from types import TracebackType
from typing import Self

from knack_client.address import Address
from knack_client.connection import Connection
from knack_client.conversation import Conversation, Opener
from knack_client.errors import (
    ConnectionLost,
    HeatMissed,
    KnackClientError,
    OtherRules,
    Rejected,
    ServerFault,
)
from knack_client.feed import Feed
from knack_client.link import PATIENCE_S, Link
from knack_client.run import Run
from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.seeds import NONCE_BYTES
from knack_protocol.rules.course import rules_hash
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import (
    Begin,
    Closed,
    Done,
    Ended,
    Gather,
    Heat,
    HeatPhase,
    Join,
    Joined,
    Leave,
    Place,
    Prepare,
    Prepared,
    Push,
    Recording,
    Resumed,
    Role,
    Scatter,
    Start,
    Started,
    Status,
    Unwatch,
    View,
    Welcome,
)

NO_FEED = 0xFFFF
"""A number that no feed has: a connection watches at most four."""

_UNDER_WAY = frozenset({HeatPhase.COUNTDOWN, HeatPhase.RUNNING, HeatPhase.WAITING})
_GONE = frozenset({HeatPhase.OVER, HeatPhase.VOIDED, HeatPhase.CLOSED})


class Player:
    """One person in one event, as an async context manager.

        async with Player("ws://127.0.0.1:8000", "Ada") as player:
            run = await player.start("sprint")
            await run.begun()
            outcome = await run.move(cell, direction)
            ended = await run.ended()

    For a heat, `gather` and `called` stand in the place of `start`.

    Args:
        url: The server's address, `ws:` or `http:`.
        name: Who joins, 2 to 20 visible characters; not used when `token` belongs to a player.
        event: Which competition; empty for the current one.
        token: A session to go on with (`Player.token` of an earlier one); None to join anew.
        random: Draws the waits between connections; a seeded one makes them repeatable. Nonces never come from it.
        patience_s: How long to try to come back after a connection has ended.
        opener: Opens each connection; the load tester has lines of its own.

    Raises:
        Unreachable: on entering: there is no such server.
        Rejected: on entering: the name is taken (`detail` is a free one) or not a name, or there is no such event.
        OtherRules: on entering: the server's rules are not the ones that this client checks by.
        SessionEnded: on entering: the server does not know the token.
    """

    def __init__(
        self,
        url: str,
        name: str,
        event: str = "",
        token: str | None = None,
        *,
        random: Random | None = None,
        patience_s: float = PATIENCE_S,
        opener: Opener = Connection.open,
    ) -> None:
        self.name = name
        self.id = PlayerId("")
        """The player's id; empty before joining and after leaving."""
        self.run: Run | None = None
        """The newest run: the one that was started last, or that was in play when this player entered with a token."""
        self.is_recording = True
        """False while the server says that it cannot record moves; nothing is lost then."""
        self.is_event_over = False
        """True as soon as the server has said that the event is over for good."""
        self.heats: dict[HeatId, Heat] = {}
        """What the server last said of each heat."""
        self._changed = asyncio.Event()
        self._has_left = False
        self._runs: dict[RunId, Run] = {}
        self._link = Link(
            Address.parse(url).socket,
            Role.PLAYER,
            EventId(event),
            token or "",
            random=random,
            patience_s=patience_s,
            greet=self._greet,
            on_push=self._on_push,
            on_over=self._on_over,
            opener=opener,
        )

    async def __aenter__(self) -> Self:
        await self._link.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._link.close()

    @property
    def token(self) -> str:
        """What proves who this is; keep it to come back as the same player in another process."""
        return self._link.token

    @property
    def welcome(self) -> Welcome:
        """What the server last said of the event and its courses."""
        assert self._link.welcome is not None, "a player is entered before it is asked"
        return self._link.welcome

    @property
    def is_live(self) -> bool:
        """Tell whether the line stands at this moment."""
        return self._link.is_live

    @property
    def connections(self) -> int:
        """How many connections there were so far."""
        return self._link.connections

    async def start(self, course: str) -> Run:
        """Start a run of a course; a run still in play ends by it. T0 is three seconds later (`Run.begun`).

        Raises:
            Rejected: there is no such course, no run is left, or the event is closed.
            KnackClientError: the client is over.
        """
        prepared = await self._link.request(Prepare(0, CourseName(course)), Prepared)
        nonce = os.urandom(
            NONCE_BYTES
        )  # chosen after the promise: that is what makes the promise worth something
        run = Run(self._link, prepared.run, prepared.course, self.welcome.event, self.id, prepared.commit)
        earlier, self.run = self.run, run
        self._runs[run.id] = run
        start = Start(0, run.id, nonce)
        while True:
            try:
                started = await self._link.request(start, Started, again=False)
            except ConnectionLost:
                if self._link.failure is not None:
                    raise
            except Rejected as rejected:
                # an earlier try arrived, and only its reply was lost; RESUMED has told so before this reject
                if rejected.code is not RejectCode.ALREADY_STARTED:
                    del self._runs[run.id]
                    self.run = earlier
                    raise
                return run
            else:
                run.on_started(started.countdown_ms)
                return run

    async def gather(self, heat: str) -> None:
        """Join the open lobby of a heat, leaving another one; `called` waits for its start.

        Raises:
            Rejected: there is no such heat, or its lobby is not open.
            HeatMissed: it was closed or voided at once.
            KnackClientError: the client is over.
        """
        await self._link.request(Gather(0, HeatId(heat)), Done)
        await self._until(lambda: self._place_in(heat) is Place.MEMBER)

    async def scatter(self) -> None:
        """Leave the lobby again, if this player is in one.

        Raises:
            Rejected: the roster is frozen already.
            KnackClientError: the client is over.
        """
        await self._link.request(Scatter(0), Done)

    async def called(self, heat: str) -> Run:
        """Wait until a heat is started, and return this player's run in it.

        Raises:
            HeatMissed: it goes on without this player, or not at all.
            KnackClientError: the client is over.
        """

        def own_run() -> Run | None:
            return next((run for run in self._runs.values() if run.heat == heat), None)

        await self._until(lambda: own_run() is not None or self._place_in(heat) is Place.OUTSIDE)
        found = own_run()
        if found is None:
            raise HeatMissed(f"this player is not in heat {heat} any more")
        return found

    async def heard_of(self, heat: str, phases: Container[HeatPhase]) -> Heat:
        """Wait until the server says that a heat is in one of these phases, and return what it said.

        A heat that goes on quickly may leave a phase before anybody has looked: ask for the later ones, too.

        Raises:
            KnackClientError: the client is over.
        """
        name = HeatId(heat)
        await self._until(lambda: name in self.heats and self.heats[name].phase in phases)
        return self.heats[name]

    async def watch(self, course: str, view: View = View.OWN) -> Feed:
        """Follow the standings of a course; `View.OWN` shows the podium and this player's neighbourhood.

        Raises:
            Rejected: there is no such course, or too many feeds.
            KnackClientError: the client is over.
        """
        return await self.follow(Feed(CourseName(course), view))

    async def follow(self, feed: Feed) -> Feed:
        """Follow standings with a feed of the caller's own making.

        Raises:
            Rejected: there is no such course, or too many feeds.
            KnackClientError: the client is over.
        """
        return await self._link.watch(feed)

    async def leave(self) -> None:
        """End the session for good, for the next person on this device; a run in play goes on to its deadline alone.

        Raises:
            KnackClientError: the client is over.
        """
        await self._link.request(Leave(0), Done)
        self._has_left = True
        self._link.token = ""
        self.id = PlayerId("")

    async def _greet(self, connection: Conversation) -> None:
        welcome = self.welcome
        if welcome.rules_hash != rules_hash():
            raise OtherRules("the server plays by other rules than this client")
        if welcome.player:
            self.id, self.name = welcome.player, welcome.name
            await _hear_out(connection)
            self._miss_runs(welcome)
        elif not self._has_left:
            await connection.request(Join(0, self.name), Joined, self._on_joined)

    def _miss_runs(self, welcome: Welcome) -> None:
        for run in list(self._runs.values()):
            if run.is_begun and run.told_by is not welcome:
                if run is self.run:
                    raise ServerFault(f"the server has forgotten {run.id}")
                del self._runs[run.id]
                run.fail(ConnectionLost("how this run ended was not heard"))

    def _on_joined(self, joined: Joined) -> None:
        self.id, self.name, self._link.token = joined.player, joined.name, joined.token

    def _on_push(self, push: Push) -> None:
        match push:
            case Begin() if push.run in self._runs:
                run = self._runs[push.run]
                run.told_by = self.welcome
                run.on_begin(push, self.welcome.rules_hash)
            case Resumed():
                run = self._runs.get(push.run) or self._met(push)
                run.told_by = self.welcome
                run.on_resumed(push)
            case Ended() if push.run in self._runs:
                run = self._runs[push.run]
                run.on_ended(push, was_away=run.told_by is not self.welcome)
                del self._runs[run.id]
            case Status():
                self.is_recording = push.state is Recording.AGAIN
            case Heat():
                self._on_heat(push)
            case Closed():
                self.is_event_over = True
            case _:
                pass  # a run of an earlier process

    def _on_heat(self, heat: Heat) -> None:
        self.heats[heat.heat] = heat
        if heat.run and heat.run not in self._runs and heat.phase in _UNDER_WAY:
            event, player = self.welcome.event, self.id
            run = Run(self._link, heat.run, heat.course, event, player, heat.commit, heat.heat)
            self._runs[run.id] = self.run = run
        run_in_it = self._runs.get(heat.run)
        if run_in_it is not None and heat.phase is HeatPhase.COUNTDOWN:
            run_in_it.on_started(heat.wait_ms)
        self._notify()

    def _place_in(self, heat: str) -> Place | None:
        """Return this player's place in a heat that may still be played; None before the server has spoken of it.

        Raises:
            HeatMissed: it is over for this player.
        """
        told = self.heats.get(HeatId(heat))
        if told is None:
            return None
        if told.phase in _GONE or (told.place is Place.OUTSIDE and told.phase is not HeatPhase.OPEN):
            raise HeatMissed(f"heat {heat} is played without this player, or not at all")
        return told.place

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            if self._link.failure is not None:
                raise self._link.failure
            await self._changed.wait()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _met(self, resumed: Resumed) -> Run:
        welcome = self.welcome
        run = Run(self._link, resumed.run, resumed.course, welcome.event, welcome.player, None)
        self._runs[run.id] = self.run = run
        return run

    def _on_over(self, failure: KnackClientError) -> None:
        self._notify()
        for run in self._runs.values():
            run.fail(failure)


async def _hear_out(connection: Conversation) -> None:
    """Wait until everything is here that the server said of its own accord after WELCOME, such as RESUMED.

    Replies and pushes keep their order, but for some like PONG that may overtake. So this asks for something that changes
    nothing, is refused, and is refused in its turn. There is no time limit: a server whose disk is full says nothing in
    turn until it can record again, and the line is not live before.
    """
    with suppress(Rejected):
        await connection.request(Unwatch(0, NO_FEED), Done, timeout_s=None)
