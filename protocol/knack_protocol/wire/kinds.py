"""What a field may hold: one small object a kind, which checks a decoded value and can describe itself.

`take` returns the value as messages hold it and raises `WrongValue` otherwise; only `codec` calls it and catches that.
`words` is the kind as protocol/README.md and asyncapi.yaml write it. Nothing here is lenient: a bool is not a number,
a text is not a bin, a length is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Protocol

from knack_protocol.ids import ID_LENGTH_MAX, is_id
from knack_protocol.wire.limits import PUBLIC_BYTES_MAX, TEXT_BYTES_MAX, TOKEN_BYTES_MAX

SYMBOLS: Final = bytes(range(6))
BOARD_CELL_COUNT: Final = 64


class WrongValue(Exception):
    """A value that its field does not allow."""


class Kind(Protocol):
    """What a field may hold."""

    @property
    def words(self) -> str:
        """The kind in a few words, as documents write it."""

    def take(self, value: Any) -> Any:
        """Return `value` as messages hold it, or raise `WrongValue`."""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `low` to `high`, both included."""

    words: str
    low: int
    high: int

    def take(self, value: Any) -> int:
        """Return the number."""
        if type(value) is int and self.low <= value <= self.high:
            return value
        raise WrongValue(self.words)


@dataclass(frozen=True, slots=True)
class Choice:
    """A number that has a name in `names`."""

    words: str
    names: type[IntEnum]

    def take(self, value: Any) -> IntEnum:
        """Return the named number."""
        # the enumerations of the wire count from 0 without a gap (a test holds them to it)
        if type(value) is int and 0 <= value < len(self.names):
            return self.names(value)
        raise WrongValue(self.words)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of at most `bytes_max` bytes of UTF-8."""

    words: str
    bytes_max: int

    def take(self, value: Any) -> str:
        """Return the text."""
        if type(value) is str:
            size = len(value) if value.isascii() else len(value.encode())
            if size <= self.bytes_max:
                return value
        raise WrongValue(self.words)


@dataclass(frozen=True, slots=True)
class Id:
    """An id (rules, section 4); `or_none` allows the empty text."""

    words: str
    or_none: bool = False

    def take(self, value: Any) -> str:
        """Return the id."""
        if type(value) is str and (is_id(value) or (self.or_none and value == "")):
            return value
        raise WrongValue(self.words)


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of exactly so many bytes; `or_none` allows the empty one."""

    words: str
    size: int
    or_none: bool = False

    def take(self, value: Any) -> bytes:
        """Return the bytes."""
        if type(value) is bytes and (len(value) == self.size or (self.or_none and not value)):
            return value
        raise WrongValue(self.words)


@dataclass(frozen=True, slots=True)
class Symbols:
    """A bin of symbols 0..5: `low` to `high` of them, or none at all where `or_none`."""

    words: str
    low: int
    high: int
    or_none: bool = False

    def take(self, value: Any) -> bytes:
        """Return the symbols."""
        if type(value) is bytes and (self.low <= len(value) <= self.high or (self.or_none and not value)):
            foreign = value.translate(None, SYMBOLS)
            if not foreign:
                return value
        raise WrongValue(self.words)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Nil, or a value of another kind."""

    words: str
    kind: Kind

    def take(self, value: Any) -> Any:
        """Return None or the value."""
        return None if value is None else self.kind.take(value)


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array of `low` to `high` values of one kind."""

    words: str
    kind: Kind
    low: int
    high: int

    def take(self, value: Any) -> tuple[Any, ...]:
        """Return the values."""
        if type(value) is tuple and self.low <= len(value) <= self.high:
            return tuple(map(self.kind.take, value))
        raise WrongValue(self.words)


@dataclass(frozen=True, slots=True)
class Record:
    """An array with one kind a place, made into a value by `make`."""

    words: str
    make: Callable[..., Any]
    kinds: tuple[Kind, ...]

    def take(self, value: Any) -> Any:
        """Return what `make` builds of the places."""
        if type(value) is tuple and len(value) == len(self.kinds):
            return self.make(*[kind.take(item) for kind, item in zip(self.kinds, value, strict=True)])
        raise WrongValue(self.words)


@dataclass(frozen=True, slots=True)
class OneRecordOf:
    """One of several records, told apart by their lengths."""

    words: str
    records: tuple[Record, ...]

    def take(self, value: Any) -> Any:
        """Return what the record of that length makes."""
        if type(value) is tuple:
            for record in self.records:
                if len(record.kinds) == len(value):
                    return record.take(value)
        raise WrongValue(self.words)


U8: Final = Number("u8", 0, 0xFF)
U16: Final = Number("u16", 0, 0xFFFF)
U32: Final = Number("u32", 0, 0xFFFF_FFFF)
I32: Final = Number("i32", -0x8000_0000, 0x7FFF_FFFF)
UNIX_MS: Final = Number("u53", 0, 0x1F_FFFF_FFFF_FFFF)
"""Unix time in ms: a u64 that stays below 2^53, so that it is exact in every language's double."""

CELL: Final = Number("cell", 0, BOARD_CELL_COUNT - 1)
DIRECTION: Final = Number("direction", 0, 1)
STATE_BITS: Final = Number("state", 0, 15)
TEXT: Final = Text("text", TEXT_BYTES_MAX)
TOKEN: Final = Text("token", TOKEN_BYTES_MAX)
PUBLIC: Final = Text("public", PUBLIC_BYTES_MAX)
ID: Final = Id("id")
ID_OR_NONE: Final = Id("id or empty", or_none=True)
HEAD: Final = Bin("bin 8", 8)
NONCE: Final = Bin("bin 16", 16)
DIGEST: Final = Bin("bin 32", 32)
DIGEST_OR_NONE: Final = Bin("bin 32 or empty", 32, or_none=True)
BOARD: Final = Symbols("board", BOARD_CELL_COUNT, BOARD_CELL_COUNT)
BOARD_OR_NONE: Final = Symbols("board or empty", BOARD_CELL_COUNT, BOARD_CELL_COUNT, or_none=True)
FILL: Final = Symbols("fill", 0, 8)

assert ID_LENGTH_MAX <= TEXT_BYTES_MAX
