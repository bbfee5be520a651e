"""Judges what a server has stored with the plain oracle and the true seed, and takes nobody's word for anything.

The oracle shares no code with the server, so a weakness in the server's rules cannot excuse itself here.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

from tests.support.adversary import SEED
from tests.support.site import Site

from knack_loadtest.oracle.run import PlainRun
from knack_protocol.ids import RunId
from knack_protocol.rules.course import COURSES, rules_hash
from knack_protocol.rules.log import ConnectionEvent, EndEvent, EndReason, IllegalEvent, MoveEvent, decode, h0
from knack_server.shell.folder import DATABASE_NAME
from knack_server.store.queries import Queries

LOCK_SWAP_MS, LOCK_STEP_MS, LOCK_MS_MAX, LOCK_ILLEGAL_MS = 200, 300, 2000, 300
EARLY_MS = 150
SPRINT_MS = 90_000
"""The rules' numbers (RULES.md, 4 and 6), written here again: a server with other ones has to be found out."""


RESULTS = {
    "events": "*",
    "players": "*",
    "runs": "run, player, course, commitment, nonce, t0_unix_ms, grace_ms, score, scored_at_ms, moves, end_reason",
    "acts": "*",
    "desk_tokens": "*",
    "contacts": "*",
}
"""What no cheat may change: tables and columns; the marks of clocks are left out, because time passes."""


@dataclass(frozen=True)
class Judged:
    """A run as the oracle sees it, and the events of its log."""

    oracle: PlainRun
    events: list[Any]

    @property
    def moves(self) -> list[MoveEvent | IllegalEvent]:
        return [event for event in self.events if isinstance(event, MoveEvent | IllegalEvent)]

    @property
    def score(self) -> int:
        return self.oracle.score


async def judge(site: Site, run: RunId, seed: bytes = SEED) -> Judged:
    """Replay a run's stored log; fail unless its every byte is what the rules make of what arrived when.

    The standings must say the same score, and the moves must keep their distance and the time.
    """
    await site.settled()
    stored = await Queries(site.house.store).run_log(run)
    assert stored is not None
    row = stored.run
    assert row.grace_ms is not None
    assert row.t0_unix_ms is not None
    start = h0(row.event, run, row.player, row.commit, rules_hash(), row.t0_unix_ms, row.grace_ms)
    levels = [tuple(level) for level in COURSES[row.course].levels]
    oracle = PlainRun(levels, seed, None, start, row.grace_ms)
    events = [decode(logged.payload) for logged in stored.events]
    for event, logged in zip(events, stored.events, strict=True):
        if len(oracle.events) < logged.seq:
            _play(oracle, event)
        assert (oracle.events[logged.seq - 1], oracle.hashes[logged.seq]) == (logged.payload, logged.hash)
    assert len(oracle.events) == len(events)
    assert row.score == oracle.score
    judged = Judged(oracle, events)
    _keeps_time(judged, row.grace_ms)
    return judged


def _play(oracle: PlainRun, event: Any) -> None:
    match event:
        case MoveEvent() | IllegalEvent():
            reply = oracle.move(event.t_arr, event.cell, event.direction)
            assert reply.verdict == ("ok" if isinstance(event, MoveEvent) else "illegal"), (reply, event)
        case ConnectionEvent():
            oracle.connection(event.t, event.kind)
        case EndEvent(reason=EndReason.TIME):
            oracle.expire()
        case EndEvent():
            oracle.end(event.t, event.reason)
        case _:
            raise AssertionError(f"nothing of the player's brought this about: {event}")


def _keeps_time(judged: Judged, grace_ms: int) -> None:
    """Check with nothing but numbers that no move came before the lock allowed it, or counts after the time."""
    lock_end = 0
    for event in judged.events:
        if isinstance(event, MoveEvent | IllegalEvent):
            assert event.t_arr - grace_ms >= lock_end - EARLY_MS
            assert event.t_eff == max(event.t_arr - grace_ms, lock_end)
            is_legal = isinstance(event, MoveEvent)
            lock_ms = LOCK_SWAP_MS + LOCK_STEP_MS * event.steps if is_legal else LOCK_ILLEGAL_MS
            lock_end = event.t_eff + min(lock_ms, LOCK_MS_MAX)
        elif hasattr(event, "bonus"):
            lock_end = event.t
    if len(judged.oracle.levels) == 1:
        assert all(event.t_eff < SPRINT_MS for event in judged.moves)


async def standings(site: Site, course: str = "sprint") -> list[Any]:
    """Return the rows of a course as everybody gets them."""
    answer = await site.http.get("/api/standings", params={"course": course})
    assert answer.status_code == 200
    rows: list[Any] = answer.json()["rows"]
    return rows


async def results(site: Site) -> dict[str, list[Any]]:
    """Return all that a cheat would like to change: standings, players, runs, and every event of every log but comings and goings."""
    await site.settled()
    path = site.house.settings.data_dir / DATABASE_NAME
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = {
            what: database.execute(f"SELECT {columns} FROM {what} ORDER BY 1, 2").fetchall()
            for what, columns in RESULTS.items()
        }
        found["log"] = [
            row
            for row in database.execute("SELECT run, seq, payload, hash FROM log ORDER BY run, seq")
            if not isinstance(decode(row[2]), ConnectionEvent)
        ]
    finally:
        database.close()
    found |= {course: await standings(site, course) for course in map(str, COURSES)}
    found["plays"] = [
        (play.run.score, play.run.moves, play.run.level, play.run.lock_end_ms, play.run.board.symbols)
        for event in site.house.host.arena.floor.events.values()
        for _, play in sorted(event.plays.items())
        if play.run is not None
    ]
    return found
