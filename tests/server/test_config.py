"""Settings come from the environment, and a wrong one is a clear line."""

import os
from pathlib import Path

import pytest

from knack_server.config import (
    ConfigError,
    Settings,
    load_settings,
    render_settings,
    render_settings_markdown,
    setting_rows,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KNACK_")]:
        monkeypatch.delenv(name)


def fault(**given: object) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(**given)
    return str(caught.value)


def test_without_any_setting_the_server_is_for_this_computer_only() -> None:
    settings = load_settings()

    assert (settings.host, settings.port, settings.data_dir) == ("127.0.0.1", 8000, Path("data"))
    assert settings.public_url is None
    assert settings.retention_days == 180


def test_the_environment_sets_and_what_is_given_counts_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNACK_PORT", "8001")
    monkeypatch.setenv("KNACK_RUNS_MAX", "3")

    assert load_settings().port == 8001
    assert load_settings(port=8002).port == 8002
    assert load_settings().runs_max == 3


def test_an_empty_variable_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNACK_PORT", "")
    monkeypatch.setenv("KNACK_PUBLIC_URL", "")

    assert load_settings() == Settings()


def test_the_home_folder_may_be_written_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")

    assert load_settings(data_dir="~/knack").data_dir == Path("/home/ada/knack")


def test_settings_cannot_change_while_the_server_runs() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1


def test_a_misspelt_setting_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNACK_PROT", "8001")

    assert fault() == "knackpunkt: KNACK_PROT: no such setting (`knackpunkt serve --help` lists them)"


def test_a_setting_unknown_to_the_table_cannot_be_given_either() -> None:
    assert fault(prot=8001) == "knackpunkt: KNACK_PROT: no such setting"


def test_every_fault_gets_its_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNACK_PORT", "http")
    monkeypatch.setenv("KNACK_LOG_LEVEL", "loud")
    monkeypatch.setenv("KNACK_COLOUR", "green")

    assert fault().splitlines() == [
        "knackpunkt: KNACK_COLOUR: no such setting (`knackpunkt serve --help` lists them)",
        "knackpunkt: KNACK_PORT: must be a whole number from 0 to 65535 (it is 'http')",
        "knackpunkt: KNACK_LOG_LEVEL: must be one of debug, info, warning, error (it is 'loud')",
    ]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("host", "1.2.3"),
        ("host", "http://0.0.0.0"),
        ("host", "-x"),
        ("port", "-1"),
        ("port", "65536"),
        ("port", "8000.5"),
        ("public_url", "knack.example"),
        ("public_url", "ftp://knack.example"),
        ("public_url", "https://knack.example/play"),
        ("public_url", "https://knack.example?"),
        ("public_url", "https://knack.example#x"),
        ("public_url", "https://ada:pw@knack.example"),
        ("public_url", "https://knack.example:99999"),
        ("public_url", "https://müller.example"),
        ("public_url", "https://"),
        ("public_url", "https://[::1"),
        ("demo_event", "Stadtfest"),
        ("demo_event", "a" * 33),
        ("demo_title", "\x1b[31m"),
        ("demo_title", "x" * 81),
        ("retention_days", "0"),
        ("publish_interval_ms", "1"),
        ("publish_interval_ms", "60000"),
        ("runs_max", "0"),
        ("connections_max", "0"),
        ("metrics", "9100"),
        ("metrics", "localhost:9100"),
        ("metrics", "127.0.0.1:65536"),
        ("metrics", "::1:9100"),
        ("trusted_proxy", "proxy.example"),
        ("trusted_proxy", "10.0.0.1/8"),
        ("trusted_proxy", "127.0.0.1,"),
        ("log_level", "INFORMATIVE"),
    ],
)
def test_a_value_that_makes_no_sense_is_one_line_that_names_its_setting(
    name: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"KNACK_{name.upper()}", wrong)

    lines = fault().splitlines()

    assert len(lines) == 1
    assert lines[0].startswith(f"knackpunkt: KNACK_{name.upper()}: must ")


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://knack.example", "https://knack.example"),
        ("HTTPS://Knack.Example:443/", "https://knack.example"),
        ("http://knack.example:80", "http://knack.example"),
        ("http://192.168.1.20:8000", "http://192.168.1.20:8000"),
        ("http://[FD00::1]:8000/", "http://[fd00::1]:8000"),
    ],
)
def test_a_public_address_is_kept_as_browsers_name_an_origin(typed: str, origin: str) -> None:
    assert load_settings(public_url=typed).public_url == origin


@pytest.mark.parametrize(
    ("typed", "host"), [("[::]", "::"), ("0.0.0.0", "0.0.0.0"), ("knack-pi.local", "knack-pi.local")]
)
def test_a_host_is_an_address_or_a_name(typed: str, host: str) -> None:
    assert load_settings(host=typed).host == host


@pytest.mark.parametrize(
    ("typed", "kept"), [("127.0.0.1", "127.0.0.1/32"), ("10.0.0.0/8, ::1", "10.0.0.0/8,::1/128")]
)
def test_proxies_are_addresses_and_networks(typed: str, kept: str) -> None:
    assert load_settings(trusted_proxy=typed).trusted_proxy == kept


@pytest.mark.parametrize(("typed", "kept"), [("127.0.0.1:9100", "127.0.0.1:9100"), ("[0::1]:0", "[::1]:0")])
def test_metrics_have_an_address_and_a_port(typed: str, kept: str) -> None:
    assert load_settings(metrics=typed).metrics == kept


def test_every_setting_has_unit_and_help_and_a_default_that_it_would_accept() -> None:
    for row in setting_rows():
        assert row.unit
        assert row.help.endswith(".")
        if row.default:
            name = row.name.removeprefix("KNACK_").lower()
            assert getattr(load_settings(**{name: row.default}), name) == getattr(Settings(), name)


def test_every_setting_does_something() -> None:
    read = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "server" / "knack_server").rglob("*.py")
    )

    assert [name for name in Settings.model_fields if f"settings.{name}" not in read] == []


def test_the_help_lists_every_setting() -> None:
    assert [row.name for row in setting_rows() if row.name not in render_settings()] == []
    assert len(setting_rows()) == len(Settings.model_fields)


def test_the_manual_shows_the_table_as_it_is() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert render_settings_markdown() in manual
