"""The end of an event: asked twice at the desk, told to everybody at once, and from then on everything is there to be checked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.bench import Bench
from tests.support.hall import PHONE, Hall, open_hall, row_of
from tests.support.heats import Desk

pytestmark = pytest.mark.browser

VIEW = {"width": 1280, "height": 800}


@pytest.fixture
def hall(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("data"), chromium) as opened:
        yield opened


def end_by_keyboard(desk: Page) -> None:
    """Ask, tick that one is sure, and confirm, without a mouse."""
    desk.locator("#event-end").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#end-sure")).to_be_focused()
    expect(desk.locator("#end-confirm")).to_be_disabled()
    desk.keyboard.press("Space")
    expect(desk.locator("#end-confirm")).to_be_enabled()
    for _ in range(2):
        desk.keyboard.press("Tab")
    expect(desk.locator("#end-confirm")).to_be_focused()
    desk.keyboard.press("Enter")


def test_an_event_is_ended_at_the_desk_and_every_page_says_what_is_left_to_do(hall: Hall) -> None:
    heats = Desk(hall.site, {"Authorization": f"Bearer {hall.desk_token}"})
    (anna,) = hall.do(heats.begin("Anna"))
    hall.do(anna.move())
    phone, screen = hall.open("/", viewport=PHONE), hall.open("/screen")
    desk = hall.open_desk("/desk#/heats", viewport=VIEW)

    end_by_keyboard(desk)
    expect(desk.locator("#end-trouble")).to_contain_text("1 run is not over yet. Open heats: h1")
    expect(phone.locator("#entry")).to_be_visible()
    hall.do(heats.end_heat())
    desk.locator("#end-confirm").press("Enter")

    expect(desk.locator("#end-dialog")).to_be_hidden()
    expect(desk.locator("#event-ended")).to_contain_text("Ended on")
    expect(desk.locator("#event-end")).to_be_hidden()
    expect(desk.locator("#event-check")).to_have_attribute("href", "/verify?all=")
    expect(phone.locator("#ended")).to_be_visible()
    expect(phone.locator("#entry")).to_be_hidden()
    expect(phone.locator("#ended a").first).to_have_attribute("href", "/screen")
    expect(phone.locator("#check-all")).to_have_attribute("href", "/verify?all=")
    expect(screen.locator("#closed")).to_have_text("Final standings")
    expect(screen.locator("#join-heading")).to_have_text("Check it all")

    late = hall.open("/", viewport=PHONE, locale="de-DE")
    expect(late.locator("#ended-heading")).to_have_text("Die Veranstaltung ist zu Ende")
    late.click("#check-list summary")
    ways = late.locator("#check-published a")
    expect(ways).to_have_text(["Die ganze Veranstaltung", "Durchgang h1"])
    sums = hall.open("/screen?course=heats")
    way = row_of(sums, "Anna").locator(".row-check")
    expect(way).to_have_attribute("href", "/verify?all=")

    page = hall.open(str(way.get_attribute("href")), viewport=VIEW)
    expect(page.locator("#show-heading")).to_contain_text("Anna")
    page.evaluate("document.getElementById('show-skip').click()")
    bench = Bench(page)
    bench.settle()
    assert bench.official == "OK, consistent only"
    expect(bench.standings("sum over h1")).to_have_count(1)


def test_a_lobby_that_was_opened_by_mistake_is_closed_again(hall: Hall) -> None:
    heats = Desk(hall.site, {"Authorization": f"Bearer {hall.desk_token}"})
    hall.do(heats.promise())
    desk = hall.open_desk("/desk#/heats", viewport=VIEW)
    phone = hall.open("/", viewport=PHONE)
    desk.click("[data-heat=h1] [value=open]")
    expect(phone.locator("#lobby")).to_be_visible()

    desk.click("[data-heat=h1] [value=close]")

    expect(phone.locator("#lobby")).to_be_hidden()
    expect(desk.locator("[data-heat=h1] [value=open]")).to_be_visible()
    expect(desk.locator("[data-heat=h1] [value=close]")).to_be_hidden()
