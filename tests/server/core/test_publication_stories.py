"""Whatever happens at an event, in whatever order: every bundle passes the check, and no phone contradicts one."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from tests.conftest import Size
from tests.support.published import event_bundle, heat_bundle, open_bundle
from tests.support.stories import Story

from knack_protocol.proof.seeds import Scope
from knack_protocol.wire.messages import Leave, Scatter
from knack_server.core.facts import ActKind
from knack_server.core.heat import HeatPhase

NAMES = ("Anna", "Berta", "Clara")
HEATS = {"h1": ("sprint", Scope.PLAYER), "h2": ("sprint", Scope.HEAT), "c1": ("climb", Scope.PLAYER)}
STEPS = ("open", "freeze", "type", "start")

STORY_STEPS = 120
"""What happens in one story; some two heats are played, and every seventh step or so is a calamity."""


class Chance:
    """What may happen next."""

    def __init__(self, story: Story, random: Random) -> None:
        self.story = story
        self.random = random
        often: list[Callable[[], None]] = [self.moves, self.moves, self.moves, self.heat_goes_on, self.gather]
        now_and_then: list[Callable[[], None]] = [self.solo, self.gather, self.heat_goes_on, self.wait]
        seldom: list[Callable[[], None]] = [
            self.prepare, self.absence, self.void_run, self.void_heat, self.restore, self.undo, self.hide, self.restart,
            self.scatter, self.close, self.long_wait, self.back,
        ]  # fmt: skip
        self._what = often * 4 + now_and_then * 3 + seldom

    def happens(self) -> None:
        self.random.choice(self._what)()

    def moves(self) -> None:
        for name in self.story.people:
            for _ in range(self.random.randrange(4)):
                self.story.people[name].move()

    def heat_goes_on(self) -> None:
        heat = self._heat()
        done = {HeatPhase.PREPARED: 0, HeatPhase.OPEN: 1, HeatPhase.FROZEN: 2}.get(heat.phase)
        if done == 1:
            self.gather()
        if done is not None:
            for step in STEPS[done : done + (1 if done < 2 else 2)]:
                self.story.step(heat.id, step)

    def gather(self) -> None:
        for heat in self.story.world.event.heats.values():
            if heat.phase is HeatPhase.OPEN:
                for person in self.story.people.values():
                    person.phone.gather(heat.id)

    def scatter(self) -> None:
        self._person().phone.send(Scatter)

    def solo(self) -> None:
        self._person().start(self.random.choice(["sprint", "climb"]))
        self.story.world.pass_ms(self.random.choice([1000, 3000]))

    def prepare(self) -> None:
        self._person().prepare(self.random.choice(["sprint", "climb"]))

    def absence(self) -> None:
        self._person().go()
        self.story.world.pass_ms(self.random.choice([10, 2000, 40_000]))
        self.back()

    def back(self) -> None:
        for person in self.story.people.values():
            person.come()

    def void_run(self) -> None:
        self._act(ActKind.VOID, self._run())

    def restore(self) -> None:
        self._act(ActKind.RESTORE, self._run())

    def void_heat(self) -> None:
        heats = list(self.story.world.event.heats.values())
        self._act(ActKind.VOID_HEAT, self.random.choice(heats).id)

    def undo(self) -> None:
        self._act(ActKind.UNDO, str(self.random.randint(1, 1 + len(self.story.world.event.acts))))

    def hide(self) -> None:
        self._act(ActKind.HIDE_NAME, self._person().player)

    def restart(self) -> None:
        self.story.restart()

    def close(self) -> None:
        self.story.step(self._heat().id, "close")

    def wait(self) -> None:
        self.story.world.pass_ms(self.random.choice([1, 500, 3000, 12_000]))

    def long_wait(self) -> None:
        self.story.world.pass_ms(120_000)

    def _act(self, kind: ActKind, target: str) -> None:
        self.story.world.desk.act(kind, target)

    def _person(self):
        return self.random.choice(list(self.story.people.values()))

    def _heat(self):
        """One that can go on, if there is one."""
        heats = list(self.story.world.event.heats.values())
        begun = [heat for heat in heats if heat.phase in {HeatPhase.OPEN, HeatPhase.FROZEN}]
        return self.random.choice(begun or heats)

    def _run(self) -> str:
        return self.random.choice([*self.story.world.event.runs, "run-nowhere"])


@pytest.mark.timeout(1800)  # at full size
@pytest.mark.asyncio
async def test_every_bundle_of_any_story_passes_the_check(tmp_path: Path, size: Size) -> None:
    played = 0
    for number in range(size("stories", small=4, full=150)):
        random = Random(number)
        story = Story(HEATS)
        for name in NAMES:
            story.person(name)
        chance = Chance(story, random)
        try:
            for _ in range(STORY_STEPS):
                chance.happens()
            story.check(await open_bundle(tmp_path, story.world.facts))
            story.person("Anna").phone.send(Leave)
            story.end()
            for heat in story.played_heats():
                story.check(await heat_bundle(tmp_path, story.world.facts, heat))
                played += 1
            story.check(await event_bundle(tmp_path, story.world.facts))
        except Exception as error:
            raise AssertionError(f"story {number} goes wrong") from error
    assert played > 4
