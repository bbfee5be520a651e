"""The device in somebody's hand: its lines one after another, why they ended, and what faults and networks do to them."""

from collections.abc import Callable
from random import Random
from time import monotonic_ns
from typing import Final

from knack_client.conversation import Conversation
from knack_loadtest.crowd.chance import chance
from knack_loadtest.crowd.line import Line, Witness
from knack_loadtest.crowd.networks.path import Path
from knack_loadtest.crowd.networks.profiles import PROFILES
from knack_loadtest.crowd.networks.way import Route
from knack_loadtest.crowd.networks.weather import MS_NS, Weather
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person
from knack_protocol.wire import limits
from knack_protocol.wire.messages import Command, Push, Reply, Welcome

SLOW_BUFFER_BYTES: Final = 4096
"""What the kernel keeps for a slow reader (Linux doubles it): so little that the server notices within seconds."""

PATIENCE_S: Final = 60.0
"""How long a device tries to come back: longer than a restart, shorter than an evening."""


RUDE_EVERY_MS: Final = 100
"""How soon a rude client tries again that could not get in at once: a loop without any pause would only test the tester."""


CATCHES_UP_MS: Final = 2000
"""After so long, who reads again has read what had piled up."""


class Waits(Random):
    """Chance for the waits between lines; a rude one does not wait before the first try, and hardly before the next."""

    is_rude = False

    def randint(self, a: int, b: int) -> int:
        """Return a number from a to b; a rude one a, or `RUDE_EVERY_MS` where b says that it was refused before."""
        if not self.is_rude:
            return super().randint(a, b)
        return a if b <= limits.RECONNECT_BASE_MS else min(b, RUDE_EVERY_MS)


class Device:
    """One person's device. `open` is what clients take for an opener; it is itself the witness of its lines.

    Args:
        stage: Where it is.
        person: Whose it is.
        witness: Sees what this device sees.
    """

    def __init__(self, stage: Stage, person: Person, witness: Witness) -> None:
        self.waits = Waits(chance(stage.seed, person.group.name, person.index, "waits").getrandbits(64))
        self.heard_ns = 0
        """When the bytes came that are being handled."""
        self._line: Line | None = None
        self._profile = PROFILES[person.network]
        self._weather: Weather | None = None
        if self._profile.is_shaped:
            seed = chance(stage.seed, person.group.name, person.index, "weather").getrandbits(64)
            self._weather = Weather(self._profile, seed, stage.zero_ns)
        self._barred = ("", 0)
        self._has_begun = False
        self._stage = stage
        self.person = person
        self._witness = witness
        self.shown: set[object] = set()
        """The standings that it shows; it is up to date only when all of them are."""
        self._owed: set[object] = set()
        self.was_taken_away = False
        """Whether the scenario itself took the line away or let it not be read, and not everything is shown again yet."""
        self._lost_ns = 0
        self._attempts = 0
        self._is_wanted = False
        self._is_cut = False
        self._cut_until_ns = 0

    async def open(self, _url: str, on_push: Callable[[Push], None]) -> Conversation:
        """Open the next line.

        Raises:
            Unreachable: it cannot be had.
        """
        if self._lost_ns:
            self._attempts += 1
        if not self._has_begun:
            self._has_begun = True
            self._expect_episodes()
        word, until_ns = self._barred
        if monotonic_ns() < until_ns:
            self._stage.dialer.barred(word)
        small = SLOW_BUFFER_BYTES if self.person.number in self._stage.slow else 0
        self._line = await self._stage.dialer.open(self, on_push, small, route=self._route())
        self._is_wanted = False
        return self._line

    def _route(self) -> Route | None:
        wheel, narrow = self._stage.wheel, self._profile.bytes_per_s
        if self._weather is not None:
            return Route(wheel, Path(self._weather, narrow), Path(self._weather, narrow))
        return Route(wheel, None, None) if self.person.number in self._stage.vanishing else None

    def sent(self, command: Command, at_ns: int) -> None:
        """See a command."""
        self._witness.sent(command, at_ns)

    def heard(self, message: Reply | Push, at_ns: int) -> None:
        """See a message; a welcome after a loss is the end of an absence."""
        self.heard_ns = at_ns
        if isinstance(message, Welcome):
            if self._is_cut:
                self._is_cut, self._cut_until_ns = False, at_ns
            self.is_shown(None)
        self._witness.heard(message, at_ns)

    def is_shown(self, standings: object) -> None:
        """Take note that these standings show again what the server has; with the last of them, the device is back."""
        self._owed.discard(standings)
        if self._lost_ns and not self._owed:
            tally = self._stage.tally
            tally.time("recover", (self.heard_ns - self._lost_ns) / 1000)
            tally.count("recover.done")
            tally.count("recover.attempts", self._attempts)
            self._lost_ns = self._attempts = 0
            self.was_taken_away = False

    @property
    def is_coming_back(self) -> bool:
        """Tell whether the line was lost, and not everything is shown again yet."""
        return bool(self._lost_ns)

    def was_cut_since(self, since_us: int) -> bool:
        """Tell whether the scenario itself kept the line away at any time after this moment (µs since the start)."""
        return self._is_cut or self._stage.since_start_us(self._cut_until_ns) > since_us

    def lost(self, code: int) -> None:
        """See that the line has ended."""
        line, outage = self._line, self._stage.dialer.outage
        is_ours = line is not None and line.is_wanted_end
        is_cut = (
            self._is_wanted
            or self._profile.silence is not None  # a server that hears nothing for 20 s may well hang up
            or (line is not None and outage.covers(line.since_ns))
        )
        self._lost_ns = self._lost_ns or monotonic_ns()
        self._owed = set(self.shown)
        self._is_cut = self._is_cut or is_cut
        self.was_taken_away = self.was_taken_away or is_cut
        self._stage.lost(code, wanted=is_cut or is_ours)
        self._witness.lost(code)

    @property
    def is_away(self) -> bool:
        """Tell whether this device cannot know what goes on: its line is lost, dead, or not read."""
        return self._is_cut or bool(self._lost_ns)

    def drop(self, *, rude: bool) -> None:
        """Lose the line as when the radio is gone; a rude device comes back at once, without any patience."""
        if self._line is not None:
            self._is_wanted = True
            self.waits.is_rude = self.waits.is_rude or rude
            self._line.abort()

    def stall(self, for_ms: int) -> None:
        """Read nothing for a while; the server may well end the line over it."""
        line, wheel = self._line, self._stage.wheel
        if line is None or self._lost_ns:
            return

        def wake() -> None:
            line.pause(reading=True)
            if line is self._line and not self._lost_ns:
                self._is_cut, self._cut_until_ns = False, monotonic_ns()

        def catch_up() -> None:
            if line is self._line and not self._lost_ns:
                self.was_taken_away = False

        self._is_wanted = self._is_cut = self.was_taken_away = True
        line.pause(reading=False)
        wheel.at(wheel.now_ns() + for_ms * MS_NS, wake)
        wheel.at(wheel.now_ns() + (for_ms + CATCHES_UP_MS) * MS_NS, catch_up)

    def vanish(self) -> None:
        """Let the line go dead: neither side is told, and this one finds out by the silence."""
        if self._line is not None and not self._lost_ns:
            self._is_wanted = self._is_cut = self.was_taken_away = True
            self._line.vanish()

    def rebind(self) -> None:
        """Come with another address: the old line is dead, and only the server does not know."""
        self.vanish()
        self.drop(rude=False)

    def ground(self, word: str, for_ms: int) -> None:
        """Lose the line, and have none for a while; attempts meanwhile end in this word."""
        self._barred = (word, monotonic_ns() + for_ms * MS_NS)
        self.drop(rude=False)

    def _expect_episodes(self) -> None:
        episode = self._profile.episode
        if episode is not None and self._weather is not None:
            wheel = self._stage.wheel
            if episode.every_ms:
                wheel.at(
                    wheel.now_ns() + self._weather.phase_ms(episode.every_ms) * MS_NS, self._meet_episode
                )
            else:
                EPISODES[episode.kind](self, episode.lasts_ms)

    def _meet_episode(self) -> None:
        episode, wheel = self._profile.episode, self._stage.wheel
        assert episode is not None, "it was expected"
        if not self._stage.over.is_set():
            EPISODES[episode.kind](self, episode.lasts_ms)
            wheel.at(wheel.now_ns() + episode.every_ms * MS_NS, self._meet_episode)


EPISODES: Final[dict[str, Callable[[Device, int], None]]] = {
    "half_open": lambda device, _for_ms: device.vanish(),
    "nat_rebind": lambda device, _for_ms: device.rebind(),
    "airplane": lambda device, for_ms: device.ground("airplane", for_ms),
    "captive_portal": lambda device, for_ms: device.ground("captive_portal", for_ms),
    "background_tab": Device.stall,
}
"""What happens to whole lines in some networks, for so many ms."""
