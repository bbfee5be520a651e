"""An insider with database, master and signing key recomputes everything and signs it again.

What he publishes fits together, so a check without anchors can only say "consistent only". What others hold outside tells.
The table says for each of his ways who would tell; it stands in PROOF.md, too.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest

from knack_client.bots.policies import greedy
from knack_loadtest.staged.phones import held_by
from knack_loadtest.staged.publishing import commitments, event_bundle, heat_bundle, open_bundle
from knack_loadtest.staged.scripts import Moved, Script, play
from knack_loadtest.staged.stage import Stage, StagedHeat, staged_heat, staged_solo
from knack_protocol.ids import HeatId, PlayerId, RunId
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.bundle import ActKind, pack
from knack_protocol.proof.commitments import PublishedList
from knack_protocol.proof.held import Held
from knack_protocol.proof.publics import stage_public
from knack_protocol.proof.report import Check, Verdict
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import Signer, fingerprint
from knack_protocol.proof.verify import verify
from knack_protocol.rules.course import SPRINT

H1, H1_RERUN, H2, H3 = map(HeatId, ("h1", "h1-r1", "h2", "h3"))
FRIEND = 0
"""The script of h1 whose player is in league with the insider, and shows his phone to nobody."""
RIVAL = 1


@cache
def honest_event() -> Stage:
    """An event as it happened: two heats, a promised rerun, a heat that was never needed, open play, two acts."""
    stage = Stage()
    staged_heat(stage, "h1", 5, 1)
    staged_heat(stage, "h2", 3, 2, scope=Scope.HEAT)
    stage.promised |= {H1_RERUN: (SPRINT, Scope.PLAYER), H3: (SPRINT, Scope.PLAYER)}
    for number, t0 in enumerate((100_250, 160_750, 320_000)):
        staged_solo(stage, f"run-{number}", f"s{number % 2}", 10 + number, t0_unix_ms=1_700_000_000_000 + t0)
    stage.prepared = [(RunId("run-9"), SPRINT)]
    stage.act(ActKind.VOID, stage.heats[H1].scripts[RIVAL].run)
    stage.act(ActKind.RESTORE, stage.heats[H1].scripts[RIVAL].run)
    stage.act(ActKind.VOID, stage.heats[H1].scripts[FRIEND].run)
    return stage


def held_of(player: PlayerId) -> Held:
    return held_by(honest_event(), player)


@cache
def phones() -> tuple[Held, ...]:
    """Every phone but the friend's."""
    stage = honest_event()
    players = {script.player for heat in stage.heats.values() for script in heat.scripts}
    players |= {solo.script.player for solo in stage.solos}
    players -= {stage.heats[H1].scripts[FRIEND].player}
    return tuple(map(held_of, sorted(players)))


def with_only(**kept: bool) -> Anchors:
    """What the phones would tell if they had kept nothing else."""
    nothing = {"commitments": None, "heats": (), "runs": (), "digests": (), "acts": ()}
    dropped = {name: empty for name, empty in nothing.items() if name not in kept}
    return Anchors(held=tuple((held.event, replace(held, **dropped)) for held in phones()))


@cache
def anchors() -> dict[str, Anchors]:
    return {
        "key": Anchors(key=fingerprint(honest_event().signer.key)),
        "commitments": Anchors(commitments=PublishedList(commitments(honest_event()).text, None)),
        "rosters": with_only(heats=True),
        "receipts": with_only(runs=True),
        "digests": with_only(digests=True),
        "acts": with_only(acts=True),
    }


def played_again(stage: Stage, heat: StagedHeat) -> None:
    """Let the bots of a heat play it anew, on whatever tiles it now has."""
    for number, script in enumerate(heat.scripts):
        script.moves = []
        play(script, stage.run_of(heat, script)[0], Random(number))


def run_inserted(stage: Stage) -> None:
    heat = stage.heats[H1]
    script = Script(RunId("h1-late"), PlayerId("p00000000"))
    heat.scripts.append(script)
    play(script, stage.run_of(heat, script)[0], Random(1), greedy)


def run_dropped(stage: Stage) -> None:
    rival = stage.heats[H1].scripts.pop(RIVAL)
    stage.acts = [act for act in stage.acts if act.target != rival.run]
    stage.acts = [replace(act, number=number) for number, act in enumerate(stage.acts, start=1)]


def runs_swapped(stage: Stage) -> None:
    scripts = stage.heats[H2].scripts
    scripts[0].moves, scripts[1].moves = scripts[1].moves, scripts[0].moves


def run_ids_swapped(stage: Stage) -> None:
    """So that the void of the friend hits somebody else."""
    scripts = stage.heats[H1].scripts
    scripts[FRIEND].run, scripts[2].run = scripts[2].run, scripts[FRIEND].run


def timed_anew(stage: Stage) -> None:
    """Take the friend's pauses away and let him play on with the time that he has won."""
    heat = stage.heats[H1]
    friend = heat.scripts[FRIEND]
    run, _ = stage.run_of(heat, friend)
    moves, friend.moves = friend.moves, []
    for move in moves:
        t_arr = run.lock_end_ms + friend.grace_ms + 20
        run.move(t_arr, move.cell, move.direction)
        friend.moves.append(Moved(t_arr, move.cell, move.direction))
    play(friend, stage.run_of(heat, friend)[0], Random(3))


def move_improved(stage: Stage) -> None:
    heat = stage.heats[H1]
    friend = heat.scripts[FRIEND]
    del friend.moves[len(friend.moves) // 2 :]
    play(friend, stage.run_of(heat, friend)[0], Random(4), greedy)


def void_undone(stage: Stage) -> None:
    del stage.acts[-1]


def another_grace(stage: Stage) -> None:
    stage.heats[H1].scripts[FRIEND].grace_ms = 250


def another_public_part(stage: Stage) -> None:
    heat = stage.heats[H1]
    heat.public = stage_public("So lange probiert, bis es dem Freund des Veranstalters gepasst hat.")
    played_again(stage, heat)


def another_seed(stage: Stage) -> None:
    """Promise something else afterwards, and play all on it."""
    stage.master = bytes(32)
    for heat in stage.heats.values():
        played_again(stage, heat)
    for number, solo in enumerate(stage.solos):
        solo.script.moves = []
        play(solo.script, stage.run_of_solo(solo)[0], Random(number))


def rerun_chosen(stage: Stage) -> None:
    """Say that h1 was voided before it began, and count the rerun instead."""
    heat = stage.heats.pop(H1)
    stage.acts.clear()
    stage.act(ActKind.VOID_HEAT, H1)
    heat.heat = H1_RERUN
    stage.heats[H1_RERUN] = heat
    played_again(stage, heat)


def heat_hidden(stage: Stage) -> None:
    """Say that h2 was never played."""
    del stage.heats[H2]


def heat_never_promised(stage: Stage) -> None:
    """Leave the heat that was not needed out of the list: its seed may serve once more."""
    del stage.promised[H3]


def solo_run_invented(stage: Stage) -> None:
    staged_solo(stage, "run-5", "s7", 77, t0_unix_ms=1_700_000_130_000)


def solo_run_hidden(stage: Stage) -> None:
    del stage.solos[0]


def solo_nonce_chosen(stage: Stage) -> None:
    """Not the device's 16 bytes but some that were tried out."""
    solo = stage.solos[0]
    solo.nonce = bytes(16)
    solo.script.moves = []
    play(solo.script, stage.run_of_solo(solo)[0], Random(5))


def another_key(stage: Stage) -> None:
    stage.signer = Signer(bytes(32))


WAYS: dict[Callable[[Stage], None], set[str]] = {
    run_inserted: {"rosters", "digests"},
    run_dropped: {"rosters", "receipts", "digests", "acts"},
    runs_swapped: {"receipts", "digests"},
    run_ids_swapped: {"receipts"},
    timed_anew: {"digests"},
    move_improved: {"digests"},
    void_undone: {"acts"},
    another_grace: {"digests"},
    another_public_part: {"rosters", "receipts", "digests"},
    another_seed: {"commitments", "receipts", "digests"},
    rerun_chosen: {"receipts", "digests", "acts"},
    heat_hidden: {"rosters", "receipts", "digests"},
    heat_never_promised: {"commitments"},
    solo_run_invented: {"digests"},
    solo_run_hidden: {"receipts", "digests"},
    solo_nonce_chosen: {"receipts", "digests"},
    another_key: {"key", "rosters", "receipts", "digests", "acts"},
}
"""What an insider does, and which anchors, each taken alone, refuse it."""


@cache
def forged(way: Callable[[Stage], None]) -> bytes:
    stage = deepcopy(honest_event())
    way(stage)
    return pack(event_bundle(stage))


@pytest.mark.parametrize("anchor", ["key", "commitments", "rosters", "receipts", "digests", "acts"])
def test_what_happened_agrees_with_everything_that_is_held(anchor: str) -> None:
    report = verify(pack(event_bundle(honest_event())), anchors()[anchor])
    assert (report.verdict, report.wrong) == (Verdict.ANCHORED, None)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_an_insider_who_recomputes_everything_is_told_by_what_others_hold(
    way: Callable[[Stage], None],
) -> None:
    refused_by = {
        name for name, anchored in anchors().items() if verify(forged(way), anchored).verdict is Verdict.WRONG
    }
    assert refused_by == WAYS[way]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_without_anchors_the_same_is_consistent_and_says_no_more_than_that(
    way: Callable[[Stage], None],
) -> None:
    report = verify(forged(way))
    assert (report.verdict, report.wrong) == (Verdict.CONSISTENT, None)
    assert list(report.lines())[-1] == "OK, consistent only"


def test_a_heat_alone_tells_of_a_void_taken_back_and_of_a_rerun_without_a_void() -> None:
    stage = deepcopy(honest_event())
    void_undone(stage)
    report = verify(pack(heat_bundle(stage, H1)), anchors()["acts"])
    assert report.wrong
    assert report.wrong.check is Check.ANCHOR_HELD

    stage = deepcopy(honest_event())
    rerun_chosen(stage)
    stage.acts.clear()
    report = verify(pack(heat_bundle(stage, H1_RERUN)))
    assert report.wrong
    assert (report.wrong.check, report.wrong.where) == (Check.ACTS, "heat h1-r1")


def test_open_play_alone_misses_a_run_that_a_phone_has_receipts_of() -> None:
    stage = deepcopy(honest_event())
    solo_run_hidden(stage)
    report = verify(pack(open_bundle(stage)), anchors()["receipts"])
    assert report.wrong
    assert report.wrong.what == "run run-0 was played and is missing"


def test_the_table_of_the_text_is_this_one() -> None:
    """PROOF.md, section 8: a row for each way, in this order, a tick for each anchor that tells."""
    text = (Path(__file__).parents[2] / "protocol/PROOF.md").read_text()
    head, *rows = re.findall(r"^\| (?:he|[a-z—].*?) \|.*$", text[text.index("| he … |") :], re.MULTILINE)
    columns = [
        {"list": "commitments"}.get(name.strip(), name.strip()) for name in head.strip("|").split("|")[1:]
    ]
    ticked = [
        {name for name, cell in zip(columns, row.strip("|").split("|")[1:], strict=True) if "✓" in cell}
        for row in rows[: len(WAYS)]
    ]
    assert set(columns) == set(anchors())
    assert ticked == list(WAYS.values())
    assert len(
        re.findall(r"^\| .*$", text[text.index("| he … |") : text.index("The friend's own")], re.MULTILINE)
    ) == 2 + len(WAYS)
