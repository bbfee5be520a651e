"""Players' names: which may be taken, when two look the same, and what to offer instead of one that is gone.

A name is text that strangers will read on a big screen. So it is normalised (NFC), short, made of visible characters,
and nobody else's in the event: not spelled alike, not in other capitals, not with letters of another script that look
like it (UTS #39, section 4).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Self

CHARACTERS_MIN = 2
CHARACTERS_MAX = 20
"""Visible characters; a combining mark belongs to its base and an inner space counts. 20 fit a phone's width."""

MARKS_MAX = 2
"""Combining marks on one base: enough for Vietnamese and for Arabic vowels, too few to climb into the next row."""

TEXT_LENGTH_MAX = 256
"""Code points looked at; what the wire lets through is never longer."""

_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, bidirectional and other invisible formats, surrogates, private use, unassigned, line separators."""

_INVISIBLE = frozenset(
    {
        0x034F,  # combining grapheme joiner
        *(0x115F, 0x1160, 0x3164, 0xFFA0),  # Hangul fillers, letters by category
        *(0x17B4, 0x17B5),  # Khmer inherent vowels
        *(0x180B, 0x180C, 0x180D, 0x180F),  # Mongolian variation selectors
        *range(0xFE00, 0xFE10),  # variation selectors 1 to 16
        *range(0xE0100, 0xE01F0),  # variation selectors 17 to 256
        0x2800,  # blank Braille pattern
        *(0xFFFC, 0xFFFD),  # stand-ins for what could not be shown
        *(0x13441, 0x13442),  # blank hieroglyphs
        0x16FE4,  # Khitan filler
        0x1BC9D,  # Duployan thick letter selector
        0x1D159,  # null notehead
    }
)
"""What shows nothing although its category is a letter, mark or symbol: UAX #44's Default_Ignorable_Code_Point
outside Cf and Cn, and the characters that are blank by name."""


class NameFault(StrEnum):
    """Why a name is refused; the detail of the reject `name_invalid`."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    CHARACTERS = "characters"
    MARKS = "marks"


@dataclass(frozen=True, slots=True)
class NameOk:
    """A name as it will be stored and shown, with what it must not share with another name of the event."""

    name: str
    """NFC, trimmed, inner spaces single."""
    skeleton: str
    """Looks first: two names with this in common look the same, in whatever capitals the look-alike is written."""
    folded: str
    """Capitals first: two names with this in common differ in capitals, or look the same once both are small."""


@dataclass(frozen=True, slots=True)
class NameRefused:
    """A name nobody may have."""

    reason: NameFault


class Skeletons:
    """The confusables of UTS #39 as a function from text to skeleton."""

    __slots__ = ("_prototypes", "version")

    def __init__(self, prototypes: Mapping[str, str], version: str) -> None:
        """Hold the table from each confusable character to its prototype; `version` is that of Unicode."""
        self._prototypes = str.maketrans(dict(prototypes))
        self.version = version

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of `confusables.txt` (UTS #39, section 4; lines `source ; prototype ; MA # comment`)."""
        version = re.search(r"^# Version: (\S+)", text, re.MULTILINE)
        if version is None:
            raise ValueError("not a confusables.txt: it names no version")
        prototypes: dict[str, str] = {}
        for line in text.lstrip("\ufeff").splitlines():
            row, _, _ = line.partition("#")
            if row.strip():
                source, prototype, _ = row.split(";")
                prototypes[_characters(source)] = _characters(prototype)
        return cls(prototypes, version[1])

    def skeleton(self, text: str) -> str:
        """Reduce `text` to what it looks like, in whatever capitals.

        UTS #39's skeleton (NFD, map, NFD), then NFKD and case folding, until nothing changes any more: `Max`, `max`,
        `rnax` and the Cyrillic look-alike of `Max` give the same. Not for showing.
        """
        while True:
            looks = unicodedata.normalize(
                "NFD", unicodedata.normalize("NFD", text).translate(self._prototypes)
            )
            reduced = unicodedata.normalize("NFD", unicodedata.normalize("NFKD", looks).casefold())
            if reduced == text:
                return text
            text = reduced

    def folded(self, text: str) -> str:
        """Reduce `text` in small letters to what it looks like.

        Needed beside `skeleton` because capitals may look like something else than their small letters do: `I` like
        `l`. One key for both would make `Elia` and `Ella` the same name, by way of `ELIA`.
        """
        return self.skeleton(text.casefold())


class NameBook:
    """The names taken in one event."""

    __slots__ = ("_folded", "_skeletons", "_taken")

    def __init__(self, skeletons: Skeletons) -> None:
        self._skeletons = skeletons
        self._taken: set[str] = set()
        self._folded: set[str] = set()

    def add(self, name: str) -> None:
        """Enter a name as it is stored; entering it twice changes nothing."""
        skeleton, folded = self._skeletons.skeleton(name), self._skeletons.folded(name)
        self._taken.add(skeleton)
        # mostly they are equal, and then one text serves both
        self._folded.add(skeleton if folded == skeleton else folded)

    def clear(self) -> None:
        """Forget all names."""
        self._taken.clear()
        self._folded.clear()

    def is_taken(self, name: str) -> bool:
        """Tell whether `name` would be mistaken for one in the book."""
        return self._skeletons.skeleton(name) in self._taken or self._skeletons.folded(name) in self._folded

    def suggest(self, name: str) -> str:
        """Offer a free name close to `name`."""
        return suggest(name, self.is_taken)


def check_name(text: str, skeletons: Skeletons) -> NameOk | NameRefused:
    """Normalise what somebody typed and say whether it may be a name at all; whether it is free is `NameBook`'s.

    Every kind of space counts as a space; those at the ends go, runs of them become one.
    """
    if len(text) > TEXT_LENGTH_MAX:
        return NameRefused(NameFault.TOO_LONG)
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in composed)
    name = re.sub(" +", " ", spaced).strip(" ")
    if any(unicodedata.category(c) in _REFUSED_CATEGORIES or ord(c) in _INVISIBLE for c in name):
        return NameRefused(NameFault.CHARACTERS)
    clusters = _clusters(name)
    if any(_is_overloaded(cluster) for cluster in clusters):
        return NameRefused(NameFault.MARKS)
    if len(clusters) < CHARACTERS_MIN:
        return NameRefused(NameFault.TOO_SHORT)
    if len(clusters) > CHARACTERS_MAX:
        return NameRefused(NameFault.TOO_LONG)
    return NameOk(name, skeletons.skeleton(name), skeletons.folded(name))


def suggest(name: str, is_taken: Callable[[str], bool]) -> str:
    """Offer a free name made of `name` and a number from 2 on: `Anna 2`, within the limit of characters.

    Cost: O(log n) questions when `Anna 2` to `Anna n` are taken, so that a popular name costs no more than another.
    """
    stem = _clusters(re.sub(r" [0-9]+$", "", name))

    def numbered(number: int) -> str:
        tail = f" {number}"
        return "".join(stem[: CHARACTERS_MAX - len(tail)]).rstrip(" ") + tail

    taken, free = 1, 2
    while is_taken(numbered(free)):
        taken, free = free, free * 2
    while free - taken > 1:
        middle = (taken + free) // 2
        if is_taken(numbered(middle)):
            taken = middle
        else:
            free = middle
    return numbered(free)


def _characters(codes: str) -> str:
    """Turn `0072 006E` into `rn`."""
    return "".join(chr(int(code, 16)) for code in codes.split())


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc", "Me"}


def _clusters(name: str) -> list[str]:
    """Cut into bases with their combining marks; coarser than UAX #29 nowhere, finer for emoji made of several."""
    starts = [at for at, character in enumerate(name) if at == 0 or not _is_mark(character)]
    return [name[start:end] for start, end in pairwise([*starts, len(name)])]


def _is_overloaded(cluster: str) -> bool:
    """Tell whether a cluster has more marks than may be stacked, or marks and no base to stand on.

    Marks are counted apart from their base (`é` and a third accent is three), but a character that NFC knows as one
    is a letter of some alphabet and never too much.
    """
    if _is_mark(cluster[0]) or (cluster[0] == " " and len(cluster) > 1):
        return True
    return len(cluster) > 1 and sum(map(_is_mark, unicodedata.normalize("NFD", cluster))) > MARKS_MAX
