"""Oracles: each lie that a server could tell is found by the oracle whose business it is, and an honest one by none.

An honest evening is staged without a server: real runs under the rules, published as a server would. Then one thing is
changed at a time.
"""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import pytest
from tests.loadtest.crowd.evening import GO_NS, HEAT, RERUN, honest_evening

from knack_loadtest.crowd.flags import Look
from knack_loadtest.crowd.oracles.behaviour import chance_of
from knack_loadtest.crowd.oracles.finding import Evidence, Standings
from knack_loadtest.crowd.oracles.table import ORACLES, judge
from knack_loadtest.crowd.records import RunRecord
from knack_protocol.ids import PlayerId

Lie = Callable[[Evidence], None]


@cache
def evening() -> Evidence:
    return honest_evening()


def broken(evidence: Evidence) -> dict[str, str]:
    """The oracles that found something, with the first thing that they found."""
    with ThreadPoolExecutor(1) as executor:
        documents, _ = judge(evidence, executor)
    return {o["name"]: o["violations"][0]["text"] for o in documents if o["outcome"] == "broken"}


def test_an_honest_evening_is_found_honest() -> None:
    with ThreadPoolExecutor(1) as executor:
        documents, figures = judge(copy.deepcopy(evening()), executor)

    assert {o["name"]: o["outcome"] for o in documents} == dict.fromkeys(ORACLES, "held")
    assert set(figures.values()) == {0}


def says_after_a_restart(evidence: Evidence, listing: str, changed: Standings) -> None:
    assert evidence.restarted is not None
    assert evidence.exported is not None
    evidence.restarted[listing], evidence.exported[listing] = changed, changed.rows


def a_row_is_wrong(evidence: Evidence) -> None:
    final = evidence.final["sprint"]
    rows = (final.rows[0]._replace(score=final.rows[0].score + 30), *final.rows[1:])
    changed = replace(final, rows=rows)
    evidence.final["sprint"] = evidence.later["sprint"] = changed
    says_after_a_restart(evidence, "sprint", changed)


def two_players_are_exchanged(evidence: Evidence) -> None:
    final = evidence.final["sprint"]
    first, second, *rest = final.rows
    rows = (second._replace(rank=1), first._replace(rank=2), *rest)
    changed = replace(final, rows=rows)
    evidence.final["sprint"] = evidence.later["sprint"] = changed
    says_after_a_restart(evidence, "sprint", changed)


def a_player_is_left_out(evidence: Evidence) -> None:
    final = evidence.final["sprint"]
    changed = replace(final, rows=final.rows[:-1])
    evidence.final["sprint"] = evidence.later["sprint"] = changed
    says_after_a_restart(evidence, "sprint", changed)


def an_answer_had_too_many_points(evidence: Evidence) -> None:
    evidence.records[0].moves[0].points += 30


def a_screen_differs(evidence: Evidence) -> None:
    evidence.differing = [["place 1: shows rank 1", 1000, "watchers.screen 0"]]


def a_restart_forgets(evidence: Evidence) -> None:
    final = evidence.final["sprint"]
    assert evidence.restarted is not None
    evidence.restarted["sprint"] = replace(final, rows=final.rows[1:])


def the_export_differs(evidence: Evidence) -> None:
    rows = evidence.final["sprint"].rows
    assert evidence.exported is not None
    evidence.exported["sprint"] = (rows[0]._replace(player=PlayerId("p-nobody")), *rows[1:])


def a_score_changes_after_the_end(evidence: Evidence) -> None:
    final = evidence.final["sprint"]
    row = final.rows[0]
    evidence.later["sprint"] = replace(final, rows=(row._replace(score=row.score + 1), *final.rows[1:]))


def a_screen_changes_after_the_end(evidence: Evidence) -> None:
    evidence.differing_later = [["place 1: shows rank 1", 1000, "watchers.screen 0"]]


def a_move_is_forgotten(evidence: Evidence) -> None:
    record = evidence.records[0]
    record.moves.append(replace(record.moves[-1], seq=record.moves[-1].seq + 90))


def a_run_is_forgotten(evidence: Evidence) -> None:
    record = evidence.records[0]
    evidence.records.append(replace(record, run="run-forgotten", moves=[]))


def a_move_is_invented(evidence: Evidence) -> None:
    evidence.records[0].moves.pop()


def a_refused_move_counted(evidence: Evidence) -> None:
    evidence.records[0].moves[-1].outcome = "rejected_early"


def a_move_was_changed(evidence: Evidence) -> None:
    evidence.records[0].moves[0].t_eff += 1


def a_receipt_is_denied(evidence: Evidence) -> None:
    evidence.records[0].heads[1] = "00" * 32


def the_bundle_was_touched(evidence: Evidence) -> None:
    assert evidence.bundle_bytes is not None
    evidence.bundle_bytes = evidence.bundle_bytes.replace(b'"rank":1', b'"rank":2', 1)


def another_key_signs(evidence: Evidence) -> None:
    evidence.key = "11" * 32


def a_live_digest_is_another(evidence: Evidence) -> None:
    second = next(second for second in evidence.digests if not second[0])
    evidence.digests[second] = ["22" * 32, *evidence.digests[second][1:]]


def in_heat(evidence: Evidence, heat: str = RERUN) -> list[RunRecord]:
    return [record for record in evidence.records if record.heat == heat]


def a_heats_row_is_wrong(evidence: Evidence) -> None:
    shown = evidence.final[RERUN]
    rows = (shown.rows[0]._replace(score=shown.rows[0].score + 30), *shown.rows[1:])
    evidence.final[RERUN] = evidence.later[RERUN] = replace(shown, rows=rows)


def a_sum_over_heats_is_wrong(evidence: Evidence) -> None:
    shown = evidence.final["heats"]
    rows = (shown.rows[0]._replace(time_ms=shown.rows[0].time_ms + 1), *shown.rows[1:])
    evidence.final["heats"] = evidence.later["heats"] = replace(shown, rows=rows)


def a_voided_heat_stands(evidence: Evidence) -> None:
    evidence.final[HEAT] = evidence.later[HEAT] = evidence.final[RERUN]


def an_answer_in_a_heat_had_too_many_points(evidence: Evidence) -> None:
    in_heat(evidence)[0].moves[0].points += 30


def a_move_in_a_heat_is_forgotten(evidence: Evidence) -> None:
    record = in_heat(evidence)[0]
    record.moves.append(replace(record.moves[-1], seq=record.moves[-1].seq + 90))


def a_receipt_of_a_heat_is_denied(evidence: Evidence) -> None:
    in_heat(evidence)[1].heads[1] = "00" * 32


def a_live_digest_of_a_heat_is_another(evidence: Evidence) -> None:
    evidence.digests[RERUN, 3] = ["22" * 32, *evidence.digests[RERUN, 3][1:]]


def another_roster_was_told(evidence: Evidence) -> None:
    evidence.heat_words[RERUN].roster_hash = "33" * 32


def another_text_was_told(evidence: Evidence) -> None:
    evidence.heat_words[RERUN].public += "!"


def another_list_was_published_before(evidence: Evidence) -> None:
    assert evidence.promised is not None
    evidence.promised = replace(evidence.promised, text=evidence.promised.text.replace(RERUN, "final-9"))


def a_heats_bundle_was_touched(evidence: Evidence) -> None:
    evidence.heat_bytes[RERUN] = evidence.heat_bytes[RERUN].replace(b'"rank":1', b'"rank":2', 1)


def somebody_has_another_board(evidence: Evidence) -> None:
    in_heat(evidence)[1].board = in_heat(evidence, HEAT)[1].board


def everybody_has_a_board_that_is_not_the_seeds(evidence: Evidence) -> None:
    for record in in_heat(evidence):
        record.board = in_heat(evidence, HEAT)[0].board


def somebody_has_the_board_early(evidence: Evidence) -> None:
    in_heat(evidence)[2].begun_ns = GO_NS + 2_950_000_000


def somebody_begins_later(evidence: Evidence) -> None:
    record = in_heat(evidence)[0]
    assert record.t0_unix_ms is not None
    record.t0_unix_ms += 250


def the_roster_comes_after_the_text(evidence: Evidence) -> None:
    evidence.heat_words[RERUN].was_frozen_first = False


def a_heat_is_not_published(evidence: Evidence) -> None:
    del evidence.heats[RERUN], evidence.heat_bytes[RERUN]


def a_heat_begins_by_itself(evidence: Evidence) -> None:
    evidence.starts = {HEAT: GO_NS}


def a_stranger_plays_in_a_heat(evidence: Evidence) -> None:
    in_heat(evidence)[0].player = "p-stranger"


def seen(oracle: str) -> Lie:
    def lie(evidence: Evidence) -> None:
        evidence.seen = {**evidence.seen, oracle: [["what was seen", 5, "somebody"]]}
        evidence.seen_counts = {**evidence.seen_counts, oracle: 1}

    lie.__name__ = f"seen_{oracle}"
    return lie


def a_gap_stays(evidence: Evidence) -> None:
    evidence.counts = {**evidence.counts, "feeds.unrepaired": 1}


def an_honest_one_is_refused(evidence: Evidence) -> None:
    evidence.rejects = {"too_many": 3}


def honest_people_are_flagged(evidence: Evidence) -> None:
    evidence.looks = [Look(f"run-{n}", "players.casual 1", ("reaction",), True, 0.0006) for n in range(3)]


def a_public_document_tells_a_secret(evidence: Evidence) -> None:
    evidence.public_documents["/api/event"] = {"event": "demo", "runs": [{"server_seed": "00"}]}


def a_contact_request_is_lost(evidence: Evidence) -> None:
    evidence.contacts.append("kept:c-lost")


def a_programs_contact_request_is_kept(evidence: Evidence) -> None:
    evidence.contacts.append("dropped:c-spam")
    assert evidence.desk_contacts is not None
    evidence.desk_contacts.add("c-spam")


LIES = [
    (a_row_is_wrong, "final_standings"),
    (two_players_are_exchanged, "final_standings"),
    (a_player_is_left_out, "final_standings"),
    (an_answer_had_too_many_points, "final_standings"),
    (a_screen_differs, "screens"),
    (a_restart_forgets, "export"),
    (the_export_differs, "export"),
    (a_score_changes_after_the_end, "frozen"),
    (a_screen_changes_after_the_end, "frozen"),
    (a_move_is_forgotten, "acked_moves"),
    (a_run_is_forgotten, "acked_moves"),
    (a_move_is_invented, "acked_moves"),
    (a_refused_move_counted, "acked_moves"),
    (a_move_was_changed, "acked_moves"),
    (a_receipt_is_denied, "bundle"),
    (the_bundle_was_touched, "bundle"),
    (another_key_signs, "bundle"),
    (a_live_digest_is_another, "bundle"),
    (a_heats_row_is_wrong, "final_standings"),
    (a_sum_over_heats_is_wrong, "final_standings"),
    (a_voided_heat_stands, "final_standings"),
    (an_answer_in_a_heat_had_too_many_points, "final_standings"),
    (a_move_in_a_heat_is_forgotten, "acked_moves"),
    (a_receipt_of_a_heat_is_denied, "bundle"),
    (a_live_digest_of_a_heat_is_another, "bundle"),
    (another_roster_was_told, "bundle"),
    (another_text_was_told, "bundle"),
    (another_list_was_published_before, "bundle"),
    (a_heats_bundle_was_touched, "bundle"),
    (somebody_has_another_board, "heats"),
    (everybody_has_a_board_that_is_not_the_seeds, "heats"),
    (somebody_has_the_board_early, "heats"),
    (somebody_begins_later, "heats"),
    (the_roster_comes_after_the_text, "heats"),
    (a_heat_is_not_published, "heats"),
    (a_heat_begins_by_itself, "heats"),
    (a_stranger_plays_in_a_heat, "heats"),
    (seen("heats"), "heats"),
    (seen("versions"), "versions"),
    (seen("read_your_writes"), "versions"),
    (a_gap_stays, "versions"),
    (seen("receipts"), "receipts"),
    (seen("digests"), "digests"),
    (seen("cheats"), "cheats"),
    (seen("secrecy"), "secrecy"),
    (an_honest_one_is_refused, "honest"),
    (honest_people_are_flagged, "honest"),
    (a_public_document_tells_a_secret, "secrecy"),
    (seen("contacts"), "contacts"),
    (a_contact_request_is_lost, "contacts"),
    (a_programs_contact_request_is_kept, "contacts"),
]


@pytest.mark.parametrize(("lie", "oracle"), LIES)
def test_every_lie_is_found_and_named(lie: Lie, oracle: str) -> None:
    evidence = copy.deepcopy(evening())
    lie(evidence)

    found = broken(evidence)

    assert oracle in found
    assert found[oracle]


def test_a_single_flag_among_many_is_chance_and_counted() -> None:
    evidence = copy.deepcopy(evening())
    evidence.looks = [Look(f"run-{n}", "players.casual 1", (), False, 0.0006) for n in range(199)]
    evidence.looks.append(Look("run-199", "players.casual 1", ("leak",), True, 0.0006))
    with ThreadPoolExecutor(1) as executor:
        documents, figures = judge(evidence, executor)

    assert {o["outcome"] for o in documents if o["name"] == "honest"} == {"held"}
    assert (figures["honest.looked"], figures["honest.flagged"]) == (200, 1)


def test_a_flag_that_asks_for_nothing_by_itself_is_no_false_one() -> None:
    evidence = copy.deepcopy(evening())
    evidence.looks = [Look(f"run-{n}", "players.expert 1", ("best",), False, 0.0006) for n in range(20)]
    with ThreadPoolExecutor(1) as executor:
        documents, figures = judge(evidence, executor)

    assert {o["outcome"] for o in documents if o["name"] == "honest"} == {"held"}
    assert (figures["honest.looked"], figures["honest.flagged"]) == (20, 0)


def test_the_chance_of_flags_is_that_of_so_many_or_more() -> None:
    assert chance_of(1, 2, 0.5) == pytest.approx(0.75)
    assert chance_of(2, 2, 0.5) == pytest.approx(0.25)
    assert chance_of(0, 9, 0.1) == pytest.approx(1)


def test_every_oracle_is_killed_by_some_lie() -> None:
    assert {oracle for _, oracle in LIES} == set(ORACLES)


@pytest.mark.parametrize("name", ["final_standings", "acked_moves", "bundle", "export", "contacts", "heats"])
def test_an_oracle_that_cannot_look_does_not_say_that_it_held(name: str) -> None:
    evidence = copy.deepcopy(evening())
    evidence.bundle = evidence.bundle_bytes = evidence.restarted = evidence.desk_contacts = None
    evidence.missing = {
        "bundle": "it was not there",
        "restart": "not ours",
        "contacts": "no token",
        "heats": "none",
    }
    with ThreadPoolExecutor(1) as executor:
        documents, _ = judge(evidence, executor)

    (found,) = (document for document in documents if document["name"] == name)
    assert found["outcome"] == "not_checked"
    assert found["why"]
