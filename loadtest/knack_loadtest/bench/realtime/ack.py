"""`ack`: how long a move's answer takes while 8,000 subscribers get a board four times a second; p99.

Held against the same server, of which a program outside the load tester (`scripts/bench/unsliced.py`) has set the length
of a slice so high that every pass is one: a setting for that has no place in the product. Players and subscribers are
in processes of their own, and the subscribers' has the lower priority, so that the client's reading of boards is not
what is measured.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from knack_loadtest.bench.process import Client
from knack_loadtest.bench.readings import Round, Row, alternating, reading, wrong_of
from knack_loadtest.bench.stage import Stage, Stand, faults, our_stand

UNSLICED: Final = Path(__file__).parents[4] / "scripts" / "bench" / "unsliced.py"

_NICENESS: Final = 10
_RATE_PER_S: Final = 60
_PLAYERS_SEED: Final = 7


class _Hall(NamedTuple):
    """A server, its subscribers, and its players in another process."""

    stand: Stand
    players: Client

    def round(self, duration_s: int) -> Round:
        """Return the p99 in ms."""
        self.stand.do("tally")
        work = self.players.do("play", rate_per_s=_RATE_PER_S, duration_s=duration_s)
        counted = self.stand.do("quiet")
        silent = () if counted.answer["deliveries"] else ("no board was delivered",)
        share = work.client_share
        return Round(work.answer["wait_ms"]["p99"], share, (*faults(work), *faults(counted), *silent))


def measure(stage: Stage) -> Iterator[Row]:
    """Measure both, A/B/A/B."""
    subscribers, players = stage.size(small=40, full=8000), stage.size(small=20, full=120)
    duration_s = stage.size(small=1, full=5)
    with ExitStack() as open_stands:
        halls: dict[str, _Hall] = {}
        for name, program in (("ours", None), ("unsliced", UNSLICED)):
            stand = open_stands.enter_context(our_stand(stage, program, niceness=_NICENESS))
            client = open_stands.enter_context(Client(stand.server, "knack", seed=_PLAYERS_SEED))
            client.do("gather", number=players)
            stand.connect(subscribers)
            halls[name] = _Hall(stand, client)
        for hall in halls.values():
            hall.players.begin("begin")
        for hall in halls.values():
            hall.players.finish()
        rounds = alternating(
            stage.rounds, {name: partial(hall.round, duration_s) for name, hall in halls.items()}
        )
    yield Row(
        "ack",
        f"p99 of a move's answer while {subscribers:,} subscribers get boards",
        "ms",
        reading(rounds["ours"]),
        "the same without slices",
        reading(rounds["unsliced"]),
        aim="a fifth",
        limit=0.2,
        wrong=wrong_of(*rounds.values()),
    )
