"""The table of detectors: whole, fixed, with words for whoever reads it."""

import re

import pytest
from tests.architecture.tree import WEB
from tests.support.recorded import Recorder

from knack_protocol.rules.numbers import LOCK_STEP_MS
from knack_server.core.flags.detectors import DETECTORS, Company, Detector, Kind, Sense, Weight
from knack_server.core.flags.measured import HONEST, POWER
from knack_server.core.flags.traits import examine

WORDS = (WEB / "js" / "i18n" / "desk-flags.js").read_text(encoding="utf-8")


def of(kind: Kind) -> Detector:
    return next(detector for detector in DETECTORS if detector.kind is kind)


def test_there_is_one_line_for_every_kind() -> None:
    assert sorted(detector.kind for detector in DETECTORS) == sorted(Kind)


def test_every_rate_has_been_measured_and_every_power_but_that_of_remarks() -> None:
    assert set(HONEST) == set(Kind)
    assert set(POWER) == {detector.kind for detector in DETECTORS if detector.weight is not Weight.REMARK}
    assert min(rate.of for rate in HONEST.values()) >= 2_000
    assert {kind: rate for kind, rate in HONEST.items() if rate.flagged / rate.of >= 0.002} == {}


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.kind)
def test_the_desk_has_words_for_a_detector_and_its_innocent_causes_in_both_languages(
    detector: Detector,
) -> None:
    keys = [
        f"flag-{detector.kind}",
        f"flag-{detector.kind}-number",
        *(f"cause-{cause}" for cause in detector.causes),
    ]

    assert {key: len(re.findall(rf'"desk\.{key}":', WORDS)) for key in keys} == dict.fromkeys(keys, 2)
    assert detector.causes


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.kind)
def test_a_number_flags_on_its_side_of_the_threshold_only(detector: Detector) -> None:
    at = detector.threshold
    flagged = [detector.flags(number) for number in (None, at * 0.9, at, at * 1.1)]

    if detector.weight is Weight.REMARK:
        assert flagged == [False] * 4
    elif detector.sense is Sense.BELOW:
        assert flagged == [False, True, False, False]
    else:
        assert flagged == [False, False, True, True]


def test_nobody_is_flagged_for_what_a_lock_alone_allows() -> None:
    """A tile is in view while it falls: whoever swaps at the lock's end has had that long, and no person is quicker."""
    assert of(Kind.REACTION).threshold > LOCK_STEP_MS


def test_a_run_without_moves_has_no_numbers() -> None:
    traits = examine(Recorder().recorded(), 40)
    numbers = {detector.kind: detector.look(traits, Company()).number for detector in DETECTORS}

    assert {kind for kind, number in numbers.items() if number} == set()
