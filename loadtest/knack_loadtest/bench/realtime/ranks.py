"""`ranks`: a million players; a player's update with the new rank, the top 100, and five neighbours on either side.

Wall time with the client's part included: ours is a call in the server's own process, Redis' a question over a UNIX
socket through redis-py with hiredis, alone and 50 in a pipeline, with a core for the client and one for the server. Our ranks
and our top are held against a sort.

Our standings keep their head until somebody in it changes. So that this is not measured on standings that stand still, others
are updated between two questions, and the note says what the top takes when it has changed before every question.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from knack_loadtest.bench import machine
from knack_loadtest.bench.contenders import PEERS, environment
from knack_loadtest.bench.databases import redis_server
from knack_loadtest.bench.process import Program
from knack_loadtest.bench.readings import Reading, Round, Row, reading, short
from knack_loadtest.bench.stage import FAILURES, Stage, absent, against

PROGRAM: Final = Path(__file__).parents[4] / "scripts" / "bench" / "ranks.py"

_QUESTIONS: Final = {
    "update": "update and own rank",
    "top": "the top 100",
    "around": "five neighbours on either side",
}
_WAYS: Final = (
    ("us", "Redis 7 sorted set, redis-py and hiredis, one by one", "a tenth", 0.1),
    ("piped_us", "the same, 50 in a pipeline", "two thirds", 2 / 3),
)


def measure(stage: Stage) -> Iterator[Row]:
    """Measure both, A/B/A/B."""
    players = stage.size(small=1000, full=1_000_000)
    missing: Exception | None = None
    with ExitStack() as running:
        ours = running.enter_context(
            Program(
                "ranks",
                [sys.executable, str(PROGRAM), str(players)],
                environment(),
                frozenset({machine.SERVER_CORE}),
            )
        )
        redis: Program | None = None
        try:
            address, scratch = running.enter_context(redis_server(stage))
            redis = running.enter_context(
                Program(
                    "redis",
                    [str(scratch.python), str(PEERS / "redis_ranks.py"), str(address), str(players)],
                    environment(),
                    frozenset({machine.CLIENT_CORE}),
                )
            )
        except FAILURES as reason:
            missing = reason
        mine: list[dict[str, Any]] = []
        theirs: list[dict[str, Any]] = []
        for _ in range(stage.rounds):
            mine.append(ours.ask())
            if redis is not None:
                theirs.append(redis.ask())
    wrong = tuple(
        f"{answer['wrong']} ranks and places are not those of a sort" for answer in mine if answer["wrong"]
    )
    for question, what in _QUESTIONS.items():
        row = Row(
            "ranks",
            f"{players:,} players: {what}",
            "µs",
            _of(mine, f"{question}_us"),
            "–",
            note=_top_note(mine) if question == "top" else "",
            wrong=wrong,
        )
        if stage.scratch is None:
            yield row
            continue
        for way, label, aim, limit in _WAYS:
            held = row._replace(against=label, aim=aim, limit=limit)
            yield absent(held, missing) if missing else against(held, _of(theirs, f"{question}_{way}"))


def _top_note(answers: list[dict[str, Any]]) -> str:
    changed = _of(answers, "top_changed_us")
    assert changed is not None
    return (
        f"with {answers[0]['updates_a_top']} updates of anybody between two questions, as 1,000 moves and four publications a "
        f"second leave; {short(changed.median)} µs when somebody in the top has moved before every question"
    )


def _of(answers: list[dict[str, Any]], name: str) -> Reading | None:
    return reading([Round(float(answer[name])) for answer in answers])
