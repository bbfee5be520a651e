"""A hall for browser tests: a server in a thread of its own, whose clock a test sets forward, and pages that look at it.

Nobody overlooks what goes wrong in a page: uncaught errors, violated policies and dialogs are collected, and leaving the
hall fails when there were any.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import uvloop
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, expect
from tests.support.port import keep_port
from tests.support.site import Hand, Site, open_site

R = TypeVar("R")

WALL = {"width": 1920, "height": 1080}
PHONE = {"width": 360, "height": 640}

SOON_MS = 1_000
"""Within which a move and an act of the desk have to be on every screen, where the machine is ours alone."""

PATIENCE_MS = 60_000
"""How long a test waits for what must come; only one that fails waits so long."""

ANSWER_WITHIN_S = 60
_LOOK_EVERY_MS = 20
LONG_RUN_MS = 100_000
"""Longer than a sprint and than a level of the climb."""


class Hall:
    """A server, its players, and everybody who looks at it with a browser."""

    def __init__(self, folder: Path, chromium: Browser, settings: dict[str, Any]) -> None:
        self._folder = folder
        self._place = keep_port()
        self._settings = {"port": self._place.getsockname()[1], **settings}
        self._chromium = chromium
        self._complaints: list[str] = []
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="server", daemon=True)
        self._thread.start()
        self._doors: AsyncExitStack | None = None
        self.open_doors()
        self.desk_token = self.do(self.site.house.orders.desk_add("ada"))["token"]

    # --- the server ---

    @property
    def site(self) -> Site:
        return self._site

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._settings['port']}"

    def do(self, what: Coroutine[Any, Any, R]) -> R:
        """Run a coroutine where the server runs."""
        future: Future[R] = asyncio.run_coroutine_threadsafe(what, self._loop)
        return future.result(ANSWER_WITHIN_S)

    def open_doors(self) -> None:
        """Start the server, always on the same port."""

        async def start() -> tuple[AsyncExitStack, Site]:
            doors = AsyncExitStack()
            return doors, await doors.enter_async_context(open_site(self._folder, **self._settings))

        self._doors, self._site = self.do(start())

    def close_doors(self) -> None:
        """Stop the server, as Ctrl-C does."""
        if self._doors is not None:
            doors, self._doors = self._doors, None
            self.do(doors.aclose())

    def pass_ms(self, ms: int) -> None:
        """Let time pass at once."""

        async def let_pass() -> None:
            self.site.pass_ms(ms)

        self.do(let_pass())

    # --- players ---

    def player(self, name: str, moves: int, course: str = "sprint") -> Hand:
        """Let somebody join and play some moves."""

        async def come_and_play() -> Hand:
            return await self.site.play(await self.site.player(name), moves, course)

        return self.do(come_and_play())

    def again(self, hand: Hand, moves: int, course: str = "sprint") -> Hand:
        """Let the same person play once more."""
        return self.do(self.site.play(hand.line, moves, course))

    def move(self, hand: Hand) -> int:
        """Play one more move; return the score."""
        self.do(hand.move())
        return hand.score

    def end_runs(self) -> None:
        """Let the time of every run run out."""
        self.pass_ms(LONG_RUN_MS)

    # --- visitors ---

    def open(
        self, path: str, *, locale: str = "en-GB", viewport: dict[str, int] = WALL, **device: Any
    ) -> Page:
        """Open a page on a device of its own."""
        page = self._chromium.new_context(locale=locale, viewport=viewport, **device).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self._complaints.append(f"{path}: {error}"))
        page.on("console", lambda message: self._hear(path, message))
        page.on("dialog", lambda dialog: self._refuse(path, dialog))
        page.goto(self.url + path)
        return page

    def open_desk(self, path: str = "/desk", **device: Any) -> Page:
        """Open the desk and sign in."""
        page = self.open(path, **device)
        page.fill("#token", self.desk_token)
        page.keyboard.press("Enter")
        expect(page.locator("#sign-out")).to_be_visible()
        return page

    def close(self) -> None:
        for context in self._chromium.contexts:
            context.close()
        self.close_doors()
        self._place.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def complaints(self) -> list[str]:
        return list(self._complaints)

    def _hear(self, path: str, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self._complaints.append(f"{path}: {message.text}")

    def _refuse(self, path: str, dialog: Dialog) -> None:
        self._complaints.append(f"{path}: a dialog says {dialog.message}")
        dialog.dismiss()


@contextmanager
def open_hall(folder: Path, chromium: Browser, **settings: Any) -> Iterator[Hall]:
    """Open the hall; `settings` are the server's."""
    hall = Hall(folder, chromium, settings)
    try:
        yield hall
    finally:
        hall.close()
    assert hall.complaints() == []


def until(page: Page, holds: str | Callable[[], object]) -> None:
    """Wait until something holds, here or as an expression in the page; Playwright's own way is forbidden by its policy."""
    give_up_s = monotonic() + PATIENCE_MS / 1000
    while not (page.evaluate(holds) if isinstance(holds, str) else holds()):
        assert monotonic() < give_up_s, f"not within {PATIENCE_MS} ms: {holds}"
        page.wait_for_timeout(_LOOK_EVERY_MS)


def look_out(page: Page, selector: str) -> None:
    """Note from now on when something is shown, even if it is gone again before anybody asks; see `has_shown`."""
    page.evaluate(
        """(selector) => {
          const look = () => {
            if (document.querySelector(selector)?.checkVisibility()) (window.hasShown ??= new Set()).add(selector);
          };
          look();
          new MutationObserver(look).observe(document, { attributes: true, childList: true, subtree: true });
        }""",
        selector,
    )


def has_shown(page: Page, selector: str) -> None:
    """Wait until something was shown that `look_out` has looked out for."""
    until(page, f"window.hasShown?.has({json.dumps(selector)}) === true")


def row_of(screen: Page, name: str) -> Locator:
    """Return the row of the screen's standings that carries this name."""
    return screen.locator(".rows .row").filter(has=screen.get_by_text(name, exact=True))


def names_on(screen: Page) -> list[str]:
    """Return the names in the standings that are on show, from the top."""
    return screen.locator(".panel:visible .row-name").all_inner_texts()


def look_at_run(desk: Page, name: str) -> None:
    """Open the page of somebody's run on the desk."""
    desk.locator(".run-row").get_by_role("link", name=name, exact=True).click()
    expect(desk.locator(".run-acts button").first).to_be_visible()


def act(desk: Page, kind: str, reason: str = "because", text: str = "") -> None:
    """Do an act on the run that the desk shows, and wait until it is done."""
    desk.click(f".run-acts [value={kind}]")
    if text:
        desk.fill("#act-text", text)
    desk.fill("#act-reason", reason)
    desk.click("#act-confirm")
    expect(desk.locator("#act-dialog")).to_be_hidden()
