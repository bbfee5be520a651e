"""The contact form: checked on both sides, nothing typed is lost, and what was sent is found on the desk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.support.hall import PHONE, Hall, open_hall

pytestmark = pytest.mark.browser

INGE = {
    "first_name": "Inge",
    "last_name": "Müller",
    "email": "inge@example.com",
    "concern": "Mehr Bänke am Markt.\nUnd Schatten!",
}


@pytest.fixture
def hall(tmp_path: Path, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path / "data", chromium) as opened:
        yield opened


def fill(page: Page, **values: str) -> None:
    for field, value in (INGE | values).items():
        page.fill(f"#{field}", value)


def problem(page: Page, field: str) -> Any:
    return page.locator(f"#{field}-problem")


def test_a_request_is_sent_found_on_the_desk_and_marked_as_done(hall: Hall) -> None:
    desk = hall.open_desk("/desk#/contacts")
    expect(desk.locator("#no-contacts")).to_be_visible()
    page = hall.open("/contact", viewport=PHONE)
    expect(page.locator("#stored")).to_contain_text("delete it after 180 days")
    fill(page)
    page.click("#send")

    expect(page.locator("#thanks-heading")).to_be_focused()
    expect(page.locator("#thanks")).to_contain_text("We will be in touch.")
    contact = desk.locator(".contact")
    expect(contact).to_contain_text("Inge Müller")
    expect(contact.locator("a")).to_have_text("inge@example.com")
    expect(contact.locator(".contact-concern")).to_have_text(INGE["concern"], use_inner_text=True)
    expect(desk.locator("#open-contacts")).to_have_text("1 open")

    contact.locator("input").check()

    expect(contact).to_contain_text("done by ada")
    expect(desk.locator("#open-contacts")).to_be_hidden()
    desk.reload()
    expect(contact.locator("input")).to_be_checked()
    contact.locator("input").uncheck()
    expect(desk.locator("#open-contacts")).to_have_text("1 open")


def test_every_empty_field_is_told_beside_it_and_the_first_has_the_focus(hall: Hall) -> None:
    page = hall.open("/contact", locale="de-DE")
    page.fill("#first_name", "Inge")
    page.fill("#email", "inge@stadt")
    page.click("#send")

    expect(problem(page, "first_name")).to_have_text("")
    expect(problem(page, "last_name")).to_have_text("Bitte geben Sie Ihren Namen an.")
    expect(problem(page, "email")).to_contain_text("sieht nicht wie eine E-Mail-Adresse aus")
    expect(problem(page, "concern")).to_have_text("Bitte schreiben Sie uns, worum es geht.")
    expect(page.locator("#last_name")).to_be_focused()
    expect(page.locator("#last_name")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#last_name")).to_have_attribute("aria-describedby", "last_name-problem")

    page.keyboard.type("Müller")
    expect(problem(page, "last_name")).to_have_text("")
    page.click("button[lang=en]")
    expect(problem(page, "concern")).to_have_text("Please tell us what it is about.")


def test_what_only_the_server_sees_is_told_beside_the_field_as_well(hall: Hall) -> None:
    page = hall.open("/contact")
    fill(page, email="inge@-example.com")  # well-formed enough for the page, not for the server
    with page.expect_response("**/api/contact*") as answered:
        page.click("#send")

    assert answered.value.status == 400
    expect(problem(page, "email")).to_contain_text("does not look like an e-mail address")
    expect(page.locator("#email")).to_be_focused()
    expect(page.locator("#thanks")).to_be_hidden()
    assert page.input_value("#concern") == INGE["concern"]


def test_a_draft_outlives_a_switch_of_language_a_reload_and_a_visit_elsewhere(hall: Hall) -> None:
    page = hall.open("/contact")
    fill(page)
    page.click("button[lang=de]")
    page.reload()
    page.click("a[data-page=privacy]")
    page.click("a[data-page=contact]")

    for field, value in INGE.items():
        expect(page.locator(f"#{field}")).to_have_value(value)


def test_without_a_network_everything_stays_and_is_sent_later(hall: Hall) -> None:
    page = hall.open("/contact")
    fill(page)
    hall.close_doors()
    page.click("#send")

    expect(page.locator("#trouble")).to_contain_text("No connection to the server. Nothing is lost")
    expect(page.locator("#thanks")).to_be_hidden()
    assert page.input_value("#concern") == INGE["concern"]

    hall.open_doors()
    page.click("#send")
    expect(page.locator("#thanks")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('knack.contact')") is None


def test_the_thank_you_waits_for_the_server(hall: Hall) -> None:
    page = hall.open("/contact")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/contact*", hold)
    fill(page)
    page.click("#send")

    expect(page.locator("#send")).to_have_text("Sending …")
    expect(page.locator("#send")).to_be_disabled()
    expect(page.locator("#thanks")).to_be_hidden()

    held[0].fulfill(status=500, body="")
    expect(page.locator("#trouble")).to_contain_text("could not store your concern")
    expect(page.locator("#thanks")).to_be_hidden()
    assert page.input_value("#email") == INGE["email"]


def test_who_sends_too_much_is_told_how_long_to_wait(hall: Hall) -> None:
    page = hall.open("/contact")
    for _ in range(3):
        fill(page)
        page.click("#send")
        expect(page.locator("#thanks")).to_be_visible()
        page.click("#again")
    fill(page)
    page.click("#send")

    expect(page.locator("#trouble")).to_contain_text("Please send again in 3:")
    assert page.input_value("#concern") == INGE["concern"]


def test_a_program_that_fills_in_every_field_is_thanked_and_stores_nothing(hall: Hall) -> None:
    page = hall.open("/contact")
    trap = page.locator("#website")
    assert trap.evaluate("field => field.closest('[aria-hidden=true]') !== null && field.tabIndex === -1")
    fill(page)
    trap.evaluate("field => (field.value = 'https://spam.example')")
    page.click("#send")
    expect(page.locator("#thanks")).to_be_visible()

    desk = hall.open_desk("/desk#/contacts")
    expect(desk.locator("#no-contacts")).to_be_visible()


def test_the_form_is_sent_with_the_keyboard_alone(hall: Hall) -> None:
    page = hall.open("/contact")
    page.focus("#first_name")
    for value in INGE.values():
        page.keyboard.insert_text(value)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # over the link to the privacy page
    expect(page.locator("#send")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#thanks")).to_be_visible()


def test_the_privacy_page_names_every_key_that_the_pages_store_and_no_cookie_is_set(hall: Hall) -> None:
    page = hall.open("/contact")
    fill(page)
    page.click("button[lang=de]")
    kept = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    page.goto(hall.url + "/privacy")
    named = page.locator(".storage-keys dt").all_inner_texts()

    assert sorted(kept) == ["knack.contact", "knack.language"]
    assert set(kept) <= set(named)
    assert page.context.cookies() == []
    expect(page.locator("#contact-until")).to_have_text("Nach 180 Tagen werden sie gelöscht.")
    expect(page.locator("#who")).to_contain_text("Knackpunkt")


@pytest.mark.parametrize("path", ["/contact", "/privacy"])
@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_the_sheets_fit_a_phone(hall: Hall, path: str, locale: str) -> None:
    page = hall.open(path, viewport=PHONE, locale=locale)
    expect(page.locator("h1:visible")).to_have_count(1)

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate("document.documentElement.lang") == locale[:2]
