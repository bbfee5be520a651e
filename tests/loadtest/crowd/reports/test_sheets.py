"""`summary.csv` and `timeline.csv`: for spreadsheets, which take too much for a formula."""

import csv
import io

import pytest
from hypothesis import given, settings
from tests.loadtest.crowd.made import SECONDS, made, made_wrong
from tests.loadtest.crowd.reports.hostile import TEXTS, hostile_texts, with_texts

from knack_loadtest.crowd.reports import sheets

FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_a_summary_has_a_row_for_whatever_was_found() -> None:
    result = made_wrong()
    head, *rows = cells(sheets.summary(result))
    found = {(row[0], row[1], row[2]): row for row in rows}

    assert head == list(sheets.HEAD)
    assert found["run", "verdict", ""][3] == "WRONG"
    assert found["threshold", "move_ack", "p95"][5:] == ["breached", "< 20000"]
    assert found["oracle", "frozen", "violations"][3] == "1"
    assert found["figure", "move_ack", "count"][3] == str(result["metrics"]["move_ack"]["count"])
    assert found["table", "connect_outcomes", "ready"][3] == str(
        result["tables"]["connect_outcomes"]["ready"]
    )
    assert {row[1] for row in rows if row[0] == "figure"} == set(result["metrics"])


def test_a_timeline_has_a_row_a_second_and_nothing_where_there_was_nothing() -> None:
    head, *rows = cells(sheets.timeline(made()))

    assert len(rows) == SECONDS
    assert [row[0] for row in rows[:3]] == ["1", "2", "3"]
    assert rows[0][head.index("visible_p50_us")] == ""
    assert int(rows[-1][head.index("visible_p50_us")]) > 120_000


def test_lines_end_as_the_standard_says() -> None:
    text = sheets.summary(made())

    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n")


@settings(max_examples=60)
@given(hostile_texts)
def test_no_cell_is_a_formula_and_no_text_breaks_a_row(text: str) -> None:
    result = with_texts(made_wrong(), text)
    for sheet in (sheets.summary(result), sheets.timeline(result)):
        head, *rows = cells(sheet)
        assert {len(row) for row in rows} == {len(head)}
        formulas = [cell for row in (head, *rows) for cell in row if cell.lstrip().startswith(FORMULA)]
        assert [cell for cell in formulas if not is_number(cell)] == []


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_sheet_can_always_be_written(text: str) -> None:
    assert sheets.summary(with_texts(made_wrong(), text)).encode()
