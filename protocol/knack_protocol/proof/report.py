"""What a check finds: the verdict, the first thing that is wrong, and what people should know beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from knack_protocol.proof.signing import fingerprint, grouped


class Check(StrEnum):
    """What was checked when something was found wrong, in the order of the check (PROOF.md, section 7)."""

    FORM = "form"
    """The bytes are no bundle in canonical form."""
    RULES = "rules"
    """The rules file is not the one that this checker plays by."""
    ACTS = "acts"
    """The moderators' acts: numbers, signature, undos, an act that something else presupposes."""
    COMMITMENTS = "commitments"
    """The published list of promises, and what should stand in it."""
    COMMIT = "commit"
    """The promise recomputed from the revealed seed."""
    PUBLIC = "public"
    """The form of the seed's public part."""
    ROSTER = "roster"
    """One run for everybody on the roster, and for nobody else."""
    REPLAY = "replay"
    """Every event as a run under the rules writes it."""
    RUN = "run"
    """What re-play does not show: ids, connections, clocks, the end of a run."""
    RESULTS = "results"
    """Leaves, root, path and signature."""
    LIVE = "live"
    """The live digests recomputed from the counts, and that they cover what they must."""
    STANDINGS = "standings"
    SUMS = "sums"
    UNUSED = "unused"
    """The seeds of what was promised and never played."""
    COMPLETE = "complete"
    """Nothing missing, nothing twice."""
    SEAL = "seal"
    """The signature over the whole."""
    ANCHOR_KEY = "anchor_key"
    ANCHOR_COMMITMENTS = "anchor_commitments"
    ANCHOR_HELD = "anchor_held"


class Refuted(Exception):
    """Something in a bundle is wrong; the check stops here."""

    def __init__(self, check: Check, where: str, what: str) -> None:
        super().__init__(f"{check}: {where}: {what}")
        self.wrong = Wrong(check, where, what)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong, and where."""

    check: Check
    where: str
    what: str


class NoticeKind(StrEnum):
    """What is no fault by itself, but nobody should have to look for."""

    AWAY = "away"
    """The server was away while a run was in play; `at_ms` is where the run's clock went on."""
    SILENT = "silent"
    """No digest went out for a while though runs were in play; `at_ms` is how long."""
    OUT_OF_STEP = "out_of_step"
    """A run's log and the digests disagree about the time by `at_ms`: the server was slow, or a clock was set."""
    UNWITNESSED = "unwitnessed"
    """The last events of a run stand in no digest: only its player's receipts vouch for them."""
    LATER = "later"
    """A held file knows what came after the bundle was made."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know; `text` says it to people, `at_ms` to machines."""

    kind: NoticeKind
    where: str
    at_ms: int
    text: str


class Verdict(Enum):
    """How a check ends."""

    ANCHORED = auto()
    """All is consistent, and agrees with what was held outside."""
    CONSISTENT = auto()
    """All is consistent; whoever forges the whole would pass."""
    WRONG = auto()


class Anchor(Enum):
    """What may be held outside of a bundle, with the option that takes it and what it would tell."""

    KEY = "--key FINGERPRINT: a bundle that somebody else than the organiser has made"
    COMMITMENTS = "--commitments FILE: other seeds and heats than those that were promised before the event"
    HELD = "--held FILE: logs, runs and acts that were changed after players had seen them"


@dataclass(frozen=True, slots=True)
class Anchored:
    """An anchor that agrees with the bundle, and in what."""

    anchor: Anchor
    text: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a bundle, in numbers."""

    title: str
    key: bytes
    runs: int
    moves: int
    digests: int
    acts: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a check came to; `contents` is None when the bytes are no bundle, `anchored_by` names what agreed."""

    verdict: Verdict
    sha256: bytes
    contents: Contents | None
    wrong: Wrong | None = None
    notices: tuple[Notice, ...] = ()
    anchored_by: tuple[Anchored, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.verdict is not Verdict.WRONG

    def lines(self) -> Iterator[str]:
        """Yield the report for people; the last line is the verdict."""
        yield f"bundle sha-256 {self.sha256.hex()}"
        if self.contents:
            yield (
                f"{self.contents.title}: {self.contents.runs:,} runs, {self.contents.moves:,} moves, "
                f"{self.contents.digests:,} live digests, {self.contents.acts:,} acts"
            )
            yield f"key {grouped(fingerprint(self.contents.key))}"
        for notice in self.notices:
            yield f"note: {notice.where}: {notice.text}"
        if self.wrong:
            yield f"WRONG ({self.wrong.check}): {self.wrong.where}: {self.wrong.what}"
        elif self.verdict is Verdict.ANCHORED:
            for agreed in self.anchored_by:
                yield f"anchored by {agreed.text}"
            if unused := _unused(self.anchored_by):
                yield "Not asked for, and it would tell:"
                yield from unused
            yield "OK, anchored"
        else:
            yield "Everything in this bundle fits together. Whoever had forged all of it would pass, too. What would tell:"
            yield from _unused(())
            yield "OK, consistent only"


def _unused(agreed: tuple[Anchored, ...]) -> list[str]:
    used = {anchored.anchor for anchored in agreed}
    return [f"  {anchor.value}" for anchor in Anchor if anchor not in used]
