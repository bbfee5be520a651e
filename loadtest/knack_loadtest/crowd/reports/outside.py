"""Text from outside: titles, names, addresses and violations are what a scenario, a server or a player made of them."""

import re
from typing import Final

REPLACED: Final = "\N{REPLACEMENT CHARACTER}"

_UNWRITABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters: XML 1.0 has no way to write most of them
    "\ud800-\udfff"  # halves of pairs, which JSON can name and UTF-8 cannot write
    "\u202a-\u202e\u2066-\u2069"  # directions: a name must not turn the rest of its line around
    "\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Return a text that every format can hold: with a mark for each character that only does harm."""
    return _UNWRITABLE.sub(REPLACED, text.replace("\r\n", "\n"))


def one_line(text: str, length_max: int) -> str:
    """Return a clean text in one line, cut to a length."""
    line = " ".join(clean(text).split())
    return line if len(line) <= length_max else f"{line[: length_max - 1]}…"
