"""What goes wrong on the way, in one table: each kind is a coroutine over the devices of one worker's people.

Who is struck is drawn from the seed, person by person, so it is the same for any number of workers.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from knack_loadtest.crowd.faults.slow import slow
from knack_loadtest.crowd.faults.storm import storm
from knack_loadtest.crowd.faults.struck import Struck
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.scenario.model import Fault

Deed = Callable[[Stage, Fault, Struck], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of fault."""

    kind: str
    meaning: str
    deed: Deed


TABLE: Final = (
    Row("storm", "lines break at once, and everybody comes back; a share without any patience", storm),
    Row("slow", "devices stop reading for a while, as a phone in a pocket does", slow),
)

KINDS: Final = {row.kind: row for row in TABLE}
