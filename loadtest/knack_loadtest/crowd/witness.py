"""Sees all that a player's device says and hears, and writes its runs down; what the client itself believes is not asked.

A move is *invoked* when its command is written. It is *ok* or *illegal* when MOVED says so, *rejected* when REJECT does, and
*unknown* when the line ends before either. RESUMED on the next line settles an unknown one: its `last` is the reply that
was lost, or it is not, and then the move never counted. What no RESUMED settles stays unknown, and may be in the record.
"""

from collections.abc import Callable
from typing import Final

from knack_loadtest.crowd import records
from knack_loadtest.crowd.records import Move, RunRecord
from knack_protocol.ids import PlayerId
from knack_protocol.wire import messages as wire
from knack_protocol.wire.codes import REJECTS, RejectCode
from knack_protocol.wire.messages import Command, MoveVerdict, Phase, Push, Reply

PLAY_BRINGS: Final = frozenset(
    {
        RejectCode.LATE,  # the last move of a run comes after its time
        RejectCode.OVER,
        RejectCode.TOO_SOON,  # the server spreads returns, and says when
        RejectCode.UNKNOWN_FEED,  # the reference client asks for what it knows not to be there, to hear the server out
        RejectCode.ALREADY_STARTED,  # a start whose answer was lost is sent again
        RejectCode.HEAT_CLOSED,  # who comes too late for a lobby; whether it was too late is the oracle's to say
        RejectCode.NOT_RECORDING,
    }
)
"""Refusals that honest people meet in the course of play."""

_NAMES: Final = {int(row.code): row.name for row in REJECTS}


def digits(board: bytes) -> str:
    """Return a board as 64 digits."""
    return "".join(map(str, board))


def reject_name(code: int) -> str:
    """Return a reject's name, or its number when the table does not know it."""
    return _NAMES.get(code, str(code))


class PlayerWitness:
    """The witness of one player.

    Args:
        person: The person's number in the plan.
        on_run: Given every run as soon as nothing more can be heard of it.
        on_rejected: Told the name of every refusal that play itself does not bring.
        on_lost: Told the close code when a line ends.
        on_breach: Told what was heard that this player must not hear.
    """

    def __init__(
        self,
        person: int,
        on_run: Callable[[RunRecord], None],
        on_rejected: Callable[[str], None],
        on_lost: Callable[[int], None],
        on_breach: Callable[[str], None],
    ) -> None:
        self.move: Move | None = None
        """The newest move."""
        self._person = person
        self._on_run = on_run
        self._on_rejected = on_rejected
        self._on_lost = on_lost
        self._on_breach = on_breach
        self._event = ""
        self._player = PlayerId("")
        self._runs: dict[str, RunRecord] = {}
        self._over: set[str] = set()
        self._asked: dict[int, Move] = {}
        self._unsettled: dict[str, Move] = {}

    def sent(self, command: Command, at_ns: int) -> None:
        """Note a nonce, or a move that was invoked."""
        match command:
            case wire.Start() if command.run in self._runs and not self._runs[command.run].nonce:
                self._runs[command.run].nonce = command.nonce.hex()  # a second one is refused
            case wire.Move() if command.run in self._runs:
                self.move = move = Move(command.seq, command.cell, command.direction, at_ns)
                self._runs[command.run].moves.append(move)
                self._asked[command.req] = move
                self._unsettled[command.run] = move
            case _:
                pass

    def heard(self, message: Reply | Push, at_ns: int) -> None:
        """Note what belongs to a run of this player's, and what should not have come."""
        match message:
            case wire.Welcome():
                self._event, self._player = message.event, message.player or self._player
            case wire.Joined():
                self._player = message.player
            case wire.Heat() if message.run and message.run not in self._over:
                record = RunRecord(message.run, message.course, message.commit.hex(), message.heat)
                self._runs.setdefault(message.run, record)
            case wire.Prepared():
                record = RunRecord(message.run, message.course, message.commit.hex())
                self._runs.setdefault(message.run, record)
            case wire.Moved():
                self._answered(message, at_ns)
            case wire.Reject():
                self._rejected(message, at_ns)
            case wire.Ended() if message.run in self._over:
                pass  # said once more after every return
            case wire.Begin() | wire.Resumed() | wire.Ended() if message.run not in self._runs:
                self._on_breach(
                    f"{type(message).__name__.upper()} of {message.run}, which is not this player's"
                )
            case wire.Begin():
                self._begun(self._runs[message.run], message, at_ns)
            case wire.Resumed():
                self._resumed(self._runs[message.run], message, at_ns)
            case wire.Ended():
                self._ended(message)
            case _:
                pass

    def lost(self, code: int) -> None:
        """Leave what was under way unknown."""
        self._asked.clear()
        self._on_lost(code)

    def close(self) -> None:
        """Hand over the runs whose end was never heard."""
        for record in self._runs.values():
            if record.t0_unix_ms is not None:
                self._on_run(record)
        self._runs.clear()

    def _begun(self, record: RunRecord, begin: wire.Begin, at_ns: int) -> None:
        record.event, record.player, record.person = self._event, self._player, self._person
        record.t0_unix_ms, record.grace_ms = begin.t0_unix_ms, begin.grace_ms
        record.h0 = record.heads[0] = begin.head.hex()
        record.begun_ns, record.board = at_ns, digits(begin.board)

    def _answered(self, moved: wire.Moved, at_ns: int) -> None:
        move = self._asked.pop(moved.req, None)
        if move is None or moved.run not in self._runs:
            self._on_breach(f"MOVED of {moved.run}, which nobody asked for")
            return
        self._settle(self._runs[moved.run], move, moved, at_ns)

    def _settle(self, record: RunRecord, move: Move, moved: wire.Moved, at_ns: int) -> None:
        self._unsettled.pop(record.run, None)
        move.heard_ns = at_ns
        move.outcome = records.OK if moved.verdict is MoveVerdict.OK else records.ILLEGAL
        move.t_arr, move.t_eff = moved.t_arr, moved.t_eff
        move.points, move.score, move.steps = moved.points, moved.score, len(moved.steps)
        move.end_seq, move.end_head = moved.seq, moved.head.hex()
        record.heads[moved.seq] = move.end_head

    def _rejected(self, reject: wire.Reject, at_ns: int) -> None:
        name = reject_name(reject.code)
        move = self._asked.pop(reject.req, None)
        if move is not None:
            move.heard_ns, move.outcome = at_ns, f"rejected_{name}"
        if reject.code not in PLAY_BRINGS:
            self._on_rejected(name)

    def _resumed(self, record: RunRecord, resumed: wire.Resumed, at_ns: int) -> None:
        if resumed.board and resumed.phase is Phase.COUNTDOWN:
            self._on_breach(f"a board of {record.run} in its countdown")
        if record.t0_unix_ms is None and resumed.board:  # BEGIN was lost with the line
            record.event, record.player, record.person = self._event, self._player, self._person
            record.t0_unix_ms, record.grace_ms = resumed.t0_unix_ms, resumed.grace_ms
        if resumed.board:  # before T0 there is no chain yet
            record.heads[resumed.seq] = resumed.head.hex()
        move = self._unsettled.pop(record.run, None)
        if move is None or move.outcome != records.UNKNOWN:
            return
        if resumed.last is not None and resumed.last.seq >= move.seq:
            self._settle(record, move, resumed.last, at_ns)
        else:
            move.heard_ns, move.outcome = at_ns, "rejected_never_came"

    def _ended(self, ended: wire.Ended) -> None:
        record = self._runs.pop(ended.run)
        self._over.add(ended.run)
        record.end = {
            "seq": ended.seq,
            "head": ended.head.hex(),
            "reason": int(ended.reason),
            "t": ended.t,
            "score": ended.score,
            "moves": ended.moves,
        }
        record.heads[ended.seq] = ended.head.hex()
        if record.t0_unix_ms is not None:
            self._on_run(record)


class Bystander:
    """The witness of somebody who plays no run: a watcher, or a moderator.

    Args:
        on_rejected: Told the name of every refusal.
        on_lost: Told the close code when a line ends.
        on_breach: Told what was heard that this role must not hear.
    """

    def __init__(
        self,
        on_rejected: Callable[[str], None],
        on_lost: Callable[[int], None],
        on_breach: Callable[[str], None],
    ) -> None:
        self.heard_ns = 0
        """When the bytes came that are being handled."""
        self._on_rejected = on_rejected
        self._on_lost = on_lost
        self._on_breach = on_breach

    def sent(self, command: Command, at_ns: int) -> None:
        """See a command."""

    def heard(self, message: Reply | Push, at_ns: int) -> None:
        """See a message; of somebody's run there must be none."""
        self.heard_ns = at_ns
        if isinstance(message, wire.Reject):
            if message.code not in PLAY_BRINGS:
                self._on_rejected(reject_name(message.code))
        elif isinstance(message, _OF_A_RUN):
            self._on_breach(f"{type(message).__name__.upper()} on a line that plays no run")

    def lost(self, code: int) -> None:
        """See that the line has ended."""
        self._on_lost(code)


_OF_A_RUN: Final = (
    wire.Begin,
    wire.Resumed,
    wire.Ended,
    wire.Moved,
    wire.Prepared,
    wire.Started,
    wire.Joined,
)
