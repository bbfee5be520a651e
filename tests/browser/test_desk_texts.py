"""Text from people is text: names, concerns and reasons that look like markup or code are shown as they were typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.support.hall import Hall, act, look_at_run, open_hall, row_of

pytestmark = pytest.mark.browser

NAMES = [
    "<script>x()</script>",
    "<img src=x onerror=x",
    "<svg onload=alert(1)>",
    '"><b>bold</b>',
    "' onclick='x()",
    "</title><h1>hi</h1>",
    "javascript:alert(1)",
    "{{7*7}} ${7*7}",
    "&lt;i&gt; &amp;",
    "{name} {count}",
]  # fmt: skip

TEXTS = [
    "<script>alert(document.domain)</script>",
    "<img src=x onerror=alert(1)>",
    "</textarea></p><iframe src=javascript:alert(1)></iframe>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<style>*{display:none}</style><a href=javascript:alert(1)>click</a>",
]

FOREIGN = """() => [...document.querySelectorAll("body :is(script, iframe, svg, style, object, h1 h1, b b, [onerror], [onload], [onclick])")]
  .map((element) => element.outerHTML)"""


@pytest.fixture
def hall(tmp_path: Path, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path / "data", chromium) as opened:
        yield opened


def nothing_foreign(page: Page) -> None:
    assert page.evaluate(FOREIGN) == []
    assert (
        page.evaluate(
            "[...document.querySelectorAll('a')].filter((link) => link.protocol === 'javascript:').length"
        )
        == 0
    )


def test_names_stay_text_on_the_screen_and_on_the_desk(hall: Hall) -> None:
    for name in NAMES:
        hall.player(name[:20], 1)
    screen, desk = hall.open("/screen"), hall.open_desk()
    expect(screen.locator(".row")).to_have_count(len(NAMES))
    for name in NAMES:
        expect(row_of(screen, name[:20])).to_have_count(1)
        expect(desk.locator(".run-row").get_by_role("link", name=name[:20], exact=True)).to_have_count(1)
    nothing_foreign(screen)
    nothing_foreign(desk)

    hall.end_runs()
    expect(screen.locator("#latest")).to_be_visible()
    look_at_run(desk, NAMES[0])
    expect(desk.locator(".run-head h1")).to_have_text(NAMES[0])
    nothing_foreign(screen)
    nothing_foreign(desk)


def test_replacements_and_reasons_stay_text(hall: Hall) -> None:
    hall.player("Mia", 1)
    screen, desk = hall.open("/screen"), hall.open_desk()
    look_at_run(desk, "Mia")
    for number, text in enumerate(TEXTS):
        act(desk, "restore" if number % 2 else "void", text)
    act(desk, "restore")
    for name in NAMES[:3]:
        act(desk, "replace_name", name, name[:20])
        expect(row_of(screen, name[:20])).to_have_count(1)
        nothing_foreign(desk)
    desk.click("[data-tab=acts]")

    expect(desk.locator(".act")).to_have_count(len(TEXTS) + 4)
    assert desk.locator(".act-reason").all_inner_texts() == [
        *reversed(NAMES[:3]),
        "because",
        *reversed(TEXTS),
    ]
    nothing_foreign(desk)
    desk.locator(".act-undo").first.click()
    expect(desk.locator("#act-about")).to_contain_text(NAMES[2][:20])
    nothing_foreign(desk)


def test_contact_requests_stay_text(hall: Hall) -> None:
    for text in TEXTS:
        page = hall.open("/contact")
        page.fill("#first_name", text)
        page.fill("#last_name", text)
        page.fill("#email", "o'neil+<b>@example.com" if text == TEXTS[0] else "a@example.com")
        page.fill("#concern", text)
        page.click("#send")
        if text == TEXTS[0]:
            expect(page.locator("#email-problem")).not_to_have_text("")
            page.fill("#email", "o'neil@example.com")
            page.click("#send")
        expect(page.locator("#thanks")).to_be_visible()
        nothing_foreign(page)
    desk = hall.open_desk("/desk#/contacts")

    expect(desk.locator(".contact")).to_have_count(len(TEXTS))
    assert desk.locator(".contact-concern").all_inner_texts() == TEXTS[::-1]
    nothing_foreign(desk)
