"""The checking page: papers in, a verdict out, the run before one's eyes; and the way there from a real run."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from tests.browser.bench import PROOFS, Bench
from tests.support.hall import Hall, open_hall, until

from knack_protocol.proof.verify import verify

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 800}
KEY = "24f6 ed6a cbfe 1009 c030 d7ca 567c 33ca"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("data"), chromium) as opened:
        yield opened


@pytest.fixture
def bench(hall: Hall) -> Iterator[Bench]:
    page = hall.open("/verify", locale="de-DE", viewport=DESK)
    yield Bench(page)
    page.context.close()


def test_a_bundle_alone_is_consistent_and_the_page_says_what_that_means(bench: Bench) -> None:
    bench.check("heat.bundle.json")

    assert (bench.verdict, bench.official) == ("consistent", "OK, consistent only")
    expect(bench.page.locator("#verdict-text")).to_contain_text(
        "Wer aber das ganze Bündel gefälscht hätte, käme hier durch"
    )
    assert len(bench.explained) == 3
    assert bench.checks("passed") == [
        *[
            "form",
            "rules",
            "acts",
            "commitments",
            "commit",
            "public",
            "roster",
            "replay",
            "run",
            "results",
            "live",
        ],
        *["standings", "seal"],
    ]


def test_what_was_kept_anchors_it_and_each_anchor_says_what_for(bench: Bench) -> None:
    bench.page.fill("#fingerprint", KEY)
    bench.check("event.bundle.json", "ada.held.json", "event.commitments.txt")

    assert (bench.verdict, bench.official) == ("anchored", "OK, anchored")
    assert [text.split(":")[0] for text in bench.explained] == [
        "Der Fingerabdruck des Schlüssels",
        "Die veröffentlichte Liste",
        "ada.held.json",
    ]
    assert bench.checks("passed")[-3:] == ["anchor_key", "anchor_commitments", "anchor_held"]
    expect(bench.page.locator("#again")).to_be_hidden()


def test_what_was_not_compared_is_said_even_of_an_anchored_bundle(bench: Bench) -> None:
    bench.page.fill("#fingerprint", KEY)
    bench.check("event.bundle.json")

    assert bench.verdict == "anchored"
    assert [text.startswith("Nicht verglichen:") for text in bench.explained] == [False, True, True]


def test_anchors_can_be_added_to_a_bundle_that_was_only_consistent(bench: Bench) -> None:
    bench.check("event.bundle.json")
    assert bench.verdict == "consistent"

    bench.page.click("#again")
    bench.check("ada.held.json")

    assert bench.verdict == "anchored"


@pytest.mark.parametrize(
    ("bundle", "check", "word"),
    [
        ("wrong-replay.bundle.json", "replay", "Jeder Zug nachgespielt"),
        ("wrong-live.bundle.json", "live", "Prüfsummen, die jede Sekunde an alle gingen"),
        ("wrong-seal.bundle.json", "seal", "Siegel über das Ganze"),
        ("wrong-form-order.bundle.json", "form", "Die Datei ist ein vollständiges Bündel"),
    ],
)
def test_the_first_thing_that_is_wrong_is_named_in_the_words_of_the_command(
    bench: Bench, bundle: str, check: str, word: str
) -> None:
    bench.check(bundle)
    wrong = verify((PROOFS / bundle).read_bytes()).wrong
    assert wrong is not None

    assert (bench.verdict, bench.official) == ("wrong", f"WRONG ({check})")
    assert bench.explained == [f"{wrong.where}: {wrong.what}"]
    assert bench.checks("failed") == [check]
    expect(bench.page.locator("#verdict-text")).to_contain_text(word)
    expect(bench.page.locator(".standing")).to_have_count(0)


def test_a_phone_betrays_what_an_insider_has_signed_anew(bench: Bench) -> None:
    bench.check("forged-move.bundle.json")
    assert bench.verdict == "consistent"

    bench.page.click("#again")
    bench.check("ada.held.json")

    assert bench.official == "WRONG (anchor_held)"


def test_no_check_begins_before_every_paper_has_been_read(bench: Bench) -> None:
    page = bench.page
    bench.bring("forged-move.bundle.json")
    expect(page.locator("#start")).to_be_enabled()
    page.evaluate(
        """() => {
            const read = File.prototype.arrayBuffer;
            const gate = new Promise((open) => { window.openGate = open; });
            File.prototype.arrayBuffer = async function () { await gate; return read.call(this); };
        }"""
    )

    bench.bring("ada.held.json")
    expect(page.locator("#start")).to_be_disabled()
    page.evaluate("window.openGate()")
    bench.start()
    page.evaluate("document.getElementById('show-skip').click()")
    bench.settle()

    assert bench.official == "WRONG (anchor_held)"


def test_the_run_is_played_while_it_is_checked_and_can_be_halted(bench: Bench) -> None:
    bench.bring("run.bundle.json")
    bench.start()
    page = bench.page
    page.select_option("#show-speed", "1")
    score = page.locator("#show-score")
    until(page, "document.getElementById('show-score').textContent !== '0'")

    page.click("#show-play")
    halted = score.inner_text()
    page.wait_for_timeout(1_500)
    assert score.inner_text() == halted
    assert bench.verdict == "checking"
    expect(page.locator("#show-bar")).to_be_disabled()

    page.click("#show-skip")
    bench.settle()
    assert bench.verdict == "consistent"
    expect(page.locator("#show-result")).to_contain_text("Nachgerechnet")


def test_a_checked_run_can_be_looked_at_forth_and_back(bench: Bench) -> None:
    bench.check("run.bundle.json")
    page = bench.page
    end = bench.board()
    assert len(end) == 64

    page.locator("#show-bar").focus()
    page.keyboard.press("Home")
    expect(page.locator("#show-word")).to_have_text("Level 1 beginnt")
    beginning = bench.board()
    page.keyboard.press("End")

    assert beginning != end == bench.board()


def test_every_score_of_the_standings_has_its_own_check(bench: Bench) -> None:
    bench.check("heat.bundle.json")
    rows = bench.page.locator(".standing")
    second = rows.nth(1)
    score = second.locator(".standing-score").inner_text()

    second.get_by_role("button", name="Score prüfen").click()
    expect(bench.page.locator("#show-heading")).to_contain_text(second.get_attribute("data-player") or "?")
    bench.page.click("#show-skip")

    expect(bench.page.locator("#show-result")).to_contain_text(f"{score} Punkte")
    expect(bench.page.locator("#show-score")).to_have_text(score)
    assert bench.verdict == "consistent"


def test_times_the_server_was_away_are_listed(bench: Bench) -> None:
    bench.check("heat-interrupted.bundle.json")
    away = bench.page.locator("[data-notes=away]")
    notices = verify((PROOFS / "heat-interrupted.bundle.json").read_bytes()).notices

    expect(away.locator("li")).to_have_count(sum(notice.kind == "away" for notice in notices))
    expect(away).to_contain_text("Die Uhr ging weiter bei")


def test_a_file_that_is_dropped_is_taken_for_what_it_is(bench: Bench) -> None:
    text = (PROOFS / "run.bundle.json").read_text()
    drop = """([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name));
      for (const type of ["dragover", "drop"]) {
        document.getElementById("drop").dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
      }
    }"""
    bench.page.evaluate(drop, ["my run.txt", text])

    expect(bench.page.locator(".paper[data-kind=bundle]")).to_contain_text("my run.txt")
    expect(bench.page.locator("#start")).to_be_enabled()


def test_what_is_no_paper_of_ours_is_named_and_nothing_starts(bench: Bench, tmp_path: Path) -> None:
    photo = tmp_path / "<b>photo.png"
    photo.write_bytes(b"\x89PNG")
    bench.bring(photo)

    expect(bench.page.locator("#file-problem")).to_have_text("Kein Papier von Knackpunkt: <b>photo.png")
    expect(bench.page.locator("#start")).to_be_disabled()


def test_a_damaged_held_file_is_said_so_before_anything_is_checked(bench: Bench, tmp_path: Path) -> None:
    damaged = tmp_path / "mine.json"
    document = json.loads((PROOFS / "ada.held.json").read_text())
    damaged.write_text(json.dumps(document | {"key": "00"}, indent=1))
    bench.bring("run.bundle.json", damaged)
    bench.page.click("#start")

    expect(bench.page.locator("#file-problem")).to_have_text(
        "mine.json ist beschädigt (key: 1 bytes instead of 32 to 32)"
    )
    expect(bench.page.locator("#outcome")).to_be_hidden()


def test_a_fingerprint_that_is_none_keeps_the_button_closed(bench: Bench) -> None:
    bench.bring("run.bundle.json")
    bench.page.fill("#fingerprint", KEY[:-1])

    expect(bench.page.locator("#fingerprint-note")).to_contain_text("32 Zeichen aus 0–9 und a–f")
    expect(bench.page.locator("#start")).to_be_disabled()
    bench.page.fill("#fingerprint", "")
    expect(bench.page.locator("#start")).to_be_enabled()


def test_names_beside_the_bundle_are_shown_as_text_and_prove_nothing(bench: Bench, tmp_path: Path) -> None:
    players = json.loads((PROOFS / "heat.bundle.json").read_text())["heat"]["roster"]
    named = [{"player": player, "name": f"<img src=x> {player}"} for player in players]
    names = tmp_path / "names.json"
    names.write_text(json.dumps({"format": "knackpunkt names 1", "event": "demo", "players": named}))
    bench.check("heat.bundle.json", names)

    expect(bench.page.locator(".standing-name").first).to_contain_text("<img src=x>")
    assert bench.verdict == "consistent"


def test_the_keyboard_alone_gets_from_the_papers_to_the_verdict(bench: Bench) -> None:
    page = bench.page
    bench.bring("run.bundle.json")
    page.locator("#files").focus()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "start":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#verdict-heading")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "show-skip":
            break
    page.keyboard.press("Enter")
    bench.settle()

    assert bench.verdict == "consistent"


def test_a_switch_of_the_language_speaks_of_the_same_verdict(bench: Bench) -> None:
    bench.check("wrong-replay.bundle.json")
    german = bench.explained
    bench.page.click(".language-switch [lang=en]")

    expect(bench.page.locator("#verdict-heading")).to_have_text("Something is wrong here")
    expect(bench.page.locator("#verdict-text")).to_contain_text("Every move replayed")
    assert bench.explained == german


def test_a_run_of_this_server_is_checked_at_its_address(hall: Hall) -> None:
    hand = hall.player("Mia", 3)
    hall.end_runs()
    page = hall.open(f"/verify?run={hand.run}", viewport=DESK)
    bench = Bench(page)
    expect(page.locator("#show-heading")).to_contain_text("Mia")
    page.click("#show-skip")
    bench.settle()

    assert (bench.verdict, bench.official) == ("consistent", "OK, consistent only")
    expect(page.locator("#show-score")).to_have_text(f"{hand.score:,}")
    expect(page.locator(".standing-name")).to_have_text("Mia")


def test_all_of_open_play_is_fetched_with_its_names_and_checked(hall: Hall) -> None:
    hand = hall.player("Ada", 2)
    hall.again(hand, 1)
    hall.end_runs()
    key = httpx.get(f"{hall.url}/api/key", trust_env=False).json()["fingerprint"]
    page = hall.open("/verify", viewport=DESK)
    bench = Bench(page)
    page.fill("#fingerprint", key)
    page.click("#fetch-open")
    expect(page.locator(".paper[data-kind=names]")).to_contain_text("names.json")
    bench.check()

    assert bench.verdict == "anchored"
    expect(page.locator(".standing-name").get_by_text("Ada")).to_have_count(1)


def test_a_run_that_is_not_there_is_said_so(hall: Hall) -> None:
    page = hall.open("/verify?run=run-nowhere", viewport=DESK)

    expect(page.locator("#file-problem")).to_have_text(
        "There is no bundle for run-nowhere (yet). It is made when the run is over."
    )
    expect(page.locator("#choose")).to_be_visible()


def test_a_run_that_is_not_over_yet_is_said_so(hall: Hall) -> None:
    hand = hall.player("Eve", 1)
    page = hall.open(f"/verify?run={hand.run}", viewport=DESK)

    expect(page.locator("#file-problem")).to_contain_text("It is made when the run is over.")
    hall.end_runs()


def test_the_page_stays_alive_while_a_whole_event_is_checked(bench: Bench) -> None:
    bench.bring("event.bundle.json")
    bench.page.evaluate(
        """() => {
          window.turns = 0;
          const turn = () => {
            if (document.getElementById("verify").dataset.state === "checking") window.turns += 1;
            setTimeout(turn, 0);
          };
          turn();
          document.getElementById("start").click();
          document.getElementById("show-skip").click();
        }"""
    )
    bench.settle()

    assert bench.verdict == "consistent"
    assert bench.page.evaluate("window.turns") > 2, "nobody else had a turn before the check was over"
