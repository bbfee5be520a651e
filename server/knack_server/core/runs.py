"""Runs in play: countdown, T0, and what becomes of a run whose player or server goes away.

The same for solo runs and for those of a heat; how a run comes to be is the business of `solo` and `heats`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from knack_protocol.proof.seeds import Scope, client_public, player_seed, seed
from knack_protocol.rules.course import COURSES
from knack_protocol.rules.log import ConnectionKind, EndReason, LoggedEvent, h0
from knack_protocol.rules.run import Run
from knack_protocol.wire.limits import COUNTDOWN_PING_EVERY_MS
from knack_protocol.wire.messages import Begin, Ended, Resumed
from knack_protocol.wire.messages import Phase as WirePhase
from knack_server.core.entry import Entry, RunState
from knack_server.core.facts import RunBegun, RunEnded, RunLogged
from knack_server.core.instant import Instant
from knack_server.core.play import AWAY_MAX_MS, Phase, Play
from knack_server.core.player import LastEnded, Player

if TYPE_CHECKING:
    from collections.abc import Iterable

    from knack_server.core.floor import Floor
    from knack_server.core.peer import Peer

DRAW_AHEAD_AFTER_MS = 250
"""After a level has begun its follower's first board is drawn, when the move that began it has long been answered."""

PING_PAYLOAD_BYTES = 8
"""A pong cannot be sent before its ping has come: nobody guesses 64 random bits."""


class Runs:
    """The life of runs from their start to their END, outside their moves."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self.when_ended: Callable[[Entry, Instant], None] = lambda _entry, _now: None
        """Told of every run that has ended; a heat is over with its last one."""

    def take_up(self, entry: Entry) -> None:
        """Enter a committed run into its event."""
        event, player = entry.player.event, entry.player
        event.runs[entry.run] = entry
        if entry.heat:
            event.heats[entry.heat].runs[player.id] = entry
        else:
            player.prepared[entry.course] = entry.run

    def set_up(self, entry: Entry, nonce: bytes, t0: Instant) -> Play:
        """Turn a started run into a play that waits for its T0."""
        play = Play(entry, entry.player, COURSES[entry.course], nonce, t0)
        entry.play = entry.player.play = entry.player.event.plays[entry.run] = play
        return play

    def note_start(self, entry: Entry) -> None:
        """Count a run as started: it cannot be started again, and the desk sees it from now on."""
        entry.state = RunState.STARTED
        if not entry.heat:
            entry.player.forget_prepared(entry.course)
            entry.player.runs_started_count += 1
        entry.player.event.add_started(entry)

    def open_run(self, play: Play, grace_ms: int) -> Run:
        """Deal the first board: the run is in play from its T0 on."""
        play.grace_ms = grace_ms
        play.run = self.fresh_run(play.entry, play.nonce, grace_ms)
        play.entry.state = RunState.IN_PLAY
        return play.run

    def fresh_run(self, entry: Entry, nonce: bytes, grace_ms: int) -> Run:
        """Return a started run as it stood at its T0."""
        source, event = self._floor.tile_source, entry.player.event.id
        heat = entry.player.event.heats.get(entry.heat)
        name = entry.heat or entry.run  # a solo run is a heat of its own
        public = client_public(nonce) if heat is None else heat.public
        run_seed = seed(source.server_seed(event, name), event, name, public)
        own_seed = None
        if heat is not None and heat.scope is Scope.PLAYER:
            own_seed = player_seed(run_seed, entry.player.id)
        start = h0(
            event,
            name,
            entry.player.id,
            entry.commit,
            self._floor.rules_hash,
            entry.started_unix_ms,
            grace_ms,
        )
        return Run(COURSES[entry.course], source.tiles(entry.run, run_seed, own_seed), start, grace_ms)

    def pong(self, peer: Peer, payload: bytes, now: Instant) -> None:
        """Note a round trip of the countdown; any other pong means nothing here."""
        play = peer.player.play if peer.player else None
        if play is None or play.phase is not Phase.COUNTDOWN or now.ms >= play.zero_ms:
            return
        connection, sent_ms = play.pings.pop(payload, (None, 0))
        if connection == peer.connection:
            play.round_trips_ms.append(now.ms - sent_ms)

    def player_back(self, player: Player, now: Instant, *, replaced: bool) -> None:
        """Tell a player who came back where the run stands, or how the one that ended meanwhile ended."""
        peer, play = player.peer, player.play
        assert peer is not None
        if play is None:
            self._tell_ended(player)
            return
        if play.phase is Phase.AWAY:
            if not play.entry.heat:  # a heat goes on for all at once
                self.go_on(play, now)
        elif play.phase is Phase.PLAYING:
            kind = ConnectionKind.REPLACED if replaced else ConnectionKind.RESUMED
            self.log(play, play.live_run().connection(play.clock_ms(now), kind))
        if play.phase is Phase.COUNTDOWN:
            play.round_trips_ms.clear()  # another line now
        self.tell_state(play, now)

    def tell_state(self, play: Play, now: Instant) -> None:
        """Tell a player who is there all that a page needs to go on."""
        if play.player.peer is not None:
            self._floor.send(play.player.peer, self._resumed(play, now))

    def player_lost(self, player: Player, now: Instant) -> None:
        """Note in the log that the player of a run in play is away; the clock runs on."""
        play = player.play
        if play is not None and play.phase is Phase.PLAYING:
            self.log(play, play.live_run().connection(play.clock_ms(now), ConnectionKind.LOST))

    def stand_still(self, play: Play, clock_ms: int, now: Instant) -> None:
        """After a restart: let the clock stand until the player is back, at most 30 s."""
        play.phase = Phase.AWAY
        play.away_clock_ms = clock_ms
        if play.entry.heat:
            return  # a heat goes on for all at once

        def give_up_waiting(moment: Instant) -> None:
            if play.phase is Phase.AWAY and play.entry.play is play:
                self.go_on(play, moment)

        self._floor.timers.at(now.ms + AWAY_MAX_MS, give_up_waiting)

    def finish(self, play: Play, now: Instant, reason: EndReason) -> None:
        """End a run before its time: abandoned for another one, or voided."""
        run = play.run or self._open_now(play, 0)
        self.log(play, run.finish(max(play.clock_ms(now), 0), reason))
        self.ended(play, now)

    def log(self, play: Play, events: Iterable[LoggedEvent]) -> None:
        """Record what a run wrote into its log."""
        for event in events:
            self._floor.record(RunLogged(play.entry.run, event.seq, event.payload, event.hash))

    def ended(self, play: Play, now: Instant) -> None:
        """Close a run whose END is written: result, standing, and a word to its player."""
        entry, player, run = play.entry, play.player, play.live_run()
        event, end = player.event, run.end
        assert end is not None
        entry.end_reason = end.reason
        player.play = None
        self.note_score(play)
        event.end(entry)
        self._floor.record(
            RunEnded(entry.run, entry.score, entry.scored_at_ms, entry.moves, end.reason, now.unix_ms)
        )
        if not entry.heat:
            event.just_ended[entry.run] = (run.seq, run.head)
        player.last_ended = LastEnded(entry, run.seq, run.head, end.t)
        self._tell_ended(player)
        self._floor.results.append(player)
        self.when_ended(entry, now)

    def note_score(self, play: Play) -> None:
        """Carry a run's score over to its entry and into the standings."""
        entry, run = play.entry, play.live_run()
        entry.score, entry.scored_at_ms, entry.moves = run.score, run.scored_at_ms, run.moves
        play.player.event.stand(entry)

    def watch_clock(self, play: Play) -> None:
        """End the run by the server's own timer at its deadline and grace, if no move has moved the deadline."""
        deadline_ms = play.live_run().deadline_ms

        def expire(moment: Instant) -> None:
            run = play.live_run()
            if (
                play.entry.play is not play
                or run.deadline_ms != deadline_ms
                or play.phase is not Phase.PLAYING
            ):
                return
            if play.clock_ms(moment) < deadline_ms + play.grace_ms:
                self.watch_clock(play)  # the server was away meanwhile and the clock stood
                return
            self.log(play, run.expire())
            self.ended(play, moment)

        self._floor.timers.at(play.zero_ms + deadline_ms + play.grace_ms, expire)

    def draw_ahead(self, play: Play, now: Instant) -> None:
        """Have the next level's first board drawn soon, off the move's way."""
        run = play.live_run()
        self._floor.timers.at(now.ms + DRAW_AHEAD_AFTER_MS, lambda _moment: run.draw_ahead())

    def ping(self, play: Play, now: Instant) -> None:
        """Measure the player's line, now and again until T0."""
        if play.entry.play is not play or play.phase is not Phase.COUNTDOWN or now.ms >= play.zero_ms:
            return
        if play.player.peer is not None:
            payload = self._floor.entropy(PING_PAYLOAD_BYTES)
            play.pings[payload] = (play.player.peer.connection, now.ms)
            self._floor.ping(play.player.peer, payload)
        self._floor.timers.at(now.ms + COUNTDOWN_PING_EVERY_MS, lambda moment: self.ping(play, moment))

    def begin(self, play: Play, now: Instant) -> None:
        """Put a run in play, because its T0 has come; not a byte of its first board left earlier."""
        if play.entry.play is not play or play.phase is not Phase.COUNTDOWN:
            return
        grace_ms = play.measured_grace_ms()
        run = self._open_now(play, grace_ms)
        play.phase = Phase.PLAYING
        self.watch_clock(play)
        self.draw_ahead(play, now)
        play.player.event.feeds[play.entry.listing].touch()
        if play.player.peer is None:
            self.log(play, run.connection(0, ConnectionKind.LOST))
        else:
            self._floor.send(
                play.player.peer,
                Begin(
                    play.entry.run,
                    play.entry.course,
                    grace_ms,
                    play.t0_unix_ms,
                    play.entry.commit,
                    run.head,
                    run.level,
                    play.course.levels[run.level].goal,
                    play.course.levels[run.level].time_ms,
                    run.board.symbols,
                ),
            )

    def _open_now(self, play: Play, grace_ms: int) -> Run:
        self._floor.record(RunBegun(play.entry.run, grace_ms))
        return self.open_run(play, grace_ms)

    def go_on(self, play: Play, now: Instant) -> None:
        """Let the clock of a run go on after a restart, and say in the log where."""
        run = play.run or self._open_now(play, 0)  # T0 may have come and gone while the server was away
        play.phase = Phase.PLAYING
        play.zero_ms = now.ms - play.away_clock_ms
        self.log(play, run.connection(play.away_clock_ms, ConnectionKind.SERVER_AWAY))
        if play.player.peer is None:
            self.log(play, run.connection(play.away_clock_ms, ConnectionKind.LOST))
        self.watch_clock(play)
        self.draw_ahead(play, now)

    def _resumed(self, play: Play, now: Instant) -> Resumed:
        entry, run = play.entry, play.run
        if run is None:
            return Resumed(
                entry.run, entry.course, WirePhase.COUNTDOWN, min(play.clock_ms(now), 0), 0, bytes(32), 0, 0,
                play.course.levels[0].goal, play.course.levels[0].time_ms, 0, 0, 0, b"", 0, play.t0_unix_ms, 0, None,
            )  # fmt: skip
        level = play.course.levels[run.level]
        phase = WirePhase.WAITING if play.phase is Phase.AWAY else WirePhase.PLAYING
        return Resumed(
            entry.run, entry.course, phase, play.clock_ms(now), run.seq, run.head, run.level,
            run.level_start_ms, level.goal, level.time_ms, run.score, run.level_points, run.lock_end_ms,
            run.board.symbols, play.grace_ms, play.t0_unix_ms, run.moves, play.last_reply,
        )  # fmt: skip

    def _tell_ended(self, player: Player) -> None:
        """Tell how the player's last run ended; said again after every reconnect, since nobody knows what got lost."""
        last, peer = player.last_ended, player.peer
        if last is None or peer is None:
            return
        entry, feed = last.entry, player.event.feeds[last.entry.listing]
        assert entry.end_reason is not None
        rank = player.event.rank(entry.listing, player.id)
        self._floor.send(
            peer,
            Ended(
                entry.run, entry.course, last.seq, last.head, EndReason(entry.end_reason), last.t_ms, entry.score, entry.moves,
                rank, feed.epoch, feed.next_version,
            ),
        )  # fmt: skip
