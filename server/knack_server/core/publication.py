"""What is published of open play: bundles that anybody can check without trusting us (PROOF.md).

Everything here comes from the store alone, as it was recorded, and is put together purely: the same records give the
same bytes. A run's seed leaves the house only when the run is over.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import bundle, merkle, receipt
from knack_protocol.proof.leaves import leaf
from knack_protocol.proof.publish import signed_acts, signed_results
from knack_protocol.proof.seeds import client_public
from knack_protocol.proof.signing import Signer
from knack_protocol.rules.course import COURSES, rules_document, rules_hash
from knack_protocol.rules.log import LoggedEvent, h0
from knack_server.core.acts import Acts
from knack_server.core.facts import OPEN_PLAY
from knack_server.core.standings import Standings

if TYPE_CHECKING:
    from collections.abc import Callable

    from knack_server.core.facts import Acted


@dataclass(slots=True)
class PlayedLog:
    """A log as three rows of plain values, which cost no garbage collection: a day's open play has half a million."""

    payloads: list[bytes] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    """Places in the sequence of all facts."""

    def add(self, payload: bytes, hash_: bytes, position: int) -> None:
        """Append an event."""
        self.payloads.append(payload)
        self.hashes.append(hash_)
        self.positions.append(position)


@dataclass(frozen=True, slots=True)
class PlayedRun:
    """A run that has begun, as it was recorded."""

    run: RunId
    player: PlayerId
    course: CourseName
    commit: bytes
    nonce: bytes
    t0_unix_ms: int
    grace_ms: int
    begun_position: int
    is_over: bool
    score: int
    """With the next: of a run that is over."""
    scored_at_ms: int
    log: PlayedLog


@dataclass(frozen=True, slots=True)
class SentDigest:
    """A live digest that went out; it covers every event recorded before its position."""

    k: int
    digest: bytes
    position: int


@dataclass(frozen=True, slots=True)
class PlayedOpen:
    """All that was recorded of an event's open play."""

    event: EventId
    runs_max: int | None
    runs: Sequence[PlayedRun]
    """In byte order of their ids."""
    digests: Sequence[SentDigest]
    acts: Sequence[Acted]


@dataclass(frozen=True, slots=True)
class Result:
    """What the tree of results holds of a finished run."""

    run: RunId
    score: int
    event_count: int
    head: bytes


@dataclass(frozen=True, slots=True)
class PlayedSolo:
    """A finished run of open play, and what stands in the tree of results beside it."""

    event: EventId
    run: PlayedRun
    results: Sequence[Result]
    """Of all finished runs, in byte order of their ids."""
    acts: Sequence[Acted]


class Publisher:
    """Puts bundles and receipts together and signs them."""

    def __init__(self, signer: Signer, server_seed: Callable[[str, str], bytes]) -> None:
        self.key = signer.key
        self._signer = signer
        self._server_seed = server_seed

    def open_play(self, played: PlayedOpen) -> bytes:
        """Return the bundle of all finished runs of open play so far."""
        over = [run for run in played.runs if run.is_over]
        unsealed = bundle.OpenBundle(
            event=played.event,
            key=self._signer.key,
            rules=rules_document().decode(),
            acts=self._acts(played.event, played.acts),
            open=bundle.OpenPlay(
                runs_max=played.runs_max,
                runs=tuple(self._open_run(played, run) for run in over),
                live=tuple(bundle.Digest(k=sent.k, digest=sent.digest) for sent in played.digests),
                in_play=tuple(
                    covered for run in played.runs if not run.is_over and (covered := _in_play(played, run))
                ),
                results=self._results(played.event, [_leaf(_result(run)) for run in over]),
                standings=_standings(played, over),
            ),
            seal=bundle.UNSEALED,
        )
        return bundle.pack(bundle.sealed(unsealed, self._signer))

    def solo_run(self, played: PlayedSolo) -> bytes:
        """Return the bundle of one finished run, with its way to the root over all finished runs so far."""
        leaves = [_leaf(result) for result in played.results]
        index = next(at for at, result in enumerate(played.results) if result.run == played.run.run)
        unsealed = bundle.RunBundle(
            event=played.event,
            key=self._signer.key,
            rules=rules_document().decode(),
            acts=self._acts(played.event, played.acts),
            run=bundle.SoloRun(**self._solo_fields(played.event, played.run)),
            path=bundle.Path(index=index, hashes=merkle.path(leaves, index)),
            results=self._results(played.event, leaves),
            seal=bundle.UNSEALED,
        )
        return bundle.pack(bundle.sealed(unsealed, self._signer))

    def sign_commitments(self, text: str) -> bytes:
        """Return the signature of an event's list of commitments."""
        return self._signer.sign(text.encode())

    def receipt(
        self,
        event: EventId,
        run: RunId,
        player: PlayerId,
        score: int,
        events: Sequence[LoggedEvent],
        heat: HeatId = OPEN_PLAY,
    ) -> str:
        """Return the signed receipt of a finished run with this log."""
        return receipt.sign(event, heat, run, player, score, len(events), events[-1].hash, self._signer)

    def is_genuine(self, text: str) -> bool:
        """Tell whether we have given out this receipt."""
        return receipt.is_genuine(text, self.key)

    def _open_run(self, played: PlayedOpen, run: PlayedRun) -> bundle.OpenRun:
        first, counts = _coverage(played.digests, run)
        live = bundle.Coverage(first=first, counts=tuple(counts))
        return bundle.OpenRun(**self._solo_fields(played.event, run), live=live)

    def _solo_fields(self, event: EventId, run: PlayedRun) -> dict[str, Any]:
        return {
            "run": run.run,
            "player": run.player,
            "course": run.course,
            "commit": run.commit,
            "server_seed": self._server_seed(event, run.run),
            "public": client_public(run.nonce),
            "t0_unix_ms": run.t0_unix_ms,
            "grace_ms": run.grace_ms,
            "events": tuple(run.log.payloads),
        }

    def _results(self, event: EventId, leaves: Sequence[bytes]) -> bundle.Results:
        return signed_results(event, OPEN_PLAY, leaves, self._signer)

    def _acts(self, event: EventId, acts: Sequence[Acted]) -> bundle.Acts:
        listed = (
            bundle.Act(
                number=act.number, at_unix_ms=act.at_ms, kind=bundle.ActKind[act.kind.name], target=act.target
            )
            for act in acts
        )
        return signed_acts(event, listed, self._signer)


def _result(run: PlayedRun) -> Result:
    return Result(run.run, run.score, len(run.log.hashes), run.log.hashes[-1])


def _leaf(result: Result) -> bytes:
    return leaf(result.run, result.score, result.event_count, result.head)


def _coverage(digests: Sequence[SentDigest], run: PlayedRun) -> tuple[int, list[int]]:
    """Return the first digest that covered a run, and how many of its events that one and each later one covered.

    A run is covered from its T0 until once after its END.
    """
    places = [sent.position for sent in digests]
    first = bisect_left(places, run.begun_position)
    last = len(places)
    if run.is_over:
        last = min(bisect_left(places, run.log.positions[-1]) + 1, last)
    return first, [bisect_left(run.log.positions, place) for place in places[first:last]]


def _in_play(played: PlayedOpen, run: PlayedRun) -> bundle.InPlay | None:
    """Return what digests have told of a run that still goes on: hashes, and nothing of its board."""
    first, counts = _coverage(played.digests, run)
    if not counts:
        return None
    start = h0(played.event, run.run, run.player, run.commit, rules_hash(), run.t0_unix_ms, run.grace_ms)
    heads = [start, *run.log.hashes]
    return bundle.InPlay(
        run=run.run, first=first, heads=tuple(bundle.Head(count=count, head=heads[count]) for count in counts)
    )


def _standings(played: PlayedOpen, over: Sequence[PlayedRun]) -> tuple[bundle.CourseStandings, ...]:
    acts = Acts(played.event)
    for act in played.acts:
        acts.add(act)
    standings = {course: Standings() for course in sorted(COURSES)}
    for run in over:
        if run.score > 0 and not acts.is_voided(run.run):
            standings[run.course].put(run.run, run.player, run.score, run.scored_at_ms)
    return tuple(
        bundle.CourseStandings(
            course=course,
            rows=tuple(
                bundle.Row(
                    rank=ranked.rank(row.player),
                    player=row.player,
                    run=row.run,
                    score=row.score,
                    time_ms=row.time_ms,
                )
                for row in ranked
            ),
        )
        for course, ranked in standings.items()
    )
