"""The score of a run that has not ended, read from its log: the run itself lives in the server's memory, not here."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncConnection

from knack_protocol.ids import RunId
from knack_protocol.rules.log import LevelEvent, MoveEvent, decode
from knack_server.store.logs import logged_events
from knack_server.store.schema import runs


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
    scores: dict[RunId, LiveScore] = {}
    async for run, _, payload, _, _ in logged_events(connection, runs.c.ended_position.is_(None) & which):
        scores[run] = scores.get(run, LiveScore()).after(payload)
    return scores
