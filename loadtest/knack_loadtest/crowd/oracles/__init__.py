"""What has to be true when all is over: one module a family of oracles, each a pure function of the evidence.

`TABLE` lists them; `judge` asks them all. An oracle that could not look says so and is never counted as held.
"""
