import json
from pathlib import Path
from typing import Any

import pytest

from knack_loadtest.staged.vectors import files
from knack_protocol.ids import HeatId, PlayerId
from knack_protocol.proof import commitments, held, merkle, publics, receipt, signing
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.leaves import roster_hash
from knack_protocol.proof.live import live_digest
from knack_protocol.proof.report import Check
from knack_protocol.proof.verify import verify

FOLDER = Path(__file__).parents[3] / "protocol/vectors/proof"
CASES = sorted(FOLDER.glob("*.case.json"))


def document(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.removesuffix(".case.json"))
def test_a_golden_bundle_is_found_what_it_is(path: Path) -> None:
    case = document(path)
    listed = case["anchors"]["commitments"]
    anchors = Anchors(
        case["anchors"]["key"] or "",
        commitments.parse_published((FOLDER / listed).read_bytes()) if listed else None,
        tuple((name, held.parse((FOLDER / name).read_bytes())) for name in case["anchors"]["held"]),
    )
    report = verify((FOLDER / case["bundle"]).read_bytes(), anchors)
    notices = [[notice.kind, notice.at_ms] for notice in report.notices]
    assert case["expect"] == {
        "verdict": report.verdict.name.lower(),
        "check": report.wrong.check if report.wrong else None,
        "notices": None if report.wrong else notices,
    }
    assert case["name"] == path.name.removesuffix(".case.json")
    assert case["why"]


def test_every_check_has_a_golden_refusal() -> None:
    assert {document(path)["expect"]["check"] for path in CASES} >= set(Check)


def test_the_folder_is_what_the_stage_makes_of_it_today() -> None:
    made = files()
    kept = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert sorted(kept) == sorted(made)
    assert [name for name, data in made.items() if kept[name] != data] == []


def test_the_parts_are_those_of_this_house() -> None:
    parts = document(FOLDER / "parts.json")
    key = bytes.fromhex(parts["key"])
    assert signing.fingerprint(key) == parts["fingerprint"]
    for signed in parts["signed"]:
        assert signing.is_signed(key, signed["text"].encode(), bytes.fromhex(signed["signature"]))
    assert roster_hash(map(PlayerId, parts["roster"]["players"])).hex() == parts["roster"]["hash"]
    for tree in parts["trees"]:
        leaves = list(map(bytes.fromhex, tree["leaves"]))
        assert merkle.root(leaves).hex() == tree["root"]
        for index, path in enumerate(tree["paths"]):
            found = merkle.root_of_path(leaves[index], index, len(leaves), list(map(bytes.fromhex, path)))
            assert found == bytes.fromhex(tree["root"])
    for live in parts["live"]:
        chains = [(count, bytes.fromhex(head)) for count, head in live["chains"]]
        assert live_digest(live["event"], HeatId(live["heat"]), live["k"], chains).hex() == live["digest"]
    for public in parts["publics"]:
        assert (publics.heat_public_fault(bytes.fromhex(public["public"])) is None) is public["is_good"]
    for given in parts["receipts"]:
        assert receipt.is_genuine(given["text"], key) is given["is_genuine"]
