"""What the moderators' acts come to: which runs are voided, what the public sees of a name.

The acts of an event are a numbered list that only grows. Nothing is ever taken out of it: an undo is an act of its own
that names an earlier act by its number, and an undo may be undone too. The fold is small enough to say whole:

    an act is in effect            unless an undo that is in effect names it
    a run is voided                if the last act in effect on it is a void
    a heat is voided               if a void of it is in effect
    a name is shown, hidden, …     as the last act in effect on its player says

Undos name earlier acts only, so one walk from the newest act to the oldest settles which are in effect.
"""

from collections.abc import Iterator
from enum import StrEnum

from knack_protocol.ids import EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.acts import first_head, next_head
from knack_server.core.facts import Acted, ActKind, ActNumber


class ActRefusal(StrEnum):
    """Why an act cannot be; a value for the moderator, never an error."""

    UNKNOWN_ACT = "unknown_act"
    """An undo names no act of this event."""
    ALREADY_UNDONE = "already_undone"
    """An undo names an act that is not in effect any more."""


class Acts:
    """The acts of one event and what they come to.

    Whether a target exists is for the caller to know; acts know only one another. Looking up costs O(1), adding O(1),
    adding an undo O(number of acts).
    """

    __slots__ = ("_acts", "_in_effect", "_last", "head")

    def __init__(self, event: EventId) -> None:
        self.head = first_head(event)
        """The hash of the chain over all acts so far."""
        self._acts: list[Acted] = []
        self._in_effect: set[ActNumber] = set()
        self._last: dict[str, Acted] = {}
        """The last act in effect on each target, by `_key`."""

    @property
    def next_number(self) -> ActNumber:
        """The number the next act has to carry."""
        return ActNumber(len(self._acts) + 1)

    def refusal(self, kind: ActKind, target: str) -> ActRefusal | None:
        """Tell why an act of `kind` on `target` cannot be added, or None when it can."""
        if kind is not ActKind.UNDO:
            return None
        undone = self.named(target)
        if undone is None:
            return ActRefusal.UNKNOWN_ACT
        return None if undone.number in self._in_effect else ActRefusal.ALREADY_UNDONE

    def add(self, act: Acted) -> ActRefusal | None:
        """Take the next act in; a refused one leaves everything as it was."""
        assert act.number == self.next_number, "the acts of an event are numbered without gaps"
        refusal = self.refusal(act.kind, act.target)
        if refusal is not None:
            return refusal
        self._acts.append(act)
        self.head = next_head(self.head, act.number, act.at_ms, act.kind, act.target)
        if act.kind is ActKind.UNDO:
            self._fold()
        else:
            self._in_effect.add(act.number)
            self._last[_key(act)] = act
        return None

    def is_voided(self, run: RunId) -> bool:
        """Tell whether the run has no standing."""
        act = self._last.get(f"run {run}")
        return act is not None and act.kind is ActKind.VOID

    def is_heat_voided(self, heat: HeatId) -> bool:
        """Tell whether none of the heat's runs stands; only an undo of the void changes that."""
        return f"heat {heat}" in self._last

    def shown_name(self, player: PlayerId) -> str | None:
        """Return what the public sees instead of the player's name: None (nothing else), or a text, "" when hidden."""
        act = self._last.get(f"player {player}")
        if act is None or act.kind is ActKind.SHOW_NAME:
            return None
        return "" if act.kind is ActKind.HIDE_NAME else act.text

    def is_in_effect(self, number: ActNumber) -> bool:
        """Tell whether no undo stands against the act."""
        return number in self._in_effect

    def root(self, act: Acted) -> Acted:
        """Return the act at the end of a chain of undos: the one whose target an added `act` may have changed."""
        while act.kind is ActKind.UNDO:
            undone = self.named(act.target)
            assert undone is not None, "an undo of an unknown act was refused"
            act = undone
        return act

    def __iter__(self) -> Iterator[Acted]:
        return iter(self._acts)

    def __len__(self) -> int:
        return len(self._acts)

    def named(self, target: str) -> Acted | None:
        """Return the act an undo names: its number in decimal digits, without leading zeros."""
        number = int(target) if target.isascii() and target.isdigit() and len(target) <= _DIGITS_MAX else 0
        return self._acts[number - 1] if 1 <= number <= len(self._acts) and str(number) == target else None

    def _fold(self) -> None:
        self._in_effect.clear()
        undone: set[str] = set()
        for act in reversed(self._acts):
            if str(act.number) in undone:
                continue
            self._in_effect.add(act.number)
            if act.kind is ActKind.UNDO:
                undone.add(act.target)
        self._last = {
            _key(act): act
            for act in self._acts
            if act.kind is not ActKind.UNDO and act.number in self._in_effect
        }


_DIGITS_MAX = 9
"""Digits of an act's number; more acts than that nobody makes, and longer texts are not worth parsing."""

_TARGETS = {ActKind.VOID: "run", ActKind.RESTORE: "run", ActKind.VOID_HEAT: "heat"}


def _key(act: Acted) -> str:
    """Return the target with its kind before it, because a run, a heat and a player might carry the same id."""
    return f"{_TARGETS.get(act.kind, 'player')} {act.target}"
