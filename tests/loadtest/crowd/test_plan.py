"""Plans: one seed, one plan, whoever carries it out."""

import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.faults.struck import struck
from knack_loadtest.crowd.plan import curve, forecast, make_plan
from knack_loadtest.crowd.scenario.reading import load, override, read, shipped

TEXT = """
[scenario]
name = "few"
title = "Few"
about = "Few people."
duration = "20s"
seed = 7

[players.casual]
count = 40
skill = "casual"
arrive = { shape = "poisson", rate = "10/s" }

[watchers.phone]
count = 30
device = "phone"
sample = 0.5
arrive = { shape = "spike", over = "5s" }

[cheats.all]
count = 2
kinds = ["early", "flood"]

[[faults]]
at = "5s"
kind = "storm"
share = 0.5
rude = 0.2
"""

HEATS = """
[heats.final]
players = "players.casual"
at = "5s"
share = 0.5
late = 0.2
lost = 0.5
repeat = 2
void_after = "3s"
"""


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
def test_workers_share_all_people_and_nobody_twice(workers: int) -> None:
    plan = make_plan(read(TEXT, "few.toml"))
    shares = [plan.share(worker, workers) for worker in range(workers)]

    assert sorted((p for share in shares for p in share), key=lambda p: p.number) == list(plan.people)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_fault_strikes_the_same_people_for_any_number_of_workers(workers: int) -> None:
    plan = make_plan(read(TEXT, "few.toml"))
    whole = struck(plan.scenario, 7, 0, plan.people)
    parts = [v for w in range(workers) for v in struck(plan.scenario, 7, 0, plan.share(w, workers))]

    assert {(v.number, v.is_rude) for v in parts} == {(v.number, v.is_rude) for v in whole}
    assert 10 < len(whole) < 60


def test_networks_are_drawn_person_by_person_with_their_shares() -> None:
    text = TEXT.replace('skill = "casual"\n', 'skill = "casual"\nnetwork = { lte = 0.75, tunnel = 0.25 }\n')
    people = make_plan(read(text.replace("count = 40", "count = 400"), "few.toml")).people
    drawn = Counter(person.network for person in people if person.kind == "players")
    fewer = make_plan(read(text, "few.toml")).people

    assert set(drawn) == {"lte", "tunnel"}
    assert 0.7 < drawn["lte"] / 400 < 0.8
    assert [person.network for person in fewer[:40]] == [person.network for person in people[:40]]
    assert {person.network for person in people if person.kind != "players"} == {"ethernet"}
    assert make_plan(read(text, "few.toml")).digest != make_plan(read(TEXT, "few.toml")).digest


def test_the_same_seed_gives_the_same_digest_and_another_one_does_not() -> None:
    digest = make_plan(read(TEXT, "few.toml")).digest

    assert make_plan(read(TEXT, "few.toml")).digest == digest
    assert make_plan(read(TEXT, "few.toml", {"scenario.seed": 8})).digest != digest
    assert make_plan(read(TEXT, "few.toml", {"players.casual.count": 41})).digest != digest


def test_heats_belong_to_the_plan_and_so_does_who_comes_late_or_loses_the_line() -> None:
    plan = make_plan(read(TEXT + HEATS, "few.toml"))
    seats = [seat for person in plan.people for seat in person.seats]
    (heats,) = plan.scenario.heats

    assert heats.promised == ("final-1", "final-1-r1", "final-2")
    assert 10 < len(seats) < 30
    assert 0 < sum(seat.is_late for seat in seats) < len(seats) / 2
    assert {seat.loses_line for seat in seats} == {"", "countdown", "middle"}
    assert plan.expected(heats) == sum(not seat.is_late for seat in seats)
    assert plan.counts["moderators"] == 1


@pytest.mark.parametrize("key", ["share=0.6", "late=0.3", "lost=0.6", "scope=heat", "gap=1s", "lobby=9s"])
def test_whatever_is_changed_about_heats_changes_the_digest(key: str) -> None:
    changed = dict([override(f"heats.final.{key}")])

    assert (
        make_plan(read(TEXT + HEATS, "few.toml", changed)).digest
        != make_plan(read(TEXT + HEATS, "few.toml")).digest
    )


def test_everybody_has_a_name_of_their_own_that_fits() -> None:
    names = [person.name for person in make_plan(read(TEXT, "few.toml")).people]

    assert len(set(names)) == len(names)
    assert all(2 <= len(name) <= 20 for name in names)


def test_of_each_kind_of_cheat_there_are_as_many_as_asked_for() -> None:
    plan = make_plan(read(TEXT, "few.toml"))

    assert [person.attempt for person in plan.people if person.attempt] == [
        "early",
        "early",
        "flood",
        "flood",
    ]
    assert plan.counts == {"players": 40, "watchers": 30, "moderators": 0, "visitors": 0, "cheats": 4}


def test_a_forecast_counts_sockets_moves_and_deltas() -> None:
    load_ = forecast(make_plan(read(TEXT, "few.toml")))

    assert load_.sockets == 74
    assert 10 < load_.moves_per_s < 25
    assert load_.deltas_per_s == 4 * 70


def test_the_plan_tells_the_heats(tmp_path: Path) -> None:
    file = tmp_path / "few.toml"
    file.write_text(TEXT + HEATS, encoding="utf-8")

    told = CliRunner().invoke(crowd, ["plan", str(file)]).output

    assert re.search(r"^ *final-1 +\d+ +5\.0 s +\d+ +\d+ *$", told, re.MULTILINE)
    assert re.search(r"^ *final-1-r1 +\d+ +later ", told, re.MULTILINE)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_can_be_planned(name: str) -> None:
    plan = make_plan(load(name))

    assert plan.scenario.frame.name == name
    assert plan.people
    assert curve(plan.people, plan.scenario.frame.duration_ms)[-1][1] == len(plan.people)
