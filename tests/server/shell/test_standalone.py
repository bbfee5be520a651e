"""The file to keep: complete, the same every time, and under a policy that lets it do nothing but check."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from tests.architecture.tree import without_comments
from tests.support.site import Site

from knack_server.shell import standalone
from knack_server.shell.pages import web_root
from knack_server.shell.standalone import standalone_page, standalone_sha256

PAGE = standalone_page().decode()
LOADS = re.compile(r"""^(?:import|export)\b[\w$*\s{},]*["']([^"'\n]+)["']""", re.MULTILINE)


class Parts(HTMLParser):
    """The elements that load or run something, with the text inside."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.links: list[str] = []
        self.first: list[tuple[str, dict[str, str | None]]] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.first.append((tag, given))
        self.links += [value for name in ("src", "href") if (value := given.get(name))]
        if tag in self.texts:
            self._inside = tag
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside][-1] += data


def parts() -> Parts:
    parser = Parts()
    parser.feed(PAGE)
    return parser


def modules() -> dict[str, str]:
    imports = json.loads(parts().texts["script"][0])["imports"]
    return {name: base64.b64decode(url.partition(",")[2]).decode() for name, url in imports.items()}


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_same_modules_make_the_same_bytes_in_another_process() -> None:
    program = "from knack_server.shell.standalone import standalone_sha256; print(standalone_sha256())"
    again = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert again.stdout.strip() == standalone_sha256() == hashlib.sha256(standalone_page()).hexdigest()


def test_whatever_a_module_loads_is_in_the_file_under_that_name() -> None:
    found = modules()
    loaded = {target for source in found.values() for target in LOADS.findall(without_comments(source))}

    assert loaded <= set(found)
    assert set(found) - loaded == {"knack/js/pages/verify-kept.js"}


def test_modules_are_the_served_ones_but_for_the_names_of_what_they_load() -> None:
    for name, source in modules().items():
        served = (web_root() / name.removeprefix("knack/")).read_text(encoding="utf-8")

        assert len(source.splitlines()) == len(served.splitlines())
        differing = [
            (ours, theirs)
            for ours, theirs in zip(source.splitlines(), served.splitlines(), strict=True)
            if ours != theirs
        ]
        assert all("knack/" in ours and "from" in ours for ours, _ in differing), differing


def test_comments_that_show_how_to_load_something_stay_as_they_are() -> None:
    assert "import * as ed from '@noble/ed25519';" in modules()["knack/vendor/noble-ed25519/index.js"]


def test_nothing_in_the_file_can_speak_to_a_server() -> None:
    speaking = {
        name: words
        for name, source in modules().items()
        if (words := re.findall(r"\bfetch\(|\bWebSocket\b|\bXMLHttpRequest\b|\bsendBeacon\b", source))
    }

    assert speaking == {}
    assert not any("/net/" in name for name in modules())


def test_the_policy_stands_before_all_else_and_names_every_inline_part() -> None:
    found = parts()
    opening = [tag for tag, _ in found.first]
    policy_at = next(place for place, (_, given) in enumerate(found.first) if given.get("http-equiv"))
    policy = str(found.first[policy_at][1]["content"])
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert opening[: policy_at + 1] == ["html", "head", "meta", "meta"]
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == " ".join([*map(hashed, found.texts["script"]), "data:"])
    assert rules["style-src"] == " ".join(map(hashed, found.texts["style"]))
    assert rules["img-src"] == "data:"
    assert "connect-src" not in rules


def test_the_file_loads_nothing_from_beside_it() -> None:
    assert [link for link in parts().links if link.startswith(("/web", "http", "."))] == []
    assert "/web/" not in PAGE


@pytest.mark.asyncio
async def test_the_server_gives_it_away_as_a_file(site: Site) -> None:
    answer = await site.http.get("/verify.html")

    assert answer.content == standalone_page()
    assert answer.headers["content-disposition"] == 'attachment; filename="verify.html"'
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_relative_addresses_lead_where_a_browser_would_go() -> None:
    assert standalone._resolved("js/proof/hashing.js", "../../vendor/x/y.js") == "vendor/x/y.js"
    assert standalone._resolved("js/proof/hashing.js", "./bytes.js") == "js/proof/bytes.js"
