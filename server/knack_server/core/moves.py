"""The way of a move through the core: find the run, check the frame's place in the chain, apply, answer.

The verdicts are tried in the order of rules, section 6: malformed, over, out of order, late, early, illegal, ok. The
first is the codec's, the next two are decided here, the rest by `rules.run`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from knack_protocol.rules.numbers import EARLY_TOLERANCE_MS
from knack_protocol.rules.run import Outcome, Verdict
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Level, Move, Moved, MoveVerdict
from knack_server.core.entry import RunState
from knack_server.core.floor import Refused, own_entry
from knack_server.core.play import Phase, Play

if TYPE_CHECKING:
    from knack_server.core.floor import Floor
    from knack_server.core.instant import Instant
    from knack_server.core.peer import Peer
    from knack_server.core.runs import Runs

HEAD_BYTES = 8
"""How much of the chain's last hash a move names."""


class Moves:
    """Applies moves to runs."""

    def __init__(self, floor: Floor, runs: Runs) -> None:
        self._floor = floor
        self._runs = runs

    def move(self, peer: Peer, command: Move, now: Instant) -> Refused | None:
        """Play one move, or say why not; a refused one leaves no trace and may come again."""
        entry = own_entry(peer, command.run)
        if isinstance(entry, Refused):
            return entry
        play = entry.play
        if play is None:
            return Refused(RejectCode.OVER if entry.state is RunState.ENDED else RejectCode.OUT_OF_ORDER)
        if play.last_reply is not None and play.made_last_move(command):
            self._floor.send(peer, replace(play.last_reply, req=command.req))
            return None
        if play.phase is not Phase.PLAYING:
            return Refused(RejectCode.OUT_OF_ORDER)
        run = play.live_run()
        if command.seq != run.seq + 1 or command.head != run.head[:HEAD_BYTES]:
            return Refused(RejectCode.OUT_OF_ORDER)
        outcome = run.move(play.clock_ms(now), command.cell, command.direction)
        return self._answer(peer, play, command, outcome, now)

    def _answer(
        self, peer: Peer, play: Play, command: Move, outcome: Outcome, now: Instant
    ) -> Refused | None:
        self._runs.log(play, outcome.events)
        match outcome.verdict:
            case Verdict.LATE:
                self._runs.ended(play, now)
                return Refused(RejectCode.LATE)
            case Verdict.OVER:
                return Refused(RejectCode.OVER)
            case Verdict.EARLY:
                wait_ms = outcome.lock_end_ms - EARLY_TOLERANCE_MS - (play.clock_ms(now) - play.grace_ms)
                return Refused(RejectCode.EARLY, wait_ms=wait_ms)
            case Verdict.OK:
                self._runs.note_score(play)
            case Verdict.ILLEGAL:
                pass
        self._floor.send(peer, keep_answer(play, command, outcome))
        if play.live_run().end is not None:
            self._runs.ended(play, now)
        elif outcome.level is not None:
            self._runs.watch_clock(play)
            self._runs.draw_ahead(play, now)
        return None


def keep_answer(play: Play, command: Move, outcome: Outcome) -> Moved:
    """Make the reply to a recorded move, and keep it for the same frame to be answered again."""
    play.last_frame = (command.seq, command.head, command.cell, command.direction)
    play.last_reply = _moved(play, command, outcome)
    return play.last_reply


def _moved(play: Play, command: Move, outcome: Outcome) -> Moved:
    run, level = play.live_run(), outcome.level
    feed = play.player.event.feeds[play.entry.listing]
    return Moved(
        command.req,
        play.entry.run,
        MoveVerdict(outcome.verdict),
        run.seq,
        run.head,
        outcome.t_arr,
        outcome.t_eff,
        outcome.lock_end_ms,
        outcome.points,
        outcome.score,
        outcome.steps,
        outcome.shuffle.symbols if outcome.shuffle is not None else None,
        Level(level.level, level.start_ms, level.goal, level.time_ms, level.bonus, level.board.symbols)
        if level is not None
        else None,
        feed.epoch,
        feed.next_version,
    )
