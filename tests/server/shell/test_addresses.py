"""Which addresses are printed at start, and what the QR code says."""

import socket
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import psutil
import pytest
import segno

from knack_server.shell.addresses import join_url, local_url, qr_svg, reachable_urls

SVG = "{http://www.w3.org/2000/svg}"

INTERFACES = {
    "lo": ["127.0.0.1", "::1"],
    "docker0": ["172.17.0.1"],
    "eth0": ["203.0.114.7", "2a01:4f8::7", "fe80::1%eth0"],
    "wlan0": ["192.168.178.20", "fd00::20", "169.254.3.4"],
    "eth1": ["10.0.0.5"],
}


@pytest.fixture
def _interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop with everything: a public line, the hall's network, containers, and one cable that is not plugged in."""

    def entry(address: str) -> SimpleNamespace:
        return SimpleNamespace(family=socket.AF_INET6 if ":" in address else socket.AF_INET, address=address)

    addresses = {name: [entry(address) for address in all_] for name, all_ in INTERFACES.items()}
    for entries in addresses.values():
        entries.append(SimpleNamespace(family=psutil.AF_LINK, address="00:00:00:00:00:00"))
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: addresses)
    monkeypatch.setattr(
        psutil, "net_if_stats", lambda: {name: SimpleNamespace(isup=name != "eth1") for name in INTERFACES}
    )


@pytest.mark.usefixtures("_interfaces")
def test_listening_everywhere_names_the_hall_network_first_and_containers_last() -> None:
    assert reachable_urls("0.0.0.0", 8000) == [
        "http://192.168.178.20:8000",
        "http://203.0.114.7:8000",
        "http://172.17.0.1:8000",
    ]


@pytest.mark.usefixtures("_interfaces")
def test_listening_on_both_protocols_names_both() -> None:
    assert reachable_urls("::", 8000) == [
        "http://192.168.178.20:8000",
        "http://[fd00::20]:8000",
        "http://203.0.114.7:8000",
        "http://[2a01:4f8::7]:8000",
        "http://172.17.0.1:8000",
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8", "fe80::1"])
def test_what_listens_on_this_computer_only_is_reachable_from_nowhere(host: str) -> None:
    assert reachable_urls(host, 8000) == []
    assert join_url(None, host, 8000) is None


def test_listening_on_one_address_names_that_one() -> None:
    assert reachable_urls("192.168.178.20", 8000) == ["http://192.168.178.20:8000"]
    assert reachable_urls("2a01:4f8::7", 80) == ["http://[2a01:4f8::7]"]


def test_a_name_nobody_knows_is_reachable_from_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_named: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert reachable_urls("knack-pi.local", 8000) == []


@pytest.mark.usefixtures("_interfaces")
def test_players_are_told_the_public_address_before_any_other() -> None:
    assert join_url("https://knack.example", "0.0.0.0", 8000) == "https://knack.example"
    assert join_url("https://knack.example", "127.0.0.1", 8000) == "https://knack.example"
    assert join_url(None, "0.0.0.0", 8000) == "http://192.168.178.20:8000"


def test_this_computer_has_its_own_address() -> None:
    assert local_url("0.0.0.0", 8000) == "http://127.0.0.1:8000"
    assert local_url("::", 8000) == "http://[::1]:8000"
    assert local_url("192.168.178.20", 80) == "http://192.168.178.20"


def test_the_code_is_black_on_white_with_a_quiet_zone_of_four() -> None:
    url = "http://192.168.178.20:8000"
    drawn = ET.fromstring(qr_svg(url))
    modules = len(segno.make_qr(url, error="m").matrix)
    background, dark = drawn.iter(f"{SVG}path")

    assert drawn.get("viewBox") == f"0 0 {modules + 8} {modules + 8}"
    assert background.attrib == {"fill": "#fff", "d": f"M0 0h{modules + 8}v{modules + 8}h-{modules + 8}z"}
    assert dark.get("stroke") == "#000"
    assert dark.get("d", "").startswith("M4 4.5h7")


def test_the_code_needs_no_inline_style_that_a_strict_page_forbids() -> None:
    drawn = qr_svg("https://knack.example")

    assert b"style" not in drawn
    assert b"<script" not in drawn
    assert b"<!DOCTYPE" not in drawn
