"""Print every figure, one JSON line each: `python -m knack_loadtest.bench --help` says what can be asked for."""

from knack_loadtest.bench.command import main

main()
