"""Bytes to messages and back, in one total function each way.

Decoding anything whatever gives a message or `Malformed`, and never raises. Memory stays in proportion to the frame:
announced lengths allocate nothing that the frame does not hold.
"""

from dataclasses import dataclass
from typing import Any, Final, cast

import msgpack  # type: ignore[import-untyped]

from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.kinds import BOARD_CELL_COUNT, WrongValue
from knack_protocol.wire.limits import (
    BIN_BYTES_MAX,
    COMMAND_BYTES_MAX,
    MESSAGE_BYTES_MAX,
    ROWS_MAX,
    TEXT_BYTES_MAX,
)
from knack_protocol.wire.messages import Command, Message, Move, Push, Reply
from knack_protocol.wire.table import ANSWERS, BY_CLASS, COLUMN_COUNT, COMMANDS, Spec

REQ_MAX: Final = 0xFFFF_FFFF

COMMAND_ITEMS: Final = max(1 + len(spec.field_kinds) for spec in COMMANDS.values())
"""Items of the longest command. Commands are flat, so a parser held to this many cannot be talked into much: 1,024 open
arrays are msgpack's own end, and the worst 4 KiB found costs under 256 KiB for as long as they are parsed."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A frame that is no message: the code to refuse it with, its `req` (0 where unreadable), and why, for our log."""

    code: RejectCode
    req: int
    reason: str


def decode_command(frame: bytes) -> Command | Malformed:
    """Read a frame from a client, at most `COMMAND_BYTES_MAX` bytes."""
    if len(frame) > COMMAND_BYTES_MAX:
        return Malformed(RejectCode.MALFORMED, 0, "too long")
    message = _decode(frame, COMMANDS, COMMAND_ITEMS)
    if type(message) is Move and _off_the_board(message):
        return Malformed(RejectCode.MALFORMED, message.req, "a swap off the board")
    return cast("Command | Malformed", message)


def decode_message(frame: bytes) -> Reply | Push | Malformed:
    """Read a frame from the server, at most `MESSAGE_BYTES_MAX` bytes."""
    if len(frame) > MESSAGE_BYTES_MAX:
        return Malformed(RejectCode.MALFORMED, 0, "too long")
    if not _is_complete(frame):
        return Malformed(RejectCode.MALFORMED, 0, "not one whole MessagePack value")
    return cast("Reply | Push | Malformed", _decode(frame, ANSWERS, ROWS_MAX))


def encode(message: Message) -> bytes:
    """Write a message as one frame; its values are ours and therefore right (mypy and tests see to that)."""
    return cast("bytes", _pack(_as_array(message)))


def _as_array(message: Any) -> tuple[Any, ...]:
    spec = BY_CLASS[type(message)]
    return (spec.opcode, *spec.values(message))


# One packer for all frames: packing is a single call into C, which keeps its buffer. It asks `default` for what is no
# MessagePack type: the MOVED inside RESUMED.
_pack = msgpack.Packer(default=_as_array).pack


def _decode(frame: bytes, table: dict[int, Spec], items_max: int) -> Any:
    try:
        array = msgpack.unpackb(
            frame,
            use_list=False,  # tuples are smaller, and an empty one costs nothing
            max_array_len=items_max,
            max_map_len=0,
            max_ext_len=0,
            max_str_len=TEXT_BYTES_MAX,
            max_bin_len=BIN_BYTES_MAX,
        )
    except (
        ValueError
    ):  # all that msgpack raises for bytes: truncated, trailing, too deep, too long, not UTF-8
        return Malformed(RejectCode.MALFORMED, 0, "not MessagePack within the limits")
    if type(array) is not tuple or not array or type(array[0]) is not int:
        return Malformed(RejectCode.MALFORMED, 0, "not an array that begins with an opcode")
    spec = table.get(array[0])
    req = array[1] if len(array) > 1 and (spec is None or spec.has_req) else 0
    if type(req) is not int or not 0 <= req <= REQ_MAX:
        req = 0
    if spec is None:
        return Malformed(RejectCode.UNKNOWN_OPCODE, req, f"opcode {array[0]}")
    takes = spec.takes
    if len(array) != len(takes) + 1:
        return Malformed(
            RejectCode.MALFORMED, req, f"{spec.name} has {len(takes) + 1} items, not {len(array)}"
        )
    try:
        return spec.make(*[take(value) for take, value in zip(takes, array[1:], strict=True)])
    except WrongValue as wrong:
        return Malformed(RejectCode.MALFORMED, req, f"{spec.name}: not a {wrong}")


def _is_complete(frame: bytes) -> bool:
    """Tell whether the frame holds one whole value, by walking over it without building anything."""
    walker = msgpack.Unpacker(max_buffer_size=MESSAGE_BYTES_MAX, read_size=len(frame) or 1)
    walker.feed(frame)
    try:
        walker.skip()
    except (ValueError, msgpack.OutOfData):
        return False
    return bool(walker.tell() == len(frame))


def _off_the_board(move: Move) -> bool:
    if move.direction == 0:
        return move.cell % COLUMN_COUNT == COLUMN_COUNT - 1
    return move.cell >= BOARD_CELL_COUNT - COLUMN_COUNT
