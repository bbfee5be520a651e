"""The top documents are maps: every file, name, command, setting and test that they mention is there."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import click
import pytest
from tests.architecture.tree import FOLDERS, ROOT, WEB, ours

from knack_server.cli.commands import knackpunkt
from knack_server.config import setting_rows

MAPS = ["ARCHITECTURE.md", "CONTRIBUTING.md"]
MANUALS = ["README.md", *MAPS, "docs/operations.md", "docs/performance.md"]
IMAGE_BYTES_MAX = 300 * 1024
"""A page that shows one stays quick on a hall's network, and the repository stays small."""

CHANGES = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
"""The headings of Keep a Changelog."""


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def spans(name: str) -> list[str]:
    """What stands in backticks, code blocks left out."""
    prose = re.sub(r"^ {4}.*$", "", text(name), flags=re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", prose)


def part(name: str, head: str) -> str:
    """A section of a document, from its heading to the next one of the same depth."""
    found = re.search(rf"^(#+) {re.escape(head)}\n(.*?)(?=^\1 |\Z)", text(name), re.MULTILINE | re.DOTALL)
    assert found, head
    return found[2]


@cache
def words() -> frozenset[str]:
    """Every word of our sources, tests and set-up."""
    files = [*ours("*.py", "*.js", "*.html", "*.css"), *(ROOT / "tests").rglob("*.py")]
    files += [ROOT / name for name in ("pyproject.toml", "Makefile", "package.json")]
    return frozenset(word for path in files for word in re.findall(r"\w+", path.read_text(encoding="utf-8")))


@cache
def methods() -> frozenset[str]:
    """`Class.method` of every Python class and, as far as a look at the words can tell, of every JavaScript class."""
    found = {
        f"{node.name}.{getattr(inner, 'name', '')}"
        for path in ours("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for inner in node.body
    }
    for path in ours("*.js"):
        source = path.read_text(encoding="utf-8")
        names = re.findall(r"^\s+(?:async |get |static )*(\w+)\(", source, re.MULTILINE)
        found |= {f"{kind}.{name}" for kind in re.findall(r"class (\w+)", source) for name in names}
    return frozenset(found)


@cache
def known_tests() -> frozenset[str]:
    return frozenset(
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize("name", MAPS)
def test_every_path_that_a_map_names_is_there(name: str) -> None:
    paths = [span for span in spans(name) if re.fullmatch(r"(?!\.venv/)[\w.-]+(?:/[\w.*-]+)+/?", span)]

    assert len(paths) > 20
    assert [path for path in paths if not any(ROOT.glob(path.rstrip("/")))] == []


def test_the_birds_eye_shows_every_package_and_every_layer() -> None:
    seen = part("ARCHITECTURE.md", "Bird's eye")
    packages = [path.parent for folder in FOLDERS for path in (ROOT / folder).glob("*/__init__.py")]
    inner = [path.parent for path in (ROOT / "server" / "knack_server").glob("*/__init__.py")]
    layers = [path for path in (WEB / "js").iterdir() if path.is_dir()]

    assert [path.name for path in (*packages, *inner, *layers) if f"`{path.name}`" not in seen] == []


@pytest.mark.parametrize("name", MAPS)
def test_every_name_that_a_map_names_is_in_the_code(name: str) -> None:
    names = [span for span in spans(name) if re.fullmatch(r"(?!KNACK_)[A-Za-z]\w*", span)]

    assert len(names) > 20
    assert [word for word in names if word not in words() | set(FOLDERS)] == []


@pytest.mark.parametrize("name", MAPS)
def test_every_method_that_a_map_names_is_in_its_class(name: str) -> None:
    named = [span for span in spans(name) if re.fullmatch(r"[A-Z]\w*[a-z]\w*\.[a-z_]\w*", span)]

    assert [method for method in named if method not in methods()] == []


@pytest.mark.parametrize("name", MAPS)
def test_every_test_that_a_map_names_is_there(name: str) -> None:
    assert [
        span for span in spans(name) if re.fullmatch(r"test_\w+", span) and span not in known_tests()
    ] == []


@pytest.mark.parametrize("name", MANUALS)
def test_every_setting_that_a_document_names_is_in_the_table(name: str) -> None:
    settings = {row.name for row in setting_rows()}

    assert set(re.findall(r"\bKNACK_[A-Z_]*[A-Z]", text(name))) <= settings


@pytest.mark.parametrize("name", MANUALS)
def test_every_target_of_make_that_a_document_names_is_in_the_makefile(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    named = re.findall(r"(?:^ {4}(?:\w+=\S+ )*|`(?:\w+=\S+ )*)make ([a-z-]+)", text(name), re.MULTILINE)

    assert set(named) <= targets


def commands(name: str) -> Iterator[list[str]]:
    for command in re.findall(r"(?:`|/)knackpunkt ((?:[\w/-]+ ?|\$\w+ ?)+)", text(name)):
        yield command.split()


def unknown(words: list[str]) -> list[str]:
    """What of a command the command line does not know; texts in place of its arguments are not looked at."""
    command: click.Command = knackpunkt
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if isinstance(command, click.Group) and command is knackpunkt:
        return words[:1]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return [word for word in words if word.startswith("-") and word not in options]


@pytest.mark.parametrize("name", MANUALS)
def test_every_command_that_a_document_shows_is_one(name: str) -> None:
    assert [(command, unknown(command)) for command in commands(name) if unknown(command)] == []


def test_a_command_that_is_none_would_be_found() -> None:
    assert unknown(["play", "--bot", "skilled"]) == []
    assert unknown(["play", "--boot", "skilled"]) == ["--boot"]
    assert unknown(["plays"]) == ["plays"]


def test_the_readme_begins_with_what_it_is_and_two_commands_and_what_they_show() -> None:
    top = "\n".join(text("README.md").splitlines()[:15])

    assert re.search(r"^ {4}make run\b.*\n {4}make test\b", top, re.MULTILINE)
    assert "](docs/images/play-and-screen.png)" in top


def test_images_are_small_and_shown() -> None:
    shown = "".join(text(name) for name in MANUALS)
    images = sorted((ROOT / "docs" / "images").iterdir())

    assert [image.name for image in images if image.stat().st_size > IMAGE_BYTES_MAX] == []
    assert [image.name for image in images if f"images/{image.name})" not in shown] == []


def test_the_reading_order_is_ten_files_that_introduce_themselves() -> None:
    files = re.findall(r"^\d+\. `([^`]+)`: ", part("ARCHITECTURE.md", "Reading order"), re.MULTILINE)

    assert len(files) == 10
    assert [file for file in files if not text(file).startswith(('"""', "/**"))] == []


def test_what_is_deliberately_absent_is_held_by_a_test() -> None:
    absent = re.split(r"^- ", part("ARCHITECTURE.md", "What is deliberately absent"), flags=re.MULTILINE)[1:]

    assert len(absent) >= 8
    assert [item for item in absent if "`tests/" not in item] == []


def test_every_state_machine_names_its_states_and_its_file() -> None:
    rows = [line for line in part("ARCHITECTURE.md", "State machines").splitlines() if line.startswith("| ")][
        1:
    ]

    for row in rows:
        *_, states, where, _ = row.split("|")
        source = text(re.findall(r"`([\w/.-]+/[\w.-]+)`", where)[0])
        assert [state for state in re.findall(r"`(\w+)`", states) if state not in source] == []


def test_every_checklist_names_the_test_that_fails_until_it_is_done() -> None:
    lists = re.split(r"^### ", part("CONTRIBUTING.md", "Checklists"), flags=re.MULTILINE)[1:]

    assert len(lists) >= 6
    assert [entry.splitlines()[0] for entry in lists if "tests/" not in entry] == []


def test_the_changelog_keeps_its_form() -> None:
    changelog = text("CHANGELOG.md")
    releases = re.findall(r"^## (.+)$", changelog, re.MULTILINE)

    assert releases[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", release) for release in releases[1:])
    assert set(re.findall(r"^### (.+)$", changelog, re.MULTILINE)) <= CHANGES


def test_every_figure_of_the_benchmark_was_written_down_and_no_other() -> None:
    written = set(re.findall(r"^\| `([\w.]+)` \|", text("docs/performance.md"), re.MULTILINE))
    made = [
        figure
        for path in ours("*.py", below="knack_loadtest/bench")
        for figure in re.findall(r'Figure\(f?"([^"]+)"', path.read_text(encoding="utf-8"))
    ]
    patterns = [re.compile(re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(name))) for name in made]

    assert patterns
    assert [name for name in written if not any(pattern.fullmatch(name) for pattern in patterns)] == []
    assert [pattern.pattern for pattern in patterns if not any(map(pattern.fullmatch, written))] == []
