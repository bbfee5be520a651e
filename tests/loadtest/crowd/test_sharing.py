"""Work that is the same for thousands is done once, and a server that tells two people two things is still found out."""

from typing import Any

import pytest

from knack_client.standings import Standings
from knack_loadtest.crowd.sharing import Kept, Shared
from knack_protocol.ids import CourseName
from knack_protocol.wire.codec import encode
from knack_protocol.wire.messages import Live, Pong, Row, View

SPRINT = CourseName("sprint")
ROW = Row("run-a", 1, "p-a", "A", 30, 900, 0)  # type: ignore[arg-type]


class Told:
    """Standings that say what becomes of them: the push is the answer."""

    def __init__(self, view: View = View.TOP, version: int = 0) -> None:
        self.course, self.view, self.epoch, self.version, self.rows = SPRINT, view, 7, version, ()

    def after(self, push: Any) -> Any:
        return push


class Seen:
    def __init__(self) -> None:
        self.read: list[Any] = []
        self.shown: list[Any] = []
        self.split: list[Any] = []
        self.shared = Shared(self.read.append, self.shown.append, self.split.append)


def standings(version: int, view: View = View.TOP, epoch: int = 7, rows: tuple[Any, ...] = ()) -> Standings:
    return Standings(SPRINT, view, epoch, version, rows)


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_the_same_push_is_read_once(seen: Seen) -> None:
    frame = encode(Live("", 5, bytes(32), 0, bytes(32)))  # type: ignore[arg-type]

    first, second = seen.shared.read(frame), seen.shared.read(bytes(bytearray(frame)))

    assert first is second
    assert seen.read == [first]


def test_replies_are_everybodys_own(seen: Seen) -> None:
    frame = encode(Pong(3, 5))

    assert seen.shared.read(frame) == Pong(3, 5)
    assert seen.shared.read(frame) is not seen.shared.read(frame)
    assert seen.read == []


def test_equal_standings_become_the_same_value_whatever_they_came_from(seen: Seen) -> None:
    early, late = Told(version=1), Told(version=2)

    one = seen.shared.after(early, standings(3))  # type: ignore[arg-type]
    other = seen.shared.after(late, standings(3))  # type: ignore[arg-type]

    assert one.standings is other.standings
    assert len(seen.shown) == 1
    assert seen.split == []


def test_two_people_who_are_shown_two_things_as_one_version_are_noticed(seen: Seen) -> None:
    seen.shared.after(Told(), standings(3))  # type: ignore[arg-type]
    seen.shared.after(Told(), standings(3, rows=(ROW,)))  # type: ignore[arg-type]
    seen.shared.after(Told(View.OWN), standings(3, View.OWN))  # type: ignore[arg-type]
    seen.shared.after(Told(View.OWN), standings(3, View.OWN, rows=(ROW,)))  # type: ignore[arg-type]
    seen.shared.after(Told(), standings(3, epoch=8, rows=(ROW,)))  # type: ignore[arg-type]

    assert [split.rows for split in seen.split] == [(ROW,)]


def test_only_the_newest_results_are_kept() -> None:
    kept = Kept[int, int]()
    made = []

    for number in range(5000):
        kept.get(number, lambda number=number: made.append(number) or number)
    kept.get(4999, lambda: made.append(-1) or -1)
    kept.get(0, lambda: made.append(0) or 0)

    assert made == [*range(5000), 0]
