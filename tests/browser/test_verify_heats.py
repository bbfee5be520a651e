"""Heats on the checking page: fetched when they are published, a clear word when they are not, and a run before one's eyes."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.bench import Bench
from tests.support.hall import Hall, open_hall
from tests.support.heats import Desk
from tests.support.site import Hand

pytestmark = pytest.mark.browser

VIEW = {"width": 1280, "height": 800}
MOVES = {"Anna": 3, "Ben": 1}


@dataclass
class Heats:
    """A hall in which h1 is over, h2 is being played, and h3 is promised."""

    hall: Hall
    over: list[Hand]
    playing: list[Hand]

    def open(self, path: str) -> Page:
        return self.hall.open(path, viewport=VIEW)


@pytest.fixture(scope="module")
def heats(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Heats]:
    with open_hall(tmp_path_factory.mktemp("data"), chromium) as hall:
        yield hall.do(_played(hall))


async def _played(hall: Hall) -> Heats:
    desk = Desk(hall.site, {"Authorization": f"Bearer {hall.desk_token}"})
    for heat in ("h1", "h2", "h3"):
        await desk.post("heats", heat=heat, course="sprint", scope="player", reruns=0)
    await desk.post("commitments")
    over = await desk.begin(*MOVES)
    for hand, moves in zip(over, MOVES.values(), strict=True):
        for _ in range(moves):
            await hand.move()
    await desk.end_heat()
    playing = await desk.begin(heat="h2", lines=tuple(hand.line for hand in over))
    await playing[0].move()
    return Heats(hall, over, playing)


def test_the_score_of_a_heats_run_is_checked_at_its_address_with_that_run_before_ones_eyes(
    heats: Heats,
) -> None:
    ben = heats.over[1]
    page = heats.open(f"/verify?heat=h1&run={ben.run}")
    bench = Bench(page)
    expect(page.locator("#show-heading")).to_contain_text("Ben")
    page.evaluate("document.getElementById('show-skip').click()")
    bench.settle()

    assert bench.official == "OK, consistent only"
    expect(page.locator("#show-score")).to_have_text(f"{ben.score:,}")
    expect(page.locator(".standing")).to_have_count(2)
    expect(page.locator(".standing-name").get_by_text("Anna")).to_be_visible()


def test_whoever_knows_a_heats_run_only_is_led_to_its_heat(heats: Heats) -> None:
    page = heats.open(f"/verify?run={heats.over[1].run}")

    expect(page.locator("#show-heading")).to_contain_text("Ben")
    expect(page.locator(".check[data-check=form]")).to_be_visible()
    expect(page.locator("#outcome")).to_be_visible()


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("heat=h2", "Heat h2 is not over yet. All of it is published then."),
        ("heat=h3", "Heat h3 is not over yet. All of it is published then."),
        ("heat=nowhere", "There is no heat nowhere here."),
        ("all=", "The event is not over yet. All of it is published then."),
    ],
)
def test_what_is_not_published_yet_is_said_so(heats: Heats, query: str, word: str) -> None:
    page = heats.open(f"/verify?{query}")

    expect(page.locator("#file-problem")).to_have_text(word)
    expect(page.locator("#choose")).to_be_visible()


def test_a_run_of_a_heat_that_is_being_played_is_not_there_yet(heats: Heats) -> None:
    page = heats.open(f"/verify?run={heats.playing[0].run}")

    expect(page.locator("#file-problem")).to_contain_text("not over yet")


def test_the_page_offers_what_is_there_and_says_what_is_not(heats: Heats) -> None:
    page = heats.open("/verify")

    expect(page.locator("#heat-choice option")).to_have_text(["h1"])
    expect(page.locator("#heat-note")).to_contain_text("Not yet: h2")
    expect(page.locator("#fetch-all")).to_be_hidden()
    expect(page.locator("#all-note")).to_contain_text("Not yet")
    page.click("#fetch-heat")
    expect(page.locator(".paper[data-kind=bundle]")).to_contain_text("h1.knack.json")
    expect(page.locator("#start")).to_be_focused()
    page.keyboard.press("Enter")
    page.evaluate("document.getElementById('show-skip').click()")
    Bench(page).settle()
    expect(page.get_by_role("heading", name="heat h1")).to_be_visible()


def test_a_receipt_leads_to_its_run(heats: Heats) -> None:
    ben = heats.over[1]
    answer = heats.hall.do(heats.hall.site.http.get(f"/api/runs/{ben.run}/receipt"))
    page = heats.open("/verify")
    page.fill("#run-text", "nothing at all")
    page.click("#fetch-run")
    expect(page.locator("#file-problem")).to_have_text("That is neither the id of a run nor a receipt.")

    page.fill("#run-text", answer.json()["receipt"])
    page.keyboard.press("Enter")
    expect(page.locator(".paper[data-kind=bundle]")).to_contain_text("h1.knack.json")
    expect(page.locator("#start")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#show-heading")).to_contain_text("Ben")
