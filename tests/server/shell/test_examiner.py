"""The process that examines runs: asked from threads, started anew, gone with whoever started it."""

import pytest
from tests.support.recorded import Recorder

from knack_protocol.rules.log import LogError
from knack_server.core.flags.played import Recorded
from knack_server.core.flags.traits import examine
from knack_server.shell.examiner import Examiner


def recorded(moves: int = 12) -> Recorded:
    return Recorder().play([500] * moves).recorded()


def test_it_measures_what_would_be_measured_here() -> None:
    examiner = Examiner()

    assert examiner.examine(recorded(), 40) == examine(recorded(), 40)
    assert examiner.examine(recorded(3), 40) == examine(recorded(3), 40)


def test_a_log_that_no_run_writes_is_refused_and_the_next_one_is_examined() -> None:
    examiner, good = Examiner(), recorded()
    forged = good._replace(payloads=(*good.payloads[:2], good.payloads[3]))

    with pytest.raises(LogError):
        examiner.examine(forged, 40)
    assert examiner.examine(good, 40).moves == 12


def test_it_rests_and_comes_back() -> None:
    examiner = Examiner()
    examiner.examine(recorded(), 40)
    first = examiner._process
    assert first is not None

    examiner.rest()
    assert first.poll() == 0

    examiner.examine(recorded(), 40)
    assert examiner._process is not first


def test_it_ends_with_whoever_asked_it() -> None:
    examiner = Examiner()
    examiner.examine(recorded(), 40)
    process = examiner._process
    assert process is not None

    del examiner

    assert process.poll() == 0
