"""What the conductor and its workers tell each other: MessagePack documents behind their length, over pipes.

conductor → worker   assign · begin · brace · back · over · look · curtain
worker → conductor   ready · second (each second) · braced · quiet · looked · done · failed
"""

import asyncio
import struct
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]

_LENGTH: Final = struct.Struct(">I")

Document = dict[str, Any]


def packed(kind: str, **fields: Any) -> bytes:
    """Return a document of a kind, ready to be written."""
    body: bytes = msgpack.packb({"kind": kind, **fields})
    return _LENGTH.pack(len(body)) + body


async def receive(reader: asyncio.StreamReader) -> Document | None:
    """Read the next document; None when the other side is gone."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        body = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    document: Document = msgpack.unpackb(body, strict_map_key=False, use_list=True)
    return document
