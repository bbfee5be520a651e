"""The data folder belongs to one server, and the seed in it to nobody else."""

import os
from pathlib import Path

import pytest

from knack_server.shell import folder as folder_module
from knack_server.shell.folder import DATABASE_NAME, MASTER_NAME, FolderError, locked, read_secret


def fault(folder: Path) -> str:
    with pytest.raises(FolderError) as caught, locked(folder):
        read_secret(folder, MASTER_NAME)
    text = str(caught.value)
    assert "\n" not in text
    return text


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_folder_is_made_with_its_parents_for_its_owner_only(tmp_path: Path) -> None:
    with locked(tmp_path / "a" / "b"):
        assert mode(tmp_path / "a" / "b") == 0o700


def test_a_folder_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert fault(tmp_path) == f"another server is running on the data folder {tmp_path}"

    with locked(tmp_path):
        pass


def test_what_a_killed_server_leaves_behind_locks_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()

    with locked(tmp_path):
        pass


@pytest.mark.parametrize("inside", ["", "/below"])
def test_a_file_where_the_folder_should_be_is_told_in_one_line(tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").touch()

    assert "cannot be written" in fault(Path(f"{tmp_path}/file{inside}"))


def test_a_seed_is_drawn_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    os.umask(0o022)
    first = read_secret(tmp_path, MASTER_NAME)

    assert len(first) == 32
    assert read_secret(tmp_path, MASTER_NAME) == first
    assert mode(tmp_path / MASTER_NAME) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [MASTER_NAME]


def test_every_folder_has_a_seed_of_its_own(tmp_path: Path) -> None:
    seeds = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        seeds.append(read_secret(tmp_path / name, MASTER_NAME))

    assert seeds[0] != seeds[1]


def test_a_crash_while_the_seed_is_written_leaves_none_or_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing:
        crashing.setattr(folder_module.os, "fsync", crash)
        with pytest.raises(KeyboardInterrupt):
            read_secret(tmp_path, MASTER_NAME)
    assert not (tmp_path / MASTER_NAME).exists()

    assert len(read_secret(tmp_path, MASTER_NAME)) == 32


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_of_another_length_is_none(tmp_path: Path, length: int) -> None:
    (tmp_path / MASTER_NAME).write_bytes(bytes(length))
    (tmp_path / MASTER_NAME).chmod(0o600)

    assert f"it has {length} bytes, not 32" in fault(tmp_path)


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o666])
def test_a_seed_that_others_may_read_is_not_used(tmp_path: Path, rights: int) -> None:
    read_secret(tmp_path, MASTER_NAME)
    (tmp_path / MASTER_NAME).chmod(rights)

    assert f"chmod 600 {tmp_path / MASTER_NAME}" in fault(tmp_path)


def test_a_seed_that_was_lost_is_not_replaced_by_another(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).touch()

    assert "is missing; restore it from the backup" in fault(tmp_path)
    assert not (tmp_path / MASTER_NAME).exists()


def test_a_seed_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / MASTER_NAME).mkdir()

    assert fault(tmp_path) == f"{tmp_path / MASTER_NAME} cannot be used: Is a directory"
