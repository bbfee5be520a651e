"""Runs played in a real browser, with every kind of hand."""

import json
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import DESK, PHONE, PLAIN_HOST
from tests.browser.guest import STARTED, Guest

from knack_protocol.rules.board import Board
from knack_protocol.rules.swaps import Direction, Swap, is_swap, legal_swaps
from knack_protocol.wire.codes import RejectCode

pytestmark = pytest.mark.browser

COUNT = 8

RUN_OVER_WITHIN_MS = 120_000
"""The first level of a climb takes a minute."""


def test_moves_with_the_mouse_see_no_early_and_stand_as_played(server, guest, name, size):
    player = guest(server)
    me = name()
    player.begin(me)

    player.play(Guest.swap_by_mouse, size("moves with the mouse", small=12, full=40))

    assert RejectCode.EARLY not in player.rejected
    assert player.rejected == []
    assert player.score == player.moved[-1].score
    with urlopen(f"{server.url}/api/standings?course=climb", timeout=60) as answer:
        rows = json.load(answer)["rows"]
    assert [row[4] for row in rows if row[3] == me] == [player.score]


@pytest.mark.parametrize(
    ("hand", "window"),
    [
        pytest.param(Guest.swap_by_swipe, PHONE, id="swipe"),
        pytest.param(Guest.swap_by_taps, PHONE, id="two taps"),
        pytest.param(Guest.swap_by_clicks, DESK, id="two clicks"),
        pytest.param(Guest.swap_by_keys, DESK, id="keys"),
    ],
)
def test_every_hand_plays_the_same_game(server, guest, name, hand, window):
    player = guest(server, **window)
    player.begin(name())

    player.play(hand, COUNT)

    assert len(player.moved) == COUNT
    assert player.rejected == []
    assert player.score == player.moved[-1].score > 0


def test_a_plain_http_name_plays_without_a_secure_context(server, guest, name):
    player = guest(server, host=PLAIN_HOST)
    player.begin(name())

    assert player.page.evaluate("isSecureContext") is False
    player.play(Guest.swap_by_mouse, 3)
    assert player.score > 0


def test_a_swap_without_a_match_is_shaken_back_and_never_sent(server, guest, name):
    player = guest(server)
    board = player.begin(name())
    legal = legal_swaps(Board.parse(board))
    every = [Swap(cell, direction) for cell in range(64) for direction in Direction]
    dead = next(swap for swap in every if is_swap(*swap) and swap not in legal)

    player.swap_by_mouse(dead)
    player.page.wait_for_timeout(600)

    assert player.board() == board
    assert player.moved == []
    assert player.rejected == []


def test_a_run_ends_with_a_card_and_goes_on_with_another(server, guest, name):
    player = guest(server, **PHONE)
    player.begin(name())
    player.play(Guest.swap_by_swipe, 3)
    score = player.score

    card = player.page.locator("#end")
    expect(card).to_be_visible(timeout=RUN_OVER_WITHIN_MS)
    expect(player.root).to_have_attribute("data-state", "ended")
    expect(player.page.locator("#end-score")).to_have_text(f"{score:,}".replace(",", "."))
    expect(card).to_contain_text("Zeit um!")
    expect(card).to_contain_text("Leitung gutgeschrieben")
    expect(player.page.locator("#end-rank")).to_contain_text("Platz")

    player.page.locator("#other").click()
    expect(player.root).to_have_attribute("data-state", STARTED)
    player.board()
    expect(player.page.locator("#level-part")).to_be_hidden()
    expect(player.page.locator("#time")).to_contain_text("1:")
