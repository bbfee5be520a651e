"""The tree of errors: what a caller may catch together, and what each one says."""

import pytest

from knack_client import errors
from knack_protocol.wire.codes import CloseCode, RejectCode


def test_everything_that_a_client_raises_is_one_family() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) >= 12
    assert all(issubclass(kind, errors.KnackClientError) for kind in kinds)


def test_the_tree_in_the_docstring_names_every_error() -> None:
    kinds = [
        kind.__name__
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ]
    assert [name for name in kinds if name not in str(errors.__doc__)] == []


@pytest.mark.parametrize("code", RejectCode)
def test_a_reject_without_a_detail_says_what_its_code_means(code: RejectCode) -> None:
    assert len(str(errors.Rejected(code))) > len(code.name) + 10


def test_a_reject_with_a_detail_says_that() -> None:
    assert str(errors.Rejected(RejectCode.NAME_TAKEN, detail="Ada 2")) == "name_taken: Ada 2"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (CloseCode.REPLACED, errors.Replaced),
        (CloseCode.SESSION_ENDED, errors.SessionEnded),
        (CloseCode.FLOODING, errors.Refused),
    ],
)
def test_a_final_close_becomes_the_error_of_its_code(code: CloseCode, kind: type[errors.Refused]) -> None:
    error = errors.refused(code)
    assert type(error) is kind
    assert error.code == code
    assert str(int(code)) in str(error)
