"""A siege: pack after pack of attacks, all of one pack at once, while honest people play; and what came of it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

from knack_loadtest.crowd import verdict
from knack_loadtest.crowd.hostile.attacks import TABLE, Attack
from knack_loadtest.crowd.hostile.enemy import STAYS_OPEN, Ground
from knack_loadtest.crowd.hostile.hall import Hall
from knack_loadtest.crowd.server import Usage
from knack_loadtest.crowd.target import Target

FORMAT: Final = "crowd hostile 1"
ATTACKER: Final = "127.0.0.66"
"""Where attacks come from, so that what an address may do is used up for the attackers and nobody else."""

GO_WITHIN_S: Final = 60
"""Longer than any go takes against a server that does what it must."""

QUIET_S: Final = 6.0
"""For so long honest people play alone, to know how long replies take without attacks."""

PACK_S: Final = 6.0
"""For so long an attack is made again and again, and a pack lasts at least."""

SLOWER_MS_MAX: Final = 250
"""How much longer than that 95 of 100 replies may take during a pack: what the eye calls the same moment."""

GROWTH_BYTES_MAX: Final = 64 << 20
"""What attackers may make a server hold."""

NEEDS_REPLIES: Final = 20
"""Fewer say nothing about 95 of 100."""


@dataclass(slots=True)
class Outcome:
    """What came of one kind of attack: how often each answer was got."""

    attack: Attack
    got: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0

    @property
    def is_right(self) -> bool:
        """Tell whether every go got an answer that is right."""
        return bool(self.got) and set(self.got) <= set(self.attack.expected)

    def document(self) -> dict[str, Any]:
        """Return it as the result has it."""
        attack = self.attack
        return {
            "pack": attack.pack,
            "attack": attack.name,
            "tries": attack.tries,
            "times": attack.times,
            "expected": list(attack.expected),
            "got": dict(self.got),
            "is_right": self.is_right,
            "took_ms": round(1000 * self.took_s),
        }


async def assault(attack: Attack, ground: Ground) -> Outcome:
    """Make an attack as often as the table says, so many at once."""
    outcome, begun_s = Outcome(attack), monotonic()
    left = iter(range(attack.times))
    pause_s = PACK_S * attack.at_once / attack.times

    async def attacker() -> None:
        for number in left:
            await asyncio.sleep(pause_s if number >= attack.at_once else 0)
            try:
                async with asyncio.timeout(GO_WITHIN_S):
                    word = await attack.deed(ground)
            except TimeoutError:
                word = STAYS_OPEN
            except OSError as failed:
                word = f"no_way_in ({failed})"
            outcome.got[word] += 1

    await asyncio.gather(*(attacker() for _ in range(attack.at_once)))
    outcome.took_s = monotonic() - begun_s
    return outcome


async def besiege(
    target: Target,
    packs: Sequence[str],
    pid: int | None,
    *,
    is_ours: bool,
    on_pack: Callable[[str], None] = lambda _pack: None,
) -> dict[str, Any]:
    """Attack a server, and return the result.

    Args:
        target: A server on this machine.
        packs: Which packs.
        pid: Its process, to measure its memory.
        is_ours: Whether it was set up for this siege: attacks that need that are left out else.
        on_pack: Told before each pack.

    Raises:
        KnackClientError: the server does not answer when all is over.
    """
    parts = urlsplit(target.address.http)
    assert parts.hostname, "the address was parsed before"
    source = ATTACKER if parts.hostname == "127.0.0.1" else ""
    ground = Ground(parts.hostname, parts.port or 80, target.event, source)
    outcomes: list[Outcome] = []
    phases: list[tuple[str, float, float]] = []
    async with Hall(target) as hall:
        begun_s = monotonic()
        await asyncio.sleep(QUIET_S)
        phases.append(("", begun_s, monotonic()))
        usage = Usage(pid)
        for pack in packs:
            on_pack(pack)
            begun_s = monotonic()
            attacks = [
                attack for attack in TABLE if attack.pack == pack and (is_ours or not attack.own_server)
            ]
            outcomes += await asyncio.gather(*(assault(attack, ground) for attack in attacks))
            await asyncio.sleep(max(begun_s + PACK_S - monotonic(), 0))
            phases.append((pack, begun_s, monotonic()))
            usage.note()
    await hall.compare()
    usage.note()
    honest = [_phase(hall, *phase) for phase in phases]
    return {
        "format": FORMAT,
        "target": {"url": target.address.http, "event": target.event, "is_fresh": is_ours},
        "verdict": judge(outcomes, hall.harmed, honest, usage.grown_bytes),
        "attacks": [outcome.document() for outcome in outcomes],
        "left_out": [a.name for a in TABLE if a.pack in packs and a.own_server and not is_ours],
        "honest": honest,
        "server": {
            "rss_start_bytes": usage.rss_start or None,
            "rss_peak_bytes": usage.rss_peak or None,
            "cpu_s": round(usage.cpu_s, 3) if usage.rss_peak else None,
        },
    }


def _phase(hall: Hall, pack: str, since_s: float, until_s: float) -> dict[str, Any]:
    replies = hall.replies_ms(since_s, until_s)
    enough = len(replies) >= NEEDS_REPLIES
    return {
        "pack": pack,
        "replies": len(replies),
        "p50_ms": round(replies[len(replies) // 2], 1) if replies else None,
        "p95_ms": round(replies[95 * (len(replies) - 1) // 100], 1) if enough else None,
        "max_ms": round(replies[-1], 1) if replies else None,
    }


def judge(
    outcomes: Sequence[Outcome],
    harmed: Sequence[str],
    honest: Sequence[Mapping[str, Any]],
    grown_bytes: int | None,
) -> dict[str, Any]:
    """Return the verdict: WRONG for a wrong answer or a harmed player, FAILED for slow replies or a server that grew.

    Args:
        outcomes: What came of the attacks.
        harmed: What happened to honest people that must not.
        honest: How long replies to them took: alone, and during each pack.
        grown_bytes: By how much the server's memory grew; None where it was not measured.
    """
    wrong = [
        f"{o.attack.name} ({o.attack.tries}): expected {' or '.join(o.attack.expected)}, got {dict(o.got)}"
        for o in outcomes
        if not o.is_right
    ]
    failed = [_slower(phase, honest[0]) for phase in honest[1:]]
    if grown_bytes is not None and grown_bytes > GROWTH_BYTES_MAX:
        failed.append(f"the server holds {grown_bytes >> 20} MiB more than before")
    facts = [
        *({"weight": "wrong", "text": text} for text in (*wrong, *harmed)),
        *({"weight": "failed", "text": text} for text in failed if text),
    ]
    word = next((verdict.WORDS[fact["weight"]] for fact in facts), "PASSED")
    return {"word": word, "exit_code": verdict.CODES[word], "facts": facts}


def _slower(phase: Mapping[str, Any], quiet: Mapping[str, Any]) -> str:
    if phase["p95_ms"] is None or quiet["p95_ms"] is None:
        return f"{phase['pack']}: too few replies to honest people to say how long they took"
    if phase["p95_ms"] <= quiet["p95_ms"] + SLOWER_MS_MAX:
        return ""
    return f"{phase['pack']}: replies to honest people took {phase['p95_ms']} ms (p95), {quiet['p95_ms']} ms when it was quiet"
