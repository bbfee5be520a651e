"""What visitors write into the contact form, in one table: plain people, and programs that want to do harm.

Each has the answers that are right; 429 ("later") always is.
"""

from dataclasses import dataclass
from typing import Any, Final

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Concern:
    """One kind of request."""

    kind: str
    meaning: str
    fields: Document
    answers: frozenset[int]
    is_kept: bool
    """Whether the desk finds it afterwards."""


_PLAIN: Final = {
    "first_name": "Ada",
    "last_name": "Muster",
    "email": "ada.muster@example.org",
    "concern": "I would like to know when the next heat is.",
    "website": "",
}


def _concern(kind: str, meaning: str, *answers: int, is_kept: bool = False, **fields: Any) -> Concern:
    return Concern(kind, meaning, {**_PLAIN, **fields}, frozenset(answers), is_kept)


TABLE: Final = (
    _concern("plain", "what anybody writes", 201, is_kept=True),
    _concern(
        "html", "markup, which has to stay text", 201, is_kept=True, concern="<script>alert(1)</script>"
    ),
    _concern("links", "a hundred links", 201, is_kept=True, concern="https://example.org/ " * 90),
    _concern(
        "header_injection",
        "line ends where a mail's header could be",
        400,
        first_name="Ada\r\nBcc: y@example.org",
    ),
    _concern(
        "encoded_word",
        "a line end in a mail's own spelling",
        201,
        is_kept=True,
        last_name="=?utf-8?q?a=0aBcc?=",
    ),
    _concern("two_addresses", "two addresses at once", 400, email="a@example.org, b@example.org"),
    _concern("empty", "nothing", 400, concern=""),
    _concern("huge", "a hundred thousand characters", 400, 413, concern="x" * 100_000),
    _concern("honeypot", "a field that no person sees", 201, website="https://example.org"),
)

CONCERNS: Final = {concern.kind: concern for concern in TABLE}
