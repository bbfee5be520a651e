"""What the server counts of itself."""

from knack_server.shell.meters import COMMIT_FACTS, COMMIT_NS, LAG_NS, PASS_NS, SLICE_NS, Meters, Spread


def test_a_spread_counts_a_bound_as_within_it_and_what_is_beyond_the_last_too() -> None:
    spread = Spread((10, 20))
    for value in (0, 10, 11, 20, 21, 1000):
        spread.add(value)

    assert spread.up_to() == [2, 4, 6]
    assert spread.total == 1062


def test_bounds_rise() -> None:
    for bounds in (LAG_NS, SLICE_NS, PASS_NS, COMMIT_NS, COMMIT_FACTS):
        assert list(bounds) == sorted(set(bounds))


def test_each_recorder_counts_what_it_says() -> None:
    meters = Meters()

    meters.slice_took(1_400_000)
    meters.pass_took(7_000_000)
    meters.committed(3_000_000, 17)

    assert [
        spread.total for spread in (meters.slices, meters.passes, meters.commits, meters.commit_facts)
    ] == [
        1_400_000,
        7_000_000,
        3_000_000,
        17,
    ]
