"""Solo runs: the server commits to a seed, the device chooses its nonce, the countdown begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knack_protocol.ids import RunId
from knack_protocol.proof.seeds import Scope, commit
from knack_protocol.rules.course import COURSES
from knack_protocol.rules.log import EndReason
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.limits import COUNTDOWN_MS
from knack_protocol.wire.messages import Prepare, Prepared, Start, Started
from knack_server.core.entry import Entry, RunState
from knack_server.core.facts import OPEN_PLAY, RunPrepared, RunStarted
from knack_server.core.floor import Refused, own_entry
from knack_server.core.instant import Instant
from knack_server.core.play import Phase

if TYPE_CHECKING:
    from knack_server.core.floor import Floor
    from knack_server.core.peer import Peer
    from knack_server.core.runs import Runs


class Solo:
    """How solo runs come to be."""

    def __init__(self, floor: Floor, runs: Runs) -> None:
        self._floor = floor
        self._runs = runs

    def prepare(self, peer: Peer, command: Prepare, now: Instant) -> Refused | None:
        """Commit to the seed of a run, before the device has chosen its nonce."""
        player, event, floor = peer.player, peer.event, self._floor
        if player is None or event is None:
            return Refused(RejectCode.NOT_JOINED)
        if event.has_ended:
            return Refused(RejectCode.CLOSED_EVENT)
        course = COURSES.get(command.course)
        if course is None:
            return Refused(RejectCode.UNKNOWN_COURSE)
        if event.runs_max is not None and player.runs_started_count >= event.runs_max:
            return Refused(RejectCode.NO_RUNS_LEFT)
        known = player.prepared.get(course.name)
        if known is None:
            known = RunId(floor.draw_id("run-"))
            server_seed = floor.tile_source.server_seed(event.id, known)
            bound = commit(event.id, known, course.name, Scope.HEAT, floor.rules_hash, server_seed)
            self._runs.take_up(Entry(known, player, course.name, bound, OPEN_PLAY))
            floor.record(RunPrepared(known, event.id, player.id, course.name, OPEN_PLAY, bound, now.unix_ms))
        floor.send(peer, Prepared(command.req, known, course.name, event.runs[known].commit))
        return None

    def start(self, peer: Peer, command: Start, now: Instant) -> Refused | None:
        """Take the device's nonce and begin the countdown; a run still in play is abandoned by it."""
        entry = own_entry(peer, command.run)
        if isinstance(entry, Refused):
            return entry
        player, event = entry.player, entry.player.event
        if entry.state is not RunState.PREPARED:
            return Refused(RejectCode.ALREADY_STARTED)
        if event.has_ended:  # its seed has been revealed
            return Refused(RejectCode.CLOSED_EVENT)
        if event.runs_max is not None and player.runs_started_count >= event.runs_max:
            return Refused(RejectCode.NO_RUNS_LEFT)
        if player.play is not None:
            if player.play.phase is Phase.COUNTDOWN:
                return Refused(RejectCode.TOO_SOON, wait_ms=player.play.zero_ms - now.ms)
            self._runs.finish(player.play, now, EndReason.ABANDONED)
        t0 = Instant(now.ms + COUNTDOWN_MS, now.unix_ms + COUNTDOWN_MS)
        self._floor.record(RunStarted(entry.run, command.nonce, t0.unix_ms, now.unix_ms))
        entry.started_unix_ms = t0.unix_ms
        self._runs.note_start(entry)
        play = self._runs.set_up(entry, command.nonce, t0)
        self._runs.ping(play, now)
        self._floor.timers.at(t0.ms, lambda moment: self._runs.begin(play, moment))
        self._floor.send(peer, Started(command.req, entry.run, t0.unix_ms, COUNTDOWN_MS))
        return None
