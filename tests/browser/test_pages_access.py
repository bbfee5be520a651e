"""Every page can be listened to, used with a keyboard alone, and read by eyes that need contrast, before and after the end of an event."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.audit import faults_of, rings_of
from tests.support.hall import PHONE, Hall, open_hall
from tests.support.heats import Desk

pytestmark = pytest.mark.browser

TABS = 12
"""Enough to get beyond the head of every page."""

READY = {
    "/": "#start:enabled",
    "/screen?course=h1": ".row-check >> visible=true",
    "/verify": "#source-heat",
    "/contact": "form button",
    "/privacy": "h1",
}
ENDED = {"/": "#ended", "/screen?course=heats": ".row-check >> visible=true", "/verify": "#fetch-all"}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Hall]:
    """A hall in which a heat is over, and a run of open play."""
    with open_hall(tmp_path_factory.mktemp("data"), chromium) as opened:
        opened.do(_a_heat(opened))
        opened.player("Ben", 2)
        opened.end_runs()
        yield opened


async def _a_heat(hall: Hall) -> None:
    desk = Desk(hall.site, {"Authorization": f"Bearer {hall.desk_token}"})
    for hand in await desk.begin("Anna", "Ada"):
        await hand.move()
    await desk.end_heat()


def look(hall: Hall, path: str, ready: str, locale: str = "de-DE") -> Page:
    page = hall.open(path, locale=locale, viewport=PHONE, reduced_motion="reduce")
    expect(page.locator(ready).first).to_be_visible()
    return page


@pytest.mark.parametrize(("path", "ready"), READY.items())
def test_a_page_has_names_contrast_and_rings(hall: Hall, path: str, ready: str) -> None:
    page = look(hall, path, ready)

    assert faults_of(page) == []
    assert rings_of(page, TABS) == []
    page.context.close()


def test_a_verdict_can_be_heard_seen_and_walked_through(hall: Hall) -> None:
    page = look(hall, "/verify?heat=h1", "#show-skip")
    page.evaluate("document.getElementById('show-skip').click()")
    expect(page.locator("#verify")).to_have_attribute("data-state", "done")

    assert faults_of(page) == []
    assert rings_of(page, TABS) == []


def test_the_desk_and_its_question_at_the_end_can_be_heard_seen_and_walked_through(hall: Hall) -> None:
    desk = hall.open_desk("/desk#/heats", viewport=PHONE)
    expect(desk.locator("[data-heat=h1] a")).to_be_visible()
    assert (faults_of(desk), rings_of(desk, TABS)) == ([], [])

    desk.click("#event-end")
    assert (faults_of(desk), rings_of(desk, 2)) == ([], [])


def test_what_the_audit_looks_for_it_finds(hall: Hall) -> None:
    page = look(hall, "/privacy", "h1")
    page.evaluate(
        """() => {
          const button = document.createElement("button");
          const note = document.createElement("p");
          button.style.outline = "none";
          note.textContent = "hardly there";
          note.style.color = "rgb(70, 60, 80)";
          note.style.background = "rgb(18, 10, 28)";
          note.setAttribute("aria-describedby", "nowhere");
          document.body.prepend(button, note);
        }"""
    )
    found = " ".join(faults_of(page))

    for word in ("no name: button", "contrast", "leads nowhere: nowhere"):
        assert word in found
    assert rings_of(page, 1) == ["BUTTON#."]


def test_the_pages_of_an_event_that_is_over_have_names_contrast_and_rings(hall: Hall) -> None:
    desk = Desk(hall.site, {"Authorization": f"Bearer {hall.desk_token}"})
    assert hall.do(desk.post("event", step="end")).status_code == 200
    for path, ready in ENDED.items():
        page = look(hall, path, ready, "en-GB")
        assert (path, faults_of(page), rings_of(page, 6)) == (path, [], [])
        page.context.close()
