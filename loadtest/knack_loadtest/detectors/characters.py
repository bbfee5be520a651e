"""Who plays: honest people as our bots know them, and cheats that their machines play for."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from knack_client.bots.pace import Pace
from knack_client.bots.policies import expected, greedy, points_at_sight
from knack_client.bots.skills import SKILLS
from knack_loadtest.detectors.foresight import Tide, foreseen_points
from knack_protocol.rules.board import Board
from knack_protocol.rules.swaps import Swap, legal_swaps

Choose = Callable[[Board, Tide, Random], Swap]
"""Picks a swap; only cheats look at the tide."""


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody at the board.

    `meaning` ends the sentence "somebody who …" in the document. `ahead_ms` is how much sooner than its pace a program
    sends, because it knows that the rules forgive up to 150 ms.
    """

    name: str
    meaning: str
    choose: Choose
    pace: Pace
    ahead_ms: int = 0


def _honest(name: str, meaning: str) -> Character:
    skill = SKILLS[name]

    def choose(board: Board, _tide: Tide, random: Random) -> Swap:
        swap = skill.choose(board, random)
        assert swap is not None, "a board at rest has a legal swap"
        return swap

    return Character(name, meaning, choose=choose, pace=skill.pace)


def _by_expectation(board: Board, _tide: Tide, random: Random) -> Swap:
    swap = expected(board, random)
    assert swap is not None, "a board at rest has a legal swap"
    return swap


def _by_sight(board: Board, _tide: Tide, random: Random) -> Swap:
    swap = greedy(board, random)
    assert swap is not None, "a board at rest has a legal swap"
    return swap


def _always_alike(board: Board, _tide: Tide, _random: Random) -> Swap:
    return max(legal_swaps(board), key=lambda swap: points_at_sight(board, swap))


def _knowing(board: Board, tide: Tide, random: Random) -> Swap:
    swaps = legal_swaps(board)
    worths = [foreseen_points(board, swap, tide) for swap in swaps]
    return random.choice([swap for swap, worth in zip(swaps, worths, strict=True) if worth == max(worths)])


HONEST: Final = (
    _honest("random", "takes any swap, a second and a half each"),
    _honest("sloppy", "is slow, takes what catches the eye, and slips now and then"),
    _honest("careful", "takes two seconds for the swap with the most points on average"),
    _honest("skilled", "sees the most points within a second"),
)
"""Their names are those of the bots' skills; their paces those of the load tester's people."""

METRONOME: Final = Character(
    "metronome", "lets a program play the best swap at sight, every 600 ms", _by_sight, Pace(600, 0.0)
)
LOCK_SPEED: Final = Character(
    "lock-speed",
    "lets a program play the best swap at sight in the instant in which the board opens, or a little before",
    _by_sight,
    Pace(0),
    ahead_ms=120,
)
HUMANISED: Final = Character(
    "humanised",
    "lets a program play the swap with the most points on average, waiting as unevenly as a quick person",
    _by_expectation,
    Pace(700, 0.35),
)
KNOWING: Final = Character(
    "knowing",
    "knows the seed, plays the swap that is going to pay most, and waits as a practised person does",
    _knowing,
    Pace(1000, 0.35),
)
TWIN: Final = Character(
    "twin", "plays under two names with one program, at a person's pace", _always_alike, Pace(1000, 0.35)
)
CHEATS: Final = (METRONOME, LOCK_SPEED, HUMANISED, KNOWING, TWIN)
