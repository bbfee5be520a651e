"""A world whose standings are set by the test, and what everybody should see of them."""

from typing import Any

from tests.support.arena import World

from knack_protocol.ids import CourseName, PlayerId, RunId
from knack_server.core.player import Player
from knack_server.core.rows import AROUND_COUNT

SPRINT = CourseName("sprint")


class Ranking:
    """A world in which standings are set, and read by fans."""

    def __init__(self, player_count: int) -> None:
        self.world = World()
        event = self.world.event
        self.players = [
            Player(event, PlayerId(f"p-{number:04}"), f"Player {number}", None, 0)
            for number in range(player_count)
        ]
        event.players |= {player.id: player for player in self.players}
        self.feed = event.feeds[SPRINT]
        self.truth: dict[int, tuple[int, int]] = {}

    def score(self, number: int, score: int, time_ms: int = 0) -> None:
        """Set a player's points; 0 takes the standing away."""
        player = self.players[number]
        self.world.event.standings[SPRINT].put(RunId(f"run-{number:04}"), player.id, score, time_ms)
        self.truth.pop(number, None)
        if score:
            self.truth[number] = (score, time_ms)
        self.feed.touch()

    def publish(self) -> None:
        self.world.pass_ms(500)

    @property
    def pages(self) -> Any:
        return self.world.arena._watchers._pages[self.feed]

    def listed(self) -> list[tuple[int, str, int]]:
        """Rank, player and points of everybody, by sorting."""
        order = self._order()
        ahead = [(-score, time_ms) for score, time_ms in self.truth.values()]
        return [
            (
                1 + sum(other < (-self.truth[each][0], self.truth[each][1]) for other in ahead),
                self.players[each].id,
                self.truth[each][0],
            )
            for each in order
        ]

    def expected(self, number: int) -> list[tuple[int, str, int]]:
        """The podium, and a player with their neighbours."""
        order = self._order()
        own = order.index(number) if number in self.truth else -100
        return [
            row for place, row in enumerate(self.listed()) if place < 3 or abs(place - own) <= AROUND_COUNT
        ]

    def _order(self) -> list[int]:
        return sorted(self.truth, key=lambda each: (-self.truth[each][0], self.truth[each][1], each))
