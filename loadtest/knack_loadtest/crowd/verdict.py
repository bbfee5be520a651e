"""The verdict: one word, one exit code, and the worst facts in plain words.

| exit | word | meaning |
|---|---|---|
| 0 | PASSED | correct, fast enough, and measured by a generator that was fit to |
| 1 | – | an unexpected error in the tester itself |
| 2 | – | wrong usage, scenario or threshold |
| 3 | – | the target cannot be reached, or this machine cannot carry the plan |
| 4 | INVALID | the generator was not fit to measure |
| 5 | WRONG | something is not true: standings, an acknowledged move, a cheat let pass |
| 6 | FAILED | a threshold was breached |
| 130 | as far as was seen | interrupted; the result was written |

Which counts first: 2, 3, 1, 5, 4, 6.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from knack_loadtest.crowd.units import shown

PASSED: Final = 0
CRASHED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3
INVALID: Final = 4
WRONG: Final = 5
FAILED: Final = 6
INTERRUPTED: Final = 130

WORDS: Final = {"wrong": "WRONG", "invalid": "INVALID", "failed": "FAILED"}
"""What each weight of a fact makes of the verdict, the worst first."""

CODES: Final = {"WRONG": WRONG, "INVALID": INVALID, "FAILED": FAILED, "PASSED": PASSED}

Document = dict[str, Any]


def verdict(
    oracles: Sequence[Mapping[str, Any]],
    innocence: Mapping[str, Any],
    thresholds: Sequence[Mapping[str, Any]],
    *,
    is_interrupted: bool,
    notices: Sequence[str] = (),
) -> Document:
    """Return the verdict of a result, its facts the worst first."""
    facts = [
        *_wrong(oracles),
        *_invalid(innocence, is_interrupted=is_interrupted),
        *_failed(thresholds),
        *(_fact("notice", "run", text) for text in notices),
        *_unchecked(oracles),
    ]
    weights = {fact["weight"] for fact in facts}
    word = next((word for weight, word in WORDS.items() if weight in weights), "PASSED")
    return {"word": word, "exit_code": INTERRUPTED if is_interrupted else CODES[word], "facts": facts}


def _fact(weight: str, about: str, text: str) -> Document:
    return {"weight": weight, "about": about, "text": text}


def _wrong(oracles: Sequence[Mapping[str, Any]]) -> Iterator[Document]:
    for oracle in oracles:
        if oracle["outcome"] == "broken":
            first = oracle["violations"][0]
            who = f" ({first['where']})" if first["where"] else ""
            count = oracle["violation_count"]
            times = f", and {count - 1} more" if count > 1 else ""
            yield _fact("wrong", oracle["name"], f"Not true: {oracle['title']}. {first['text']}{who}{times}.")


def _invalid(innocence: Mapping[str, Any], *, is_interrupted: bool) -> Iterator[Document]:
    if is_interrupted:
        yield _fact("invalid", "interrupted", "The run was interrupted; this is what was seen until then.")
    for check in innocence["checks"]:
        if check["outcome"] == "bad":
            limit, value = (shown(check[name], check["unit"]) for name in ("limit", "value"))
            text = f"The generator was not fit to measure: {check['title']} was {value}, allowed is {limit}; {check['why']}."
            yield _fact("invalid", check["name"], text)


def _failed(thresholds: Sequence[Mapping[str, Any]]) -> Iterator[Document]:
    for threshold in thresholds:
        if threshold["outcome"] == "breached":
            value = shown(threshold["value"], threshold["unit"])
            yield _fact("failed", threshold["metric"], f"Expected {threshold['text']}, and it was {value}.")
        elif threshold["outcome"] == "no_samples":
            yield _fact(
                "failed", threshold["metric"], f"Expected {threshold['text']}, but {threshold['why']}."
            )


def _unchecked(oracles: Sequence[Mapping[str, Any]]) -> Iterator[Document]:
    for oracle in oracles:
        if oracle["outcome"] == "not_checked" and oracle["why"]:  # else nothing of the kind happened
            yield _fact("notice", oracle["name"], f"Not checked: {oracle['title']}: {oracle['why']}.")
