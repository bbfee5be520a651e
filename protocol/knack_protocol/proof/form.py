"""Published documents: frozen dataclasses, the canonical JSON they are written as, and the strict way back.

A dataclass is its own schema. Its fields are the object's keys, all of them and no others; their types say what may stand
there, and how: PROOF.md, section 2.

    int             0 to 2^53 - 1, or as narrow as `Most` says        bytes      hex in lower case, as long as `Octets` says
    str             text, as long as `Length` says                    NewType    an id (rules, section 4)
    Enum            the member's name in lower case                   X | None   null, or an X
    tuple[X, ...]   an array                                          dataclass  an object
"""

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from knack_protocol.ids import is_id

DOCUMENT_BYTES_MAX: Final = 1 << 28
"""A festival of a week with its live digests stays well below; more is nobody's proof."""

SAFE_MAX: Final = (1 << 53) - 1
"""The largest integer that every JSON reader keeps exactly."""


class Malformed(Exception):
    """Bytes that are not the document they should be; `where` leads to the place from the document's root."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = ""

    def inside(self, key: str) -> "Malformed":
        """Return the same with one more step on the way from the root."""
        self.where = f"{key}.{self.where}" if self.where else key
        return self

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


@dataclass(frozen=True, slots=True)
class Octets:
    """How many bytes stand there: at least `low`, at most `high`."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Length:
    """How many characters a text has: at least `low`, at most `high`."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Most:
    """The largest integer that may stand there."""

    value: int


@dataclass(frozen=True, slots=True)
class Exactly:
    """The one text that may stand there."""

    text: str


@dataclass(frozen=True, slots=True)
class OrEmpty:
    """What may stand there, or the empty text."""


Hash = Annotated[bytes, Octets(32, 32)]
Key = Annotated[bytes, Octets(32, 32)]
Signature = Annotated[bytes, Octets(64, 64)]
U32 = Annotated[int, Most(0xFFFF_FFFF)]

_Reader = Callable[[Any], Any]
_D = TypeVar("_D")


def pack(document: object) -> bytes:
    """Return the canonical bytes of a document: one document, one byte string.

    Raises:
        Malformed: a text that is no Unicode.
    """
    return packed(plain(document))


def packed(value: object) -> bytes:
    """Return the canonical bytes of JSON values."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as broken:
        raise Malformed("half a surrogate pair in a text") from broken


def plain(value: object) -> Any:
    """Return the JSON values that a document is written as."""
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def parsed(data: bytes) -> Any:
    """Return the JSON values that bytes hold.

    Raises:
        Malformed: too long, no JSON, a number that is no integer, a key that comes twice.
    """
    if len(data) > DOCUMENT_BYTES_MAX:
        raise Malformed(f"longer than {DOCUMENT_BYTES_MAX} bytes")
    try:
        return json.loads(
            data.decode(), object_pairs_hook=_object, parse_float=_no_integer, parse_constant=_no_integer
        )
    except UnicodeDecodeError as broken:
        raise Malformed("no UTF-8") from broken
    except RecursionError as broken:
        raise Malformed("nested too deeply") from broken
    except ValueError as broken:
        raise Malformed(f"no JSON: {broken}") from broken


def read(document: type[_D], value: object) -> _D:
    """Return the document of this type that JSON values stand for.

    Raises:
        Malformed: a key too many or too few, a value that may not stand there.
    """
    schema: Any = document
    found: _D = _reader(schema)(value)
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a key comes twice")
    return members


def _no_integer(text: str) -> Any:
    raise Malformed(f"{text[:40]} is no integer")


@cache
def _reader(hint: Hashable) -> _Reader:
    """Return what reads values of a type; made once per type."""
    if get_origin(hint) is Annotated:
        base, limit = get_args(hint)
        return _LIMITED[type(limit)](_reader(base), limit)
    if get_origin(hint) is tuple:
        return _array_of(_reader(get_args(hint)[0]))
    if get_origin(hint) in {Union, UnionType}:
        return _nullable(*(_reader(arm) for arm in get_args(hint) if arm is not NoneType))
    if isinstance(hint, NewType):
        return _read_id
    if isinstance(hint, type) and is_dataclass(hint):
        return _object_of(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of(hint)
    return _SIMPLE[hint]


def _read_integer(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= SAFE_MAX:  # a bool is an int to Python, but not to us
        raise Malformed("no integer from 0 to 2^53 - 1")
    return value


def _read_text(value: Any) -> str:
    if type(value) is not str:
        raise Malformed("no text")
    return value


def _read_bytes(value: Any) -> bytes:
    try:
        found = bytes.fromhex(value)
    except (TypeError, ValueError):
        raise Malformed("no hex") from None
    if found.hex() != value:
        raise Malformed("no hex in lower case")
    return found


def _read_id(value: Any) -> str:
    if type(value) is not str or not is_id(value):
        raise Malformed("no id")
    return value


_SIMPLE: Final[dict[Any, _Reader]] = {int: _read_integer, str: _read_text, bytes: _read_bytes}


def _octets(read_one: _Reader, limit: Octets) -> _Reader:
    def read_some(value: Any) -> Any:
        found = read_one(value)
        if not limit.low <= len(found) <= limit.high:
            raise Malformed(f"{len(found)} bytes instead of {limit.low} to {limit.high}")
        return found

    return read_some


def _length(read_one: _Reader, limit: Length) -> _Reader:
    def read_some(value: Any) -> Any:
        found = read_one(value)
        if not limit.low <= len(found) <= limit.high:
            raise Malformed(f"{len(found)} characters instead of {limit.low} to {limit.high}")
        return found

    return read_some


def _most(read_one: _Reader, limit: Most) -> _Reader:
    def read_small(value: Any) -> Any:
        found = read_one(value)
        if found > limit.value:
            raise Malformed(f"{found} is more than {limit.value}")
        return found

    return read_small


def _exactly(read_one: _Reader, limit: Exactly) -> _Reader:
    def read_it(value: Any) -> Any:
        if read_one(value) != limit.text:
            raise Malformed(f"not {limit.text!r}")
        return value

    return read_it


def _or_empty(read_one: _Reader, limit: OrEmpty) -> _Reader:
    del limit
    return lambda value: value if value == "" else read_one(value)


_LIMITED: Final[dict[type, Callable[[_Reader, Any], _Reader]]] = {
    Octets: _octets,
    Length: _length,
    Most: _most,
    Exactly: _exactly,
    OrEmpty: _or_empty,
}


def _nullable(read_one: _Reader) -> _Reader:
    return lambda value: None if value is None else read_one(value)


def _one_of(kind: type[Enum]) -> _Reader:
    members = {member.name.lower(): member for member in kind}

    def read_member(value: Any) -> Enum:
        if type(value) is not str or value not in members:
            raise Malformed(f"none of {', '.join(members)}")
        return members[value]

    return read_member


def _array_of(read_one: _Reader) -> _Reader:
    def read_array(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Malformed("no array")
        found: list[Any] = []
        try:
            for item in value:
                found.append(read_one(item))  # noqa: PERF401 - its length says where it went wrong
        except Malformed as wrong:
            raise wrong.inside(str(len(found))) from None
        return tuple(found)

    return read_array


def _object_of(kind: type) -> _Reader:
    hints = get_type_hints(kind, include_extras=True)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read_object(value: Any) -> Any:
        if type(value) is not dict:
            raise Malformed("no object")
        for key in sorted(value.keys() ^ readers.keys()):
            raise Malformed("missing" if key in readers else "not a field of this object").inside(key[:40])
        found = {}
        for key, read_one in readers.items():
            try:
                found[key] = read_one(value[key])
            except Malformed as wrong:
                raise wrong.inside(key) from None
        return kind(**found)

    return read_object
