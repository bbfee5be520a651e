"""The counting client against a server of websockets' own that says what a test wants it to."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from knack_loadtest.bench.client.crowd import Crowd
from knack_loadtest.bench.client.dialects import BOARD_BYTES, Plain
from knack_loadtest.bench.client.echoes import echo
from knack_loadtest.bench.client.loop import Loop, Patience

WITHIN_S = 60


def board(number: int) -> bytes:
    return number.to_bytes(8, "big") + bytes(BOARD_BYTES - 8)


@contextmanager
def crowd_of(count: int, say: Callable[[ServerConnection], None]) -> Iterator[Crowd]:
    """So many subscribers of a server that does `say` with each; its connections stay open until the end."""
    is_over = threading.Event()

    def handle(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            say(connection)
        is_over.wait(WITHIN_S)

    bound = socket.create_server(("127.0.0.1", 0))
    with serve(handle, sock=bound, compression=None, ping_interval=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        crowd = Crowd(Loop(), bound.getsockname()[1], Plain())
        try:
            crowd.connect(count)
            yield crowd
        finally:
            is_over.set()
            crowd.close()
            server.shutdown()
            thread.join()


def until(crowd: Crowd, is_so: Callable[[], bool]) -> None:
    crowd.loop.until(is_so, WITHIN_S, "what the test waits for")


def saying(*numbers: int) -> Callable[[ServerConnection], None]:
    def say(connection: ServerConnection) -> None:
        for number in numbers:
            connection.send(board(number))

    return say


def test_every_board_that_arrives_is_counted_with_its_bytes() -> None:
    with crowd_of(3, saying(4, 5, 6)) as crowd:
        until(crowd, lambda: crowd.deliveries == 9)

        assert list(crowd.versions()) == [6, 6, 6]
        assert crowd.behind() == 0
        tally = crowd.tally()

    assert (tally.gaps, tally.duplicates, tally.closes) == (0, 0, {})
    assert tally.board_bytes == 9 * BOARD_BYTES
    assert tally.bytes_count == 9 * (BOARD_BYTES + 4)


@pytest.mark.parametrize(("numbers", "gaps", "duplicates"), [((1, 3), 1, 0), ((1, 1), 0, 1), ((2, 1), 0, 1)])
def test_a_number_that_is_missing_or_comes_twice_is_found(
    numbers: tuple[int, ...], gaps: int, duplicates: int
) -> None:
    with crowd_of(1, saying(*numbers)) as crowd:
        until(crowd, lambda: crowd.deliveries == 2)
        tally = crowd.tally()

    assert (tally.gaps, tally.duplicates) == (gaps, duplicates)


def test_counting_begins_anew_after_a_tally() -> None:
    with crowd_of(1, saying(1)) as crowd:
        until(crowd, lambda: crowd.deliveries == 1)
        crowd.tally()

        assert crowd.tally().deliveries == 0


def test_a_subscriber_that_keeps_has_every_message() -> None:
    def say(connection: ServerConnection) -> None:
        connection.send(board(1))
        connection.send(b"short")

    with crowd_of(0, say) as crowd:
        crowd.keeps = frozenset({1})
        crowd.connect(2)
        until(crowd, lambda: crowd.deliveries + crowd.other_count == 4)

        assert [one.kept for one in crowd.subscribers] == [None, [board(1), b"short"]]


def test_whoever_reads_nothing_is_caught_up_when_it_reads_again() -> None:
    go = threading.Event()

    def say(connection: ServerConnection) -> None:
        go.wait(WITHIN_S)
        saying(1, 2, 3)(connection)

    with crowd_of(2, say) as crowd:
        crowd.stall(0, 1)
        go.set()
        until(crowd, lambda: crowd.deliveries == 3)
        assert list(crowd.versions()) == [None, 3]
        assert crowd.behind() == 1

        crowd.wake(0, 1)
        until(crowd, lambda: crowd.deliveries == 6)
        assert list(crowd.versions()) == [3, 3]


def test_pings_are_answered() -> None:
    answered = threading.Event()

    def say(connection: ServerConnection) -> None:
        connection.ping(b"there?").wait(WITHIN_S)
        answered.set()

    with crowd_of(1, say) as crowd:
        until(crowd, answered.is_set)


def test_a_ping_that_is_read_after_the_connection_was_reset_is_no_failure() -> None:
    go, gone = threading.Event(), threading.Event()

    def say(connection: ServerConnection) -> None:
        go.wait(WITHIN_S)
        connection.ping(b"there?")
        linger_for_nothing = struct.pack("ii", 1, 0)
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_nothing)
        connection.socket.shutdown(socket.SHUT_RD)
        connection.socket.close()
        gone.set()

    with crowd_of(1, say) as crowd:
        crowd.stall(0, 1)
        go.set()
        assert gone.wait(WITHIN_S)
        crowd.wake(0, 1)
        until(crowd, lambda: not crowd.subscribers[0].is_open)

        assert crowd.tally().closes == {"1006": 1}


def test_a_close_is_counted_by_its_code() -> None:
    with crowd_of(1, lambda connection: connection.close(4002)) as crowd:
        until(crowd, lambda: not crowd.subscribers[0].is_open)

        assert crowd.tally().closes == {"4002": 1}


def test_every_echo_is_waited_for() -> None:
    def say(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with crowd_of(2, say) as crowd:
        echoed = echo(crowd.loop, crowd, b"e", rate_per_s=200, duration_s=0.1)

    assert echoed.sent > 2
    assert echoed.came_back == echoed.sent


def test_the_age_of_a_board_is_that_of_the_oldest_change_in_it() -> None:
    go = threading.Event()

    def say(connection: ServerConnection) -> None:
        connection.send(board(1))
        go.wait(WITHIN_S)
        connection.send(board(2))

    with crowd_of(1, say) as crowd:
        until(crowd, lambda: crowd.deliveries == 1)
        crowd.born[2] = time.monotonic() - 5
        go.set()
        until(crowd, lambda: crowd.deliveries == 2)

        assert len(crowd.ages_s) == 1
        assert crowd.ages_s[0] >= 5


def test_nobody_waits_for_ever() -> None:
    with pytest.raises(Patience, match="the moon"):
        Loop().until(lambda: False, 0.01, "the moon")
