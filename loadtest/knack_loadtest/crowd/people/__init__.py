"""The people of a crowd: one module a kind. Each is a coroutine that lives one person's evening on a `Stage`.

`player`, `watcher`, `moderator`, `heats` (a moderator who calls them), `visitor` and `cheat` live; `lobby` is how players come to
a heat, `programs` plays in a person's place, `attempts` is the table of what cheats try, `concerns` of what visitors write;
`lives` says which coroutine belongs to which part of a scenario.
"""
