"""What a held file contradicts, one thing at a time; what an insider's whole forgeries meet stands in tests/adversary."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from knack_loadtest.staged.phones import held_by
from knack_loadtest.staged.publishing import event_bundle, heat_bundle, open_bundle, run_bundle
from knack_loadtest.staged.stage import Stage, staged_heat, staged_solo
from knack_protocol.ids import EventId, HeatId, PlayerId, RunId
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.bundle import ActKind, Bundle, Head, InPlay, pack, sealed
from knack_protocol.proof.held import Held, HeldDigest, HeldHeat, HeldReceipt, HeldRun
from knack_protocol.proof.report import Check, NoticeKind, Report, Verdict
from knack_protocol.proof.verify import verify
from knack_protocol.rules.course import SPRINT

ADA = PlayerId("s0")


@cache
def staged() -> Stage:
    stage = Stage()
    staged_heat(stage, "h1", 2, 1)
    staged_solo(stage, "run-0", ADA, 3)
    staged_solo(stage, "run-1", ADA, 4, t0_unix_ms=1_700_000_700_000)
    stage.prepared = [(RunId("run-9"), SPRINT)]
    stage.act(ActKind.VOID, "run-1")
    return stage


@cache
def kept() -> Held:
    return held_by(staged(), ADA)


@cache
def whole() -> Bundle:
    return event_bundle(staged())


def report(bundle: Bundle, held: Held) -> Report:
    return verify(pack(bundle), Anchors(held=(("ada.json", held),)))


def refusal(held: Held, bundle: Bundle | None = None) -> str:
    found = report(bundle or whole(), held)
    assert found.wrong
    assert (found.wrong.check, found.wrong.where) == (Check.ANCHOR_HELD, "held file ada.json")
    return found.wrong.what


def with_run(**values: Any) -> Held:
    return replace(kept(), runs=(replace(kept().runs[0], **values), *kept().runs[1:]))


def prepared(**values: Any) -> Held:
    run = HeldRun(
        run=RunId("run-9"),
        heat=HeatId(""),
        player=ADA,
        course=SPRINT.name,
        commit=whole_unused_commit(),
        nonce=None,
        t0_unix_ms=None,
        grace_ms=None,
        receipts=(),
    )
    return replace(kept(), runs=(replace(run, **values),))


def whole_unused_commit() -> bytes:
    bundle = event_bundle(staged())
    return bundle.unused_runs[0].commit


def test_a_held_file_agrees_in_all_that_it_holds() -> None:
    (agreed,) = report(whole(), kept()).anchored_by
    receipts = sum(len(run.receipts) for run in kept().runs)
    assert agreed.text == (
        f"held file ada.json: the key, the list of commitments, 1 rosters, {receipts} receipts, "
        f"{len(kept().digests)} live digests, 2 heads of acts"
    )


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"player": PlayerId("s9")}, "player"),
        ({"course": "climb"}, "course"),
        ({"commit": bytes(32)}, "commitment"),
        ({"nonce": bytes(16)}, "device's nonce"),
        ({"t0_unix_ms": 5}, "T0"),
        ({"grace_ms": 250}, "grace"),
        ({"heat": HeatId("h1")}, "heat"),
    ],
)
def test_what_a_run_began_with_is_named(values: dict[str, Any], what: str) -> None:
    assert refusal(with_run(**values)) == f"run run-0 had another {what}"


def test_what_a_phone_had_not_heard_contradicts_nothing() -> None:
    held = with_run(nonce=None, t0_unix_ms=None, grace_ms=None, receipts=())
    assert report(whole(), held).verdict is Verdict.ANCHORED


@pytest.mark.parametrize("seq", [0, 1, 5, 10_000])
def test_a_receipt_lies_on_the_chain_or_is_named(seq: int) -> None:
    held = with_run(receipts=(HeldReceipt(seq=seq, head=bytes(32)),))
    assert refusal(held) == f"the receipt of event {seq} of run run-0 is not on its chain"


def test_another_event_key_or_list_is_named() -> None:
    assert refusal(replace(kept(), event=EventId("fair"))) == "is of event fair, not of demo"
    assert refusal(replace(kept(), key=bytes(32))).startswith("holds key 66687aadf862bd776c8fc18b8e9f8e20")
    assert kept().commitments
    listed = replace(kept().commitments, text=kept().commitments.text.replace("player", "heat"))
    assert refusal(replace(kept(), commitments=listed)).startswith("list of commitments: line 3 was")


def test_another_roster_or_public_part_is_named() -> None:
    (heat,) = kept().heats
    assert (
        refusal(replace(kept(), heats=(replace(heat, roster_hash=bytes(32)),)))
        == "heat h1 had another roster"
    )
    other = replace(heat, public=b"stage:" + b"x" * 40)
    assert refusal(replace(kept(), heats=(other,))) == "heat h1 had another public part"
    assert report(whole(), replace(kept(), heats=(replace(heat, public=None),))).is_ok


def test_a_heat_with_a_roster_was_played_or_voided() -> None:
    ghost = HeldHeat(heat=HeatId("h2"), roster_hash=bytes(32), public=None)
    held = replace(kept(), heats=(ghost,))
    assert "never played" in refusal(held)
    assert report(heat_bundle(staged(), HeatId("h1")), held).is_ok, (
        "a heat's bundle says nothing of other heats"
    )


def test_a_digest_that_was_another_one_or_of_nothing_is_named() -> None:
    other = replace(kept().digests[0], digest=bytes(32))
    assert refusal(replace(kept(), digests=(other,))) == f"live digest {other.k} of open play was another one"
    unsent = HeldDigest(heat=HeatId("h1"), k=4000, digest=bytes(32))
    assert refusal(replace(kept(), digests=(unsent,))) == "live digest 4000 of heat h1 was another one"
    ghost = replace(unsent, heat=HeatId("h2"))
    assert refusal(replace(kept(), digests=(ghost,))).startswith("live digests of heat h2 went out")


def test_what_came_after_a_bundle_of_open_play_is_told_and_no_contradiction() -> None:
    later = HeldDigest(heat=HeatId(""), k=2_000_000_000, digest=bytes(32))
    held = replace(kept(), digests=(later,), runs=())
    found = report(open_bundle(staged()), held)
    assert found.is_ok
    (notice,) = [notice for notice in found.notices if notice.kind is NoticeKind.LATER]
    assert notice.text == "1 live digests are later than the bundle"
    assert "was another one" in refusal(held, whole())


def test_a_run_that_began_after_the_bundle_was_made_is_not_missing_from_it() -> None:
    bundle = open_bundle(staged())
    late = with_run(run=RunId("run-5"), t0_unix_ms=1_800_000_000_000)
    assert report(bundle, late).is_ok
    early = with_run(run=RunId("run-5"))
    assert refusal(early, bundle) == "run run-5 was played and is missing"
    assert refusal(late, whole()) == "run run-5 was played and is missing"


def test_a_run_in_play_is_compared_where_digests_covered_it() -> None:
    bundle = open_bundle(staged())
    solo, log = staged().tell_solos()[-1]
    last = bundle.open.runs[-1]
    heads = tuple(Head(count=count, head=log.head(count)) for count in last.live.counts[:5])
    stage = replace(staged(), solos=staged().solos[:1])
    part = open_bundle(stage)
    shown = replace(
        part.open,
        live=bundle.open.live[: last.live.first + 5],
        in_play=(InPlay(run=solo.script.run, first=last.live.first, heads=heads),),
    )
    in_play = sealed(replace(part, open=shown), stage.signer)
    assert report(in_play, replace(kept(), digests=())).is_ok
    forged = replace(kept().runs[1], receipts=(HeldReceipt(seq=heads[-1].count, head=bytes(32)),))
    assert refusal(replace(kept(), runs=(forged,)), in_play) == "run run-1 in play has another chain"


def test_a_promise_that_a_phone_heard_is_opened_after_the_event() -> None:
    assert report(whole(), prepared()).is_ok
    assert refusal(prepared(commit=bytes(32))) == "the promise for run run-9 was never opened"
    assert refusal(prepared(run=RunId("run-8"))) == "the promise for run run-8 was never opened"
    assert refusal(prepared(t0_unix_ms=1_700_000_000_000)) == "run run-9 was played and is missing"


def test_a_bundle_of_one_run_is_asked_for_that_run_alone() -> None:
    bundle = run_bundle(staged(), RunId("run-1"))
    found = report(bundle, kept())
    assert found.is_ok
    assert f"{len(kept().runs[1].receipts)} receipts" in found.anchored_by[0].text


def test_acts_are_those_that_phones_have_heard_of() -> None:
    changed = replace(kept(), acts=(Head(count=1, head=bytes(32)),))
    assert refusal(changed) == "the first 1 acts are not those that were made"
    newer = replace(kept(), acts=(Head(count=2, head=bytes(32)),))
    assert "it was made earlier, or an act was taken out" in refusal(newer)
