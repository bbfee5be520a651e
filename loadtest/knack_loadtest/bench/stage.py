"""Where a figure is measured: the folder, the peers, the sizes, the time that is left, and servers with their clients."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, NamedTuple
from urllib.request import Request, urlopen

from knack_loadtest.bench.contenders import PEERS_BY_NAME, Missing, Peer, Scratch, our_server, peer_server
from knack_loadtest.bench.process import Client, ProgramFailed, Server, Work
from knack_loadtest.bench.readings import Reading, Row

_HTTP_WITHIN_S: Final = 60
_ROWS_MAX: Final = 100_000
_SEEDS = count(1)


class Stage(NamedTuple):
    """What every figure is given."""

    folder: Path
    """Data folders of the servers; it should be on a real disk."""
    scratch: Scratch | None
    """The peers; None where only we are measured."""
    is_small: bool
    """Whether sizes are just large enough to show that the figure works."""
    rounds: int
    ends_s: float
    """When no further figure is begun, by the monotonic clock."""

    @property
    def is_over(self) -> bool:
        """Tell whether the time is over."""
        return time.monotonic() > self.ends_s

    def size(self, *, small: int, full: int) -> int:
        """Choose a size."""
        return small if self.is_small else full

    def new_folder(self) -> Path:
        """Make a folder."""
        return Path(mkdtemp(dir=self.folder))


class Stand(NamedTuple):
    """A server and the client that speaks to it."""

    server: Server
    client: Client
    peer: Peer | None

    def do(self, command: str, **fields: Any) -> Work:
        """Have the client do something."""
        return self.client.do(command, **fields)

    def connect(self, number: int, **how: Any) -> Work:
        """Connect so many more subscribers, with seats where the server wants one for each."""
        if self.peer is None or self.peer.name != "colyseus":
            return self.do("connect", count=number, **how)
        port = next(line.split()[1] for line in self.server.said if line.startswith("seats "))
        seats = _get(f"http://127.0.0.1:{port}/?count={number}").decode().split()
        return self.do("connect", count=number, paths=seats, **how)

    def boards(self, rate_per_s: float, number: int) -> Work:
        """Have a peer send boards."""
        assert self.peer is not None
        return self.do("boards", message=self.peer.trigger.hex(), rate_per_s=rate_per_s, count=number)

    def echo(self, message: bytes, rate_per_s: float, duration_s: float) -> Work:
        """Have a peer send messages back."""
        assert self.peer is not None
        whole = (self.peer.echo + message).hex()
        return self.do("echo", message=whole, rate_per_s=rate_per_s, duration_s=duration_s)


@contextmanager
def our_stand(
    stage: Stage, program: Path | None = None, *, niceness: int = 0, **settings: Any
) -> Iterator[Stand]:
    """Open our server and a client of it; `program` starts it otherwise than everybody does."""
    with (
        our_server(stage.new_folder(), program, **settings) as server,
        Client(server, "knack", seed=next(_SEEDS), niceness=niceness) as client,
    ):
        yield Stand(server, client, None)


@contextmanager
def peer_stand(
    stage: Stage, name: str, *arguments: str, dialect: str = "", offers_deflate: bool = False
) -> Iterator[Stand]:
    """Open a peer and a client of it.

    Raises:
        Missing: there are no peers, or it could not be set up.
    """
    if stage.scratch is None:
        raise Missing("`make bench-peers` sets the peers up")
    peer = PEERS_BY_NAME[name]
    with (
        peer_server(peer, stage.scratch, *arguments) as server,
        Client(server, dialect or peer.dialect, offers_deflate=offers_deflate) as client,
    ):
        yield Stand(server, client, peer)


def standings(stand: Stand, count: int) -> list[list[object]]:
    """Return our server's standings as it tells them over HTTP, the first so many rows."""
    body = json.loads(_get(f"http://127.0.0.1:{stand.server.port}/api/standings?course=sprint"))
    rows: list[list[object]] = body["rows"][:count]
    return rows


def void_all(stand: Stand) -> None:
    """Have the organiser void every run that stands, so that the next ones begin with empty standings."""
    token = next(line.split()[-1] for line in stand.server.said if "desk token" in line)
    for row in standings(stand, _ROWS_MAX):
        act = {"kind": "void", "target": row[0], "text": "", "reason": "the next round begins"}
        _ask(
            Request(
                f"http://127.0.0.1:{stand.server.port}/api/desk/acts",
                json.dumps(act).encode(),
                {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )
        )


def faults(work: Work) -> tuple[str, ...]:
    """Return what was not correct in what a client counted."""
    answer = work.answer
    found = [
        f"{answer[kind]} {kind}"
        for kind in ("gaps", "duplicates", "illegal", "rejects", "lost")
        if answer.get(kind)
    ]
    found += [f"closed with {code}: {number}" for code, number in answer.get("closes", {}).items()]
    return tuple(found)


def absent(row: Row, reason: Exception | str) -> Row:
    """Return a row of the table without a reading of the peer, and why."""
    return row._replace(theirs=None, note=f"not measured: {reason}")


def against(row: Row, theirs: Reading | None) -> Row:
    """Return a row with the peer's reading."""
    return row._replace(theirs=theirs)


FAILURES: Final[tuple[type[Exception], ...]] = (Missing, ProgramFailed, OSError)
"""Why a peer may have no reading."""


def _get(address: str) -> bytes:
    return _ask(Request(address))  # noqa: S310 - as below


def _ask(request: Request) -> bytes:
    with urlopen(request, timeout=_HTTP_WITHIN_S) as answer:  # noqa: S310 - a server of ours on 127.0.0.1
        body: bytes = answer.read()
    return body
