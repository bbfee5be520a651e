"""Whole events on a made clock: people play, desks decide, servers fall; everything that phones were told is kept.

A `Story` survives restarts: `world` is the present one, and every phone keeps what it heard in earlier ones.
"""

from collections.abc import Iterator
from typing import Any

from tests.support.arena import EVENT, SIGNER, STAGE_TEXT, Phone, World
from tests.support.held import held_of

from knack_protocol.ids import CourseName, HeatId
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.bundle import CommitmentList
from knack_protocol.proof.commitments import PublishedList
from knack_protocol.proof.held import Held
from knack_protocol.proof.report import Anchor, Report, Verdict
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.verify import verify
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.messages import Move, Moved, Prepare, Prepared, Reject, Start
from knack_server.core.facts import ActKind
from knack_server.core.heat import HeatPhase
from knack_server.core.heats import HeatStep
from knack_server.core.play import Phase


class Person:
    """Somebody with a phone that keeps all that it hears."""

    def __init__(self, story: "Story", name: str) -> None:
        self.story = story
        self.phone: Phone = story.world.phone()
        self.phone.join(name)
        self.token, self.player = self.phone.token, self.phone.player
        self.nonces: dict[str, bytes] = {}
        self._heard: list[Any] = []

    @property
    def told(self) -> list[Any]:
        """Everything that this person's phones were ever told."""
        return [*self._heard, *self.phone.told]

    def go(self) -> None:
        """Lose the line."""
        self._heard += self.phone.told
        self.phone.told = []
        self.phone.hang_up()

    def come(self) -> None:
        """Connect (again)."""
        if self.phone.told:
            self.go()
        self.story.world.pass_ms(1000)  # a session comes back once a second at most
        self.phone = self.story.world.phone()
        self.phone.token, self.phone.player = self.token, self.player
        self.phone.hello(token=self.token)

    def prepare(self, course: str) -> Prepared | Reject:
        reply: Prepared | Reject = self.phone.send(Prepare, CourseName(course))
        return reply

    def start(self, course: str) -> None:
        """Start a solo run, if the server lets one."""
        prepared = self.prepare(course)
        if isinstance(prepared, Prepared):
            nonce = len(self.nonces).to_bytes(16, "big")
            self.nonces[prepared.run] = nonce
            self.phone.send(Start, prepared.run, nonce)

    def move(self) -> bool:
        """Play the first legal swap of the run in play as soon as its lock lets one; return whether there was one."""
        world = self.story.world
        play = world.event.players[self.player].play
        if play is None or play.run is None or self.phone.closed is not None:
            return False
        run = play.live_run()
        world.pass_ms(max(0, run.lock_end_ms + play.grace_ms - play.clock_ms(world.now)))
        if world.event.players[self.player].play is not play or play.phase is not Phase.PLAYING:
            return False
        cell, direction = legal_swaps(run.board)[0]
        reply = self.phone.send(Move, play.entry.run, run.seq + 1, run.head[:8], cell, direction)
        return isinstance(reply, Moved)


class Story:
    """An event with its people, from the promises to the end."""

    def __init__(self, heats: dict[str, tuple[str, Scope]], reruns: int = 1) -> None:
        self.world = World()
        self.people: dict[str, Person] = {}
        for heat, (course, scope) in heats.items():
            assert self.world.desk.prepare(heat, scope, course, reruns) is None
        if heats:
            assert self.world.desk.publish() is None

    def person(self, name: str) -> Person:
        """Somebody, who joins when first heard of."""
        if name not in self.people:
            self.people[name] = Person(self, name)
        return self.people[name]

    def step(self, heat: str, step: str) -> None:
        self.world.desk.step(heat, HeatStep(step), STAGE_TEXT)

    def play_heat(self, heat: str, *names: str, moves: int = 2) -> None:
        """Let people gather, play a few moves, and let the time run out."""
        self.step(heat, "open")
        for name in names:
            self.person(name).phone.gather(heat)
        for step in ("freeze", "type", "start"):
            self.step(heat, step)
        self.world.pass_ms(3000)
        for _ in range(moves):
            for name in names:
                self.person(name).move()
        self.world.pass_ms(100_000)

    def restart(self) -> None:
        """Kill the server, start it again 5 s later; everybody comes back."""
        for person in self.people.values():
            person._heard += person.phone.told
            person.phone.told = []
        self.world = self.world.restarted()
        for person in self.people.values():
            person.come()

    def rest(self) -> None:
        """Let everything that is in play come to its end, and void what has a lobby or a roster only."""
        while self.world.event.plays:
            self.world.pass_ms(100_000)
        for heat in list(self.world.event.heats.values()):
            if heat.phase is HeatPhase.OPEN:
                self.world.desk.step(heat.id, HeatStep.CLOSE)
            if heat.phase is HeatPhase.FROZEN:
                self.world.desk.act(ActKind.VOID_HEAT, heat.id)

    def end(self) -> None:
        self.rest()
        assert self.world.desk.end_event() is None

    def played_heats(self) -> Iterator[HeatId]:
        return (heat.id for heat in self.world.event.heats.values() if heat.was_played)

    def held(self) -> dict[str, Held]:
        """Return everybody's held file."""
        published = self.world.event.published
        listed = CommitmentList(text=published.text, signature=published.signature) if published else None
        return {
            name: held_of(person.told, EVENT, SIGNER.key, person.player, listed, person.nonces)
            for name, person in self.people.items()
        }

    def check(self, data: bytes) -> Report:
        """Check a bundle against everything that anybody holds; nothing may contradict it."""
        published, held = self.world.event.published, tuple(self.held().items())
        promises = PublishedList(published.text, published.signature) if published else None
        report = verify(data, Anchors(SIGNER.key.hex(), promises, held))
        assert report.verdict is Verdict.ANCHORED, report.wrong
        assert [one.anchor for one in report.anchored_by].count(Anchor.HELD) == len(held)
        return report


WEEKEND = {"h1": ("sprint", Scope.PLAYER), "h2": ("sprint", Scope.HEAT), "c1": ("climb", Scope.PLAYER)}


def weekend() -> Story:
    """Two heats with a rerun, open play, a run that was only prepared, moderators, a restart, and the end."""
    story = Story(WEEKEND)
    for name in ("Anna", "Berta", "Clara"):
        story.person(name)
    story.person("Anna").start("climb")
    story.world.pass_ms(3000)
    for _ in range(3):
        story.person("Anna").move()
    story.play_heat("h1", "Anna", "Berta")
    story.world.desk.act(ActKind.VOID_HEAT, "h1")
    story.play_heat("h1-r1", "Anna", "Berta")
    story.restart()
    story.play_heat("h2", "Berta", "Clara", moves=3)
    story.person("Clara").prepare("sprint")
    story.person("Berta").start("sprint")
    story.world.pass_ms(3000)
    story.person("Berta").move()
    story.world.desk.act(ActKind.HIDE_NAME, story.person("Clara").player)
    story.end()
    return story
