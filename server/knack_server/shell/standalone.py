"""The checking page as one file to keep: no server, no network, opened from a disk.

It is put together from the very modules that are served. A browser that opens a file cannot load modules beside it, so each
becomes a `data:` address in an import map, under a name of its own that replaces the relative ones. Styles and pictures are
written into the page. The page's policy lets it load nothing else: inline parts are named by their hashes.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from knack_server.shell.pages import web_root

_PAGE: Final = "verify.html"
_SERVED_ROOT: Final = "js/pages/verify.js"
_KEPT_ROOT: Final = "js/pages/verify-kept.js"
"""Takes the place of the module above: the same page without a server to ask."""

_NAMES: Final = "knack/"
"""Leads every module's name in the import map; no address begins so."""

_SOURCE_PART: Final = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)"""
    r"""|^(?P<head>(?:import\s*(?:[\w$*\s{},]*\bfrom\s*)?|export\s*[\w$*\s{},]*\bfrom\s*))(?P<quote>["'])(?P<target>[^"'\n]+)(?P=quote)"""
    r"""|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)""",
    re.DOTALL | re.MULTILINE,
)
"""A statement that loads a module; comments and texts are found first, so that none in there is taken for one."""

_SCRIPT: Final = re.compile(rf"""<script type="module" src="/web/{re.escape(_SERVED_ROOT)}"></script>\s*""")
_STYLESHEET: Final = re.compile(r"""<link rel="stylesheet" href="/web/(?P<path>[^"]+)" />\s*""")
_PICTURE: Final = re.compile(r"""/web/(?P<path>symbols/[\w-]+\.svg)""")
_CHARSET: Final = """<meta charset="utf-8" />"""


def standalone_routes() -> list[BaseRoute]:
    """Return the address under which the file is had."""
    return [Route(f"/{_PAGE}", _download)]


async def _download(request: Request) -> Response:
    del request
    headers = {"Content-Disposition": f'attachment; filename="{_PAGE}"'}
    return Response(standalone_page(), media_type="text/html; charset=utf-8", headers=headers)


def standalone_sha256() -> str:
    """Return the hash by which people know the file, as hex."""
    return sha256(standalone_page()).hexdigest()


@cache
def standalone_page() -> bytes:
    """Return the file; put together once, the same bytes from the same modules."""
    return _assembled(web_root()).encode()


def _assembled(root: Path) -> str:
    page = (root / _PAGE).read_text(encoding="utf-8")
    style = "\n".join(
        (root / found["path"]).read_text(encoding="utf-8") for found in _STYLESHEET.finditer(page)
    )
    style = _with_pictures(root, style)
    imports = {
        _NAMES + name: _data_url("text/javascript", source) for name, source in sorted(_modules(root).items())
    }
    names = json.dumps({"imports": imports}, separators=(",", ":"))
    start = f'import "{_NAMES}{_KEPT_ROOT}";'
    head = [
        _CHARSET,
        f'<meta http-equiv="Content-Security-Policy" content="{_policy([names, start], style)}" />',
    ]
    tail = [
        f"<style>{style}</style>",
        f'<script type="importmap">{names}</script>',
        f'<script type="module">{start}</script>',
    ]
    page = _with_pictures(root, _STYLESHEET.sub("", _SCRIPT.sub("", page)))
    page = page.replace(_CHARSET, "\n    ".join(head), 1)
    page = page.replace("</head>", "".join(f"  {line}\n  " for line in tail) + "</head>", 1)
    assert "/web/" not in page, "the file still asks for something beside it"
    return page


def _policy(scripts: list[str], style: str) -> str:
    """Return the page's policy; `data:` is where the modules are, and no text of a bundle ever becomes an address."""
    own = " ".join(_hash_source(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {own} data:; style-src {_hash_source(style)}; img-src data:; "
        "form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash_source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _modules(root: Path) -> dict[str, str]:
    """Return the kept page's module and all that it loads, by path, each speaking of others by their names in the map."""
    found: dict[str, str] = {}
    waiting = [_KEPT_ROOT]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name], targets = _renamed(name, (root / name).read_text(encoding="utf-8"))
        waiting += targets
    return found


def _renamed(name: str, source: str) -> tuple[str, list[str]]:
    """Return a module that loads others by their names in the map, and those names without what leads them."""
    targets: list[str] = []

    def rename(part: re.Match[str]) -> str:
        if part["target"] is None:
            return part[0]
        targets.append(_resolved(name, part["target"]))
        return f'{part["head"]}"{_NAMES}{targets[-1]}"'

    return _SOURCE_PART.sub(rename, source), targets


def _resolved(name: str, target: str) -> str:
    """Return the path that a relative address in a module leads to."""
    parts = list(PurePosixPath(name).parent.parts)
    for step in PurePosixPath(target).parts:
        if step == "..":
            parts.pop()
        else:
            parts.append(step)
    return "/".join(parts)


def _with_pictures(root: Path, text: str) -> str:
    return _PICTURE.sub(
        lambda found: _data_url("image/svg+xml", (root / found["path"]).read_text(encoding="utf-8")), text
    )


def _data_url(kind: str, text: str) -> str:
    return f"data:{kind};base64,{b64encode(text.encode()).decode()}"
