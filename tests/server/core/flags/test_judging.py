"""Judging: flags become a request for a review, never more."""

from collections.abc import Sequence
from dataclasses import fields, replace
from random import Random

import pytest
from tests.support.recorded import Choose, Recorder, any_legal, first_legal

from knack_protocol.rules.streams import SeededTiles
from knack_server.core.flags.detectors import Kind
from knack_server.core.flags.judging import Flag, Report, judge
from knack_server.core.flags.share import Share
from knack_server.core.flags.traits import Traits, examine


def traits(
    thinks: Sequence[int], choose: Choose = first_legal, player: str = "p-1", tiles: bytes = b"\7" * 32
) -> Traits:
    recorder = Recorder(tiles=SeededTiles(tiles), player=player, run=f"run-{player}")
    return examine(recorder.play(thinks, choose).recorded(), 40)


def uneven(seed: int, count: int = 40) -> list[int]:
    random = Random(seed)
    return [round(random.lognormvariate(6.9, 0.35)) for _ in range(count)]


def person(number: int) -> Traits:
    return traits(uneven(number), any_legal(Random(number)), f"p-{number}", bytes([number]) * 32)


@pytest.fixture(scope="module")
def hall() -> list[Traits]:
    return [person(number) for number in range(10, 35)]


def raised(report: Report) -> set[Kind]:
    return {flag.kind for flag in report.flags if flag.is_raised}


def flag(report: Report, kind: Kind) -> Flag:
    return next(flag for flag in report.flags if flag.kind is kind)


def test_a_person_has_no_flag_and_still_every_number(hall: list[Traits]) -> None:
    report = judge(person(43), hall, hall[:2])

    assert raised(report) == set()
    assert not report.needs_review
    assert report.others == 25
    nameless = {flag.kind for flag in report.flags if flag.number is None}
    assert nameless <= {
        Kind.TWIN,
        Kind.REACTION,
    }  # nobody else on these tiles; few swaps that needed a new one


def test_an_even_cadence_alone_asks_for_nothing_although_two_detectors_see_it(hall: list[Traits]) -> None:
    report = judge(traits([500] * 40, any_legal(Random(1))), hall, [])

    assert raised(report) == {Kind.CADENCE, Kind.STREAK}
    assert not report.needs_review


def test_an_even_cadence_and_locks_ridden_ask_for_a_review(hall: list[Traits]) -> None:
    report = judge(traits([40] * 60, any_legal(Random(1))), hall, [])

    assert {Kind.STREAK, Kind.RIDING} <= raised(report)
    assert report.needs_review


def test_a_twin_asks_for_a_review_by_itself_and_names_the_other_run(hall: list[Traits]) -> None:
    report = judge(traits(uneven(1)), [*hall, traits(uneven(2), player="p-other")], [])

    twin = flag(report, Kind.TWIN)
    assert raised(report) == {Kind.TWIN}
    assert report.needs_review
    assert twin.facts["run"] == "run-p-other"
    assert twin.facts["others"] == 1


def test_a_player_is_no_twin_of_himself(hall: list[Traits]) -> None:
    assert flag(judge(traits(uneven(1)), [*hall, traits(uneven(2))], []), Kind.TWIN).number is None


def test_best_moves_are_measured_against_the_others(hall: list[Traits]) -> None:
    expert = person(40)
    every = tuple(range(1, 21))
    expert = replace(expert, best=expert.best._replace(best=Share(every, 20)))

    assert flag(judge(expert, hall, []), Kind.BEST).is_raised
    assert flag(judge(expert, hall[:19], []), Kind.BEST).number is None


def test_all_runs_of_a_player_are_taken_together(hall: list[Traits]) -> None:
    own = [person(number) for number in (41, 42)]
    together = flag(judge(person(40), hall, own), Kind.LEAK_ALL)

    assert together.facts == {"runs": 3, "moves": 120}
    assert flag(judge(person(40), hall, []), Kind.LEAK_ALL).number is None


def test_a_flag_leads_into_the_replay(hall: list[Traits]) -> None:
    rider = traits([40] * 60, any_legal(Random(1)))
    report = judge(rider, hall, [])

    assert flag(report, Kind.RIDING).seqs == rider.riding.seqs[:10]
    assert len(flag(report, Kind.LEAK).seqs) == 10
    assert flag(report, Kind.STREAK).seqs == rider.cadence.streak[:1]


def test_a_report_says_nothing_about_guilt_and_holds_nothing_to_act_on() -> None:
    names = {field.name for kind in (Report, Flag) for field in fields(kind)}

    assert names.isdisjoint({"verdict", "guilty", "probability", "void", "name", "ban"})
