import json
from pathlib import Path

import pytest

from knack_loadtest.bench.client.dialects import BOARD_BYTES, Colyseus, Knack, Plain, Snapshots, Stamp
from knack_loadtest.bench.client.frames import cut
from knack_protocol.wire.codec import decode_command
from knack_protocol.wire.messages import Hello, View, Watch

VECTORS = Path(__file__).parents[4] / "protocol" / "vectors" / "wire"


def board(number: int) -> bytes:
    return number.to_bytes(8, "big") + bytes(BOARD_BYTES - 8)


@pytest.mark.parametrize("before", [b"", b"\x11\xa1b"])
def test_a_peers_board_carries_its_number(before: bytes) -> None:
    assert Plain().stamp(before + board(7)) == Stamp(6, 7)
    assert Colyseus().stamp(before + board(1)) == Stamp(0, 1)


def test_what_is_shorter_than_a_board_is_none() -> None:
    assert Plain().stamp(b"e" * 60) is None
    assert Snapshots().stamp(bytes(4000)) == Stamp(-1, 0)


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.json")), ids=lambda path: path.stem)
def test_the_place_of_our_messages_is_read_as_the_wire_says(path: Path) -> None:
    vector = json.loads(path.read_text())
    message = vector["message"]

    stamp = Knack().stamp(bytes.fromhex(vector["hex"]))

    match message["type"]:
        case "SNAPSHOT":
            assert stamp == Stamp(-1, message["version"])
        case "DELTA":
            assert stamp == Stamp(message["from"], message["from"] + message["steps"])
        case _:
            assert stamp is None


def test_a_subscriber_of_ours_says_hello_and_watches_from_nothing() -> None:
    greeting = Knack(view=View.OWN).greeting()
    unmasked = greeting.replace(bytes(4), b"", 1)

    hello, _, watch = unmasked.partition(b"\x82")[2].partition(b"\x82")
    commands = [decode_command(part[1:].removeprefix(bytes(4))) for part in (hello, watch)]

    assert isinstance(commands[0], Hello)
    assert isinstance(commands[1], Watch)
    assert (commands[1].view, commands[1].epoch, commands[1].version) == (View.OWN, 0, 0)
    assert cut(b"") == ([], b"")
