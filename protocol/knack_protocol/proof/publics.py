"""The public part P of a seed: what did not exist when the server promised its own (RULES.md, section 5)."""

import unicodedata
from typing import Final

from knack_protocol.proof.seeds import NONCE_BYTES

STAGE_LENGTH_MIN: Final = 40
"""Code points: too many to be tried out beforehand."""
STAGE_LENGTH_MAX: Final = 1000
"""Code points; more nobody types on a stage."""

_STAGE: Final = b"stage:"
_DRAND: Final = b"drand:"
_CLIENT: Final = b"client:"

_WHITE_SPACE: Final = (
    "\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
"""Unicode's White_Space, spelled out: languages trim differently."""


def stage_public(text: str) -> bytes:
    """Return the public part that a text typed on stage makes: trimmed, in NFC, behind `stage:`.

    Raises:
        ValueError: too short, too long, or a control character in it.
    """
    public = _STAGE + unicodedata.normalize("NFC", text).strip(_WHITE_SPACE).encode("utf-8", "surrogatepass")
    if fault := heat_public_fault(public):
        raise ValueError(fault)
    return public


def heat_public_fault(public: bytes) -> str | None:
    """Tell what is wrong with a heat's public part, or None."""
    if public.startswith(_DRAND):
        return "drand: is reserved for heats with a network; these rules check stage: only"
    if not public.startswith(_STAGE):
        return "a heat's public part begins with stage:"
    try:
        text = public.removeprefix(_STAGE).decode()
    except UnicodeDecodeError:
        return "the text is no UTF-8"
    if not STAGE_LENGTH_MIN <= len(text) <= STAGE_LENGTH_MAX:
        return f"the text has {len(text)} characters instead of {STAGE_LENGTH_MIN} to {STAGE_LENGTH_MAX}"
    if any(unicodedata.category(character) == "Cc" for character in text):
        return "the text has a control character in it"
    if text.strip(_WHITE_SPACE) != text:
        return "the text begins or ends with a space"
    return None if unicodedata.is_normalized("NFC", text) else "the text is not in NFC"


def solo_public_fault(public: bytes) -> str | None:
    """Tell what is wrong with a solo run's public part, or None."""
    if public.startswith(_CLIENT) and len(public) == len(_CLIENT) + NONCE_BYTES:
        return None
    return f"a solo run's public part is client: and {NONCE_BYTES} bytes"
