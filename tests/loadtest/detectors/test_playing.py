"""Simulated players do what they say: runs that the rules accept, at the pace and with the knowledge of their kind."""

from random import Random
from statistics import fmean, median

import pytest
from tests.support.recorded import Recorder

from knack_client.bots.pace import Pace
from knack_loadtest.detectors.characters import (
    CHEATS,
    HONEST,
    KNOWING,
    LOCK_SPEED,
    METRONOME,
    TWIN,
    Character,
)
from knack_loadtest.detectors.foresight import KnownTiles, Tide, foreseen_points
from knack_loadtest.detectors.halls import CASUAL, HEATS, MIXED, entries
from knack_loadtest.detectors.playing import Line, Recording, play_sprint
from knack_protocol.ids import PlayerId, RunId
from knack_protocol.rules.course import SPRINT
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import legal_swaps
from knack_server.core.flags.played import Played, Recorded, play_again

SEED = b"\5" * 32


def sprint(character: Character, seed: int = 1, round_trip_ms: int = 40) -> Recording:
    return play_sprint(character, Line(round_trip_ms), SEED, Random(seed), "p", "h")


def played(recording: Recording) -> Played:
    fresh = Run(SPRINT, SeededTiles(recording.seed), recording.h0, recording.grace_ms)
    return play_again(Recorded(RunId("r"), PlayerId("p"), fresh, recording.events))


@pytest.mark.parametrize("character", [*HONEST, *CHEATS], ids=lambda character: character.name)
def test_every_log_is_one_that_the_rules_write_to_its_end(character: Character) -> None:
    recording = sprint(character)
    run = played(recording)

    assert len(run.legal) > 8
    assert sum(swap.points for swap in run.legal) == recording.score
    assert recording.events[-1][0] == 5


def test_a_program_keeps_its_pace_but_for_what_the_line_adds() -> None:
    thinks = [swap.think_ms for swap in played(sprint(METRONOME)).swaps[1:]]

    assert 600 <= median(thinks) < 615
    assert max(thinks) < 1_100


def test_lock_speed_comes_as_early_as_the_rules_forgive_and_never_earlier() -> None:
    thinks = [swap.think_ms for swap in played(sprint(LOCK_SPEED)).swaps[1:]]

    assert -120 <= median(thinks) < -100
    assert min(thinks) >= -150


def test_a_line_slower_than_the_grace_costs_what_is_beyond_it() -> None:
    thinks = [swap.think_ms for swap in played(sprint(METRONOME, round_trip_ms=300)).swaps[1:]]

    assert 650 <= median(thinks) < 665


def test_who_knows_the_seed_foresees_every_swap_to_the_point() -> None:
    tiles = KnownTiles(SEED)
    tide = Tide(tiles)
    recorder = Recorder(tiles=tiles)
    random = Random(2)
    for _ in range(30):
        board = recorder.run.board
        swap = random.choice(legal_swaps(board))
        foreseen = foreseen_points(board, swap, tide)
        outcome = recorder.run.move(recorder.run.lock_end_ms + 20, *swap)
        tide.moved(outcome)
        assert outcome.points == foreseen


def test_knowing_pays_and_two_programs_play_one_game() -> None:
    knowing = fmean(sprint(KNOWING, seed).score for seed in range(4))
    sighted = fmean(sprint(HONEST[3], seed).score for seed in range(4))
    twins = [[swap.swap for swap in played(sprint(TWIN, seed)).swaps] for seed in (1, 2)]

    assert knowing > 1.2 * sighted
    assert all(one == other for one, other in zip(*twins, strict=False))


def test_a_hall_is_the_same_every_time_and_everybody_plays_every_heat() -> None:
    crowd = dict.fromkeys(HONEST[:2], 2)
    once, again = list(entries(crowd, 7)), list(entries(crowd, 7))

    assert once == again
    assert list(entries(crowd, 8)) != once
    assert [len(runs) for _, runs in once] == [HEATS] * 4
    for heat in range(HEATS):
        assert len({runs[heat].seed for _, runs in once}) == 1
        assert len({runs[heat].player for _, runs in once}) == 4


@pytest.mark.parametrize("crowd", [MIXED, CASUAL])
def test_cheats_are_few_among_the_honest(crowd: dict[Character, int]) -> None:
    honest = sum(count for character, count in crowd.items() if character in HONEST)

    assert honest >= 0.8 * sum(crowd.values())
    assert crowd[TWIN] >= 2
    assert all(character.pace != Pace(0) or character.ahead_ms for character in CHEATS)
