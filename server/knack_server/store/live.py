"""The score of a run that has not ended, read from its log: the run itself lives in the server's memory, not here."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from knack_protocol.ids import RunId
from knack_protocol.rules.log import LevelEvent, MoveEvent, decode
from knack_server.store.schema import log, runs


@dataclass(frozen=True, slots=True)
class LiveScore:
    """What a run in play has come to; all 0 before its first legal move."""

    score: int = 0
    scored_at_ms: int = 0
    """`t_eff` of the move that reached the score, also when that move ended a level and its bonus counts."""
    moves: int = 0

    def after(self, payload: bytes) -> "LiveScore":
        """Return what it comes to with the log's next event."""
        match decode(payload):
            case MoveEvent(t_eff=t_eff, score=score):
                return LiveScore(score, t_eff, self.moves + 1)
            case LevelEvent(score=score):
                return LiveScore(score, self.scored_at_ms, self.moves)
            case _:
                return self


async def live_scores(connection: AsyncConnection, which: ColumnElement[bool]) -> dict[RunId, LiveScore]:
    """Return the scores of the runs in play among those that a condition on `runs` picks."""
    query = (
        select(log.c.run, log.c.payload)
        .join(runs, runs.c.run == log.c.run)
        .where(runs.c.ended_position.is_(None), which)
        .order_by(log.c.run, log.c.seq)
    )
    scores: dict[RunId, LiveScore] = {}
    for run, payload in await connection.execute(query):
        scores[run] = scores.get(run, LiveScore()).after(payload)
    return scores
