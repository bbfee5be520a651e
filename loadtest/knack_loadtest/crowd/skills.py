"""The people who play, in one table: how they think, what they choose, how often a hand slips, how often they look away.

Starting values after the study of booths that this tester was built on; recorded play should replace them.
"""

from dataclasses import dataclass
from typing import Final

from knack_client.bots.pace import Pace
from knack_client.bots.policies import at_a_glance, at_random, expected, greedy
from knack_client.bots.skills import Skill

LOOKS_AWAY_MS: Final = 6000
"""How long somebody who looks away does so: a friend says something."""


@dataclass(frozen=True, slots=True)
class Skilled:
    """A kind of player: a bot's skill, and the share of moves (0 to 1) before which they look away. 1: never plays."""

    skill: Skill
    idle: float = 0.0
    is_human: bool = True
    """Whether a person could play so; else the desk may well flag it, and is right."""


TABLE: Final = (
    Skilled(Skill("child", "any legal swap, with patience", at_random, Pace(3500, 0.5), 0.15), 0.10),
    Skilled(Skill("beginner", "the best of what is seen first", at_a_glance, Pace(2500, 0.45), 0.08), 0.05),
    Skilled(
        Skill("casual", "the best of what is seen first, quicker", at_a_glance, Pace(1600, 0.4), 0.04), 0.02
    ),
    Skilled(Skill("skilled", "the most points at sight", greedy, Pace(1000, 0.35), 0.02)),
    Skilled(Skill("expert", "the most points on average, cascades included", expected, Pace(600, 0.3), 0.01)),
    Skilled(
        Skill("bot_limit", "the most points at sight, as fast as a hand could be", greedy, Pace(250, 0.2)),
        is_human=False,
    ),
    Skilled(Skill("keyboard", "the most points at sight, by arrow keys", greedy, Pace(2200, 0.35), 0.03)),
    Skilled(Skill("afk", "joins, starts, and never plays", at_random, Pace(0)), 1.0),
)

SKILLS: Final = {row.skill.name: row for row in TABLE}
