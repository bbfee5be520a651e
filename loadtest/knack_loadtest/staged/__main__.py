"""Write the golden bundles anew: `python -m knack_loadtest.staged protocol/vectors/proof`."""

import sys
from pathlib import Path

from knack_loadtest.staged.vectors import files


def main() -> None:
    """Write every file into the folder given, and nothing else."""
    folder = Path(sys.argv[1])
    for name, data in files().items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
