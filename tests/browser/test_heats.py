"""A heat from the desk to the wall: promised, gathered, typed, started together, played, and cut short by a restart."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.guest import STARTED, Guest
from tests.support.arena import STAGE_TEXT
from tests.support.hall import PHONE, Hall, open_hall, row_of

pytestmark = pytest.mark.browser


@pytest.fixture
def hall(tmp_path: Path, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path / "data", chromium) as opened:
        yield opened


def _promise(hall: Hall, *heats: str) -> Page:
    """Let the desk prepare heats and publish the list."""
    desk = hall.open_desk("/desk#/heats")
    for heat in heats:
        desk.fill("#heat-id", heat)
        desk.click("#heat-prepare")
        expect(desk.locator(f"[data-heat={heat}]")).to_be_visible()
    desk.click("#heats-publish")
    expect(desk.locator("#heats-published")).to_contain_text(re.compile("[0-9a-f]{4} [0-9a-f]{4}"))
    expect(desk.locator("#heat-form")).to_be_hidden()
    return desk


def _step(desk: Page, heat: str, step: str) -> None:
    desk.click(f"[data-heat={heat}] [value={step}]")


def _gather(hall: Hall, name: str) -> Guest:
    """Let somebody come with a phone and join the lobby that is open."""
    page = hall.open("/", viewport=PHONE)
    guest = Guest(page, hall.url)
    page.reload()  # so that the guest hears its connection from the first word on
    page.fill("#name", name)
    page.click("#lobby-go")
    expect(page.locator("#lobby")).to_have_attribute("data-state", "in")
    return guest


def _start(desk: Page, heat: str) -> None:
    _step(desk, heat, "freeze")
    field = desk.locator(f"[data-heat={heat}] textarea")
    field.fill("too short")
    expect(desk.locator(f"[data-heat={heat}] [value=type]")).to_be_disabled()
    field.fill(STAGE_TEXT)
    _step(desk, heat, "type")
    expect(desk.locator(f"[data-heat={heat}]")).to_contain_text(STAGE_TEXT)
    _step(desk, heat, "start")


def test_two_players_in_a_heat_that_the_desk_runs_and_the_screen_shows(hall: Hall) -> None:
    desk, screen = _promise(hall, "h1"), hall.open("/screen")
    _step(desk, "h1", "open")
    anna, ben = _gather(hall, "Anna"), _gather(hall, "Ben")
    expect(desk.locator("[data-heat=h1]")).to_contain_text("Anna, Ben")
    expect(anna.page.locator("#lobby-words")).to_contain_text("2 people are in")
    _start(desk, "h1")

    for guest in (anna, ben):
        expect(guest.root).to_have_attribute("data-state", STARTED)
    assert anna.board() == ben.board()
    anna.play(Guest.swap_by_mouse, 2)
    ben.play(Guest.swap_by_mouse, 1)
    scores = {guest: guest.root.get_attribute("data-score") for guest in (anna, ben)}
    expect(screen.locator(".panel:visible .panel-course")).to_have_text("Heat h1")
    expect(row_of(screen, "Anna")).to_have_attribute("data-score", str(scores[anna]))
    expect(row_of(screen, "Ben")).to_have_attribute("data-score", str(scores[ben]))
    expect(screen.locator("#digest-digits")).to_have_text(re.compile("^[0-9a-f]{4} [0-9a-f]{4}$"))
    expect(screen.locator("#heat-marked")).to_be_hidden()

    hall.end_runs()

    for guest in (anna, ben):
        expect(guest.root).to_have_attribute("data-state", "ended")
        expect(guest.page.locator("#end")).to_be_visible()
    expect(desk.locator("[data-heat=h1]")).to_have_attribute("data-phase", "over")
    _step(desk, "h1", "runs")
    expect(desk.locator(".run-row")).to_have_count(2)


def test_a_heat_that_a_restart_cut_short_goes_on_for_all_and_says_so_everywhere(hall: Hall) -> None:
    desk, screen = _promise(hall, "h1"), hall.open("/screen?course=h1")
    _step(desk, "h1", "open")
    anna = _gather(hall, "Anna")
    _start(desk, "h1")
    anna.board()
    anna.play(Guest.swap_by_mouse, 1)
    score = anna.root.get_attribute("data-score")
    hall.close_doors()
    hall.open_doors()

    expect(anna.root).to_have_attribute("data-state", "waiting")
    expect(anna.page.locator("#notices")).to_contain_text("The server was away")
    hall.pass_ms(10_000)
    anna.board()
    assert anna.root.get_attribute("data-score") == score
    anna.play(Guest.swap_by_mouse, 1)
    expect(screen.locator("#heat-marked")).to_be_visible()
    expect(desk.locator("[data-heat=h1]")).to_contain_text("interrupted")


def test_a_voided_heat_is_rerun_under_its_prepared_name(hall: Hall) -> None:
    desk = _promise(hall, "h1")
    expect(desk.locator("[data-heat=h1-r1] [value=open]")).to_be_hidden()
    _step(desk, "h1", "open")
    anna = _gather(hall, "Anna")
    _step(desk, "h1", "void")
    desk.fill("#act-reason", "the light went out")
    desk.click("#act-confirm")
    expect(desk.locator("#act-dialog")).to_be_hidden()
    expect(anna.page.locator("#lobby")).to_be_hidden()

    _step(desk, "h1-r1", "open")
    anna.page.click("#lobby-go")
    expect(anna.page.locator("#lobby")).to_have_attribute("data-heat", "h1-r1")
    expect(anna.page.locator("#lobby")).to_have_attribute("data-state", "in")
