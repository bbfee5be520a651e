"""`knackpunkt bundle`: what the server publishes, without it."""

import asyncio
from pathlib import Path

import pytest
from tests.server.cli.conftest import Knackpunkt
from tests.support.arena import MASTER, SIGNER
from tests.support.database import record
from tests.support.stories import Story

from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.report import Verdict
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.verify import verify
from knack_server.shell.folder import DATABASE_NAME, MASTER_NAME, SIGNING_NAME

SECRETS = {MASTER_NAME: MASTER, SIGNING_NAME: bytes(range(32))}


@pytest.fixture
def story() -> Story:
    """A heat that was played, one that was not, and a run of open play."""
    story = Story({"h1": ("sprint", Scope.PLAYER)})
    story.person("Anna").start("sprint")
    story.world.pass_ms(3000)
    story.person("Anna").move()
    story.world.pass_ms(100_000)
    story.play_heat("h1", "Anna")
    return story


def folder_of(story: Story, folder: Path) -> Path:
    folder.mkdir()
    for name, secret in SECRETS.items():
        (folder / name).write_bytes(secret)
        (folder / name).chmod(0o600)
    asyncio.run(record(folder / DATABASE_NAME, story.world.facts))
    return folder


def test_every_kind_of_bundle_is_written_and_passes_the_check(
    knackpunkt: Knackpunkt, tmp_path: Path, story: Story
) -> None:
    (run,) = [run for run, entry in story.world.event.runs.items() if not entry.heat]
    story.end()
    folder = folder_of(story, tmp_path / "data")

    for kind in ((), ("--heat", "h1"), ("--run", run), ("--whole",), ("--event", "demo")):
        file = tmp_path / "bundle.json"
        outcome = knackpunkt("bundle", *kind, str(file), folder=folder)
        assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
        report = verify(file.read_bytes(), Anchors(SIGNER.key.hex()))
        assert report.verdict is Verdict.ANCHORED, (kind, report.wrong)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--whole",), "knackpunkt: demo goes on; everything is published when it has ended"),
        (("--heat", "h1-r1"), "knackpunkt: demo has no heat h1-r1 that was played and is over"),
        (("--run", "run-nowhere"), "knackpunkt: demo has no finished run run-nowhere of open play"),
        (("--event", "nowhere"), "knackpunkt: there is no event nowhere"),
        (("--whole", "--heat", "h1"), "Error: Choose one of --heat, --run and --whole."),
    ],
)
def test_what_must_stay_secret_or_is_not_there_exits_2(
    knackpunkt: Knackpunkt, tmp_path: Path, story: Story, arguments: tuple[str, ...], line: str
) -> None:
    folder, file = folder_of(story, tmp_path / "data"), tmp_path / "bundle.json"

    outcome = knackpunkt("bundle", *arguments, str(file), folder=folder)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines()[-1] == line
    assert not file.exists()


def test_without_its_secrets_a_folder_gives_no_bundle(
    knackpunkt: Knackpunkt, tmp_path: Path, story: Story
) -> None:
    folder = folder_of(story, tmp_path / "data")
    (folder / MASTER_NAME).unlink()

    outcome = knackpunkt("bundle", str(tmp_path / "bundle.json"), folder=folder)

    assert outcome.code == 2
    assert "restore it from the backup" in outcome.err
    assert not (folder / MASTER_NAME).exists()
