"""What moderators do: acts on runs and names, contact requests, and what their acts bring about at once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from knack_protocol.ids import HeatId, PlayerId, RunId
from knack_protocol.proof.commitments import predecessors
from knack_protocol.rules.log import EndReason
from knack_server.core.acts import ActRefusal
from knack_server.core.facts import Acted, ActKind
from knack_server.core.names import NameOk, check_name

if TYPE_CHECKING:
    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.heats import Heats
    from knack_server.core.instant import Instant
    from knack_server.core.runs import Runs

REASON_LENGTH_MAX = 300
"""Characters of a reason: a sentence or two that somebody else understands next year."""

_ON_RUNS = frozenset({ActKind.VOID, ActKind.RESTORE})
_ON_NAMES = frozenset({ActKind.HIDE_NAME, ActKind.REPLACE_NAME, ActKind.SHOW_NAME})


class ActFault(StrEnum):
    """Why an act was refused before it came to the list of acts."""

    REASON = "reason"
    """No reason, or a longer one than anybody reads."""
    UNKNOWN_RUN = "unknown_run"
    UNKNOWN_PLAYER = "unknown_player"
    UNKNOWN_HEAT = "unknown_heat"
    """No such heat, or one that nobody could have played."""
    RERUN_OPENED = "rerun_opened"
    """The void of a heat stays when its rerun was opened: one of the two counts, and the desk has chosen."""
    NEVER_PLAYED = "never_played"
    """The void of a heat stays when it had not been started: there is nothing that could stand again."""
    NAME = "name"
    """The replacement is not fit to be a name."""


class Desk:
    """Moderators' acts take effect here; who may act was decided at the door."""

    def __init__(self, floor: Floor, runs: Runs, heats: Heats) -> None:
        self._floor = floor
        self._runs = runs
        self._heats = heats

    def act(
        self, event: Event, desk: str, kind: ActKind, target: str, text: str, reason: str, now: Instant
    ) -> Acted | ActFault | ActRefusal:
        """Do an act, record it, and let it take effect in every standing and on every screen."""
        reason = reason.strip()
        if not 1 <= len(reason) <= REASON_LENGTH_MAX or not reason.isprintable():
            return ActFault.REASON
        if kind in _ON_RUNS and not event.may_stand(RunId(target)):
            return ActFault.UNKNOWN_RUN
        if kind in _ON_NAMES and PlayerId(target) not in event.players:
            return ActFault.UNKNOWN_PLAYER
        if kind is ActKind.VOID_HEAT and not event.was_opened(HeatId(target)):
            return ActFault.UNKNOWN_HEAT
        if kind is ActKind.UNDO and (fault := self._undo_fault(event, target)) is not None:
            return fault
        if kind is ActKind.REPLACE_NAME:
            checked = check_name(text, self._floor.skeletons)
            if not isinstance(checked, NameOk):
                return ActFault.NAME
            text = checked.name
        else:
            text = ""
        act = Acted(event.id, event.acts.next_number, now.unix_ms, desk, kind, target, text, reason)
        refused = event.acts.add(act)
        if refused is not None:
            return refused
        self._floor.record(act)
        self._take_effect(event, event.acts.root(act), now)
        return act

    def _take_effect(self, event: Event, act: Acted, now: Instant) -> None:
        if act.kind is ActKind.VOID_HEAT:
            self._heats.voided(event, event.heats[HeatId(act.target)], now)
            return
        if act.kind in _ON_NAMES:
            for feed in event.feeds.values():
                feed.touch()
            return
        entry = event.runs[RunId(act.target)]
        if entry.play is not None and event.acts.is_voided(entry.run):
            self._runs.finish(entry.play, now, EndReason.VOIDED)
        event.stand(entry)

    def _undo_fault(self, event: Event, target: str) -> ActFault | None:
        """Tell why the void of a heat, which an undo of that act would touch, has to stay."""
        undone = event.acts.named(target)
        root = event.acts.root(undone) if undone is not None else None
        if root is None or root.kind is not ActKind.VOID_HEAT:
            return None
        voided = HeatId(root.target)
        if not event.heats[voided].ends:
            return ActFault.NEVER_PLAYED
        reruns = (heat for heat in event.heats if voided in predecessors(heat, event.heats))
        return ActFault.RERUN_OPENED if any(map(event.was_opened, reruns)) else None
