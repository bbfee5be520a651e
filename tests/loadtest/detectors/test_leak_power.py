"""What must hold of the leak test: it finds who knows the seed, and leaves everybody else alone."""

import pytest
from tests.conftest import Size

from knack_loadtest.detectors.characters import HONEST, KNOWING
from knack_loadtest.detectors.halls import Crowd
from knack_loadtest.detectors.tally import LEAK_ENTRY, Tally

KNOWING_EACH = 2


@pytest.mark.timeout(3_000)
def test_the_leak_test_finds_who_knows_the_seed_and_hardly_ever_anybody_else(size: Size) -> None:
    """Entries of three sprints; in full 2,000 honest ones of four policies, and 200 of the one-ply bot."""
    halls = size("halls of 20 honest entries and 2 that know the seed", small=2, full=100)
    crowd: Crowd = {**dict.fromkeys(HONEST, 5), KNOWING: KNOWING_EACH}
    tally = Tally()
    for number in range(5_000, 5_000 + halls):
        tally.add_hall(crowd, number)

    knowing, honest = tally.rate([KNOWING], LEAK_ENTRY), tally.rate(HONEST, LEAK_ENTRY)
    print(f"knowing {knowing}, honest {honest}")
    assert (knowing.of, honest.of) == (KNOWING_EACH * halls, 20 * halls)
    assert knowing.flagged >= 0.8 * knowing.of if halls > 2 else knowing.flagged >= 2
    assert honest.flagged < max(0.002 * honest.of, 1)
