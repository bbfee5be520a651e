"""The screen follows what happens: moves, ends, cracked highscores, a server that goes and comes back."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.support.hall import PHONE, SOON_MS, Hall, has_shown, look_out, names_on, open_hall, row_of, until

pytestmark = pytest.mark.browser


@pytest.fixture
def hall(tmp_path: Path, chromium: Browser) -> Iterator[Hall]:
    with open_hall(tmp_path / "data", chromium) as opened:
        yield opened


def test_a_players_score_rises_on_the_screen_while_he_plays(hall: Hall) -> None:
    screen = hall.open("/screen")
    hand = hall.player("Mia", 1)
    row = row_of(screen, "Mia")
    for _ in range(5):
        expect(row).to_have_attribute("data-score", str(hand.score))
        expect(row).to_have_attribute("data-rank", "1")
        expect(row).to_have_attribute("data-player", hand.player)
        expect(row.locator(".row-running")).to_be_visible()
        expect(row.locator(".row-score")).to_have_text(f"{hand.score:,}")
        hall.move(hand)

    hall.end_runs()

    expect(row.locator(".row-running")).to_be_hidden()
    expect(screen.locator("#latest .latest-run")).to_have_count(1)
    expect(screen.locator("#latest .latest-name")).to_have_text("Mia")


@pytest.mark.slow
def test_where_the_machine_is_ours_a_move_is_on_the_screen_within_a_second(hall: Hall) -> None:
    screen = hall.open("/screen")
    hand = hall.player("Mia", 1)
    row = row_of(screen, "Mia")
    expect(row).to_be_visible()
    for _ in range(5):
        hall.move(hand)
        expect(row).to_have_attribute("data-score", str(hand.score), timeout=SOON_MS)


def test_rows_stand_in_the_order_of_the_ranks_and_only_the_first_ten(hall: Hall) -> None:
    screen = hall.open("/screen")
    scores = {f"Player {moves}": hall.player(f"Player {moves}", moves).score for moves in range(1, 13)}
    best = sorted(scores.values(), reverse=True)[:10]

    expect(screen.locator(".row")).to_have_count(10)
    expect(screen.locator(".panel:visible .row-score")).to_have_text([f"{score:,}" for score in best])

    assert [scores[name] for name in names_on(screen)] == best
    ranks = [int(rank) for rank in screen.locator(".row-rank").all_inner_texts()]
    assert ranks == sorted(ranks)
    assert ranks[0] == 1


def test_a_cracked_highscore_is_celebrated_once_and_not_when_the_page_opens(hall: Hall) -> None:
    first = hall.player("Anna", 1)
    hall.end_runs()
    screen, calm = hall.open("/screen"), hall.open("/screen", reduced_motion="reduce")
    expect(row_of(screen, "Anna")).to_be_visible()
    expect(row_of(calm, "Anna")).to_be_visible()
    expect(screen.locator("#celebration")).to_be_hidden()
    for page in (screen, calm):
        look_out(page, "#celebration")
        look_out(page, "#confetti")

    hand = hall.player("Ben", 1)
    while hand.score <= first.score:
        hall.move(hand)

    expect(screen.locator("#celebration-name")).to_have_text("Ben")
    has_shown(screen, "#celebration")
    has_shown(screen, "#confetti")
    has_shown(calm, "#celebration")
    expect(calm.locator("#celebration")).to_be_hidden()
    assert calm.evaluate("[...window.hasShown]") == ["#celebration"]
    expect(screen.locator("#celebration")).to_be_hidden()

    hall.move(hand)
    expect(row_of(screen, "Ben")).to_have_attribute("data-score", str(hand.score))
    expect(screen.locator("#celebration")).to_be_hidden()


def test_a_screen_says_when_it_is_not_live_and_when_it_is_again(hall: Hall) -> None:
    hand = hall.player("Mia", 2)
    screen = hall.open("/screen", locale="de-DE")
    expect(row_of(screen, "Mia")).to_be_visible()

    hall.close_doors()

    expect(screen.locator("#not-live")).to_have_text(re.compile(r"^Nicht live – Stand von \d\d:\d\d:\d\d$"))
    expect(screen.locator("body")).to_have_attribute("data-live", "false")
    expect(row_of(screen, "Mia")).to_have_attribute("data-score", str(hand.score))
    assert "grayscale" in screen.locator("#stage").evaluate("stage => getComputedStyle(stage).filter")

    hall.open_doors()

    expect(screen.locator("#not-live")).to_be_hidden()
    hall.player("Ben", 1)
    expect(row_of(screen, "Ben")).to_be_visible()


def test_a_line_that_dies_in_silence_is_noticed(hall: Hall) -> None:
    hall.player("Mia", 1)
    screen = hall.open("/privacy")
    is_dead = False
    screen.route_web_socket(
        "**/ws",
        lambda socket: socket.connect_to_server().on_message(
            lambda message: None if is_dead else socket.send(message)
        ),
    )
    screen.goto(hall.url + "/screen")
    expect(row_of(screen, "Mia")).to_be_visible()
    expect(screen.locator("#not-live")).to_be_hidden()

    is_dead = True

    expect(screen.locator("#not-live")).to_be_visible()


def test_an_empty_hall_is_invited_to_set_the_first_highscore(hall: Hall) -> None:
    screen = hall.open("/screen", locale="de-DE")

    expect(screen.locator(".attract:visible")).to_contain_text("Wer setzt den ersten Highscore?")
    expect(screen.locator("#join-steps")).to_have_text("Nur dieser Computer kann mitspielen.")
    expect(screen.locator("#join-code")).to_be_hidden()

    hall.player("Mia", 1)

    expect(row_of(screen, "Mia")).to_be_visible()
    expect(screen.locator(".attract:visible")).to_have_count(0)


def test_phones_are_told_how_to_join(tmp_path: Path, chromium: Browser) -> None:
    with open_hall(tmp_path / "data", chromium, public_url="http://knackpunkt.example:8000") as hall:
        screen = hall.open("/screen")

        expect(screen.locator("#join-address")).to_have_text("knackpunkt.example:8000")
        expect(screen.locator("#join-code")).to_be_visible()
        until(screen, "document.getElementById('join-code').naturalWidth > 0")


def test_a_course_in_the_address_is_shown_alone(hall: Hall) -> None:
    hall.player("Mia", 1, "sprint")
    hall.player("Ben", 1, "climb")
    both, climb = hall.open("/screen"), hall.open("/screen?course=climb")

    expect(both.locator(".panel:visible")).to_have_count(2)
    expect(climb.locator(".panel:visible")).to_have_count(1)
    expect(climb.locator(".panel:visible .row-name")).to_have_text(["Ben"])

    climb.mouse.move(300, 300)
    climb.click("#course-choice button[value=sprint]")

    expect(climb.locator(".panel:visible .row-name")).to_have_text(["Mia"])
    assert climb.url.endswith("/screen?course=sprint")


def test_a_phone_shows_one_course_at_a_time(hall: Hall) -> None:
    hall.player("Mia", 1, "sprint")
    hall.player("Ben", 1, "climb")
    phone = hall.open("/screen", viewport=PHONE)

    expect(phone.locator(".panel:visible")).to_have_count(1)
    expect(phone.locator(".row")).to_have_count(2)


def test_the_controls_hide_until_somebody_moves_the_mouse(hall: Hall) -> None:
    screen = hall.open("/screen", locale="de-DE")
    expect(screen.locator("#controls")).to_be_hidden()

    screen.mouse.move(100, 100)
    screen.click("button[lang=en]")

    expect(screen.locator("#join-heading")).to_have_text("Join in")
    assert screen.locator("html").get_attribute("lang") == "en"
    expect(screen.locator("#controls")).to_be_hidden()


def test_a_screen_of_another_event_shows_that_event(hall: Hall) -> None:
    hall.player("Mia", 1)
    hall.do(hall.site.house.orders.event_add("autumn", "Autumn Fair"))
    screen = hall.open("/e/autumn/screen")

    expect(screen.locator("#event-title")).to_have_text("Autumn Fair")
    expect(screen.locator(".attract:visible")).to_be_visible()
    assert screen.locator("a[data-page=contact]").get_attribute("href") == "/e/autumn/contact"
    assert screen.locator("a[data-page=play]").get_attribute("href") == "/e/autumn"


def test_rows_that_moved_stay_put_long_enough_to_be_read(hall: Hall) -> None:
    screen = hall.open("/privacy")
    screen.clock.install()  # how late a busy machine draws says nothing about how long a row stays
    screen.goto(hall.url + "/screen")
    hands = [hall.player(name, 1) for name in ("Ann", "Bob", "Cem")]
    expect(screen.locator(".row")).to_have_count(3)
    screen.evaluate(
        """() => {
          const rows = document.querySelector(".rows");
          const order = () => [...rows.children].map((row) => row.dataset.player).join();
          let last = order();
          window.moves = [];
          new MutationObserver(() => {
            if (order() === last) return;
            last = order();
            window.moves.push(performance.now());
          }).observe(rows, { childList: true });
        }"""
    )
    screen.clock.pause_at(screen.evaluate("Date.now() + 1000") / 1000)
    moves: list[float] = []
    for _ in range(60):
        hall.move(min(hands, key=lambda hand: hand.score))  # the last one overtakes, again and again
        screen.clock.run_for(90)
        moves = screen.evaluate("window.moves")
        if len(moves) > 3:
            break

    assert len(moves) > 1, "nobody has overtaken anybody"
    assert min(later - earlier for earlier, later in pairwise(moves)) >= 600
