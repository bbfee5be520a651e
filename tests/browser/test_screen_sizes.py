"""The screen fits every wall and every phone, in both languages, with the widest names: nothing scrolls, nothing is cut."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.support.hall import Hall, open_hall, until

pytestmark = pytest.mark.browser

SIZES = [(360, 640), (390, 844), (1024, 768), (1280, 720), (1920, 1080), (3840, 2160), (1080, 1920)]

WIDEST = "WWWWWWWWWWWWWWWWWWWW"

OUTSIDE = """() => {
  const shown = [...document.querySelectorAll("h1, .row, .row-score, .crown-score, .join:not([hidden]), .hall-clock")]
    .filter((element) => element.offsetParent !== null && element.textContent !== "");
  return shown
    .filter((element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      return left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1;
    })
    .map((element) => element.className || element.tagName);
}"""

OVERLAPS = """() => {
  const found = [];
  for (const row of document.querySelectorAll(".panel:not([hidden]) .row")) {
    const name = row.querySelector(".row-name").getBoundingClientRect();
    const score = row.querySelector(".row-score").getBoundingClientRect();
    if (name.right > score.left + 1) found.push(row.textContent);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("data")
    with open_hall(
        folder, chromium, demo_title="Sommerfest der Bürgerinnen und Bürger in Musterstadt"
    ) as opened:
        for number, course in enumerate(["sprint", "climb"] * 11):
            opened.player(WIDEST if number == 4 else f"Nachtschwärmer {number}", 2, course)
        opened.player("Kleine Straße", 1, "climb")
        yield opened


AT_REST = """document.getAnimations().every(
  (animation) => animation.playState !== "running" || animation.effect.getTiming().iterations === Infinity
)"""


def settled(screen: Page) -> None:
    expect(screen.locator(".panel:visible .row").first).to_be_visible()
    until(screen, AT_REST)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_nothing_scrolls_and_nothing_lies_outside(hall: Hall, width: int, height: int, locale: str) -> None:
    screen = hall.open("/screen", locale=locale, viewport={"width": width, "height": height})
    settled(screen)

    assert screen.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    ) == [width, height]
    assert screen.evaluate(OUTSIDE) == []
    assert screen.evaluate(OVERLAPS) == []
    screen.context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (3840, 2160)])
def test_names_and_scores_are_read_from_the_back_of_the_hall(hall: Hall, width: int, height: int) -> None:
    screen = hall.open("/screen", viewport={"width": width, "height": height})
    settled(screen)
    sizes = screen.evaluate(
        """() => [...document.querySelectorAll(".panel:not([hidden]) .row-score")]
          .map((score) => parseFloat(getComputedStyle(score).fontSize) / innerHeight)"""
    )

    # A letter of 3 % of a 2 m high picture is 6 cm: read from 24 m (1/400 of the distance).
    assert len(sizes) == 20
    assert min(sizes) > 0.03
    screen.context.close()
