"""Frames: whole ones out of any pieces, and nothing but what this protocol's servers send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from knack_loadtest.crowd.frames import BINARY, CLOSE, PING, BrokenFrame, Frames, frame_of

PAYLOADS = st.lists(
    st.one_of(
        st.tuples(st.just(BINARY), st.integers(0, 300)),
        st.tuples(st.sampled_from([CLOSE, PING]), st.integers(0, 125)),
    ),
    max_size=8,
)


def from_server(opcode: int, payload: bytes) -> bytes:
    return Frame(Opcode(opcode), payload).serialize(mask=False)


@given(PAYLOADS, st.integers(1, 70))
def test_frames_come_whole_out_of_any_pieces(sent: list[tuple[int, int]], piece: int) -> None:
    stream = b"".join(from_server(opcode, b"x" * length) for opcode, length in sent)
    frames = Frames(1000)

    got = [
        frame
        for start in range(0, len(stream), piece)
        for frame in frames.feed(stream[start : start + piece])
    ]

    assert got == [(opcode, b"x" * length) for opcode, length in sent]


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_every_length_is_written_and_read(length: int) -> None:
    assert list(Frames(1 << 20).feed(from_server(BINARY, b"y" * length))) == [(BINARY, b"y" * length)]
    written = frame_of(BINARY, b"y" * length)
    masked = Frame(Opcode.BINARY, b"y" * length).serialize(mask=True)
    assert len(written) == len(masked)
    assert written.endswith(bytes(4) + b"y" * length)  # masked with zeros: the bytes as they are


@pytest.mark.parametrize(
    "octets",
    [
        b"\x02\x01a",  # a fragment
        b"\x82\x81aaaab",  # masked
        b"\xc2\x01a",  # a reserved bit
        b"\x82\x7e\xff\xff",  # more than is allowed
    ],
)
def test_what_no_server_of_ours_sends_is_broken(octets: bytes) -> None:
    with pytest.raises(BrokenFrame):
        list(Frames(1000).feed(octets))
