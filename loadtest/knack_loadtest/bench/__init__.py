"""What the house costs, measured and never asserted: `python -m knack_loadtest.bench` prints a JSON line per figure.

Every figure is held against something that runs in the same process at the same time, so that a line means the same on
a laptop and on a server: `ratio` travels, `value` does not.
"""
