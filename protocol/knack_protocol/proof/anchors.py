"""What was held outside, against what a bundle says: the only thing that an insider with every key cannot change.

A bundle whose parts fit together may still have been made up as a whole. A fingerprint from a poster, the list of
promises from before the event, the files that phones have kept: each binds a part of it (PROOF.md, section 8).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from knack_protocol.ids import HeatId, PlayerId, RunId
from knack_protocol.proof import commitments, seeds
from knack_protocol.proof.bundle import Bundle, CommitmentList, Digest
from knack_protocol.proof.commitments import PublishedList
from knack_protocol.proof.form import Malformed
from knack_protocol.proof.ground import OPEN_PLAY, Ground
from knack_protocol.proof.held import Held, HeldDigest, HeldHeat, HeldRun
from knack_protocol.proof.report import Anchor, Anchored, Check, Notice, NoticeKind, Refuted
from knack_protocol.proof.signing import FINGERPRINT_BYTES, fingerprint

_SPACES: Final = re.compile(r"[\s:.-]+")


@dataclass(frozen=True, slots=True)
class Anchors:
    """What somebody holds: a key's fingerprint or the key itself as hex, the published list, held files by name."""

    key: str = ""
    commitments: PublishedList | None = None
    held: tuple[tuple[str, Held], ...] = ()


def parse_key(text: str) -> str:
    """Return the hex digits of a fingerprint, or of a whole key, however they are grouped.

    Raises:
        Malformed: neither 32 nor 64 hex digits.
    """
    digits = _SPACES.sub("", text).lower()
    if not re.fullmatch(f"[0-9a-f]{{{2 * FINGERPRINT_BYTES}}}|[0-9a-f]{{64}}", digits):
        raise Malformed("a fingerprint has 32 hex digits")
    return digits


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a bundle says of one run; `heads` by number of events, `public` is the seed's public part."""

    heat: HeatId
    player: PlayerId
    course: str
    commit: bytes
    public: bytes
    t0_unix_ms: int
    grace_ms: int
    heads: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class HeatFacts:
    """What a bundle says of a heat that was played."""

    roster_hash: bytes
    public: bytes


@dataclass(slots=True)
class Facts:
    """What a checked bundle says, by what a held file knows of it.

    `in_play` are runs of which a bundle only tells heads; `unstarted` are prepared runs with their promises; `live` has
    the digests of each part that the bundle holds, open play under the empty heat.
    """

    heats: dict[HeatId, HeatFacts] = field(default_factory=dict)
    runs: dict[RunId, RunFacts] = field(default_factory=dict)
    in_play: dict[RunId, Mapping[int, bytes]] = field(default_factory=dict)
    unstarted: dict[RunId, bytes] = field(default_factory=dict)
    live: dict[HeatId, dict[int, bytes]] = field(default_factory=dict)
    promises: CommitmentList | None = None
    is_whole: bool = False
    """The bundle is of a whole event: what it does not have does not exist."""

    def add_live(self, heat: HeatId, live: tuple[Digest, ...]) -> None:
        """Take the digests of a heat or of open play in."""
        self.live[heat] = {sent.k: sent.digest for sent in live}


class Agreement:
    """Holds a checked bundle against anchors; `anchored_by` says what agreed, `notices` what could not be compared."""

    def __init__(self, ground: Ground, facts: Facts) -> None:
        self.anchored_by: list[Anchored] = []
        self.notices: list[Notice] = []
        self._ground = ground
        self._facts = facts

    def check(self, anchors: Anchors) -> None:
        """Compare everything.

        Raises:
            Refuted: the first contradiction.
        """
        if anchors.key:
            self._key(anchors.key)
        if anchors.commitments:
            self._list(anchors.commitments)
        for name, held in anchors.held:
            self._held(f"held file {name}", held)

    def _key(self, digits: str) -> None:
        own = self._ground.key
        if digits not in {own.hex(), fingerprint(own)}:
            what = f"the bundle is signed with key {fingerprint(own)}, not with {digits}"
            raise Refuted(Check.ANCHOR_KEY, "key", what)
        self._agreed(Anchor.KEY, "the key's fingerprint")

    def _list(self, published: PublishedList) -> None:
        where, ground = "list of commitments", self._ground
        try:
            commitments.parse(ground.event, published.text)
        except Malformed as wrong:
            raise Refuted(Check.ANCHOR_COMMITMENTS, where, str(wrong)) from None
        if published.signature is not None and not commitments.is_genuine(
            published.text, ground.key, published.signature
        ):
            raise Refuted(Check.ANCHOR_COMMITMENTS, where, "was signed with another key than the bundle")
        promises = self._facts.promises
        if promises and promises.text != published.text:
            raise Refuted(Check.ANCHOR_COMMITMENTS, where, _first_difference(published.text, promises.text))
        if promises or published.signature is not None:
            self._agreed(Anchor.COMMITMENTS, "the published list of commitments")

    def _held(self, where: str, held: Held) -> None:
        if held.event != self._ground.event:
            raise Refuted(Check.ANCHOR_HELD, where, f"is of event {held.event}, not of {self._ground.event}")
        if held.key != self._ground.key:
            what = f"holds key {fingerprint(held.key)}, the bundle {fingerprint(self._ground.key)}"
            raise Refuted(Check.ANCHOR_HELD, where, what)
        agreed = ["the key"]
        if held.commitments and self._facts.promises:
            if held.commitments.text != self._facts.promises.text:
                difference = _first_difference(held.commitments.text, self._facts.promises.text)
                raise Refuted(Check.ANCHOR_HELD, where, f"list of commitments: {difference}")
            agreed.append("the list of commitments")
        rosters = sum([self._heat(where, heat) for heat in held.heats])
        receipts = sum([self._run(where, run) for run in held.runs])
        digests = self._digests(where, held.digests)
        acts = self._acts(where, held)
        counted = (
            (rosters, "rosters"),
            (receipts, "receipts"),
            (digests, "live digests"),
            (acts, "heads of acts"),
        )
        agreed += [f"{count} {what}" for count, what in counted if count]
        self._agreed(Anchor.HELD, f"{where}: {', '.join(agreed)}")

    def _agreed(self, anchor: Anchor, text: str) -> None:
        self.anchored_by.append(Anchored(anchor, text))

    def _heat(self, where: str, held: HeldHeat) -> int:
        shown = self._facts.heats.get(held.heat)
        if shown is None:
            if self._facts.is_whole and not self._ground.decisions.is_heat_voided(held.heat):
                what = (
                    f"heat {held.heat} had a roster; the bundle says it was never played, and no act voids it"
                )
                raise Refuted(Check.ANCHOR_HELD, where, what)
            return 0
        if held.roster_hash != shown.roster_hash:
            raise Refuted(Check.ANCHOR_HELD, where, f"heat {held.heat} had another roster")
        if held.public is not None and held.public != shown.public:
            raise Refuted(Check.ANCHOR_HELD, where, f"heat {held.heat} had another public part")
        return 1

    def _run(self, where: str, held: HeldRun) -> int:
        shown = self._facts.runs.get(held.run)
        if shown is None:
            return self._run_without_log(where, held)
        for what, kept, found in (
            ("heat", held.heat, shown.heat),
            ("player", held.player, shown.player),
            ("course", held.course, shown.course),
            ("commitment", held.commit, shown.commit),
            ("device's nonce", held.nonce and seeds.client_public(held.nonce), shown.public),
            ("T0", held.t0_unix_ms, shown.t0_unix_ms),
            ("grace", held.grace_ms, shown.grace_ms),
        ):
            if kept is not None and kept != found:
                raise Refuted(Check.ANCHOR_HELD, where, f"run {held.run} had another {what}")
        for receipt in held.receipts:
            if shown.heads.get(receipt.seq) != receipt.head:
                what = f"the receipt of event {receipt.seq} of run {held.run} is not on its chain"
                raise Refuted(Check.ANCHOR_HELD, where, what)
        return len(held.receipts)

    def _run_without_log(self, where: str, held: HeldRun) -> int:
        """Compare what a bundle tells of a run that is not among the finished ones."""
        facts = self._facts
        if (heads := facts.in_play.get(held.run)) is not None:
            known = [receipt for receipt in held.receipts if receipt.seq in heads]
            if any(heads[receipt.seq] != receipt.head for receipt in known):
                raise Refuted(Check.ANCHOR_HELD, where, f"run {held.run} in play has another chain")
            return len(known)
        is_started = held.t0_unix_ms is not None or bool(held.receipts)
        if not is_started and facts.is_whole and held.heat == OPEN_PLAY:
            if facts.unstarted.get(held.run) != held.commit:
                raise Refuted(Check.ANCHOR_HELD, where, f"the promise for run {held.run} was never opened")
        elif is_started and (facts.is_whole or self._is_due(held)):
            raise Refuted(Check.ANCHOR_HELD, where, f"run {held.run} was played and is missing")
        return 0

    def _is_due(self, held: HeldRun) -> bool:
        """Tell whether a part of the bundle should have this run: digests of open play carry Unix seconds."""
        live = self._facts.live.get(held.heat)
        if live is None:
            return False
        if held.heat != OPEN_PLAY:
            return True
        return held.t0_unix_ms is not None and held.t0_unix_ms < 1000 * max(live, default=0)

    def _digests(self, where: str, held: tuple[HeldDigest, ...]) -> int:
        agreed = later = 0
        for seen in held:
            live = self._facts.live.get(seen.heat)
            if live is None:
                if self._facts.is_whole:
                    what = f"live digests of heat {seen.heat} went out; the bundle says it was never played"
                    raise Refuted(Check.ANCHOR_HELD, where, what)
                continue
            is_newer = seen.heat == OPEN_PLAY and not self._facts.is_whole and seen.k > max(live, default=0)
            if is_newer:
                later += 1
            elif live.get(seen.k) != seen.digest:
                part = f"heat {seen.heat}" if seen.heat else "open play"
                raise Refuted(Check.ANCHOR_HELD, where, f"live digest {seen.k} of {part} was another one")
            else:
                agreed += 1
        if later:
            text = f"{later} live digests are later than the bundle"
            self.notices.append(Notice(NoticeKind.LATER, where, 0, text))
        return agreed

    def _acts(self, where: str, held: Held) -> int:
        heads = self._ground.decisions.heads
        for seen in held.acts:
            if seen.count >= len(heads):
                what = (
                    f"has heard of {seen.count} acts, the bundle has {len(heads) - 1}: it was made earlier, "
                    "or an act was taken out"
                )
                raise Refuted(Check.ANCHOR_HELD, where, what)
            if heads[seen.count] != seen.head:
                what = f"the first {seen.count} acts are not those that were made"
                raise Refuted(Check.ANCHOR_HELD, where, what)
        return len(held.acts)


def _first_difference(held: str, shown: str) -> str:
    for number, (kept, found) in enumerate(_lines(held, shown), start=1):
        if kept != found:
            return f"line {number} was {kept!r}, the bundle has {found!r}"
    return "differs"


def _lines(held: str, shown: str) -> Iterator[tuple[str, str]]:
    kept, found = held.split("\n"), shown.split("\n")
    length = max(len(kept), len(found))
    kept += [""] * (length - len(kept))
    found += [""] * (length - len(found))
    return zip(kept, found, strict=True)


def facts_of(bundle: Bundle) -> Facts:
    """Return facts that are still empty but for what the bundle's kind says."""
    return Facts(promises=getattr(bundle, "commitments", None), is_whole=bundle.kind == "event")
