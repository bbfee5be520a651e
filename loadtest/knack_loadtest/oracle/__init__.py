"""A second engine for the same rules, written from their text alone: plain lists, no tables, no tricks, no hurry.

It shares no line with `knack_protocol.rules`, and where the two disagree one of them misread RULES.md. Tests hold them
against each other on random runs; a load test asks this one what the server should have answered.

`chance` draws, `board` matches and resolves, `run` judges and logs, `vectors` fills in what a vector file expects.
"""
