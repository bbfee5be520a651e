"""A real server process and a real Chromium for tests that drive pages.

`server` is one process for all tests of a module; `venue` is one that a test may kill. `guest` opens pages; whatever a
page complains about (an exception, a violated policy, a file that is not there) fails the test at its end.
"""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from tests.browser.guest import Guest
from tests.browser.venue import Venue
from tests.support.hall import PATIENCE_MS

CHROMIUM = "/usr/bin/chromium"
PLAIN_HOST = "knackpunkt.test"
"""A name that this Chromium takes for the loopback: over plain http it is not a secure context, like a hall's network."""

PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}

EXPECTED_COMPLAINTS = (
    "WebSocket connection to",  # every failed attempt is written to the console, and tests cut the line
    "Failed to load resource: net::ERR_",
)

OpenGuest = Callable[..., Guest]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Venue]:
    venue = Venue(tmp_path_factory.mktemp("data")).start()
    yield venue
    venue.stop()


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    venue = Venue(tmp_path / "data").start()
    yield venue
    venue.stop()


@pytest.fixture
def guest(chromium: Browser) -> Iterator[OpenGuest]:
    """`guest(venue, **context)` is somebody with a window of their own: `viewport`, `locale`, `has_touch`, …"""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_guest(venue: Venue, host: str = "127.0.0.1", **context: Any) -> Guest:
        opened = chromium.new_context(**{"locale": "de-DE", **DESK, **context})
        contexts.append(opened)
        opened.set_default_timeout(PATIENCE_MS)
        page = opened.new_page()
        _note_complaints(page, complaints)
        return Guest(page, f"http://{host}:{venue.port}")

    yield open_guest
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def name() -> Callable[[], str]:
    """Names that nobody has taken yet, nor been offered instead of a taken one: those end in a number."""
    numbers = itertools.count(1)
    return lambda: f"{next(numbers)}. Gast"


def _note_complaints(page: Page, complaints: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED_COMPLAINTS):
            complaints.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
