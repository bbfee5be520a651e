"""What a device holds stays as it was heard: where an event signs with another key one day, the page says so and mixes nothing."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.support.hall import PHONE, Hall, open_hall

from knack_protocol.proof import held

pytestmark = pytest.mark.browser

OTHER_KEY = {"key": "5e" * 32, "fingerprint": "0123456789abcdef" * 2}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("data"), chromium) as opened:
        yield opened


def come(hall: Hall, locale: str) -> Page:
    page = hall.open("/", locale=locale, viewport=PHONE)
    expect(page.locator("#start")).to_be_enabled()
    return page


def come_back_to_another_key(page: Page) -> None:
    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps(OTHER_KEY))

    page.route("**/api/key*", answer)
    page.reload()
    expect(page.locator("#start")).to_be_enabled()


def taken_along(page: Page, part: str) -> tuple[str, held.Held]:
    if not page.locator("#title-proof").is_visible():
        page.locator("#check-list summary").click()
    with page.expect_download() as download:
        page.locator(f"#title-proof [data-part={part}]").click()
    return download.value.suggested_filename, held.parse(download.value.path().read_bytes())


@pytest.mark.parametrize(("locale", "words"), [("de-DE", "Schlüssel"), ("en-GB", "Another key")])
def test_another_key_than_the_first_is_said_plainly_and_both_are_kept(
    hall: Hall, locale: str, words: str
) -> None:
    page = come(hall, locale)
    expect(page.locator("#other-key")).to_be_hidden()
    name, first = taken_along(page, "save")
    assert name == "knackpunkt-demo-held.json"

    come_back_to_another_key(page)

    expect(page.locator("#other-key")).to_contain_text(words)
    expect(page.locator("#other-key")).to_contain_text("0123 4567 89ab cdef")
    name, present = taken_along(page, "save")
    assert (name, present.key.hex()) == ("knackpunkt-demo-held-5e5e5e5e.json", OTHER_KEY["key"])
    name, earlier = taken_along(page, "others")
    assert (name, earlier.key) == ("knackpunkt-demo-held.json", first.key)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_where_the_first_key_is_back_nothing_is_said_and_the_other_file_is_still_there(hall: Hall) -> None:
    page = come(hall, "en-GB")
    come_back_to_another_key(page)
    expect(page.locator("#other-key")).to_be_visible()
    page.unroute("**/api/key*")
    page.reload()
    expect(page.locator("#start")).to_be_enabled()

    expect(page.locator("#other-key")).to_be_hidden()
    assert taken_along(page, "others")[1].key.hex() == OTHER_KEY["key"]
