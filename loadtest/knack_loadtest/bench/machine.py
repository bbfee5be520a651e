"""What a process has cost so far, and on what machine: /proc, and nothing else."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SERVER_CORE: Final = 0
CLIENT_CORE: Final = 1

_PROC: Final = Path("/proc")
_NS_PER_S: Final = 1_000_000_000
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> Iterator[int]:
    """Yield a process and all that it has started and that is still there."""
    yield pid
    for task in (_PROC / str(pid) / "task").glob("*"):
        try:
            children = (task / "children").read_text()
        except OSError:  # the thread has just ended
            continue
        for child in children.split():
            yield from family(int(child))


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process, its threads and its children.

    The kernel counts them in ns for each thread (`schedstat`, the first number): the same count that utime + stime of
    `stat` show in hundredths of a second. Threads that have ended are in `stat` alone, so the larger one is right.
    """
    return sum(max(_exact_s(member), _ticks_s(member)) for member in family(pid))


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and its children."""
    page_bytes = os.sysconf("SC_PAGE_SIZE")
    return sum(
        int((_PROC / str(member) / "statm").read_text().split()[1]) * page_bytes for member in family(pid)
    )


def unsent_bytes(port: int) -> int:
    """Return what the kernel keeps for the connections of a server on this port of 127.0.0.1 and could not deliver yet."""
    ending = f":{port:04X}"
    queued = 0
    for line in (_PROC / "net" / "tcp").read_text().splitlines()[1:]:
        _, local, _, _, queues, *_ = line.split()
        if local.endswith(ending):
            queued += int(queues.split(":")[0], 16)
    return queued


def kind() -> str:
    """Return the machine in one line: cores, processor, kernel, Python."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in (_PROC / "cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    kernel = ".".join(platform.release().split(".")[:2])
    return (
        f"{os.cpu_count()} cores ({model}, {platform.machine()}), Linux {kernel}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def load() -> float:
    """Return how many processes have wanted a core during the last minute."""
    return os.getloadavg()[0]


def _exact_s(pid: int) -> float:
    total = 0
    for task in (_PROC / str(pid) / "task").glob("*"):
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except OSError:
            continue
    return total / _NS_PER_S


def _ticks_s(pid: int) -> float:
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
