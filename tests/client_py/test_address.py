"""Whatever form of a server's address a person has, the client finds the socket and the pages."""

import pytest

from knack_client.address import Address


@pytest.mark.parametrize(
    "url",
    [
        "ws://10.0.0.7:8000",
        "ws://10.0.0.7:8000/ws",
        "http://10.0.0.7:8000",
        "http://10.0.0.7:8000/",
        "http://10.0.0.7:8000/e/fair/screen",
    ],
)
def test_plain_addresses_lead_to_the_same_server(url: str) -> None:
    assert Address.parse(url) == Address("ws://10.0.0.7:8000/ws", "http://10.0.0.7:8000")


@pytest.mark.parametrize("url", ["wss://play.example", "https://play.example/screen"])
def test_secure_addresses_stay_secure(url: str) -> None:
    assert Address.parse(url) == Address("wss://play.example/ws", "https://play.example")


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://play.example", "ws://", "file:///etc/hosts"])
def test_anything_else_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(ValueError, match=r"ws://127\.0\.0\.1:8000"):
        Address.parse(url)
