"""The contact form: what a visitor must give, and what is wrong with what they gave.

Decided in one table so that page and server name the same limits. Where a request comes from, how often, and what
happens to it afterwards is not known here.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email


class FieldFault(StrEnum):
    """What is wrong with a field; the pages have words for each."""

    REQUIRED = "required"
    TOO_LONG = "too_long"
    EMAIL = "email"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True)
class ContactRequest:
    """A concern somebody wants to be called back about; every field NFC, trimmed and not empty."""

    first_name: str
    last_name: str
    email: str
    """As typed but for the domain, which is lower case and in letters (no `xn--`)."""
    concern: str
    """May hold line feeds and tabs; never a carriage return."""


@dataclass(frozen=True, slots=True)
class _Field:
    length_max: int
    """Characters after NFC and trimming."""
    may_hold: frozenset[str] = frozenset()
    """Control characters allowed all the same."""


_FIELDS: Mapping[str, _Field] = {
    "first_name": _Field(80),
    "last_name": _Field(80),
    "email": _Field(254),  # the longest address a mail server takes (RFC 5321, 4.5.3.1.3, less the brackets)
    "concern": _Field(4000, may_hold=frozenset("\n\t")),
}

_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Controls and line breaks no field shows, and surrogates, which no file can store."""


def check_contact(form: Mapping[str, object]) -> ContactRequest | dict[str, FieldFault]:
    """Check a form as it came in; fields that are not of the form are ignored.

    Returns the request, or one fault for each field that has one. Whether the address exists is not asked: it may be
    well-formed only, and no name server is queried.
    """
    checked = {name: _check(name, form.get(name)) for name in _FIELDS}
    faults = {name: value for name, value in checked.items() if isinstance(value, FieldFault)}
    return faults or ContactRequest(**checked)


def _check(name: str, value: object) -> str | FieldFault:
    field = _FIELDS[name]
    if value is None:
        value = ""
    if not isinstance(value, str):
        return FieldFault.CHARACTERS
    if len(value) > 4 * field.length_max:
        return (
            FieldFault.TOO_LONG
        )  # no amount of trimming helps, and nobody should be made to normalise a novel
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if not text:
        return FieldFault.REQUIRED
    if any(unicodedata.category(c) in _REFUSED_CATEGORIES and c not in field.may_hold for c in text):
        return FieldFault.CHARACTERS
    if len(text) > field.length_max:
        return FieldFault.TOO_LONG
    return _check_email(text) if name == "email" else text


def _check_email(text: str) -> str | FieldFault:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return FieldFault.EMAIL
