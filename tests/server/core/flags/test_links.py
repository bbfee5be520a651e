"""Links: what the log says of a run's line."""

from tests.support.recorded import Recorder

from knack_protocol.rules.log import ConnectionKind
from knack_server.core.flags.links import links


def test_every_kind_of_event_is_counted_and_led_to() -> None:
    recorder = Recorder(grace_ms=250).play([300])
    for t, kind in enumerate([0, 1, 0, 1, 2, 3], 2_000):
        recorder.connection(t, ConnectionKind(kind))

    found = links(recorder.played())

    assert (found.lost, found.resumed, found.replaced, found.server_away) == (2, 2, 1, 1)
    assert found.returns == 3
    assert found.grace_is_capped
    assert found.seqs == (2, 3, 4, 5, 6, 7)


def test_a_quiet_line_has_nothing_to_say() -> None:
    found = links(Recorder(grace_ms=30).play([300]).played())

    assert found == (0, 0, 0, 0, False, ())
