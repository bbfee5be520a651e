"""The server that a crowd is let loose on: found, asked what it is, and refused where it might be a stranger's.

Loopback and private addresses may be tested by whoever can reach them. Anything else has to agree itself: the event must
be a rehearsal, which only who has the server's desk can open (`/api/event` says so). With a desk token a crowd opens one of
its own, and deletes it whole when it has seen enough.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_address
from socket import AF_UNSPEC, SOCK_STREAM, gaierror
from typing import Any, Final
from urllib.parse import urlsplit

from knack_client.address import Address
from knack_client.api import Api
from knack_client.errors import HttpError, KnackClientError, Unreachable

REHEARSAL: Final = "rehearsal"
REHEARSALS: Final = "/api/desk/rehearsals"


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
    is_own: bool = False
    """Whether the event is a rehearsal that was opened for this crowd alone."""


@asynccontextmanager
async def visited(
    url: str, event: str, desk_token: str, title: str, warn: Callable[[str], None]
) -> AsyncIterator[Target]:
    """Find a server, and the event to play in: the one that is named, or a rehearsal for the length of the context.

    Without an event and without a desk token it is the current event. `title` is what the rehearsal is called; `warn` is
    told when it had to be left behind.

    Raises:
        TargetError: as `find`; or it opens no rehearsal.
    """
    if event or not desk_token:
        yield await find(url, event)
        return
    address = _address(url)
    desk = Api(address.http, token=desk_token)
    opened = await _open(desk, address, title)
    try:
        yield replace(await find(url, opened), is_own=True)
    finally:
        try:
            await desk.delete(f"{REHEARSALS}/{opened}")
        except KnackClientError as failed:
            warn(
                f"the rehearsal {opened} is left behind on {address.http} ({failed}): `knackpunkt event delete {opened}` "
                "removes it, and after six hours it goes by itself"
            )


async def _open(desk: Api, address: Address, title: str) -> str:
    try:
        return str((await desk.post(REHEARSALS, {"title": title}))["event"])
    except Unreachable as failed:
        raise TargetError(str(failed)) from failed
    except HttpError as refused:
        raise TargetError(f"{address.http} opens no rehearsal: {refused}") from refused


def _address(url: str) -> Address:
    try:
        return Address.parse(url)
    except ValueError as wrong:
        raise TargetError(str(wrong)) from None


async def find(url: str, event: str) -> Target:
    """Ask a server what it is.

    Raises:
        TargetError: it does not answer, has no such event, or is somebody else's.
    """
    address = _address(url)
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
