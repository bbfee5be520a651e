"""The data folder: one server at a time, and the master seed beside the database."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_NAME = "lock"
MASTER_NAME = "master.key"
SIGNING_NAME = "signing.key"
SECRET_BYTES = 32
DATABASE_NAME = "knackpunkt.sqlite"


class FolderError(Exception):
    """The data folder cannot be used; the text says why, in one line."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder if need be and hold it for as long as the context lasts.

    Errors: FolderError when another server holds it, or when it cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FolderError(f"the data folder {folder} cannot be written: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise FolderError(f"another server is running on the data folder {folder}") from None
    try:
        yield
    finally:
        os.close(descriptor)


def read_secret(folder: Path, name: str) -> bytes:
    """Return 32 bytes that nobody else may know; drawn from the operating system at the first start.

    The master that all seeds come from, or the key that signs what is published: each in a file of its own, mode 0600,
    never in the database, a log or a message (rules, section 5). The caller holds the folder's lock.

    Errors: FolderError when the file is not 32 bytes, can be read by others, or has been lost: with another one no run of
    this folder could be proved any more.
    """
    file = folder / name
    try:
        if not file.exists():
            if (folder / DATABASE_NAME).exists():
                raise FolderError(f"{file} is missing; restore it from the backup, beside the database")
            _draw(file)
        secret, mode = file.read_bytes(), file.stat().st_mode
    except OSError as error:
        raise FolderError(f"{file} cannot be used: {error.strerror}") from None
    if len(secret) != SECRET_BYTES:
        raise FolderError(f"{file} is not a secret of ours: it has {len(secret)} bytes, not {SECRET_BYTES}")
    if mode & 0o077:
        raise FolderError(f"{file} may be read by others: chmod 600 {file}")
    return secret


def _draw(file: Path) -> None:
    """Write a new secret under another name first, so that a crash leaves none or a whole one."""
    begun = file.with_suffix(".new")
    descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as new:
        new.write(os.urandom(SECRET_BYTES))
        new.flush()
        os.fsync(new.fileno())
    begun.rename(file)
    directory = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
