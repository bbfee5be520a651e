"""The check: bundle bytes and anchors in, a report out. Total: whatever the bytes are, it answers.

In the order of PROOF.md, section 7; it stops at the first thing that is wrong.
"""

import hashlib
from collections.abc import Iterable, Sequence

from knack_protocol.ids import HeatId
from knack_protocol.proof import bundle as bundles
from knack_protocol.proof import commitments, signing, standings
from knack_protocol.proof.anchors import Agreement, Anchors, Facts, HeatFacts, RunFacts, facts_of
from knack_protocol.proof.bundle import (
    Bundle,
    CommitmentList,
    EventBundle,
    HeatBundle,
    OpenBundle,
    RunBundle,
    SoloRun,
    Sum,
)
from knack_protocol.proof.commitments import Commitment
from knack_protocol.proof.decisions import ActFault, Decisions
from knack_protocol.proof.form import Malformed
from knack_protocol.proof.ground import OPEN_PLAY, Ground, check_commit, check_rising, check_rows
from knack_protocol.proof.heats import CheckedHeat, check_heat
from knack_protocol.proof.openplay import (
    SOLO_PREFIX,
    CheckedOpen,
    check_open,
    check_solo,
    check_solo_result,
    solo_absences,
)
from knack_protocol.proof.played import Played
from knack_protocol.proof.report import Anchored, Check, Contents, Notice, Refuted, Report, Verdict
from knack_protocol.proof.seeds import Scope
from knack_protocol.rules.course import COURSES, rules_document, rules_hash

NOTHING_HELD = Anchors()


def verify(data: bytes, anchors: Anchors = NOTHING_HELD) -> Report:
    """Check a bundle against itself and against what is held; some 100 µs a move."""
    sha256 = hashlib.sha256(data).digest()
    try:
        bundle = bundles.unpack(data)
    except Malformed as wrong:
        refuted = Refuted(Check.FORM, wrong.where or "bundle", wrong.what)
        return Report(Verdict.WRONG, sha256, None, refuted.wrong)
    checking = _Checking(bundle)
    try:
        anchored_by = checking.run(anchors)
    except Refuted as refuted:
        return Report(Verdict.WRONG, sha256, checking.contents(), refuted.wrong, tuple(checking.notices))
    verdict = Verdict.ANCHORED if anchored_by else Verdict.CONSISTENT
    return Report(verdict, sha256, checking.contents(), None, tuple(checking.notices), tuple(anchored_by))


class _Checking:
    """One check on its way through a bundle."""

    def __init__(self, bundle: Bundle) -> None:
        self.notices: list[Notice] = []
        self._bundle = bundle
        self._played: list[Played] = []
        self._facts = facts_of(bundle)
        self._title = f"event {bundle.event}"

    def contents(self) -> Contents:
        """Return what has been seen of the bundle so far, in numbers."""
        return Contents(
            self._title,
            self._bundle.key,
            len(self._played),
            sum(run.end.moves for run in self._played),
            sum(map(len, self._facts.live.values())),
            len(self._bundle.acts.list),
        )

    def run(self, anchors: Anchors) -> list[Anchored]:
        """Check everything and return what the bundle is anchored by.

        Raises:
            Refuted: the first thing that is wrong.
        """
        ground = self._ground()
        match self._bundle:
            case HeatBundle():
                self._heat(ground, self._bundle)
            case OpenBundle():
                self._title = f"open play of {self._title}"
                self._take_open(check_open(ground, self._bundle.open))
            case RunBundle():
                self._solo(ground, self._bundle)
            case EventBundle():
                self._event(ground, self._bundle)
        if not signing.is_signed(ground.key, bundles.seal_text(self._bundle), self._bundle.seal):
            raise Refuted(Check.SEAL, "seal", "the signature over the whole is not of this key")
        agreement = Agreement(ground, self._facts)
        agreement.check(anchors)
        self.notices += agreement.notices
        return agreement.anchored_by

    def _ground(self) -> Ground:
        bundle = self._bundle
        if bundle.rules.encode() != rules_document():
            what = f"these are not the rules that this checker plays by ({rules_hash().hex()})"
            raise Refuted(Check.RULES, "rules", what)
        try:
            decisions = Decisions(bundle.event, bundle.acts.list)
        except ActFault as fault:
            raise Refuted(Check.ACTS, "acts", str(fault)) from None
        text = signing.acts_text(bundle.event, len(bundle.acts.list), decisions.head)
        if not signing.is_signed(bundle.key, text, bundle.acts.signature):
            raise Refuted(Check.ACTS, "acts", "the signature of the acts is not of this key")
        return Ground(bundle.event, bundle.key, rules_hash(), decisions)

    def _promises(self, ground: Ground, listed: CommitmentList) -> dict[HeatId, Commitment]:
        where = "list of commitments"
        try:
            promised = commitments.parse(ground.event, listed.text)
        except Malformed as wrong:
            raise Refuted(Check.COMMITMENTS, where, str(wrong)) from None
        if not commitments.is_genuine(listed.text, ground.key, listed.signature):
            raise Refuted(Check.COMMITMENTS, where, "its signature is not of this key")
        return promised

    def _heat(self, ground: Ground, bundle: HeatBundle) -> None:
        self._title = f"heat {bundle.heat.heat} of {self._title}"
        promised = self._promises(ground, bundle.commitments)
        self._take_heat(check_heat(ground, bundle.heat, promised))

    def _solo(self, ground: Ground, bundle: RunBundle) -> None:
        self._title = f"run {bundle.run.run} of {self._title}"
        played = check_solo(ground, bundle.run)
        check_solo_result(ground, played, bundle.path.index, bundle.path.hashes, bundle.results)
        self._take_solo(bundle.run, played)
        self.notices += solo_absences([played])

    def _event(self, ground: Ground, bundle: EventBundle) -> None:
        promised = self._promises(ground, bundle.commitments)
        check_rising(Check.COMPLETE, "event", "heats", [heat.heat for heat in bundle.heats])
        heats = [check_heat(ground, heat, promised) for heat in bundle.heats]
        for heat in heats:
            self._take_heat(heat)
        self._take_open(check_open(ground, bundle.open))
        if bundle.open.in_play:
            raise Refuted(Check.COMPLETE, "open play", "runs are still in play after the event")
        if len({run.run for run in self._played}) != len(self._played):
            raise Refuted(Check.COMPLETE, "event", "two runs have the same id")
        _check_unused(ground, bundle, promised)
        self._facts.unstarted = {unused.run: unused.commit for unused in bundle.unused_runs}
        _check_sums(ground, heats, bundle.sums)
        _check_targets(bundle, promised, self._facts)

    def _take_heat(self, checked: CheckedHeat) -> None:
        heat, facts = checked.heat, self._facts
        facts.heats[heat.heat] = HeatFacts(checked.roster_hash, heat.public)
        facts.add_live(heat.heat, heat.live)
        for shown, played in zip(heat.runs, checked.played, strict=True):
            facts.runs[shown.run] = RunFacts(
                heat.heat,
                shown.player,
                heat.course,
                heat.commit,
                heat.public,
                heat.t0_unix_ms,
                shown.grace_ms,
                dict(enumerate(played.heads)),
            )
        self._played += checked.played
        self.notices += checked.notices

    def _take_open(self, checked: CheckedOpen) -> None:
        self._facts.add_live(OPEN_PLAY, checked.open.live)
        for shown, played in zip(checked.open.runs, checked.played, strict=True):
            self._take_solo(shown, played)
        for run in checked.open.in_play:
            self._facts.in_play[run.run] = {head.count: head.head for head in run.heads}
        self.notices += checked.notices

    def _take_solo(self, shown: SoloRun, played: Played) -> None:
        self._played.append(played)
        self._facts.runs[shown.run] = RunFacts(
            OPEN_PLAY,
            shown.player,
            shown.course,
            shown.commit,
            shown.public,
            shown.t0_unix_ms,
            shown.grace_ms,
            dict(enumerate(played.heads)),
        )


def _check_unused(ground: Ground, bundle: EventBundle, promised: dict[HeatId, Commitment]) -> None:
    """Hold that every promise was kept or opened, and none twice."""
    check_rising(Check.UNUSED, "unused heats", "heats", [unused.heat for unused in bundle.unused_heats])
    check_rising(Check.UNUSED, "unused runs", "runs", [unused.run for unused in bundle.unused_runs])
    played = {heat.heat for heat in bundle.heats}
    for unused in bundle.unused_heats:
        where = f"unused heat {unused.heat}"
        promise = promised.get(unused.heat)
        if promise is None or unused.heat in played:
            raise Refuted(Check.UNUSED, where, "was played" if promise else "was never promised")
        check_commit(
            ground, where, unused.heat, promise.course, promise.scope, promise.commit, unused.server_seed
        )
    if missing := promised.keys() - played - {unused.heat for unused in bundle.unused_heats}:
        raise Refuted(Check.COMPLETE, f"heat {min(missing)}", "was promised, and neither played nor opened")
    started = {run.run for run in bundle.open.runs}
    for prepared in bundle.unused_runs:
        where = f"unused run {prepared.run}"
        if prepared.run in started or not prepared.run.startswith(SOLO_PREFIX):
            raise Refuted(Check.UNUSED, where, "was played, or is no solo run")
        check_commit(
            ground,
            where,
            prepared.run,
            prepared.course,
            Scope.HEAT,
            prepared.commit,
            prepared.server_seed,
        )


def _check_sums(ground: Ground, heats: Iterable[CheckedHeat], sums: Sequence[Sum]) -> None:
    """Recompute the sums over the heats of each course that count."""
    counted: dict[str, list[CheckedHeat]] = {}
    for heat in heats:
        if not ground.decisions.is_heat_voided(heat.heat.heat):
            counted.setdefault(heat.heat.course, []).append(heat)
    if [shown.course for shown in sums] != sorted(counted):
        raise Refuted(Check.SUMS, "sums", "not the courses of the heats that count")
    for shown in sums:
        due, where = counted[shown.course], f"sum of {shown.course}"
        if list(shown.heats) != [heat.heat.heat for heat in due]:
            raise Refuted(Check.SUMS, where, "not the heats that count")
        full_time_ms = sum(level.time_ms for level in COURSES[shown.course].levels)
        rows = standings.sum_rows([heat.results for heat in due], full_time_ms)
        check_rows(Check.SUMS, where, shown.rows, rows)


def _check_targets(bundle: EventBundle, promised: dict[HeatId, Commitment], facts: Facts) -> None:
    """Hold that acts are about runs and heats of this event."""
    runs = facts.runs.keys() | facts.unstarted.keys()
    for act in bundle.acts.list:
        match act.kind:
            case bundles.ActKind.VOID | bundles.ActKind.RESTORE if act.target not in runs:
                raise Refuted(Check.ACTS, f"act {act.number}", f"is about run {act.target}, which is missing")
            case bundles.ActKind.VOID_HEAT if act.target not in promised:
                raise Refuted(
                    Check.ACTS, f"act {act.number}", f"is about heat {act.target}, which is unknown"
                )
            case _:
                pass
