"""The contact form takes what people write and says, field by field, what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knack_server.core.contact import ContactRequest, FieldFault, check_contact

GOOD = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.org",
    "concern": "Broadband, please.",
}


def faults(**changed: object) -> dict[str, FieldFault]:
    checked = check_contact({**GOOD, **changed})
    assert isinstance(checked, dict), checked
    return checked


def request(**changed: object) -> ContactRequest:
    checked = check_contact({**GOOD, **changed})
    assert isinstance(checked, ContactRequest), checked
    return checked


def test_a_complete_form_becomes_a_request() -> None:
    assert request() == ContactRequest("Ada", "Lovelace", "ada@example.org", "Broadband, please.")


def test_an_empty_form_names_every_field() -> None:
    assert check_contact({}) == dict.fromkeys(GOOD, FieldFault.REQUIRED)


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("nothing", ["", "   ", "\n \t", None])
def test_a_field_of_blanks_is_missing(field: str, nothing: object) -> None:
    assert faults(**{field: nothing}) == {field: FieldFault.REQUIRED}


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("foreign", [7, True, ["Ada"], {"a": "b"}, 1.5])
def test_a_field_that_is_no_text_is_refused(field: str, foreign: object) -> None:
    assert faults(**{field: foreign}) == {field: FieldFault.CHARACTERS}


@pytest.mark.parametrize(("field", "limit"), [("first_name", 80), ("last_name", 80), ("concern", 4000)])
def test_a_field_may_be_as_long_as_its_limit_and_no_longer(field: str, limit: int) -> None:
    assert getattr(request(**{field: " " + "x" * limit + " "}), field) == "x" * limit
    assert faults(**{field: "x" * (limit + 1)}) == {field: FieldFault.TOO_LONG}
    assert faults(**{field: "x" * 10_000_000}) == {field: FieldFault.TOO_LONG}


def test_length_is_counted_in_composed_characters() -> None:
    assert request(first_name="e\u0301" * 80).first_name == "é" * 80


def test_an_address_beyond_what_mail_servers_take_is_too_long() -> None:
    assert faults(email="a@" + "b" * 250 + ".org") == {"email": FieldFault.TOO_LONG}


@pytest.mark.parametrize("control", ["\x00", "\x1b", "\x7f", "\x85", "\ud800", "\u2028", "\r"])
@pytest.mark.parametrize("field", GOOD)
def test_control_characters_are_refused(field: str, control: str) -> None:
    assert faults(**{field: f"a{control}b"}) == {field: FieldFault.CHARACTERS}


@pytest.mark.parametrize("field", ["first_name", "last_name", "email"])
@pytest.mark.parametrize("control", ["\n", "\t"])
def test_only_the_concern_has_lines_and_tabs(field: str, control: str) -> None:
    assert faults(**{field: f"a{control}b"}) == {field: FieldFault.CHARACTERS}
    assert request(concern="a\n\tb").concern == "a\n\tb"


def test_line_ends_of_every_browser_are_stored_alike() -> None:
    assert request(concern="one\r\ntwo\nthree\r\n").concern == "one\ntwo\nthree"


@pytest.mark.parametrize(
    "address",
    ["ada", "ada@", "@example.org", "ada@example", "ada lovelace@example.org", "ada@example..org", "a@b@example.org", "Ada <ada@example.org>", "ada@localhost", "ada@festival.test", "ada@[127.0.0.1]"],
)  # fmt: skip
def test_what_cannot_be_an_address_is_refused(address: str) -> None:
    assert faults(email=address) == {"email": FieldFault.EMAIL}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  ada@example.org ", "ada@example.org"),
        ("Ada.L+fest@EXAMPLE.org", "Ada.L+fest@example.org"),
        ("jürgen@müller.example", "jürgen@müller.example"),
        ("ada@xn--mller-kva.example", "ada@müller.example"),
    ],
)
def test_an_address_is_kept_as_typed_but_for_its_domain(typed: str, stored: str) -> None:
    assert request(email=typed).email == stored


def test_several_faults_are_named_at_once() -> None:
    assert faults(first_name="", email="ada", concern="x" * 5000) == {
        "first_name": FieldFault.REQUIRED,
        "email": FieldFault.EMAIL,
        "concern": FieldFault.TOO_LONG,
    }


def test_fields_of_no_form_are_ignored() -> None:
    assert request(colour="green") == request()


def test_text_that_looks_like_markup_is_text() -> None:
    assert request(concern="<script>alert(1)</script>").concern == "<script>alert(1)</script>"


@given(st.dictionaries(st.sampled_from([*GOOD, "website"]), st.text() | st.integers() | st.none()))
def test_any_form_whatever_gets_an_answer(form: dict[str, object]) -> None:
    checked = check_contact(form)

    if isinstance(checked, ContactRequest):
        assert (
            check_contact(
                {
                    "first_name": checked.first_name,
                    "last_name": checked.last_name,
                    "email": checked.email,
                    "concern": checked.concern,
                }
            )
            == checked
        )
    else:
        assert set(checked) <= set(GOOD)
