"""The pages: layers, no markup made of strings, nothing inline, nothing from elsewhere."""

import re
from pathlib import Path

import pytest
from tests.architecture.tree import WEB, named, ours, without_comments

SCRIPTS = list(ours("*.js", below="web"))
PAGES = list(ours("*.html", below="web"))
PAGE_ROOTS = sorted((WEB / "js/pages").glob("*.js"))
SHOWN = [
    path
    for path in sorted(WEB.rglob("*"))
    if path.suffix in {".html", ".css", ".js", ".mjs", ".svg", ".json"}
]

LAYERS = {"protocol", "net", "game", "proof", "state", "view", "i18n", "pages"}

MAY_IMPORT = {
    "protocol": {"protocol"},
    "game": {"game"},
    "proof": {"proof", "game"},
    "state": {"state", "game", "protocol"},
    "i18n": {"i18n"},
    "net": {"net", "protocol"},
    "view": {"view", "game", "state", "protocol", "i18n"},
    "pages": LAYERS,
}
"""Layers of client/web/js: below `pages`, drawing and speaking to the server know nothing of each other."""

IMPORT = re.compile(
    r"""^\s*(?:import|export)\b(?:[\w$*\s{},]*\bfrom)?\s*["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']""",
    re.MULTILINE,
)
"""The module that a statement or an expression loads, in one group or the other."""


def layer(path: Path) -> str:
    return path.relative_to(WEB / "js").parts[0]


def code(path: Path) -> str:
    return without_comments(path.read_text(encoding="utf-8"))


def test_there_is_something_to_hold() -> None:
    assert len(SCRIPTS) > 20
    assert PAGES


def test_every_script_stands_in_a_layer() -> None:
    assert {layer(path) for path in SCRIPTS} <= LAYERS


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_a_layer_imports_only_what_it_may(path: Path) -> None:
    imported = [either or other for either, other in IMPORT.findall(code(path))]
    node = ("node:",) if path.stem.endswith("-cli") else ()  # a program for the terminal, which no page loads
    strange = [
        target
        for target in imported
        if not target.startswith((".", "/web/vendor/", *node))
        or (
            (resolved := (path.parent / target).resolve()).is_relative_to(WEB / "js")
            and resolved.relative_to(WEB / "js").parts[0] not in MAY_IMPORT[layer(path)]
        )
    ]

    assert strange == []


@pytest.mark.parametrize("path", sorted((WEB / "js/view").glob("*/*.js")), ids=named)
def test_a_pages_views_share_only_what_stands_above_them_or_in_shared(path: Path) -> None:
    view = WEB / "js/view"
    targets = [(path.parent / (either or other)).resolve() for either, other in IMPORT.findall(code(path))]
    folders = {target.parent for target in targets if target.is_relative_to(view)}

    assert folders <= {view, view / "shared", path.parent}


def reachable(root: Path) -> set[Path]:
    """List the modules that a browser loads with this one, vendored ones included."""
    found, waiting = set(), [root]
    while waiting:
        if (path := waiting.pop()) in found:
            continue
        found.add(path)
        targets = (either or other for either, other in IMPORT.findall(code(path)))
        waiting += [(path.parent / target).resolve() for target in targets if target.startswith(".")]
    return found


@pytest.mark.parametrize("page", PAGE_ROOTS, ids=named)
def test_only_the_checking_page_knows_how_to_draw_tiles_from_a_seed(page: Path) -> None:
    engine = {
        path
        for path in reachable(page)
        if path.is_relative_to(WEB / "js/proof") or path.parent.name.startswith("noble-")
    }

    assert bool(engine) == page.stem.startswith("verify"), engine


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_only_views_and_pages_touch_the_document(path: Path) -> None:
    if layer(path) not in {"view", "pages"}:
        assert re.findall(r"\b(?:document|getComputedStyle)\b", code(path)) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_only_net_speaks_to_the_server(path: Path) -> None:
    if layer(path) != "net":
        assert (
            re.findall(
                r"\bfetch\(|\bWebSocket\b|\bXMLHttpRequest\b|\bEventSource\b|\bsendBeacon\b", code(path)
            )
            == []
        )


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_text_from_people_can_never_become_markup_or_code(path: Path) -> None:
    makers = r"\b(?:inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write|\bsrcdoc\b|\beval\(|\bnew Function\b"

    assert re.findall(makers, code(path)) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_scripts_use_nothing_that_a_plain_http_page_lacks(path: Path) -> None:
    assert (
        re.findall(r"\bcrypto\.subtle\b|\brandomUUID\b|\bserviceWorker\b|\bdocument\.cookie\b", code(path))
        == []
    )


@pytest.mark.parametrize("path", SHOWN, ids=named)
def test_no_file_names_a_foreign_host(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if path.suffix in {".js", ".mjs", ".css"}:
        source = without_comments(source)
    foreign = re.findall(
        r"""(?:https?|wss?):(?://)[\w.-]+|url\(\s*["']?//|(?:src|href)\s*=\s*["']//""", source
    )

    assert set(foreign) <= {"http://www.w3.org"}  # the namespace of SVG, asked by nobody


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_has_no_inline_script_or_style(path: Path) -> None:
    page = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert re.findall(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=|javascript:", page) == []
    assert [tag for tag in re.findall(r"<script\b[^>]*>", page) if "src=" not in tag] == []


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_what_a_page_loads_is_there(path: Path) -> None:
    loaded = re.findall(r"""(?:src|href)="/web/([^"]+)\"""", path.read_text(encoding="utf-8"))

    assert [name for name in loaded if not (WEB / name).is_file()] == []
