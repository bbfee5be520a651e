"""Under which addresses people find the server, and the one that phones are told."""

import io
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

import psutil
import segno

Address = IPv4Address | IPv6Address

_MACHINE_INTERNAL = ("br-", "docker", "lxc", "lxd", "podman", "tap", "vboxnet", "veth", "virbr", "vmnet")
"""Beginnings of the names of interfaces between a machine and its own containers; no phone gets in there, most
likely, so their addresses come last."""


def local_url(host: str, port: int) -> str:
    """Return the address for a browser on this computer."""
    return _url({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104 - asked about, not bound


def reachable_urls(host: str, port: int) -> list[str]:
    """List the addresses under which other devices reach a server that listens on `host`.

    Those of a local network come first, then public ones, each IPv4 before IPv6; loopback and link-local ones, which
    lead nowhere from a phone, are left out. `0.0.0.0` listens on IPv4 only, `::` on both.
    """
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - asked about, not bound
        found = [address for address in _interface_addresses() if host == "::" or address.version == 4]
        return [_url(str(address), port) for address in found]
    return [_url(host, port)] if any(_leads_here(address) for address in _resolve(host)) else []


def join_url(public_url: str | None, host: str, port: int) -> str | None:
    """Return what players type: the public address if one is set, else the likeliest of this machine.

    None when only this computer can join.
    """
    return public_url or next(iter(reachable_urls(host, port)), None)


def qr_svg(url: str) -> bytes:
    """Draw `url` as a QR code: an SVG document that scales, black on white, with the quiet zone of 4 modules.

    Error correction M (15 %): a projector's dust and glare, with modules still large enough for the last row.
    """
    drawn = io.BytesIO()
    segno.make_qr(url, error="m").save(
        drawn, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return drawn.getvalue()


def _url(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}" + ("" if port == 80 else f":{port}")


def _leads_here(address: Address) -> bool:
    return not (
        address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    )


def _resolve(host: str) -> Iterator[Address]:
    """Yield the addresses of an address or a host name; none when the name is unknown."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return
    for *_, (address, *_rest) in found:
        yield ip_address(str(address).partition("%")[0])


def _interface_addresses() -> list[Address]:
    """List this machine's addresses, the likeliest to be reached from a phone first."""
    stats = psutil.net_if_stats()
    ranked: list[tuple[bool, bool, int, Address]] = []
    for interface, addresses in psutil.net_if_addrs().items():
        if interface not in stats or not stats[interface].isup:
            continue
        for entry in addresses:
            if entry.family not in {socket.AF_INET, socket.AF_INET6}:
                continue
            address = ip_address(entry.address.partition("%")[0])
            if _leads_here(address):
                internal = interface.startswith(_MACHINE_INTERNAL)
                ranked.append((internal, not address.is_private, address.version, address))
    return [address for *_, address in sorted(ranked, key=lambda row: row[:3])]
