"""Lock riding: swaps in the moment in which the board opens are counted, those that open a level are not."""

from tests.support.recorded import Recorder

from knack_server.core.flags.lock_riding import riding


def test_swaps_within_fifty_ms_of_the_lock_ride_it() -> None:
    played = Recorder().play([0, -150, 0, 50, 51, 400]).played()
    found = riding(played)

    assert [swap.think_ms for swap in played.swaps if swap.seq in found.seqs] == [-150, 0, 50]
    assert found.total == 5
    assert found.rate == 0.6


def test_a_run_without_swaps_has_no_share() -> None:
    assert riding(Recorder().played()).rate == 0
