from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knack_loadtest.staged.publishing import commitments, event_bundle, heat_bundle, open_bundle, run_bundle
from knack_loadtest.staged.scripts import Line
from knack_loadtest.staged.stage import Stage, staged_heat, staged_solo
from knack_protocol.ids import HeatId, RunId
from knack_protocol.proof.anchors import Anchors, parse_key
from knack_protocol.proof.bundle import (
    Act,
    ActKind,
    Bundle,
    EventBundle,
    Head,
    Heat,
    HeatBundle,
    InPlay,
    OpenPlay,
    UnusedHeat,
    pack,
    sealed,
)
from knack_protocol.proof.commitments import PublishedList
from knack_protocol.proof.form import Malformed
from knack_protocol.proof.publish import signed_acts
from knack_protocol.proof.report import Anchor, Check, NoticeKind, Report, Verdict
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import Signer, fingerprint, grouped
from knack_protocol.proof.verify import verify
from knack_protocol.rules.course import SPRINT
from knack_protocol.rules.log import ConnectionKind, EndReason

H1, H2, H1_RERUN = HeatId("h1"), HeatId("h2"), HeatId("h1-r1")


@cache
def staged() -> Stage:
    stage = Stage(runs_max=2)
    staged_heat(stage, "h1", 3, 1)
    staged_heat(stage, "h2", 2, 2, scope=Scope.HEAT)
    stage.promised |= {H1_RERUN: (SPRINT, Scope.PLAYER), HeatId("h3"): (SPRINT, Scope.PLAYER)}
    staged_solo(stage, "run-0", "s0", 3)
    staged_solo(stage, "run-1", "s0", 4, t0_unix_ms=1_700_000_700_000)
    stage.prepared = [(RunId("run-9"), SPRINT)]
    return stage


def changed_stage(change: Callable[[Stage], None]) -> Stage:
    stage = deepcopy(staged())
    change(stage)
    return stage


@cache
def whole() -> EventBundle:
    return event_bundle(staged())


def check(bundle: Bundle, anchors: Anchors | None = None) -> Report:
    """Seal the bundle again, so that nothing but what was changed can be wrong, and check it."""
    return verify(pack(sealed(bundle, staged().signer)), anchors or Anchors())


def wrong(bundle: Bundle) -> tuple[Check, str]:
    report = check(bundle)
    assert report.verdict is Verdict.WRONG
    assert report.wrong
    return report.wrong.check, report.wrong.where


@pytest.mark.parametrize("kind", ["heat", "open", "run", "event"])
def test_what_happened_is_consistent(kind: str) -> None:
    stage = staged()
    bundle: Bundle = {
        "heat": lambda: heat_bundle(stage, H1),
        "open": lambda: open_bundle(stage),
        "run": lambda: run_bundle(stage, RunId("run-0")),
        "event": lambda: event_bundle(stage),
    }[kind]()
    report = verify(pack(bundle))
    assert (report.verdict, report.wrong) == (Verdict.CONSISTENT, None)
    assert report.contents
    assert report.contents.runs == {"heat": 3, "open": 2, "run": 1, "event": 7}[kind]


def of_heat(**values: Any) -> EventBundle:
    """The event with something else in its first heat."""
    return replace(whole(), heats=(replace(first(), **values), *whole().heats[1:]))


def of_open(**values: Any) -> EventBundle:
    return replace(whole(), open=replace(whole().open, **values))


def first() -> Heat:
    return whole().heats[0]


def play() -> OpenPlay:
    return whole().open


def of_run(place: int, **values: Any) -> EventBundle:
    runs = list(first().runs)
    runs[place] = replace(runs[place], **values)
    return of_heat(runs=tuple(runs))


def of_solo(place: int, **values: Any) -> EventBundle:
    runs = list(play().runs)
    runs[place] = replace(runs[place], **values)
    return of_open(runs=tuple(runs))


def flipped(data: bytes, place: int = -1) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def acts(*decided: tuple[ActKind, str]) -> EventBundle:
    listed = [
        Act(number=number, at_unix_ms=0, kind=kind, target=target)
        for number, (kind, target) in enumerate(decided, start=1)
    ]
    return replace(whole(), acts=signed_acts(whole().event, listed, staged().signer))


CHANGES: dict[str, tuple[Callable[[], Bundle], Check, str]] = {
    "other rules": (
        lambda: replace(whole(), rules=whole().rules.replace("90000", "90001")),
        Check.RULES,
        "rules",
    ),
    "acts that nobody signed": (
        lambda: replace(whole(), acts=replace(whole().acts, signature=bytes(64))),
        Check.ACTS,
        "acts",
    ),
    "an act left out": (
        lambda: replace(
            whole(),
            acts=replace(
                whole().acts, list=(Act(number=2, at_unix_ms=0, kind=ActKind.VOID, target="run-0"),)
            ),
        ),
        Check.ACTS,
        "acts",
    ),
    "an act on a run that is missing": (lambda: acts((ActKind.VOID, "run-7")), Check.ACTS, "act 1"),
    "an act on a heat that is unknown": (lambda: acts((ActKind.VOID_HEAT, "h7")), Check.ACTS, "act 1"),
    "a void without effect": (lambda: acts((ActKind.VOID, "h1-000")), Check.STANDINGS, "heat h1"),
    "a voided heat that stands": (lambda: acts((ActKind.VOID_HEAT, "h1")), Check.STANDINGS, "heat h1"),
    "promises that nobody signed": (
        lambda: replace(whole(), commitments=replace(whole().commitments, signature=bytes(64))),
        Check.COMMITMENTS,
        "list of commitments",
    ),
    "promises of another event": (
        lambda: replace(whole(), commitments=replace(whole().commitments, text="m3/1 commitments\ndemo2\n")),
        Check.COMMITMENTS,
        "list of commitments",
    ),
    "a heat that was not promised": (lambda: of_heat(heat=HeatId("h0")), Check.COMMITMENTS, "heat h0"),
    "a heat under another scope": (lambda: of_heat(scope=Scope.HEAT), Check.COMMITMENTS, "heat h1"),
    "another seed in a heat": (lambda: of_heat(server_seed=bytes(32)), Check.COMMIT, "heat h1"),
    "another seed in a solo run": (lambda: of_solo(0, server_seed=bytes(32)), Check.COMMIT, "run run-0"),
    "a course that does not exist": (lambda: of_solo(0, course="stroll"), Check.COMMIT, "run run-0"),
    "another course": (lambda: of_solo(0, course="climb"), Check.COMMIT, "run run-0"),
    "too short a text": (lambda: of_heat(public=b"stage:hello"), Check.PUBLIC, "heat h1"),
    "a beacon": (lambda: of_heat(public=b"drand:" + bytes(40)), Check.PUBLIC, "heat h1"),
    "a solo run from a stage": (lambda: of_solo(0, public=first().public), Check.PUBLIC, "run run-0"),
    "somebody without a run": (lambda: of_heat(runs=first().runs[1:]), Check.ROSTER, "heat h1"),
    "a run of a stranger": (lambda: of_heat(roster=first().roster[1:]), Check.ROSTER, "heat h1"),
    "a roster out of order": (
        lambda: of_heat(roster=first().roster[::-1], runs=first().runs[::-1]),
        Check.ROSTER,
        "heat h1",
    ),
    "an event changed": (
        lambda: of_run(
            0,
            events=(
                *first().runs[0].events[:2],
                flipped(first().runs[0].events[2]),
                *first().runs[0].events[3:],
            ),
        ),
        Check.REPLAY,
        f"heat h1, player {first().roster[0]}",
    ),
    "an event left out": (
        lambda: of_solo(1, events=play().runs[1].events[1:]),
        Check.REPLAY,
        "run run-1",
    ),
    "no end": (lambda: of_solo(1, events=play().runs[1].events[:-1]), Check.RUN, "run run-1"),
    "two runs with one id": (lambda: of_run(0, run=first().runs[1].run), Check.RUN, "heat h1"),
    "a solo run with a heat's id": (lambda: of_solo(0, run="h1"), Check.RUN, "run h1"),
    "more runs than allowed": (lambda: of_open(runs_max=1), Check.RUN, "open play"),
    "another T0": (lambda: of_heat(t0_unix_ms=first().t0_unix_ms + 1), Check.RESULTS, "heat h1"),
    "another grace in a solo run": (
        lambda: of_solo(0, grace_ms=play().runs[0].grace_ms ^ 1),
        Check.REPLAY,
        "run run-0",
    ),
    "another root": (
        lambda: of_heat(results=replace(first().results, root=bytes(32))),
        Check.RESULTS,
        "heat h1",
    ),
    "a larger tree": (
        lambda: of_open(results=replace(play().results, tree_size=3)),
        Check.RESULTS,
        "open play",
    ),
    "a root that nobody signed": (
        lambda: of_open(results=replace(play().results, signature=bytes(64))),
        Check.RESULTS,
        "open play",
    ),
    "another digest": (
        lambda: of_heat(live=(replace(first().live[0], digest=bytes(32)), *first().live[1:])),
        Check.LIVE,
        "heat h1",
    ),
    "a digest left out": (
        lambda: of_open(live=play().live[1:]),
        Check.LIVE,
        "run run-1",
    ),
    "a digest that left a player out": (
        lambda: of_run(1, live=first().runs[1].live[:-1]),
        Check.LIVE,
        f"heat h1, player {first().roster[1]}",
    ),
    "no digests at all": (
        lambda: replace(of_heat(runs=tuple(replace(run, live=()) for run in first().runs), live=())),
        Check.LIVE,
        f"heat h1, player {first().roster[0]}",
    ),
    "a standing left out": (lambda: of_heat(standings=first().standings[1:]), Check.STANDINGS, "heat h1"),
    "a better rank": (
        lambda: of_heat(standings=(*first().standings[:-1], replace(first().standings[-1], rank=1))),
        Check.STANDINGS,
        "heat h1",
    ),
    "a standing too many": (
        lambda: of_heat(standings=(*first().standings, first().standings[-1])),
        Check.STANDINGS,
        "heat h1",
    ),
    "a course without standings": (
        lambda: of_open(standings=play().standings[1:]),
        Check.STANDINGS,
        "open play",
    ),
    "another sum": (
        lambda: replace(
            whole(),
            sums=(
                replace(
                    whole().sums[0],
                    rows=(replace(whole().sums[0].rows[0], score=1), *whole().sums[0].rows[1:]),
                ),
            ),
        ),
        Check.SUMS,
        "sum of sprint",
    ),
    "a heat left out of the sum": (
        lambda: replace(whole(), sums=(replace(whole().sums[0], heats=(H1,)),)),
        Check.SUMS,
        "sum of sprint",
    ),
    "no sum": (lambda: replace(whole(), sums=()), Check.SUMS, "sums"),
    "an unused seed that was not promised": (
        lambda: replace(
            whole(),
            unused_heats=(replace(whole().unused_heats[0], server_seed=bytes(32)), *whole().unused_heats[1:]),
        ),
        Check.COMMIT,
        "unused heat h1-r1",
    ),
    "a played heat called unused": (
        lambda: replace(
            whole(), unused_heats=(UnusedHeat(heat=H1, server_seed=bytes(32)), *whole().unused_heats)
        ),
        Check.UNUSED,
        "unused heat h1",
    ),
    "unused heats out of order": (
        lambda: replace(whole(), unused_heats=whole().unused_heats[::-1]),
        Check.UNUSED,
        "unused heats",
    ),
    "a played run called unused": (
        lambda: replace(whole(), unused_runs=(replace(whole().unused_runs[0], run="run-0"),)),
        Check.UNUSED,
        "unused run run-0",
    ),
    "an unused run that was not promised": (
        lambda: replace(whole(), unused_runs=(replace(whole().unused_runs[0], commit=bytes(32)),)),
        Check.COMMIT,
        "unused run run-9",
    ),
    "a promise that was not opened": (
        lambda: replace(whole(), unused_heats=whole().unused_heats[1:]),
        Check.COMPLETE,
        "heat h1-r1",
    ),
    "a heat that is missing": (lambda: replace(whole(), heats=whole().heats[1:]), Check.COMPLETE, "heat h1"),
    "a heat twice": (
        lambda: replace(whole(), heats=(first(), *whole().heats)),
        Check.COMPLETE,
        "event",
    ),
    "a solo run twice": (
        lambda: of_open(runs=(play().runs[0], *play().runs)),
        Check.COMPLETE,
        "open play",
    ),
    "a run in play after the event": (
        lambda: of_open(in_play=(InPlay(run=RunId("run-8"), first=0, heads=()),)),
        Check.COMPLETE,
        "open play",
    ),
    "a run in play that has ended": (
        lambda: of_open(in_play=(InPlay(run=RunId("run-0"), first=0, heads=()),)),
        Check.COMPLETE,
        "run run-0",
    ),
}
"""What an insider changed without recomputing the rest, which check refuses it, and where."""


@pytest.mark.parametrize("change", CHANGES)
def test_a_part_that_does_not_fit_the_rest_is_named(change: str) -> None:
    bundle, expected, where = CHANGES[change]
    assert wrong(bundle()) == (expected, where)


def test_every_check_is_seen_to_refuse_something() -> None:
    seen = {expected for _, expected, _ in CHANGES.values()}
    elsewhere = {Check.FORM, Check.SEAL, Check.ANCHOR_KEY, Check.ANCHOR_COMMITMENTS, Check.ANCHOR_HELD}
    assert seen | elsewhere == set(Check)


def test_a_seal_of_somebody_else_is_none() -> None:
    report = verify(pack(sealed(whole(), Signer(bytes(32)))))
    assert report.wrong
    assert report.wrong.check is Check.SEAL


def test_a_path_to_another_root_is_refused() -> None:
    bundle = run_bundle(staged(), RunId("run-0"))
    for path in (
        replace(bundle.path, index=1),
        replace(bundle.path, hashes=()),
        replace(bundle.path, hashes=(bytes(32),)),
    ):
        assert wrong(replace(bundle, path=path)) == (Check.RESULTS, "run run-0")


def test_the_server_was_away_for_everybody_in_a_heat_or_for_nobody() -> None:
    def for_one(stage: Stage) -> None:
        stage.heats[H1].scripts[0].lines = [Line(30_000, ConnectionKind.SERVER_AWAY)]

    def for_all(stage: Stage) -> None:
        for script in stage.heats[H1].scripts:
            script.lines = [Line(30_000, ConnectionKind.SERVER_AWAY)]

    assert wrong(heat_bundle(changed_stage(for_one), H1))[0] is Check.RUN
    report = check(heat_bundle(changed_stage(for_all), H1))
    assert report.is_ok
    (notice,) = report.notices
    assert (notice.kind, notice.where, notice.at_ms) == (NoticeKind.AWAY, "heat h1", 30_000)


def test_an_absence_after_somebodys_end_is_not_asked_of_them() -> None:
    def for_those_in_play(stage: Stage) -> None:
        ended, *others = stage.heats[H1].scripts
        ended.ended = (20_000, EndReason.ABANDONED)
        ended.moves = [move for move in ended.moves if move.t_arr < 20_000]
        for script in others:
            script.lines = [Line(30_000, ConnectionKind.SERVER_AWAY)]

    assert check(heat_bundle(changed_stage(for_those_in_play), H1)).is_ok


def test_every_time_the_server_was_away_from_a_solo_run_is_listed() -> None:
    def twice(stage: Stage) -> None:
        stage.solos[0].script.lines = [
            Line(20_000, ConnectionKind.SERVER_AWAY, 12_000),
            Line(50_000, ConnectionKind.SERVER_AWAY, 3000),
        ]

    report = check(open_bundle(changed_stage(twice)))
    assert report.is_ok
    away = [(notice.where, notice.at_ms) for notice in report.notices if notice.kind is NoticeKind.AWAY]
    assert away == [("run run-0", 20_000), ("run run-0", 50_000)]
    silent = [notice.at_ms for notice in report.notices if notice.kind is NoticeKind.SILENT]
    assert silent == [12_000], "3 s are within a stall"
    assert sum("the server was away" in line for line in report.lines()) == 2


def test_a_run_that_ended_as_voided_was_voided_by_an_act() -> None:
    def voided(stage: Stage) -> None:
        script = stage.heats[H1].scripts[0]
        script.ended = (20_000, EndReason.VOIDED)
        script.moves = [move for move in script.moves if move.t_arr < 20_000]

    stage = changed_stage(voided)
    assert wrong(heat_bundle(stage, H1))[0] is Check.ACTS
    stage.act(ActKind.VOID, stage.heats[H1].scripts[0].run)
    assert check(heat_bundle(stage, H1)).is_ok


def test_a_rerun_counts_when_its_heat_was_voided_and_not_before() -> None:
    def rerun(stage: Stage) -> None:
        again = staged_heat(stage, "h1-r1", 3, 7)
        again.t0_unix_ms += 600_000

    stage = changed_stage(rerun)
    assert wrong(event_bundle(stage)) == (Check.ACTS, "heat h1-r1")
    stage.act(ActKind.VOID_HEAT, H1)
    bundle = event_bundle(stage)
    assert check(bundle).is_ok
    assert bundle.sums[0].heats == (H1_RERUN, H2)
    assert bundle.heats[0].standings == ()


def test_a_run_in_play_is_published_as_hashes_and_the_digests_come_out() -> None:
    whole_play = open_bundle(staged())
    last = whole_play.open.runs[-1]
    stage = changed_stage(lambda stage: stage.solos.pop())
    log = staged().tell_solos()[-1][1]
    heads = tuple(Head(count=count, head=log.head(count)) for count in last.live.counts[:10])
    part = open_bundle(stage)
    shown = replace(
        part.open,
        live=whole_play.open.live[: last.live.first + 10],
        in_play=(InPlay(run=last.run, first=last.live.first, heads=heads),),
    )
    assert check(replace(part, open=shown)).is_ok


@pytest.mark.parametrize(
    ("make", "where"),
    [
        (lambda: b"", "bundle"),
        (lambda: b"{}", "format"),
        (lambda: pack(whole())[:-1], "bundle"),
        (lambda: pack(whole()) + b" ", "bundle"),
        (lambda: pack(whole()).replace(b'"k":', b'"k": ', 1), "bundle"),
    ],
)
def test_bytes_that_are_no_bundle_have_a_report_too(make: Callable[[], bytes], where: str) -> None:
    report = verify(make())
    assert report.wrong
    assert (report.wrong.check, report.wrong.where, report.contents) == (Check.FORM, where, None)
    assert list(report.lines())[-1].startswith("WRONG (form)")


@given(st.binary(max_size=200))
def test_the_check_answers_whatever_the_bytes_are(data: bytes) -> None:
    assert verify(data).verdict is Verdict.WRONG


def key_of(text: str) -> Anchors:
    return Anchors(key=parse_key(text))


def test_a_key_is_given_as_people_write_it_down() -> None:
    key = staged().signer.key
    digits = fingerprint(key)
    for text in (digits, digits.upper(), grouped(digits), ":".join(grouped(digits).split()), key.hex()):
        report = check(whole(), key_of(text))
        assert [agreed.anchor for agreed in report.anchored_by] == [Anchor.KEY]
        assert list(report.lines())[-1] == "OK, anchored"
    for text in ("", digits[:-1], digits + "0", "x" * 32):
        with pytest.raises(Malformed, match="32 hex digits"):
            parse_key(text)


def test_another_key_is_named() -> None:
    report = check(whole(), key_of("0" * 32))
    assert report.wrong
    assert report.wrong.check is Check.ANCHOR_KEY
    assert fingerprint(staged().signer.key) in report.wrong.what


def test_a_published_list_anchors_heats_and_if_it_is_signed_the_key() -> None:
    listed = commitments(staged())
    signed, bare = PublishedList(listed.text, listed.signature), PublishedList(listed.text, None)
    assert check(whole(), Anchors(commitments=bare)).verdict is Verdict.ANCHORED
    assert check(open_bundle(staged()), Anchors(commitments=signed)).verdict is Verdict.ANCHORED
    assert check(open_bundle(staged()), Anchors(commitments=bare)).verdict is Verdict.CONSISTENT


def test_a_list_that_differs_is_named_by_its_line() -> None:
    text = commitments(staged()).text
    for other, says in (
        (text.replace("h3 sprint player", "h3 sprint heat"), "line 6 was 'h3 sprint heat"),
        (text.replace("demo", "demo2"), "the list is of event demo2"),
    ):
        report = check(whole(), Anchors(commitments=PublishedList(other, None)))
        assert report.wrong
        assert report.wrong.check is Check.ANCHOR_COMMITMENTS
        assert says in report.wrong.what
    foreign = PublishedList(text, Signer(bytes(32)).sign(text.encode()))
    report = check(whole(), Anchors(commitments=foreign))
    assert report.wrong
    assert "another key" in report.wrong.what


def test_a_report_says_what_else_would_tell() -> None:
    lines = list(check(whole(), key_of(fingerprint(staged().signer.key))).lines())
    assert [line for line in lines if line.startswith("  --")] == [
        f"  {Anchor.COMMITMENTS.value}",
        f"  {Anchor.HELD.value}",
    ]
    bare = list(check(whole()).lines())
    assert [line for line in bare if line.startswith("  --")] == [f"  {anchor.value}" for anchor in Anchor]
    assert "would pass" in bare[-5]


def test_a_heat_bundle_is_checked_alone() -> None:
    bundle = heat_bundle(staged(), H2)
    assert isinstance(bundle, HeatBundle)
    report = check(bundle)
    assert report.contents
    assert report.contents.title == "heat h2 of event demo"
