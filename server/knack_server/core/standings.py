"""The order of one course of one event and everybody's rank in it (rules, section 8).

A player stands with the best of their runs: more points first, then the smaller time at which they were reached. Equal
points and time share a rank, and the next rank counts them all (1, 2, 2, 4); among equals the player's id decides who is
listed first. All runs of a player are kept, so that voiding the best one brings the next best back.

Nothing here knows a name, an act or a clock: the caller leaves voided runs out.
"""

import hashlib
import json
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.wire.messages import Row
from knack_server.core.order import Order, Place

TIME_BITS = 32
"""Of a key's 64 bits; 49 days of ms. The other half is for points."""

SCORE_MAX = TIME_MAX_MS = (1 << TIME_BITS) - 1

HEAD_MAX = 128
"""Standings at the head that are kept ready for the next who asks: more than a screen or a podium shows."""

_NOTHING, _EVERYTHING = -1, (1 << 2 * TIME_BITS) - 1
"""Below every key, and none above it."""


class Standing(NamedTuple):
    """The run a player stands with."""

    run: RunId
    player: PlayerId
    score: int
    time_ms: int
    """`t_eff` of the move that reached the score, in ms of the run's clock."""


class Mark(NamedTuple):
    """A place in the order, by what decides it: marks compare as the places do."""

    key: int
    """Points and time in one integer, the best the smallest; from 0 to 2^64 - 1."""
    player: PlayerId


class Standings:
    """Every player's best run with a score above 0, in order; running runs are in it as they go.

    With n players and k runs of the player: `put` and `remove` cost O(log n + k), `rank` and `standing` O(log n), a
    page O(log n) and its length (`order` says what hides behind O(log n)). Ranks count from 1. A player with one
    run takes about 110 bytes, each further run about 110 more.

    The head of the order is asked for at every publication, and nearly every change happens far below it: so it is kept
    as it was told last, until somebody comes, goes or moves before its end.
    """

    __slots__ = ("_head", "_head_key", "_keys", "_order", "_others")

    def __init__(self) -> None:
        self._keys: dict[PlayerId, int] = {}
        """Points and time of every standing as one integer, the best the smallest."""
        self._order = Order()
        self._others: dict[PlayerId, list[tuple[int, RunId]]] = {}
        """Key and run of the runs that a player does not stand with, the best first; only of players who have such.
        Of two equal runs the smaller id stands, so that the order of arrival, which a restart does not repeat, never
        matters."""
        self._head: list[Standing] = []
        """The first standings, as many as somebody has asked for; of use while `_head_key` is not `_NOTHING`."""
        self._head_key = _NOTHING
        """The key of its last: a change at a smaller or the same one makes another head. `_EVERYTHING` where the head is all
        that there is, so that any change does."""

    def fill(self, results: Iterable[Standing]) -> None:
        """Take in all results of a start at once, runs with a score of 0 left out; nothing may stand yet.

        One sort: a million results take about 3 s.
        """
        assert not self._keys, "only empty standings can be filled"
        keys, runs, others = self._keys, dict[PlayerId, RunId](), self._others
        for run, player, score, time_ms in results:
            if score == 0:
                continue
            key = _key(score, time_ms)
            if player not in keys:
                keys[player], runs[player] = key, run
            elif (key, run) < (keys[player], runs[player]):
                others.setdefault(player, []).append((keys[player], runs[player]))
                keys[player], runs[player] = key, run
            else:
                others.setdefault(player, []).append((key, run))
        for known in others.values():
            known.sort()
        players = sorted(keys, key=keys.__getitem__)
        _sort_equals(players, keys)
        self._order = Order(
            [keys[player] for player in players], players, [runs[player] for player in players]
        )
        self._head_key = _NOTHING

    def put(self, run: RunId, player: PlayerId, score: int, time_ms: int) -> None:
        """Take a run in, or its new score and time; a score of 0 has no standing and takes the run out."""
        assert score >= 0, "a score is never negative"
        if score == 0:
            self.remove(run, player)
            return
        key = _key(score, time_ms)
        old = self._keys.get(player)
        if old is None:
            self._stand(key, player, run)
            return
        best = self._order.remove(old, player)
        if old <= self._head_key:
            self._head_key = _NOTHING
        others = self._others.get(player)
        if others is None and best == run:  # what nearly every move does
            self._stand(key, player, run)
            return
        runs = [known for known in ((old, best), *(others or ())) if known[1] != run]
        insort(runs, (key, run))
        self._settle(player, runs)

    def remove(self, run: RunId, player: PlayerId) -> None:
        """Take a player's run out (it was voided); the next best run stands. An unknown run is none."""
        old = self._keys.get(player)
        if old is None:
            return
        best = self._order.remove(old, player)
        if old <= self._head_key:
            self._head_key = _NOTHING
        runs = [known for known in ((old, best), *self._others.get(player, ())) if known[1] != run]
        self._settle(player, runs)

    def standing(self, player: PlayerId) -> Standing | None:
        """Return the run the player stands with."""
        key = self._keys.get(player)
        if key is None:
            return None
        return Standing(
            self._order.run(key, player), player, SCORE_MAX - (key >> TIME_BITS), key & TIME_MAX_MS
        )

    def rank(self, player: PlayerId) -> int:
        """Return the player's rank, 0 without a standing."""
        key = self._keys.get(player)
        return 0 if key is None else 1 + self._order.before(key)

    def mark(self, player: PlayerId) -> Mark | None:
        """Return the player's place in the order, None without a standing."""
        key = self._keys.get(player)
        return None if key is None else Mark(key, player)

    def before(self, mark: Mark) -> int:
        """Count the standings before a place in the order, whether anybody has it or not."""
        return self._order.index(*mark)

    def index(self, player: PlayerId) -> int | None:
        """Return how many are listed before the player, None without a standing: where the player's page is."""
        key = self._keys.get(player)
        return None if key is None else self._order.index(key, player)

    def between(self, start: int, stop: int) -> list[Standing]:
        """Return the standings from the one that `start` others are listed before, up to and without `stop`."""
        return list(_standings(self._order.slice(start, stop)))

    def top(self, count: int) -> list[Standing]:
        """Return the first `count` standings in order."""
        if not 0 < count <= HEAD_MAX:
            return self.between(0, count)
        if self._head_key == _NOTHING or (count > len(self._head) and self._head_key != _EVERYTHING):
            self._head = head = self.between(0, count)
            self._head_key = self._keys[head[-1].player] if len(head) == count else _EVERYTHING
        return self._head[:count]

    def window(self, player: PlayerId, around: int) -> list[Standing]:
        """Return the player's standing with up to `around` neighbours on either side, in order; empty without one."""
        index = self.index(player)
        if index is None:
            return []
        return self.between(max(index - around, 0), index + around + 1)

    def __iter__(self) -> Iterator[Standing]:
        return _standings(self._order.slice(0, len(self._keys)))

    def __len__(self) -> int:
        return len(self._keys)

    def _stand(self, key: int, player: PlayerId, run: RunId) -> None:
        self._keys[player] = key
        self._order.add(key, player, run)
        if key <= self._head_key:
            self._head_key = _NOTHING

    def _settle(self, player: PlayerId, runs: list[tuple[int, RunId]]) -> None:
        """Let a player who has no place at the moment stand with the first of `runs`, which are in order."""
        if not runs:
            del self._keys[player]
            self._others.pop(player, None)
            return
        (key, run), others = runs[0], runs[1:]
        self._stand(key, player, run)
        if others:
            self._others[player] = others
        else:
            self._others.pop(player, None)

    def _check(self) -> None:
        """Assert everything the indexes promise one another."""
        self._order._check()  # noqa: SLF001 - its own promise, checked with ours
        places = list(self._order.slice(0, len(self._order)))
        assert self._keys == {player: key for key, player, _ in places}
        for key, player, run in places:
            others = self._others.get(player)
            assert others is None or others == sorted(others)
            assert others is None or (key, run) < others[0]
        assert self._others.keys() <= self._keys.keys()
        assert all(self._others.values())
        if self._head_key != _NOTHING:
            assert self._head == self.between(0, len(self._head))


def _key(score: int, time_ms: int) -> int:
    """Fold points and time into one integer: more points and then the smaller time make the smaller one."""
    assert score <= SCORE_MAX
    assert 0 <= time_ms <= TIME_MAX_MS
    return (SCORE_MAX - score) << TIME_BITS | time_ms


def _standings(places: Iterable[Place]) -> Iterator[Standing]:
    """Unfold places, each in half the time that the call of a named tuple's class takes."""
    new = tuple.__new__
    return (
        new(Standing, (run, player, SCORE_MAX - (key >> TIME_BITS), key & TIME_MAX_MS))
        for key, player, run in places
    )


def _sort_equals(players: list[PlayerId], keys: Mapping[PlayerId, int]) -> None:
    """Sort those who share a key, of players in the order of their keys, by their ids."""
    equals = [later for later in range(1, len(players)) if keys[players[later]] == keys[players[later - 1]]]
    stop = 0
    for start in (later - 1 for later in equals):
        if start < stop:
            continue  # of a group that is sorted already
        key, stop = keys[players[start]], start + 2
        while stop < len(players) and keys[players[stop]] == key:
            stop += 1
        players[start:stop] = sorted(players[start:stop])


def canonical_rows_json(rows: Sequence[Row]) -> bytes:
    """Return the rows as canonical JSON: UTF-8, separators `,` and `:`, nothing escaped that need not be."""
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def canonical_rows_sha256(rows: Sequence[Row]) -> str:
    """Return the SHA-256 of the canonical JSON of `rows`, in hex, by which two listings are compared."""
    return hashlib.sha256(canonical_rows_json(rows)).hexdigest()
