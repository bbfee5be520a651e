"""What the moderators' acts come to: which runs and heats are voided (PROOF.md, section 3.2).

an act is in effect            unless an undo that is in effect names it
a run or a heat is voided      if the last act in effect on it says so
"""

from collections.abc import Iterable

from knack_protocol.ids import EventId, HeatId, RunId
from knack_protocol.proof.acts import first_head, next_head
from knack_protocol.proof.bundle import Act, ActKind

ACTS_MAX = 10_000
"""Acts of an event; undoing undos costs a walk each, and no desk decides so often."""


class ActFault(Exception):
    """An act that no desk could have done."""

    def __init__(self, number: int, what: str) -> None:
        super().__init__(f"act {number}: {what}")


class Decisions:
    """The acts of an event, folded; `heads[n]` is the chain's hash after n acts.

    Raises:
        ActFault: a number left out, an undo of nothing, more acts than a desk does.
    """

    def __init__(self, event: EventId, acts: Iterable[Act]) -> None:
        self.heads = [first_head(event)]
        self._acts: list[Act] = []
        self._in_effect: list[bool] = []
        for act in acts:
            self._add(act)
        self._last = {
            (_noun(act), act.target): act.kind
            for act, holds in zip(self._acts, self._in_effect, strict=True)
            if holds
        }
        self._ever = {(act.kind, act.target) for act in self._acts}

    @property
    def head(self) -> bytes:
        """The chain's hash over all acts."""
        return self.heads[-1]

    def is_heat_voided(self, heat: HeatId) -> bool:
        """Tell whether nothing in the heat counts."""
        return self._last.get(("heat", heat)) is ActKind.VOID_HEAT

    def is_run_voided(self, run: RunId) -> bool:
        """Tell whether the run itself is voided."""
        return self._last.get(("run", run)) is ActKind.VOID

    def was_voided(self, run: RunId, heat: HeatId | None) -> bool:
        """Tell whether any act, undone or not, has ever voided the run or its heat."""
        return (ActKind.VOID, run) in self._ever or (
            heat is not None and (ActKind.VOID_HEAT, heat) in self._ever
        )

    def _add(self, act: Act) -> None:
        number = len(self._acts) + 1
        if act.number != number:
            raise ActFault(number, f"carries number {act.number}")
        if number > ACTS_MAX:
            raise ActFault(number, f"more than {ACTS_MAX} acts")
        if act.kind is ActKind.UNDO:
            self._undo(act)
        self._acts.append(act)
        self._in_effect.append(True)
        kind = act.kind.name.lower()
        self.heads.append(next_head(self.head, act.number, act.at_unix_ms, kind, act.target))

    def _undo(self, undo: Act) -> None:
        """Take an act out of effect; if it was an undo, what it undid is back, and so on."""
        number = self._undone(undo)
        if not self._in_effect[number - 1]:
            raise ActFault(undo.number, f"undoes act {number}, which is not in effect")
        holds = False
        while number:
            self._in_effect[number - 1] = holds
            holds = not holds
            act = self._acts[number - 1]
            number = self._undone(act) if act.kind is ActKind.UNDO else 0

    def _undone(self, undo: Act) -> int:
        """Return the number of the act that an undo names."""
        digits = undo.target
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else 0
        if str(number) != digits or not 1 <= number < undo.number:
            raise ActFault(undo.number, "undoes no earlier act")
        return number


def _noun(act: Act) -> str:
    return _NOUNS[act.kind]


_NOUNS = {
    ActKind.VOID: "run",
    ActKind.RESTORE: "run",
    ActKind.VOID_HEAT: "heat",
    ActKind.HIDE_NAME: "player",
    ActKind.REPLACE_NAME: "player",
    ActKind.SHOW_NAME: "player",
    ActKind.UNDO: "act",
}
"""What an act of each kind is about: a run and a player may carry the same id."""
