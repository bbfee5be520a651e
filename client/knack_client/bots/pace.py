"""How long a player thinks: human reaction times are log-normal, short ones common and long ones not rare.

The median is what the name of a skill promises; sigma is the spread of the logarithm. 0.3 to 0.5 is what studies of choice
reaction times find (R. D. Luce, "Response Times", 1986).
"""

from dataclasses import dataclass
from math import log
from random import Random
from typing import Final

THINK_MS_MAX: Final = 15_000
"""Nobody who still plays stares longer: cuts the long tail, which would pass for somebody who has left."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A distribution of think times; `median_ms` 0 means no thinking at all."""

    median_ms: int
    sigma: float = 0.35

    def think_ms(self, random: Random) -> int:
        """Draw the time between seeing a board at rest and swapping."""
        if self.median_ms == 0:
            return 0
        return min(round(random.lognormvariate(log(self.median_ms), self.sigma)), THINK_MS_MAX)
