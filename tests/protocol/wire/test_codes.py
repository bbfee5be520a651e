import pytest

from knack_protocol.wire.codes import CLOSES, REJECTS, CloseCode, RejectCode, reconnects


def test_every_reject_code_has_one_row_in_order() -> None:
    assert [row.code for row in REJECTS] == list(RejectCode)
    assert [code.value for code in RejectCode] == sorted({code.value for code in RejectCode})


def test_every_close_code_has_one_row_in_order() -> None:
    assert [row.code for row in CLOSES] == list(CloseCode)


def test_names_are_written_as_documents_write_them() -> None:
    assert REJECTS[10].name == "name_taken"
    assert CLOSES[-1].name == "flooding"


def test_no_meaning_is_given_twice() -> None:
    assert len({row.meaning for row in REJECTS}) == len(REJECTS)
    assert len({row.meaning for row in CLOSES}) == len(CLOSES)


def test_what_says_how_long_to_wait_may_come_again() -> None:
    assert all(row.may_retry for row in REJECTS if "wait_ms" in row.meaning)


@pytest.mark.parametrize("row", CLOSES, ids=lambda row: row.name)
def test_the_column_reconnect_is_what_the_rule_says(row: object) -> None:
    assert row.reconnect is reconnects(row.code)


@pytest.mark.parametrize("close_code", [1001, 1006, 1011, 1012, 1013, 4000, 4002, 4499])
def test_a_client_comes_back(close_code: int) -> None:
    assert reconnects(close_code)


@pytest.mark.parametrize(
    "close_code", [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 1014, 1015, 3000, 4500, 4999, 5000]
)
def test_a_client_stays_away(close_code: int) -> None:
    assert not reconnects(close_code)
