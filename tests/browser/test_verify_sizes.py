"""The checking page fits every phone and every wall, in both languages, before a check and after it: nothing is cut."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.browser.bench import Bench
from tests.support.hall import Hall, open_hall

pytestmark = pytest.mark.browser

SIZES = [(360, 640), (390, 844), (768, 1024), (1280, 720), (1920, 1080), (3840, 2160)]

OUTSIDE = """() => [...document.querySelectorAll("main *, header *, footer *")]
  .filter((element) => element.checkVisibility() && !element.closest(".visually-hidden, .board, .rows"))
  .filter((element) => {
    const { left, right } = element.getBoundingClientRect();
    return left < -1 || right > innerWidth + 1;
  })
  .map((element) => element.id || element.className || element.tagName)"""

SMALL = """() => [...document.querySelectorAll("button, select, .button")]
  .filter((element) => element.checkVisibility())
  .filter((element) => element.getBoundingClientRect().height < 32)
  .map((element) => element.textContent)"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("data"), chromium) as opened:
        yield opened


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_nothing_is_cut_and_everything_can_be_touched(
    hall: Hall, locale: str, width: int, height: int
) -> None:
    page = hall.open("/verify", locale=locale, viewport={"width": width, "height": height})
    bench = Bench(page)
    assert (page.evaluate(OUTSIDE), page.evaluate(SMALL)) == ([], [])

    bench.check("event.bundle.json", "ada.held.json", "event.commitments.txt")
    assert (page.evaluate(OUTSIDE), page.evaluate(SMALL)) == ([], [])

    page.click("#other")
    bench.check("wrong-replay.bundle.json")
    assert (page.evaluate(OUTSIDE), page.evaluate(SMALL)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1280, 720), (3840, 2160)])
def test_the_verdict_is_in_sight_when_it_comes(hall: Hall, width: int, height: int) -> None:
    page = hall.open("/verify", viewport={"width": width, "height": height}, reduced_motion="reduce")
    bench = Bench(page)
    bench.check("run.bundle.json")
    page.wait_for_timeout(200)
    box = page.locator("#verdict-heading").bounding_box()
    assert box is not None

    assert 0 <= box["y"] < height
    page.context.close()
