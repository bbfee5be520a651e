"""Make sure that programs which are no Python packages are on this machine: `need.py node chromium`.

Says in one line what is missing and which command installs it. Chromium is installed here and now if that is allowed
without asking for a password, because the browser tests run nowhere without it.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """A program that something here does not work without."""

    program: str
    package: str
    """Of Debian."""
    purpose: str
    major_min: int = 0
    """Lowest major version that will do."""
    may_install: bool = False


NEEDS = {
    need.program: need
    for need in (
        Need("node", "nodejs", "the JavaScript tests need Node 20 or newer", major_min=20),
        Need("chromium", "chromium", "the browser tests need Chromium", may_install=True),
    )
}


def main(programs: list[str]) -> int:
    """Check the programs named, and return the exit code."""
    missing = [need for need in map(NEEDS.__getitem__, programs) if not is_here(need) and not install(need)]
    for need in missing:
        found = f" (found {version(need)})" if shutil.which(need.program) else ""
        line = f"knackpunkt: {need.purpose}{found}; install it with: sudo apt-get install {need.package}"
        print(line, file=sys.stderr)
    return 1 if missing else 0


def is_here(need: Need) -> bool:
    """Tell whether the program is on the path and new enough."""
    if shutil.which(need.program) is None:
        return False
    major = re.search(r"[0-9]+", version(need)) if need.major_min else None
    return not need.major_min or (major is not None and int(major[0]) >= need.major_min)


def version(need: Need) -> str:
    """Return what the program says of its version."""
    return subprocess.run(
        [need.program, "--version"], capture_output=True, text=True, check=False
    ).stdout.strip()


def install(need: Need) -> bool:
    """Install the program from Debian if that is allowed; tell whether it is here then."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not need.may_install or not all(map(shutil.which, ["apt-get", *as_root[:1]])):
        return False
    if as_root and subprocess.run([*as_root, "true"], capture_output=True, check=False).returncode:
        return False
    print(f"knackpunkt: installing {need.package} from Debian, because {need.purpose}")
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", need.package]):
        subprocess.run([*apt, *command], stdout=subprocess.DEVNULL, check=False)
    return is_here(need)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
