"""The checker in the browser and the one in Python say the same of the same bytes: verdict, check, place and words."""

import asyncio
import copy
import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.support.published import event_bundle, heat_bundle, open_bundle
from tests.support.stories import weekend

from knack_loadtest.staged import publishing
from knack_loadtest.staged.phones import held_by
from knack_loadtest.staged.scripts import Line
from knack_loadtest.staged.stage import Stage, staged_heat, staged_solo
from knack_protocol.proof import bundle as bundles
from knack_protocol.proof import commitments, form, held
from knack_protocol.proof.anchors import Anchors, parse_key
from knack_protocol.proof.bundle import ActKind
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import bundle_text, fingerprint
from knack_protocol.proof.verify import verify
from knack_protocol.rules.course import SPRINT
from knack_protocol.rules.log import ConnectionKind

REPORTS = Path(__file__).parents[2] / "client/verify-reports.js"
SEED = 20_261_122
CHANGES = 400


@dataclass
class Case:
    """A bundle and what it is held against."""

    data: bytes
    key: str | None = None
    commitments: bytes | None = None
    held: dict[str, bytes] = field(default_factory=dict)

    def anchors(self) -> Anchors:
        published = None if self.commitments is None else commitments.parse_published(self.commitments)
        named = tuple((name, held.parse(data)) for name, data in self.held.items())
        return Anchors("" if self.key is None else parse_key(self.key), published, named)


@pytest.fixture(scope="module")
def stage() -> Stage:
    """An event with everything in it: a heat and its rerun, voids, absences, open play, promises that were not used."""
    stage = Stage()
    staged_heat(stage, "h1", 2, 1)
    staged_heat(stage, "h1-r1", 3, 2, scope=Scope.HEAT)
    staged_heat(stage, "h2", 2, 3, course="climb")
    staged_heat(stage, "h3", 2, 4)
    for number in range(4):
        staged_solo(
            stage,
            f"run-{number}",
            f"p{number // 2}",
            10 + number,
            t0_unix_ms=1_700_000_500_250 + 200_000 * number,
        )
    stage.solos[1].script.lines = [Line(20_000, ConnectionKind.SERVER_AWAY, 7000)]
    for heat in ("h9", "h9-r1"):
        stage.promised[heat] = (SPRINT, Scope.PLAYER)
    stage.prepared = [("run-never", SPRINT)]
    stage.act(ActKind.VOID_HEAT, "h1")
    stage.act(ActKind.VOID, "run-2")
    stage.act(ActKind.HIDE_NAME, "p1")
    stage.act(ActKind.UNDO, "2")
    stage.act(ActKind.VOID, "h3-001")
    return stage


@pytest.fixture(scope="module")
def whole(stage: Stage) -> dict[str, bytes]:
    """Every kind of bundle of it."""
    return {
        "heat": bundles.pack(publishing.heat_bundle(stage, "h1-r1")),
        "open": bundles.pack(publishing.open_bundle(stage)),
        "run": bundles.pack(publishing.run_bundle(stage, "run-1")),
        "event": bundles.pack(publishing.event_bundle(stage)),
    }


def reports(cases: list[Case], folder: Path) -> list[dict[str, Any]]:
    """What the browser's checker says of each."""
    listed = []
    for number, case in enumerate(cases):
        (folder / f"{number}.json").write_bytes(case.data)
        row: dict[str, Any] = {"bundle": f"{number}.json", "key": case.key, "commitments": None, "held": []}
        if case.commitments is not None:
            (folder / f"{number}.txt").write_bytes(case.commitments)
            row["commitments"] = f"{number}.txt"
        for name, data in case.held.items():
            (folder / name).write_bytes(data)
            row["held"].append(name)
        listed.append(row)
    (folder / "cases.json").write_text(json.dumps(listed))
    done = subprocess.run(["node", REPORTS, folder], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def report(case: Case) -> dict[str, Any]:
    """What the Python checker says, written as the other one writes it."""
    found = verify(case.data, case.anchors())
    wrong = found.wrong and {
        "check": found.wrong.check.value,
        "where": found.wrong.where,
        "what": found.wrong.what,
    }
    return {
        "verdict": found.verdict.name.lower(),
        "wrong": wrong,
        "notices": [
            {"kind": n.kind.value, "where": n.where, "atMs": n.at_ms, "text": n.text} for n in found.notices
        ],
        "sha256": found.sha256.hex(),
        "title": found.contents and found.contents.title,
        "anchored_by": [anchored.text for anchored in found.anchored_by],
    }


def agree(cases: list[Case], folder: Path) -> list[dict[str, Any]]:
    own = [report(case) for case in cases]
    for ours, theirs in zip(own, reports(cases, folder), strict=True):
        assert in_their_words(theirs) == in_their_words(ours)
    return own


def in_their_words(found: dict[str, Any]) -> dict[str, Any]:
    """Forget where a reader of JSON stopped: every language says that in words of its own."""
    if found["wrong"] and found["wrong"]["what"].startswith("no JSON: "):
        return found | {"wrong": found["wrong"] | {"what": "no JSON"}}
    return found


def test_bundles_of_every_kind_are_consistent_alone(whole: dict[str, bytes], tmp_path: Path) -> None:
    found = agree([Case(data) for data in whole.values()], tmp_path)

    assert {one["verdict"] for one in found} == {"consistent"}
    assert any(one["notices"] for one in found)


def test_what_a_server_has_published_is_anchored_by_what_its_phones_have_kept(tmp_path: Path) -> None:
    story = weekend()
    facts, listed = story.world.facts, story.world.event.published

    async def published() -> list[bytes]:
        heats = [await heat_bundle(tmp_path, facts, heat) for heat in story.played_heats()]
        return [await event_bundle(tmp_path, facts), await open_bundle(tmp_path, facts), *heats]

    kept = {f"{name}.held": held.pack(file) for name, file in story.held().items()}
    promised = commitments.published(listed.text, listed.signature)
    cases = [Case(data, None, promised, kept) for data in asyncio.run(published())]

    assert {one["verdict"] for one in agree(cases, tmp_path)} == {"anchored"}


def test_anchors_agree_in_the_same_words(stage: Stage, whole: dict[str, bytes], tmp_path: Path) -> None:
    listed = publishing.commitments(stage)
    published = commitments.published(listed.text, listed.signature)
    phones = {f"{player}.held": held.pack(held_by(stage, player)) for player in ("p0", "p1")}
    cases = [
        Case(data, fingerprint(stage.signer.key), published, phones)
        for kind, data in whole.items()
        if kind != "run"
    ]
    found = agree(cases, tmp_path)

    assert {one["verdict"] for one in found} == {"anchored"}


def test_anchors_that_contradict_are_named_alike(
    stage: Stage, whole: dict[str, bytes], tmp_path: Path
) -> None:
    chance = Random(SEED)
    listed = publishing.commitments(stage)
    phone = json.loads(held.pack(held_by(stage, "p0")))
    cases = [
        Case(whole["event"], "00" * 16),
        Case(whole["event"], commitments=listed.text.replace("h9 ", "h8 ").encode()),
        Case(whole["open"], commitments=listed.text.replace("demo", "other").encode()),
    ]
    for number in range(60):
        changed = copy.deepcopy(phone)
        change(chance, changed)
        data = form.packed(changed)
        try:
            held.parse(data)
        except form.Malformed:
            continue
        cases.append(Case(whole[chance.choice(["event", "open", "heat"])], held={f"{number}.held": data}))
    found = agree(cases, tmp_path)

    assert len({(one["wrong"] or {}).get("what") for one in found}) > 10


def test_whatever_is_changed_both_name_the_same_thing(
    stage: Stage, whole: dict[str, bytes], tmp_path: Path
) -> None:
    print(f"seed {SEED}")
    found = agree([*changed_bundles(stage, whole)], tmp_path)
    checks = {one["wrong"]["check"] for one in found if one["wrong"]}

    assert len(checks) >= 12, checks


def test_bytes_that_are_no_bundle_are_refused_alike(whole: dict[str, bytes], tmp_path: Path) -> None:
    data, text = whole["run"], whole["run"].decode()
    cases = [
        data + b"\n",
        b"\xef\xbb\xbf" + data,
        data.replace(b'"grace_ms"', b'"grace_ms" ', 1),
        text.replace('"format"', '"\\u0066ormat"', 1).encode(),
        data.replace(b'"index":', b'"index":0', 1),
        data.replace(b'"list":[', b'"list":[1.5,', 1),
        data.replace(b'{"acts"', b'{"acts":1,"acts"', 1),
        data.replace(b'"kind":"run"', b'"kind":"ride"'),
        data.replace(b'"kind":"run"', b'"kind":null'),
        data.replace(b"knackpunkt bundle 1", b"knackpunkt bundle 2"),
        data.replace(b'"event":"demo"', b'"event":"Demo"'),
        data.replace(b'"event":"demo",', b"", 1),
        data.replace(b'"event":"demo"', b'"event":"demo","extra":1'),
        data.replace(b'"index":', b'"index":-', 1),
        data.replace(b'"seal":"', b'"seal":"AB', 1),
        data.replace(b'"seal":"', b'"seal":"zz', 1),
        data.replace(b'"rules":"', b'"rules":"\\ud800', 1),
        data.replace(b'"tree_size":4', b'"tree_size":9007199254740993', 1),
        data.replace(b'"tree_size":4', b'"tree_size":4294967296', 1),
        data.replace(b'"tree_size":4', b'"tree_size":true', 1),
        b"[1]",
        b'"text"',
        b"null",
        b"",
        b"{",
        b"\xff\xfe",
        b"{} {}",
    ]
    assert all(case != data for case in cases)
    found = agree([Case(case) for case in cases], tmp_path)

    assert {one["wrong"]["check"] for one in found} == {"form"}


def changed_bundles(stage: Stage, whole: dict[str, bytes]) -> Iterator[Case]:
    """Bundles with one thing changed, most of them sealed again by the organiser."""
    chance = Random(SEED)
    for _ in range(CHANGES):
        changed = json.loads(whole[chance.choice(["heat", "heat", "open", "run", "event", "event"])])
        change(chance, changed)
        if chance.random() < 0.85:
            seal = changed.pop("seal", None)
            if not isinstance(seal, str):
                continue
            sha256 = hashlib.sha256(form.packed(changed)).digest()
            changed["seal"] = stage.signer.sign(bundle_text(changed["event"], changed["kind"], sha256)).hex()
        yield Case(form.packed(changed))


def change(chance: Random, document: Any) -> None:
    """Change one value somewhere in the document: another digit or number, an item gone, doubled or moved."""
    holder: Any = document
    while True:
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        value = holder[key]
        if isinstance(value, (dict, list)) and value and chance.random() < 0.9:
            holder = value
            continue
        break
    if isinstance(holder, list) and chance.random() < 0.3:
        other = chance.randrange(len(holder))
        match chance.randrange(3):
            case 0:
                del holder[key]
            case 1:
                holder.insert(other, copy.deepcopy(value))
            case _:
                holder[key], holder[other] = holder[other], value
    elif isinstance(value, int):
        holder[key] = max(value + chance.choice([-1000, -1, 1, 1000]), 0)
    elif isinstance(value, str) and value:
        place = chance.randrange(len(value))
        holder[key] = value[:place] + chance.choice("0123456789abcdef") + value[place + 1 :]
    elif value is None:
        holder[key] = chance.randrange(3)
    elif isinstance(value, (dict, list)):
        holder[key] = type(value)()
