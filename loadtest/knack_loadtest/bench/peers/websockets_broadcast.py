"""websockets' own server with its `broadcast()`."""

import sys
from itertools import count

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

BOARD_BYTES = 300
BACKLOG = 4096


async def main() -> None:
    """Serve until killed."""
    connections: set[ServerConnection] = set()
    numbers = count(1)

    async def handle(connection: ServerConnection) -> None:
        connections.add(connection)
        try:
            async for _ in connection:
                board = next(numbers).to_bytes(8, "big") + bytes(BOARD_BYTES - 8)
                broadcast(connections, board)
        finally:
            connections.discard(connection)

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=BACKLOG) as server:
        sys.stdout.write(f"ready {next(iter(server.sockets)).getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


uvloop.run(main())
