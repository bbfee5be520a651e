"""`records`: 64 producers, each of which records a result, waits until it is committed, and records the next; a second's worth.

Ours is the store's own writer. All of them write to the same disk, and none may answer before its flush; PostgreSQL has both
cores for itself and its client. That ours has what it has acknowledged is looked at over a second connection.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from knack_loadtest.bench import machine
from knack_loadtest.bench.contenders import PEERS, Missing, environment
from knack_loadtest.bench.databases import postgres_server
from knack_loadtest.bench.process import Program
from knack_loadtest.bench.readings import Round, Row, reading
from knack_loadtest.bench.stage import FAILURES, Stage, absent, against

PROGRAM: Final = Path(__file__).parents[4] / "scripts" / "bench" / "records.py"
PRODUCERS: Final = 64

_ONE: Final = frozenset({machine.SERVER_CORE})
_BOTH: Final = frozenset({machine.SERVER_CORE, machine.CLIENT_CORE})


def measure(stage: Stage) -> Iterator[Row]:
    """Measure all of them, turn and turn about."""
    amount = [str(stage.size(small=8, full=PRODUCERS)), str(stage.size(small=1, full=3))]
    missing: dict[str, Exception] = {}
    with ExitStack() as running:
        programs = {
            "ours": running.enter_context(
                Program(
                    "records",
                    [sys.executable, str(PROGRAM), str(stage.new_folder()), *amount],
                    environment(),
                    _ONE,
                )
            )
        }
        peers: dict[str, Callable[[], Program]] = {
            "aiosqlite": lambda: _aiosqlite(stage, amount),
            "postgres": lambda: _postgres(stage, running, amount),
        }
        for name, start in peers.items() if stage.scratch else ():
            try:
                programs[name] = running.enter_context(start())
            except FAILURES as reason:
                missing[name] = reason
        answers: dict[str, list[dict[str, Any]]] = {name: [] for name in programs}
        for _ in range(stage.rounds):
            for name, program in programs.items():
                answers[name].append(program.ask())
    wrong = tuple(
        f"{answer['missing']:.0f} acknowledged results are not there"
        for answer in answers["ours"]
        if answer["missing"]
    )
    rates = {
        name: reading([Round(answer["rows_per_s"]) for answer in many]) for name, many in answers.items()
    }
    row = Row(
        "records",
        f"{amount[0]} producers, each result recorded",
        "rows/s",
        rates["ours"],
        "–",
        is_more_better=True,
        wrong=wrong,
    )
    if stage.scratch is None:
        yield row
        return
    for name, label, aim, limit in (
        ("aiosqlite", "aiosqlite, one commit a row", "20 times the rate", 20.0),
        ("postgres", "PostgreSQL, one INSERT a transaction (asyncpg)", "more", 1.0),
    ):
        held = row._replace(against=label, aim=aim, limit=limit)
        yield absent(held, missing[name]) if name in missing else against(held, rates[name])


def _aiosqlite(stage: Stage, amount: list[str]) -> Program:
    assert stage.scratch is not None
    if "python" in stage.scratch.missing:
        raise Missing(stage.scratch.missing["python"])
    program = [str(stage.scratch.python), str(PEERS / "aiosqlite_rows.py"), str(stage.new_folder())]
    return Program("aiosqlite", [*program, *amount], environment(), _ONE)


def _postgres(stage: Stage, running: ExitStack, amount: list[str]) -> Program:
    folder, scratch = running.enter_context(postgres_server(stage, _BOTH))
    program = [str(scratch.python), str(PEERS / "postgres_rows.py"), str(folder)]
    return Program("postgres", [*program, *amount], environment(), _BOTH)
