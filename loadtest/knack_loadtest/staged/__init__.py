"""Competitions staged in one process: bots on made clocks, and every secret of the organiser in one hand.

What comes out is published as a server would publish it. Whoever holds a `Stage` has database, master and signing key:
change what happened, publish again, and everything is recomputed and signed anew. So tests stage insiders.
"""
