"""The receipt of a finished run: a signed line of text, short enough for a QR code (PROOF.md, section 6).

The player keeps it, the desk reads it, and neither needs the other's word. It is the organiser's promise that a run with
this end exists; whether a moderator has voided it since, only the acts can say.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from knack_protocol.ids import EventId, HeatId, PlayerId, RunId, is_id
from knack_protocol.proof.form import Malformed
from knack_protocol.proof.signing import FINGERPRINT_BYTES, Signer, fingerprint_bytes, is_signed

RECEIPT_LENGTH_MAX: Final = 330
"""Characters: five ids of 32 at most, two numbers, 112 bytes in base64url; a QR code of version 13 holds them."""

_PREFIX: Final = "knack-receipt-1"
_NUMBER_MAX: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a run ended; `heat` is empty in open play, `key` is the fingerprint of the key that signed, 16 bytes."""

    event: EventId
    heat: HeatId
    run: RunId
    player: PlayerId
    score: int
    event_count: int
    last_hash: bytes
    key: bytes


def sign(
    event: EventId,
    heat: HeatId,
    run: RunId,
    player: PlayerId,
    score: int,
    event_count: int,
    last_hash: bytes,
    signer: Signer,
) -> str:
    """Return the receipt of a finished run as text."""
    receipt = Receipt(event, heat, run, player, score, event_count, last_hash, fingerprint_bytes(signer.key))
    line = _line(receipt)
    return f"{line}.{_base64(signer.sign(line.encode()))}"


def parse(text: str) -> Receipt:
    """Return what a receipt says; whether it is genuine is another question.

    Raises:
        Malformed: no receipt.
    """
    return _parts(text)[0]


def is_genuine(text: str, key: bytes) -> bool:
    """Tell whether the key's owner has given out this receipt; no receipt at all is not genuine."""
    try:
        receipt, signature = _parts(text)
    except Malformed:
        return False
    return receipt.key == fingerprint_bytes(key) and is_signed(key, _line(receipt).encode(), signature)


def _line(receipt: Receipt) -> str:
    fields = (
        _PREFIX,
        receipt.event,
        receipt.heat,
        receipt.run,
        receipt.player,
        str(receipt.score),
        str(receipt.event_count),
        _base64(receipt.last_hash),
        _base64(receipt.key),
    )
    return ".".join(fields)


def _parts(text: str) -> tuple[Receipt, bytes]:
    fields = text.split(".") if len(text) <= RECEIPT_LENGTH_MAX else []
    if len(fields) != 10 or fields[0] != _PREFIX:
        raise Malformed("no receipt")
    _, event, heat, run, player, score, count, head, key, signature = fields
    if not all(map(is_id, (event, run, player))) or not (heat == "" or is_id(heat)):
        raise Malformed("no receipt: not an id")
    receipt = Receipt(
        EventId(event),
        HeatId(heat),
        RunId(run),
        PlayerId(player),
        _number(score),
        _number(count),
        _bytes(head, 32),
        _bytes(key, FINGERPRINT_BYTES),
    )
    return receipt, _bytes(signature, 64)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and str(int(text)) == text):
        raise Malformed("no receipt: not a number")
    if int(text) > _NUMBER_MAX:
        raise Malformed("no receipt: too large a number")
    return int(text)


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str, count: int) -> bytes:
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        data = b""
    if len(data) != count or _base64(data) != text:  # the decoder passes over what is no base64
        raise Malformed("no receipt: not base64url")
    return data
