"""What protocol/asyncapi.yaml must say, made of the message tables; `python -m tests.protocol.wire.asyncapi` writes it."""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.protocol.wire.golden import PROTOCOL

from knack_protocol.wire import SUBPROTOCOL, kinds
from knack_protocol.wire.kinds import Kind
from knack_protocol.wire.limits import COMMAND_BYTES_MAX
from knack_protocol.wire.table import TABLE, Spec

PATH = PROTOCOL / "asyncapi.yaml"

REPLY_TO = {
    "HELLO": "WELCOME",
    "PING": "PONG",
    "JOIN": "JOINED",
    "LEAVE": "DONE",
    "PREPARE": "PREPARED",
    "START": "STARTED",
    "MOVE": "MOVED",
    "WATCH": "WATCHING",
    "UNWATCH": "DONE",
    "GATHER": "DONE",
    "SCATTER": "DONE",
}
"""What answers a command that is not rejected."""

HEADER = """\
# The messages of knack.v1 in AsyncAPI 3.0, seen from the server: it receives commands and sends replies and pushes.
# The normative text is README.md beside this file. Payloads are MessagePack; in the schemas a bin is a string of
# format `binary` whose lengths count bytes, lengths of texts count bytes of UTF-8.
"""


def document() -> dict[str, Any]:
    """The whole description."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Knackpunkt {SUBPROTOCOL}",
            "version": "1.0.0",
            "description": f"A match-3 highscore whose scores cannot be faked. One WebSocket at /ws, subprotocol {SUBPROTOCOL}; "
            f"every message is one binary frame with one MessagePack array; a command has at most {COMMAND_BYTES_MAX} bytes.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/vnd.msgpack",
        "servers": {
            "local": {"host": "127.0.0.1:8000", "protocol": "ws", "description": "what `make run` starts"}
        },
        "channels": {
            "socket": {
                "address": "/ws",
                "messages": {spec.name: ref("components/messages", spec.name) for spec in TABLE},
                "bindings": {
                    "ws": {
                        "method": "GET",
                        "headers": {
                            "type": "object",
                            "required": ["Sec-WebSocket-Protocol"],
                            "properties": {
                                "Sec-WebSocket-Protocol": {"type": "string", "const": SUBPROTOCOL}
                            },
                        },
                        "bindingVersion": "0.1.0",
                    }
                },
            }
        },
        "operations": dict(operations()),
        "components": {
            "messages": {spec.name: message(spec) for spec in TABLE},
            "schemas": dict(
                sorted({key(kind): schema(kind) for spec in TABLE for kind in parts(spec.body)}.items())
            ),
        },
    }


def operations() -> Iterator[tuple[str, Any]]:
    channel = ref("channels", "socket")
    for spec in TABLE:
        if spec.family == "command":
            answers = [ref("channels/socket/messages", name) for name in (REPLY_TO[spec.name], "REJECT")]
            reply = {"channel": channel, "messages": answers}
            yield spec.name.lower(), operation("receive", spec, channel) | {"reply": reply}
        elif spec.family == "push":
            yield spec.name.lower(), operation("send", spec, channel)


def operation(action: str, spec: Spec, channel: Any) -> dict[str, Any]:
    return {"action": action, "channel": channel, "messages": [ref("channels/socket/messages", spec.name)]}


def message(spec: Spec) -> dict[str, Any]:
    first_line = (inspect.getdoc(spec.make) or "").splitlines()[0]
    places = [place(name, kind) for name, kind in spec.field_kinds.items()]
    return {
        "name": spec.name,
        "summary": first_line,
        "x-opcode": spec.opcode,
        "payload": {
            "type": "array",
            "items": [{"title": "opcode", "const": spec.opcode}, *places],
            "minItems": len(places) + 1,
            "maxItems": len(places) + 1,
        },
    }


def schema(kind: Kind) -> dict[str, Any]:
    match kind:
        case kinds.Number():
            return {"type": "integer", "minimum": kind.low, "maximum": kind.high}
        case kinds.Choice():
            meaning = ", ".join(f"{name.value} {name.name.lower().replace('_', ' ')}" for name in kind.names)
            return {"type": "integer", "enum": [name.value for name in kind.names], "description": meaning}
        case kinds.Text():
            return {"type": "string", "maxLength": kind.bytes_max}
        case kinds.Id():
            return {"type": "string", "pattern": "^[a-z0-9-]{0,32}$" if kind.or_none else "^[a-z0-9-]{1,32}$"}
        case kinds.Bin():
            return binary(kind.size, kind.size)
        case kinds.Symbols():
            described = {
                "description": "symbols 0 to 5, a byte each" + (", or no bytes" if kind.or_none else "")
            }
            return binary(0 if kind.or_none else kind.low, kind.high) | described
        case kinds.Maybe():
            return {"oneOf": [{"type": "null"}, reference(kind.kind)]}
        case kinds.ListOf():
            return {
                "type": "array",
                "items": reference(kind.kind),
                "minItems": kind.low,
                "maxItems": kind.high,
            }
        case kinds.Record():
            titles = getattr(kind.make, "_fields", ("opcode", *TABLE_OF.get(kind.words, ())))
            places = [place(title, one) for title, one in zip(titles, kind.kinds, strict=True)]
            return {"type": "array", "items": places, "minItems": len(places), "maxItems": len(places)}
        case kinds.OneRecordOf():
            return {"oneOf": [reference(record) for record in kind.records]}
        case _:
            raise AssertionError(kind)


TABLE_OF = {spec.name: tuple(spec.field_kinds) for spec in TABLE}


def parts(kind: Kind) -> Iterator[Kind]:
    """All kinds that a message is made of, itself excepted."""
    match kind:
        case kinds.Record():
            inner: tuple[Kind, ...] = kind.kinds
        case kinds.OneRecordOf():
            inner = kind.records
        case kinds.Maybe() | kinds.ListOf():
            inner = (kind.kind,)
        case _:
            inner = ()
    for one in inner:
        yield one
        yield from parts(one)


def key(kind: Kind) -> str:
    return kind.words.replace(" ", "_")


def place(name: str, kind: Kind) -> dict[str, Any]:
    """One place of an array; `allOf`, because what stands beside a `$ref` is not read."""
    return {"title": name.rstrip("_"), "allOf": [reference(kind)]}


def reference(kind: Kind) -> dict[str, str]:
    return ref("components/schemas", key(kind))


def ref(where: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/{where}/{name}"}


def binary(low: int, high: int) -> dict[str, Any]:
    return {"type": "string", "format": "binary", "minLength": low, "maxLength": high}


# -- YAML ----------------------------------------------------------------------------------------------------------

PLAIN = re.compile(r"[A-Za-z/][\w/-]*")
WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def scalar(value: Any) -> str:
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in WORDS_OF_YAML:
        return value
    return json.dumps(value, ensure_ascii=False)


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(name)}: {inline(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return scalar(value)


def lines(value: Any, indent: str) -> Iterator[str]:
    """Block style, but on one line whatever is short enough to be read there."""
    for name, item in value.items() if isinstance(value, dict) else ((None, item) for item in value):
        head = "- " if name is None else f"{scalar(name)}:"
        flat = isinstance(item, (dict, list)) and len(indent) + len(head) + len(inline(item)) < 110
        if flat or not isinstance(item, (dict, list)):
            yield f"{indent}{head.rstrip()} {inline(item)}"
        else:
            yield indent + head.rstrip()
            yield from lines(item, indent + "  ")


def text() -> str:
    """The file."""
    return HEADER + "\n".join(lines(document(), "")) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), "utf-8")
