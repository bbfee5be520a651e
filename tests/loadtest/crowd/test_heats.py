"""Heats beyond one person: what everybody was told of them has to agree, and how far apart the starts were."""

from dataclasses import replace

import pytest

from knack_client.errors import HttpError
from knack_loadtest.crowd.heats import HeatWord, NoHeats, Promised, promise, put_together, word_of
from knack_loadtest.crowd.oracles.heats import spreads_us
from knack_loadtest.crowd.oracles.plain import Played, sums
from knack_loadtest.crowd.records import RunRecord
from knack_loadtest.crowd.scenario.model import Heats
from knack_protocol.ids import CourseName, HeatId, RunId
from knack_protocol.wire import messages as wire

OPEN = wire.Heat(
    *(HeatId("h1"), CourseName("sprint"), wire.Scope.PLAYER, wire.HeatPhase.OPEN, bytes(32), 3),
    *(wire.Place.OUTSIDE, RunId(""), b"", "", 0, 0, wire.Marked.NO),
)
FROZEN = replace(OPEN, phase=wire.HeatPhase.FROZEN, roster_hash=b"r" * 32)
TYPED = replace(FROZEN, public="stage:a text")
SERIES = Heats(
    *("heats.final", "players.a", 1.0, "sprint", "player", 0, 9000, 2, 0),
    *(0.0, 0.0, 5000),
)


def told(*messages: wire.Heat) -> tuple[HeatWord, list[str]]:
    words: dict[str, HeatWord] = {}
    wrong = put_together(words, list(map(word_of, messages)))
    return words["h1"], wrong


def test_what_is_told_step_by_step_adds_up() -> None:
    word, wrong = told(OPEN, FROZEN, TYPED, replace(TYPED, t0_unix_ms=77))

    assert wrong == []
    assert (word.roster_hash, word.public, word.t0_unix_ms) == ((b"r" * 32).hex(), "stage:a text", 77)
    assert word.was_frozen_first


def test_a_text_before_the_roster_is_seen() -> None:
    word, _ = told(OPEN, TYPED)

    assert not word.was_frozen_first


@pytest.mark.parametrize(
    "other",
    [
        replace(TYPED, roster_hash=b"s" * 32),
        replace(TYPED, public="stage:another"),
        replace(TYPED, commit=b"c" * 32),
    ],
    ids=["roster", "text", "commit"],
)
def test_two_who_were_told_different_things_are_found(other: wire.Heat) -> None:
    first = replace(TYPED, commit=b"b" * 32)

    _, wrong = told(first, replace(first, place=wire.Place.MEMBER))
    assert wrong == []
    _, wrong = told(first, other)
    assert len(wrong) == 1


def test_the_spread_is_from_the_first_to_the_last_who_heard_it() -> None:
    def begun(heat: str, ns: int) -> RunRecord:
        return RunRecord("run-a", "sprint", "", heat, begun_ns=ns)

    heard = [begun("h1", 5_000_000), begun("h1", 9_500_000), begun("h1", 0), begun("h2", 1), begun("", 3)]

    assert spreads_us(heard) == {"h1": 4500, "h2": 0}


def test_a_sum_counts_the_full_time_where_nothing_was_scored() -> None:
    played = [
        Played("r1", "ada", "sprint", "h1", 300, 4000),
        Played("r2", "ada", "sprint", "h2", 200, 5000),
        Played("r3", "bob", "sprint", "h1", 500, 6000),
        Played("r4", "bob", "sprint", "h2", 0, 0),
        Played("r5", "cem", "sprint", "h2", 0, 0),
    ]

    assert sums(played, ["h1", "h2"], 90_000) == [
        (1, "ada", "ada", 500, 9000),
        (2, "bob", "bob", 500, 96_000),
    ]


class Api:
    """A desk that refuses from some request on."""

    def __init__(self, requests_taken: int = 99) -> None:
        self.posted: list[object] = []
        self._taken = requests_taken

    async def post(self, path: str, document: dict[str, object]) -> object:
        if len(self.posted) == self._taken:
            raise HttpError(400, "published", "The list of commitments is out; no heat can be added.")
        self.posted.append(document.get("heat", path))
        return {}

    async def get(self, _path: str) -> object:
        return {"text": "a list", "signature": "00"}


@pytest.mark.asyncio
async def test_all_heats_are_promised_before_the_list_is_out() -> None:
    api = Api()

    assert await promise(api, [SERIES]) == Promised("a list", "00")  # type: ignore[arg-type]
    assert api.posted == ["final-1", "final-2", "/api/desk/commitments"]


@pytest.mark.asyncio
async def test_a_desk_that_takes_no_more_heats_says_why() -> None:
    with pytest.raises(NoHeats, match="The list of commitments is out"):
        await promise(Api(0), [SERIES])  # type: ignore[arg-type]
