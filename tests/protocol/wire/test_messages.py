from dataclasses import FrozenInstanceError

import pytest

from knack_protocol.rules.log import EndReason as LoggedEndReason
from knack_protocol.rules.run import Verdict
from knack_protocol.wire.messages import DeskRow, EndReason, MoveVerdict, Ping, Row


def test_a_run_ends_on_the_wire_for_the_reasons_of_its_log() -> None:
    assert {reason.name: reason.value for reason in EndReason} == {r.name: r.value for r in LoggedEndReason}


def test_recorded_verdicts_are_the_rules_own() -> None:
    assert {verdict.name: verdict.value for verdict in MoveVerdict} == {
        verdict.name: verdict.value for verdict in Verdict if verdict <= Verdict.ILLEGAL
    }


def test_a_desk_row_begins_like_every_row() -> None:
    assert DeskRow._fields[: len(Row._fields)] == Row._fields


def test_a_message_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Ping(1).req = 2  # type: ignore[misc]
