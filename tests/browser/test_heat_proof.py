"""A heat as its players can prove it: what a phone kept agrees with what is published, and convicts whoever publishes another one."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.bench import Bench
from tests.browser.guest import Guest
from tests.support.arena import STAGE_TEXT
from tests.support.hall import PHONE, Hall, look_at_run, open_hall, row_of
from tests.support.heats import Desk
from tests.support.site import open_site

from knack_protocol.ids import HeatId
from knack_protocol.proof import held
from knack_protocol.wire.limits import COUNTDOWN_MS
from knack_protocol.wire.messages import Gather

pytestmark = pytest.mark.browser

VIEW = {"width": 1280, "height": 800}
SECRETS = ("signing.key", "master.key")


@dataclass
class Played:
    """A heat that was over a moment ago, and the phone of somebody who was in it."""

    hall: Hall
    folder: Path
    phone: Page
    file: Path
    """What the phone kept."""
    run: str


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("data")
    with open_hall(folder, chromium) as hall:
        desk = Desk(hall.site, {"Authorization": f"Bearer {hall.desk_token}"})
        hall.do(desk.promise())
        hall.do(desk.step("open"))
        anna = _gathered(hall, "Anna")
        hall.do(_start_with(desk, "Ben"))
        anna.board()
        anna.play(Guest.swap_by_mouse, 2)
        hall.pass_ms(3_000)  # live digests go out
        hall.do(desk.end_heat())
        expect(anna.page.locator("#end")).to_be_visible(timeout=30_000)
        file = folder / "anna.held.json"
        with anna.page.expect_download() as download:
            anna.page.locator("#save-evidence").click()
        download.value.save_as(file)
        (run,) = held.parse(file.read_bytes()).runs
        yield Played(hall, folder, anna.page, file, run.run)


def _gathered(hall: Hall, name: str) -> Guest:
    page = hall.open("/privacy", viewport=PHONE)
    guest = Guest(page, hall.url)
    page.goto(hall.url)
    page.fill("#name", name)
    page.click("#lobby-go")
    expect(page.locator("#lobby")).to_have_attribute("data-state", "in")
    return guest


async def _start_with(desk: Desk, name: str) -> None:
    """Let one more, who has no browser, into the heat that is open, and start it."""
    line = await desk.site.player(name)
    await line.ask(Gather, HeatId("h1"))
    await desk.step("freeze")
    await desk.step("type", STAGE_TEXT)
    await desk.step("start")
    desk.site.pass_ms(COUNTDOWN_MS)


def test_what_a_phone_kept_of_a_heat_has_its_roster_its_text_its_receipts_and_the_digests(
    played: Played,
) -> None:
    kept = held.parse(played.file.read_bytes())

    (heat,), (run,) = kept.heats, kept.runs
    assert kept.commitments is not None
    assert (heat.heat, heat.public) == ("h1", b"stage:" + STAGE_TEXT.encode())
    assert (run.heat, run.course) == ("h1", "sprint")
    assert [receipt.seq for receipt in run.receipts] == [0, 1, 2, 3]
    assert {digest.heat for digest in kept.digests} == {"h1"}


def test_the_end_card_leads_to_the_heats_bundle_where_the_phones_file_anchors_the_score(
    played: Played,
) -> None:
    way = played.phone.locator("#check-score")
    expect(way).to_be_visible(timeout=30_000)
    expect(way).to_have_attribute("href", f"/verify?heat=h1&run={played.run}")

    page = played.hall.open(str(way.get_attribute("href")), viewport=VIEW)
    bench = Bench(page)
    expect(page.locator("#show-heading")).to_contain_text("Anna")
    page.evaluate("document.getElementById('show-skip').click()")
    bench.settle()
    assert bench.verdict == "consistent"
    page.click("#again")
    bench.check(played.file)

    assert (bench.verdict, bench.official) == ("anchored", "OK, anchored")
    words = " ".join(bench.explained)
    assert "1 roster" in words
    assert "4 receipts" in words
    assert "digest" in words


@pytest.mark.parametrize(
    ("secrets", "word"),
    [(SECRETS, "heat h1 had another roster"), (SECRETS[:1], "list of commitments: line")],
    ids=["with other people", "from other seeds"],
)
def test_a_heat_that_was_made_up_afterwards_under_the_same_key_is_convicted_by_one_phone(
    played: Played, tmp_path: Path, secrets: tuple[str, ...], word: str
) -> None:
    folder = tmp_path / "insider"
    folder.mkdir(mode=0o700)
    for secret in secrets:
        shutil.copy2(played.folder / secret, folder / secret)
    forged = tmp_path / "h1.knack.json"
    forged.write_bytes(played.hall.do(_made_up(folder)))
    bench = Bench(played.hall.open("/verify", viewport=VIEW))
    bench.check(forged)
    assert bench.official == "OK, consistent only"

    bench.page.click("#again")
    bench.check(played.file)

    assert (bench.verdict, bench.official) == ("wrong", "WRONG (anchor_held)")
    assert word in " ".join(bench.explained)


async def _made_up(folder: Path) -> bytes:
    """Hold the heat once more, with others, on a server that has some of the first one's secrets."""
    async with open_site(folder) as site:
        desk = Desk(site, await site.desk())
        for hand in await desk.begin("Eve", "Mallory"):
            await hand.move()
        await desk.end_heat()
        answer = await site.http.get("/api/heats/h1/bundle")
        assert answer.status_code == 200, answer.text
        return answer.content


def test_screen_and_desk_lead_to_the_check_of_a_heats_run_with_its_heat(played: Played) -> None:
    way = f"/verify?heat=h1&run={played.run}"
    screen = played.hall.open("/screen?course=h1")
    link = row_of(screen, "Anna").locator(".row-check")
    expect(link).to_have_attribute("href", way)
    expect(link).to_have_accessible_name("Check the score of Anna")

    screen.mouse.move(400, 400)  # which wakes the controls
    screen.click("#course-choice [value=heats]")
    sums = screen.locator(".panel[data-course=heats]")
    expect(sums.locator(".row")).to_have_count(1)
    expect(sums.locator(".row-check")).to_be_hidden()

    desk = played.hall.open_desk("/desk#/heats", viewport=VIEW)
    desk.click("[data-heat=h1] [value=runs]")
    look_at_run(desk, "Anna")
    expect(desk.locator(".run-check a")).to_have_attribute("href", way)


def test_on_the_screen_a_score_of_open_play_can_be_checked_as_soon_as_its_run_is_over(
    played: Played,
) -> None:
    hand = played.hall.player("Cleo", 1)
    screen = played.hall.open("/screen?course=sprint")
    link = row_of(screen, "Cleo").locator(".row-check")
    expect(row_of(screen, "Cleo")).to_have_attribute("data-running", "true")
    expect(link).to_be_hidden()

    played.hall.end_runs()

    expect(link).to_have_attribute("href", f"/verify?run={hand.run}")


def test_as_long_as_the_heat_goes_on_a_run_that_is_over_says_when_it_can_be_checked(
    chromium: Browser, tmp_path: Path
) -> None:
    with open_hall(tmp_path / "data", chromium) as hall:
        desk = Desk(hall.site, {"Authorization": f"Bearer {hall.desk_token}"})
        hall.do(desk.promise())
        hall.do(desk.step("open"))
        anna = _gathered(hall, "Anna")
        hall.do(_start_with(desk, "Ben"))
        anna.board()
        anna.play(Guest.swap_by_mouse, 1)
        screen = hall.open("/screen?course=h1")
        expect(row_of(screen, "Anna")).to_be_visible()
        moderator = hall.open_desk("/desk#/heats", viewport=VIEW)
        moderator.click("[data-heat=h1] [value=runs]")
        look_at_run(moderator, "Anna")
        run = moderator.url.rpartition("/")[2]
        expect(moderator.locator(".run-check a")).to_be_hidden()
        hall.do(desk.post("acts", kind="void", target=run, text="", reason="a test"))
        expect(anna.page.locator("#end")).to_be_visible(timeout=30_000)

        expect(anna.page.locator("#check-score")).to_be_hidden()
        expect(anna.page.locator("#check-later")).to_contain_text("as soon as the whole heat is over")
        expect(moderator.locator(".run-check a")).to_be_hidden()

        hall.do(desk.end_heat())
        expect(anna.page.locator("#check-score")).to_be_visible(timeout=30_000)
        expect(anna.page.locator("#check-later")).to_be_hidden()
        expect(row_of(screen, "Ben")).to_have_count(0)
        expect(moderator.locator(".run-check a")).to_be_visible(timeout=30_000)
