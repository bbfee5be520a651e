"""The bench's programs: what is told when one cannot do what it was told, or has ended."""

import os
import sys
from collections.abc import Iterator

import pytest

from knack_loadtest.bench.process import Client, Program, ProgramFailed, Server

pytestmark = pytest.mark.system

SILENT = "import time; print('ready 1', flush=True); time.sleep(600)"
"""A server that says that it listens, on a port where nobody does."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server("silent", [sys.executable, "-c", SILENT], os.environ) as server:
        yield server


def test_a_client_tells_what_failed_and_where(server: Server) -> None:
    with (
        Client(server, "plain") as client,
        pytest.raises(ProgramFailed, match=r"^silent: ConnectionRefusedError: .*crowd\.py:\d+ _open\)$"),
    ):
        client.do("connect", count=1)


def test_a_client_that_has_ended_is_told_of_in_its_own_last_words(server: Server) -> None:
    with (
        Client(server, "none such") as client,
        pytest.raises(ProgramFailed, match=r"^the client of silent ended with 1: .*KeyError: 'none such'$"),
    ):
        client.do("rest", duration_s=0)


def test_a_server_that_has_ended_is_told_of_beside_its_client() -> None:
    dying = "import sys; print('ready 1', flush=True); sys.exit('no more')"
    with (
        Server("dying", [sys.executable, "-c", dying], os.environ) as server,
        Client(server, "none such") as client,
    ):
        os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(ProgramFailed, match=r"KeyError: 'none such'; dying ended with 1: "):
            client.do("rest", duration_s=0)


def test_a_program_that_has_ended_is_told_of_in_its_own_last_words() -> None:
    dying = "print('{}', flush=True); input(); raise ValueError('one round too many')"
    with (
        Program("dying", [sys.executable, "-c", dying], os.environ, frozenset({0})) as program,
        pytest.raises(ProgramFailed, match=r"^dying ended with 1: .*ValueError: one round too many$"),
    ):
        program.ask()
