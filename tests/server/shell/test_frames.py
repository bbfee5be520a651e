"""Plain frames: taken only where they have one meaning, and then as websockets' own core takes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.line import CLOSE, CONT, TEXT, masked_frame
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from knack_protocol.wire.limits import COMMAND_BYTES_MAX
from knack_server.shell.frames import BINARY, PING, PONG, control_frame, frame_of, plain_frame

KINDS = {BINARY: Opcode.BINARY, PING: Opcode.PING, PONG: Opcode.PONG}


def core_reads(data: bytes) -> list[Frame]:
    """What websockets' core makes of bytes, up to the first thing that it refuses."""
    core = Protocol(Side.SERVER, max_size=COMMAND_BYTES_MAX)
    core.receive_data(data)
    return [event for event in core.events_received() if isinstance(event, Frame)]


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=300), st.binary(max_size=20), st.integers(0, 20))
def test_what_is_taken_is_what_the_core_takes(first: int, payload: bytes, rest: bytes, before: int) -> None:
    payload = payload if first == BINARY else payload[:125]
    frame = masked_frame(first & 0x0F, payload)

    taken = plain_frame(bytes(before) + frame + rest, before)

    assert taken == (first, payload, before + len(frame))
    (same,) = core_reads(frame)
    assert (same.opcode, bytes(same.data), same.fin) == (KINDS[first], payload, True)


@given(st.binary(max_size=40))
def test_whatever_comes_is_taken_only_if_the_core_takes_the_same(data: bytes) -> None:
    taken = plain_frame(data, 0)

    if taken is not None:
        first, payload, end = taken
        (same, *_) = core_reads(data[:end])
        assert (same.opcode, bytes(same.data)) == (KINDS[first], payload)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_frame_that_is_not_whole_is_left(payload: bytes, data: st.DataObject) -> None:
    frame = masked_frame(BINARY & 0x0F, payload)

    assert plain_frame(frame[: data.draw(st.integers(0, len(frame) - 1))], 0) is None


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(masked_frame(TEXT, b"[1]"), id="text"),
        pytest.param(masked_frame(CLOSE, b"\x03\xe8"), id="close"),
        pytest.param(masked_frame(2, b"a piece", fin=False), id="a first piece"),
        pytest.param(masked_frame(CONT, b"the last piece"), id="a last piece"),
        pytest.param(masked_frame(9, bytes(126)), id="a ping that is too long"),
        pytest.param(masked_frame(2, bytes(COMMAND_BYTES_MAX + 1)), id="one byte too many"),
        pytest.param(masked_frame(2, bytes(70_000)), id="a length of eight bytes"),
        pytest.param(b"\x82\x05unmasked", id="unmasked"),
        pytest.param(b"\xc2\x80\x00\x00\x00\x00", id="a reserved bit"),
        pytest.param(b"\x83\x80\x00\x00\x00\x00", id="a reserved opcode"),
    ],
)
def test_everything_else_is_left_to_the_core(left: bytes) -> None:
    assert plain_frame(left, 0) is None


@given(st.sampled_from((PING, PONG)), st.binary(max_size=125))
def test_a_control_frame_is_what_the_core_would_send(first: int, payload: bytes) -> None:
    core = Protocol(Side.SERVER)
    (core.send_ping if first == PING else core.send_pong)(payload)

    assert control_frame(first, payload) == b"".join(core.data_to_send())


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536])
def test_a_binary_frame_is_what_the_core_would_send(length: int) -> None:
    core = Protocol(Side.SERVER)
    core.send_binary(bytes(length))

    assert frame_of(bytes(length)) == b"".join(core.data_to_send())
