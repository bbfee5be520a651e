"""Somebody with a browser: opens the play page, joins, and swaps by mouse, by swipe, by two taps or by keys."""

import re
from collections.abc import Callable

from playwright.sync_api import CDPSession, Page, WebSocket, expect
from tests.support.hall import until

from knack_protocol.rules.board import Board
from knack_protocol.rules.swaps import Direction, Swap, legal_swaps
from knack_protocol.wire.codec import decode_message
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Moved, Reject

STARTED = re.compile("^(countdown|playing)$")
"""The page's state after a start: whoever looks late sees no countdown."""

Hand = Callable[["Guest", Swap], None]


class Guest:
    """One page, what it was told by the server, and a player's hands."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.root = page.locator("#play")
        self.moved: list[Moved] = []
        self.rejected: list[RejectCode] = []
        self._touch: CDPSession | None = None
        self._cursor = 0
        page.on("websocket", self._listen)

    # --- getting there ---

    def open(self, path: str = "/") -> None:
        self.page.goto(self.url + path)
        expect(self.page.locator("#start")).to_be_enabled()

    def join(self, name: str, course: str = "climb") -> None:
        """Open the page, skip the drawings, and start a run under a name."""
        self.open()
        self.page.locator("#name").fill(name)
        self.page.locator(f"input[value={course}]").check(force=True)
        self.page.locator("#start").click()
        if self.page.locator("#intro").is_visible():
            self.page.locator("#intro-go").click()

    def begin(self, name: str, course: str = "climb") -> str:
        """Join, wait out the countdown, and return the first board."""
        self.join(name, course)
        return self.board()

    # --- playing ---

    def board(self) -> str:
        """The board, as soon as it is at rest and open for a swap."""
        self.page.wait_for_selector("#play[data-state=playing][data-board]")
        digits = self.root.get_attribute("data-board")
        assert digits is not None
        return digits

    def play(self, swap_with: Hand, count: int) -> None:
        """Play so many legal swaps, each as soon as the board is open."""
        for number in range(count):
            swaps = legal_swaps(Board.parse(self.board()))
            before = len(self.moved)
            swap_with(self, swaps[number % len(swaps)])
            self._until_answered(before + len(self.rejected) + 1)
            self.board()
            assert len(self.moved) == before + 1

    @property
    def score(self) -> int:
        return int(self.root.get_attribute("data-score") or "-1")

    def swap_by_mouse(self, swap: Swap) -> None:
        (x, y), (u, v) = self._places(swap)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move((x + u) / 2, (y + v) / 2, steps=3)
        self.page.mouse.move(u, v)
        self.page.mouse.up()

    def swap_by_clicks(self, swap: Swap) -> None:
        for x, y in self._places(swap):
            self.page.mouse.click(x, y)

    def swap_by_taps(self, swap: Swap) -> None:
        for x, y in self._places(swap):
            self.page.touchscreen.tap(x, y)

    def swap_by_swipe(self, swap: Swap) -> None:
        (x, y), (u, v) = self._places(swap)
        self._finger("touchStart", x, y)
        for part in (0.25, 0.5, 0.75):
            self._finger("touchMove", x + part * (u - x), y + part * (v - y))
        self._finger("touchEnd")

    def swap_by_keys(self, swap: Swap) -> None:
        """Walk the cursor to the cell, pick it, and push it over its neighbour."""
        keyboard = self.page.keyboard
        here = int(self.page.evaluate("Number(document.activeElement.dataset.cell ?? -1)"))
        assert here >= 0, "the board has no keyboard focus"
        rows, columns = swap.cell // 8 - here // 8, swap.cell % 8 - here % 8
        for _ in range(abs(rows)):
            keyboard.press("ArrowDown" if rows > 0 else "ArrowUp")
        for _ in range(abs(columns)):
            keyboard.press("ArrowRight" if columns > 0 else "ArrowLeft")
        keyboard.press("Enter")
        keyboard.press("ArrowRight" if swap.direction == Direction.RIGHT else "ArrowDown")

    # --- inside ---

    def _places(self, swap: Swap) -> tuple[tuple[float, float], tuple[float, float]]:
        box = self.page.locator("#board").bounding_box()
        assert box is not None
        side = box["width"] / 8

        def middle(cell: int) -> tuple[float, float]:
            return box["x"] + (cell % 8 + 0.5) * side, box["y"] + (cell // 8 + 0.5) * side

        return middle(swap.cell), middle(swap.cell + (1 if swap.direction == Direction.RIGHT else 8))

    def _finger(self, kind: str, *place: float) -> None:
        if self._touch is None:
            self._touch = self.page.context.new_cdp_session(self.page)
        points = [{"x": place[0], "y": place[1]}] if place else []
        self._touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def _until_answered(self, replies: int) -> None:
        """Wait for so many replies to moves. The board is closed from its swap on: no look at it can miss that."""
        until(self.page, lambda: len(self.moved) + len(self.rejected) >= replies)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hear)

    def _hear(self, frame: str | bytes) -> None:
        message = decode_message(frame.encode() if isinstance(frame, str) else frame)
        if isinstance(message, Moved):
            self.moved.append(message)
        elif isinstance(message, Reject):
            self.rejected.append(RejectCode(message.code))
