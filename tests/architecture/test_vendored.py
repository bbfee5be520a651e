"""Third-party files stand whole beside their licence, version and checksums."""

import hashlib
import re
from pathlib import Path

import pytest
from tests.architecture.tree import FOLDERS, ROOT, named

VENDORED = sorted(path.parent for folder in FOLDERS for path in (ROOT / folder).rglob("VENDORED.md"))


def test_every_vendored_folder_is_described() -> None:
    folders = {
        child
        for folder in FOLDERS
        for vendor in (ROOT / folder).rglob("vendor")
        for child in vendor.iterdir()
        if child.is_dir() and child.name != "__pycache__"
    }

    assert folders == set(VENDORED)


@pytest.mark.parametrize("folder", VENDORED, ids=named)
def test_vendored_files_are_the_ones_described(folder: Path) -> None:
    text = (folder / "VENDORED.md").read_text(encoding="utf-8")
    described = dict(re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", text, re.MULTILINE))
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "VENDORED.md"
    }

    assert found == described
    assert "LICENSE" in found
    assert re.search(r"^\| version \| [0-9.]+", text, re.MULTILINE)
    assert re.search(r"^\| licence \| \S", text, re.MULTILINE)
