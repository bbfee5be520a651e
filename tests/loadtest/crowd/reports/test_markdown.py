"""`report.md`: a comment on a pull request."""

import re

from hypothesis import given, settings
from tests.loadtest.crowd.made import made, made_wrong
from tests.loadtest.crowd.reports.hostile import hostile_texts, with_texts

from knack_loadtest.crowd.reports.markdown import LENGTH_MAX, markdown

OURS = {"<details>", "</details>", "<summary>", "</summary>"}


def test_the_verdict_and_the_worst_facts_come_first() -> None:
    lines = markdown(made_wrong()).splitlines()

    assert lines[0] == "## ⛔ WRONG: A first look"
    assert [line.partition("Not true\\: ")[2][:5] for line in lines[4:7]] == ["The p", "A res", "Nothi"]
    breached = next(
        place for place, line in enumerate(lines) if line.startswith("| ❌ | `move_ack.p95 < 20ms` |")
    )
    assert breached < lines.index("<details><summary>Oracles</summary>")


def test_whatever_is_long_is_folded() -> None:
    text = markdown(made())

    assert text.count("<details>") == text.count("</details>") == 4
    assert "crowd run smoke --seed 1" in text.rpartition("<details>")[2]


def test_a_comment_fits_however_much_went_wrong() -> None:
    result = made_wrong()
    result["thresholds"] *= 400
    result["oracles"] = [{**oracle, "why": "y" * 3000} for oracle in result["oracles"]] * 30
    result["verdict"]["facts"] = [{**fact, "text": "*" * 9000} for fact in result["verdict"]["facts"]] * 99
    text = markdown(result)

    assert len(text) <= LENGTH_MAX
    assert "did not fit" in text
    assert text.count("<details>") == text.count("</details>")


@settings(max_examples=60)
@given(hostile_texts)
def test_a_text_from_outside_is_nothing_but_text(text: str) -> None:
    told = markdown(with_texts(made_wrong(), text))
    plain = markdown(with_texts(made_wrong(), "x"))
    prose = re.sub(r"`[^`\n]*`", "", told)

    assert len(told) <= LENGTH_MAX
    assert set(re.findall(r"<[^>]*>", prose)) <= OURS
    assert re.findall(r"(?<!\\)[\[\]]|@\w|(?<!\\)!\[", prose) == []
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in told.splitlines() if line.startswith("|")]
    assert bars == [
        len(re.findall(r"(?<!\\)\|", line)) for line in plain.splitlines() if line.startswith("|")
    ]
