"""The server that a crowd is let loose on: found, asked what it is, and refused where it might be a stranger's.

Loopback and private addresses may be tested by whoever can reach them. Anything else has to agree itself: the event that
is named must be a rehearsal, which only its organiser can make (`/api/event` says so).
"""

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from socket import AF_UNSPEC, SOCK_STREAM, gaierror
from typing import Any, Final
from urllib.parse import urlsplit

from knack_client.address import Address
from knack_client.api import Api
from knack_client.errors import HttpError, Unreachable

REHEARSAL: Final = "rehearsal"


class TargetError(Exception):
    """The target cannot be had, or must not be tested; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server that may be tested."""

    address: Address
    event: str
    title: str
    version: str
    courses: tuple[str, ...]
    is_rehearsal: bool
    is_near: bool
    """Whether it is on loopback or in a private network."""


async def find(url: str, event: str) -> Target:
    """Ask a server what it is.

    Raises:
        TargetError: it does not answer, has no such event, or is somebody else's.
    """
    try:
        address = Address.parse(url)
    except ValueError as wrong:
        raise TargetError(str(wrong)) from None
    is_near = await _is_near(address)
    try:
        told: dict[str, Any] = await Api(address.http, event).get("/api/event")
    except Unreachable as failed:
        raise TargetError(str(failed)) from failed
    except HttpError as refused:
        raise TargetError(f"{address.http} has no event {event or '(current)'}: {refused}") from refused
    is_rehearsal = told.get("kind") == REHEARSAL
    if not is_near and not is_rehearsal:
        raise TargetError(
            f"{address.http} is neither on this machine nor in a private network, and its event {told['event']} is no "
            "rehearsal: only servers that agree may be tested"
        )
    courses = tuple(str(course["name"]) for course in told["courses"])
    return Target(
        address, str(told["event"]), str(told["title"]), str(told["version"]), courses, is_rehearsal, is_near
    )


async def _is_near(address: Address) -> bool:
    parts = urlsplit(address.http)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, parts.port, family=AF_UNSPEC, type=SOCK_STREAM
        )
    except gaierror as failed:
        raise TargetError(f"there is no host {parts.hostname}: {failed}") from failed
    return all(_is_near_address(str(entry[4][0])) for entry in found)


def _is_near_address(text: str) -> bool:
    """Tell whether an address belongs to this machine or to a network that the world cannot reach.

    `ip_address.is_private` holds for more than that, such as addresses for documentation.
    """
    found = ip_address(text.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return found.is_loopback or found.is_link_local or (found.is_private and not found.is_unspecified)
