from dataclasses import FrozenInstanceError

import pytest

from knack_protocol.rules.run import Verdict
from knack_protocol.wire.messages import DeskRow, MoveVerdict, Ping, Row


def test_recorded_verdicts_are_the_rules_own() -> None:
    assert {verdict.name: verdict.value for verdict in MoveVerdict} == {
        verdict.name: verdict.value for verdict in Verdict if verdict <= Verdict.ILLEGAL
    }


def test_a_desk_row_begins_like_every_row() -> None:
    assert DeskRow._fields[: len(Row._fields)] == Row._fields


def test_a_message_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Ping(1).req = 2  # type: ignore[misc]
