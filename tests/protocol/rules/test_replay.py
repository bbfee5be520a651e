import json
from pathlib import Path

import pytest

from knack_protocol.ids import CourseName
from knack_protocol.rules import log
from knack_protocol.rules.course import Course, Level
from knack_protocol.rules.log import ConnectionKind, EndReason, LogMalformed
from knack_protocol.rules.replay import LogMismatch, replay, restore
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import CANONICAL_ORDER, legal_swaps
from knack_protocol.rules.vectors import run_of_vector

VECTORS = sorted((Path(__file__).parents[3] / "protocol/vectors/rules").glob("*.json"))

COURSE = Course(CourseName("test"), (Level(60, 20_000), Level(0, 9_000)))
TILES = SeededTiles(bytes(range(32)))
H0 = bytes(32)
GRACE_MS = 40


def fresh() -> Run:
    return Run(COURSE, TILES, H0, GRACE_MS)


def state(run: Run) -> dict[str, object]:
    return {name: getattr(run, name) for name in Run.__slots__ if not name.startswith("_")}


def eventful() -> tuple[Run, list[bytes]]:
    """Play a run through all kinds of events but a shuffle; return it with what it logged."""
    run, events = fresh(), []
    events += run.connection(0, ConnectionKind.LOST)
    events += run.connection(700, ConnectionKind.RESUMED)
    while run.level == 0:
        events += run.move(run.lock_end_ms + 100, *legal_swaps(run.board)[0]).events
    illegal = next(swap for swap in CANONICAL_ORDER if swap not in legal_swaps(run.board))
    events += run.move(run.lock_end_ms + 50, *illegal).events
    events += run.connection(run.lock_end_ms, ConnectionKind.SERVER_AWAY)
    events += run.move(run.lock_end_ms + 500, *legal_swaps(run.board)[0]).events
    events += run.finish(run.lock_end_ms + 1, EndReason.ABANDONED)
    return run, [event.payload for event in events]


def test_a_restored_run_is_the_run_that_was_logged() -> None:
    run, payloads = eventful()
    assert state(restore(COURSE, TILES, H0, GRACE_MS, payloads)) == state(run)


def test_a_restored_run_goes_on_as_the_first_one_would_have() -> None:
    run, payloads = eventful()
    half = payloads[:5]
    restored = restore(COURSE, TILES, H0, GRACE_MS, half)
    again = fresh()
    for _ in replay(again, half):
        pass
    swap = legal_swaps(restored.board)[0]
    assert restored.move(restored.lock_end_ms + 999, *swap) == again.move(again.lock_end_ms + 999, *swap)
    assert restored.head == again.head != run.head


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_every_vector_s_log_can_be_walked_again(path: Path) -> None:
    document = json.loads(path.read_text())
    run = run_of_vector(document)
    events = [e for sent in document["inputs"] for e in run.move(sent["t_arr"], sent["i"], sent["d"]).events]
    events += run.expire()
    again = run_of_vector(document)
    walked = list(replay(again, (event.payload for event in events)))
    assert [event for event, _ in walked] == [log.decode(event.payload) for event in events]
    assert state(again) == state(run)


def test_a_replay_tells_what_each_move_did() -> None:
    _, payloads = eventful()
    run = fresh()
    seen = []
    for event, outcome in replay(run, payloads):
        assert (outcome is not None) is isinstance(event, log.MoveEvent | log.IllegalEvent)
        if outcome is not None:
            assert outcome.events[-1].hash == run.head
        seen.append(type(event))
    assert set(seen) == {log.ConnectionEvent, log.MoveEvent, log.IllegalEvent, log.LevelEvent, log.EndEvent}


def test_any_changed_bit_is_found_by_the_replay_or_by_the_chain_s_end() -> None:
    run, payloads = eventful()
    for number, payload in enumerate(payloads):
        for place in range(len(payload)):
            changed = payload[:place] + bytes([payload[place] ^ 1]) + payload[place + 1 :]
            try:
                again = restore(
                    COURSE, TILES, H0, GRACE_MS, [*payloads[:number], changed, *payloads[number + 1 :]]
                )
            except (LogMismatch, LogMalformed):
                continue
            # What only the log tells: when a connection was lost, which illegal swap was tried.
            assert again.head != run.head


def test_a_changed_score_or_board_is_found_by_the_replay_alone() -> None:
    _, payloads = eventful()
    move = next(n for n, payload in enumerate(payloads) if payload[0] == log.EventKind.MOVE)
    for place in (*range(5), *range(9, 33)):  # all but t_arr
        changed = bytearray(payloads[move])
        changed[place] ^= 1
        with pytest.raises((LogMismatch, LogMalformed)):
            restore(COURSE, TILES, H0, GRACE_MS, [*payloads[:move], bytes(changed), *payloads[move + 1 :]])


def test_a_log_that_stops_inside_a_move_is_found() -> None:
    _, payloads = eventful()
    level = next(n for n, payload in enumerate(payloads) if payload[0] == log.EventKind.LEVEL)
    with pytest.raises(LogMismatch, match="stored nothing"):
        restore(COURSE, TILES, H0, GRACE_MS, payloads[:level])


@pytest.mark.parametrize(
    "payload",
    [
        log.level(1, 0, 1, 0, 0, bytes(8)),
        log.shuffle(1, 0, 0, bytes(8)),
        log.end(1, 0, EndReason.COURSE_DONE, 0, 0),
        log.end(1, 19_999, EndReason.TIME, 0, 0),
        log.connection(1, 20_001, ConnectionKind.LOST),
        log.illegal(1, 0, 0, 63, 1),
    ],
)
def test_an_event_out_of_nowhere_is_found(payload: bytes) -> None:
    with pytest.raises(LogMismatch):
        restore(COURSE, TILES, H0, GRACE_MS, [payload])


def test_nothing_may_follow_the_end() -> None:
    _, payloads = eventful()
    after = log.connection(len(payloads) + 1, 1, ConnectionKind.LOST)
    with pytest.raises(LogMismatch, match="would not write"):
        restore(COURSE, TILES, H0, GRACE_MS, [*payloads, after])


def test_the_wrong_tiles_are_found() -> None:
    _, payloads = eventful()
    with pytest.raises(LogMismatch):
        restore(COURSE, SeededTiles(bytes(32)), H0, GRACE_MS, payloads)
