import pytest

from knack_protocol.rules import log
from knack_protocol.rules.board import Board
from knack_protocol.rules.log import (
    ConnectionEvent,
    ConnectionKind,
    EndEvent,
    EndReason,
    IllegalEvent,
    LevelEvent,
    LogMalformed,
    MoveEvent,
    ShuffleEvent,
)

EIGHT = bytes.fromhex("0123456789abcdef")

EVENTS = [
    (
        log.move(1, 900, 850, 7, 1, 2, 75, 105, EIGHT),
        "01 00000001 00000384 00000352 07 01 0002 0000004b 00000069 0123456789abcdef",
        MoveEvent(1, 900, 850, 7, 1, 2, 75, 105, EIGHT),
    ),
    (log.illegal(2, 5, 4, 63, 0), "02 00000002 00000005 00000004 3f 00", IllegalEvent(2, 5, 4, 63, 0)),
    (
        log.shuffle(3, 1, 1016, EIGHT),
        "03 00000003 00000001 000003f8 0123456789abcdef",
        ShuffleEvent(3, 1, 1016, EIGHT),
    ),
    (
        log.connection(4, 89_999, ConnectionKind.SERVER_AWAY),
        "04 00000004 00015f8f 03",
        ConnectionEvent(4, 89_999, ConnectionKind.SERVER_AWAY),
    ),
    (
        log.end(5, 90_000, EndReason.VOIDED, 3165, 60),
        "05 00000005 00015f90 03 00000c5d 0000003c",
        EndEvent(5, 90_000, EndReason.VOIDED, 3165, 60),
    ),
    (
        log.level(6, 61_500, 39, 590, 4000, EIGHT),
        "06 00000006 0000f03c 27 0000024e 00000fa0 0123456789abcdef",
        LevelEvent(6, 61_500, 39, 590, 4000, EIGHT),
    ),
]


@pytest.mark.parametrize(("payload", "written", "event"), EVENTS)
def test_every_event_has_its_bytes_and_reads_back(payload: bytes, written: str, event: log.Event) -> None:
    assert payload == bytes.fromhex(written)
    assert log.decode(payload) == event
    assert type(log.decode(payload)) is type(event)


@pytest.mark.parametrize("payload", [payload for payload, _, _ in EVENTS])
def test_a_byte_too_few_or_too_many_is_no_event(payload: bytes) -> None:
    for broken in (payload[:-1], payload + b"\0"):
        with pytest.raises(LogMalformed):
            log.decode(broken)


@pytest.mark.parametrize(
    "written",
    ["", "00", "07" + "00" * 32, "ff", "04 00000004 00015f8f 04", "05" + "00" * 8 + "04" + "00" * 8],
)
def test_unknown_kinds_and_reasons_are_no_event(written: str) -> None:
    with pytest.raises(LogMalformed):
        log.decode(bytes.fromhex(written))


def test_a_board_s_eight_bytes_tell_its_tiles_the_columns_and_the_shuffles_apart() -> None:
    board = Board.parse("01234501 23450123 45012345 01234501 23450123 45012345 55534501 23450123")
    drawn = list(range(8))
    eight = {
        log.board8(board, drawn, 0),
        log.board8(board, drawn, 1),
        log.board8(board, drawn[::-1], 0),
        log.board8(Board.of(board.symbols[::-1]), drawn, 0),
    }
    assert len(eight) == 4
    assert all(len(one) == 8 for one in eight)


def test_every_field_of_a_start_changes_the_chain_s_beginning() -> None:
    start = ("demo", "h1", "p1", bytes(32), bytes(32), 1_700_000_000_000, 0)
    others = ("demo2", "h", "p", bytes(31) + b"\1", b"\1" + bytes(31), 1_700_000_000_001, 250)
    hashes = {log.h0(*start)}
    for place, other in enumerate(others):
        hashes.add(log.h0(*start[:place], other, *start[place + 1 :]))
    assert len(hashes) == 1 + len(others)
