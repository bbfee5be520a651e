import hashlib
import json

import pytest

from knack_protocol.ids import CourseName
from knack_protocol.rules import numbers
from knack_protocol.rules.course import CLIMB, COURSES, SPRINT, Course, Level, rules_document, rules_hash


def test_a_sprint_is_ninety_seconds_without_a_goal() -> None:
    assert SPRINT.levels == (Level(0, 90_000),)


def test_a_climb_has_forty_levels_of_a_minute_and_rising_goals() -> None:
    assert len(CLIMB.levels) == 40
    assert [level.goal for level in CLIMB.levels[:3]] == [1000, 1275, 1600]
    assert CLIMB.levels[39] == Level(1000 + 250 * 39 + 25 * 39 * 39, 60_000)


def test_courses_are_found_by_name() -> None:
    assert {name: course.name for name, course in COURSES.items()} == {"sprint": "sprint", "climb": "climb"}


@pytest.mark.parametrize(
    ("levels", "complaint"),
    [
        ((), "no level"),
        ((Level(0, 1), Level(1, 1)), "only the last"),
        ((Level(-1, 1),), "at least 0"),
        ((Level(1, 0),), "more than 0"),
    ],
)
def test_a_course_that_cannot_be_walked_is_none(levels: tuple[Level, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Course(CourseName("broken"), levels)


def test_the_rules_file_is_canonical_json_and_its_hash_the_rules_hash() -> None:
    document = json.loads(rules_document())
    assert json.dumps(document, sort_keys=True, separators=(",", ":")).encode() == rules_document()
    assert rules_hash() == hashlib.sha256(rules_document()).digest()
    assert document["courses"]["climb"][1] == {"goal": 1275, "time_ms": 60_000}


@pytest.mark.parametrize("name", [name for name in vars(numbers) if name.isupper() and name != "CELLS"])
def test_a_changed_number_changes_the_rules_hash(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    was = rules_document()
    number = getattr(numbers, name)
    changed = (
        number + 1
        if isinstance(number, int)
        else (*number, 5)
        if isinstance(number, tuple)
        else number + b"x"
    )
    monkeypatch.setattr(numbers, name, changed)
    assert rules_document.__wrapped__() != was
