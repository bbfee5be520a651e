"""A rehearsal says on every page what it is; the desk shows one that was left behind, and deletes it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from tests.support.hall import PHONE, Hall, open_hall

pytestmark = pytest.mark.browser

VIEW = {"width": 1280, "height": 800}


@pytest.fixture
def hall(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("data"), chromium) as opened:
        yield opened


def rehearsal(hall: Hall, title: str) -> str:
    return str(hall.do(hall.site.house.orders.event_rehearse(title))["event"])


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-GB", ("Rehearsal: nothing counts here", "Rehearsal – nothing", "rehearsal: what you write here", "Rehearsal")),
        ("de-DE", ("Probe: Hier zählt nichts", "Probe – hier zählt nichts", "Probe: Was Sie hier schreiben", "Probe")),
    ],
    ids=["en", "de"],
)  # fmt: skip
def test_every_page_of_a_rehearsal_says_so_and_no_other_does(
    hall: Hall, locale: str, words: tuple[str, ...]
) -> None:
    event = rehearsal(hall, "<b>Hall</b>")
    pages = {"": PHONE, "/screen": VIEW, "/contact": PHONE}
    for (path, size), said in zip(pages.items(), words[:3], strict=True):
        page = hall.open(f"/e/{event}{path}", viewport=size, locale=locale)
        expect(page.locator("#rehearsal")).to_be_visible()
        expect(page.locator("#rehearsal")).to_contain_text(said)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        live = hall.open(path or "/", viewport=size, locale=locale)
        expect(live.locator("#rehearsal")).to_be_hidden()
    screen = hall.open(f"/e/{event}/screen", viewport=VIEW, locale=locale)
    expect(screen.locator("#event-title")).to_have_text("<b>Hall</b>")
    desk = hall.open_desk(f"/e/{event}/desk", viewport=VIEW, locale=locale)
    expect(desk.locator("#rehearsal")).to_have_text(words[3])


def test_one_that_was_left_behind_is_seen_and_deleted_at_the_desk(hall: Hall) -> None:
    event = rehearsal(hall, "Left behind")
    phone = hall.open(f"/e/{event}", viewport=PHONE)
    desk, other = (hall.open_desk(path, viewport=VIEW) for path in ("/desk#/heats", f"/e/{event}/desk"))
    row = desk.locator("#rehearsals > li")
    expect(row).to_contain_text("Left behind")
    expect(row.locator("a")).to_have_attribute("href", f"/e/{event}")
    button = row.locator("button")

    button.click()
    expect(button).to_have_text("Really delete all of it?")
    desk.locator("#event-end").focus()
    expect(button).to_have_text("Delete …")
    assert event in hall.site.house.host.arena.floor.events
    button.click()
    button.click()

    expect(desk.locator("#rehearsals-part")).to_be_hidden()
    expect(desk.locator("#trouble")).to_be_hidden()
    assert event not in hall.site.house.host.arena.floor.events
    expect(phone.locator("#notices")).to_contain_text("This session has ended.")
    expect(other.locator("#token-problem")).to_have_text("There is no such event.")
    assert other.evaluate("localStorage.getItem('knack.desk')") == hall.desk_token
