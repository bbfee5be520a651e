"""`crowd`: plays a whole festival against a server, and proves that what thousands of screens showed was true.

A *scenario* (`scenario`, `scenarios`) says who comes, when, and what they do. A *plan* (`plan`) is what becomes of it with
a seed: every person by name, the same for any number of workers. *Workers* (`worker`) let their share of people live
(`people`) on lean sockets (`line`) and count what happens (`metrics`, `histogram`, `tally`). The *conductor* (`conductor`)
gathers it, and when all is quiet the *oracles* (`oracles`) hold what everybody saw against each other. What comes out is
one document (`result`) with a `verdict`.
"""
