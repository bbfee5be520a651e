"""`knackpunkt verify`: check a published bundle, offline, against itself and against what one holds."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from knack_protocol.proof import commitments, held
from knack_protocol.proof.anchors import Anchors, parse_key
from knack_protocol.proof.form import Malformed
from knack_protocol.proof.verify import verify as check

_T = TypeVar("_T")


class _Unreadable(click.ClickException):
    """What cannot be read is the caller's mistake, like a wrong option."""

    exit_code = 2


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--key", metavar="FINGERPRINT", help="The organiser's key, from a poster: 32 hex digits.")
@click.option(
    "--commitments",
    "listed",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The list of promises, as it was published before the event.",
)
@click.option(
    "--held",
    "kept",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="What a player's phone has kept; may be given several times.",
)
def verify(bundle: Path, key: str | None, listed: Path | None, kept: tuple[Path, ...]) -> None:
    """Check every score in BUNDLE; the last line says OK, or the first thing that is wrong (exit code 1).

    Without --key, --commitments or --held the check can only say that everything fits together: OK, consistent only.
    """
    anchors = Anchors(
        _digits(key) if key else "",
        _read(listed, commitments.parse_published) if listed else None,
        tuple((path.name, _read(path, held.parse)) for path in kept),
    )
    report = check(_read(bundle, bytes), anchors)
    for line in report.lines():
        click.echo(line)
    if not report.is_ok:
        raise SystemExit(1)


def _digits(key: str) -> str:
    try:
        return parse_key(key)
    except Malformed as wrong:
        raise _Unreadable(f"--key: {wrong}") from None


def _read(path: Path, parse: Callable[[bytes], _T]) -> _T:
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise _Unreadable(f"{path}: {error.strerror}") from None
    except Malformed as wrong:
        raise _Unreadable(f"{path}: {wrong}") from None
