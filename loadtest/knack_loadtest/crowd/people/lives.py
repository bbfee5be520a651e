"""Which coroutine lives which kind of person."""

from collections.abc import Awaitable, Callable
from typing import Final

from knack_loadtest.crowd.people import cheat, moderator, player, visitor, watcher
from knack_loadtest.crowd.people.stage import Stage
from knack_loadtest.crowd.plan import Person

LIVES: Final[dict[str, Callable[[Stage, Person], Awaitable[None]]]] = {
    "players": player.live,
    "watchers": watcher.live,
    "moderators": moderator.live,
    "visitors": visitor.live,
    "cheats": cheat.live,
}
