"""What cheats try, in one table: each attempt with the one answer that is right.

An answer is a reject's name, `illegal` or `ok` of a move, `close_CODE`, `flagged` where moderators have to be shown it, or a
word of the attempt's own. Anything else but the
expected one is a finding: `missed` when the server let it pass, else `wrong_reason`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import msgpack  # type: ignore[import-untyped]

from knack_loadtest.crowd import frames
from knack_loadtest.crowd.people.hand import Hand
from knack_loadtest.crowd.people.programs import FLAGGED, metronome_bot, perfect_bot
from knack_protocol.ids import RunId
from knack_protocol.rules.swaps import CANONICAL_ORDER, legal_swaps
from knack_protocol.wire.messages import Hello, Join, Move, Ping, Prepare, Role, Start, View, Watch

PIPELINED: Final = 5
FLOOD: Final = 60
"""Pings at once: three times the burst that a session has (protocol, chapter 11)."""

NOBODYS_RUN: Final = RunId("run-nobodys")

Deed = Callable[[Hand], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One kind of cheating."""

    kind: str
    tries: str
    expected: str
    deed: Deed
    needs_desk: bool = False
    """Whether only a moderator sees the answer: without a desk token it is not tried."""


async def off_board(hand: Hand) -> str:
    """Swap the last cell with what lies right of it."""
    await hand.play()
    return await hand.ask(hand.move_frame(63, 0))


async def no_match(hand: Hand) -> str:
    """Swap two cells without a match, and see the score stay."""
    await hand.play()
    legal = set(legal_swaps(hand.board))
    cell, direction = next(swap for swap in CANONICAL_ORDER if swap not in legal)
    answer = await hand.ask(hand.move_frame(cell, direction))
    return answer if not hand.moved or hand.moved.score == 0 else "scored"


async def early(hand: Hand) -> str:
    """Move again while the board is locked."""
    await hand.play()
    await hand.legal_move()
    return await hand.ask(hand.legal_frame())


async def before_t0(hand: Hand) -> str:
    """Move in the countdown, on a board that nobody has seen."""
    await hand.join()
    run = await hand.start()
    return await hand.ask(Move(0, run, 1, bytes(8), 9, 0))


async def stale(hand: Hand) -> str:
    """Move where the chain has gone on."""
    await hand.play()
    old = hand.legal_frame()
    await hand.legal_move()
    cell = 9 if old.cell != 9 else 10  # another swap, else it would be the same frame again
    return await hand.ask(Move(0, old.run, old.seq, old.head, cell, old.direction))


async def replayed(hand: Hand) -> str:
    """Send the frame of the last move again: it must count once, and be answered the same."""
    await hand.play()
    first = await hand.legal_move()
    again = await hand.again()
    return "same_answer" if again == first else "another_answer"


async def forged_head(hand: Hand) -> str:
    """Name a hash that is not the chain's."""
    await hand.play()
    true = hand.legal_frame()
    return await hand.ask(
        Move(0, true.run, true.seq, bytes(b ^ 255 for b in true.head), true.cell, true.direction)
    )


async def foreign_run(hand: Hand) -> str:
    """Move in somebody else's run."""
    await hand.play()
    async with hand.another() as other:
        await other.join()
        return await other.ask(hand.legal_frame())


async def invented_run(hand: Hand) -> str:
    """Move in a run that does not exist."""
    await hand.join()
    return await hand.ask(Move(0, NOBODYS_RUN, 1, bytes(8), 9, 0))


async def start_twice(hand: Hand) -> str:
    """Start a run again with another nonce, for another board."""
    await hand.play()
    return await hand.ask(Start(0, hand.run, b"another nonce..!"))


async def seed_shopping(hand: Hand) -> str:
    """Ask for promises until one looks good."""
    await hand.join()
    promises = {await hand.ask(Prepare(0, hand.course)) for _ in range(3)}
    return "same_promise" if len(promises) == 1 else "another_promise"


async def forged_token(hand: Hand) -> str:
    """Come back with a token that was never given."""
    await hand.join()
    async with hand.another() as other:
        return await other.ask(Hello(0, Role.PLAYER, hand.event, hand.token[:-4] + "AAAA"))


async def climb_roles(hand: Hand) -> str:
    """Open the desk with a player's token."""
    await hand.join()
    async with hand.another() as other:
        return await other.ask(Hello(0, Role.DESK, hand.event, hand.token))


async def desk_view(hand: Hand) -> str:
    """Watch what only moderators may see."""
    await hand.join()
    return await hand.ask(Watch(0, hand.course, View.DESK, 0, 0))


async def watcher_joins(hand: Hand) -> str:
    """Join as somebody who only watches."""
    await hand.hello(Role.WATCHER)
    return await hand.ask(Join(0, hand.name))


async def claimed_score(hand: Hand) -> str:
    """Send a move that brings its own score."""
    await hand.play()
    frame = hand.legal_frame()
    packed = msgpack.packb([7, 77, frame.run, frame.seq, frame.head, frame.cell, frame.direction, 999_999])
    return await hand.ask_raw(frames.BINARY, packed, 77)


async def text_frame(hand: Hand) -> str:
    """Speak text."""
    await hand.play()
    return await hand.ask_raw(frames.TEXT, b'{"score": 999999}', 0)


async def pipelined(hand: Hand) -> str:
    """Send several moves in one segment: one may count."""
    await hand.play()
    swaps = legal_swaps(hand.board)[:PIPELINED]
    answers = await hand.ask_at_once([hand.move_frame(*swap) for swap in swaps])
    if answers[0] != "ok" or answers.count("ok") > 1:
        return f"{answers.count('ok')}_counted"
    return next((answer for answer in answers[1:] if answer != "out_of_order"), "out_of_order")


async def two_tabs(hand: Hand) -> str:
    """Open the same session a second time: the newer one takes over."""
    await hand.join()
    await hand.rest()
    async with hand.another() as other:
        answer = await other.ask(Hello(0, Role.PLAYER, hand.event, hand.token))
        return await hand.ended() if answer == "ok" else answer


async def flood(hand: Hand) -> str:
    """Send far more than a hand could."""
    await hand.join()
    answers = await hand.ask_at_once([Ping(0)] * FLOOD)
    return "too_many" if "too_many" in answers else answers[-1]


async def after_the_end(hand: Hand) -> str:
    """Move in a run that is over."""
    await hand.play()
    frame = hand.legal_frame()
    await hand.abandon()
    return await hand.ask(frame)


async def taken_name(hand: Hand) -> str:
    """Join under somebody's name, in other capitals."""
    await hand.join()
    async with hand.another() as other:
        await other.hello()
        return await other.ask(Join(0, hand.name.upper()))


async def no_name(hand: Hand) -> str:
    """Join under a name that nobody can read."""
    await hand.hello()
    return await hand.ask(Join(0, "\u200b\u200b"))


TABLE: Final = (
    Attempt("off_board", "a swap off the board", "malformed", off_board),
    Attempt("no_match", "a swap without a match", "illegal", no_match),
    Attempt("early", "a move while the board is locked", "early", early),
    Attempt("before_t0", "a move in the countdown", "out_of_order", before_t0),
    Attempt("stale", "a move on an old state of the chain", "out_of_order", stale),
    Attempt("replayed", "the frame of a move, sent again", "same_answer", replayed),
    Attempt("forged_head", "a hash that is not the chain's", "out_of_order", forged_head),
    Attempt("foreign_run", "a move in somebody else's run", "not_your_run", foreign_run),
    Attempt("invented_run", "a move in a run that does not exist", "unknown_run", invented_run),
    Attempt("start_twice", "a run started again with another nonce", "already_started", start_twice),
    Attempt("seed_shopping", "promises until one looks good", "same_promise", seed_shopping),
    Attempt("forged_token", "a token that was never given", "unknown_session", forged_token),
    Attempt("climb_roles", "the desk with a player's token", "unknown_session", climb_roles),
    Attempt("desk_view", "the moderators' view", "not_allowed", desk_view),
    Attempt("watcher_joins", "playing on a watcher's line", "not_allowed", watcher_joins),
    Attempt("claimed_score", "a move that brings its own score", "malformed", claimed_score),
    Attempt("text_frame", "a text frame", "malformed", text_frame),
    Attempt("pipelined", "several moves in one segment", "out_of_order", pipelined),
    Attempt("two_tabs", "the same session twice", "close_4500", two_tabs),
    Attempt("flood", "far more messages than a hand can send", "too_many", flood),
    Attempt("after_the_end", "a move in a run that is over", "over", after_the_end),
    Attempt("taken_name", "somebody's name in other capitals", "name_taken", taken_name),
    Attempt(
        "metronome_bot",
        "a program that swaps on an even beat",
        FLAGGED,
        metronome_bot,
        needs_desk=True,
    ),
    Attempt(
        "perfect_bot",
        "a program that swaps in the instant in which the board opens",
        FLAGGED,
        perfect_bot,
        needs_desk=True,
    ),
    Attempt("no_name", "a name that nobody can see", "name_invalid", no_name),
)

ATTEMPTS: Final = {attempt.kind: attempt for attempt in TABLE}
