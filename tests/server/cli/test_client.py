"""What goes wrong with a client is said in one line, with an exit code that scripts can act on."""

import click
import pytest
from click.testing import CliRunner

from knack_client.errors import BrokenReceipt, KnackClientError, Rejected, Unreachable
from knack_protocol.wire.codes import RejectCode
from knack_server.cli.client import run, url_option


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (Unreachable("cannot connect"), 2, "Error: cannot connect\n"),
        (
            Rejected(RejectCode.UNKNOWN_COURSE),
            2,
            "Error: unknown_course: the event has no such course\n",
        ),
        (BrokenReceipt("score: 1, not 2"), 1, "Error: score: 1, not 2\n"),
    ],
)
def test_a_failure_is_one_line_and_its_exit_code(error: KnackClientError, code: int, line: str) -> None:
    @click.command()
    def command() -> None:
        async def fail() -> None:
            raise error

        run(fail())

    result = CliRunner().invoke(command)
    assert (result.exit_code, result.output) == (code, line)


def test_ctrl_c_ends_quietly() -> None:
    @click.command()
    def command() -> None:
        async def interrupted() -> None:
            raise KeyboardInterrupt

        run(interrupted())

    result = CliRunner().invoke(command)
    assert (result.exit_code, result.output) == (130, "")


def test_what_is_no_address_is_refused_before_anything_is_tried() -> None:
    @click.command()
    @url_option
    def command(url: str) -> None:
        click.echo(url)

    assert CliRunner().invoke(command, ["--url", "localhost"]).exit_code == 2
    assert CliRunner().invoke(command, []).output == "ws://127.0.0.1:8000\n"
