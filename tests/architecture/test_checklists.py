"""What has to be touched together: a fact that is recorded but never recalled is lost at the next start, and so on.

CONTRIBUTING.md lists the places; most are held where they stand, these lie between the packages.
"""

import ast
import re
from pathlib import Path
from typing import get_args

from tests.architecture.tree import ROOT, ours

from knack_protocol.wire.codes import RejectCode
from knack_protocol.wire.messages import Command
from knack_server.core.effects import Effect
from knack_server.core.facts import (
    ContactAsked,
    ContactDone,
    ContactsDeleted,
    Fact,
    NamesErased,
    RehearsalDeleted,
)

SERVER = ROOT / "server" / "knack_server"

STAYS_IN_THE_STORE = {ContactAsked, ContactDone, ContactsDeleted, NamesErased, RehearsalDeleted}
"""Facts that no start brings back: contact requests, and what deleted rows for good."""


def matched(path: Path, function: str) -> set[str]:
    """The classes that the `case`s of a function name; one under `case _` is not named."""
    found = next(
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == function
    )
    return {
        node.cls.id
        for node in ast.walk(found)
        if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name)
    }


def called(path: Path) -> set[str]:
    return {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def names(union: object) -> set[str]:
    return {kind.__name__ for kind in get_args(union)}


def test_every_command_is_answered_by_the_front_door() -> None:
    assert matched(SERVER / "core" / "arena.py", "_answer") == names(Command)


def test_every_effect_is_carried_out() -> None:
    assert matched(SERVER / "shell" / "performer.py", "_tell") == names(Effect) - {"Record"}


def test_every_fact_is_folded_in_at_a_start() -> None:
    assert matched(SERVER / "core" / "memory.py", "recall") == names(Fact)


def test_every_fact_is_brought_back_unless_it_stays_in_the_store() -> None:
    kept = {kind.__name__ for kind in STAYS_IN_THE_STORE}

    assert called(SERVER / "store" / "loading.py") & names(Fact) == names(Fact) - kept


def test_every_reject_code_is_sent_by_somebody() -> None:
    senders = [*ours("*.py", below="knack_server"), *ours("codec.py", below="knack_protocol")]
    sent = set(
        re.findall(r"RejectCode\.([A-Z_]+)", "".join(path.read_text(encoding="utf-8") for path in senders))
    )

    assert {code.name for code in RejectCode} - sent == set()
