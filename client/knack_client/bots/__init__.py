"""Bots: what to swap (`policies`), how long to think (`pace`), both under a name (`skills`), and playing so (`playing`).

Policies and paces are pure: they draw from a `random.Random` that they are given, so that a bot with a seed does the same
again on the same board.
"""
