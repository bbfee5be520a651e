import pytest

from knack_protocol.ids import EventId
from knack_protocol.proof import signing
from knack_protocol.proof.signing import Signer

# RFC 8032, section 7.1, test 2.
PRIVATE = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_signatures_are_those_of_the_rfc() -> None:
    signer = Signer(PRIVATE)
    assert signer.key.hex() == KEY
    assert signer.sign(b"\x72").hex() == SIGNATURE
    assert signing.is_signed(signer.key, b"\x72", bytes.fromhex(SIGNATURE))


@pytest.mark.parametrize("place", [0, 31, 32, 63])
def test_a_changed_signature_text_or_key_is_no_signature(place: int) -> None:
    key, signature = bytes.fromhex(KEY), bytearray.fromhex(SIGNATURE)
    assert not signing.is_signed(key, b"\x73", bytes(signature))
    assert not signing.is_signed(bytes(32), b"\x72", bytes(signature))
    assert not signing.is_signed(key[:31], b"\x72", bytes(signature))
    signature[place] ^= 1
    assert not signing.is_signed(key, b"\x72", bytes(signature))


def test_a_fingerprint_is_short_enough_for_a_poster() -> None:
    digits = signing.fingerprint(bytes.fromhex(KEY))
    assert digits == "39f713d0a644253f04529421b9f51b9b"
    assert signing.grouped(digits) == "39f7 13d0 a644 253f 0452 9421 b9f5 1b9b"


def test_what_is_signed_of_results_is_the_text_of_the_rules() -> None:
    event = EventId("demo")
    text = signing.results_text(event, "h1", 2, b"\1" * 32, 1_700_000_000_000, b"\2" * 32)
    assert text == f"m3/1 results\ndemo/h1\n2\n{'01' * 32}\n1700000000000\n{'02' * 32}\n".encode()
    text = signing.results_text(event, "", 0, b"\1" * 32, 0, b"")
    assert text == f"m3/1 results\ndemo/\n0\n{'01' * 32}\n0\n\n".encode()


def test_no_text_for_one_purpose_passes_for_another() -> None:
    event = EventId("demo")
    texts = {
        signing.results_text(event, "h1", 1, bytes(32), 0, b""),
        signing.acts_text(event, 1, bytes(32)),
        signing.bundle_text(event, "heat", bytes(32)),
    }
    assert len({text.split(b"\n")[0] for text in texts}) == 3


def test_a_private_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32"):
        Signer(bytes(31))
