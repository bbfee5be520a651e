"""The hostile pack: attacks on a server's edge, each with the one answer that is right, while honest people go on playing.

For servers on this machine alone. Every attack is bounded in count and in time and ends by itself. `attacks` is the table;
`enemy` is one connection of an attacker; `hall` are the honest people; `siege` makes the attacks and judges.
"""
