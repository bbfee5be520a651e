"""How often simulated honest players have each flag, and the cheats that it is meant for.

Written by `python -m knack_loadtest.detectors`, as docs/detectors.md is; not to be edited.
"""

from typing import Final

from knack_server.core.flags.detectors import Kind
from knack_server.core.flags.rate import Power, Rate

HONEST: Final = {kind: Rate(0, 1, 0.0, 1.0) for kind in Kind}
POWER: Final[dict[Kind, Power]] = {}
ANY: Final = Rate(0, 1, 0.0, 1.0)
REVIEW: Final = Rate(0, 1, 0.0, 1.0)
