"""`desk` and `event`: the same whether a server runs on the folder or none does."""

import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.server.cli.conftest import Knackpunkt, Outcome
from tests.support.process import ServerProcess, serving

Command = Callable[..., Outcome]


@pytest.fixture(params=["with a server", "without one"])
def command(request: pytest.FixtureRequest, knackpunkt: Knackpunkt, tmp_path: Path) -> Iterator[Command]:
    """Give orders to a folder, on which a server runs or none does."""
    folder = tmp_path / "data"

    def order(*arguments: str) -> Outcome:
        return knackpunkt(*arguments, folder=folder)

    if request.param == "without one":
        yield order
        return
    with serving(folder) as server:
        assert order("desk", "revoke", "organiser").code == 0
        yield order
        assert server.complained == []


def refused(outcome: Outcome) -> str:
    assert (outcome.code, outcome.out) == (2, "")
    (line,) = outcome.err.splitlines()
    assert line.startswith("knackpunkt: ")
    return line.removeprefix("knackpunkt: ")


def test_moderators_come_and_go(command: Command) -> None:
    added = command("desk", "add", "Ada Lovelace")

    assert (added.code, added.err) == (0, "")
    assert len(added.out.strip()) >= 43
    assert command("desk", "list").out == "Ada Lovelace\n"
    assert (
        refused(command("desk", "add", "Ada Lovelace")) == "Ada Lovelace has a token already; revoke it first"
    )
    assert command("desk", "revoke", "Ada Lovelace").out == "Ada Lovelace can no longer use the desk.\n"
    assert command("desk", "list").out == ""
    assert refused(command("desk", "revoke", "Ada Lovelace")) == "Ada Lovelace has no token"


def test_events_are_added_listed_and_chosen(command: Command) -> None:
    assert command("event", "add", "fair", "--title", "The fair").out == "/e/fair\n"

    assert command("event", "list").out == "* demo  Knackpunkt\n  fair  The fair\n"
    assert command("event", "use", "fair").out == "/ shows fair now.\n"
    assert command("event", "list").out == "  demo  Knackpunkt\n* fair  The fair\n"
    assert refused(command("event", "add", "fair", "--title", "x")) == "there is an event fair already"
    assert refused(command("event", "add", "The Fair", "--title", "x")).startswith("an event's id is")
    assert refused(command("event", "use", "nowhere")) == "there is no event nowhere"
    assert "is drawn, for a rehearsal" in refused(command("event", "add", "rehearsal-x", "--title", "x"))


def test_an_event_is_ended_once(command: Command) -> None:
    ended = command("event", "end", "demo", "--yes")

    assert ended.out == "demo has ended; /api/event/bundle?event=demo is the whole of it.\n"
    assert command("event", "list").out == "* demo  Knackpunkt  (ended)\n"
    assert refused(command("event", "end", "demo", "--yes")) == "The event has ended already."
    assert refused(command("event", "end", "nowhere", "--yes")) == "there is no event nowhere"


def test_an_event_is_not_ended_by_mistake(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert command("event", "end", "demo").code == 1
    assert command("event", "list").out == "* demo  Knackpunkt\n"


def test_what_was_ordered_without_a_server_holds_when_one_starts(
    knackpunkt: Knackpunkt, tmp_path: Path
) -> None:
    token = knackpunkt("desk", "add", "ada").out.strip()
    knackpunkt("event", "add", "fair", "--title", "The fair")
    knackpunkt("event", "use", "fair")

    with serving(tmp_path / "data") as server:
        assert asked(server, "/api/desk", token) == {
            "name": "ada",
            "event": "fair",
            "kind": "live",
            "ended_at_ms": None,
        }
        assert server.desk_token == ""


def test_a_token_is_good_and_worthless_at_once_on_a_running_server(
    knackpunkt: Knackpunkt, running: ServerProcess
) -> None:
    token = knackpunkt("desk", "add", "grace", folder=running.folder).out.strip()
    assert asked(running, "/api/desk", token) == {
        "name": "grace",
        "event": "demo",
        "kind": "live",
        "ended_at_ms": None,
    }

    knackpunkt("desk", "revoke", "grace", folder=running.folder)

    with pytest.raises(urllib.error.HTTPError) as refusal:
        asked(running, "/api/desk", token)
    assert refusal.value.code == 401
    refusal.value.close()


def test_the_first_start_prints_a_token_even_after_an_event_was_added(
    knackpunkt: Knackpunkt, tmp_path: Path
) -> None:
    knackpunkt("event", "add", "fair", "--title", "The fair")

    with serving(tmp_path / "data") as server:
        assert asked(server, "/api/desk", server.desk_token)["name"] == "organiser"


def test_a_folder_that_cannot_be_one_is_told(knackpunkt: Knackpunkt, tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    for order in (("desk", "list"), ("event", "add", "fair", "--title", "x"), ("desk", "add", "ada")):
        assert "cannot be written" in refused(knackpunkt(*order))


def asked(server: ServerProcess, path: str, token: str) -> dict[str, str]:
    request = urllib.request.Request(f"{server.url}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        document: dict[str, str] = json.load(answer)
        return document


def test_a_rehearsal_is_opened_listed_and_deleted(command: Command) -> None:
    opened = command("event", "rehearse")
    event = opened.out.strip().removeprefix("/e/")

    assert (opened.code, event[:10], len(event)) == (0, "rehearsal-", 26)
    assert command("event", "list").out == f"* demo  Knackpunkt\n  {event}  Rehearsal  (rehearsal)\n"
    assert refused(command("event", "rehearse", "--title", "x")).startswith(
        f"There is a rehearsal already, {event};"
    )
    assert refused(command("event", "use", event)).startswith(f"{event} is a rehearsal")
    assert refused(command("event", "delete", "demo", "--yes")).startswith("That is no rehearsal;")
    assert refused(command("event", "delete", "nowhere", "--yes")) == "There is no such event."
    assert command("event", "delete", event, "--yes").out == f"{event} is gone.\n"
    assert command("event", "list").out == "* demo  Knackpunkt\n"
    assert refused(command("event", "delete", event, "--yes")) == "There is no such event."
    assert command("event", "rehearse", "--title", "The hall").out != opened.out


def test_a_rehearsal_is_not_deleted_by_mistake(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    event = command("event", "rehearse").out.strip().removeprefix("/e/")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert command("event", "delete", event).code == 1
    assert event in command("event", "list").out
