from knack_protocol.rules import numbers
from knack_protocol.wire import limits
from knack_protocol.wire.limits import TABLE


def test_the_table_holds_every_limit_of_the_module() -> None:
    constants = {name: value for name, value in vars(limits).items() if name.isupper() and name != "TABLE"}

    assert {limit.name: limit.value for limit in TABLE} == constants
    assert len(TABLE) == len(constants)


def test_a_name_ends_in_the_unit_where_it_has_one() -> None:
    for limit in TABLE:
        assert limit.name.endswith("_MS") is (limit.unit == "ms")
        assert ("_BYTES_" in limit.name) is (limit.unit == "bytes")


def test_what_the_rules_say_too_is_the_same() -> None:
    assert limits.GRACE_MAX_MS == numbers.GRACE_MS_MAX
    assert limits.COUNTDOWN_PONGS_MIN == numbers.GRACE_ROUND_TRIPS_MIN


def test_the_countdown_has_room_for_pings_that_get_lost() -> None:
    assert limits.COUNTDOWN_MS / limits.COUNTDOWN_PING_EVERY_MS >= limits.COUNTDOWN_PONGS_MIN + 5


def test_a_move_every_shortest_lock_and_the_heartbeat_fit_the_rate() -> None:
    in_a_second = 1000 / numbers.LOCK_ILLEGAL_MS + 1000 / limits.HEARTBEAT_EVERY_MS

    assert in_a_second < limits.RATE_PER_S


def test_two_heartbeats_may_get_lost_before_a_connection_is_dead() -> None:
    assert limits.SILENCE_MS >= 2 * limits.HEARTBEAT_EVERY_MS
