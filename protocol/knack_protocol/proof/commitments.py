"""The list of an event's promises, published and signed before it begins, reruns included (RULES.md, section 5)."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

from knack_protocol.ids import CourseName, EventId, HeatId, is_id
from knack_protocol.proof.form import Malformed
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import is_signed
from knack_protocol.rules.numbers import RULES_VERSION

_TITLE: Final = f"{RULES_VERSION.decode()} commitments"
_SIGNATURE: Final = "signature "
_SCOPES: Final = {scope.name.lower(): scope for scope in Scope}
_RERUN: Final = re.compile(r"(?P<heat>.+)-r(?P<number>[1-9][0-9]{0,3})", re.ASCII)

TEXT_BYTES_MAX: Final = 1 << 20
"""Some 8,000 heats."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What is promised of a heat: its course, who shares tiles, and 32 bytes that fix the server's seed."""

    heat: HeatId
    course: CourseName
    scope: Scope
    commit: bytes

    def line(self) -> str:
        """Return the heat's line of the list, without its end."""
        return f"{self.heat} {self.course} {self.scope.name.lower()} {self.commit.hex()}"


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list as it was published: its text, and its signature where it stood below."""

    text: str
    signature: bytes | None


def text_of(event: EventId, commitments: Iterable[Commitment]) -> str:
    """Return the text of the list: exactly what is signed."""
    return "".join(f"{line}\n" for line in (_TITLE, event, *(promise.line() for promise in commitments)))


def parse(event: EventId, text: str) -> dict[HeatId, Commitment]:
    """Return the promises of an event by heat, in the list's order.

    Raises:
        Malformed: another event's list, a line that is none, a heat that comes twice.
    """
    lines = text.split("\n")
    if len(text) > TEXT_BYTES_MAX or len(lines) < 3 or lines[0] != _TITLE or lines[-1]:
        raise Malformed("no list of commitments")
    if lines[1] != event:
        raise Malformed(f"the list is of event {lines[1][:40]}, not of {event}")
    found: dict[HeatId, Commitment] = {}
    for number, line in enumerate(lines[2:-1], start=3):
        promise = _parse_line(line)
        if promise is None:
            raise Malformed(f"line {number} is no commitment")
        if promise.heat in found:
            raise Malformed(f"heat {promise.heat} comes twice")
        found[promise.heat] = promise
    return found


def is_genuine(text: str, key: bytes, signature: bytes) -> bool:
    """Tell whether the key's owner has signed this list."""
    return is_signed(key, text.encode(), signature)


def published(text: str, signature: bytes) -> bytes:
    """Return the file to publish: the list, and its signature in a last line."""
    return f"{text}{_SIGNATURE}{signature.hex()}\n".encode()


def parse_published(data: bytes) -> PublishedList:
    """Return what a published file holds; a list alone, without its signature, will do.

    Raises:
        Malformed: no such file.
    """
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("no list of commitments") from None
    listed, mark, digits = text.rpartition(f"\n{_SIGNATURE}")
    signature = None
    if mark:
        if not re.fullmatch("[0-9a-f]{128}\n", digits):
            raise Malformed("the last line is no signature")
        text, signature = listed + "\n", bytes.fromhex(digits.strip())
    if not text.startswith(f"{_TITLE}\n"):
        raise Malformed("no list of commitments")
    return PublishedList(text, signature)


def predecessors(heat: HeatId, promised: Container[HeatId]) -> list[HeatId]:
    """Return the heats that must be voided before this one may be played: none, if it is not the rerun of a promised one."""
    if (found := _RERUN.fullmatch(heat)) is None or (first := HeatId(found["heat"])) not in promised:
        return []
    return [first, *(HeatId(f"{first}-r{number}") for number in range(1, int(found["number"])))]


def _parse_line(line: str) -> Commitment | None:
    words = line.split(" ")
    if len(words) != 4 or not re.fullmatch("[0-9a-f]{64}", words[3]):
        return None
    heat, course, scope, commit = words
    if not is_heat_id(heat) or not is_id(course) or scope not in _SCOPES:
        return None
    return Commitment(HeatId(heat), CourseName(course), _SCOPES[scope], bytes.fromhex(commit))


def is_heat_id(text: str) -> bool:
    """Tell whether this may be a heat's id: an id that could not be a solo run's."""
    return is_id(text) and not text.startswith("run-")
