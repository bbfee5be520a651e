import pytest

from knack_protocol.rules.hashing import lp, tagged


def test_a_text_stands_behind_its_length_in_bytes() -> None:
    assert lp("") == b"\0\0"
    assert lp("für") == b"\0\4f\xc3\xbcr"
    assert lp(b"\xff") == b"\0\1\xff"


def test_a_text_that_does_not_fit_its_length_is_refused() -> None:
    assert len(lp("x" * 65_535)) == 65_537
    with pytest.raises(ValueError, match="65535"):
        lp("x" * 65_536)


def test_every_purpose_has_its_own_beginning() -> None:
    assert tagged("ev") == b"m3/1|ev\0"
