"""Documents that tests read cannot rot: words, decisions, links, and the codes of the wire."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from tests.architecture.tree import FOLDERS, ROOT, named

from knack_protocol.wire import codes, messages

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
DOCUMENTS = [
    path
    for folder in (".", "docs", "docs/decisions", *FOLDERS)
    for path in sorted((ROOT / folder).glob("*.md"))
]

WORDS = [
    "board",
    "cell",
    "symbol",
    "swap",
    "match",
    "step",
    "cascade",
    "fill",
    "shuffle",
    "course",
    "level",
    "goal",
    "player",
    "connection",
    "session",
    "run",
    "heat",
    "event",
    "standing",
    "standings",
    "rank",
    "freeze",
    "thaw",
    "reveal",
    "commit",
    "seed",
    "proof",
    "bundle",
    "command",
    "reply",
    "push",
    "feed",
    "version",
    "epoch",
    "snapshot",
    "delta",
    "resync",
    "conflation",
    "void",
    "restore",
    "flag",
    "desk",
]
"""The words that the whole house shares."""


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_glossary_holds_every_word_once() -> None:
    defined = re.findall(r"^\| \*\*([^*]+)\*\* \|", text("docs/glossary.md"), re.MULTILINE)

    assert [word for word in WORDS if word not in defined] == []
    assert len(defined) == len(set(defined))


def test_decisions_are_numbered_without_a_gap_and_listed() -> None:
    listed = text("docs/decisions/README.md")

    assert [path.name[:4] for path in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]
    assert [path.name for path in DECISIONS if f"({path.name})" not in listed] == []


@pytest.mark.parametrize("path", DECISIONS, ids=named)
def test_a_decision_says_what_and_why_and_what_it_costs(path: Path) -> None:
    record = path.read_text(encoding="utf-8")

    assert record.startswith(f"# {path.name[:4]} ")
    assert [part for part in ("**Decision.**", "**Why", "**What it costs.**") if part not in record] == []


def test_every_library_is_there_for_a_reason() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = [re.split(r"[^A-Za-z0-9_-]", line)[0] for line in asked if isinstance(line, str)]
    reasons = text("docs/decisions/0009-libraries.md")

    assert [name for name in names if name not in reasons and not name.startswith("types-")] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_inside_the_repository_lead_somewhere(path: Path) -> None:
    prose = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", prose)]

    assert [t for t in targets if t and "://" not in t and not (path.parent / t).exists()] == []


def test_the_wire_protocol_documents_every_message() -> None:
    manual = text("protocol/README.md")
    names = [message.__name__.upper() for message in get_args(messages.Message)]

    assert len(names) > 15
    assert [name for name in names if not re.search(rf"\b{name}\b", manual)] == []


@pytest.mark.parametrize("table", [codes.RejectCode, codes.CloseCode])
def test_the_wire_protocol_documents_every_code(table: type[codes.RejectCode | codes.CloseCode]) -> None:
    manual = text("protocol/README.md")

    assert [
        code.name
        for code in table
        if code.name.lower() not in manual or not re.search(rf"\b{code.value}\b", manual)
    ] == []
