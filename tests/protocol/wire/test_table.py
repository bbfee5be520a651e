import typing
from dataclasses import fields
from enum import IntEnum

import pytest
from tests.protocol.wire.golden import GOOD

from knack_protocol.wire import messages, table
from knack_protocol.wire.kinds import Choice, Kind, ListOf, Maybe, OneRecordOf, Record
from knack_protocol.wire.limits import BIN_BYTES_MAX, COMMAND_ITEMS_MAX, DEPTH_MAX
from knack_protocol.wire.table import ANSWERS, BY_CLASS, COMMANDS, TABLE, Spec


def depth(kind: Kind) -> int:
    """Arrays within arrays that a value of this kind may have."""
    match kind:
        case Maybe(_, inner):
            return depth(inner)
        case ListOf(_, inner):
            return 1 + depth(inner)
        case Record(_, _, inner):
            return 1 + max(map(depth, inner))
        case OneRecordOf(_, records):
            return max(map(depth, records))
        case _:
            return 0


def choices(kind: Kind) -> list[Choice]:
    match kind:
        case Choice():
            return [kind]
        case Record(_, _, inner):
            return [choice for one in inner for choice in choices(one)]
        case _:
            return []


def test_every_opcode_is_used_once_and_stands_in_its_family() -> None:
    opcodes = [spec.opcode for spec in TABLE]

    assert opcodes == sorted(set(opcodes))
    assert all(0 < opcode < 32 for opcode in COMMANDS)
    assert all(32 <= opcode < 256 for opcode in ANSWERS)


@pytest.mark.parametrize(
    ("family", "union"),
    [("command", messages.Command), ("reply", messages.Reply), ("push", messages.Push)],
)
def test_every_message_of_a_union_has_a_row_and_no_other(family: str, union: object) -> None:
    assert {spec.make for spec in TABLE if spec.family == family} == set(typing.get_args(union))


@pytest.mark.parametrize("spec", TABLE, ids=lambda spec: spec.name)
def test_commands_and_replies_begin_with_req_and_pushes_have_none(spec: Spec) -> None:
    names = [field.name for field in fields(spec.make)]

    assert ("req" in names) is spec.has_req
    assert names.index("req") == 0 if spec.has_req else True


@pytest.mark.parametrize("spec", TABLE, ids=lambda spec: spec.name)
def test_every_message_has_a_golden_vector(spec: Spec) -> None:
    assert spec.name in {vector["message"]["type"] for vector in GOOD}


def test_a_row_that_forgets_a_field_is_found_at_once() -> None:
    with pytest.raises(AssertionError, match="Pong"):
        Spec(33, messages.Pong, req=table.U32)


@pytest.mark.parametrize("spec", TABLE, ids=lambda spec: spec.name)
def test_no_message_is_deeper_than_the_limit(spec: Spec) -> None:
    assert depth(spec.body) <= DEPTH_MAX
    assert spec.family != "command" or depth(spec.body) == 1


def test_the_deepest_message_reaches_the_limit() -> None:
    assert max(depth(spec.body) for spec in TABLE) == DEPTH_MAX


def test_the_longest_command_leaves_room_below_the_limit() -> None:
    assert max(len(spec.field_kinds) for spec in COMMANDS.values()) + 1 < COMMAND_ITEMS_MAX


def test_named_numbers_count_from_zero_without_a_gap() -> None:
    enums: set[type[IntEnum]] = {choice.names for spec in TABLE for choice in choices(spec.body)}

    assert len(enums) == 10
    for names in enums:
        assert [member.value for member in names] == list(range(len(names)))


def test_a_board_is_the_longest_bin() -> None:
    assert table.BOARD.high == BIN_BYTES_MAX


def test_every_class_finds_its_row() -> None:
    assert all(BY_CLASS[spec.make] is spec for spec in TABLE)
