"""Print every figure, one JSON line each: `python -m knack_loadtest.bench`."""

import sys
from itertools import chain

from knack_loadtest.bench import proof, rules


def main() -> None:
    """Measure and print; each line appears as soon as it is known."""
    for figure in chain(rules.figures(), proof.figures()):
        sys.stdout.write(figure.line() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
