"""Lies in the frames that people, screens and cheats are sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.loadtest.crowd.fake.hop import Frame, Way, saying
from tests.loadtest.crowd.fake.liar import HAND_REQ, Known, Lie

from knack_loadtest.crowd import frames
from knack_protocol.rules.log import EndReason
from knack_protocol.wire import messages as wire
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Delta, MoveVerdict, RowState, Snapshot

WITHHELD_NS: Final = 3_200_000_000
"""Longer than a gap may stay open (`subscriber.REPAIR_WITHIN_US`)."""

CHEATS_OWN_REQS: Final = frozenset({0, 77})
"""Two frames of cheats have numbers of their own (`people.attempts`)."""


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
