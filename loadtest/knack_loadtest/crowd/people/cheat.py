"""A cheat's evening: one attempt, and what the server made of it. One that the scenario itself cuts off is made anew."""

from time import monotonic_ns

from knack_client.errors import BrokenReceipt, KnackClientError
from knack_loadtest.crowd.people.attempts import ATTEMPTS
from knack_loadtest.crowd.people.hand import Hand, NoAnswer
from knack_loadtest.crowd.people.programs import UNFLAGGED, UNTOLD
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person
from knack_loadtest.crowd.scenario.model import Cheats
from knack_loadtest.crowd.witness import PlayerWitness
from knack_protocol.ids import CourseName

LET_PASS = ("ok", "scored", "another_answer", "another_promise", UNFLAGGED)
"""Answers that mean that the server let an attempt pass; so does more than one counted move of several."""


async def live(stage: Stage, person: Person) -> None:
    """Live a cheat's evening."""
    assert isinstance(person.group, Cheats)
    await stage.until(person.arrive_ms)
    if stage.over.is_set() or (ATTEMPTS[person.attempt].needs_desk and not stage.desk_token):
        return
    stage.busy.add(person.number)
    witness = PlayerWitness(
        person.number,
        on_run=stage.keep,
        on_rejected=lambda _name: None,
        on_lost=lambda _code: None,
        on_breach=lambda _text: None,  # a cheat asks for trouble
    )
    course, outage, name = CourseName(person.group.course), stage.dialer.outage, person.name
    try:
        while True:
            begun_ns = monotonic_ns()
            got, took_us = await _try(stage, person, Hand(stage, name, course, witness))
            if not outage.covers(begun_ns):
                break
            await outage.passed()
            name += "b"  # the first name may be taken by now
        if got != UNTOLD:
            _judged(stage, person, got, took_us)
    finally:
        witness.close()
        stage.busy.discard(person.number)


async def _try(stage: Stage, person: Person, hand: Hand) -> tuple[str, int]:
    """Make the attempt; return the answer in a word, and how long it took (µs)."""
    try:
        await hand.open()
        try:
            got = await ATTEMPTS[person.attempt].deed(hand)
            return got, (monotonic_ns() - hand.asked_ns) // 1000
        finally:
            await hand.close()
    except NoAnswer as none:
        return str(none), 0
    except BrokenReceipt as broken:
        stage.violation("receipts", str(broken), person)
        return "broken_receipt", 0
    except KnackClientError:
        return "unreachable", 0


def _judged(stage: Stage, person: Person, got: str, took_us: int) -> None:
    attempt = ATTEMPTS[person.attempt]
    stage.tally.count("cheats.attempts")
    if got == "unreachable":
        stage.tally.count("recover.failed")
    judge(stage, person, attempt.expected, got)
    stage.tally.time("cheats.detect", took_us)
    stage.attempts.append([attempt.kind, attempt.expected, got, took_us])


def judge(stage: Stage, person: Person, expected: str, got: str) -> None:
    """Count an attempt that was let pass, or that was refused for another reason."""
    if got == expected:
        return
    is_missed = got.startswith(LET_PASS) or got.endswith("_counted")
    stage.tally.count("cheats.missed" if is_missed else "cheats.wrong_reason")
    text = f"{person.attempt} ({ATTEMPTS[person.attempt].tries}): expected {expected}, got {got}"
    stage.violation("cheats", text, person)
