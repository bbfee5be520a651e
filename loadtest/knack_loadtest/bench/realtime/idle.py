"""`idle`: resident memory of a connection that waits: of ours, one that watches the standings.

Measured from the first hundreds of connections to the last, so that what a server takes once does not count.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Final

from knack_loadtest.bench.readings import Reading, Row
from knack_loadtest.bench.stage import FAILURES, Stage, Stand, absent, against, our_stand, peer_stand

AIM_KIB: Final = 9.0

_KIB: Final = 1024


def measure(stage: Stage) -> Iterator[Row]:
    """Measure ours, then each peer's."""
    ours = _apiece(stage, our_stand(stage))
    row = Row(
        "idle",
        "resident memory of a waiting connection",
        "KiB",
        ours,
        "",
        note=f"aim: at most {AIM_KIB:g} KiB, {'reached' if ours.median <= AIM_KIB else 'not reached'}",
    )
    if stage.scratch is None:
        yield row._replace(against="–")
        return
    for name, label, deflates in (
        ("defaults", "uvicorn and Starlette as they come, deflate included", True),
        ("broadcast", "websockets without deflate", False),
        ("colyseus", "Colyseus", False),
    ):
        held = row._replace(against=label, aim="below", limit=1.0)
        dialect = "plain" if name == "defaults" else ""
        try:
            theirs = _apiece(stage, peer_stand(stage, name, dialect=dialect, offers_deflate=deflates))
        except FAILURES as reason:
            yield absent(held, reason)
        else:
            yield against(held, theirs)
    yield absent(row._replace(against="Nakama", aim="below"), "not installable here; 200 KiB quoted")


def _apiece(stage: Stage, opened: AbstractContextManager[Stand]) -> Reading:
    first, more = stage.size(small=10, full=500), stage.size(small=40, full=4000)
    settle_s = stage.size(small=0, full=1)
    with opened as stand:
        stand.connect(first)
        stand.do("rest", duration_s=settle_s)
        before = stand.server.resident_bytes
        stand.connect(more)
        stand.do("rest", duration_s=settle_s)
        apiece = (stand.server.resident_bytes - before) / more / _KIB
    return Reading(apiece, apiece, apiece, 1)
