"""Flags on the desk: numbers, thresholds, innocent causes, base rates, and ways into the replay."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.support.hall import PHONE, Hall, look_at_run, open_hall

pytestmark = pytest.mark.browser


@pytest.fixture
def hall(tmp_path: Path, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path / "data", chromium) as opened:
        yield opened


def program(hall: Hall, **device: object) -> Page:
    """Let a program play that swaps in the moment in which the board opens, and open the desk on its run."""
    hall.site.stop_clock()  # a busy machine would make it hesitate
    hall.player("Mia", 20)
    hall.end_runs()
    desk = hall.open_desk(**device)
    look_at_run(desk, "Mia")
    return desk


def test_a_program_that_rides_the_lock_is_flagged_with_all_that_a_moderator_has_to_know(hall: Hall) -> None:
    desk = program(hall)

    card = desk.locator(".flag[data-kind=riding]")
    expect(desk.locator(".flags-sum")).to_contain_text("please watch the replay")
    expect(card).to_have_attribute("data-raised", "true")
    expect(card.locator(".flag-number")).to_have_text("100 % of 19 moves. Unusual from 30 % on.")
    expect(card.locator(".flag-causes li")).to_have_count(2)
    expect(card).to_contain_text("Honest players (simulated) had this flag in 0 of 6,000 runs")
    expect(card).to_contain_text("It asks for a review only together with a second one.")
    expect(desk.locator("[data-part=flagsChance]")).to_contain_text("A flag is no verdict.")

    desk.click(".flags summary")
    expect(desk.locator(".flag")).to_have_count(11)
    expect(desk.locator(".flag[data-kind=twin] .flag-number")).to_have_text("Too little to tell.")


def test_a_flag_leads_to_the_move_in_replay_and_log(hall: Hall) -> None:
    desk = program(hall)
    link = desk.locator(".flag[data-kind=riding] .flag-link").nth(4)
    expect(link).to_be_visible()

    link.click()

    seq = link.get_attribute("value")
    expect(desk.locator(".log-row[aria-current]")).to_have_attribute("data-seq", str(seq))
    expect(desk.locator("[data-part=shownScore]")).not_to_have_text("0")
    expect(desk.locator("[data-part=replay]")).to_be_in_viewport()


def test_a_closer_look_is_taken_once(hall: Hall) -> None:
    desk = program(hall)
    closer = desk.locator("[data-part=flagsCloser]")
    expect(closer).to_be_enabled()
    desk.click(".flags summary")
    leak = desk.locator(".flag[data-kind=leak] .flag-number")
    usual = leak.inner_text()

    with desk.expect_response("**/flags?resamples=200") as answer:
        closer.click()

    assert answer.value.json()["resamples"] == 200
    expect(closer).to_be_disabled()
    expect(leak).to_contain_text("over 20 moves")
    assert usual.endswith("Unusual from 4.0 on.")


def test_a_run_that_ends_while_it_is_looked_at_is_worked_out_anew(hall: Hall) -> None:
    hand = hall.player("Mia", 3)
    desk = hall.open_desk()
    look_at_run(desk, "Mia")
    expect(desk.locator(".flags-sum")).to_have_text("Nothing unusual.")
    for _ in range(20):
        hall.move(hand)

    hall.end_runs()

    expect(desk.locator(".flags-sum")).to_contain_text("please watch the replay")


@pytest.mark.parametrize(
    ("locale", "word"), [("de-DE", "Auffällig ab 30 %."), ("en-GB", "Unusual from 30 % on.")]
)
def test_flags_fit_a_phone_in_both_languages(hall: Hall, locale: str, word: str) -> None:
    desk = program(hall, viewport=PHONE, locale=locale)
    expect(desk.locator(".flag[data-kind=riding]")).to_contain_text(word)
    desk.click(".flags summary")

    assert desk.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
