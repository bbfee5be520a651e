"""Whatever happens to the line, the window or the server: the run goes on, and the page says what is going on."""

from time import monotonic

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import PHONE
from tests.browser.guest import Guest
from tests.support.hall import open_hall
from tests.support.site import StillClock

from knack_protocol.wire.limits import COUNTDOWN_MS

pytestmark = pytest.mark.browser

AWAY_S = 4
"""Much more than a second, by which what is shown may be wrong."""

LOST = "#play[data-state=lost]"
PLAYING = "#play[data-state=playing]"


def test_a_reload_in_the_middle_goes_on_with_the_same_board_and_score(server, guest, name):
    player = guest(server)
    player.begin(name())
    player.play(Guest.swap_by_mouse, 3)
    board, score = player.board(), player.score

    player.page.reload()

    assert player.board() == board
    assert player.score == score
    player.play(Guest.swap_by_mouse, 2)
    assert player.score > score


def test_a_reload_in_the_countdown_counts_on(tmp_path, chromium):
    with open_hall(tmp_path / "data", chromium, clock=StillClock) as hall:  # so that nobody looks too late
        player = Guest(hall.open("/privacy"), hall.url)
        player.join("Mia")
        expect(player.root).to_have_attribute("data-state", "countdown")

        player.page.reload()

        expect(player.root).to_have_attribute("data-state", "countdown")
        expect(player.page.locator("#countdown")).to_have_text("1")
        hall.pass_ms(COUNTDOWN_MS)
        player.board()
        assert player.score == 0


def test_a_lost_line_dims_the_board_and_comes_back(server, guest, name):
    player = guest(server, **PHONE, locale="en-GB")
    player.begin(name())
    player.play(Guest.swap_by_swipe, 2)
    board = player.board()

    player.page.context.set_offline(True)
    player.page.wait_for_selector(LOST)
    expect(player.page.locator("#lost-card")).to_contain_text("The clock keeps running")
    assert player.root.get_attribute("data-board") is None
    before = player.page.locator("#time").inner_text()
    player.page.wait_for_function(
        "(before) => document.getElementById('time').textContent !== before", arg=before
    )

    player.page.context.set_offline(False)
    assert player.board() == board
    expect(player.page.locator("#lost-card")).to_be_hidden()
    player.play(Guest.swap_by_swipe, 1)


def test_a_killed_server_loses_nothing_and_its_absence_costs_no_time(venue, guest, name):
    player = guest(venue)
    player.begin(name())
    player.play(Guest.swap_by_mouse, 3)
    board, score = player.board(), player.score

    venue.kill()
    player.page.wait_for_selector(LOST)
    shown = _seconds_left(player)
    player.page.wait_for_timeout(1000 * AWAY_S)
    returning = monotonic()
    venue.start()

    assert player.board() == board
    assert player.score == score
    assert _seconds_left(player) >= shown - 1 - (monotonic() - returning)
    player.play(Guest.swap_by_mouse, 3)
    assert player.score > score
    assert player.rejected == []


def test_a_second_window_takes_over_and_the_first_can_take_it_back(server, guest, name):
    player = guest(server)
    player.begin(name())
    player.play(Guest.swap_by_mouse, 1)
    second = Guest(player.page.context.new_page(), player.url)

    second.page.goto(second.url)

    second.board()
    player.page.wait_for_selector(LOST)
    notice = player.page.locator("[data-notice=server]")
    expect(notice).to_contain_text("anderen Fenster")

    player.page.bring_to_front()
    player.page.wait_for_timeout(1100)  # a session comes back at most once a second
    notice.get_by_role("button", name="Hier weiterspielen").click()
    player.board()
    second.page.wait_for_selector(LOST)
    expect(notice).to_have_count(0)
    player.play(Guest.swap_by_mouse, 1)


def _seconds_left(player: Guest) -> int:
    minutes, seconds = player.page.locator("#time").inner_text().split(":")
    return 60 * int(minutes) + int(seconds)
