"""A moderator at the desk: signs in, finds a run, watches it again, voids, hides, replaces, and takes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.support.hall import PHONE, SOON_MS, Hall, act, look_at_run, names_on, open_hall, row_of, until

pytestmark = pytest.mark.browser

SYMBOLS = ["light bulb", "wireless", "heart", "house", "chip", "tram"]


@pytest.fixture
def hall(tmp_path: Path, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path / "data", chromium) as opened:
        yield opened


def digits_of(desk: Page) -> str:
    """The board of the replay, as its cells tell it to a screen reader."""
    labels = desk.locator(".cell").evaluate_all(
        "cells => cells.map((cell) => cell.getAttribute('aria-label'))"
    )
    symbols = [label.rpartition(": ")[2] for label in labels]
    return "".join(str(SYMBOLS.index(symbol)) if symbol in SYMBOLS else "." for symbol in symbols)


def shows(desk: Page, digits: str) -> None:
    """Wait until the replay has come to rest on this board."""
    until(desk, lambda: digits_of(desk) == digits)


def test_a_void_moves_the_next_best_up_on_the_screen_and_an_undo_brings_it_back(hall: Hall) -> None:
    mia = hall.player("Mia", 12)
    ben = hall.player("Ben", 1)
    assert mia.score > ben.score
    hall.end_runs()
    screen, desk = hall.open("/screen"), hall.open_desk()
    expect(row_of(screen, "Mia")).to_have_attribute("data-rank", "1")
    look_at_run(desk, "Mia")

    desk.click("[value=void]")
    expect(desk.locator("#act-effect")).to_contain_text("next-best run takes its place")
    desk.fill("#act-reason", "two people on one phone")
    desk.click("#act-confirm")

    expect(row_of(screen, "Ben")).to_have_attribute("data-rank", "1")
    expect(row_of(screen, "Mia")).to_have_count(0)
    expect(desk.locator(".run-head .state")).to_have_text("voided")

    desk.click("[data-tab=acts]")
    expect(desk.locator(".act")).to_have_count(1)
    expect(desk.locator(".act")).to_contain_text("two people on one phone")
    expect(desk.locator(".act")).to_contain_text("ada")
    desk.click(".act-undo")
    desk.fill("#act-reason", "they were one person")
    desk.click("#act-confirm")

    expect(row_of(screen, "Mia")).to_have_attribute("data-rank", "1")
    expect(row_of(screen, "Ben")).to_have_attribute("data-rank", "2")
    expect(screen.locator("#celebration")).to_be_hidden()
    expect(desk.locator(".act")).to_have_count(2)
    expect(desk.locator(".act").last).to_have_attribute("data-in-effect", "false")


def test_a_voided_run_gives_way_to_the_same_players_next_best(hall: Hall) -> None:
    hand = hall.player("Mia", 12)
    hall.end_runs()
    second = hall.again(hand, 1)
    hall.end_runs()
    assert second.score < hand.score
    screen, desk = hall.open("/screen"), hall.open_desk()
    desk.locator(f".run-row[data-run={hand.run}] a").click()

    act(desk, "void")
    expect(row_of(screen, "Mia")).to_have_attribute("data-score", str(second.score))

    act(desk, "restore")
    expect(row_of(screen, "Mia")).to_have_attribute("data-score", str(hand.score))


def test_a_void_ends_a_run_in_play(hall: Hall) -> None:
    hall.player("Mia", 3)
    screen, desk = hall.open("/screen"), hall.open_desk()
    look_at_run(desk, "Mia")
    desk.click("[value=void]")

    expect(desk.locator("#act-effect")).to_contain_text("ended at once")
    desk.fill("#act-reason", "somebody else's phone")
    desk.click("#act-confirm")

    expect(row_of(screen, "Mia")).to_have_count(0)
    expect(desk.locator(".log-row[data-type=end]")).to_contain_text("voided")


def test_a_name_is_hidden_replaced_and_shown_again_on_every_screen(hall: Hall) -> None:
    hand = hall.player("Rüpel", 2)
    screens = [hall.open("/screen"), hall.open("/screen", viewport=PHONE)]
    desk = hall.open_desk()
    look_at_run(desk, "Rüpel")
    rows = [screen.locator(f".row[data-player={hand.player}] .row-name") for screen in screens]

    act(desk, "hide_name", "offends people")
    for screen, row in zip(screens, rows, strict=True):
        expect(row).to_have_text("–")
        expect(screen.locator(".crown-holder").first).to_have_text("–")

    act(desk, "replace_name", "offends people", "Freundlich")
    for row in rows:
        expect(row).to_have_text("Freundlich")
    expect(desk.locator(".run-head")).to_contain_text("in public: Freundlich")

    act(desk, "show_name", "it was a misunderstanding")
    for row in rows:
        expect(row).to_have_text("Rüpel")

    desk.click("[data-tab=acts]")
    expect(desk.locator(".act")).to_have_count(3)
    assert desk.locator(".act b").all_inner_texts() == [
        "Name shown again",
        "Name replaced by “Freundlich”",
        "Name hidden",
    ]
    assert desk.locator(".act-target").all_inner_texts() == ["Rüpel"] * 3


@pytest.mark.slow
def test_where_the_machine_is_ours_an_act_is_on_every_screen_within_a_second(hall: Hall) -> None:
    hand = hall.player("Mia", 2)
    screens = [hall.open("/screen"), hall.open("/screen", viewport=PHONE)]
    desk = hall.open_desk()
    look_at_run(desk, "Mia")
    rows = [screen.locator(f".row[data-player={hand.player}]") for screen in screens]
    for row in rows:
        expect(row).to_be_visible()

    act(desk, "hide_name")
    for row in rows:
        expect(row.locator(".row-name")).to_have_text("–", timeout=SOON_MS)
    act(desk, "void")
    for row in rows:
        expect(row).to_have_count(0, timeout=SOON_MS)


def test_no_act_goes_without_a_reason_and_no_name_becomes_unfit(hall: Hall) -> None:
    hall.player("Mia", 1)
    desk = hall.open_desk()
    look_at_run(desk, "Mia")

    desk.click("[value=replace_name]")
    desk.click("#act-confirm")
    expect(desk.locator("#act-text-problem")).to_have_text("Please enter the new name.")
    expect(desk.locator("#act-reason-problem")).to_contain_text("Please give a reason")
    expect(desk.locator("#act-text")).to_be_focused()

    desk.fill("#act-text", "x")
    desk.fill("#act-reason", "too long a name")
    desk.click("#act-confirm")
    expect(desk.locator("#act-trouble")).to_have_text(
        "Nobody can be called that: 2 to 20 visible characters."
    )

    desk.keyboard.press("Escape")
    expect(desk.locator("#act-dialog")).to_be_hidden()
    desk.click("[data-tab=acts]")
    expect(desk.locator("#no-acts")).to_be_visible()


def test_a_replay_plays_every_move_and_ends_on_the_board_that_the_run_ended_with(hall: Hall) -> None:
    hand = hall.player("Mia", 6)
    hall.end_runs()
    desk = hall.open_desk()
    look_at_run(desk, "Mia")
    expect(desk.locator(".log-row[data-type=move]")).to_have_count(6)
    first = digits_of(desk)

    for number in range(1, 7):
        desk.click("[data-part=next]")
        expect(desk.locator("[data-part=shownScore]")).not_to_have_text("0")
        expect(desk.locator(".log-row[aria-current]")).to_have_attribute("data-seq", str(number))
    expect(desk.locator("[data-part=shownScore]")).to_have_text(f"{hand.score:,}")
    shows(desk, hand.mirror.run.board.digits)

    desk.click("[data-part=first]")
    shows(desk, first)
    expect(desk.locator("[data-part=shownScore]")).to_have_text("0")

    desk.select_option("[data-part=speed]", "8")
    desk.click("[data-part=play]")
    expect(desk.locator("[data-part=play]")).to_have_text("Pause")
    expect(desk.locator("[data-part=shownScore]")).to_have_text(f"{hand.score:,}")
    shows(desk, hand.mirror.run.board.digits)

    desk.click("[data-part=previous]")  # which halts it
    desk.click(".log-row[data-seq='1']")
    expect(desk.locator(".log-row[aria-current]")).to_have_attribute("data-seq", "1")


def test_the_page_of_a_run_in_play_follows_it(hall: Hall) -> None:
    hand = hall.player("Mia", 1)
    desk = hall.open_desk()
    look_at_run(desk, "Mia")
    hall.move(hand)
    hall.move(hand)

    expect(desk.locator(".log-row[data-type=move]")).to_have_count(3)
    expect(desk.locator(".run-score")).to_have_text(f"{hand.score:,}")


def test_a_run_that_is_not_there_is_said_to_be_so_and_goes_on_being_said(hall: Hall) -> None:
    desk = hall.open_desk("/desk#/run/run-nobody-played")
    expect(desk.locator("#trouble")).to_have_text("There is no such run in this event.")

    with desk.expect_response("**/api/desk/acts*"):
        desk.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(desk.locator("#trouble")).to_be_visible()

    desk.click("[data-tab=runs]")
    expect(desk.locator("#trouble")).to_be_hidden()


def test_runs_are_found_by_name_and_by_what_they_are(hall: Hall) -> None:
    hall.player("Jörg", 2)
    hall.end_runs()
    hall.player("Ömer", 1)
    hall.player("Mia", 1, "climb")
    desk = hall.open_desk()
    names = desk.locator(".run-row a")
    expect(names).to_have_count(2)

    desk.fill("#search", "jorg")
    expect(names).to_have_text(["Jörg"])
    desk.fill("#search", "nobody")
    expect(desk.locator("#no-runs")).to_have_text("No run fits search and filter.")
    desk.fill("#search", "")

    desk.select_option("#filter", "playing")
    expect(names).to_have_text(["Ömer"])
    desk.select_option("#filter", "all")

    desk.click("#courses button[value=climb]")
    expect(names).to_have_text(["Mia"])


def test_a_wrong_token_stays_at_the_door_and_a_revoked_one_goes_back_to_it(hall: Hall) -> None:
    desk = hall.open("/desk")
    desk.fill("#token", "not-a-token")
    desk.keyboard.press("Enter")
    expect(desk.locator("#token-problem")).to_have_text("This token is not good, or not any more.")
    expect(desk.locator("#tabs")).to_be_hidden()

    desk.fill("#token", hall.desk_token)
    desk.keyboard.press("Enter")
    expect(desk.locator("#no-runs")).to_be_visible()
    desk.reload()
    expect(desk.locator("#who-name")).to_have_text("signed in as ada")

    hall.do(hall.site.house.orders.desk_revoke("ada"))

    expect(desk.locator("#token-problem")).to_have_text("This token is not good, or not any more.")
    expect(desk.locator("#view-runs")).to_be_hidden()
    assert desk.evaluate("localStorage.getItem('knack.desk')") is None


def test_signing_out_leaves_nothing_behind(hall: Hall) -> None:
    hall.player("Mia", 1)
    desk = hall.open_desk()
    expect(desk.locator(".run-row")).to_have_count(1)

    desk.click("#sign-out")

    expect(desk.locator("#token")).to_be_visible()
    expect(desk.locator(".run-row")).to_have_count(0)
    assert desk.evaluate("Object.keys(localStorage)") == []


def test_a_run_is_voided_with_the_keyboard_alone(hall: Hall) -> None:
    hall.player("Mia", 1)
    screen, desk = hall.open("/screen"), hall.open_desk()
    expect(row_of(screen, "Mia")).to_be_visible()
    expect(desk.locator(".run-row")).to_have_count(1)
    press = desk.keyboard.press
    desk.locator("#order").focus()

    press("Tab")  # the run
    press("Enter")
    expect(desk.locator(".run-head h1")).to_be_focused()
    press("Tab")  # the first act
    press("Enter")
    expect(desk.locator("#act-reason")).to_be_focused()
    desk.keyboard.type("by keys")
    press("Enter")

    expect(row_of(screen, "Mia")).to_have_count(0)
    assert names_on(screen) == []


def test_the_desk_says_when_it_is_not_live(hall: Hall) -> None:
    hall.player("Mia", 1)
    desk = hall.open_desk()
    expect(desk.locator(".run-row")).to_have_count(1)

    hall.close_doors()
    expect(desk.locator("#stale")).to_be_visible()
    expect(desk.locator(".run-row")).to_have_count(1)

    hall.open_doors()
    expect(desk.locator("#stale")).to_be_hidden()


@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_the_desk_fits_a_phone(hall: Hall, locale: str) -> None:
    hall.player("Nachtschwärmerin Ute", 3)
    desk = hall.open_desk(viewport=PHONE, locale=locale)
    expect(desk.locator(".run-row")).to_have_count(1)
    for go in ("#/acts", "#/contacts", "#/runs"):
        desk.evaluate(f"location.hash = '{go}'")
        assert desk.evaluate("document.documentElement.scrollWidth") == PHONE["width"]

    look_at_run(desk, "Nachtschwärmerin Ute")
    assert desk.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    desk.click("[value=hide_name]")
    box = desk.locator("#act-confirm").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]
