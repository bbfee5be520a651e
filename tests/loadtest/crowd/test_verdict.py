"""The verdict: what counts first, and that the worst comes first."""

import pytest

from knack_loadtest.crowd.verdict import verdict

HELD = {
    "name": "screens",
    "title": "Screens",
    "outcome": "held",
    "violations": [],
    "violation_count": 0,
    "why": "",
}
BROKEN = {
    "name": "frozen",
    "title": "Nothing changed after the end",
    "outcome": "broken",
    "violations": [{"text": "sprint changed", "at_ms": None, "where": "the API"}],
    "violation_count": 3,
    "why": "",
}
UNCHECKED = {**HELD, "name": "export", "title": "The export", "outcome": "not_checked", "why": "not ours"}
FIT = {"is_valid": True, "checks": []}
UNFIT = {
    "is_valid": False,
    "checks": [
        {
            "name": "cpu",
            "title": "CPU",
            "value": 0.9,
            "limit": 0.8,
            "unit": "share",
            "outcome": "bad",
            "why": "busy",
        }
    ],
}
MET = {"text": "x < 1", "metric": "x", "value": 0, "unit": "count", "outcome": "met", "why": ""}
BREACHED = {**MET, "value": 2_500_000, "unit": "us", "outcome": "breached"}
EMPTY = {**MET, "value": None, "outcome": "no_samples", "why": "there were no samples"}


@pytest.mark.parametrize(
    ("oracles", "innocence", "thresholds", "word", "code"),
    [
        ([HELD], FIT, [MET], "PASSED", 0),
        ([HELD, UNCHECKED], FIT, [MET], "PASSED", 0),
        ([HELD], FIT, [BREACHED], "FAILED", 6),
        ([HELD], FIT, [EMPTY], "FAILED", 6),
        ([HELD], UNFIT, [BREACHED], "INVALID", 4),
        ([BROKEN], UNFIT, [BREACHED], "WRONG", 5),
        ([BROKEN], FIT, [], "WRONG", 5),
    ],
)
def test_being_right_counts_first_then_being_fit_to_measure_then_being_fast(
    oracles: list, innocence: dict, thresholds: list, word: str, code: int
) -> None:
    told = verdict(oracles, innocence, thresholds, is_interrupted=False)

    assert (told["word"], told["exit_code"]) == (word, code)


def test_the_worst_facts_come_first_and_in_plain_words() -> None:
    facts = verdict([UNCHECKED, BROKEN], UNFIT, [BREACHED], is_interrupted=False)["facts"]

    assert [fact["weight"] for fact in facts] == ["wrong", "invalid", "failed", "notice"]
    assert (
        facts[0]["text"] == "Not true: Nothing changed after the end. sprint changed (the API), and 2 more."
    )
    assert "was 90.00%, allowed is 80.00%" in facts[1]["text"]
    assert facts[2]["text"] == "Expected x < 1, and it was 2.50 s."
    assert facts[3]["text"] == "Not checked: The export: not ours."


def test_who_was_interrupted_has_not_passed() -> None:
    told = verdict([HELD], FIT, [MET], is_interrupted=True)

    assert (told["word"], told["exit_code"]) == ("INVALID", 130)
