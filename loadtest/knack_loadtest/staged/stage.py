"""An organiser with all secrets, and what happened in an event."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from knack_client.bots.policies import Policy, at_random
from knack_loadtest.staged.scripts import THINK_MS, Line, Script, Told, play, told
from knack_protocol.ids import CourseName, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import seeds
from knack_protocol.proof.bundle import Act, ActKind
from knack_protocol.proof.publics import stage_public
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import Signer
from knack_protocol.rules.course import COURSES, Course, rules_hash
from knack_protocol.rules.log import ConnectionKind, EndReason, h0
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import SeededTiles

STAGE_TEXT: Final = "Wir spielen heute Abend auf dem Marktplatz, und es regnet nicht mehr."


@dataclass(slots=True)
class StagedHeat:
    """A heat and what its players did."""

    heat: HeatId
    course: Course
    scope: Scope
    scripts: list[Script]
    t0_unix_ms: int
    public: bytes = field(default_factory=lambda: stage_public(STAGE_TEXT))


@dataclass(slots=True)
class StagedSolo:
    """A solo run and what its player did."""

    script: Script
    course: Course
    t0_unix_ms: int
    nonce: bytes = bytes(16)


@dataclass(slots=True)
class Stage:
    """An organiser with all secrets, and an event as it is going to be published."""

    event: EventId = EventId("demo")  # noqa: RUF009 - an immutable text
    master: bytes = bytes(range(32))
    signer: Signer = field(default_factory=lambda: Signer(bytes(range(32, 64))))
    promised: dict[HeatId, tuple[Course, Scope]] = field(default_factory=dict)
    heats: dict[HeatId, StagedHeat] = field(default_factory=dict)
    solos: list[StagedSolo] = field(default_factory=list)
    prepared: list[tuple[RunId, Course]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    runs_max: int | None = None

    def act(self, kind: ActKind, target: str) -> None:
        """Let a moderator decide something."""
        number = len(self.acts) + 1
        self.acts.append(Act(number=number, at_unix_ms=1_700_000_000_000 + number, kind=kind, target=target))

    def commit(self, name: HeatId | RunId, course: Course, scope: Scope) -> bytes:
        """Return the promise for a heat or a solo run."""
        seed = seeds.server_seed(self.master, self.event, name)
        return seeds.commit(self.event, name, course.name, scope, rules_hash(), seed)

    def run_of(self, heat: StagedHeat, script: Script) -> tuple[Run, bytes]:
        """Return a member's fresh run, and the hash that its chain begins with."""
        commit = self.commit(heat.heat, heat.course, heat.scope)
        seed = self._seed(heat.heat, heat.public)
        own = seeds.player_seed(seed, script.player) if heat.scope is Scope.PLAYER else None
        return self._run(heat.heat, heat.course, script, commit, heat.t0_unix_ms, SeededTiles(seed, own))

    def run_of_solo(self, solo: StagedSolo) -> tuple[Run, bytes]:
        """Return a solo player's fresh run, and the hash that its chain begins with."""
        name = solo.script.run
        commit = self.commit(name, solo.course, Scope.HEAT)
        tiles = SeededTiles(self._seed(name, seeds.client_public(solo.nonce)))
        return self._run(name, solo.course, solo.script, commit, solo.t0_unix_ms, tiles)

    def tell(self, heat: StagedHeat) -> list[Told]:
        """Return the heat's logs in the roster's order."""
        return [
            told(script, *self.run_of(heat, script))
            for script in sorted(heat.scripts, key=lambda script: script.player)
        ]

    def tell_solos(self) -> list[tuple[StagedSolo, Told]]:
        """Return the logs of open play by run."""
        ordered = sorted(self.solos, key=lambda solo: solo.script.run)
        return [(solo, told(solo.script, *self.run_of_solo(solo))) for solo in ordered]

    def server_seed(self, name: HeatId | RunId) -> bytes:
        """Return what the promise for a heat or a solo run hides."""
        return seeds.server_seed(self.master, self.event, name)

    def _seed(self, name: HeatId | RunId, public: bytes) -> bytes:
        return seeds.seed(seeds.server_seed(self.master, self.event, name), self.event, name, public)

    def _run(
        self,
        name: HeatId | RunId,
        course: Course,
        script: Script,
        commit: bytes,
        t0_unix_ms: int,
        tiles: SeededTiles,
    ) -> tuple[Run, bytes]:
        start = h0(self.event, name, script.player, commit, rules_hash(), t0_unix_ms, script.grace_ms)
        return Run(course, tiles, start, script.grace_ms), start


def staged_heat(
    stage: Stage,
    heat: str,
    players: int,
    seed: int,
    *,
    course: str = "sprint",
    scope: Scope = Scope.PLAYER,
    policy: Policy = at_random,
    think_ms: tuple[int, int] = THINK_MS,
    ended: tuple[int, EndReason] | None = None,
) -> StagedHeat:
    """Promise a heat and let bots play it; every tenth bot loses its line for a while."""
    random = Random(seed)  # noqa: S311 - the same heat every time
    name = HeatId(heat)
    walked = COURSES[CourseName(course)]
    stage.promised[name] = (walked, scope)
    staged = stage.heats[name] = StagedHeat(name, walked, scope, [], 1_700_000_000_000)
    for number in range(players):
        player = PlayerId(f"p{random.randrange(10**8):08}")
        script = Script(RunId(f"{heat}-{number:03}"), player, random.randrange(120), ended=ended)
        if number % 10 == 9:
            script.lines = [Line(0, ConnectionKind.LOST), Line(2500, ConnectionKind.RESUMED)]
        staged.scripts.append(script)
        play(script, stage.run_of(staged, script)[0], random, policy, think_ms=think_ms)
    return staged


def staged_solo(
    stage: Stage,
    run: str,
    player: str,
    seed: int,
    *,
    course: str = "sprint",
    t0_unix_ms: int = 1_700_000_500_250,
    policy: Policy = at_random,
    think_ms: tuple[int, int] = THINK_MS,
    ended: tuple[int, EndReason] | None = None,
) -> StagedSolo:
    """Let a bot play a solo run."""
    random = Random(seed)  # noqa: S311 - the same run every time
    script = Script(RunId(run), PlayerId(player), random.randrange(120), ended=ended)
    solo = StagedSolo(script, COURSES[CourseName(course)], t0_unix_ms, random.randbytes(16))
    stage.solos.append(solo)
    play(script, stage.run_of_solo(solo)[0], random, policy, think_ms=think_ms)
    return solo
