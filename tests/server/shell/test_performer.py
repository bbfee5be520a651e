"""What the core asks for is done in two strokes, and nothing is told before what it tells of is committed."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from knack_protocol.ids import EventId, PlayerId
from knack_protocol.wire.codec import encode
from knack_protocol.wire.codes import CloseCode, RejectCode
from knack_protocol.wire.messages import (
    Delta,
    Done,
    Ended,
    Pong,
    Recording,
    Reject,
    Snapshot,
    Status,
    Watching,
    Welcome,
)
from knack_server.core.effects import (
    Channel,
    Close,
    ConnectionId,
    Effect,
    Enter,
    Exit,
    Ping,
    Publish,
    Record,
    Send,
    Tell,
)
from knack_server.core.facts import EventMadeCurrent, Fact
from knack_server.shell import performer as performer_module
from knack_server.shell.frames import frame_of
from knack_server.shell.meters import Meters
from knack_server.shell.performer import Performer

ANNA, BOB = ConnectionId(1), ConnectionId(2)
FACT = EventMadeCurrent(EventId("demo"))


class SlowWriter:
    """A store whose commits a test makes."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self._queue: deque[tuple[Sequence[Fact], Callable[[], None]]] = deque()

    def submit(self, facts: Sequence[Fact], then: Callable[[], None]) -> None:
        if not facts and not self._queue:
            then()
        else:
            self._queue.append((facts, then))

    def commit(self) -> None:
        facts, then = self._queue.popleft()
        self.facts += facts
        then()
        while self._queue and not self._queue[0][0]:
            self._queue.popleft()[1]()


class HeardSocket:
    """A socket that keeps what it was given."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.is_slow = False
        self.riding = b""

    def write(self, frame: bytes) -> None:
        self.heard.append(self.riding + frame)
        self.riding = b""

    def ping(self, payload: bytes) -> None:
        self.heard.append(("ping", payload))

    def close(self, code: CloseCode) -> None:
        self.heard.append(("close", code))


class Stage:
    def __init__(self) -> None:
        self.writer = SlowWriter()
        self.anna, self.bob = HeardSocket(), HeardSocket()
        self.performer = Performer(Meters(), PATIENCE_S)
        self.performer.writer = self.writer
        self.performer.sockets = cast("Any", {ANNA: self.anna, BOB: self.bob})

    def perform(self, *effects: Effect, then: Callable[[], None] | None = None) -> None:
        self.performer.perform(effects, then)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def framed(*messages: Any) -> list[bytes]:
    return [frame_of(encode(message)) for message in messages]


BOARD, EVENT = Channel(), Channel()
PATIENCE_S = 0.01


def status() -> Status:
    return Status(Recording.AGAIN)


def delta(feed: int = 0) -> Delta:
    return Delta(feed, 1, 1, 0, 0, [], [], [])


def test_nothing_is_told_before_its_facts_are_committed(stage: Stage) -> None:
    stage.perform(Record(FACT), Send(ANNA, Done(1)), Send(BOB, Done(2)))
    assert stage.anna.heard == stage.bob.heard == []

    stage.writer.commit()

    assert stage.writer.facts == [FACT]
    assert (stage.anna.heard, stage.bob.heard) == (framed(Done(1)), framed(Done(2)))


def test_what_tells_of_something_waits_behind_the_commits_before_it(stage: Stage) -> None:
    stage.perform(Record(FACT), Send(ANNA, Done(1)))
    for message in (
        Watching(2, 0, 7, 1),
        Snapshot(0, 7, 1, 0, 0, []),
        delta(),
        Reject(3, RejectCode.OVER, 0, ""),
    ):
        stage.perform(Send(BOB, message))
    assert stage.bob.heard == []

    stage.writer.commit()

    assert len(stage.bob.heard) == 4


@pytest.mark.parametrize(
    "effect",
    [
        Send(BOB, Pong(1, 5)),
        Tell([BOB], Status(Recording.NOT_NOW)),
        Send(BOB, Reject(1, RejectCode.NOT_RECORDING, 1000, "")),
        Send(BOB, Reject(1, RejectCode.TOO_MANY, 100, "")),
        Send(BOB, Reject(1, RejectCode.MALFORMED, 0, "")),
        Send(BOB, Reject(1, RejectCode.UNKNOWN_OPCODE, 0, "")),
        Send(BOB, Reject(1, RejectCode.HELLO_FIRST, 0, "")),
        Send(BOB, Reject(1, RejectCode.NOT_ALLOWED, 0, "")),
        Send(BOB, Reject(1, RejectCode.TOO_SOON, 900, "")),
        Ping(BOB, b"12345678"),
        Close(BOB, CloseCode.SILENT),
    ],
)
def test_what_tells_of_no_fact_waits_for_no_commit(stage: Stage, effect: Effect) -> None:
    stage.perform(Record(FACT), Send(ANNA, Done(1)))

    stage.perform(effect)

    assert len(stage.bob.heard) == 1
    assert stage.anna.heard == []


def test_a_welcome_comes_at_once_and_what_follows_it_when_it_is_true(stage: Stage) -> None:
    welcome = Welcome(1, EventId("demo"), "Demo", PlayerId("p-1"), "Anna", 0, bytes(32), [])
    ended = Ended(
        cast("Any", "run-1"), cast("Any", "sprint"), 1, bytes(32), cast("Any", 0), 1, 30, 1, 1, 7, 2
    )
    stage.perform(Record(FACT))

    came_back = Close(ANNA, CloseCode.REPLACED), Send(BOB, welcome)
    stage.perform(*came_back, Record(FACT), Send(BOB, ended), Send(BOB, Pong(2, 0)))
    assert stage.anna.heard == [("close", CloseCode.REPLACED)]
    assert stage.bob.heard == framed(welcome)
    stage.writer.commit()
    assert stage.bob.heard == framed(welcome)
    stage.writer.commit()

    assert stage.bob.heard == framed(welcome, ended, Pong(2, 0))


def test_whatever_comes_behind_a_fact_waits_for_it(stage: Stage) -> None:
    stage.perform(Record(FACT), Send(ANNA, Pong(1, 5)))

    assert stage.anna.heard == []


def test_who_waits_for_the_end_is_called_after_all_is_told(stage: Stage) -> None:
    calls: list[int] = []
    stage.perform(Record(FACT), Send(ANNA, Done(1)), then=lambda: calls.append(len(stage.anna.heard)))
    stage.perform(then=lambda: calls.append(-1))
    assert calls == []

    stage.writer.commit()

    assert calls == [1, -1]


@pytest.mark.parametrize("message", [delta(), Status(Recording.NOT_NOW)])
def test_what_many_hear_is_encoded_once(stage: Stage, message: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[Any] = []
    monkeypatch.setattr(
        performer_module, "encode", lambda message: encoded.append(message) or encode(message)
    )
    snapshot = Snapshot(0, 7, 1, 0, 0, [])
    stage.perform(*[effect for each in (ANNA, BOB) for effect in (Send(each, snapshot), Enter(each, BOARD))])
    assert encoded == [snapshot]

    stage.perform(Publish(BOARD, message))

    assert encoded[1:] == [message]
    assert stage.anna.heard == stage.bob.heard == framed(snapshot, message)


def test_who_enters_hears_what_is_published_afterwards_and_who_leaves_nothing_more(stage: Stage) -> None:
    stage.perform(Enter(ANNA, BOARD))
    stage.perform(Record(FACT), Publish(BOARD, delta(1)), Enter(BOB, BOARD), Exit(ANNA, BOARD))
    stage.perform(Publish(BOARD, delta(2)))

    stage.writer.commit()

    assert (stage.anna.heard, stage.bob.heard) == (framed(delta(1)), framed(delta(2)))


def test_the_core_learns_when_standings_have_reached_everybody(stage: Stage) -> None:
    published: list[Channel] = []
    stage.performer.fan_out.on_published = published.append
    stage.perform(Record(FACT), Publish(BOARD, delta()))
    assert published == []

    stage.writer.commit()
    stage.perform(Publish(EVENT, Status(Recording.AGAIN)))

    assert published == [BOARD]


def test_a_slow_reader_misses_standings_and_nothing_else(stage: Stage) -> None:
    stage.perform(Enter(BOB, BOARD), Enter(BOB, EVENT), Enter(ANNA, BOARD))
    stage.bob.is_slow = True

    stage.perform(
        Publish(BOARD, delta()), Publish(BOARD, delta()), Publish(EVENT, status()), Send(BOB, Done(1))
    )

    assert stage.bob.heard == framed(Done(1), status())
    assert stage.anna.heard == framed(delta(), delta())
    assert stage.performer.fan_out.missed == {BOB: {BOARD}}


def test_a_slow_reader_that_asks_for_standings_gets_them_when_it_reads_again(stage: Stage) -> None:
    stage.bob.is_slow = True

    stage.perform(Send(BOB, Watching(1, 0, 7, 1)), Send(BOB, Snapshot(0, 7, 1, 0, 0, [])), Enter(BOB, BOARD))
    stage.bob.is_slow = False
    stage.perform(Publish(BOARD, delta()))

    assert stage.bob.heard == framed(Watching(1, 0, 7, 1))
    assert stage.performer.fan_out.missed == {BOB: {BOARD}}


def test_what_is_for_somebody_who_has_gone_is_dropped(stage: Stage) -> None:
    stage.perform(Record(FACT), Send(ANNA, Done(1)), Send(BOB, Done(2)))
    del stage.performer.sockets[ANNA]

    stage.writer.commit()

    assert stage.bob.heard == framed(Done(2))


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_a_frame_says_its_length_in_the_fewest_bytes(length: int) -> None:
    payload = bytes(length)
    frame = frame_of(payload)

    assert frame[0] == 0x82
    assert frame.endswith(payload)
    head = frame[1 : len(frame) - length]
    assert head == (
        bytes([length]) if length < 126 else b"\x7e" + length.to_bytes(2, "big") if length < 65_536
        else b"\x7f" + length.to_bytes(8, "big")
    )  # fmt: skip
