"""The people of a crowd: one module a kind. Each is a coroutine that lives one person's evening on a `Stage`.

`player`, `watcher`, `moderator`, `visitor` and `cheat` live; `attempts` is the table of what cheats try, `concerns` of
what visitors write; `lives` says which coroutine belongs to which kind of a plan.
"""
