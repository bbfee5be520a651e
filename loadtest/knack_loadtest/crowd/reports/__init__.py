"""What stays of a run: reports made of its `result.json` and of nothing else, one pure function a format.

Nothing in here opens a connection, reads a clock or looks at the machine it runs on: the same result gives the same bytes.
"""
