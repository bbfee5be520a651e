"""The Knackpunkt server: `core` decides, `shell` does, `store` remembers, `app` builds them once.

Start reading with `app`, then follow a move: `shell.socket` -> `core.arena` -> `core.play` -> `shell.performer`.
"""

__version__ = "0.1.0"
