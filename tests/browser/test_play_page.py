"""What the play page shows and says, from the title to the next player; and what it never shows."""

import pytest
from playwright.sync_api import Route, WebSocketRoute, expect
from tests.browser.conftest import DESK, PHONE
from tests.browser.guest import STARTED, Guest
from tests.browser.venue import TITLE
from tests.support.hall import has_shown, look_out

from knack_protocol.rules.board import Board
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codec import decode_command, decode_message, encode
from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Move, Moved, Recording, Reject, Status

pytestmark = pytest.mark.browser

LYING_PHONE = {"viewport": {"width": 640, "height": 360}, "has_touch": True}
WALL = {"viewport": {"width": 3840, "height": 2160}}


def test_the_language_is_the_browsers_and_switches_without_a_reload(server, guest):
    visitor = guest(server, locale="en-GB")
    visitor.open()
    page = visitor.page
    expect(page.locator("#start")).to_have_text("Let’s go")
    expect(page.locator("h1")).to_have_text(TITLE)
    page.evaluate("window.sameDocument = true")

    page.get_by_role("button", name="Deutsch").click()

    expect(page.locator("#start")).to_have_text("Los geht’s")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert page.evaluate("window.sameDocument") is True
    page.reload()
    expect(page.locator("#start")).to_have_text("Los geht’s")


def test_beside_the_name_stands_what_is_stored_and_until_when(server, guest):
    visitor = guest(server)
    visitor.open()

    note = visitor.page.locator("#name-note")
    expect(note).to_contain_text("speichern wir deinen Namen und deine Züge")
    expect(note).to_contain_text("nach 180 Tagen gelöscht")
    expect(note.get_by_role("link")).to_have_attribute("href", "/privacy")


def test_a_name_that_does_not_fit_is_explained_and_a_taken_one_gets_another(server, guest, name):
    taken = name()
    guest(server).begin(taken)
    visitor = guest(server)
    visitor.join("x")
    problem = visitor.page.locator("#name-problem")
    expect(problem).to_have_text("Mindestens 2 Zeichen, bitte.")
    expect(visitor.root).to_have_attribute("data-state", "idle")

    visitor.page.locator("#name").fill(taken)
    visitor.page.locator("#start").click()
    expect(problem).to_contain_text("gibt es schon")
    visitor.page.locator("#name-suggestion").click()
    visitor.page.locator("#start").click()

    expect(visitor.root).to_have_attribute("data-state", STARTED)


def test_the_drawings_come_once(server, guest, name):
    visitor = guest(server)
    visitor.open()
    visitor.page.locator("#name").fill(name())
    visitor.page.locator("#start").click()
    expect(visitor.page.locator("#intro img")).to_have_count(3)
    visitor.page.keyboard.press("Escape")
    expect(visitor.root).to_have_attribute("data-state", STARTED)
    assert visitor.page.evaluate("localStorage.getItem('knack.seen-intro')") == "1"


def test_a_voided_run_ends_at_once_and_the_next_player_starts_as_nobody(server, guest, name):
    player = guest(server)
    player.begin(name())
    player.play(Guest.swap_by_mouse, 1)
    server.void(player.moved[-1].run)

    card = player.page.locator("#end")
    expect(card).to_contain_text("Dieser Lauf zählt nicht")
    card.locator("#next-player").click()

    expect(player.page.locator("#name")).to_be_visible()
    expect(player.page.locator("#name")).to_have_value("")
    assert player.page.evaluate("localStorage.getItem('knack.session.demo')") is None


def test_the_session_stays_in_this_browser_and_its_token_in_no_address(server, guest, name):
    player = guest(server)
    addresses: list[str] = []
    player.page.on("request", lambda request: addresses.append(request.url))
    player.page.on("websocket", lambda socket: addresses.append(socket.url))
    me = name()
    player.begin(me)
    token = player.page.evaluate("localStorage.getItem('knack.session.demo')")
    server.void(player.page.evaluate("history.state.run"))
    expect(player.page.locator("#end")).to_be_visible()

    visitor = Guest(player.page.context.new_page(), player.url)
    visitor.open()

    expect(visitor.page.locator("#who-name")).to_contain_text(me)
    expect(visitor.root).to_have_attribute("data-state", "idle")
    assert len(token) > 20
    assert not any(token in address for address in [*addresses, player.page.url])


@pytest.mark.parametrize(
    ("window", "least_part"),
    [
        pytest.param(PHONE, 0.95, id="phone"),
        pytest.param(LYING_PHONE, 0.95, id="lying phone"),
        pytest.param(DESK, 0.9, id="desk"),
        pytest.param(WALL, 0.9, id="wall"),
    ],
)
def test_the_board_takes_the_room_there_is_and_nothing_scrolls(server, guest, name, window, least_part):
    player = guest(server, **window)
    player.begin(name())
    shorter = min(window["viewport"].values())
    box = player.page.locator("#board").bounding_box()
    assert box is not None
    assert box["width"] >= least_part * shorter
    assert box["width"] == pytest.approx(box["height"], abs=1)

    overflow = "[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
    assert player.page.evaluate(overflow) == [0, 0]
    for part in ("#time", "#score", "#rank", "#chase-line", "#goal"):
        expect(player.page.locator(part)).to_be_in_viewport(ratio=1)


def test_a_late_reply_finds_waiting_cells_and_no_invented_tile(server, guest, name):
    player = guest(server)
    held: list[bytes] = []
    release: list[WebSocketRoute] = []

    def hold_replies(socket: WebSocketRoute) -> None:
        upstream = socket.connect_to_server()
        release.append(socket)

        def pass_on(frame: str | bytes) -> None:
            if isinstance(decode_message(_bytes(frame)), Moved) and not held:
                held.append(_bytes(frame))
            else:
                socket.send(frame)

        upstream.on_message(pass_on)

    player.page.route_web_socket("**/ws", hold_replies)
    board = player.begin(name())
    player.swap_by_mouse(legal_swaps(Board.parse(board))[0])
    waiting = player.page.locator(".cell--waiting")
    expect(waiting.first).to_be_visible()

    count = waiting.count()
    assert count >= 3
    expect(player.page.locator(".tile")).to_have_count(64 - count)
    assert player.root.get_attribute("data-board") is None
    player.page.wait_for_timeout(1500)
    assert waiting.count() == count

    release[-1].send(held[0])
    after = player.board()
    expect(waiting).to_have_count(0)
    expect(player.page.locator(".tile")).to_have_count(64)
    reply = decode_message(held[0])
    assert isinstance(reply, Moved)
    assert player.score == reply.score
    assert after != board


def test_a_refused_move_rolls_back_and_says_so(server, guest, name):
    player = guest(server)
    refuse = [True]

    def refuse_a_move(socket: WebSocketRoute) -> None:
        upstream = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            command = decode_command(_bytes(frame))
            if not (isinstance(command, Move) and refuse):
                upstream.send(frame)
                return
            refuse.clear()
            socket.send(encode(Status(Recording.NOT_NOW)))
            socket.send(encode(Reject(command.req, RejectCode.NOT_RECORDING, 1000, "")))
            socket.send(encode(Status(Recording.AGAIN)))

        socket.on_message(pass_on)

    player.page.route_web_socket("**/ws", refuse_a_move)
    board = player.begin(name())
    look_out(player.page, "[data-notice=refused]")
    player.swap_by_mouse(legal_swaps(Board.parse(board))[0])

    has_shown(player.page, "[data-notice=refused]")
    assert player.board() == board
    assert player.score == 0
    player.play(Guest.swap_by_mouse, 2)


def test_a_run_that_ends_while_a_swap_has_no_reply_shows_its_end(server, guest, name):
    player = guest(server)

    def swallow_moves(socket: WebSocketRoute) -> None:
        upstream = socket.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            if not isinstance(decode_command(_bytes(frame)), Move):
                upstream.send(frame)

        socket.on_message(pass_on)

    player.page.route_web_socket("**/ws", swallow_moves)
    board = player.begin(name())
    player.swap_by_mouse(legal_swaps(Board.parse(board))[0])
    expect(player.page.locator(".cell--waiting").first).to_be_visible()
    server.void(player.page.evaluate("history.state.run"))

    expect(player.page.locator("#end")).to_be_visible()
    expect(player.root).to_have_attribute("data-board", board)


def test_while_the_server_cannot_record_the_page_says_so(server, guest):
    visitor = guest(server)
    lines: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        lines.append(socket)

    visitor.page.route_web_socket("**/ws", connect)
    visitor.open()
    notice = visitor.page.locator("[data-notice=recording]")
    visitor.page.wait_for_timeout(300)

    lines[0].send(encode(Status(Recording.NOT_NOW)))
    expect(notice).to_contain_text("Aufzeichnung pausiert")
    lines[0].send(encode(Status(Recording.AGAIN)))
    expect(notice).to_have_count(0)


def test_cracking_the_highscore_is_celebrated_and_seen_by_somebody_else(venue, guest, name):
    first, second = guest(venue), guest(venue)
    first.begin(name(), "sprint")
    first.play(Guest.swap_by_mouse, 1)
    chase = second.page.locator("#chase-line")

    second.begin(name(), "sprint")
    look_out(second.page, "#cheer")
    expect(chase).to_contain_text("Noch")
    while second.score <= first.score:
        second.play(Guest.swap_by_mouse, 1)

    expect(chase).to_contain_text("Highscore geknackt!")
    has_shown(second.page, "#cheer")
    expect(second.page.locator("#rank")).to_have_text("1")
    expect(first.page.locator("#rank")).to_have_text("2")


def test_without_motion_the_board_plays_the_same(server, guest, name):
    player = guest(server, reduced_motion="reduce")
    player.begin(name())
    player.play(Guest.swap_by_mouse, 3)
    assert player.rejected == []


def test_a_page_without_its_server_keeps_asking_and_says_so(server, guest):
    visitor = guest(server)
    refuse = [True]

    def answer(route: Route) -> None:
        if refuse:
            route.abort()
        else:
            route.continue_()

    visitor.page.route("**/api/event*", answer)
    visitor.page.goto(visitor.url)
    expect(visitor.page.locator("[data-notice=server]")).to_contain_text("Nicht live")
    refuse.clear()
    expect(visitor.page.locator("#start")).to_be_enabled()
    expect(visitor.page.locator("[data-notice=server]")).to_have_count(0)


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
