"""Runs for detectors: played on the rules alone, on a clock that the test gives, and recorded as a server would."""

from collections.abc import Callable, Sequence
from random import Random

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import SPRINT, Course
from knack_protocol.rules.log import ConnectionKind
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import SeededTiles, Tiles
from knack_protocol.rules.swaps import Swap, legal_swaps
from knack_server.core.flags.played import Played, Recorded, play_again

SEED = b"\7" * 32

Choose = Callable[[Board], Swap]


def first_legal(board: Board) -> Swap:
    return legal_swaps(board)[0]


def any_legal(random: Random) -> Choose:
    return lambda board: random.choice(legal_swaps(board))


class Recorder:
    """Plays a run and records it."""

    def __init__(
        self,
        *,
        tiles: Tiles | None = None,
        grace_ms: int = 20,
        course: Course = SPRINT,
        run: str = "run-1",
        player: str = "p-1",
    ) -> None:
        self._tiles = tiles or SeededTiles(SEED)
        self._names = RunId(run), PlayerId(player)
        self.course = course
        self.run = self._fresh(grace_ms)
        self.grace_ms = grace_ms
        self.payloads: list[bytes] = []

    def swap(self, swap: Swap, think_ms: int) -> None:
        """Make a swap so many ms after the lock's end."""
        outcome = self.run.move(self.run.lock_end_ms + self.grace_ms + think_ms, *swap)
        self.payloads += [event.payload for event in outcome.events]

    def play(self, think_ms: Sequence[int], choose: Choose = first_legal) -> "Recorder":
        """Make a swap for each think time."""
        for ms in think_ms:
            self.swap(choose(self.run.board), ms)
        return self

    def connection(self, t: int, kind: ConnectionKind) -> None:
        self.payloads += [event.payload for event in self.run.connection(t, kind)]

    def recorded(self) -> Recorded:
        return Recorded(*self._names, self._fresh(self.grace_ms), tuple(self.payloads))

    def played(self) -> Played:
        return play_again(self.recorded())

    def _fresh(self, grace_ms: int) -> Run:
        return Run(self.course, self._tiles, bytes(32), grace_ms)
