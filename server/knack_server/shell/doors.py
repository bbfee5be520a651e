"""Who is let in at the port: how many connections there may be at once, in all and from one address.

A connection is counted from the moment the kernel hands it over until it is gone, whatever it is used for. What is over a
ceiling gets no parser and no state: it stands at the door until its first bytes come, or for `AT_DOOR_S`, and is answered
503 with `Retry-After`; only `/healthz` is answered as ever. To answer it at once would not do: closed with a request still
unread, a connection is reset, and nobody reads why.

Rates of messages are counted by session, never by address: a hall may well stand behind one address, and so the ceilings
of an address are as wide as a hall.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple

from knack_server.core.ratelimit import TokenBucket

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address, IPv4Network, IPv6Network

    from knack_server.shell.clock import Clock
    from knack_server.shell.meters import Meters

AT_DOOR_S = 2
"""How long somebody who is not let in has to say what they came for: a browser has it said at once."""

AT_DOOR_MAX = 64
"""How many may stand at the door; further ones are answered unheard."""

FILES_RESERVED = 256
"""Files that are no connections: the store's, those being served, the control socket, the door, some air."""

FULL_WAIT_S = 10
"""When to come back if there is no room: by then somebody's page has been closed, or an idle request let go."""

CALLERS_KEPT = 4096
"""Addresses whose rate is remembered before the first look for those that need not be any more."""

_IPV6_SITE_BITS = 64
"""One customer gets so much of an IPv6 address for himself, and may write what he likes behind it (RFC 6177)."""


class Ceilings(NamedTuple):
    """How many connections there may be."""

    connections_max: int
    address_connections_max: int
    """Also how many may come at once from one address: all of a hall, after a restart."""
    address_per_s: int
    """How many may come from one address, on average."""


class Caller:
    """An address, and how many connections it has."""

    __slots__ = ("bucket", "connections_count", "key")

    def __init__(self, key: str, bucket: TokenBucket) -> None:
        self.key = key
        self.bucket = bucket
        self.connections_count = 0


class Refusal(NamedTuple):
    """Why a connection is not let in."""

    full: str
    """What was full: `house`, `address` or `rate`."""
    wait_s: int


class Doors:
    """Counts who comes and goes at one server's port.

    Args:
        proxies: Addresses and networks that are believed when they say for whom they speak.
    """

    def __init__(self, ceilings: Ceilings, clock: Clock, meters: Meters, proxies: Iterable[str] = ()) -> None:
        self.ceilings = ceilings
        self.connections_count = 0
        self.at_door_count = 0
        self._clock = clock
        self._meters = meters
        self._proxies: list[IPv4Network | IPv6Network] = [ip_network(each) for each in proxies]
        self._callers: dict[str, Caller] = {}
        self._forget_at = CALLERS_KEPT

    def enter(self, address: str) -> Caller | Refusal | None:
        """Let a connection from an address in, or say why not; None stands for a proxy, whose callers are named later."""
        if self.connections_count >= self.ceilings.connections_max:
            return self._refuse("house", FULL_WAIT_S)
        caller = None
        if not self._is_proxy(address):
            caller = self._count(address)
            if isinstance(caller, Refusal):
                return caller
        self.connections_count += 1
        return caller

    def enter_through_proxy(self, forwarded_for: str) -> Caller | Refusal | None:
        """Let the WebSocket of somebody behind a proxy in; None where the proxy does not say who it is."""
        for text in reversed(
            forwarded_for.split(",")
        ):  # each proxy adds to the right; what is left of it may be made up
            address = text.strip()
            if not _is_address(address):
                return None
            if not self._is_proxy(address):
                return self._count(address)
        return None

    def leave(self, caller: Caller | None) -> None:
        """Let a connection go that was let in."""
        self.connections_count -= 1
        if caller is not None:
            caller.connections_count -= 1

    def _count(self, address: str) -> Caller | Refusal:
        now_ms = self._clock.now().ms
        caller = self._caller(caller_key(address), now_ms)
        if caller.connections_count >= self.ceilings.address_connections_max:
            return self._refuse("address", FULL_WAIT_S)
        wait_ms = caller.bucket.take(now_ms)
        if wait_ms:
            return self._refuse("rate", 1 + wait_ms // 1000)
        caller.connections_count += 1
        return caller

    def _caller(self, key: str, now_ms: int) -> Caller:
        caller = self._callers.get(key)
        if caller is None:
            if len(self._callers) >= self._forget_at:
                self._forget(now_ms)
            bucket = TokenBucket(self.ceilings.address_per_s, self.ceilings.address_connections_max)
            caller = self._callers[key] = Caller(key, bucket)
        return caller

    def _forget(self, now_ms: int) -> None:
        """Forget who has gone and whose bucket is full again; the next look comes when twice as many are left."""
        self._callers = {
            key: caller
            for key, caller in self._callers.items()
            if caller.connections_count or not caller.bucket.is_full(now_ms)
        }
        self._forget_at = max(CALLERS_KEPT, 2 * len(self._callers))

    def _is_proxy(self, address: str) -> bool:
        return bool(self._proxies) and any(_plain(address) in network for network in self._proxies)

    def _refuse(self, full: str, wait_s: int) -> Refusal:
        self._meters.refusals[full] += 1
        return Refusal(full, wait_s)


def caller_key(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the site that an IPv6 address belongs to."""
    if ":" not in address:
        return address
    plain = _plain(address)
    return str(ip_network((plain, _IPV6_SITE_BITS), strict=False)) if plain.version == 6 else str(plain)


def _plain(address: str) -> IPv4Address | IPv6Address:
    """Read an address as the kernel writes it: with the interface behind it, or IPv4 in the clothes of IPv6."""
    plain = ip_address(address.partition("%")[0])
    return (plain.ipv4_mapped or plain) if isinstance(plain, IPv6Address) else plain


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
