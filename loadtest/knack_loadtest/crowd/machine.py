"""What this machine can carry: files, ports and memory, counted before the first connection is made."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from knack_loadtest.crowd.innocence import raise_descriptors
from knack_loadtest.crowd.plan import Plan, forecast

SPARE_DESCRIPTORS: Final = 200
"""Files that a process needs beside its sockets."""

SOURCES_COUNT: Final = 8
"""Loopback addresses that lines come from (`conductor.SOURCES`)."""

BYTES_A_CLIENT: Final = 60_000
"""Memory of the tester for each client, some of it in the kernel; measured."""

_PORTS: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_SOMAXCONN: Final = Path("/proc/sys/net/core/somaxconn")
_USUAL_PORTS: Final = (32_768, 60_999)
_CROWDED: Final = 0.8
"""A share of ports beyond which connecting slows down: the kernel searches for free ones."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """Something of which there is too little."""

    what: str
    needed: int
    there: int
    remedy: str


def ports() -> int:
    """Return how many ports one address has for outgoing connections to one server."""
    try:
        least, most = map(int, _PORTS.read_text().split())
    except (OSError, ValueError):
        least, most = _USUAL_PORTS
    return most - least + 1


def backlog() -> int | None:
    """Return how many connections the kernel holds for a server that has not taken them yet; None where unknown."""
    try:
        return int(_SOMAXCONN.read_text())
    except (OSError, ValueError):
        return None


def time_waits() -> int | None:
    """Return how many connections of the past still hold their port; None where that cannot be seen."""
    try:
        return sum(entry.status == psutil.CONN_TIME_WAIT for entry in psutil.net_connections("tcp"))
    except (psutil.Error, OSError):
        return None


def descriptors_needed(sockets: int) -> int:
    """Return how many files the busiest process opens: the server, which may be our own, has all sockets at its end."""
    return sockets + SPARE_DESCRIPTORS


def shortages(plan: Plan) -> list[Shortage]:
    """Raise what may be raised, and return what is still too little for a plan."""
    sockets = forecast(plan).sockets
    there, hard = raise_descriptors()
    found = []
    needed = descriptors_needed(sockets)
    if needed > there:
        remedy = "Raise the hard limit (ulimit -Hn)." if there == hard else "Raise the limit (ulimit -n)."
        found.append(Shortage("open files", needed, there, remedy))
    room = int(ports() * SOURCES_COUNT * _CROWDED)
    if sockets > room:
        found.append(Shortage("ports", sockets, room, "Widen net.ipv4.ip_local_port_range."))
    memory = psutil.virtual_memory().available
    if sockets * BYTES_A_CLIENT > memory:
        found.append(Shortage("bytes of memory", sockets * BYTES_A_CLIENT, memory, "Close something."))
    return found
