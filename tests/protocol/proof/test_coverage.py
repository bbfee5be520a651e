import pytest

from knack_protocol.ids import EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import coverage
from knack_protocol.proof.bundle import Digest
from knack_protocol.proof.coverage import Covered
from knack_protocol.proof.live import live_digest
from knack_protocol.proof.played import Played
from knack_protocol.proof.report import Check, Notice, NoticeKind, Refuted
from knack_protocol.rules.log import EndEvent, EndReason

DEMO, OPEN = EventId("demo"), HeatId("")
T0 = 1_700_000_000_000


def played(run: str, arrived_ms: list[int], away_ms: tuple[int, ...] = (), player: str = "p1") -> Played:
    """A run that wrote its events at these times; the last one is its END."""
    heads = tuple(f"{run}{count}".encode().ljust(32) for count in range(len(arrived_ms) + 1))
    end = EndEvent(len(arrived_ms), arrived_ms[-1], EndReason.TIME, 0, 0)
    return Played(f"run {run}", RunId(run), PlayerId(player), heads, tuple(arrived_ms), 0, 0, end, 0, away_ms)


def cover(run: Played, first: int, *counts: int) -> Covered:
    return coverage.covered(run.where, run.run, run, first, counts)


def sent(runs: list[Covered], *ks: int) -> list[Digest]:
    live = []
    for place, k in enumerate(ks):
        chains = [
            run.heads[place - run.first] for run in runs if run.first <= place < run.first + len(run.heads)
        ]
        live.append(Digest(k=k, digest=live_digest(DEMO, OPEN, k, chains)))
    return live


def check(live: list[Digest], runs: list[Covered]) -> None:
    coverage.check(DEMO, OPEN, "open play", live, runs)


def noticed(live: list[Digest], runs: list[Covered], *, in_heat: bool = True) -> list[Notice]:
    t0 = None if in_heat else {run.played.run: T0 for run in runs if run.played}
    return list(coverage.notices("open play", live, runs, t0))


def kinds(live: list[Digest], runs: list[Covered], *, in_heat: bool = True) -> list[NoticeKind]:
    return [notice.kind for notice in noticed(live, runs, in_heat=in_heat)]


A = played("a", [500, 1500, 2500, 4000])
B = played("b", [100, 4000], player="p2")


def test_digests_that_cover_what_was_logged_come_out_as_they_were_sent() -> None:
    runs = [cover(A, 0, 1, 2, 3, 4), cover(B, 1, 1, 1, 2)]
    check(sent(runs, 1, 2, 3, 4), runs)
    assert noticed(sent(runs, 1, 2, 3, 4), runs) == []


def test_a_digest_over_other_events_is_another_digest() -> None:
    runs = [cover(A, 0, 1, 2, 3, 4)]
    live = sent(runs, 1, 2, 3, 4)
    for others in (
        [cover(A, 0, 1, 2, 3, 3)],
        [cover(A, 0, 1, 2, 3)],
        [cover(A, 1, 2, 3, 4)],
        [*runs, cover(B, 0, 0)],
    ):
        with pytest.raises(Refuted, match="is not the hash over the runs"):
            check(live, others)


def test_numbers_rise() -> None:
    runs = [cover(A, 0, 1, 2)]
    with pytest.raises(Refuted, match="digest 7 stands after digest 7"):
        check(sent(runs, 7, 7), runs)


def test_no_digest_forgets_events_or_covers_more_than_there_are() -> None:
    with pytest.raises(Refuted, match="more events than the log has"):
        cover(A, 0, 5)
    runs = [cover(A, 0, 2, 1)]
    with pytest.raises(Refuted, match="covers less"):
        check(sent(runs, 1, 2), runs)
    twice = Covered("run a", RunId("a"), 0, [(1, b"x" * 32), (1, b"y" * 32)], None)
    with pytest.raises(Refuted, match="or other, events"):
        check(sent([twice], 1, 2), [twice])


def test_no_run_is_covered_by_digests_that_were_never_sent() -> None:
    runs = [cover(A, 1, 1, 2)]
    with pytest.raises(Refuted, match="never sent"):
        check(sent(runs, 1, 2), runs)


def test_a_run_of_some_length_stands_in_a_digest_or_was_invented() -> None:
    with pytest.raises(Refuted) as refused:
        check([], [cover(A, 0)])
    assert refused.value.wrong.check is Check.LIVE
    check([], [cover(played("short", [2999]), 0)])


def test_nobody_is_in_two_solo_runs_at_once() -> None:
    second = played("c", [100, 4000])
    coverage.check_one_at_a_time([cover(A, 0, 1, 2, 3, 4), cover(second, 3, 0, 1, 2), cover(B, 0, 1, 1)])
    with pytest.raises(Refuted, match="player p1 was in run a at the same time"):
        coverage.check_one_at_a_time([cover(A, 0, 1, 2, 3, 4), cover(second, 2, 0, 1, 2)])


def test_an_end_that_no_digest_covers_is_told() -> None:
    runs = [cover(A, 0, 1, 2, 3), cover(B, 0, 1, 1, 1, 2)]
    (notice,) = noticed(sent(runs, 1, 2, 3, 4), runs)
    assert (notice.kind, notice.where) == (NoticeKind.UNWITNESSED, "run a")
    assert notice.text == "the last 1 events stand in no live digest"


def test_an_end_whose_digest_is_still_due_is_not_told() -> None:
    runs = [cover(A, 0, 1, 2, 3)]
    assert noticed(sent(runs, 1, 2, 3), runs) == []


def test_silence_is_told_while_runs_are_in_play_and_not_else() -> None:
    runs = [cover(A, 0, 1, 2, 2, 4)]
    live = sent(runs, 1, 2, 8, 9)
    (notice,) = [found for found in noticed(live, runs) if found.kind is NoticeKind.SILENT]
    assert (notice.at_ms, notice.text) == (
        6000,
        "no live digest for 6 s after digest 2, though runs were in play",
    )
    idle = [cover(A, 0, 1, 4), cover(B, 2, 1, 2)]
    assert NoticeKind.SILENT not in kinds(sent(idle, 1, 2, 60, 61), idle)


def test_a_log_far_behind_or_ahead_of_its_digests_is_told() -> None:
    late = [cover(played("a", [500, 9000]), 0, *[0] * 6, 1, 2)]  # written at 0.5 s, first covered in second 7
    (notice,) = noticed(sent(late, *range(1, 9)), late)
    assert (notice.kind, notice.at_ms) == (NoticeKind.OUT_OF_STEP, 5500)
    early = [cover(played("a", [9000, 9500]), 0, 1, 2)]
    assert kinds(sent(early, 1, 2), early) == [NoticeKind.OUT_OF_STEP]


def test_in_open_play_digests_carry_unix_seconds() -> None:
    runs = [cover(A, 0, 1, 2, 3, 4)]
    ks = [T0 // 1000 + second for second in range(1, 5)]
    assert noticed(sent(runs, *ks), runs, in_heat=False) == []
    later = [k + 10 for k in ks]
    assert kinds(sent(runs, *later), runs, in_heat=False) == [NoticeKind.OUT_OF_STEP]


def test_after_the_server_was_away_a_solo_clock_is_not_compared_any_more() -> None:
    runs = [cover(played("a", [500, 1500, 2500, 4000], (1500,)), 0, 1, 2, 3, 4)]
    ks = [T0 // 1000 + second for second in (1, 42, 43, 44)]
    assert NoticeKind.OUT_OF_STEP not in kinds(sent(runs, *ks), runs, in_heat=False)
