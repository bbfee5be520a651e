import unicodedata

import pytest

from knack_protocol.proof.publics import heat_public_fault, solo_public_fault, stage_public

TEXT = "Das Publikum ruft: Heute gewinnt der Regen nicht!"


def test_a_text_typed_on_stage_is_trimmed_and_composed() -> None:
    typed = "\u3000 " + unicodedata.normalize("NFD", TEXT.replace("Publikum", "Müllauto")) + "\n"
    public = stage_public(typed)
    assert public == b"stage:" + TEXT.replace("Publikum", "Müllauto").encode()
    assert heat_public_fault(public) is None


@pytest.mark.parametrize("text", ["x" * 39, "x" * 1001, "", " " * 60])
def test_a_text_has_forty_code_points_at_least_and_a_thousand_at_most(text: str) -> None:
    with pytest.raises(ValueError, match="characters instead of 40 to 1000"):
        stage_public(text)
    assert heat_public_fault(b"stage:" + text.encode())


def test_code_points_count_not_bytes() -> None:
    assert heat_public_fault(stage_public("🎈" * 40)) is None
    with pytest.raises(ValueError, match="39"):
        stage_public("🎈" * 39)


@pytest.mark.parametrize("control", ["\0", "\t", "\x1f", "\x7f", "\x85", "\n"])
def test_a_control_character_has_no_place_in_a_text(control: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        stage_public(TEXT[:20] + control + TEXT[20:])


@pytest.mark.parametrize("space", list(" \u00a0\u2003\u2028\u3000\u1680"))
def test_a_text_that_was_not_trimmed_is_refused(space: str) -> None:
    assert heat_public_fault(b"stage:" + (TEXT + space).encode())
    assert heat_public_fault(b"stage:" + (space + TEXT).encode())
    assert heat_public_fault(b"stage:" + (TEXT + space + "x").encode()) is None


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        stage_public(TEXT + "\ud800")


@pytest.mark.parametrize(
    ("public", "says"),
    [
        (b"drand:" + bytes(40), "reserved"),
        (b"stage:" + TEXT.encode() + b"\xff", "UTF-8"),
        (b"stage:" + unicodedata.normalize("NFD", "ü" * 40).encode(), "NFC"),
        (b"client:" + bytes(16), "begins with stage:"),
        (b"", "begins with stage:"),
    ],
)
def test_what_is_no_public_part_of_a_heat_is_told_why(public: bytes, says: str) -> None:
    fault = heat_public_fault(public)
    assert fault
    assert says in fault


def test_a_device_adds_sixteen_bytes_and_nothing_else() -> None:
    assert solo_public_fault(b"client:" + bytes(16)) is None
    for public in (b"client:" + bytes(15), b"client:" + bytes(17), bytes(23), stage_public(TEXT)):
        assert solo_public_fault(public)
