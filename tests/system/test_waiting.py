"""What somebody costs who only watches and waits: a real server's memory, connection by connection."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from tests.conftest import Size
from tests.support.line import BINARY, PONG, handshake, masked_frame
from tests.support.process import serving

from knack_protocol.ids import CourseName, EventId
from knack_protocol.wire.codec import encode
from knack_protocol.wire.messages import Hello, Role, View, Watch

pytestmark = pytest.mark.system

BYTES_MAX = 9 * 1024
"""Of one connection; measured were 2 to 4 KiB, where uvicorn's own take 59 with compression and 26 without."""

WARM_UP_COUNT = 200
"""Connections that make the server grow what it keeps for any number of them."""

SAID = masked_frame(BINARY, encode(Hello(1, Role.WATCHER, EventId(""), ""))) + masked_frame(
    BINARY, encode(Watch(2, CourseName("sprint"), View.TOP, 0, 0))
)


HERE = masked_frame(PONG)
"""A sign of life from somebody who does not read pings."""

SIGN_EVERY_COUNT = 250


@pytest.fixture
def _many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def watch(port: int) -> socket.socket:
    """Connect, say hello, watch, and read until the server has answered all of it."""
    watcher = socket.create_connection(("127.0.0.1", port), timeout=60)
    watcher.sendall(handshake(port))
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        chunk = watcher.recv(65536)
        assert chunk, answer
        answer += chunk
    assert answer.startswith(b"HTTP/1.1 101 ")
    watcher.sendall(SAID)
    watcher.recv(65536)
    return watcher


@pytest.mark.usefixtures("_many_files")
def test_a_waiting_connection_takes_no_more_than_9_kib(tmp_path: Path, size: Size) -> None:
    count = size("waiting connections", small=600, full=5_000)
    with serving(tmp_path / "data") as server, ExitStack() as stack:
        process = psutil.Process(server.pid)
        watchers: list[socket.socket] = []

        def more(count: int) -> None:
            for number in range(count):
                watchers.append(stack.enter_context(watch(server.port)))
                if number % SIGN_EVERY_COUNT == 0:
                    for watcher in watchers:
                        watcher.sendall(HERE)

        more(WARM_UP_COUNT)
        before_bytes = process.memory_info().rss
        more(count)

        assert (process.memory_info().rss - before_bytes) / count <= BYTES_MAX
