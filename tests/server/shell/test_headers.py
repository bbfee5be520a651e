"""What every answer carries, whatever the address, the method and the outcome."""

import httpx
import pytest
from starlette.responses import PlainTextResponse
from tests.support.site import Site

from knack_server.shell.headers import SECURITY_HEADERS, SecurityHeaders

PATHS = [
    *("/", "/screen", "/desk", "/contact", "/privacy", "/e/demo", "/e/demo/", "/e/demo/screen"),
    *(
        "/healthz",
        "/ready",
        "/rules.json",
        "/api/event",
        "/api/standings",
        "/api/join",
        "/api/join.svg",
        "/api/contact",
    ),
    *("/api/desk", "/api/desk/runs", "/api/desk/runs/run-x", "/api/desk/acts", "/api/desk/contacts"),
    *("/web/js/pages/play.js", "/web/css/base.css", "/web/symbols/mark.svg", "/web/nothing", "/web"),
    *("/nothing", "/e/nowhere", "/ws", "/api/standings?course=x", "/api/event?event=nowhere"),
]


@pytest.mark.asyncio
async def test_every_answer_confines_what_a_page_may_do(site: Site) -> None:
    token = await site.desk()
    for path in PATHS:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            for headers in ({}, token):
                answer = await site.http.request(method, path, headers=headers)

                assert answer.status_code < 500, (method, path, answer)
                missing = {name: answer.headers.get(name) for name in SECURITY_HEADERS}
                assert missing == SECURITY_HEADERS, (method, path)
                assert "set-cookie" not in answer.headers, (method, path)
                assert "server" not in answer.headers, (method, path)
                assert answer.headers["cache-control"] in {"no-cache", "no-store"}, (method, path)


def test_the_policy_allows_our_own_files_and_nothing_inline() -> None:
    directives = {
        name: sources
        for name, *sources in (
            part.split() for part in SECURITY_HEADERS["Content-Security-Policy"].split(";")
        )
    }

    assert directives == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


@pytest.mark.asyncio
async def test_what_is_about_people_is_kept_by_no_cache(site: Site) -> None:
    token = await site.desk()

    for path in ("/api/contact", "/api/desk", "/api/desk/runs", "/api/desk/acts", "/api/desk/contacts"):
        assert (await site.http.get(path, headers=token)).headers["cache-control"] == "no-store", path


@pytest.mark.asyncio
async def test_a_page_is_asked_for_again_and_not_sent_again(site: Site) -> None:
    for path in ("/", "/web/css/base.css"):
        first = await site.http.get(path)
        again = await site.http.get(path, headers={"If-None-Match": first.headers["etag"]})

        assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.asyncio
async def test_a_fault_of_ours_tells_nothing_of_itself_and_carries_the_headers(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knack_server.core.rows.top", lambda *_: 1 / 0)

    answer = await site.http.get("/api/standings")

    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers.get("Content-Security-Policy") == SECURITY_HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("scheme", "host", "is_sent"),
    [
        ("http", "127.0.0.1:8000", True),
        ("http", "localhost", True),
        ("http", "[::1]:8000", True),
        ("https", "knack.example", True),
        ("http", "192.0.2.7:8000", False),
        ("http", "127.0.0.1.evil.example", False),
    ],
)
@pytest.mark.asyncio
async def test_the_opener_policy_goes_only_where_browsers_heed_it(
    scheme: str, host: str, is_sent: bool
) -> None:
    app = SecurityHeaders(PlainTextResponse("hello"))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://{host}") as client:
        answer = await client.get("/")

    assert ("Cross-Origin-Opener-Policy" in answer.headers) == is_sent
