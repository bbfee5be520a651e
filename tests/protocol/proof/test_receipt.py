import pytest
from hypothesis import given
from hypothesis import strategies as st

from knack_protocol.ids import ID_ALPHABET, EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import receipt
from knack_protocol.proof.form import Malformed
from knack_protocol.proof.receipt import RECEIPT_LENGTH_MAX, Receipt
from knack_protocol.proof.signing import Signer, fingerprint_bytes

SIGNER = Signer(bytes(range(32, 64)))
ID = st.text(sorted(ID_ALPHABET), min_size=1, max_size=32)


def given_out(heat: str = "h1") -> str:
    names = EventId("demo"), HeatId(heat), RunId("run-7"), PlayerId("p1")
    return receipt.sign(*names, 4711, 99, bytes(range(32)), SIGNER)


def test_a_receipt_comes_back_and_is_genuine() -> None:
    text = given_out()
    assert receipt.parse(text) == Receipt(
        EventId("demo"),
        HeatId("h1"),
        RunId("run-7"),
        PlayerId("p1"),
        4711,
        99,
        bytes(range(32)),
        fingerprint_bytes(SIGNER.key),
    )
    assert receipt.is_genuine(text, SIGNER.key)
    assert not receipt.is_genuine(text, Signer(bytes(32)).key)


def test_in_open_play_the_heat_is_empty() -> None:
    text = given_out(heat="")
    assert text.startswith("knack-receipt-1.demo..run-7.p1.4711.99.")
    assert receipt.parse(text).heat == ""


@given(
    ID, ID, ID, ID, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(min_size=32, max_size=32)
)
def test_the_longest_receipt_still_fits(
    event: str, heat: str, run: str, player: str, score: int, count: int, head: bytes
) -> None:
    names = EventId(event), HeatId(heat), RunId(run), PlayerId(player)
    text = receipt.sign(*names, score, count, head, SIGNER)
    assert len(text) <= RECEIPT_LENGTH_MAX
    assert receipt.parse(text) == Receipt(*names, score, count, head, fingerprint_bytes(SIGNER.key))


def test_no_character_of_a_receipt_can_be_another_one() -> None:
    text = given_out()
    for place in range(len(text)):
        for other in "0Aa.-_ é":
            changed = text[:place] + other + text[place + 1 :]
            assert changed == text or not receipt.is_genuine(changed, SIGNER.key)


@pytest.mark.parametrize(
    "text",
    ["", "knack-receipt-1", "knack-receipt-1." + "." * 8, given_out() + ".", given_out() + "=", given_out() + " ",
     given_out().replace("4711", "04711"), given_out().replace("4711", "٤"), given_out().replace("4711", "4294967296"),
     given_out().replace("run-7", ""), given_out().replace("demo", "DEMO"), "x" * 100_000],
)  # fmt: skip
def test_what_is_no_receipt_is_malformed_and_never_genuine(text: str) -> None:
    with pytest.raises(Malformed, match="no receipt"):
        receipt.parse(text)
    assert not receipt.is_genuine(text, SIGNER.key)


@given(st.text(max_size=400))
def test_any_text_gets_an_answer(text: str) -> None:
    assert not receipt.is_genuine(text, SIGNER.key)


def test_a_last_character_with_stray_bits_is_not_the_same_receipt() -> None:
    """Base64 leaves bits over in its last character; two texts must never be one receipt."""
    text = given_out()
    assert text[-1] in "AQgw"
    assert not receipt.is_genuine(text[:-1] + "B", SIGNER.key)
