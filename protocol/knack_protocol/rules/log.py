"""The log of a run: six events, their bytes, and the chain that no event can leave or enter (RULES.md, section 7)."""

import hashlib
import struct
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from knack_protocol.ids import EventId, PlayerId
from knack_protocol.rules.board import Board
from knack_protocol.rules.hashing import lp, tagged

_RUN: Final = tagged("run")
_EVENT: Final = tagged("ev")
_BOARD: Final = tagged("board")


class LogError(Exception):
    """A stored log is not what a run under these rules writes."""


class LogMalformed(LogError):
    """Bytes that are no event at all."""


class EventKind(IntEnum):
    """The first byte of every event."""

    MOVE = 1
    ILLEGAL = 2
    SHUFFLE = 3
    CONNECTION = 4
    END = 5
    LEVEL = 6


class ConnectionKind(IntEnum):
    """What happened to a player's connection."""

    LOST = 0
    RESUMED = 1
    REPLACED = 2
    SERVER_AWAY = 3


class EndReason(IntEnum):
    """Why a run ended."""

    TIME = 0
    COURSE_DONE = 1
    ABANDONED = 2
    VOIDED = 3


class LoggedEvent(NamedTuple):
    """An event as it is stored: its number (from 1), its bytes, and the chain's hash after it."""

    seq: int
    payload: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class MoveEvent:
    """A legal swap, resolved; `points` and `score` are without a level's bonus, `board8` is after the resolve."""

    seq: int
    t_arr: int
    t_eff: int
    cell: int
    direction: int
    steps: int
    points: int
    score: int
    board8: bytes


@dataclass(frozen=True, slots=True)
class IllegalEvent:
    """A swap that swung back."""

    seq: int
    t_arr: int
    t_eff: int
    cell: int
    direction: int


@dataclass(frozen=True, slots=True)
class ShuffleEvent:
    """A dead board exchanged: the run's z-th shuffle (from 0), at 1000 and more attempts a rescue board."""

    seq: int
    z: int
    attempt: int
    board8: bytes


@dataclass(frozen=True, slots=True)
class ConnectionEvent:
    """A player's connection lost, resumed or replaced, or the server away until `t`."""

    seq: int
    t: int
    kind: ConnectionKind


@dataclass(frozen=True, slots=True)
class EndEvent:
    """The last event of a run; `moves` counts the legal ones."""

    seq: int
    t: int
    reason: EndReason
    score: int
    moves: int


@dataclass(frozen=True, slots=True)
class LevelEvent:
    """A new level, starting at `t`; `bonus` is for the time left in the one before, `score` has it."""

    seq: int
    t: int
    level: int
    bonus: int
    score: int
    board8: bytes


Event = MoveEvent | IllegalEvent | ShuffleEvent | ConnectionEvent | EndEvent | LevelEvent

_MOVE: Final = Struct(">BIIIBBHII8s")
_ILLEGAL: Final = Struct(">BIIIBB")
_SHUFFLE: Final = Struct(">BIII8s")
_CONNECTION: Final = Struct(">BIIB")
_END: Final = Struct(">BIIBII")
_LEVEL: Final = Struct(">BIIBII8s")
_COUNTS: Final = Struct(">9I")


def move(
    seq: int,
    t_arr: int,
    t_eff: int,
    cell: int,
    direction: int,
    steps: int,
    points: int,
    score: int,
    board8: bytes,
) -> bytes:
    """Return the 33 bytes of a MOVE."""
    return _MOVE.pack(1, seq, t_arr, t_eff, cell, direction, steps, points, score, board8)


def illegal(seq: int, t_arr: int, t_eff: int, cell: int, direction: int) -> bytes:
    """Return the 15 bytes of an ILLEGAL."""
    return _ILLEGAL.pack(2, seq, t_arr, t_eff, cell, direction)


def shuffle(seq: int, z: int, attempt: int, board8: bytes) -> bytes:
    """Return the 21 bytes of a SHUFFLE."""
    return _SHUFFLE.pack(3, seq, z, attempt, board8)


def connection(seq: int, t: int, kind: ConnectionKind) -> bytes:
    """Return the 10 bytes of a CONNECTION."""
    return _CONNECTION.pack(4, seq, t, kind)


def end(seq: int, t: int, reason: EndReason, score: int, moves: int) -> bytes:
    """Return the 18 bytes of an END."""
    return _END.pack(5, seq, t, reason, score, moves)


def level(seq: int, t: int, number: int, bonus: int, score: int, board8: bytes) -> bytes:
    """Return the 26 bytes of a LEVEL."""
    return _LEVEL.pack(6, seq, t, number, bonus, score, board8)


def decode(payload: bytes) -> Event:
    """Return the event that these bytes are.

    Raises:
        LogMalformed: an unknown kind, a wrong length, a reason or a kind of connection that does not exist.
    """
    try:
        match payload[0]:
            case EventKind.MOVE:
                return MoveEvent(*_MOVE.unpack(payload)[1:])
            case EventKind.ILLEGAL:
                return IllegalEvent(*_ILLEGAL.unpack(payload)[1:])
            case EventKind.SHUFFLE:
                return ShuffleEvent(*_SHUFFLE.unpack(payload)[1:])
            case EventKind.CONNECTION:
                _, seq, t, kind = _CONNECTION.unpack(payload)
                return ConnectionEvent(seq, t, ConnectionKind(kind))
            case EventKind.END:
                _, seq, t, reason, score, moves = _END.unpack(payload)
                return EndEvent(seq, t, EndReason(reason), score, moves)
            case EventKind.LEVEL:
                return LevelEvent(*_LEVEL.unpack(payload)[1:])
            case unknown:
                raise LogMalformed(f"event of unknown kind {unknown}")
    except (struct.error, ValueError, IndexError) as broken:
        raise LogMalformed(f"not an event: {payload.hex()}") from broken


def board8(board: Board, drawn: list[int], shuffles: int) -> bytes:
    """Return the 8 bytes that pin a board, the tiles drawn per column in this level, and the run's shuffles so far."""
    return hashlib.sha256(_BOARD + board.symbols + _COUNTS.pack(*drawn, shuffles)).digest()[:8]


def chain(previous: bytes, payload: bytes) -> bytes:
    """Return the hash of a log that goes on from `previous` with this event."""
    return hashlib.sha256(_EVENT + previous + payload).digest()


def h0(
    event: EventId,
    heat: str,
    player: PlayerId,
    commit: bytes,
    rules_hash: bytes,
    t0_unix_ms: int,
    grace_ms: int,
) -> bytes:
    """Return the hash that a run's chain begins with; `heat` is the run's own id in solo play."""
    return hashlib.sha256(
        _RUN
        + lp(event)
        + lp(heat)
        + lp(player)
        + commit
        + rules_hash
        + t0_unix_ms.to_bytes(8, "big")
        + grace_ms.to_bytes(2, "big")
    ).digest()
