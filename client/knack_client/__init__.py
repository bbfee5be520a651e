"""Clients of a Knackpunkt server in Python: players, watchers, desks, and bots of several skills."""
