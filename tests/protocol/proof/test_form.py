import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knack_protocol.ids import HeatId, PlayerId
from knack_protocol.proof import form
from knack_protocol.proof.form import U32, Exactly, Length, Malformed, Octets, OrEmpty


class Colour(Enum):
    RED = auto()
    BLUE_GREEN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    k: U32
    head: Annotated[bytes, Octets(1, 4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    format: Annotated[str, Exactly("test 1")] = "test 1"
    player: PlayerId
    heat: Annotated[HeatId, OrEmpty()]
    colour: Colour
    text: Annotated[str, Length(0, 10)]
    number: int | None
    inner: tuple[Inner, ...]


DOCUMENT = Document(
    player=PlayerId("p1"),
    heat=HeatId(""),
    colour=Colour.BLUE_GREEN,
    text='ü"\\\n\x1f\u2028',
    number=None,
    inner=(Inner(k=7, head=b"\0\xab"),),
)
DATA = (
    '{"colour":"blue_green","format":"test 1","heat":"","inner":[{"head":"00ab","k":7}],"number":null,"player":"p1",'
    '"text":"ü\\"\\\\\\n\\u001f\u2028"}'
).encode()


def read(data: bytes) -> Document:
    return form.read(Document, form.parsed(data))


def changed(**values: object) -> bytes:
    return json.dumps(json.loads(DATA) | values).encode()


def test_a_document_has_one_form() -> None:
    assert form.pack(DOCUMENT) == DATA
    assert read(DATA) == DOCUMENT


def test_order_and_spaces_do_not_matter_to_the_reader() -> None:
    assert read(json.dumps(json.loads(DATA), indent=2).encode()) == DOCUMENT


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"player": ""}, "player"),
        ({"player": "P1"}, "player"),
        ({"player": "p" * 33}, "player"),
        ({"player": 1}, "player"),
        ({"heat": "H"}, "heat"),
        ({"colour": "RED"}, "colour"),
        ({"colour": 1}, "colour"),
        ({"text": "x" * 11}, "text"),
        ({"text": None}, "text"),
        ({"number": -1}, "number"),
        ({"number": 2**53}, "number"),
        ({"number": True}, "number"),
        ({"number": "1"}, "number"),
        ({"inner": {}}, "inner"),
        ({"inner": [{"k": 2**32, "head": "00"}]}, "inner.0.k"),
        ({"inner": [{"k": 0, "head": ""}]}, "inner.0.head"),
        ({"inner": [{"k": 0, "head": "0000000000"}]}, "inner.0.head"),
        ({"inner": [{"k": 0, "head": "AB"}]}, "inner.0.head"),
        ({"inner": [{"k": 0, "head": "a b"}]}, "inner.0.head"),
        ({"inner": [{"k": 0, "head": "0"}]}, "inner.0.head"),
        ({"inner": [{"k": 0}]}, "inner.0.head"),
        ({"inner": [{"k": 0, "head": "00", "x": 1}]}, "inner.0.x"),
        ({"inner": [{"k": 0, "head": "00"}, 5]}, "inner.1"),
        ({"format": "test 2"}, "format"),
        ({"extra": 1}, "extra"),
    ],
)
def test_what_may_not_stand_there_is_told_with_its_place(values: dict[str, object], where: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(changed(**values))
    assert refused.value.where == where
    assert str(refused.value).startswith(f"{where}: ")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no JSON"),
        (b"\xff", "no UTF-8"),
        (b"\xef\xbb\xbf{}", "no JSON"),
        (b'{"a":1,"a":1}', "a key comes twice"),
        (b"[1.0]", "1.0 is no integer"),
        (b"[1e3]", "1e3 is no integer"),
        (b"[NaN]", "NaN is no integer"),
        (b"[-Infinity]", "-Infinity is no integer"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "no JSON"),
        (b"[1]x", "no JSON"),
    ],
)
def test_what_is_no_json_of_ours_is_refused_whatever_it_is(data: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        form.parsed(data)


def test_a_document_too_long_to_be_one_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form, "DOCUMENT_BYTES_MAX", 10)
    with pytest.raises(Malformed, match="longer than 10 bytes"):
        form.parsed(b"[" + b" " * 10 + b"]")


def test_half_a_surrogate_pair_has_no_canonical_form() -> None:
    with pytest.raises(Malformed, match="surrogate"):
        form.packed(json.loads(r'["\ud800"]'))


@given(st.binary(max_size=60))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


@given(st.text(st.characters(codec="utf-8"), max_size=10))
def test_every_text_comes_back(text: str) -> None:
    assert json.loads(form.packed([text])) == [text]
