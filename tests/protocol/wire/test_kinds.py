from typing import Any

import pytest

from knack_protocol.wire import kinds
from knack_protocol.wire.kinds import Choice, Kind, ListOf, Maybe, OneRecordOf, Record, WrongValue
from knack_protocol.wire.messages import Course, Role

PAIR = Record("pair", Course, (kinds.ID, kinds.U8))

TAKEN: list[tuple[Kind, list[Any]]] = [
    (kinds.U8, [0, 255]),
    (kinds.U16, [0, 65535]),
    (kinds.U32, [0, 2**32 - 1]),
    (kinds.I32, [-(2**31), -1, 0, 2**31 - 1]),
    (kinds.UNIX_MS, [0, 2**53 - 1]),
    (kinds.CELL, [0, 63]),
    (kinds.DIRECTION, [0, 1]),
    (kinds.STATE_BITS, [0, 15]),
    (kinds.TEXT, ["", "a" * 256, "ü" * 128, "🚀" * 64]),
    (kinds.TOKEN, ["", "t" * 64]),
    (kinds.ID, ["a", "run-0z", "-" * 32]),
    (kinds.ID_OR_NONE, ["", "demo"]),
    (kinds.HEAD, [bytes(8)]),
    (kinds.NONCE, [bytes(16)]),
    (kinds.DIGEST, [bytes(32)]),
    (kinds.BOARD, [bytes(64), bytes([5] * 64)]),
    (kinds.BOARD_OR_NONE, [b"", bytes(64)]),
    (kinds.FILL, [b"", bytes(8)]),
    (Maybe("board or nil", kinds.BOARD), [None, bytes(64)]),
    (ListOf("ids", kinds.ID, 1, 2), [("a",), ("a", "b")]),
]

REFUSED: list[tuple[Kind, list[Any]]] = [
    (kinds.U8, [-1, 256, True, False, None, "1", 1.0, b"\x01", (1,)]),
    (kinds.U16, [-1, 65536]),
    (kinds.U32, [-1, 2**32]),
    (kinds.I32, [-(2**31) - 1, 2**31]),
    (kinds.UNIX_MS, [-1, 2**53]),
    (kinds.CELL, [-1, 64]),
    (kinds.DIRECTION, [2, True]),
    (kinds.STATE_BITS, [16]),
    (kinds.TEXT, ["a" * 257, "ü" * 129, "🚀" * 65, b"a", None, 1]),
    (kinds.TOKEN, ["t" * 65, "ü" * 33]),
    (kinds.ID, ["", "A", "a_b", "a" * 33, "a\n", "ü", "\uff11", b"a", None]),
    (kinds.ID_OR_NONE, [None, "A", b""]),
    (kinds.HEAD, [bytes(7), bytes(9), "12345678", bytearray(8)]),
    (kinds.BOARD, [b"", bytes(63), bytes(65), bytes([6] + [0] * 63), "0" * 64, None]),
    (kinds.BOARD_OR_NONE, [bytes(1), None]),
    (kinds.FILL, [bytes(9), b"\x06", None]),
    (Choice("role", Role), [-1, 3, True, None, "PLAYER"]),
    (Maybe("board or nil", kinds.BOARD), [b"", False]),
    (ListOf("ids", kinds.ID, 1, 2), [(), ("a", "b", "c"), ("A",), "ab", None]),
    (PAIR, [("a",), ("a", 1, 2), ("a", 256), "ab", None]),
    (OneRecordOf("pair", (PAIR,)), [(), ("a",), ("a", -1), None, 2]),
]


@pytest.mark.parametrize(("kind", "values"), TAKEN, ids=[kind.words for kind, _ in TAKEN])
def test_a_kind_takes_its_limits_as_they_are(kind: Kind, values: list[Any]) -> None:
    assert [kind.take(value) for value in values] == values


@pytest.mark.parametrize(("kind", "values"), REFUSED, ids=[kind.words for kind, _ in REFUSED])
def test_a_kind_refuses_whatever_lies_beyond(kind: Kind, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(WrongValue):
            kind.take(value)


def test_a_named_number_arrives_by_its_name() -> None:
    assert Choice("role", Role).take(2) is Role.DESK


def test_a_record_is_made_of_its_places() -> None:
    assert PAIR.take(("climb", 40)) == Course("climb", 40)
    assert OneRecordOf("pair", (PAIR,)).take(("climb", 40)) == Course("climb", 40)
