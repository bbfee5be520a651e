"""`knackpunkt vectors`: this engine against golden files, its own or anybody's."""

import json
from pathlib import Path
from typing import Any

import click

from knack_protocol.rules.vectors import check_vector


class _Unreadable(click.ClickException):
    """What cannot be read is the caller's mistake, like a wrong option."""

    exit_code = 2


@click.group()
def vectors() -> None:
    """Hold the rules' engine against vector files (RULES.md, section 9)."""


@vectors.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def check(folder: Path) -> None:
    """Play every *.json file in DIR; a line each, and exit code 1 when one fails."""
    documents = {path.name: _document(path) for path in _files(folder)}
    failed = 0
    for name, document in documents.items():
        differences = check_vector(document)
        failed += bool(differences)
        click.echo(f"{name}: {'failed: ' + differences[0] if differences else 'passed'}")
    click.echo(f"{len(documents) - failed} passed, {failed} failed")
    if failed:
        raise SystemExit(1)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise _Unreadable(f"{folder}: no such folder")
    if not (files := sorted(folder.glob("*.json"))):
        raise _Unreadable(f"{folder}: holds no *.json file")
    return files


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as broken:
        raise _Unreadable(f"{path}: not readable as JSON: {broken}") from None
