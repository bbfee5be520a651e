"""Clients of a Knackpunkt server in Python: players, watchers, desks, and bots of several skills.

`Player`, `Watcher` and `Desk` are async context managers that come back by themselves when a connection ends; `bots`
plays. Beneath them, from the bottom: `connection` (one socket), `link` (one after another), `feed` (standings that
follow), `run` and `mirror` (a run, and the copy of it that checks every receipt). `errors` holds all that can go wrong.
"""

from knack_client.desk import Desk
from knack_client.player import Player
from knack_client.run import Run
from knack_client.standings import Standings
from knack_client.watcher import Watcher

__all__ = ["Desk", "Player", "Run", "Standings", "Watcher"]
