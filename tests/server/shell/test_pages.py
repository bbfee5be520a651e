"""The pages: which file stands where, and that a browser takes each for what it is."""

import re
from pathlib import Path

import pytest
from tests.support.site import Site

from knack_server.shell.pages import PAGES, web_root

at_the_door = pytest.mark.asyncio(loop_scope="module")

KINDS = {
    ".html": {"text/html"},
    ".js": {
        "text/javascript",
        "application/javascript",
    },  # what it is called is the system's; browsers run both
    ".css": {"text/css"},
    ".svg": {"image/svg+xml"},
}


@pytest.mark.parametrize("page", PAGES)
@at_the_door
async def test_every_page_stands_below_the_root_and_below_each_event(door: Site, page: str) -> None:
    await door.house.orders.event_add("fair", "The fair")
    text = (web_root() / PAGES[page]).read_text(encoding="utf-8")

    for address in (f"/{page}", f"/e/demo/{page}", f"/e/fair/{page}"):
        answer = await door.http.get(address.rstrip("/") or "/")

        assert (answer.status_code, answer.text) == (200, text), address
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


@at_the_door
async def test_the_play_page_of_an_event_may_be_typed_with_a_slash(door: Site) -> None:
    assert (await door.http.get("/e/demo/")).content == (await door.http.get("/e/demo")).content


@pytest.mark.parametrize("address", ["/e/nowhere", "/e/nowhere/screen", "/e//screen", "/index.html"])
@at_the_door
async def test_an_address_that_leads_nowhere_says_so(door: Site, address: str) -> None:
    assert (await door.http.get(address)).status_code == 404


@at_the_door
async def test_an_address_is_never_shown_as_anything_but_text(door: Site) -> None:
    answer = await door.http.get("/e/<script>alert(1)</script>")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


@at_the_door
async def test_every_file_of_the_pages_is_served_as_what_it_is(door: Site) -> None:
    files = [path for path in web_root().rglob("*") if path.suffix in KINDS]

    assert {path.suffix for path in files} == set(KINDS)
    for path in files:
        answer = await door.http.get(f"/web/{path.relative_to(web_root()).as_posix()}")

        assert answer.content == path.read_bytes()
        assert answer.headers["content-type"].partition(";")[0] in KINDS[path.suffix], path


@at_the_door
async def test_what_a_page_names_is_there(door: Site) -> None:
    for page in PAGES:
        text = (await door.http.get(f"/{page}")).text
        named = re.findall(r'(?:src|href)="(/web/[^"]+)"', text)

        assert named
        for address in named:
            assert (await door.http.get(address)).status_code == 200, address


@pytest.mark.parametrize(
    "address",
    [
        "/web/../pages.py",
        "/web/%2e%2e/pages.py",
        "/web/..%2f..%2f..%2fetc/passwd",
        "/web//etc/passwd",
        "/web/js",
    ],
)
@at_the_door
async def test_nothing_beside_the_pages_can_be_read(door: Site, address: str) -> None:
    answer = await door.http.send(
        door.http.build_request("GET", door.http.base_url.copy_with(raw_path=address.encode()))
    )

    assert answer.status_code == 404


def test_every_page_has_its_file() -> None:
    assert [name for name in PAGES.values() if not (web_root() / name).is_file()] == []


def test_an_installed_package_has_the_pages_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "knack_server"
    (installed / "web").mkdir(parents=True)
    monkeypatch.setattr("knack_server.shell.pages.__file__", str(installed / "shell" / "pages.py"))

    assert web_root() == installed / "web"
