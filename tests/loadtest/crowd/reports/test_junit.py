"""`junit.xml`: the form that readers of tests share."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from tests.loadtest.crowd.made import made, made_wrong
from tests.loadtest.crowd.reports.hostile import TEXTS, hostile_texts, with_texts

from knack_loadtest.crowd.reports.junit import junit

COUNTS = ("tests", "failures", "errors", "skipped")


def tree(text: str) -> ET.Element:
    """Parse it, and hold it to the form: elements, attributes and counts as the common schema has them."""
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    assert set(root.attrib) == {"name", "time", *COUNTS}
    for suite in root:
        assert suite.tag == "testsuite"
        assert set(suite.attrib) == {"name", "time", "timestamp", *COUNTS}
        properties, *cases = suite
        assert properties.tag == "properties"
        assert {entry.tag for entry in properties} == {"property"}
        assert {frozenset(entry.attrib) for entry in properties} == {frozenset({"name", "value"})}
        for case in cases:
            assert case.tag == "testcase"
            assert set(case.attrib) == {"name", "classname", "time"}
            assert len(case) <= 1
            for found in case:
                wanted = {"failure": {"message", "type"}, "skipped": {"message"}}[found.tag]
                assert set(found.attrib) == wanted
        assert int(suite.attrib["tests"]) == len(cases)
        assert int(suite.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
        assert int(suite.attrib["skipped"]) == sum(case.find("skipped") is not None for case in cases)
    for name in COUNTS:
        assert int(root.attrib[name]) == sum(int(suite.attrib[name]) for suite in root)
    return root


def outcomes(root: ET.Element) -> dict[str, str]:
    return {
        case.attrib["name"].partition(":")[0]: case[0].tag if len(case) else "passed"
        for case in root.iter("testcase")
    }


def test_every_oracle_check_and_threshold_is_a_test() -> None:
    result = made()
    found = outcomes(tree(junit(result)))

    wanted = [
        *(oracle["name"] for oracle in result["oracles"]),
        *(check["name"] for check in result["innocence"]["checks"]),
        *(threshold["text"] for threshold in result["thresholds"]),
    ]
    assert list(found) == wanted


def test_what_is_wrong_fails_and_says_so() -> None:
    root = tree(junit(made_wrong()))
    found = outcomes(root)

    assert {name for name, outcome in found.items() if outcome == "failure"} == {
        *("final_standings", "export", "frozen", "move_ack.p95 < 20ms", "acts.p99 < 1s")
    }
    failure = root.find(".//failure")
    assert failure is not None
    assert "895 points" in failure.attrib["message"]


def test_what_could_not_look_is_skipped() -> None:
    result = made()
    result["oracles"][2] |= {"outcome": "not_checked", "why": "the server is not ours"}
    result["innocence"]["checks"][0] |= {"outcome": "unknown", "value": None}
    found = outcomes(tree(junit(result)))

    assert [name for name, outcome in found.items() if outcome == "skipped"] == ["export", "cpu"]


@settings(max_examples=60)
@given(hostile_texts)
def test_no_text_breaks_the_form(text: str) -> None:
    tree(junit(with_texts(made_wrong(), text)))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_text_hides_an_outcome(text: str) -> None:
    plain, told = (tree(junit(with_texts(made_wrong(), words))) for words in ("x", text))

    assert {name: told.attrib[name] for name in COUNTS} == {name: plain.attrib[name] for name in COUNTS}
