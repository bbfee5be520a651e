"""What the live digests cover, recomputed from the counts that were published (RULES.md, section 7).

A digest binds what phones all over the hall hold. It only helps if nothing can stand beside it: a run that no digest
covers could have been invented afterwards.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from knack_protocol.ids import EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.bundle import Digest
from knack_protocol.proof.live import live_digest
from knack_protocol.proof.played import Played
from knack_protocol.proof.report import Check, Notice, NoticeKind, Refuted

UNCOVERED_MS_MAX: Final = 3000
"""A finished run that lasted so long must stand in a digest: they go out every second, and a server may stall."""

TICK_MS: Final = 1000
STEP_TOLERANCE_MS: Final = 3000
"""How far logs and digests may be apart before it is said: a commit waits for a slow disk now and then."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A run with what the digests cover of it: from digest `first` on, one (number of events, hash) each.

    `played` is None for a run that was still in play.
    """

    where: str
    owner: PlayerId | RunId
    first: int
    heads: Sequence[tuple[int, bytes]]
    played: Played | None


def covered(
    where: str, owner: PlayerId | RunId, played: Played, first: int, counts: Sequence[int]
) -> Covered:
    """Return what counts say about a run that was played again.

    Raises:
        Refuted: more events than the log has.
    """
    if any(count > played.event_count for count in counts):
        raise Refuted(Check.LIVE, where, "a digest covers more events than the log has")
    return Covered(where, owner, first, [(count, played.heads[count]) for count in counts], played)


def check(event: EventId, heat: HeatId, where: str, live: Sequence[Digest], runs: Iterable[Covered]) -> None:
    """Recompute every digest; `runs` in the order in which digests cover them.

    Raises:
        Refuted: a number out of order, a count that falls, a digest that comes out otherwise, a run that none covers.
    """
    for one, other in pairwise(live):
        if other.k <= one.k:
            raise Refuted(Check.LIVE, where, f"digest {other.k} stands after digest {one.k}")
    chains: list[list[tuple[int, bytes]]] = [[] for _ in live]
    for run in runs:
        _check_run(run, len(live))
        for place, head in enumerate(run.heads, start=run.first):
            chains[place].append(head)
    for sent, chain in zip(live, chains, strict=True):
        if live_digest(event, heat, sent.k, chain) != sent.digest:
            raise Refuted(Check.LIVE, where, f"digest {sent.k} is not the hash over the runs that it covered")


def check_one_at_a_time(runs: Iterable[Covered]) -> None:
    """Hold that nobody was in two solo runs at once; the digest after a run's END may cover the next one, too.

    Raises:
        Refuted: two runs of a player overlap.
    """
    by_player: dict[PlayerId, list[tuple[int, int, str]]] = {}
    for run in runs:
        if run.played:
            in_play = sum(count < run.played.event_count for count, _ in run.heads)
            span = (run.first, run.first + in_play, run.where)
            by_player.setdefault(run.played.player, []).append(span)
    for player, spans in by_player.items():
        for (_, until, one), (begun, _, other) in pairwise(sorted(spans)):
            if begun < until:
                raise Refuted(Check.LIVE, other, f"player {player} was in {one} at the same time")


def notices(
    where: str, live: Sequence[Digest], runs: Sequence[Covered], t0_unix_ms: dict[RunId, int] | None
) -> Iterator[Notice]:
    """Yield what people should know: silence, ends that no digest covers, clocks out of step.

    `t0_unix_ms` is of each run in open play, where digests are numbered by Unix seconds; None in a heat, where they are
    numbered by seconds of its clock.
    """
    yield from _silences(where, live, runs)
    for run in runs:
        if run.played is None:
            continue
        yield from _unwitnessed(run, len(live))
        yield from _out_of_step(
            run, run.played, live, 0 if t0_unix_ms is None else t0_unix_ms[run.played.run], t0_unix_ms is None
        )


def _check_run(run: Covered, digest_count: int) -> None:
    if run.first + len(run.heads) > digest_count:
        raise Refuted(Check.LIVE, run.where, "is covered by digests that were never sent")
    for (before, head_before), (after, head_after) in pairwise(run.heads):
        if after < before or (after == before and head_after != head_before):
            raise Refuted(
                Check.LIVE, run.where, "a later digest covers less, or other, events than an earlier one"
            )
    if run.played and not run.heads and run.played.end.t >= UNCOVERED_MS_MAX:
        raise Refuted(Check.LIVE, run.where, f"lasted {run.played.end.t} ms, and no live digest covers it")


def _silences(where: str, live: Sequence[Digest], runs: Sequence[Covered]) -> Iterator[Notice]:
    """Yield the gaps between digests in which some run was in play on both sides."""
    bridged = [0] * (
        len(live) + 1
    )  # how many runs begin minus how many stop to span the gap after each digest
    for run in runs:
        if len(run.heads) > 1:
            bridged[run.first] += 1
            bridged[run.first + len(run.heads) - 1] -= 1
    in_play = 0
    for place, (one, other) in enumerate(pairwise(live)):
        in_play += bridged[place]
        gap_ms = (other.k - one.k) * TICK_MS
        if in_play and gap_ms > STEP_TOLERANCE_MS:
            text = f"no live digest for {gap_ms // 1000} s after digest {one.k}, though runs were in play"
            yield Notice(NoticeKind.SILENT, where, gap_ms, text)


def _unwitnessed(run: Covered, digest_count: int) -> Iterator[Notice]:
    assert run.played is not None
    last = run.heads[-1][0] if run.heads else 0
    missing = run.played.event_count - last
    if missing and run.first + len(run.heads) < digest_count:
        text = f"the last {missing} events stand in no live digest"
        yield Notice(NoticeKind.UNWITNESSED, run.where, run.played.end.t, text)


def _out_of_step(
    run: Covered, played: Played, live: Sequence[Digest], t0_ms: int, is_one_clock: bool
) -> Iterator[Notice]:
    """Compare when events were written with when digests first had them.

    The clock of a solo run stands while the server is away and the Unix clock does not: only what lies before can be
    compared.
    """
    until_ms = played.away_ms[0] if played.away_ms and not is_one_clock else None
    worst = 0
    for sent, (count, _) in zip(live[run.first :], run.heads, strict=False):
        now_ms = sent.k * TICK_MS - t0_ms
        if until_ms is not None and (
            now_ms >= until_ms or (count and played.arrived_ms[count - 1] >= until_ms)
        ):
            break
        if count:
            worst = max(worst, played.arrived_ms[count - 1] - now_ms - TICK_MS)
        if count < played.event_count:
            worst = max(worst, now_ms - played.arrived_ms[count])
    if worst > STEP_TOLERANCE_MS:
        text = f"log and live digests are {worst} ms apart: the server was slow, or a clock was set"
        yield Notice(NoticeKind.OUT_OF_STEP, run.where, worst, text)
