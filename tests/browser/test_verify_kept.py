"""The file to keep: saved from the server, opened from a disk without a network, it checks bundles and does nothing else."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.bench import Bench
from tests.support.hall import open_hall

from knack_server import app
from knack_server.config import Settings

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Path:
    """What the button on the checking page saves."""
    folder = tmp_path_factory.mktemp("kept")
    with open_hall(folder / "data", chromium) as hall:
        page = hall.open("/verify", viewport=DESK)
        with page.expect_download() as download:
            page.get_by_role("link", name="Save verify.html").click()
        file = folder / download.value.suggested_filename
        download.value.save_as(file)
    return file


@pytest.fixture
def kept(saved: Path, chromium: Browser) -> Iterator[Page]:
    """The file in a browser that has no network; whatever it complains about fails the test."""
    context = chromium.new_context(offline=True, locale="de-DE", viewport=DESK)
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(saved.as_uri())
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(("data:", saved.as_uri()))] == []
    assert complaints == []


def test_it_is_saved_under_its_name_with_the_hash_that_the_server_prints(saved: Path, tmp_path: Path) -> None:
    greeting = app._greeting(Settings(data_dir=tmp_path), 8000, None, room=1)

    assert saved.name == "verify.html"
    assert hashlib.sha256(saved.read_bytes()).hexdigest() in greeting


def test_it_checks_a_bundle_against_what_was_kept(kept: Page) -> None:
    bench = Bench(kept)
    bench.check("event.bundle.json", "ada.held.json", "event.commitments.txt")

    assert (bench.verdict, bench.official) == ("anchored", "OK, anchored")


def test_it_refuses_what_is_wrong(kept: Page) -> None:
    bench = Bench(kept)
    bench.check("wrong-replay.bundle.json")

    assert bench.official == "WRONG (replay)"


def test_it_plays_the_run_with_the_games_own_pictures(kept: Page) -> None:
    bench = Bench(kept)
    bench.check("run.bundle.json")
    picture = "tile => getComputedStyle(tile, '::before').backgroundImage"

    assert len(bench.board()) == 64
    assert kept.locator("#board .tile").first.evaluate(picture).startswith('url("data:image/svg+xml')
    assert kept.locator(".wordmark img").evaluate("image => image.naturalWidth") > 0


def test_it_speaks_both_languages_and_leads_to_no_server(kept: Page) -> None:
    expect(kept.get_by_role("heading", level=1)).to_have_text("Highscores nachprüfen")
    kept.click(".language-switch [lang=en]")

    expect(kept.get_by_role("heading", level=1)).to_have_text("Check the highscores")
    assert kept.locator("a").count() == 0


def test_its_policy_lets_nothing_in_and_nothing_out(saved: Path, chromium: Browser) -> None:
    page = chromium.new_context(offline=True).new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(saved.as_uri())
    page.evaluate(
        """async () => {
          const script = document.createElement("script");
          try { script.textContent = "window.broken = true"; document.body.append(script); } catch (error) { console.log(String(error)); }
          try { document.body.innerHTML = "<p>text</p>"; } catch (error) { console.log(String(error)); }
          await fetch("data:text/plain,x").catch((error) => console.log(String(error)));
          const image = new Image();
          image.src = "http://127.0.0.1:9/";
          await image.decode().catch((error) => console.log(String(error)));
        }"""
    )

    assert page.evaluate("window.broken") is None
    expect(page.locator("#choose")).to_be_visible()
    for word in ("Trusted", "Content Security Policy", "Failed to fetch"):
        assert any(word in text for text in refused), (word, refused)
    page.context.close()
