"""Starlette on uvicorn: plain ASGI sends, a bare echo, a snapshot of as many bytes as the argument says on request.

With `--defaults` uvicorn compresses and pings as it comes; else it does neither.
"""

import socket
import sys
from itertools import count
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

BOARD_BYTES = 300
BACKLOG = 4096

connections: set[WebSocket] = set()
numbers = count(1)
sizes = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
snapshot = bytes(sizes[0] if sizes else BOARD_BYTES)


async def handle(websocket: WebSocket) -> None:
    """Serve one connection."""
    await websocket.accept()
    connections.add(websocket)
    try:
        while True:
            message = await websocket.receive_bytes()
            if message.startswith(b"g"):
                board = next(numbers).to_bytes(8, "big") + bytes(BOARD_BYTES - 8)
                for connection in list(connections):
                    await connection.send_bytes(board)
            elif message.startswith(b"s"):
                await websocket.send_bytes(snapshot)
            else:
                await websocket.send_bytes(message)
    except WebSocketDisconnect:
        pass
    finally:
        connections.discard(websocket)


async def main() -> None:
    """Serve until killed."""
    bound = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    lean: dict[str, Any] = {"ws_per_message_deflate": False, "ws_ping_interval": None}
    given = {} if "--defaults" in sys.argv else lean
    app = Starlette(routes=[WebSocketRoute("/", handle)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", backlog=BACKLOG, **given))
    sys.stdout.write(f"ready {bound.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve(sockets=[bound])


uvloop.run(main())
