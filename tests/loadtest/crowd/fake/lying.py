"""A server of the tester's own that lies: a real one in its own process, with a liar before it and beside its files."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from tests.loadtest.crowd.fake.hop import Hop
from tests.loadtest.crowd.fake.liar import Liar, Lie

from knack_loadtest.crowd.commands import run
from knack_loadtest.crowd.server import FreshServer

Rows = list[list[Any]]


class LyingServer(FreshServer):
    """A fresh server that is only reached through a hop, over its restarts, too; `hops` are the test's to close."""

    lies: Sequence[Lie] = ()
    export_lie: Callable[[Rows], Rows] | None = None
    restart_lies: Sequence[Lie] | None = None
    """What it tells after a restart; the same as before where it is None."""
    hops: list[Hop]

    async def start(self) -> None:
        await super().start()
        if not self.hops:
            self.hops.append(Hop(self.url, Liar(self.lies)).start())
        elif self.restart_lies is not None:
            self.hops[0].script = Liar(self.restart_lies)
        self.url = self.hops[0].url

    async def export(self, event: str, course: str) -> dict[str, Any]:
        document = await super().export(event, course)
        if type(self).export_lie is not None:
            document["rows"] = type(self).export_lie(document["rows"])
        return document


@contextmanager
def lying(
    lies: Sequence[Lie],
    *,
    export: Callable[[Rows], Rows] | None = None,
    after_restart: Sequence[Lie] | None = None,
) -> Iterator[None]:
    """Let the tester's own servers lie."""
    hops: list[Hop] = []
    told = {"lies": lies, "export_lie": export, "restart_lies": after_restart, "hops": hops}
    server = type("ToldServer", (LyingServer,), {name: _plain(value) for name, value in told.items()})
    with patch.object(run, "FreshServer", server):
        try:
            yield
        finally:
            for hop in hops:
                hop.close()


def _plain(value: object) -> object:
    return staticmethod(value) if callable(value) else value
