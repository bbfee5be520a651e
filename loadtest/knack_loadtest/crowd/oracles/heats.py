"""Heats: one board for everybody, at one instant, and nothing of it before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from knack_loadtest.crowd.heats import HeatWord
from knack_loadtest.crowd.oracles import plain
from knack_loadtest.crowd.oracles.finding import Evidence, Finding, Violation, not_checked, seen
from knack_loadtest.crowd.records import RunRecord
from knack_protocol.proof.bundle import Heat
from knack_protocol.wire.limits import COUNTDOWN_MS

CLOCK_STEP_NS = 2_000_000
"""The server counts whole milliseconds, from a start that is one as well."""


def fair(evidence: Evidence) -> Finding:
    """Hold what everybody met in each heat against one another, against the moderator's word, and against the revealed seed."""
    if "heats" in evidence.missing:
        return not_checked(evidence.missing["heats"])
    by_heat: dict[str, list[RunRecord]] = {heat: [] for heat in evidence.starts}
    for record in evidence.records:
        if record.heat:
            by_heat.setdefault(record.heat, []).append(record)
    finding = seen(evidence, sum(map(len, by_heat.values())), "runs in heats", "heats")
    for heat, records in sorted(by_heat.items()):
        finding.violations += _faults(evidence, heat, records)
    return finding


def spreads_us(records: Iterable[RunRecord]) -> Mapping[str, int]:
    """Return of each heat how long it took from the first to the last client that heard BEGIN, µs."""
    begun: dict[str, list[int]] = {}
    for record in records:
        if record.heat and record.begun_ns:
            begun.setdefault(record.heat, []).append(record.begun_ns)
    return {heat: (max(moments) - min(moments)) // 1000 for heat, moments in begun.items()}


def _faults(evidence: Evidence, heat: str, records: Sequence[RunRecord]) -> Iterator[Violation]:
    published = evidence.heats.get(heat)
    if published is None:
        yield Violation(
            f"{heat} was started and is not published: {evidence.missing.get(heat, 'no reason given')}"
        )
    else:
        yield from _not_as_published(evidence, published.heat, records)
    word = evidence.heat_words.get(heat, HeatWord(heat))
    if not word.was_frozen_first:
        yield Violation(f"nobody was told the roster of {heat} before there was a text")
    boards = {record.board for record in records if record.board}
    if len(boards) > 1:
        yield Violation(f"{heat} began with {len(boards)} different boards")
    starts = {record.t0_unix_ms for record in records} - {None}
    if len(starts) > 1:
        yield Violation(f"{heat} began at {len(starts)} different moments: {sorted(map(str, starts))}")
    asked_ns = evidence.starts.get(heat)
    if asked_ns is None:
        yield Violation(f"{heat} began, and no moderator had started it")
        return
    for record in records:
        early_ns = asked_ns + COUNTDOWN_MS * 1_000_000 - CLOCK_STEP_NS - record.begun_ns
        if record.begun_ns and early_ns > 0:
            text = f"{heat}: {record.run} got its board {early_ns / 1e6:.1f} ms before the countdown was over"
            yield Violation(text, record.player)


def _not_as_published(evidence: Evidence, heat: Heat, records: Sequence[RunRecord]) -> Iterator[Violation]:
    board = plain.first_board_of(evidence.event, heat.heat, heat.server_seed, heat.public)
    for record in records:
        if record.player not in heat.roster:
            yield Violation(
                f"{heat.heat}: {record.run} was played, and its player is not on the roster", record.player
            )
        elif record.board and record.board != board:
            yield Violation(
                f"{heat.heat}: {record.run} did not begin with the board of the revealed seed", record.player
            )
