"""`knackpunkt serve` where it cannot serve: one line that says why, and exit code 2."""

import socket
from pathlib import Path

import pytest
from tests.server.cli.conftest import Knackpunkt, Outcome
from tests.support.process import ServerProcess

from knack_server.config import setting_rows


def one_line(outcome: Outcome) -> str:
    assert outcome.code == 2
    assert outcome.out == ""
    (line,) = outcome.err.splitlines()
    assert line.startswith("knackpunkt: ")
    return line.removeprefix("knackpunkt: ")


def test_the_help_lists_every_setting(knackpunkt: Knackpunkt) -> None:
    outcome = knackpunkt("serve", "--help")

    assert outcome.code == 0
    for row in setting_rows():
        assert f"  {row.name}  [" in outcome.out
        assert f"      {row.help}\n" in outcome.out


def test_a_misspelt_setting_is_named(knackpunkt: Knackpunkt) -> None:
    assert one_line(knackpunkt("serve", prot=8000)).startswith("KNACK_PROT: no such setting")


@pytest.mark.parametrize("port", ["http", "65536", "-1"])
def test_a_port_that_is_none_is_named(knackpunkt: Knackpunkt, port: str) -> None:
    assert one_line(knackpunkt("serve", port=port)).startswith("KNACK_PORT: must be a whole number")


def test_a_taken_port_is_told_before_anything_is_made(knackpunkt: Knackpunkt, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        line = one_line(knackpunkt("serve", port=port))

    assert line == f"cannot listen on 127.0.0.1 port {port}: Address already in use"
    assert not (tmp_path / "data").exists()


def test_a_host_that_is_not_this_machine_is_told(knackpunkt: Knackpunkt) -> None:
    assert one_line(knackpunkt("serve", host="192.0.2.1")).startswith("cannot listen on 192.0.2.1 port 0: ")


def test_a_host_name_that_nobody_knows_is_told(knackpunkt: Knackpunkt) -> None:
    assert one_line(knackpunkt("serve", host="no-such-host.invalid")).startswith(
        "cannot listen on no-such-host"
    )


def test_a_data_folder_that_cannot_be_written_is_told(knackpunkt: Knackpunkt, tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    assert (
        one_line(knackpunkt("serve")) == f"the data folder {tmp_path / 'data'} cannot be written: File exists"
    )


def test_a_database_that_is_none_is_told(knackpunkt: Knackpunkt, tmp_path: Path) -> None:
    assert knackpunkt("event", "list").code == 0
    (tmp_path / "data" / "knackpunkt.sqlite").write_bytes(b"not a database, by far " * 100)

    assert "damaged or no database" in one_line(knackpunkt("serve"))


def test_a_lost_seed_is_told(knackpunkt: Knackpunkt, tmp_path: Path) -> None:
    assert knackpunkt("event", "list").code == 0
    (tmp_path / "data" / "master.key").unlink()

    assert "master.key is missing" in one_line(knackpunkt("serve"))


def test_a_second_server_on_the_folder_is_told(knackpunkt: Knackpunkt, running: ServerProcess) -> None:
    line = one_line(knackpunkt("serve", folder=running.folder))

    assert line == f"another server is running on the data folder {running.folder}"


def test_a_second_server_on_the_port_is_told(knackpunkt: Knackpunkt, running: ServerProcess) -> None:
    assert one_line(knackpunkt("serve", port=running.port)).startswith(
        f"cannot listen on 127.0.0.1 port {running.port}"
    )


def test_every_fault_of_the_settings_has_its_line(knackpunkt: Knackpunkt) -> None:
    outcome = knackpunkt("serve", port="x", prot="x")

    assert outcome.code == 2
    assert [line.split(": ")[1] for line in outcome.err.splitlines()] == ["KNACK_PROT", "KNACK_PORT"]
