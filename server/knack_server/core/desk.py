"""What moderators do: acts on runs and names, contact requests, and what their acts bring about at once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from knack_protocol.ids import PlayerId, RunId
from knack_protocol.rules.log import EndReason
from knack_server.core.acts import ActRefusal
from knack_server.core.facts import Acted, ActKind
from knack_server.core.names import NameOk, check_name

if TYPE_CHECKING:
    from knack_server.core.event import Event
    from knack_server.core.floor import Floor
    from knack_server.core.instant import Instant
    from knack_server.core.solo import Solo

REASON_LENGTH_MAX = 300
"""Characters of a reason: a sentence or two that somebody else understands next year."""

_ON_RUNS = frozenset({ActKind.VOID, ActKind.RESTORE})


class ActFault(StrEnum):
    """Why an act was refused before it came to the list of acts."""

    REASON = "reason"
    """No reason, or a longer one than anybody reads."""
    UNKNOWN_RUN = "unknown_run"
    UNKNOWN_PLAYER = "unknown_player"
    NAME = "name"
    """The replacement is not fit to be a name."""


class Desk:
    """Moderators' acts take effect here; who may act was decided at the door."""

    def __init__(self, floor: Floor, solo: Solo) -> None:
        self._floor = floor
        self._solo = solo

    def act(
        self, event: Event, desk: str, kind: ActKind, target: str, text: str, reason: str, now: Instant
    ) -> Acted | ActFault | ActRefusal:
        """Do an act, record it, and let it take effect in every standing and on every screen."""
        reason = reason.strip()
        if not 1 <= len(reason) <= REASON_LENGTH_MAX or not reason.isprintable():
            return ActFault.REASON
        if kind in _ON_RUNS and RunId(target) not in event.runs:
            return ActFault.UNKNOWN_RUN
        if kind not in _ON_RUNS and kind is not ActKind.UNDO and PlayerId(target) not in event.players:
            return ActFault.UNKNOWN_PLAYER
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
        if act.kind not in _ON_RUNS:
            for feed in event.feeds.values():
                feed.touch()
            return
        entry = event.runs[RunId(act.target)]
        if entry.play is not None and event.acts.is_voided(entry.run):
            self._solo.finish(entry.play, now, EndReason.VOIDED)
        event.stand(entry)
