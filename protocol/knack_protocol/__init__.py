"""What two strangers must agree on: the rules, the wire and the proof.

Nothing in here does input or output, reads a clock or draws a random number: everything comes in as an argument, so
server, clients, bots and verifiers all hold the same law. Start reading with `rules.run`.
"""
