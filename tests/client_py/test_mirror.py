"""A mirror believes nothing that can be computed: every honest reply passes, every other is found out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.client_py.dealer import COMMIT, EVENT, PLAYER, Dealer

from knack_client.errors import BrokenReceipt, OtherRules
from knack_client.mirror import Mirror, Receipt
from knack_protocol.ids import CourseName
from knack_protocol.proof.seeds import player_seed, seed
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import Course, Level, rules_hash
from knack_protocol.rules.log import EndReason
from knack_protocol.rules.run import Verdict
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import Swap, legal_swaps
from knack_protocol.wire.messages import Moved, MoveVerdict

VECTORS = sorted((Path(__file__).parents[2] / "protocol" / "vectors" / "rules").glob("*.json"))


def mirror_of(dealer: Dealer) -> Mirror:
    return Mirror.begun(dealer.begin(), EVENT, PLAYER, rules_hash(), COMMIT)


def tiles_of(vector: dict[str, Any]) -> SeededTiles:
    key = seed(
        bytes.fromhex(vector["server_seed"]), vector["event"], vector["heat"], bytes.fromhex(vector["public"])
    )
    return SeededTiles(key, player_seed(key, vector["player"]) if vector["scope"] == "player" else None)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_every_golden_run_is_mirrored_hash_for_hash(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vector = json.loads(path.read_text())
    course = Course(CourseName(vector["course_name"]), tuple(Level(**level) for level in vector["course"]))
    monkeypatch.setattr("knack_client.mirror.COURSES", {course.name: course})
    dealer = Dealer(course.name, vector["grace_ms"], tiles=tiles_of(vector), levels=course)
    mirror = mirror_of(dealer)

    acknowledged = 0
    for swap, expected in zip(vector["inputs"], vector["expect"]["replies"], strict=True):
        if expected["verdict"] in {"ok", "illegal"}:
            moved = dealer.moved(Swap(swap["i"], swap["d"]), swap["t_arr"])
            outcome = mirror.moved(moved, swap["i"], swap["d"])
            assert outcome.verdict.name.lower() == expected["verdict"]
            acknowledged += 1
        if expected["verdict"] == "ok":
            assert mirror.run.board.digits == expected["board"]
    mirror.ended(dealer.ended(), was_away=False)

    assert mirror.run.head == dealer.run.head
    assert mirror.run.score == vector["expect"]["score"]
    assert mirror.run.seq == vector["expect"]["events"]
    assert all(receipt.is_checked for receipt in mirror.receipts)
    assert len(mirror.receipts) >= acknowledged + 1


@given(choices=st.lists(st.integers(0, 200), max_size=60), key=st.binary(min_size=32, max_size=32))
@settings(max_examples=60, deadline=None)
def test_any_run_of_legal_and_illegal_swaps_is_mirrored(choices: list[int], key: bytes) -> None:
    dealer = Dealer(CourseName("climb"), tiles=SeededTiles(key))
    mirror = mirror_of(dealer)

    for choice in choices:
        legal = legal_swaps(dealer.run.board)
        swap = legal[choice % len(legal)] if choice % 5 else dealer.bad_swap
        mirror.moved(dealer.moved(swap), *swap)

    assert mirror.run.board == dealer.run.board
    assert mirror.receipts[-1] == Receipt(dealer.run.seq, dealer.run.head, is_checked=True)


OTHER_TILE = {0: 1, 1: 2, 2: 3, 3: 4, 4: 5, 5: 0}


def with_another_tile(moved: Moved) -> Moved:
    steps = [list(step) for step in moved.steps]
    column = next(c for c, fill in enumerate(steps[0]) if fill)
    steps[0][column] = bytes(OTHER_TILE[tile] for tile in steps[0][column])
    return replace(moved, steps=steps)


def without_a_tile(moved: Moved) -> Moved:
    steps = [list(step) for step in moved.steps]
    column = next(c for c, fill in enumerate(steps[-1]) if fill)
    steps[-1][column] = steps[-1][column][:-1]
    return replace(moved, steps=steps)


def with_a_tile_too_many(moved: Moved) -> Moved:
    steps = [list(step) for step in moved.steps]
    steps[-1][0] += b"\3"
    return replace(moved, steps=steps)


LIES = {
    "a point more": lambda moved: replace(moved, points=moved.points + 10),
    "a score of its own": lambda moved: replace(moved, score=moved.score + 10),
    "a legal swap called illegal": lambda moved: replace(moved, verdict=MoveVerdict.ILLEGAL, steps=()),
    "another time": lambda moved: replace(moved, t_eff=moved.t_eff + 1),
    "an arrival before the lock's end": lambda moved: replace(moved, t_arr=0),
    "an arrival after the end": lambda moved: replace(moved, t_arr=90_020),
    "a longer lock": lambda moved: replace(moved, lock_end=moved.lock_end + 1000),
    "an event more": lambda moved: replace(moved, seq=moved.seq + 1),
    "another chain": lambda moved: replace(moved, head=bytes(32)),
    "another tile": with_another_tile,
    "a tile less": without_a_tile,
    "a tile more": with_a_tile_too_many,
    "a step more": lambda moved: replace(moved, steps=[*moved.steps, (b"",) * 8]),
    "a shuffle of a living board": lambda moved: replace(moved, shuffle=Board.parse("01" * 32).symbols),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_reply_is_refused_that_claims(lie: str) -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    first, second = dealer.good_swap, None
    mirror.moved(dealer.moved(first), *first)
    second = dealer.good_swap
    honest = dealer.moved(second)

    with pytest.raises(BrokenReceipt):
        mirror.moved(LIES[lie](honest), *second)


def test_a_run_is_refused_whose_promise_is_not_the_one_that_was_given() -> None:
    dealer = Dealer()
    with pytest.raises(BrokenReceipt, match="commit"):
        Mirror.begun(dealer.begin(), EVENT, PLAYER, rules_hash(), bytes(32))


def test_a_run_is_refused_whose_chain_begins_anywhere_else() -> None:
    begin = Dealer().begin()
    for wrong in (
        replace(begin, grace_ms=begin.grace_ms + 1),
        replace(begin, t0_unix_ms=begin.t0_unix_ms + 1),
        replace(begin, head=bytes(32)),
    ):
        with pytest.raises(BrokenReceipt, match="H0"):
            Mirror.begun(wrong, EVENT, PLAYER, rules_hash(), COMMIT)


def test_a_course_that_nobody_knows_is_said_to_be_one() -> None:
    begin = replace(Dealer().begin(), course=CourseName("slide"))
    with pytest.raises(OtherRules, match="slide"):
        Mirror.begun(begin, EVENT, PLAYER, rules_hash(), COMMIT)


def test_a_level_of_another_length_is_refused() -> None:
    begin = replace(Dealer().begin(), time_ms=60_000)
    with pytest.raises(BrokenReceipt, match="level"):
        Mirror.begun(begin, EVENT, PLAYER, rules_hash(), COMMIT)


def test_an_end_at_another_time_is_refused() -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    with pytest.raises(BrokenReceipt, match="end"):
        mirror.ended(replace(dealer.ended(), t=80_000), was_away=False)


def test_a_course_that_is_not_done_cannot_be_over() -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    with pytest.raises(BrokenReceipt, match="goal"):
        mirror.ended(replace(dealer.ended(), reason=EndReason.COURSE_DONE), was_away=False)


@pytest.mark.parametrize("reason", [EndReason.ABANDONED, EndReason.VOIDED])
def test_a_run_that_was_ended_early_keeps_a_checked_receipt(reason: EndReason) -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    mirror.ended(dealer.ended(reason, t=4321), was_away=False)

    assert mirror.run.end == dealer.run.end
    assert mirror.receipts[-1] == Receipt(1, dealer.run.head, is_checked=True)


def test_an_end_that_is_told_again_changes_nothing() -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    ended = dealer.ended()
    mirror.ended(ended, was_away=False)
    receipts = list(mirror.receipts)
    mirror.ended(ended, was_away=True)

    assert mirror.receipts == receipts


def test_after_an_absence_the_chain_goes_on_from_the_servers_word_and_is_checked_again() -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    swap = dealer.good_swap
    mirror.moved(dealer.moved(swap), *swap)
    dealer.away(2000, 3000)

    assert mirror.resumed(dealer.resumed(3000), None) is None
    swap = dealer.good_swap
    mirror.moved(dealer.moved(swap), *swap)

    assert [receipt.is_checked for receipt in mirror.receipts] == [True, True, False, True]
    assert mirror.run.head == dealer.run.head


def test_a_move_whose_reply_was_lost_is_found_in_what_the_resume_brings() -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    swap = dealer.good_swap
    dealer.moved(swap)  # and the reply never comes
    dealer.away(2000, 3000)

    outcome = mirror.resumed(dealer.resumed(3000), swap)

    assert outcome is not None
    assert outcome.verdict is Verdict.OK
    assert mirror.run.score == dealer.run.score


def test_a_move_that_nobody_made_is_refused() -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    dealer.moved(dealer.good_swap)
    with pytest.raises(BrokenReceipt, match="nobody"):
        mirror.resumed(dealer.resumed(3000), None)


def test_a_server_that_has_lost_an_acknowledged_move_is_found_out() -> None:
    dealer, forgetful = Dealer(), Dealer()
    mirror = mirror_of(dealer)
    swap = dealer.good_swap
    mirror.moved(dealer.moved(swap), *swap)
    with pytest.raises(BrokenReceipt, match="acknowledged"):
        mirror.resumed(forgetful.resumed(3000), None)


@pytest.mark.parametrize(
    "wrong",
    [{"score": 5000}, {"level_points": 1}, {"moves": 7}, {"lock_end": 1}, {"board": bytes(64)}, {"level": 1}],
    ids=str,
)
def test_a_resume_is_refused_that_tells_another_state(wrong: dict[str, Any]) -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    swap = dealer.good_swap
    mirror.moved(dealer.moved(swap), *swap)
    dealer.away(2000, 3000)
    with pytest.raises(BrokenReceipt):
        mirror.resumed(replace(dealer.resumed(3000), **wrong), None)


def test_a_run_that_ended_while_its_player_was_away_keeps_what_was_acknowledged() -> None:
    dealer = Dealer()
    mirror = mirror_of(dealer)
    swap = dealer.good_swap
    mirror.moved(dealer.moved(swap), *swap)
    dealer.away(2000, 3000)
    ended = dealer.ended()

    with pytest.raises(BrokenReceipt, match="acknowledged"):
        mirror.ended(replace(ended, score=0), was_away=True)
    mirror.ended(ended, was_away=True)

    assert mirror.is_over
    assert mirror.receipts[-1] == Receipt(ended.seq, ended.head, is_checked=False)


def test_a_run_met_in_the_middle_is_checked_in_all_but_its_hashes() -> None:
    dealer = Dealer(CourseName("climb"))
    for _ in range(4):
        dealer.moved(dealer.good_swap)
    mirror = Mirror.met(dealer.resumed(9000))
    swap = dealer.good_swap
    mirror.moved(dealer.moved(swap), *swap)

    assert mirror.run.board == dealer.run.board
    assert [receipt.is_checked for receipt in mirror.receipts] == [False, False]
    swap = dealer.good_swap
    with pytest.raises(BrokenReceipt, match="score"):
        mirror.moved(replace(dealer.moved(swap), score=9999), *swap)


def test_a_run_met_before_its_first_move_is_checked_from_there_on() -> None:
    dealer = Dealer()
    dealer.away(0, 700)
    mirror = Mirror.met(dealer.resumed(700))
    swap = dealer.good_swap
    mirror.moved(dealer.moved(swap), *swap)

    assert [receipt.is_checked for receipt in mirror.receipts] == [False, True]
