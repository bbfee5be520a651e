"""A player's evening: joins, plays, looks at the own place, plays again; stays until the curtain falls."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Final

from knack_client.bots.playing import RETRY_MS
from knack_client.errors import KnackClientError, Rejected, RunOver, ServerFault
from knack_client.player import Player
from knack_client.run import Run
from knack_loadtest.crowd import records
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.networks.profiles import PROFILES
from knack_loadtest.crowd.people.coming import come_in
from knack_loadtest.crowd.people.device import PATIENCE_S, Device
from knack_loadtest.crowd.people.lobby import OPENED, lose_line, or_over, take_part
from knack_loadtest.crowd.people.pacing import Due, pacing
from knack_loadtest.crowd.people.script import Script, Scripts
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.people.subscriber import Subscriber
from knack_loadtest.crowd.plan import Person, Seat
from knack_loadtest.crowd.scenario.model import Players
from knack_loadtest.crowd.skills import SKILLS
from knack_loadtest.crowd.witness import PlayerWitness
from knack_protocol.ids import CourseName, HeatId
from knack_protocol.rules.log import EndReason
from knack_protocol.rules.run import Outcome, Verdict
from knack_protocol.rules.swaps import Swap
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import View

FAIR_US: Final = 100_000
"""What a move may take without anybody being robbed: below it, a reply comes before the animation is over."""

LOOKS_UP_MS: Final = 250
"""How often somebody looks up who has nothing more to do in a run."""

TIMEOUT_US: Final = 5_000_000
"""A move that is answered later than this counts as timed out, and with its whole time."""


async def live(stage: Stage, person: Person) -> None:
    """Live a player's evening."""
    life = _Life(stage, person)
    try:
        await life.live()
    finally:
        stage.busy.discard(person.number)
        stage.devices.pop(person.number, None)  # who has gone for good is not away
        life.witness.close()
        for phone in life.phones.values():
            phone.close()


class _Life:
    def __init__(self, stage: Stage, person: Person) -> None:
        assert isinstance(person.group, Players)
        self.group = person.group
        self.stage = stage
        self.person = person
        self.skilled = SKILLS[person.group.skill]
        self.fair_us = FAIR_US + round(1000 * PROFILES[person.network].round_trip_ms)
        self.random = chance(stage.seed, person.group.name, person.index, "moves")
        self.witness = PlayerWitness(
            person.number,
            on_run=stage.keep,
            on_rejected=self._rejected,
            on_lost=lambda _code: None,
            on_breach=lambda text: stage.violation("secrecy", text, person),
        )
        self.device = Device(stage, person, self.witness)
        self.phones: dict[str, Subscriber] = {}
        """What the phone shows, by whose standings they are."""
        self.calls = deque(
            (seat, heat) for seat in person.seats for heat in seat.heats.ids if stage.has_heats
        )
        """The heats that are still to come."""
        self.aside: Run | None = None
        """A run alone that was left for a heat."""
        self.is_held = False
        """Whether the newest move was due while the heat's clock stood."""

    async def live(self) -> None:
        """Come, play, stay."""
        stage, number = self.stage, self.person.number
        await stage.until(self.person.arrive_ms)
        if stage.over.is_set():
            return
        stage.busy.add(number)
        stage.devices[number] = self.device
        try:
            async with AsyncExitStack() as doors:
                player = await come_in(stage, self.device, lambda: self._enter(doors))
                if player is not None:
                    await self._evening(player)
        except ServerFault as fault:
            stage.violation("receipts", str(fault), self.person)
        except KnackClientError as failure:
            stage.tally.count("recover.failed")
            stage.tally.mark("client_faults", f"{type(failure).__name__}: {failure}"[:200])

    async def _enter(self, doors: AsyncExitStack) -> Player:
        name, stage = self.person.name, self.stage
        while True:
            player = Player(
                stage.address.socket,
                name,
                stage.event,
                random=self.device.waits,
                patience_s=PATIENCE_S,
                opener=self.device.open,
            )
            try:
                return await doors.enter_async_context(player)
            except Rejected as rejected:
                if rejected.code is not RejectCode.NAME_TAKEN or not rejected.detail:
                    raise
                name = rejected.detail  # an earlier crowd was here

    async def _evening(self, player: Player) -> None:
        if self.group.follows:
            await self._look_at_own_place(player, self.group.course)
        played = 0
        while not self.stage.over.is_set():
            is_more = self.group.alone and (self.group.runs == 0 or played < self.group.runs)
            if self.calls and (self._is_called(player) or not is_more):
                await self._compete(player, *self.calls.popleft())
                continue
            if not is_more:
                break
            if played == 0 and self.group.go_at_ms is not None:
                await self._rest(player, self.group.go_at_ms)
            elif played:
                await self._rest(player, self.stage.now_us() // 1000 + self.group.gap_ms)
            if not self.stage.over.is_set() and not self._is_called(player):
                await self._play_alone(player)
                played += 1
        self.stage.busy.discard(self.person.number)
        await self.stage.curtain.wait()

    def _is_called(self, player: Player) -> bool:
        """Tell whether the lobby of this player's next heat was opened; a run alone is put aside for it."""
        told = player.heats.get(HeatId(self.calls[0][1])) if self.calls else None
        return told is not None and told.phase in OPENED

    async def _rest(self, player: Player, until_ms: int) -> None:
        """Wait for a moment, until it is over, or until the next heat is called."""
        left_s = until_ms / 1000 - self.stage.now_us() / 1_000_000
        if self.calls and left_s > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await or_over(self.stage, player.heard_of(self.calls[0][1], OPENED))
        else:
            await self.stage.until(until_ms)

    async def _look_at_own_place(self, player: Player, listing: str) -> None:
        phone = Subscriber(
            self.stage, self.person, self.device, CourseName(listing), View.OWN, is_sampled=False
        )
        phone.player = player.id
        self.phones[listing] = self.stage.subscribers[self.person.number, listing] = phone
        await player.follow(phone)

    async def _compete(self, player: Player, seat: Seat, heat: str) -> None:
        run = await take_part(self.stage, self.person, player, seat, heat)
        if run is None:
            return
        losing = lose_line(self.stage, self.person, self.device, seat, heat)
        if self.group.follows:
            await self._look_at_own_place(player, heat)
        await self._play(player, run)
        if losing is not None:
            losing.cancel()
        if self.aside is not None and self.aside.is_over:
            self.stage.tally.count("runs.ended")
            self.aside = None
        again = seat.heats.rerun_of(heat)
        if again is not None and run.end is not None and run.end.reason is EndReason.VOIDED:
            self.calls.appendleft((seat, again))

    async def _play_alone(self, player: Player) -> None:
        self.aside = None
        await self._play(player, await player.start(self.group.course))

    async def _play(self, player: Player, run: Run) -> None:
        stage = self.stage
        await run.begun()
        stage.tally.count("runs.begun")
        stolen_us = await self._moves(run, lambda: not run.heat and self._is_called(player))
        stage.tally.time("stolen_time", stolen_us, self.group.skill)
        stage.tally.time(f"stolen_time|{self.person.network}", stolen_us)
        if not run.is_over and not run.heat and self._is_called(player):
            self.aside = run  # the heat's start ends it
            return
        if not run.is_over and stage.over.is_set() and stage.scenario.frame.ending == "abandon":
            await player.start(
                self.group.course
            )  # a run in play ends by that, and the new one scores nothing
        await run.ended()
        stage.tally.count("runs.ended")

    async def _moves(self, run: Run, is_put_aside: Callable[[], bool]) -> int:
        """Play until the run or the evening is over, or the run is put aside; return what was stolen from the clock, µs."""
        stage, stolen_us = self.stage, 0
        abandons = stage.scenario.frame.ending == "abandon"
        if self.skilled.idle == 1:
            await (stage.over.wait() if abandons else run.ended())
        is_go = bool(run.heat) or self.group.go_at_ms is not None
        begun_us = stage.now_us()
        due = pacing(self.group, self.skilled, self.random, begun_us, is_go=is_go)
        script = self._script(run)
        waiting_us: int | None = None  # when the next move is due, once that is drawn
        while not run.is_over and not (abandons and stage.over.is_set()) and not is_put_aside():
            if script is not None and script.is_over:
                await run.pause(LOOKS_UP_MS)
                continue
            chosen_us = stage.now_us()
            if script is None:
                swap = self.skilled.skill.choose(run.board, self.random)
                assert swap is not None, "the server shuffles a board without a legal swap"
                intended_us = due(chosen_us, run.locked_ms)
            else:
                intended_us = script.due_us(begun_us, chosen_us, run.locked_ms)
                swap = script.choose(run.board, self.skilled.skill, self.random, stage.tally)
            await run.pause((intended_us - chosen_us) / 1000)
            woken_us = stage.now_us()
            intended_us = min(intended_us, woken_us)  # a timer may fire a fraction of a millisecond early
            overslept_us = woken_us - max(intended_us, chosen_us)
            self.is_held = run.is_waiting
            await run.unlocked()
            if run.is_over or run.remaining_ms == 0 or is_put_aside():
                break
            waiting_us = intended_us
            if abandons and stage.over.is_set():
                break
            stolen_us += await self._move(run, swap, intended_us, overslept_us)
            waiting_us = None
        if abandons and stage.over.is_set() and not run.is_over and script is None:
            self._give_up(due(stage.now_us(), 0) if waiting_us is None else waiting_us, due)
        return stolen_us

    def _give_up(self, intended_us: int, due: Due) -> None:
        """Write down the moves of a schedule that were due before the end and are not made: a stall leaves several."""
        if self.group.pacing != "metronome":
            return  # who thinks after each answer was held up in the move before
        stage, now_us = self.stage, self.stage.now_us()
        end_us = min(now_us, stage.scenario.frame.duration_ms * 1000)
        while intended_us <= end_us:
            stage.tally.count("moves.offered")
            stage.tally.time("move_ack", now_us - intended_us)
            intended_us = due(now_us, 0)

    def _script(self, run: Run) -> Script | None:
        """Return what this player does again in this run; None who does as the skill says."""
        if not self.stage.scenario.frame.recorded:
            return None
        return self.stage.scripts.get(self.person.number, Scripts()).begin(run.heat)

    async def _move(self, run: Run, swap: Swap, intended_us: int, overslept_us: int) -> int:
        """Make a move, however often it takes; return by how much its answer was late beyond what is fair, µs."""
        stage, tally = self.stage, self.stage.tally
        tally.count("moves.offered")
        lag_us = overslept_us - stage.now_us()
        outcome: Outcome | None = None
        try:
            while outcome is None:
                try:
                    outcome = await run.move(*swap)
                except RunOver:
                    return 0
                except Rejected as rejected:
                    if not rejected.may_retry:
                        raise
                    await asyncio.sleep(max(rejected.wait_ms, RETRY_MS) / 1000)
        finally:
            stolen_us = self._timed(intended_us, lag_us, is_answered=outcome is not None)
        tally.count("moves.achieved")
        if outcome.verdict is Verdict.ILLEGAL:
            tally.count("moves.illegal")
        else:
            self._acknowledged(run, intended_us)
        return stolen_us

    def _timed(self, intended_us: int, lag_us: int, *, is_answered: bool) -> int:
        """Write down what a move took, answered or given up, but not one that the end of its run overtook.

        Returns by how much the answer was late beyond what is fair, µs; nothing where the scenario itself cut the line.
        """
        stage, move = self.stage, self.witness.move
        if move is None or move.outcome in {"rejected_late", "rejected_over"}:
            return 0
        heard_us = stage.since_start_us(move.heard_ns) if is_answered else stage.now_us()
        took_us, sent_us = heard_us - intended_us, stage.since_start_us(move.sent_ns)
        if self._is_cut(intended_us):
            stage.tally.time("move_cut", took_us)
            return 0
        stage.tally.time("move_ack", took_us)
        if took_us > TIMEOUT_US:
            stage.tally.count("move_timeout")
        if is_answered:
            stage.tally.time("move_service", (move.heard_ns - move.sent_ns) / 1000)
            stage.tally.time("send_lag", lag_us + sent_us)
        return max(took_us - self.fair_us, 0)

    def _is_cut(self, intended_us: int) -> bool:
        """Tell whether the scenario itself kept a move up that was due then: no line, or a heat that waits for all to return."""
        return self.is_held or self.device.was_cut_since(intended_us)

    def _acknowledged(self, run: Run, intended_us: int) -> None:
        stage, move = self.stage, self.witness.move
        assert move is not None, "a move was just answered"
        epoch, version = run.shown_by
        heard_us = stage.since_start_us(move.heard_ns)
        if not self._is_cut(intended_us):
            stage.acked.append((run.listing, epoch, version, intended_us, heard_us, run.id))
        phone = self.phones.get(run.listing)
        if phone is not None and move.outcome == records.OK:
            phone.acknowledged(epoch, version, run.score)

    def _rejected(self, name: str) -> None:
        self.stage.tally.mark("rejects", name)
        self.stage.tally.count("honest.rejected")
