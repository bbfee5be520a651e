import tracemalloc
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocol.wire.golden import BAD, GOOD, names, written

from knack_protocol.wire import codec
from knack_protocol.wire.codec import Malformed, decode_command, decode_message, encode
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.limits import COMMAND_BYTES_MAX, MESSAGE_BYTES_MAX
from knack_protocol.wire.messages import Join, Move, Moved, Ping, Resumed, RowState, Snapshot
from knack_protocol.wire.table import BY_CLASS, COMMANDS

COMMAND_NAMES = {spec.name for spec in COMMANDS.values()}

Decode = Any
DECODERS = (decode_command, decode_message)


def decoder_of(vector: dict[str, Any]) -> Decode:
    return decode_command if vector["message"]["type"] in COMMAND_NAMES else decode_message


@pytest.mark.parametrize("vector", GOOD, ids=names(GOOD))
def test_the_bytes_of_a_vector_are_its_message(vector: dict[str, Any]) -> None:
    message = decoder_of(vector)(bytes.fromhex(vector["hex"]))

    assert written(message) == vector["message"]


@pytest.mark.parametrize("vector", GOOD, ids=names(GOOD))
def test_the_message_of_a_vector_is_its_bytes(vector: dict[str, Any]) -> None:
    message = decoder_of(vector)(bytes.fromhex(vector["hex"]))
    frame = encode(message)

    assert decoder_of(vector)(frame) == message
    assert (frame.hex() == vector["hex"]) is not vector.get("decode_only", False)


@pytest.mark.parametrize("vector", BAD, ids=names(BAD))
def test_a_bad_vector_is_refused_with_its_code_and_req(vector: dict[str, Any]) -> None:
    decode = decode_command if vector["direction"] == "command" else decode_message
    refused = decode(bytes.fromhex(vector["hex"]))

    assert isinstance(refused, Malformed)
    assert (refused.code.name.lower(), refused.req) == (vector["code"], vector["req"])


def test_what_a_client_says_is_not_what_a_server_says() -> None:
    frame = encode(Ping(7))

    assert decode_command(frame) == Ping(7)
    assert decode_message(frame) == Malformed(RejectCode.UNKNOWN_OPCODE, 7, "opcode 2")


def test_the_largest_frames_are_read_and_one_byte_more_is_not() -> None:
    for decode, largest in ((decode_command, COMMAND_BYTES_MAX), (decode_message, MESSAGE_BYTES_MAX)):
        assert decode(bytes(largest)) != Malformed(RejectCode.MALFORMED, 0, "too long")
        assert decode(bytes(largest + 1)) == Malformed(RejectCode.MALFORMED, 0, "too long")


def test_the_largest_snapshot_of_a_desk_fits_into_a_frame() -> None:
    snapshot = next(vector for vector in GOOD if vector["name"] == "snapshot-desk")
    message = decode_message(bytes.fromhex(snapshot["hex"]))
    assert isinstance(message, Snapshot)
    largest = max(message.rows, key=len)._replace(
        number=2**32 - 1, run="r" * 32, player="p" * 32, name="ü" * 128, shown_name="ü" * 128, score=2**32 - 1, time_ms=2**32 - 1,
        rank=500, state=RowState(15), moves=2**32 - 1,
    )  # fmt: skip

    frame = encode(Snapshot(65535, 2**32 - 1, 2**32 - 1, 0, 0, [largest] * 500))

    assert len(frame) < MESSAGE_BYTES_MAX / 2
    assert isinstance(decode_message(frame), Snapshot)


def test_a_name_that_is_no_name_yet_a_text_goes_through() -> None:
    for name in ("", "\u202etxet", "a\x00b", "\ufeffAda", "ü" * 128):
        assert decode_command(encode(Join(1, name))) == Join(1, name)


def test_the_move_inside_a_resume_is_whole() -> None:
    vector = next(vector for vector in GOOD if vector["name"] == "resumed")
    resumed = decode_message(bytes.fromhex(vector["hex"]))

    assert isinstance(resumed, Resumed)
    assert isinstance(resumed.last, Moved)
    inner = next(vector for vector in GOOD if vector["name"] == "moved-cascade")
    assert encode(resumed.last).hex() == inner["hex"]


def test_a_swap_off_the_board_is_malformed_and_every_other_is_not() -> None:
    for cell in range(64):
        for direction, off in ((0, cell % 8 == 7), (1, cell >= 56)):
            move = Move(1, "run-a", 1, bytes(8), cell, direction)
            assert isinstance(decode_command(encode(move)), Malformed if off else Move)


def test_encoding_the_same_message_again_gives_the_same_bytes_whatever_came_between() -> None:
    messages = [decoder_of(vector)(bytes.fromhex(vector["hex"])) for vector in GOOD]
    first = [encode(message) for message in messages]

    assert [encode(message) for message in reversed(messages)] == first[::-1]


# -- anything whatever ---------------------------------------------------------------------------------------------

ANY_MSGPACK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=70)
    | st.builds(msgpack.ExtType, st.integers(0, 127), st.binary(max_size=4)),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=30,
)


def holds(frame: bytes) -> None:
    for decode in DECODERS:
        message = decode(frame)
        if isinstance(message, Malformed):
            assert message.code in (RejectCode.MALFORMED, RejectCode.UNKNOWN_OPCODE)
            assert 0 <= message.req < 2**32
        else:
            assert type(message) in BY_CLASS
            assert decode(encode(message)) == message


@given(st.binary(max_size=300))
@settings(max_examples=400)
def test_no_bytes_raise(frame: bytes) -> None:
    holds(frame)


@given(ANY_MSGPACK)
@settings(max_examples=400)
def test_no_messagepack_raises(value: Any) -> None:
    holds(msgpack.packb(value))


@given(st.sampled_from(GOOD), st.lists(ANY_MSGPACK, max_size=18))
@settings(max_examples=200)
def test_no_fields_behind_a_known_opcode_raise(vector: dict[str, Any], values: list[Any]) -> None:
    opcode = BY_CLASS[type(decoder_of(vector)(bytes.fromhex(vector["hex"])))].opcode
    holds(msgpack.packb([opcode, *values]))


@given(st.sampled_from(GOOD + BAD), st.data())
@settings(max_examples=600)
def test_no_change_of_a_vector_raises(vector: dict[str, Any], data: st.DataObject) -> None:
    frame = bytearray(bytes.fromhex(vector["hex"])[:400])
    for _ in range(data.draw(st.integers(0, 3))):
        if frame:
            frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(frame)) | st.just(len(frame)))
    holds(bytes(frame[:end]) + data.draw(st.binary(max_size=3)))


# -- bombs ---------------------------------------------------------------------------------------------------------

PEAK_BYTES_MAX = 256 * 1024
"""What refusing 4 KiB may cost for a moment, whatever they announce."""

FULL = COMMAND_BYTES_MAX
BOMBS = {
    "an array of 2^32 items": b"\xdd\xff\xff\xff\xff",
    "arrays of 2^32 items in arrays": b"\xdd\xff\xff\xff\xff" * (FULL // 5),
    "arrays of 64 in arrays": b"\xdc\x00\x40" * (FULL // 3),
    "arrays of 15 in arrays": b"\x9f" * FULL,
    "short arrays of 64 in arrays": b"\xdc\x00\x40" * (codec.UNWALKED_BYTES_MAX // 3),
    "short arrays of as many items as bytes": b"\xdc\x00\xbd" * (codec.UNWALKED_BYTES_MAX // 3 - 1),
    "short arrays of 15 in arrays": b"\x9f" * codec.UNWALKED_BYTES_MAX,
    "arrays of one in arrays, complete": b"\x91" * 1000 + b"\x00",
    "a thousand arrays of 15, complete": b"\xdc\x00\x40" + (b"\x9f" + b"\xe0" * 15) * 64,
    "many arrays of one, complete": b"\xdc\x00\x40" + (b"\x91" * 62 + b"\xe0") * 64,
    "numbers that are no small ones": b"\xdc\x00\x40" + (b"\xdc\x00\x14" + b"\xcd\xff\xff" * 20) * 64,
    "texts of one letter that is none of Latin-1": b"\xdc\x00\x40"
    + (b"\xdc\x00\x0f" + b"\xa3\xe4\xb8\x80" * 15) * 64,
    "a text of 2^32 bytes": b"\x93\x03\x02\xdb\xff\xff\xff\xff",
    "a bin of 2^32 bytes": b"\x93\x03\x02\xc6\xff\xff\xff\xff",
    "an extension of 2^32 bytes": b"\x93\x03\x02\xc9\xff\xff\xff\xff\x05",
    "a map of 2^32 pairs": b"\xdf\xff\xff\xff\xff",
    "maps in maps": b"\x81\x00" * (FULL // 2),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("decode", DECODERS)
def test_a_bomb_costs_no_memory(decode: Decode, bomb: bytes) -> None:
    assert len(bomb) <= FULL
    decode(bomb)  # what is made once stays out of the measure
    tracemalloc.start()
    refused = decode(bomb)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert isinstance(refused, Malformed)
    assert peak_bytes <= PEAK_BYTES_MAX
