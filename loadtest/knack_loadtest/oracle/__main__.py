"""Complete a vector: `python -m knack_loadtest.oracle < run.json > vector.json` adds what the rules make of it."""

import json
import sys

from knack_loadtest.oracle.vectors import expectation


def main() -> None:
    """Read a vector without its `expect`, write it with one."""
    document = json.load(sys.stdin)
    document["expect"] = expectation(document)
    json.dump(document, sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
