"""The pages and everything they load: plain files, served as they are."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from knack_server.core.floor import Floor

PAGES = {
    "": "index.html",
    "screen": "screen.html",
    "desk": "desk.html",
    "contact": "contact.html",
    "privacy": "privacy.html",
    "verify": "verify.html",
}
"""Address of a page below `/` or `/e/EVENT/`, and its file."""


def web_root() -> Path:
    """Return the folder of the pages: inside the installed package, or `client/web` of a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed, checkout = package / "web", package.parents[1] / "client" / "web"
    return installed if installed.is_dir() else checkout


def page_routes(floor: Floor) -> list[BaseRoute]:
    """Return the routes of all pages and assets."""
    root = web_root()
    files = StaticFiles(directory=root)
    routes: list[BaseRoute] = [Mount("/web", files, name="web")]
    for address, name in PAGES.items():
        page = partial(_page, floor, files, root / name)
        routes.append(Route(f"/{address}", page))
        routes.append(Route(f"/e/{{event}}/{address}" if address else "/e/{event}", page))
    routes.append(Route("/e/{event}/", partial(_page, floor, files, root / "index.html")))
    return routes


async def _page(floor: Floor, files: StaticFiles, file: Path, request: Request) -> Response:
    event = request.path_params.get("event", "")
    if floor.event(event) is None:
        return PlainTextResponse(f"There is no event {event!r} here.\n", 404)
    stat = await asyncio.to_thread(file.stat)
    return files.file_response(file, stat, request.scope)  # which is 304 where the browser has it
