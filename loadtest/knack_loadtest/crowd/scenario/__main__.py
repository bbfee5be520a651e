"""`python -m knack_loadtest.crowd.scenario` prints the JSON schema of scenarios."""

import json
import sys

from knack_loadtest.crowd.scenario.schema import scenario_schema


def main() -> None:
    """Print it."""
    sys.stdout.write(json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
