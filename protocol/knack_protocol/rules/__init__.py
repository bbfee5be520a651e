"""The game `m3/1`, to the byte: what a swap does, what falls next, what a run logs. The text is `protocol/RULES.md`.

From the ground up, one noun a module: `numbers` (every number that may be tuned) and `course` (levels, the rules
file); `board` (64 cells in one integer), `matching` (lines of three and what they pay), `swaps` (which are legal),
`streams` (where tiles come from), `cascade` (a swap resolved); `log` (a run's events and their chain); and on top
`run`, the one authority that server, verifier and bots all call. `replay` walks a stored log again, `vectors` holds
this engine against golden files.
"""
