"""Every lie that is told end to end, in one table: which oracle has to name it, and how."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.loadtest.crowd.fake.documents import (
    FirstRow,
    ForgottenMove,
    LateScore,
    LeakedKey,
    LostLetter,
    MissingRow,
    MoveTwice,
    OtherKey,
    TouchedBundle,
)
from tests.loadtest.crowd.fake.liar import Lie
from tests.loadtest.crowd.fake.wire import (
    ForeignRun,
    ForgottenScreen,
    LetPass,
    LongGap,
    ModeratorsMark,
    MorePoints,
    OldSnapshot,
    OneScreen,
    OtherDigest,
    OtherReceipt,
    Refused,
)

from knack_loadtest.crowd.people.attempts import ATTEMPTS


@dataclass(frozen=True)
class Told:
    """A lie with the oracle that has to name it, how, and which others it cannot but break as well."""

    name: str
    make: Callable[[], Lie]
    oracle: str
    names_it: str
    """What the violation says of it, as a regular expression."""
    also: frozenset[str] = frozenset()
    cheats: tuple[str, ...] = ()
    """Whoever has to be there for the lie to be told."""


def _told(name: str, make: Callable[[], Lie], oracle: str, names_it: str, *also: str) -> Told:
    return Told(name, make, oracle, names_it, frozenset(also))


def _let_pass(kind: str, *also: str) -> Told:
    return Told(
        f"{kind}_let_pass",
        lambda: LetPass(kind),
        "cheats",
        rf"\b{kind} \(.*\): expected .*, got ",
        frozenset(also),
        (kind,),
    )


LIES: Final = (
    _told(
        "a_wrong_row_in_the_api",
        FirstRow,
        "final_standings",
        "the plain engine",
        "screens",
        "export",
        "frozen",
    ),
    _told(
        "a_player_left_out_of_the_api",
        MissingRow,
        "final_standings",
        "lists 2 players",
        "screens",
        "export",
        "frozen",
    ),
    _told(
        "a_wrong_row_on_one_screen",
        OneScreen,
        "screens",
        r"shows rank .* the server says",
        "versions",
        "frozen",
    ),
    _told(
        "a_screen_that_is_forgotten", ForgottenScreen, "screens", r"place \d+: shows|shows \d+ rows", "frozen"
    ),
    _told(
        "a_score_that_changes_after_the_end",
        LateScore,
        "frozen",
        "changed after everybody had ended",
        "export",
    ),
    _told(
        "a_move_that_is_forgotten",
        ForgottenMove,
        "acked_moves",
        r"lost: event \d+ of run-.* was acknowledged",
        "bundle",
        "final_standings",
    ),
    _told(
        "a_move_that_counts_twice",
        MoveTwice,
        "acked_moves",
        "holds a number twice",
        "bundle",
        "final_standings",
    ),
    _told("a_snapshot_of_an_older_version", OldSnapshot, "versions", r"a snapshot of version \d+ came after"),
    _told("a_gap_that_stays_open", LongGap, "versions", "1 gaps in feeds stayed open"),
    _told("another_live_digest_for_one", OtherDigest, "digests", "has two live digests", "bundle"),
    _told(
        "points_that_nobody_made",
        MorePoints,
        "receipts",
        "points|score",
        "acked_moves",
        "final_standings",
        "screens",
        "frozen",
    ),
    _told("a_receipt_of_nothing", OtherReceipt, "receipts", "hash", "bundle", "screens", "frozen"),
    _told("a_touched_bundle", TouchedBundle, "bundle", "does not verify", "final_standings"),
    _told("a_key_that_never_signed", OtherKey, "bundle", "does not verify|is not what the crowd holds"),
    _told(
        "an_address_in_a_public_document",
        lambda: LeakedKey("/api/event"),
        "secrecy",
        "/api/event holds email",
    ),
    _told(
        "an_address_beside_the_form", lambda: LeakedKey("/api/contact"), "secrecy", "/api/contact holds email"
    ),
    _told("somebodys_run_on_a_screen", ForeignRun, "secrecy", "ENDED on a line that plays no run"),
    _told(
        "a_moderators_mark_for_all",
        ModeratorsMark,
        "secrecy",
        "only moderators may see",
        "screens",
        "versions",
        "frozen",
    ),
    _told("an_honest_player_refused", Refused, "honest", "too_many: 1 times"),
    _told("a_letter_that_is_lost", LostLetter, "contacts", "contact request c-nobodys is not on the desk"),
    *(
        _let_pass(kind, *({"acked_moves", "bundle", "final_standings"} if kind == "no_match" else ()))
        for kind, attempt in ATTEMPTS.items()
        if not attempt.needs_desk
    ),
)
"""All but those that only a server's own files can tell (`test_lies`), and programs left unflagged: no machine is sure to be
quick enough to let a program be one."""
