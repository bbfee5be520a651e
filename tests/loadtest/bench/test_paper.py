from knack_loadtest.bench.paper import on_paper
from knack_loadtest.bench.readings import Reading, Row


def row(figure: str, what: str, value: float) -> Row:
    return Row(figure, what, "", Reading(value, value, value, 1), "")


ROWS = [
    row("fanout", "to one of 5,000 subscribers", 8),
    row("idle", "memory", 4),
    row("bytes", "traffic", 60),
]


def test_a_hundred_thousand_watchers_are_reckoned_from_the_figures() -> None:
    text = on_paper(ROWS)

    assert "400,000 boards a second; at 8.00 µs each, live digests included, 3.2 cores" in text
    assert "carries 18,750 of them, so it takes 6 processes" in text
    assert "0.8 GiB" in text
    assert "82 Mbit/s" in text


def test_nothing_is_reckoned_from_a_figure_that_is_missing_or_wrong() -> None:
    assert on_paper(ROWS[1:]) == ""
    assert on_paper([ROWS[0]._replace(wrong=("a gap",)), *ROWS[1:]]) == ""
