"""What the pages do for the proof: players take evidence along that holds, and everybody is shown the way to check."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect
from tests.browser.guest import Guest
from tests.support.hall import PHONE, Hall, act, look_at_run, open_hall, row_of

from knack_protocol.proof import held
from knack_server.cli.verify import verify

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 800}
DIGITS = re.compile(r"^[0-9a-f]{4} [0-9a-f]{4}$")


@pytest.fixture
def hall(tmp_path: Path, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path / "data", chromium) as opened:
        yield opened


def played(hall: Hall, name: str, moves: int, **device: object) -> Guest:
    """Let somebody with a browser play a sprint to its end."""
    page = hall.open("/privacy", **{"locale": "de-DE", "viewport": DESK, **device})
    player = Guest(page, hall.url)
    player.begin(name, "sprint")
    player.play(Guest.swap_by_mouse, moves)
    page.wait_for_timeout(1_200)  # a live digest comes every second
    hall.end_runs()
    expect(page.locator("#end")).to_be_visible()
    return player


def receipt_of(page: Page) -> str:
    page.locator("#receipt summary").click()
    expect(page.locator("#receipt-text")).to_contain_text("knack-receipt-1.")
    return page.locator("#receipt-text").inner_text()


def test_what_a_players_browser_has_saved_anchors_what_the_server_publishes(
    hall: Hall, tmp_path: Path
) -> None:
    player = played(hall, "Mia", 3)

    with player.page.expect_download() as download:
        player.page.locator("#save-evidence").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    saved = held.parse(file.read_bytes())
    (run,) = saved.runs
    assert (saved.event, run.course) == ("demo", "sprint")
    assert [receipt.head for receipt in run.receipts[1:4]] == [moved.head for moved in player.moved]
    assert [receipt.seq for receipt in run.receipts] == [0, 1, 2, 3, 4]
    assert saved.digests
    for address in ("/api/bundle", f"/api/runs/{run.run}/bundle"):
        bundle = tmp_path / "bundle.json"
        bundle.write_bytes(httpx.get(hall.url + address, trust_env=False).content)
        said = CliRunner().invoke(verify, [str(bundle), "--held", str(file)])
        assert said.exit_code == 0, said.output
        assert "anchored" in said.output
        assert "receipts" in said.output


def test_the_end_card_carries_the_receipt_and_the_way_to_check_it(hall: Hall) -> None:
    page = played(hall, "Mia", 1, viewport=PHONE).page

    receipt = receipt_of(page)
    code = page.locator("#receipt-code")

    expect(code).to_be_visible()
    assert code.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    run = receipt.split(".")[3]
    expect(page.locator("#check-score")).to_have_attribute("href", f"/verify?run={run}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_reload_in_the_middle_of_a_run_loses_no_evidence(hall: Hall) -> None:
    page = hall.open("/privacy", locale="de-DE", viewport=DESK)
    player = Guest(page, hall.url)
    player.join("Mia", "sprint")
    player.board()
    player.play(Guest.swap_by_mouse, 2)
    page.reload()
    player.board()
    player.play(Guest.swap_by_mouse, 1)
    hall.end_runs()
    expect(page.locator("#end")).to_be_visible()

    with page.expect_download() as download:
        page.locator("#save-evidence").click()

    (run,) = held.parse(download.value.path().read_bytes()).runs
    assert run.nonce is not None
    assert {0, 1, 2}.issubset(receipt.seq for receipt in run.receipts)
    assert {moved.head for moved in player.moved} <= {receipt.head for receipt in run.receipts}
    assert re.fullmatch(r"knackpunkt-demo-held\.json", download.value.suggested_filename)


def test_the_screen_shows_the_newest_live_digest_and_says_when_none_comes_any_more(hall: Hall) -> None:
    screen = hall.open("/screen")
    expect(screen.locator("#digest")).to_be_hidden()
    hall.player("Mia", 1)
    digits = screen.locator("#digest-digits")
    expect(row_of(screen, "Mia")).to_be_visible()

    expect(digits).to_have_text(DIGITS)
    expect(digits).not_to_have_text(digits.inner_text())
    expect(digits).to_have_text(DIGITS)
    expect(screen.locator("#digest")).to_contain_text("Live digest")
    expect(screen.locator("#digest-late")).to_be_hidden()

    hall.close_doors()

    expect(screen.locator("#digest")).to_have_attribute("data-stale", "true")
    expect(screen.locator("#digest-late")).to_be_visible()


def test_nothing_is_overdue_while_nobody_plays(hall: Hall) -> None:
    screen = hall.open("/screen")
    hall.player("Mia", 1)
    expect(screen.locator("#digest")).to_be_visible()
    hall.end_runs()
    expect(row_of(screen, "Mia").locator(".row-running")).to_be_hidden()

    screen.wait_for_timeout(6_500)

    expect(screen.locator("#digest")).to_have_attribute("data-stale", "false")


CAMERA = """
  globalThis.BarcodeDetector = class {
    static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
    detect() { return Promise.resolve(globalThis.beforeTheCamera ? [{ rawValue: globalThis.beforeTheCamera }] : []); }
  };
  navigator.mediaDevices.getUserMedia = async () => (globalThis.seen = document.createElement("canvas")).captureStream();
"""


def checked(desk: Page, text: str, verdict: str) -> None:
    desk.fill("#receipt-text", text)
    desk.click("#receipt-check")
    expect(desk.locator("#receipt-verdict")).to_have_attribute("data-verdict", verdict)
    expect(desk.locator("#receipt-word")).to_be_in_viewport()


def published_receipt(hall: Hall, run: str) -> str:
    answer = httpx.get(f"{hall.url}/api/runs/{run}/receipt", trust_env=False)
    text: str = answer.json()["receipt"]
    return text


def test_the_desk_says_in_large_words_what_a_receipt_is_worth(hall: Hall) -> None:
    hand = hall.player("Mia", 1)
    hall.end_runs()
    text = published_receipt(hall, hand.run)
    desk = hall.open_desk("/desk#/receipt", viewport=PHONE, locale="de-DE")
    word = desk.locator("#receipt-word")

    desk.click("#receipt-check")
    expect(desk.locator("#receipt-problem")).not_to_have_text("")
    checked(desk, text, "valid")
    expect(word).to_have_text("Gültig")
    expect(desk.locator("#receipt-who")).to_contain_text("Mia")
    checked(desk, text.replace(f".{hand.score}.", f".{hand.score + 1}."), "forged")
    expect(word).to_have_text("Gefälscht")
    expect(desk.locator("#receipt-run")).to_be_hidden()
    assert desk.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    better = hall.again(hand, 1)
    while better.score <= hand.score:
        hall.move(better)
    checked(desk, text, "superseded")
    expect(word).to_have_text("Überholt")
    desk.click("#receipt-run")
    expect(desk.locator(".run-check a")).to_have_attribute("href", f"/verify?run={hand.run}")
    act(desk, "void")
    desk.click("[data-tab=receipt]")
    expect(desk.locator("#receipt-verdict")).to_be_hidden()
    checked(desk, text, "voided")
    expect(word).to_have_text("Gestrichen")


def test_a_run_in_play_has_nothing_to_check_on_the_desk(hall: Hall) -> None:
    hall.player("Mia", 1)
    desk = hall.open_desk()
    look_at_run(desk, "Mia")
    expect(desk.locator(".run-check a")).to_be_hidden()

    hall.end_runs()

    expect(desk.locator(".run-check a")).to_be_visible()


def test_the_desk_reads_a_receipt_with_the_camera_and_turns_it_off(hall: Hall) -> None:
    hand = hall.player("Mia", 1)
    hall.end_runs()
    desk = hall.open_desk("/desk#/receipt", viewport=PHONE)
    desk.add_init_script(CAMERA)
    desk.reload()

    desk.click("#receipt-camera")
    expect(desk.locator("#receipt-finder")).to_be_visible()
    desk.evaluate("text => { globalThis.beforeTheCamera = text; }", published_receipt(hall, hand.run))

    expect(desk.locator("#receipt-word")).to_have_text("Valid")
    expect(desk.locator("#receipt-finder")).to_be_hidden()
    assert desk.evaluate("document.getElementById('receipt-video').srcObject") is None


def test_a_desk_whose_browser_reads_no_codes_says_so_and_takes_text(hall: Hall) -> None:
    desk = hall.open_desk("/desk#/receipt", viewport=PHONE)
    desk.add_init_script("delete globalThis.BarcodeDetector")
    desk.reload()

    expect(desk.locator("#receipt-no-camera")).to_be_visible()
    expect(desk.locator("#receipt-camera")).to_be_hidden()


def test_every_finished_run_of_the_standings_has_its_check_and_running_ones_have_none(hall: Hall) -> None:
    over = [hall.player(f"Player {moves}", moves) for moves in (1, 2)]
    hall.end_runs()
    hall.player("Mia", 3)
    page = hall.open("/", viewport=PHONE)
    page.locator("input[value=sprint]").check(force=True)

    page.locator("#check-list summary").click()

    rows = page.locator(".check-row")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="Mia").locator("a")).to_have_count(0)
    ways = page.locator(".check-row a").evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    )
    assert sorted(ways) == sorted(f"/verify?run={hand.run}" for hand in over)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
