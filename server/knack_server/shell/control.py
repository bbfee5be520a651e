"""The organiser's way into a running server: a socket in the data folder, for its owner only.

One line of JSON `{"order": …, "arguments": {…}}`, one line back. The folder is reached through its file descriptor,
because a path of a Unix socket may have 107 bytes and a data folder's may be longer.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from knack_server.shell.orders import Orders

SOCKET_NAME = "control.sock"
LINE_BYTES_MAX = 4096
ANSWER_WITHIN_S = 10


class ControlError(Exception):
    """A server runs on the folder and cannot be asked; the text says so, in one line."""


@contextmanager
def _socket_path(folder: Path) -> Iterator[str]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET_NAME}"
    finally:
        os.close(descriptor)


@asynccontextmanager
async def listening(folder: Path, orders: Orders) -> AsyncIterator[None]:
    """Take orders for as long as the context lasts; the caller holds the folder's lock."""
    (folder / SOCKET_NAME).unlink(missing_ok=True)  # left behind by a server that was killed

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await asyncio.wait_for(reader.readline(), ANSWER_WITHIN_S))
            reply = await orders.obey(request["order"], request["arguments"])
        except (ValueError, KeyError, TypeError, AttributeError, TimeoutError):
            reply = {"error": "that is not an order"}
        with suppress(ConnectionError):  # who asked may have gone
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        writer.close()

    with _socket_path(folder) as path:
        umask = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(answer, path, limit=LINE_BYTES_MAX)
        finally:
            os.umask(umask)
        try:
            yield
        finally:
            server.close()
            (folder / SOCKET_NAME).unlink(missing_ok=True)


def ask(folder: Path, order: str, arguments: dict[str, str]) -> dict[str, Any] | None:
    """Give a running server an order; None when no server runs on this folder.

    Errors: ControlError.
    """
    try:
        with _socket_path(folder) as path, socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_WITHIN_S)
            connection.connect(path)
            connection.sendall(json.dumps({"order": order, "arguments": arguments}).encode() + b"\n")
            with connection.makefile() as lines:
                answer: dict[str, Any] = json.loads(lines.readline())
                return answer
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except (OSError, ValueError) as error:
        raise ControlError(f"the server on {folder} does not answer ({error})") from None
