"""`knackpunkt vectors`: this engine, or the browser's, against golden files, its own or anybody's."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click

from knack_protocol.rules.vectors import check_vector
from knack_server.shell.pages import web_root

JS_CHECKER = "js/proof/vectors-cli.js"
"""Below the pages: plays a folder of vectors with the engine that the page `verify` checks scores with."""


class _Unreadable(click.ClickException):
    """What cannot be read is the caller's mistake, like a wrong option."""

    exit_code = 2


class _NodeMissing(click.ClickException):
    exit_code = 2


@click.group()
def vectors() -> None:
    """Hold the rules' engine against vector files (RULES.md, section 9)."""


@vectors.command()
@click.option("--js", is_flag=True, help="Play them with the browser's engine instead, run by Node.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def check(folder: Path, js: bool) -> None:
    """Play every *.json file in DIR; a line each, and exit code 1 when one fails."""
    documents = {path.name: _document(path) for path in _files(folder)}
    if js:
        raise SystemExit(_check_js(folder))
    failed = 0
    for name, document in documents.items():
        differences = check_vector(document)
        failed += bool(differences)
        click.echo(f"{name}: {'failed: ' + differences[0] if differences else 'passed'}")
    click.echo(f"{len(documents) - failed} passed, {failed} failed")
    if failed:
        raise SystemExit(1)


def _check_js(folder: Path) -> int:
    if (node := shutil.which("node")) is None:
        raise _NodeMissing("node is missing: the browser's engine is JavaScript; install Node.js 18 or newer")
    checker = [node, str(web_root() / JS_CHECKER), str(folder)]
    done = subprocess.run(checker, capture_output=True, encoding="utf-8", check=False)  # noqa: S603 - our own program
    click.echo(done.stdout, nl=False)
    click.echo(done.stderr, nl=False, err=True)
    return done.returncode


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
