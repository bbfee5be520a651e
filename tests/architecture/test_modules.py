"""The Python house: small modules, plain names, and a core without waiting or clock."""

import ast
import re
from pathlib import Path

import pytest
from tests.architecture.tree import FOLDERS, ROOT, named, ours

LINES_MAX = 450
FORBIDDEN_WORDS = {"util", "utils", "helper", "helpers", "manager", "managers"}
FORBIDDEN_MODULES = FORBIDDEN_WORDS | {"data", "info", "misc", "common"}

MODULES = ours("*.py")
DECIDING = [
    path for path in MODULES if "knack_protocol" in path.parts or {"knack_server", "core"} <= set(path.parts)
]


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_there_is_something_to_hold() -> None:
    assert len(MODULES) > 40
    assert len(DECIDING) > 20


def test_modules_are_small_enough_to_be_read_at_one_go() -> None:
    long = {
        named(path): count
        for path in ours("*.py", "*.js")
        if (count := len(path.read_text().splitlines())) > LINES_MAX
    }

    assert long == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_fixed_folders_hold_packages_and_documents_only(folder: str) -> None:
    found = {path.name for path in (ROOT / folder).iterdir() if not path.name.startswith((".", "__"))}
    documents = {name for name in found if name.endswith((".md", ".yaml"))}

    assert found - documents <= FOLDERS[folder]


def test_every_package_says_what_may_not_enter() -> None:
    packages = {path.parent for path in MODULES}
    silent = [
        named(package)
        for package in packages
        if not (init := package / "__init__.py").is_file()
        or not ast.get_docstring(ast.parse(init.read_text()))
    ]

    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = [path for path in ours("*.py", "*.js") if set(re.split("[-_]", path.stem)) & FORBIDDEN_MODULES]

    assert list(map(named, empty)) == []


def test_no_class_or_function_has_a_name_that_says_nothing() -> None:
    empty = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and words(node.name) & FORBIDDEN_WORDS
    ]

    assert empty == []


@pytest.mark.parametrize("path", DECIDING, ids=named)
def test_what_decides_never_waits(path: Path) -> None:
    waiting = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
    ]

    assert waiting == []


@pytest.mark.parametrize("path", DECIDING, ids=named)
def test_what_decides_neither_reads_nor_prints(path: Path) -> None:
    calls = [
        f"{node.func.id}, line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"open", "print", "input", "exec", "eval", "compile", "__import__"}
    ]

    assert calls == []


def test_one_module_of_the_server_reads_clocks() -> None:
    readers = [
        named(path)
        for path in ours("*.py", below="knack_server")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (
            (node.value.id == "time" and node.attr not in {"sleep", "strftime"})
            or (node.value.id == "datetime" and node.attr in {"now", "utcnow", "today"})
        )
    ]

    assert set(readers) <= {"server/knack_server/shell/clock.py"}


def test_tests_wait_for_nothing_but_real_processes() -> None:
    """A clock is a value: only what starts processes or browsers has to let time pass."""
    real = {"system", "browser", "adversary", "fault", "faults", "slow"}
    sleeping = [
        f"{named(path)}:{node.lineno}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if not real & {*path.relative_to(ROOT).parts, path.stem.partition("_")[0]}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "sleep"
        and not (len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)
    ]

    assert sleeping == []
