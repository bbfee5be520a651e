"""Every lie that a server could tell, end to end: what it does to frames and documents, and which oracle has to name it.

A server tells a lie to honest people as well as it can: it waits until the lie matters, and tells it to as few as possible.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.loadtest.crowd.fake.hop import Frame, Request, Script, Way, saying

from knack_loadtest.crowd import frames
from knack_loadtest.crowd.people.attempts import ATTEMPTS
from knack_protocol.proof import bundle as bundles
from knack_protocol.proof.bundle import OpenBundle
from knack_protocol.rules import log
from knack_protocol.rules.log import EndReason, MoveEvent
from knack_protocol.wire import messages as wire
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Delta, MoveVerdict, Role, RowState, Snapshot, View

HAND_REQ: Final = 1000
"""A cheat counts its commands from here on (`people.hand`), and sends two frames that have numbers of their own."""

CHEATS_OWN_REQS: Final = frozenset({0, 77})

WITHHELD_NS: Final = 3_200_000_000
"""Longer than a gap may stay open (`subscriber.REPAIR_WITHIN_US`)."""


@dataclass
class Known:
    """What a liar knows of one client."""

    role: Role | None = None
    watches: View | None = None
    is_cheat: bool = False
    first: Snapshot | None = None
    deltas: int = 0
    screen: int = -1
    """Its number among those who watch as nobody but a screen does: the view `top`, as a watcher."""


class Lie:
    """One lie; this one is none."""

    def said(self, known: Known, frame: Frame) -> Sequence[Frame]:
        """Return what a client hears instead of a frame."""
        return (frame,)

    def asked(self, way: Way, known: Known, frame: Frame) -> bool:
        """Tell whether a client's frame goes on to the server."""
        return True

    def hold_ns(self, known: Known, frame: Frame) -> int:
        """Return for how long a frame is held back."""
        return 0

    def requested(self, request: Request) -> bytes | None:
        """Answer a request (201) in the server's stead."""
        return None

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        """Return the document that its client gets: bytes of a bundle, else JSON."""
        return document


class Liar(Script):
    """Tells some lies at once."""

    def __init__(self, lies: Sequence[Lie]) -> None:
        self._lies = lies
        self._known: dict[int, Known] = {}
        self._gone = 0
        self._screens = 0

    def asked(self, way: Way, frame: Frame) -> None:
        known = self._known.setdefault(way.number, Known())
        match frame.command:
            case wire.Hello() as hello:
                known.role = hello.role
                known.is_cheat = known.is_cheat or hello.req > HAND_REQ
            case wire.Watch() as watch if known.watches is None:
                known.watches = watch.view
                if (known.role, watch.view) == (Role.WATCHER, View.TOP) and not known.is_cheat:
                    known.screen, self._screens = self._screens, self._screens + 1
            case _:
                pass
        if all(lie.asked(way, known, frame) for lie in self._lies):
            way.ask(frame)

    def said(self, way: Way, frame: Frame) -> None:
        known = self._known.setdefault(way.number, Known())
        told = [frame]
        for lie in self._lies:
            told = [other for one in told for other in lie.said(known, one)]
        message = frame.message
        if isinstance(message, Snapshot):
            known.first = known.first or message
        known.deltas += isinstance(message, Delta)
        for one in told:
            way.tell(one, max((lie.hold_ns(known, one) for lie in self._lies), default=0))

    def requested(self, request: Request) -> bytes | None:
        return next((own for lie in self._lies if (own := lie.requested(request)) is not None), None)

    def answered(self, request: Request, body: bytes) -> bytes:
        is_bundle = request.path == "/api/bundle"
        if request.method != "GET" or not (is_bundle or body[:1] == b"{"):
            return body
        truth = told = body if is_bundle else json.loads(body)
        for lie in self._lies:
            told = lie.answered(request, told, is_everybody_gone=self._gone == len(self._known) > 0)
        if told == truth:
            return body
        assert isinstance(told, bytes | dict)
        return told if isinstance(told, bytes) else json.dumps(told).encode()

    def gone(self, way: Way) -> None:
        self._known.setdefault(way.number, Known())
        self._gone += 1


# --- in documents ---


def _copied(document: Any) -> Any:
    return json.loads(json.dumps(document))


class FirstRow(Lie):
    """The first row of the API's standings has more points than anybody scored."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != "/api/standings" or not document["rows"]:
            return document
        changed = _copied(document)
        changed["rows"][0][4] += 30
        return changed


class MissingRow(Lie):
    """The last player is not in the API's standings."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != "/api/standings":
            return document
        changed = _copied(document)
        changed["rows"] = changed["rows"][:-1]
        return changed


class LateScore(FirstRow):
    """A score changes when everybody has gone home."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if not is_everybody_gone:
            return document
        return super().answered(request, document, is_everybody_gone=is_everybody_gone)


@dataclass
class LeakedKey(Lie):
    """A public document holds somebody's address."""

    path: str

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != self.path:
            return document
        return {**document, "contacts": [{"email": "ada.muster@example.org"}]}


class OtherKey(Lie):
    """The server names a key that never signed any of it."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        return {**document, "key": "11" * 32} if request.path == "/api/key" else document


class TouchedBundle(Lie):
    """One character of the bundle is another."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != "/api/bundle":
            return document
        return re.sub(
            rb'("t0_unix_ms":\d*)(\d)', lambda m: m[1] + (b"1" if m[2] != b"1" else b"2"), document, count=1
        )


class Rewritten(Lie):
    """The published record of some run has other events than it had."""

    def events(self, events: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Return the events that are published instead."""
        raise NotImplementedError

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != "/api/bundle":
            return document
        bundle = bundles.unpack(document)
        assert isinstance(bundle, OpenBundle)
        runs = list(bundle.open.runs)
        for place, run in enumerate(runs):
            if sum(isinstance(log.decode(event), MoveEvent) for event in run.events) >= 2:
                runs[place] = replace(run, events=self.events(run.events))
                break
        return bundles.pack(replace(bundle, open=replace(bundle.open, runs=tuple(runs))))


def _last_move(events: Sequence[bytes]) -> int:
    return max(place for place, event in enumerate(events) if isinstance(log.decode(event), MoveEvent))


class ForgottenMove(Rewritten):
    """A move was acknowledged and is not in the record."""

    def events(self, events: tuple[bytes, ...]) -> tuple[bytes, ...]:
        place = _last_move(events)
        return events[:place] + events[place + 1 :]


class MoveTwice(Rewritten):
    """A move is in the record twice."""

    def events(self, events: tuple[bytes, ...]) -> tuple[bytes, ...]:
        place = _last_move(events)
        return events[: place + 1] + events[place:]


class LostLetter(Lie):
    """A visitor is thanked, and the organisers never hear of it."""

    def requested(self, request: Request) -> bytes | None:
        is_letter = (request.method, request.path) == ("POST", "/api/contact")
        return b'{"id": "c-nobodys"}' if is_letter else None


# --- on the wire ---


@dataclass
class Once(Lie):
    """A lie that is told a single time, to whom `to` picks, and from then on."""

    is_told: bool = False

    def to(self, known: Known, message: Any) -> bool:
        raise NotImplementedError

    def instead(self, known: Known, message: Any) -> Sequence[Frame]:
        raise NotImplementedError

    def said(self, known: Known, frame: Frame) -> Sequence[Frame]:
        message = frame.message
        if self.is_told or known.is_cheat or not self.to(known, message):
            return (frame,)
        self.is_told = True
        return self.instead(known, message)


class OneScreen(Lie):
    """One screen is shown a point more for everybody than anybody made."""

    def said(self, known: Known, frame: Frame) -> Sequence[Frame]:
        message = frame.message
        if known.screen != 0 or not isinstance(message, Delta | Snapshot):
            return (frame,)
        rows = tuple(row._replace(score=row.score + 1) for row in message.rows)
        return (saying(replace(message, rows=rows)),)


class ForgottenScreen(Lie):
    """One screen is told nothing any more."""

    def said(self, known: Known, frame: Frame) -> Sequence[Frame]:
        is_too_late = known.screen == 0 and known.deltas >= 2
        return () if is_too_late and isinstance(frame.message, Delta) else (frame,)


class OldSnapshot(Once):
    """One screen is taken back to the first version that it had."""

    def to(self, known: Known, message: Any) -> bool:
        return (
            known.screen == 1 and known.deltas >= 2 and isinstance(message, Delta) and known.first is not None
        )

    def instead(self, known: Known, message: Any) -> Sequence[Frame]:
        assert known.first is not None
        return (saying(message), saying(known.first))


class LongGap(Once):
    """A delta is lost, and the snapshot that was asked for then is a long time coming."""

    is_withholding = False

    def to(self, known: Known, message: Any) -> bool:
        return known.screen == 1 and known.deltas >= 2 and isinstance(message, Delta)

    def instead(self, known: Known, message: Any) -> Sequence[Frame]:
        self.is_withholding = True
        return ()

    def hold_ns(self, known: Known, frame: Frame) -> int:
        is_it = self.is_withholding and known.screen == 1 and isinstance(frame.message, Snapshot)
        self.is_withholding = self.is_withholding and not is_it
        return WITHHELD_NS if is_it else 0


class OtherDigest(Once):
    """One screen is told another live digest than everybody else."""

    def to(self, known: Known, message: Any) -> bool:
        return known.screen == 0 and known.deltas >= 1 and isinstance(message, wire.Live) and not message.heat

    def instead(self, known: Known, message: Any) -> Sequence[Frame]:
        return (saying(replace(message, digest=bytes(32))),)


class MorePoints(Once):
    """A move is answered with more points than it made."""

    def to(self, known: Known, message: Any) -> bool:
        return isinstance(message, wire.Moved) and message.verdict is MoveVerdict.OK

    def instead(self, known: Known, message: Any) -> Sequence[Frame]:
        return (saying(replace(message, points=message.points + 30, score=message.score + 30)),)


class OtherReceipt(Once):
    """A move is answered with a receipt that nobody signed for."""

    def to(self, known: Known, message: Any) -> bool:
        return isinstance(message, wire.Moved)

    def instead(self, known: Known, message: Any) -> Sequence[Frame]:
        return (saying(replace(message, head=bytes(32))),)


class ForeignRun(Once):
    """A screen hears of the end of somebody's run, which is nobody's business."""

    def to(self, known: Known, message: Any) -> bool:
        return known.screen == 0 and isinstance(message, Delta)

    def instead(self, known: Known, message: Any) -> Sequence[Frame]:
        run, course = wire.RunId("run-nobodys"), wire.CourseName("sprint")
        ended = wire.Ended(run, course, 1, bytes(32), EndReason.TIME, 1, 0, 0, 0, 0, 0)
        return (saying(ended), saying(message))


class ModeratorsMark(Once):
    """Somebody who only watches is shown that moderators hid a name."""

    def to(self, known: Known, message: Any) -> bool:
        return known.screen == 0 and isinstance(message, Delta) and len(message.rows) > 0

    def instead(self, known: Known, message: Any) -> Sequence[Frame]:
        first, *others = message.rows
        hidden = first._replace(state=first.state | int(RowState.NAME_HIDDEN))
        return (saying(replace(message, rows=(hidden, *others))),)


@dataclass
class Refused(Lie):
    """An honest player is told once to wait, for no reason."""

    is_told: bool = False

    def asked(self, way: Way, known: Known, frame: Frame) -> bool:
        command = frame.command
        if self.is_told or known.is_cheat or not isinstance(command, wire.Prepare):
            return True
        self.is_told = True
        way.tell(saying(wire.Reject(command.req, RejectCode.TOO_MANY, 0, "")))
        return False


# --- to cheats ---


@dataclass
class LetPass(Lie):
    """A cheat gets what was tried: what should be refused is done, what should be the same is another."""

    kind: str
    moved: list[wire.Moved] = field(default_factory=list)
    promises: int = 0

    def said(self, known: Known, frame: Frame) -> Sequence[Frame]:
        if not known.is_cheat and self.kind != "text_frame":
            return (frame,)
        message = frame.message
        match self.kind, message:
            case "two_tabs", None if frame.opcode == frames.CLOSE:
                return ()
            case "no_match", wire.Moved(verdict=MoveVerdict.ILLEGAL):
                return (saying(replace(message, verdict=MoveVerdict.OK)),)
            case "replayed", wire.Moved():
                self.moved.append(message)
                again = [seen for seen in self.moved if (seen.req, seen.run) == (message.req, message.run)]
                return (saying(replace(message, points=message.points + 30)) if len(again) > 1 else frame,)
            case "seed_shopping", wire.Prepared():
                self.promises += 1
                return (saying(replace(message, commit=bytes([self.promises] * 32))),)
            case (("no_match" | "replayed" | "seed_shopping"), _):
                return (frame,)
            case _, wire.Reject() if message.req > HAND_REQ or message.req in CHEATS_OWN_REQS:
                return (saying(wire.Done(message.req)),)
            case _:
                return (frame,)


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


def _let_pass(kind: str) -> Told:
    return Told(
        f"{kind}_let_pass",
        lambda: LetPass(kind),
        "cheats",
        rf"^{kind} \(.*\): expected .*, got ",
        cheats=(kind,),
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
        "points_that_nobody_made", MorePoints, "receipts", "points|score", "acked_moves", "final_standings"
    ),
    _told("a_receipt_of_nothing", OtherReceipt, "receipts", "head|hash|receipt|chain", "bundle"),
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
    *(_let_pass(kind) for kind, attempt in ATTEMPTS.items() if not attempt.needs_desk),
)
"""All but those that only a server's own files can tell (`test_lies`), and programs left unflagged: no machine is sure to be
quick enough to let a program be one."""
