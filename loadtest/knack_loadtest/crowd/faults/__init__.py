"""What goes wrong on the way, in one table: deeds strike people, outages strike the server.

A deed is a coroutine over the devices of one worker's people; an outage is the conductor's, over the tester's own server.
Who is struck, and when the server is, is drawn from the seed, person by person, so it is the same for any number of workers.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from knack_loadtest.crowd.faults.outages import kill, restart, stop
from knack_loadtest.crowd.faults.silence import half_open, vanish
from knack_loadtest.crowd.faults.slow import slow
from knack_loadtest.crowd.faults.storm import storm
from knack_loadtest.crowd.faults.struck import Struck
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.scenario.model import Fault
from knack_loadtest.crowd.server import FreshServer

Deed = Callable[[Stage, Fault, Struck], Awaitable[None]]
Outage = Callable[[FreshServer, float], Awaitable[None]]
"""Does something to a server for so many seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of fault: it has a deed, or it is an outage of the server."""

    kind: str
    meaning: str
    deed: Deed | None = None
    outage: Outage | None = None
    takes_lines: bool = False
    """Whether an outage ends everybody's line."""


TABLE: Final = (
    Row("storm", "lines break at once, and everybody comes back; a share without any patience", storm),
    Row("slow", "devices stop reading for a while, as a phone in a pocket does", slow),
    Row(
        "half_open",
        "lines go dead without a word to either side, and devices find out by the silence",
        half_open,
    ),
    Row("vanish", "people are gone for good without a word, as with an empty battery", vanish),
    Row(
        "kill",
        "the server is killed (SIGKILL) at a drawn moment of `within`, and started again after `for`",
        outage=kill,
        takes_lines=True,
    ),
    Row("restart", "the same, but it may end in good order (SIGTERM)", outage=restart, takes_lines=True),
    Row("stop", "the server's process stands still for a while (SIGSTOP, SIGCONT)", outage=stop),
)

KINDS: Final = {row.kind: row for row in TABLE}
