import re

import pytest
from tests.protocol.wire import asyncapi

from knack_protocol.wire.table import TABLE, Spec

WRITTEN = asyncapi.PATH.read_text("utf-8")


def part(head: str) -> str:
    """The lines below a head, as far as they are indented deeper."""
    found = re.search(rf"^( *){head}:\n((?:\1 +.*\n)+)", WRITTEN, re.MULTILINE)
    assert found, head
    return found[2]


def test_the_file_is_what_the_tables_say() -> None:
    assert asyncapi.text() == WRITTEN, "write it anew: python -m tests.protocol.wire.asyncapi"


@pytest.mark.parametrize("spec", TABLE, ids=lambda spec: spec.name)
def test_every_message_has_its_opcode_and_all_its_fields_in_order(spec: Spec) -> None:
    described = part(spec.name)
    titles = re.findall(r"title: (\w+)", described)

    assert f"x-opcode: {spec.opcode}\n" in described
    assert f"title: opcode, const: {spec.opcode}" in described
    assert titles == ["opcode", *(name.rstrip("_") for name in spec.field_kinds)]


@pytest.mark.parametrize("spec", TABLE, ids=lambda spec: spec.name)
def test_every_field_refers_to_its_kind(spec: Spec) -> None:
    schemas = re.findall(r"components/schemas/([^\"]+)\"", part(spec.name))

    assert schemas == [kind.words.replace(" ", "_") for kind in spec.field_kinds.values()]


@pytest.mark.parametrize(
    "spec", [spec for spec in TABLE if spec.family == "command"], ids=lambda spec: spec.name
)
def test_every_command_is_received_and_answered(spec: Spec) -> None:
    described = part(spec.name.lower())

    assert "action: receive" in described
    assert f"messages/{asyncapi.REPLY_TO[spec.name]}" in described
    assert "messages/REJECT" in described


@pytest.mark.parametrize(
    "spec", [spec for spec in TABLE if spec.family == "push"], ids=lambda spec: spec.name
)
def test_every_push_is_sent(spec: Spec) -> None:
    assert "action: send" in part(spec.name.lower())


def test_nothing_refers_to_what_is_not_there() -> None:
    for where, name in re.findall(r"\"#/([\w/]+)/([^/\"]+)\"", WRITTEN):
        assert f"\n{'  ' * (1 + where.count('/'))}" in WRITTEN
        assert re.search(rf"^ +\"?{re.escape(name)}\"?:", WRITTEN, re.MULTILINE), (where, name)
