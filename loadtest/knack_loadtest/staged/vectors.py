"""Golden bundles for any checker, in any language (PROOF.md, section 10): each case with why it is there."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from knack_client.bots.policies import greedy
from knack_loadtest.staged.parts import parts
from knack_loadtest.staged.phones import held_by
from knack_loadtest.staged.publishing import (
    commitments,
    event_bundle,
    heat_bundle,
    open_bundle,
    run_bundle,
)
from knack_loadtest.staged.scripts import Line
from knack_loadtest.staged.stage import Stage, staged_heat, staged_solo
from knack_protocol.ids import HeatId, PlayerId, RunId
from knack_protocol.proof import held
from knack_protocol.proof.bundle import (
    ActKind,
    Bundle,
    Head,
    InPlay,
    OpenBundle,
    pack,
    sealed,
)
from knack_protocol.proof.commitments import published
from knack_protocol.proof.publics import stage_public
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import Signer, fingerprint
from knack_protocol.rules.course import SPRINT
from knack_protocol.rules.log import ConnectionKind, EndReason

_SLOW_MS = (2500, 6000)
"""Bots that think for long make small files."""
_EARLY = (9000, EndReason.ABANDONED)
"""Where a run need not be long to say what it has to."""
_ADA = PlayerId("ada")


@dataclass(frozen=True, slots=True)
class Case:
    """A bundle, what it is held against, and what a checker must find."""

    name: str
    why: str
    bundle: str
    verdict: str = "consistent"
    check: str | None = None
    notices: tuple[tuple[str, int], ...] = ()
    key: str | None = None
    commitments: str | None = None
    held: tuple[str, ...] = ()

    def document(self) -> bytes:
        """Return the JSON file of the case."""
        anchors = {"key": self.key, "commitments": self.commitments, "held": self.held}
        notices = None if self.check else self.notices
        expect = {"verdict": self.verdict, "check": self.check, "notices": notices}
        case = {
            "name": self.name,
            "why": self.why,
            "bundle": self.bundle,
            "anchors": anchors,
            "expect": expect,
        }
        return (json.dumps(case, ensure_ascii=False, indent=1) + "\n").encode()


@dataclass(slots=True)
class Folder:
    """Files by name, and the cases that use them."""

    files: dict[str, bytes] = field(default_factory=dict)

    def bundle(self, name: str, data: bytes) -> str:
        """Put a bundle in and return its file's name."""
        self.files[f"{name}.bundle.json"] = data
        return f"{name}.bundle.json"

    def case(self, case: Case) -> None:
        """Put a case in."""
        self.files[f"{case.name}.case.json"] = case.document()


def files() -> dict[str, bytes]:
    """Return every file of the folder by name, the same bytes every time."""
    folder = Folder()
    folder.files["parts.json"] = (json.dumps(parts(), ensure_ascii=False, indent=1) + "\n").encode()
    stage = _event()
    ada = held_by(stage, _ADA)
    listed = commitments(stage)
    folder.files["ada.held.json"] = held.pack(ada)
    folder.files["event.commitments.txt"] = published(listed.text, listed.signature)
    for case, data in _good(stage):
        folder.bundle(case.bundle.removesuffix(".bundle.json"), data)
        folder.case(case)
    _add_anchored(folder, stage)
    for name, (why, check, data) in _wrong().items():
        file = folder.bundle(f"wrong-{name}", data)
        folder.case(Case(f"wrong-{name}", why, file, verdict="wrong", check=check))
    return folder.files


def _event() -> Stage:
    """Two heats, one of them voided and rerun, a promise that was not needed, open play, acts."""
    stage = Stage()
    for heat, scope in (("h1", Scope.PLAYER), ("h1-r1", Scope.PLAYER), ("h2", Scope.HEAT)):
        staged = staged_heat(stage, heat, 2, len(heat), scope=scope, think_ms=_SLOW_MS, ended=_EARLY)
        for script, player in zip(staged.scripts, (_ADA, PlayerId("bob")), strict=True):
            script.player = player
    stage.heats[HeatId("h1")].scripts[0].ended = (8000, EndReason.VOIDED)
    stage.heats[HeatId("h1")].scripts[1].ended = (8000, EndReason.VOIDED)
    stage.promised |= {HeatId("h3"): (SPRINT, Scope.PLAYER)}
    staged_solo(stage, "run-1", "ada", 3, ended=_EARLY)
    staged_solo(stage, "run-2", "bob", 4, ended=_EARLY, t0_unix_ms=1_700_000_503_000)
    stage.prepared = [(RunId("run-3"), SPRINT)]
    stage.act(ActKind.VOID_HEAT, "h1")
    stage.act(ActKind.VOID, "run-2")
    stage.act(ActKind.HIDE_NAME, "bob")
    stage.act(ActKind.UNDO, "2")
    return stage


def _good(stage: Stage) -> Iterator[tuple[Case, bytes]]:
    """Yield bundles in which nothing is wrong."""
    heat = _small_heat()
    name = "heat"
    yield (
        Case(
            name, "a heat of scope player: three players, one of them with a slow start", "heat.bundle.json"
        ),
        pack(heat_bundle(heat, HeatId("h1"))),
    )
    for script in heat.heats[HeatId("h1")].scripts:
        script.lines += [Line(40_000, ConnectionKind.SERVER_AWAY)]
    heat.act(ActKind.VOID, "h1-001")
    yield (
        Case(
            "heat-interrupted",
            "the server was away for everybody, one run is voided, one player came late",
            "heat-interrupted.bundle.json",
            notices=(("away", 40_000),),
        ),
        pack(heat_bundle(heat, HeatId("h1"))),
    )
    play = _open_play()
    yield (
        Case(
            "open",
            "both courses, a level done, a server that was away for 12 s, a run voided and restored",
            "open.bundle.json",
            notices=(("away", 20_000), ("silent", 12_000)),
        ),
        pack(open_bundle(play)),
    )
    yield (
        Case(
            "open-in-play",
            "a run that was still in play is published as hashes",
            "open-in-play.bundle.json",
            notices=(("away", 20_000), ("silent", 12_000)),
        ),
        pack(_with_a_run_in_play(play)),
    )
    yield (
        Case("run", "one solo run and its path to the root of open play", "run.bundle.json"),
        pack(run_bundle(play, RunId("run-b"))),
    )
    yield (
        Case(
            "run-interrupted",
            "a solo run alone says, too, when the server was away",
            "run-interrupted.bundle.json",
            notices=(("away", 20_000),),
        ),
        pack(run_bundle(play, RunId("run-a"))),
    )
    empty = Stage()
    yield (
        Case("event-empty", "an event in which nothing happened", "event-empty.bundle.json"),
        pack(event_bundle(empty)),
    )
    yield (
        Case("event", "heats, a rerun after a void, sums, unused seeds, open play", "event.bundle.json"),
        pack(event_bundle(stage)),
    )


def _add_anchored(folder: Folder, stage: Stage) -> None:
    """Put in what anchors agree with, and what only they can tell."""
    key, file = fingerprint(stage.signer.key), "event.bundle.json"
    listed, kept = "event.commitments.txt", ("ada.held.json",)
    for name, why, anchors in (
        ("anchored-by-key", "the key of the poster", {"key": key}),
        ("anchored-by-list", "the list that was published before", {"commitments": listed}),
        ("anchored-by-phone", "what one phone has kept", {"held": kept}),
        ("anchored-by-all", "everything at once", {"key": key, "commitments": listed, "held": kept}),
    ):
        folder.case(Case(name, why, file, verdict="anchored", **anchors))
    folder.case(
        Case("wrong-key", "a key of somebody else", file, verdict="wrong", check="anchor_key", key="0" * 32)
    )
    forged = deepcopy(stage)
    forged.promised.pop(HeatId("h3"))
    folder.case(
        Case(
            "wrong-list",
            "an insider left a promise out and signed again",
            folder.bundle("forged-list", pack(event_bundle(forged))),
            verdict="wrong",
            check="anchor_commitments",
            commitments=listed,
        )
    )
    for name, why, forge in _FORGERIES:
        forged = deepcopy(stage)
        forge(forged)
        bundle = folder.bundle(f"forged-{name}", pack(event_bundle(forged)))
        folder.case(Case(f"unanchored-{name}", f"{why}; nothing inside tells", bundle))
        folder.case(Case(f"wrong-{name}", f"{why}; a phone tells", bundle, "wrong", "anchor_held", held=kept))


def _move_forged(stage: Stage) -> None:
    script = stage.heats[HeatId("h2")].scripts[1]
    script.moves = [move._replace(t_arr=move.t_arr - 200) for move in script.moves]


def _grace_forged(stage: Stage) -> None:
    stage.heats[HeatId("h2")].scripts[0].grace_ms = 0


def _void_taken_back(stage: Stage) -> None:
    stage.acts = stage.acts[:3]


def _public_forged(stage: Stage) -> None:
    stage.heats[HeatId("h2")].public = stage_public("So lange gesucht, bis die Steine gut gelegen haben.")


def _nonce_forged(stage: Stage) -> None:
    stage.solos[0].nonce = bytes(16)


_FORGERIES: tuple[tuple[str, str, Callable[[Stage], None]], ...] = (
    ("move", "an insider moved another player's moves to earlier times and signed again", _move_forged),
    ("grace", "an insider gave a run another grace", _grace_forged),
    ("act", "an insider took the last act away", _void_taken_back),
    ("public", "an insider took another public part", _public_forged),
    ("nonce", "an insider chose the device's nonce himself", _nonce_forged),
)


def _wrong() -> dict[str, tuple[str, str, bytes]]:
    """Return bundles that do not fit together: why, the check that tells, the bytes."""
    stage = Stage()
    staged_heat(stage, "h1", 2, 1, think_ms=_SLOW_MS, ended=_EARLY)
    bundle = heat_bundle(stage, HeatId("h1"))
    heat, data = bundle.heat, pack(bundle)
    event = event_bundle(_event())
    one, *others = heat.runs

    def again(changed: Bundle) -> bytes:
        return pack(sealed(changed, stage.signer))

    def with_heat(**values: Any) -> bytes:
        return again(replace(bundle, heat=replace(heat, **values)))

    return {
        "form": ("a space where none belongs", "form", data.replace(b'"k":', b'"k": ', 1)),
        "form-float": ("a number with a fraction", "form", data.replace(b'"rank":1', b'"rank":1.0', 1)),
        "form-hex": ("hex in upper case", "form", data.replace(heat.server_seed.hex().encode(), heat.server_seed.hex().upper().encode(), 1)),
        "form-twice": ("a key that comes twice", "form", data.replace(b'"scope":', b'"scope":"player","scope":', 1)),
        "form-order": ("keys out of order", "form", _reversed(data)),
        "rules": ("another number in the rules", "rules", again(replace(bundle, rules=bundle.rules.replace("90000", "90001")))),
        "acts": ("acts that nobody signed", "acts", again(replace(bundle, acts=replace(bundle.acts, signature=bytes(64))))),
        "commitments": ("a heat that was not promised", "commitments", with_heat(heat=HeatId("h2"))),
        "commit": ("another seed than promised", "commit", with_heat(server_seed=bytes(32))),
        "public-short": ("a text of 39 characters", "public", with_heat(public=b"stage:" + b"x" * 39)),
        "public-drand": ("a beacon, which is reserved", "public", with_heat(public=b"drand:" + bytes(40))),
        "public-space": ("a text with a space at its end", "public", with_heat(public=heat.public + b"\xe2\x80\x83")),
        "roster": ("somebody of the roster without a run", "roster", with_heat(runs=heat.runs[1:])),
        "replay": ("a bit of a board's hash", "replay", with_heat(runs=(replace(one, events=(*one.events[:-2], _flipped(one.events[-2]), one.events[-1])), *others))),
        "run": ("a log without an end", "run", with_heat(runs=(replace(one, events=one.events[:-1]), *others))),
        "results": ("another T0: other hashes, another root", "results", with_heat(t0_unix_ms=heat.t0_unix_ms + 1)),
        "live": ("a digest over one event less", "live", with_heat(runs=(replace(one, live=(*one.live[:-1], one.live[-1] - 1)), *others))),
        "standings": ("the winner left out", "standings", with_heat(standings=heat.standings[1:])),
        "sums": ("a heat left out of the sum", "sums", again(replace(event, sums=(replace(event.sums[0], heats=event.sums[0].heats[1:]),)))),
        "unused": ("a played heat called unused", "unused", again(replace(event, unused_heats=(replace(event.unused_heats[0], heat=HeatId("h2")),)))),
        "complete": ("a promise neither played nor opened", "complete", again(replace(event, unused_heats=()))),
        "rerun": ("a rerun of a heat that no act voided", "acts", _rerun_without_void()),
        "away-for-one": ("the server was away for one player of a heat only", "run", _away_for_one()),
        "clock": ("a clock that goes on earlier than it stood", "run", _clock_that_goes_back()),
        "seal": ("sealed with another key", "seal", pack(sealed(bundle, Signer(bytes(32))))),
    }  # fmt: skip


def _small_heat() -> Stage:
    stage = Stage()
    staged_heat(stage, "h1", 3, 1, think_ms=_SLOW_MS)
    late = stage.heats[HeatId("h1")].scripts[2]
    late.lines = [Line(0, ConnectionKind.LOST), Line(1500, ConnectionKind.RESUMED)]
    return stage


def _open_play() -> Stage:
    stage = Stage(runs_max=5)
    staged_solo(stage, "run-a", "ada", 1, think_ms=_SLOW_MS)
    stage.solos[0].script.lines = [Line(20_000, ConnectionKind.SERVER_AWAY, 12_000)]
    staged_solo(
        stage,
        "run-b",
        "bob",
        2,
        course="climb",
        policy=greedy,
        ended=(40_000, EndReason.ABANDONED),
        t0_unix_ms=1_700_000_610_900,
    )
    staged_solo(stage, "run-c", "ada", 3, ended=_EARLY, t0_unix_ms=1_700_000_645_000)
    stage.act(ActKind.VOID, "run-a")
    stage.act(ActKind.RESTORE, "run-a")
    return stage


def _with_a_run_in_play(stage: Stage) -> OpenBundle:
    """Publish open play as it was some seconds before its last run ended."""
    part, log = open_bundle(stage).open, stage.tell_solos()[-1][1]
    last = part.runs[-1]
    rest = deepcopy(stage)
    rest.solos.pop()
    bundle = open_bundle(rest)
    seen = len(last.live.counts) - 3
    heads = tuple(Head(count=count, head=log.head(count)) for count in last.live.counts[:seen])
    shown = replace(
        bundle.open,
        live=part.live[: last.live.first + seen],
        in_play=(InPlay(run=last.run, first=last.live.first, heads=heads),),
    )
    return sealed(replace(bundle, open=shown), stage.signer)


def _rerun_without_void() -> bytes:
    stage = Stage(promised={HeatId("h1"): (SPRINT, Scope.PLAYER)})
    staged_heat(stage, "h1-r1", 1, 1, think_ms=_SLOW_MS, ended=_EARLY)
    return pack(heat_bundle(stage, HeatId("h1-r1")))


def _away_for_one() -> bytes:
    stage = Stage()
    staged_heat(stage, "h1", 2, 1, think_ms=_SLOW_MS, ended=_EARLY)
    stage.heats[HeatId("h1")].scripts[0].lines = [Line(4000, ConnectionKind.SERVER_AWAY)]
    return pack(heat_bundle(stage, HeatId("h1")))


def _clock_that_goes_back() -> bytes:
    stage = Stage()
    script = staged_heat(stage, "h1", 1, 1, ended=_EARLY).scripts[0]
    script.moves = []
    script.lines = [Line(5000, ConnectionKind.LOST), Line(4000, ConnectionKind.SERVER_AWAY)]
    return pack(heat_bundle(stage, HeatId("h1")))


def _flipped(event: bytes) -> bytes:
    return event[:-1] + bytes([event[-1] ^ 1])


def _reversed(data: bytes) -> bytes:
    members = dict(reversed(json.loads(data).items()))
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
