"""Traits: everything that is measured of a run, in well under a second."""

import pickle
from random import Random
from time import process_time

import pytest
from tests.support.recorded import Recorder, any_legal

from knack_protocol.rules.course import CLIMB, SPRINT, Course
from knack_protocol.rules.log import LogError
from knack_server.core.flags.leak import RESAMPLES_MAX
from knack_server.core.flags.played import Recorded
from knack_server.core.flags.traits import examine

LONGEST = {SPRINT: 180, CLIMB: 400}
"""Moves: what the lock alone allows in 90 s; what fast bots make in ten levels."""


@pytest.mark.parametrize("course", LONGEST, ids=lambda course: course.name)
def test_a_run_is_examined_in_less_than_a_second_even_with_all_resamples(course: Course) -> None:
    recorder = Recorder(course=course).play([0] * LONGEST[course], any_legal(Random(5)))
    recorded = recorder.recorded()

    start = process_time()
    traits = examine(recorded, RESAMPLES_MAX)
    spent_s = process_time() - start

    assert traits.moves > 80
    assert spent_s < 1


def test_traits_travel_between_processes_as_runs_do() -> None:
    recorded = Recorder().play([500] * 5).recorded()
    there = pickle.loads(pickle.dumps(recorded))

    assert pickle.loads(pickle.dumps(examine(there, 40))) == examine(recorded, 40)


def test_a_log_that_no_run_writes_is_refused() -> None:
    recorded = Recorder().play([500] * 5).recorded()
    forged = recorded._replace(payloads=(*recorded.payloads[:2], recorded.payloads[3]))

    with pytest.raises(LogError):
        examine(Recorded(*forged), 40)
