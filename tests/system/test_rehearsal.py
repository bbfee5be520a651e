"""A whole crowd rehearses on a server where people play in earnest, and leaves nothing behind."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import process
from tests.support.process import ServerProcess, serving

from knack_client import Player
from knack_client.api import Api
from knack_protocol.rules.swaps import legal_swaps

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

SCENARIO = """
[scenario]
name = "small"
title = "Small"
about = "A few people for a few seconds."
duration = "8s"
ending = "abandon"

[players.quick]
count = 2
skill = "bot_limit"

[watchers.screen]
count = 1
device = "screen"

[moderators.desk]
count = 1
hide_name = "1/2s"

[visitors.form]
count = 2
rate = "1/2s"
"""

COMMAND = (sys.executable, "-m", "knack_loadtest.crowd", "run")
WITHIN_S = 540


async def play_in_earnest(server: ServerProcess) -> None:
    """Leave a run with a score in the standings that is over."""
    async with Player(server.url, "Anna") as player:
        run = await player.start("climb")
        await run.begun()
        for _ in range(2):
            await run.unlocked()
            await run.move(*legal_swaps(run.board)[0])
        await player.start("climb")  # which ends the first one at once
        await run.ended()


def exported(server: ServerProcess) -> str:
    done = process.run(server.folder, "export", "--event", "demo", "--course", "climb", "--format", "json")
    assert done.returncode == 0, done.stderr
    return done.stdout


async def rows(server: ServerProcess) -> tuple[str, list[object]]:
    told = await Api(server.url, "demo").get("/api/standings", course="climb")
    return told["sha256"], told["rows"]


def test_a_crowd_with_the_desk_rehearses_beside_an_event_whose_standings_stay_the_same(
    tmp_path: Path,
) -> None:
    (tmp_path / "small.toml").write_text(SCENARIO)
    with serving(tmp_path / "data") as server:
        asyncio.run(play_in_earnest(server))
        before, file = asyncio.run(rows(server)), exported(server)
        assert len(before[1]) == 1
        done = subprocess.run(
            [*COMMAND, str(tmp_path / "small.toml"), "--target", server.url, "--out", str(tmp_path / "runs"),
             "--desk-token", server.desk_token, "--workers", "1", "--ui", "plain"],
            capture_output=True, text=True, timeout=WITHIN_S, check=False,
        )  # fmt: skip

        assert done.returncode in {0, 4}, done.stdout + done.stderr  # 4: this machine was busy
        (path,) = (tmp_path / "runs").glob("*/result.json")
        result = json.loads(path.read_text())
        broken = {o["name"]: o["violations"] for o in result["oracles"] if o["outcome"] == "broken"}
        assert broken == {}
        assert "left behind" not in done.stderr
        event = result["target"]["event"]
        assert event.startswith("rehearsal-")
        assert result["metrics"]["moves.achieved"]["value"] > 0

        assert process.run(server.folder, "event", "list").stdout == "* demo  Knackpunkt\n"
        assert asyncio.run(rows(server)) == before
        assert exported(server) == file
        assert server.complained == []
    for name in server.folder.iterdir():
        assert not name.is_file() or event.encode() not in name.read_bytes(), name
