"""The skills that bots can have, in one table."""

from dataclasses import dataclass
from random import Random
from typing import Final

from knack_client.bots.pace import Pace
from knack_client.bots.policies import Policy, at_a_glance, at_random, expected, greedy, illegal
from knack_protocol.rules.board import Board
from knack_protocol.rules.swaps import Swap


@dataclass(frozen=True, slots=True)
class Skill:
    """What a bot swaps, how long it thinks, and how often its hand slips.

    `slips` is the share of moves (0 to 1) that are illegal.
    """

    name: str
    meaning: str
    policy: Policy
    pace: Pace
    slips: float = 0.0

    def choose(self, board: Board, random: Random) -> Swap | None:
        """Return the next swap for a board at rest; None when it has no legal one."""
        return illegal(board, random) if random.random() < self.slips else self.policy(board, random)


# Medians are those of the load tester's people: child 3.5 s, casual 1.6 s, skilled 1.0 s, lock speed.
TABLE: Final = (
    Skill("random", "any legal swap, at an easy pace", at_random, Pace(1600, 0.4)),
    Skill(
        "sloppy", "slow, takes what it sees first, and slips now and then", at_a_glance, Pace(3500, 0.5), 0.15
    ),
    Skill(
        "careful", "takes its time for the swap with the most points on average", expected, Pace(2200, 0.3)
    ),
    Skill(
        "skilled",
        "sees the most points at once, as quick as a practised hand",
        greedy,
        Pace(1000, 0.35),
        0.02,
    ),
    Skill("fast", "moves in the instant in which the board opens: no person does", greedy, Pace(0)),
)

SKILLS: Final = {skill.name: skill for skill in TABLE}
