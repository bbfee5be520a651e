"""The order of one course of one event and everybody's rank in it (rules, section 8).

A player stands with the best of their runs: more points first, then the smaller time at which they were reached. Equal
points and time share a rank, and the next rank counts them all (1, 2, 2, 4); among equals the player's id decides who is
listed first. All runs of a player are kept, so that voiding the best one brings the next best back.

Nothing here knows a name, an act or a clock: the caller leaves voided runs out.
"""

import hashlib
import json
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sortedcontainers import SortedList  # type: ignore[import-untyped]  # ships no types

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.wire.messages import Row


class Standing(NamedTuple):
    """The run a player stands with."""

    run: RunId
    player: PlayerId
    score: int
    time_ms: int
    """`t_eff` of the move that reached the score, in ms of the run's clock."""


class Standings:
    """Every player's best run with a score above 0, in order; running runs are in it as they go.

    With n players and k runs of the player: `put`, `remove`, `rank` and `window` cost O(log n + k). Ranks count
    from 1.
    """

    __slots__ = ("_best", "_order", "_player_of", "_runs")

    def __init__(self) -> None:
        self._order = SortedList()
        """(-score, time_ms, player) of every standing; tuples compare exactly in the order of the listing."""
        self._best: dict[PlayerId, Standing] = {}
        self._runs: dict[PlayerId, list[tuple[int, int, RunId]]] = {}
        """(-score, time_ms, run) of every run of a player, the best first; of two equal runs the smaller id stands, so
        that the order of arrival, which a restart does not repeat, never matters."""
        self._player_of: dict[RunId, tuple[PlayerId, int, int]] = {}
        """Player and (-score, time_ms) of every known run."""

    def put(self, run: RunId, player: PlayerId, score: int, time_ms: int) -> None:
        """Take a run in, or its new score and time; a score of 0 has no standing and takes the run out."""
        assert score >= 0, "a score is never negative"
        known = self._player_of.get(run)
        assert known is None or known[0] == player, "a run never changes its player"
        if score == 0:
            self.remove(run)
            return
        if known is not None:
            self._forget(run, *known)
        self._player_of[run] = (player, -score, time_ms)
        insort(self._runs.setdefault(player, []), (-score, time_ms, run))
        self._settle(player)

    def remove(self, run: RunId) -> None:
        """Take a run out (it was voided); the player's next best run stands. An unknown run is none."""
        known = self._player_of.pop(run, None)
        if known is not None:
            self._forget(run, *known)
            self._settle(known[0])

    def standing(self, player: PlayerId) -> Standing | None:
        """Return the run the player stands with."""
        return self._best.get(player)

    def rank(self, player: PlayerId) -> int:
        """Return the player's rank, 0 without a standing."""
        best = self._best.get(player)
        if best is None:
            return 0
        return 1 + int(self._order.bisect_left((-best.score, best.time_ms)))

    def top(self, count: int) -> list[Standing]:
        """Return the first `count` standings in order."""
        return [self._best[key[2]] for key in islice(self._order, count)]

    def window(self, player: PlayerId, around: int) -> list[Standing]:
        """Return the player's standing with up to `around` neighbours on either side, in order; empty without one."""
        best = self._best.get(player)
        if best is None:
            return []
        place = self._order.index((-best.score, best.time_ms, player))
        return [self._best[key[2]] for key in self._order.islice(max(place - around, 0), place + around + 1)]

    def __iter__(self) -> Iterator[Standing]:
        return (self._best[key[2]] for key in self._order)

    def __len__(self) -> int:
        return len(self._best)

    def _forget(self, run: RunId, player: PlayerId, minus_score: int, time_ms: int) -> None:
        runs = self._runs[player]
        place = bisect_left(runs, (minus_score, time_ms, run))
        assert runs[place][2] == run, "the index of runs has lost one"
        del runs[place]

    def _settle(self, player: PlayerId) -> None:
        """Bring the order up to date with the player's best run."""
        runs = self._runs[player]
        old = self._best.get(player)
        new = None
        if runs:
            minus_score, time_ms, run = runs[0]
            new = Standing(run, player, -minus_score, time_ms)
        else:
            del self._runs[player]
        if new == old:
            return
        if old is not None:
            self._order.remove((-old.score, old.time_ms, player))
            del self._best[player]
        if new is not None:
            self._order.add((-new.score, new.time_ms, player))
            self._best[player] = new

    def _check(self) -> None:
        """Assert everything the indexes promise one another."""
        self._order._check()  # noqa: SLF001 - its own promise, checked with ours
        assert len(self._order) == len(self._best) == len(self._runs)
        for minus_score, time_ms, player in self._order:
            runs = self._runs[player]
            assert runs == sorted(runs)
            assert runs[0] == (minus_score, time_ms, self._best[player].run)
            assert self._best[player] == Standing(runs[0][2], player, -minus_score, time_ms)
        known = {(run, player, score, ms) for player, runs in self._runs.items() for score, ms, run in runs}
        assert known == {(run, *rest) for run, rest in self._player_of.items()}
        assert all(minus_score < 0 for _, minus_score, _ in self._player_of.values())


def canonical_rows_json(rows: Sequence[Row]) -> bytes:
    """Return the rows as canonical JSON: UTF-8, separators `,` and `:`, nothing escaped that need not be."""
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def canonical_rows_sha256(rows: Sequence[Row]) -> str:
    """Return the SHA-256 of the canonical JSON of `rows`, in hex, by which two listings are compared."""
    return hashlib.sha256(canonical_rows_json(rows)).hexdigest()
