"""Which coroutine lives which kind of person."""

from collections.abc import Awaitable, Callable
from typing import Final

from knack_loadtest.crowd.people import cheat, heats, moderator, player, visitor, watcher
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person
from knack_loadtest.crowd.scenario.model import Cheats, Heats, Moderators, Players, Visitors, Watchers

LIVES: Final[dict[type, Callable[[Stage, Person], Awaitable[None]]]] = {
    Players: player.live,
    Watchers: watcher.live,
    Moderators: moderator.live,
    Visitors: visitor.live,
    Cheats: cheat.live,
    Heats: heats.live,
}
"""By the part of a scenario that they come from."""
