"""The load tester's report in a browser: it draws, asks nobody for anything, and can be used without a mouse."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.audit import faults_of
from tests.loadtest.crowd.made import made, made_wrong
from tests.loadtest.crowd.reports.hostile import SCRIPT, with_texts
from tests.support.hall import PATIENCE_MS

from knack_loadtest.crowd.reports.html.page import report
from knack_loadtest.crowd.reports.timeline import Timeline
from knack_loadtest.crowd.units import shown

pytestmark = pytest.mark.browser

OpenReport = Callable[..., Page]

CHARTS = 11
"""Ten on the time axis, and the percentiles."""

ZOOMS = (
    "[...document.querySelectorAll('[data-chart]')].map((figure) => figure.querySelectorAll('canvas').length)"
)


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[OpenReport]:
    """Opens a report from the disk; whatever it asks for or complains about fails the test."""
    asked: list[str] = []
    complaints: list[str] = []
    contexts = []

    def open_report(result: dict, width: int = 1280, scheme: str = "light") -> Page:
        file = tmp_path / "report.html"
        file.write_text(report(result), encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_selector(":root.has-script")
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    assert complaints == []


def test_a_report_draws_and_owes_nobody_anything(opened: OpenReport) -> None:
    page = opened(made_wrong())

    assert page.evaluate(ZOOMS) == [1] * CHARTS
    assert faults_of(page) == []
    page.click("[data-theme-switch]")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert faults_of(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_not_scroll_sideways(opened: OpenReport, scheme: str) -> None:
    page = opened(made_wrong(), width=360, scheme=scheme)

    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_keyboard_reads_a_chart_and_all_charts_follow(opened: OpenReport) -> None:
    result = made()
    page = opened(result)
    page.focus("#chart-answers .plot")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")

    for chart, column, unit in (("answers", "ack_p50_us", "us"), ("memory", "server_rss_bytes", "bytes")):
        value = Timeline(result).column(column)[-2]
        assert page.text_content(f"#chart-{chart} .now") == shown(value, unit)
    said = page.text_content("#chart-answers [aria-live]")
    assert said is not None
    assert said.startswith("29 s, p50 ")


def test_looking_closer_moves_every_chart_and_back(opened: OpenReport) -> None:
    page = opened(made())
    whole = page.locator("#chart-moves canvas").screenshot()
    page.focus("#chart-answers .plot")
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    closer = page.locator("#chart-moves canvas").screenshot()
    page.click("[data-zoom=whole]")
    page.mouse.move(0, 0)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    assert closer != whole


def test_a_text_from_outside_runs_nothing(opened: OpenReport) -> None:
    page = opened(with_texts(made_wrong(), SCRIPT))

    assert page.evaluate("window.hacked") is None
    assert page.evaluate(ZOOMS) == [1] * CHARTS
