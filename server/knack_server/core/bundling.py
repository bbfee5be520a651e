"""The parts of a bundle, each made of what was recorded (PROOF.md, section 3): the same records give the same parts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from knack_protocol.proof import bundle, standings
from knack_protocol.proof.ground import Frozen
from knack_protocol.proof.leaves import leaf, roster_hash
from knack_protocol.proof.publish import signed_acts, signed_results
from knack_protocol.proof.seeds import client_public
from knack_protocol.rules.course import COURSES, rules_hash
from knack_protocol.rules.log import h0
from knack_server.core.acts import Acts
from knack_server.core.facts import OPEN_PLAY
from knack_server.core.recorded import Result
from knack_server.core.standings import Standings

if TYPE_CHECKING:
    from knack_protocol.ids import CourseName, EventId
    from knack_protocol.proof.signing import Signer
    from knack_server.core.facts import Acted
    from knack_server.core.recorded import PlayedHeat, PlayedOpen, PlayedRun, SentDigest


class Parts:
    """Makes the parts of one event's bundles."""

    def __init__(
        self, event: EventId, acts: Iterable[Acted], signer: Signer, server_seed: Callable[[str, str], bytes]
    ) -> None:
        self._event = event
        self._decided = Acts(event)
        for act in acts:
            refused = self._decided.add(act)
            assert refused is None, "a refused act was never recorded"
        self._signer = signer
        self._server_seed = server_seed

    def acts(self) -> bundle.Acts:
        """Return what moderators decided, signed."""
        listed = (
            bundle.Act(
                number=act.number, at_unix_ms=act.at_ms, kind=bundle.ActKind[act.kind.name], target=act.target
            )
            for act in self._decided
        )
        return signed_acts(self._event, listed, self._signer)

    def open_play(self, played: PlayedOpen) -> bundle.OpenPlay:
        """Return all finished runs of open play so far, and of those in play what digests have told."""
        over = [run for run in played.runs if run.is_over]
        places = [sent.position for sent in played.digests]
        return bundle.OpenPlay(
            runs_max=played.runs_max,
            runs=tuple(self._open_run(places, run) for run in over),
            live=_digests(played.digests),
            in_play=tuple(
                covered for run in played.runs if not run.is_over and (covered := self._in_play(places, run))
            ),
            results=self.open_results([result_leaf(result_of(run)) for run in over]),
            standings=tuple(
                bundle.CourseStandings(
                    course=course, rows=self._rows(run for run in over if run.course == course)
                )
                for course in sorted(COURSES)
            ),
        )

    def solo_run(self, run: PlayedRun) -> dict[str, Any]:
        """Return the fields that a finished run of open play has in every bundle."""
        return {
            "run": run.run,
            "player": run.player,
            "course": run.course,
            "commit": run.commit,
            "server_seed": self._server_seed(self._event, run.run),
            "public": client_public(run.nonce),
            "t0_unix_ms": run.t0_unix_ms,
            "grace_ms": run.grace_ms,
            "events": tuple(run.log.payloads),
        }

    def open_results(self, leaves: Sequence[bytes]) -> bundle.Results:
        """Return the signed root over the leaves of open play."""
        return signed_results(self._event, OPEN_PLAY, leaves, self._signer)

    def heat(self, played: PlayedHeat) -> bundle.Heat:
        """Return a heat that is over, its seed with it."""
        roster = tuple(run.player for run in played.runs)
        leaves = [leaf(run.player, *_end_of(run)) for run in played.runs]
        places = [sent.position for sent in played.digests]
        frozen = Frozen(played.t0_unix_ms, roster_hash(roster))
        is_voided = self._decided.is_heat_voided(played.heat)
        return bundle.Heat(
            heat=played.heat,
            course=played.course,
            scope=played.scope,
            commit=played.commit,
            server_seed=self._server_seed(self._event, played.heat),
            public=played.public,
            t0_unix_ms=played.t0_unix_ms,
            roster=roster,
            runs=tuple(
                bundle.HeatRun(
                    run=run.run,
                    player=run.player,
                    grace_ms=run.grace_ms,
                    events=tuple(run.log.payloads),
                    live=tuple(_counts(places, run)),
                )
                for run in played.runs
            ),
            live=_digests(played.digests),
            results=signed_results(self._event, played.heat, leaves, self._signer, frozen),
            standings=() if is_voided else self._rows(played.runs),
        )

    def sums(self, heats: Sequence[PlayedHeat]) -> tuple[bundle.Sum, ...]:
        """Return the sums over the heats of each course that count."""
        counted = [heat for heat in heats if not self._decided.is_heat_voided(heat.heat)]
        return tuple(
            self._sum(course, [heat for heat in counted if heat.course == course])
            for course in sorted({heat.course for heat in counted})
        )

    def _sum(self, course: CourseName, heats: Sequence[PlayedHeat]) -> bundle.Sum:
        results = [
            [
                standings.Result(run.player, run.run, run.score, run.scored_at_ms)
                for run in heat.runs
                if not self._decided.is_voided(run.run)
            ]
            for heat in heats
        ]
        full_time_ms = sum(level.time_ms for level in COURSES[course].levels)
        return bundle.Sum(
            course=course,
            heats=tuple(heat.heat for heat in heats),
            rows=standings.sum_rows(results, full_time_ms),
        )

    def _rows(self, over: Iterable[PlayedRun]) -> tuple[bundle.Row, ...]:
        ranked = Standings()
        for run in over:
            if run.score > 0 and not self._decided.is_voided(run.run):
                ranked.put(run.run, run.player, run.score, run.scored_at_ms)
        return tuple(
            bundle.Row(
                rank=ranked.rank(row.player),
                player=row.player,
                run=row.run,
                score=row.score,
                time_ms=row.time_ms,
            )
            for row in ranked
        )

    def _open_run(self, places: Sequence[int], run: PlayedRun) -> bundle.OpenRun:
        first, counts = _coverage(places, run)
        live = bundle.Coverage(first=first, counts=tuple(counts))
        return bundle.OpenRun(**self.solo_run(run), live=live)

    def _in_play(self, places: Sequence[int], run: PlayedRun) -> bundle.InPlay | None:
        """Return what digests have told of a run that still goes on: hashes, and nothing of its board."""
        first, counts = _coverage(places, run)
        if not counts:
            return None
        start = h0(self._event, run.run, run.player, run.commit, rules_hash(), run.t0_unix_ms, run.grace_ms)
        heads = [start, *run.log.hashes]
        return bundle.InPlay(
            run=run.run,
            first=first,
            heads=tuple(bundle.Head(count=count, head=heads[count]) for count in counts),
        )


def result_of(run: PlayedRun) -> Result:
    """Return what the tree of results holds of a finished run."""
    return Result(run.run, *_end_of(run))


def result_leaf(result: Result) -> bytes:
    """Return the leaf of a finished run of open play."""
    return leaf(result.run, result.score, result.event_count, result.head)


def _end_of(run: PlayedRun) -> tuple[int, int, bytes]:
    return run.score, len(run.log.hashes), run.log.hashes[-1]


def _digests(sent: Iterable[SentDigest]) -> tuple[bundle.Digest, ...]:
    return tuple(bundle.Digest(k=one.k, digest=one.digest) for one in sent)


def _coverage(places: Sequence[int], run: PlayedRun) -> tuple[int, list[int]]:
    """Return the first digest that covered a run, and how many of its events that one and each later one covered.

    `places` are those of all digests in the sequence of facts. A run of open play is covered from its T0 until once after
    its END.
    """
    first, last = bisect_left(places, run.begun_position), len(places)
    if run.is_over:
        last = min(bisect_left(places, run.log.positions[-1]) + 1, last)
    return first, _counts(places[first:last], run)


def _counts(places: Sequence[int], run: PlayedRun) -> list[int]:
    """Return how many of a run's events stand before each place."""
    return [bisect_left(run.log.positions, place) for place in places]
