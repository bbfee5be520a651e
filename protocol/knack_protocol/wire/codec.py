"""Bytes to messages and back, in one total function each way.

Decoding anything whatever gives a message or `Malformed`, and never raises. Memory stays in proportion to the frame:
announced lengths allocate nothing that the frame does not hold.
"""

from dataclasses import dataclass
from typing import Any, Final, cast

import msgpack  # type: ignore[import-untyped]

from knack_protocol.rules.swaps import is_swap
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.kinds import WrongValue
from knack_protocol.wire.limits import (
    COMMAND_BYTES_MAX,
    COMMAND_ITEMS_MAX,
    MESSAGE_BYTES_MAX,
    ROWS_MAX,
)
from knack_protocol.wire.messages import Command, Message, Move, Push, Reply, Resumed
from knack_protocol.wire.table import ANSWERS, BY_CLASS, COMMANDS, Spec

REQ_MAX: Final = 0xFFFF_FFFF
OPCODE_MAX: Final = 0xFF

UNWALKED_BYTES_MAX: Final = 192
"""A frame up to this size is parsed at once, and nearly every one is that short: were it all arrays that announce as many
items as the frame has bytes, the parser would hold 100 KiB for a moment. A longer one is first walked over without
building anything, so that announced lengths are true; what is then built takes at most 48 bytes a byte."""


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
    message = _decode(frame, COMMANDS, COMMAND_ITEMS_MAX)
    if type(message) is Move and not is_swap(message.cell, message.direction):
        return Malformed(RejectCode.MALFORMED, message.req, "a swap off the board")
    return cast("Command | Malformed", message)


def decode_message(frame: bytes) -> Reply | Push | Malformed:
    """Read a frame from the server, at most `MESSAGE_BYTES_MAX` bytes."""
    if len(frame) > MESSAGE_BYTES_MAX:
        return Malformed(RejectCode.MALFORMED, 0, "too long")
    return cast("Reply | Push | Malformed", _decode(frame, ANSWERS, ROWS_MAX))


def encode(message: Message) -> bytes:
    """Write a message as one frame; its values are ours and therefore right (mypy and tests see to that)."""
    return cast("bytes", _pack(_as_array(message)))


# One packer for all frames keeps its buffer; a frame is a single call into C that runs no Python, so threads may share it.
_pack = msgpack.Packer().pack


def _as_array(message: Any) -> tuple[Any, ...]:
    spec = BY_CLASS[type(message)]
    values = spec.values(message)
    if type(message) is Resumed and message.last is not None:
        values = (*values[:-1], _as_array(message.last))
    return (spec.opcode, *values)


def _decode(frame: bytes, table: dict[int, Spec], items_max: int) -> Any:
    array = _unpack(frame, items_max)
    if type(array) is not tuple or not array or type(array[0]) is not int or not 0 <= array[0] <= OPCODE_MAX:
        return Malformed(RejectCode.MALFORMED, 0, "not one array that begins with an opcode")
    spec = table.get(array[0])
    req = array[1] if len(array) > 1 and (spec is None or spec.has_req) else 0
    if type(req) is not int or not 0 <= req <= REQ_MAX:
        req = 0
    if spec is None:
        return Malformed(RejectCode.UNKNOWN_OPCODE, req, f"opcode {array[0]}")
    try:
        return spec.body.take(array[1:])
    except WrongValue as wrong:
        return Malformed(RejectCode.MALFORMED, req, f"{spec.name}: not a {wrong}")


def _unpack(frame: bytes, items_max: int) -> Any:
    """Return the frame's one value, arrays as tuples, or None where it holds none or breaks a limit."""
    if len(frame) > UNWALKED_BYTES_MAX and not _is_whole(frame):
        return None
    try:
        return msgpack.unpackb(
            frame,
            use_list=False,  # tuples are smaller, and an empty one costs nothing
            max_array_len=min(items_max, len(frame)),
            max_map_len=0,
            max_ext_len=0,
        )
    except (
        ValueError
    ):  # msgpack's for all: truncated, trailing, too deep, too long, not UTF-8, no MessagePack
        return None


def _is_whole(frame: bytes) -> bool:
    """Tell whether the frame holds one whole value, by walking over it without building anything."""
    walker = msgpack.Unpacker(max_buffer_size=MESSAGE_BYTES_MAX, read_size=len(frame) or 1)
    walker.feed(frame)
    try:
        walker.skip()
    except (ValueError, msgpack.OutOfData):
        return False
    return bool(walker.tell() == len(frame))
