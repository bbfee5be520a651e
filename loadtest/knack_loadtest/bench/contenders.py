"""Who takes part: our server as it is started by everybody, and the peers as a scratch environment has them."""

import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from knack_loadtest.bench.process import Server

PEERS: Final = Path(__file__).parent / "peers"

_OURS_READY = r"Play +http://[^ ]+?:(\d+)/$"


class Missing(Exception):
    """A peer cannot take part; the text says why."""


class Scratch(NamedTuple):
    """The folder in which peers were set up (`scratch.set_up`), and why some could not be."""

    folder: Path
    missing: Mapping[str, str]
    """By what is missing (`python`, `node`, `cc`, `redis`, `postgres`): the reason in one line."""

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.folder / "venv" / "bin" / "python"

    @property
    def node_modules(self) -> Path:
        """Where npm has put what Node's peers need."""
        return self.folder / "node" / "node_modules"

    @property
    def redis(self) -> Path:
        """The Redis server, unpacked."""
        return self.folder / "debian" / "usr" / "bin" / "redis-server"

    @property
    def postgres(self) -> Path:
        """The folder of PostgreSQL's programs: the system's where it has them."""
        for root in (Path("/"), self.folder / "debian"):
            found = sorted((root / "usr" / "lib" / "postgresql").glob("*/bin"))
            if found:
                return found[-1]
        raise Missing("PostgreSQL is not there")

    @property
    def bare(self) -> Path:
        """The compiled C loop."""
        return self.folder / "bare"


class Peer(NamedTuple):
    """A peer of the figures over sockets."""

    name: str
    label: str
    """As the table names it."""
    needs: str
    """What of the scratch environment it cannot do without."""
    dialect: str
    command: Callable[[Scratch], list[str]]
    trigger: bytes = b"g"
    """Has a board sent to everybody."""
    echo: bytes = b"e"
    """Begins a message that comes back."""


def _python(program: str, *arguments: str) -> Callable[[Scratch], list[str]]:
    return lambda scratch: [str(scratch.python), str(PEERS / program), *arguments]


def _node(program: str) -> Callable[[Scratch], list[str]]:
    return lambda _scratch: ["node", str(PEERS / program)]


def _socketify(scratch: Scratch) -> list[str]:
    """Give it a port that was free just now, because it cannot choose one by itself."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    return [str(scratch.python), str(PEERS / "socketify_publish.py"), str(port)]


PEERS_BY_NAME: Final = {
    peer.name: peer
    for peer in (
        Peer("bare", "bare C loop over `send(2)`", "cc", "plain", lambda scratch: [str(scratch.bare)]),
        Peer("broadcast", "websockets `broadcast()`", "python", "plain", _python("websockets_broadcast.py")),
        Peer("asgi", "plain ASGI send", "python", "plain", _python("starlette_app.py")),
        Peer(
            "socketify",
            "socketify (uWebSockets)",
            "python",
            "plain",
            _socketify,
        ),
        Peer("picows", "picows", "python", "plain", _python("picows_send.py")),
        Peer("ws", "Node `ws`", "node", "plain", _node("ws.cjs")),
        Peer(
            "colyseus",
            "Colyseus",
            "node",
            "colyseus",
            _node("colyseus.cjs"),
            trigger=bytes.fromhex("0da167"),
            echo=bytes.fromhex("11a165"),
        ),
        Peer(
            "defaults",
            "uvicorn and Starlette as they come",
            "python",
            "snapshots",
            _python("starlette_app.py", "--defaults"),
        ),
    )
}


def environment(**settings: object) -> dict[str, str]:
    """Return this process's environment with these settings of our server and no others."""
    bare = {name: value for name, value in os.environ.items() if not name.upper().startswith("KNACK_")}
    return bare | {f"KNACK_{name.upper()}": str(value) for name, value in settings.items()}


def our_server(folder: Path, program: Path | None = None, **settings: object) -> Server:
    """Start our server on a data folder, as `make run` does, or by a program that starts it otherwise."""
    command = [str(program)] if program else ["-m", "knack_server.cli", "serve"]
    surroundings = environment(data_dir=folder, port=0, **settings)
    return Server("knackpunkt", [sys.executable, *command], surroundings, _OURS_READY)


def peer_server(peer: Peer, scratch: Scratch, *arguments: str) -> Server:
    """Start a peer.

    Raises:
        Missing: it could not be set up.
        ProgramFailed: it did not start.
    """
    if peer.needs in scratch.missing:
        raise Missing(scratch.missing[peer.needs])
    surroundings = environment() | {"NODE_PATH": str(scratch.node_modules)}
    return Server(peer.name, [*peer.command(scratch), *arguments], surroundings)
