"""Results for reports: made as a run makes them, from what workers tell each second, with oracles that really looked."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from random import Random
from typing import Any

from tests.loadtest.crowd.evening import honest_evening

from knack_client.address import Address
from knack_loadtest.crowd import result
from knack_loadtest.crowd.gathering import Gathering
from knack_loadtest.crowd.oracles.table import judge
from knack_loadtest.crowd.people.attempts import TABLE as ATTEMPTS
from knack_loadtest.crowd.plan import make_plan
from knack_loadtest.crowd.scenario.reading import load
from knack_loadtest.crowd.server import Usage
from knack_loadtest.crowd.tally import Tally
from knack_loadtest.crowd.target import Target
from knack_loadtest.crowd.thresholds import parse

Document = dict[str, Any]

SECONDS = 30
STORM_S = 14
MOVES_A_SECOND = 12
BEGAN_UNIX_MS = 1_795_000_000_000
THRESHOLDS = (
    "move_ack.p50 < 150ms",
    "connect.success >= 99%",
    "feeds.unrepaired == 0",
    "server.rss < 400MiB",
)


def made(seed: int = 1, slower: float = 1, thresholds: tuple[str, ...] = THRESHOLDS) -> Document:
    """A result of thirty seconds; `slower` stretches every answer of the server."""
    return copy.deepcopy(_made(seed, slower, thresholds, is_wrong=False))


def made_wrong() -> Document:
    """The same, of a server that took points away from somebody after they were acknowledged, and with a limit breached."""
    return copy.deepcopy(_made(1, 1, (*THRESHOLDS, "move_ack.p95 < 20ms", "acts.p99 < 1s"), is_wrong=True))


@cache
def _made(seed: int, slower: float, thresholds: tuple[str, ...], *, is_wrong: bool) -> Document:
    plan = make_plan(load("smoke"))
    gathering = Gathering(plan.scenario.frame.warmup_ms)
    gathering.begin_worker(0, len(plan.people), ["127.0.0.2", "127.0.0.3", "127.0.0.4"])
    random = Random(seed)
    for second in range(1, SECONDS + 1):
        gathering.take(0, _second(second, random, slower))
        told = gathering.seconds[second]
        told.server_cpu, told.server_rss = 0.2 + random.random() / 10, 90_000_000 + 10_000 * second
    gathering.visibility.close()
    usage = Usage(None)
    usage.pid, usage.cpu_s, usage.rss_start, usage.rss_peak = 4711, 6.5, 80_000_000, 90_300_000
    documents = _oracles(is_wrong=is_wrong)
    frame = plan.scenario.frame
    made = result.build(
        plan,
        Target(Address.parse("http://127.0.0.1:8000"), "demo", "City festival", "0.1.0", ("sprint", "climb"), False, True),
        result.Times(BEGAN_UNIX_MS, BEGAN_UNIX_MS + SECONDS * 1000, SECONDS * 1000, False),
        gathering,
        documents,
        tuple(map(parse, thresholds)),
        usage,
        [
            {"at_ms": frame.warmup_ms, "kind": "warmup_over", "text": "from here on figures count"},
            {"at_ms": STORM_S * 1000, "kind": "storm", "text": "storm: 100% of all"},
            {"at_ms": 20_000, "kind": "slow", "text": "slow: 10% of watchers"},
            {"at_ms": frame.duration_ms, "kind": "over", "text": "nobody begins anything new"},
        ],
        (),
        ("crowd", "run", "smoke", "--seed", str(seed)),
        is_fresh=True,
    )  # fmt: skip
    # The machine that this is tested on is none of a report's business.
    swap = next(check for check in made["innocence"]["checks"] if check["name"] == "swap")
    swap["value"], swap["outcome"] = 0, "good"
    parsed: Document = json.loads(json.dumps(made))
    return parsed


def _second(second: int, random: Random, slower: float) -> Document:
    tally, acked, applied = Tally(), [], []
    sockets = 36 if second != STORM_S + 1 else 4
    for move in range(MOVES_A_SECOND):
        intended_us = (second - 1) * 1_000_000 + move * 80_000
        took_us = round(random.lognormvariate(9.6, 0.5) * slower)
        tally.count("moves.offered")
        tally.count("moves.achieved")
        tally.time("move_ack", took_us)
        tally.time("move_service", took_us - 300)
        tally.time("send_lag", random.randrange(900))
        version = second * 100 + move
        acked.append(["sprint", 7, version, intended_us, intended_us + took_us, "run-0"])
        applied.append([1, "sprint", 7, version - 1, version, intended_us + took_us + 120_000, ["run-0"]])
    for _ in range(36 if second == 1 else 32 if second == STORM_S + 1 else 0):
        tally.count("connect.attempts")
        tally.mark("connect_outcomes", "ready")
        tally.time("connect", random.randrange(2_000, 9_000))
    if second == STORM_S:
        tally.mark("disconnects", "1006 wanted", 32)
    if second % 8 == 0:
        tally.count("contact.accepted")
        tally.mark("contact_answers", "201")
        tally.time("http", random.randrange(3_000, 8_000))
        tally.time("stolen_time", 40_000 * random.random(), "casual")
    for _ in range(10):
        tally.time("generator.loop_lag", random.randrange(100, 1900))
    tally.count("feeds.deltas", 40)
    tally.count("bytes.in", 9_000)
    tally.level("generator.cpu", 0.2)
    tally.level("generator.rss", 60_000_000)
    attempts = [[row.kind, row.expected, row.expected, 4_000] for row in ATTEMPTS] if second == 10 else []
    tally.count("cheats.attempts", len(attempts))
    return {
        "second": second,
        "tally": tally.drain(),
        "sockets": sockets,
        "busy": 10,
        "cpu": 0.2,
        "acked": acked,
        "applied": applied,
        "violations": [],
        "attempts": attempts,
        "acts": [],
        "contacts": [],
        "digests": {},
        "heats": [],
        "starts": [],
    }


def _oracles(*, is_wrong: bool) -> list[Document]:
    evening = honest_evening()
    if is_wrong:
        final = evening.final["sprint"]
        robbed = final.rows[0]._replace(score=final.rows[0].score - 60)
        evening.final["sprint"] = type(final)(final.epoch, final.version, "", (robbed, *final.rows[1:]))
    with ThreadPoolExecutor(1) as executor:
        return judge(evening, executor)[0]
