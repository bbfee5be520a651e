from dataclasses import FrozenInstanceError

import pytest

from knack_protocol.rules.run import Verdict
from knack_protocol.wire.messages import (
    DeskRow,
    MoveVerdict,
    NumberedDeskRow,
    NumberedRow,
    Ping,
    Row,
)


def test_recorded_verdicts_are_the_rules_own() -> None:
    assert {verdict.name: verdict.value for verdict in MoveVerdict} == {
        verdict.name: verdict.value for verdict in Verdict if verdict <= Verdict.ILLEGAL
    }


def test_a_desk_row_begins_like_every_row() -> None:
    assert DeskRow._fields[: len(Row._fields)] == Row._fields


def test_a_row_in_a_feed_is_a_row_with_a_number_and_without_a_rank() -> None:
    assert NumberedRow._fields == ("number", *(name for name in Row._fields if name != "rank"))
    assert NumberedDeskRow._fields == ("number", *DeskRow._fields)


def test_a_message_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Ping(1).req = 2  # type: ignore[misc]
