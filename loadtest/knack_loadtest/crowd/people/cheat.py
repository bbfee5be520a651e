"""A cheat's evening: one attempt, and what the server made of it."""

from time import monotonic_ns

from knack_client.errors import BrokenReceipt, KnackClientError
from knack_loadtest.crowd.people.attempts import ATTEMPTS
from knack_loadtest.crowd.people.hand import Hand, NoAnswer
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person
from knack_loadtest.crowd.scenario.model import Cheats
from knack_loadtest.crowd.witness import PlayerWitness
from knack_protocol.ids import CourseName

LET_PASS = ("ok", "scored", "another_answer", "another_promise")
"""Answers that mean that the server let an attempt pass; so does more than one counted move of several."""


async def live(stage: Stage, person: Person) -> None:
    """Live a cheat's evening."""
    assert isinstance(person.group, Cheats)
    await stage.until(person.arrive_ms)
    if stage.over.is_set():
        return
    stage.busy.add(person.number)
    witness = PlayerWitness(
        person.number,
        on_run=stage.keep,
        on_rejected=lambda _name: None,
        on_lost=lambda _code: None,
        on_breach=lambda _text: None,  # a cheat asks for trouble
    )
    hand = Hand(stage, person.name, CourseName(person.group.course), witness)
    try:
        await _try(stage, person, hand)
    finally:
        witness.close()
        stage.busy.discard(person.number)


async def _try(stage: Stage, person: Person, hand: Hand) -> None:
    attempt = ATTEMPTS[person.attempt]
    stage.tally.count("cheats.attempts")
    try:
        await hand.open()
        try:
            got = await attempt.deed(hand)
            took_us = (monotonic_ns() - hand.asked_ns) // 1000
        finally:
            await hand.close()
    except NoAnswer as none:
        got, took_us = str(none), 0
    except BrokenReceipt as broken:
        stage.violation("receipts", str(broken), person)
        got, took_us = "broken_receipt", 0
    except KnackClientError:
        stage.tally.count("recover.failed")
        got, took_us = "unreachable", 0
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
