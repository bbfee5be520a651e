"""picows, WebSocket in Cython: its own `send` to every connection."""

import asyncio
import sys
from itertools import count

import uvloop
from picows import (  # type: ignore[import-not-found]
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    ws_create_server,
)

BOARD_BYTES = 300
BACKLOG = 4096

connections: set[WSTransport] = set()
numbers = count(1)


class Connection(WSListener):  # type: ignore[misc]
    """One connection."""

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Take it up."""
        connections.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Let it go."""
        connections.discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Have a board frame sent to everybody."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
            return
        board = next(numbers).to_bytes(8, "big") + bytes(BOARD_BYTES - 8)
        for connection in connections:
            connection.send(WSMsgType.BINARY, board)


def made(request: WSUpgradeRequest) -> Connection:
    """Take anybody."""
    del request
    return Connection()


async def main() -> None:
    """Serve until killed."""
    server: asyncio.Server = await ws_create_server(made, "127.0.0.1", 0, backlog=BACKLOG)
    sys.stdout.write(f"ready {server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


uvloop.run(main())
