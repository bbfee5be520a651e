"""How often simulated honest players have each flag, and the cheats that it is meant for.

Written by `python -m knack_loadtest.detectors`, as docs/detectors.md is; not to be edited.
"""

from typing import Final

from knack_server.core.flags.detectors import Kind
from knack_server.core.flags.rate import Power, Rate

HONEST: Final = {
    Kind.LEAK: Rate(0, 6000, 0.000000, 0.000615),
    Kind.LEAK_ALL: Rate(0, 2000, 0.000000, 0.001843),
    Kind.REACTION: Rate(0, 6000, 0.000000, 0.000615),
    Kind.QUICK_REACTIONS: Rate(0, 6000, 0.000000, 0.000615),
    Kind.CADENCE: Rate(0, 6000, 0.000000, 0.000615),
    Kind.STREAK: Rate(0, 6000, 0.000000, 0.000615),
    Kind.RIDING: Rate(0, 6000, 0.000000, 0.000615),
    Kind.BEST: Rate(0, 6000, 0.000000, 0.000615),
    Kind.SPEED: Rate(0, 6000, 0.000000, 0.000615),
    Kind.TWIN: Rate(0, 6000, 0.000000, 0.000615),
    Kind.LINKS: Rate(0, 6000, 0.000000, 0.000615),
}

POWER: Final = {
    Kind.LEAK: Power("knowing", Rate(114, 300, 0.324835, 0.437560)),
    Kind.LEAK_ALL: Power("knowing", Rate(100, 100, 0.963783, 1.000000)),
    Kind.REACTION: Power("lock-speed", Rate(299, 300, 0.981569, 0.999916)),
    Kind.QUICK_REACTIONS: Power("lock-speed", Rate(300, 300, 0.987779, 1.000000)),
    Kind.CADENCE: Power("metronome", Rate(300, 300, 0.987779, 1.000000)),
    Kind.STREAK: Power("metronome", Rate(300, 300, 0.987779, 1.000000)),
    Kind.RIDING: Power("lock-speed", Rate(300, 300, 0.987779, 1.000000)),
    Kind.BEST: Power("metronome", Rate(53, 60, 0.774284, 0.951785)),
    Kind.SPEED: Power("lock-speed", Rate(300, 300, 0.987779, 1.000000)),
    Kind.TWIN: Power("twin", Rate(300, 300, 0.987779, 1.000000)),
}

ANY: Final = Rate(0, 6000, 0.000000, 0.000615)
REVIEW: Final = Rate(0, 6000, 0.000000, 0.000615)
