import pytest

from knack_loadtest.bench.readings import Reading, Row
from knack_loadtest.bench.report import BEGIN, END, NoPlace, placed, table

OURS, THEIRS = Reading(9.12, 9.0, 9.5, 2), Reading(8.0, 7.5, 8.25, 2)
REACHED = Row("fanout", "a frame", "µs", OURS, "a C loop", THEIRS, "at most 1.3 times", 1.3)


def test_a_row_shows_both_readings_their_ratio_and_whether_the_aim_was_reached() -> None:
    assert (
        "| *fanout*: a frame | 9.12 (9.00 to 9.50) µs | a C loop | 8.00 (7.50 to 8.25) | 1.14 | at most 1.3 times | reached |"
        in table([REACHED]).splitlines()
    )
    assert "**not reached**" in table([REACHED._replace(limit=1.1)])


def test_what_is_wrong_is_said_instead_of_a_ratio() -> None:
    text = table([REACHED._replace(wrong=("2 gaps",))])

    assert "| – | at most 1.3 times | **WRONG** (1) |" in text
    assert "1. WRONG: 2 gaps" in text


def test_a_note_stands_once_under_the_table_and_every_row_points_at_it() -> None:
    other = Row("idle", "memory", "KiB", OURS, "Nakama", note="not measured: not installable")

    text = table([other, REACHED._replace(note="small frames"), other])

    assert text.endswith("\n\n1. not measured: not installable\n2. small frames")
    assert text.count("(1) |") == 2
    assert "| – | – | – | – (1) |" in text


def test_the_part_between_the_marks_is_replaced_and_nothing_else() -> None:
    document = f"before\n\n{BEGIN}\n\nold\n\n{END}\n\nafter\n"

    assert placed(document, "new") == f"before\n\n{BEGIN}\n\nnew\n\n{END}\n\nafter\n"
    assert placed(placed(document, "new"), "newer") == placed(document, "newer")


def test_a_document_without_the_marks_is_left_alone() -> None:
    with pytest.raises(NoPlace):
        placed("nothing here", "new")
