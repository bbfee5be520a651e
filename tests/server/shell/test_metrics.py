"""What a server tells Prometheus: the whole table, on an address of its own, and nothing of anybody."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from socket import create_server

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.architecture.tree import ROOT
from tests.support.line import BINARY, PATIENCE_S, HandshakeRefused, Line
from tests.support.site import Site, open_site

from knack_protocol.ids import CourseName
from knack_protocol.wire.messages import Prepare, Role, View, Watch
from knack_server.shell import scraping
from knack_server.shell.metrics import METRICS, registry_of, render, render_metrics_markdown
from knack_server.shell.scraping import scraped

pytestmark = pytest.mark.asyncio

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(site: Site) -> Samples:
    return samples(render(registry_of(site.house.host)).decode())


def value(told: Samples, name: str, **labels: str) -> float:
    return told[name, frozenset(labels.items())]


@asynccontextmanager
async def address_of(site: Site) -> AsyncIterator[int]:
    """Give a site an address for Prometheus; yield its port."""
    bound = create_server(("127.0.0.1", 0))
    async with scraped(site.house.host, bound):
        yield bound.getsockname()[1]


async def ask(port: int, request: bytes) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
    return answer


def body(answer: bytes) -> str:
    return answer.partition(b"\r\n\r\n")[2].decode()


# --- the table ---


async def test_a_scrape_shows_every_metric_of_the_table_as_what_the_table_says(site: Site) -> None:
    families = list(text_string_to_metric_families(render(registry_of(site.house.host)).decode()))

    told = {family.name: (family.type, family.documentation) for family in families}
    ours = {metric.name.removesuffix("_total"): (metric.kind, metric.help) for metric in METRICS}
    assert {name: told[name] for name in ours} == ours
    assert [name for name in told if not name.startswith(("knack_", "process_", "python_gc_"))] == []


async def test_names_follow_the_conventions_of_prometheus() -> None:
    for metric in METRICS:
        assert re.fullmatch(r"knack(_[a-z]+)+", metric.name)
        assert metric.name.endswith("_total") == (metric.kind == "counter")
        assert metric.name.endswith("_seconds") == (metric.unit == "s")
        assert metric.help.endswith(".")
    assert len({metric.name for metric in METRICS}) == len(METRICS)


async def test_the_manual_shows_the_table_as_it_is() -> None:
    assert render_metrics_markdown() in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


async def test_the_alerts_of_the_manual_ask_for_metrics_that_there_are() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rules = re.findall(r"^ +expr: (.*)$", manual, re.MULTILINE)
    named = set(re.findall(r"knack_[a-z_]+", "\n".join(rules)))
    exposed = {
        metric.name + suffix
        for metric in METRICS
        for suffix in (("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",))
    }

    assert len(rules) >= 5
    assert named - exposed == set()


# --- the numbers ---


async def test_moves_rejects_and_commits_are_counted(site: Site) -> None:
    anna = await site.player("Anna")
    await site.play(anna, 3)
    await anna.ask(Prepare, CourseName("nowhere"))
    await site.settled()

    told = scrape(site)

    assert value(told, "knack_moves_total", verdict="ok") == 3
    assert value(told, "knack_moves_total", verdict="illegal") == 0
    assert value(told, "knack_rejects_total", code="unknown_course") == 1
    assert value(told, "knack_runs_in_play") == 1
    assert value(told, "knack_commit_seconds_count") == value(told, "knack_commit_facts_count") >= 4
    assert value(told, "knack_commit_facts_sum") >= 6
    assert value(told, "knack_recording") == 1


async def test_connections_are_counted_by_role_and_closes_by_code(site: Site) -> None:
    await site.player("Anna")
    await site.watcher(Role.DESK, (await site.house.orders.desk_add("ada"))["token"])
    async with await Line.open(site.port):
        told = scrape(site)
        by_role = {
            role: value(told, "knack_connections", role=role) for role in ("player", "watcher", "desk")
        }
        assert by_role == {"player": 1, "watcher": 0, "desk": 1}
        assert value(told, "knack_connections", role="none") == 1
        assert value(told, "knack_open_connections") == 3
    broken = await site.line()
    await broken.frame(BINARY, bytes(5000))
    await broken.closed()

    await until(site, lambda told: value(told, "knack_open_connections") == 2)

    told = scrape(site)
    assert value(told, "knack_closes_total", code="1006") == 1
    assert value(told, "knack_closes_total", code="1009") == 1


async def test_codes_that_clients_make_up_are_one(site: Site) -> None:
    for code in (3333, 4999):
        line = await site.line()
        await line.frame(8, code.to_bytes(2, "big"))
        await line.closed()

    await until(site, lambda told: value(told, "knack_open_connections") == 0)

    told = scrape(site)
    assert value(told, "knack_closes_total", code="other") == 2
    assert not {labels for name, labels in told if name == "knack_closes_total"} - {
        frozenset({("code", "other")})
    }


async def test_who_is_not_let_in_is_counted_by_what_was_full(tmp_path: Path) -> None:
    async with open_site(tmp_path, connections_max=1) as site:
        await site.line()
        with pytest.raises(HandshakeRefused):
            await site.line()

        told = scrape(site)

        assert value(told, "knack_refusals_total", full="house") == 1
        assert value(told, "knack_refusals_total", full="rate") == 0
        assert value(told, "knack_open_connections_max") == 1


async def test_publications_frames_and_feeds_are_counted(site: Site) -> None:
    watcher = await site.watcher()
    await watcher.ask(Watch, CourseName("sprint"), View.TOP, 0, 0)
    before = value(scrape(site), "knack_feed_version", event="demo", course="sprint")
    await site.play(await site.player("Anna"), 1)

    await until(site, lambda told: value(told, "knack_feed_version", event="demo", course="sprint") > before)
    await until(site, lambda told: value(told, "knack_fanout_pass_seconds_count") > 0)

    told = scrape(site)
    assert value(told, "knack_frames_total") > 0
    assert value(told, "knack_fanout_slice_seconds_count") > 0
    assert value(told, "knack_lagging_connections") == 0
    assert value(told, "knack_queued_bytes") == 0


async def test_the_loop_is_asked_how_late_it_is(site: Site) -> None:
    await until(site, lambda told: value(told, "knack_loop_lag_seconds_count") >= 2)

    told = scrape(site)
    assert value(told, "knack_loop_lag_seconds_bucket", le="+Inf") >= 2
    assert value(told, "knack_loop_lag_seconds_sum") >= 0


async def test_nothing_of_anybody_is_told_and_more_players_make_no_more_series(site: Site) -> None:
    anna = await site.player("Anna-Lena")
    hand = await site.play(anna, 1)
    before = scrape(site).keys()

    for number in range(5):
        await site.play(await site.player(f"Guest-{number}"), 1)

    text = render(registry_of(site.house.host)).decode()
    assert samples(text).keys() == before
    for secret in ("Anna-Lena", anna.token, hand.run, hand.player):
        assert secret not in text


async def until(site: Site, holds: Callable[[Samples], bool]) -> None:
    """Let the loop turn until the numbers are so."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds(scrape(site)):
            await asyncio.sleep(0)


# --- the address ---


async def test_the_numbers_are_asked_for_at_an_address_of_their_own(site: Site) -> None:
    async with address_of(site) as port:
        answer = await ask(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=")
    assert value(samples(body(answer)), "knack_recording") == 1
    assert (await site.http.get("/metrics")).status_code == 404


async def test_health_and_readiness_are_told_there_too(site: Site) -> None:
    async with address_of(site) as port:
        assert body(await ask(port, b"GET /healthz HTTP/1.1\r\n\r\n")) == '{"status":"ok"}'
        ready = await ask(port, b"GET /ready HTTP/1.1\r\n\r\n")
        assert ready.startswith(b"HTTP/1.1 200 ")
        assert json.loads(body(ready)) == {"recording": True, "staying": True}

        site.house.host.stop()

        assert (await ask(port, b"GET /ready HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503 ")
        assert (await site.http.get("/ready")).status_code == 503


@pytest.mark.parametrize(
    "request_",
    [b"GET / HTTP/1.1\r\n\r\n", b"POST /metrics HTTP/1.1\r\n\r\n", b"\r\n\r\n", b"\xff\x00\r\n\r\n"],
)
async def test_nothing_else_is_there(site: Site, request_: bytes) -> None:
    async with address_of(site) as port:
        assert (await ask(port, request_)).startswith(b"HTTP/1.1 404 ")


async def test_who_asks_for_too_long_or_too_slowly_is_hung_up_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scraping, "REQUEST_WITHIN_S", 0.05)
    async with address_of(site) as port:
        assert await ask(port, b"GET /metrics HTT") == b""
        with suppress(ConnectionError):  # it may be hung up on before all is read
            assert await ask(port, b"GET /" + b"x" * 4 * scraping.HEAD_BYTES_MAX) == b""


async def test_only_so_many_ask_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scraping, "SCRAPERS_MAX", 0)
    async with address_of(site) as port:
        assert await ask(port, b"") == b""
