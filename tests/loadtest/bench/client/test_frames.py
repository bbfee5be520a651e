import pytest
from websockets.frames import Frame as TheirFrame
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from knack_loadtest.bench.client.frames import (
    BINARY,
    PING,
    Frame,
    NotAccepted,
    accepted,
    cut,
    handshake,
    masked,
)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 300, 65_535, 65_536])
def test_frames_of_a_server_are_cut_as_websockets_writes_them(length: int) -> None:
    payload = bytes(range(256)) * (length // 256) + bytes(length % 256)
    stream = TheirFrame(Opcode.BINARY, payload).serialize(mask=False)

    assert cut(stream + b"\x89\x00") == ([Frame(BINARY, payload), Frame(PING, b"")], b"")


def test_a_frame_that_is_not_whole_is_left_over_wherever_it_ends() -> None:
    stream = TheirFrame(Opcode.BINARY, bytes(300)).serialize(mask=False)

    for end in range(len(stream)):
        assert cut(stream[:end]) == ([], stream[:end])


@pytest.mark.parametrize("length", [0, 5, 125, 126, 4096])
def test_what_the_client_sends_is_what_websockets_reads(length: int) -> None:
    line = ServerProtocol(state=State.OPEN)

    line.receive_data(masked(BINARY, b"k" * length))

    (frame,) = line.events_received()
    assert isinstance(frame, TheirFrame)
    assert (frame.opcode, bytes(frame.data)) == (Opcode.BINARY, b"k" * length)


def test_websockets_accepts_the_handshake() -> None:
    line = ServerProtocol()
    line.receive_data(handshake(8000, "/ws", "knack.v1", offers_deflate=True))
    (request,) = line.events_received()

    response = line.accept(request)  # type: ignore[arg-type]
    line.send_response(response)

    assert response.status_code == 101
    assert accepted(b"".join(line.data_to_send()) + b"rest") == b"rest"


def test_an_answer_that_is_not_whole_is_waited_for() -> None:
    assert accepted(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n") is None


def test_any_other_answer_is_a_refusal() -> None:
    with pytest.raises(NotAccepted, match="503"):
        accepted(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n\r\n")
