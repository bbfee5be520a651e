"""How the tester's own tests let it play: the whole command in this process, its workers and the server in their own."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner
from tests.loadtest.crowd.fake.hop import Hop, Script
from tests.support.process import ServerProcess, serving

from knack_loadtest.crowd.cli import crowd
from knack_loadtest.crowd.conductor import Conductor
from knack_loadtest.crowd.records import RunRecord, read_folder


@dataclass(frozen=True)
class Played:
    """What came out of a run."""

    code: int
    said: str
    result: dict[str, Any]
    records: list[RunRecord]
    zero_ns: int
    """When it began, on the monotonic clock."""

    def value(self, name: str) -> Any:
        return self.result["metrics"][name]["value"]

    @property
    def broken(self) -> dict[str, str]:
        """The oracles that found something, and what they told of it."""
        found = {o["name"]: o["violations"] for o in self.result["oracles"] if o["outcome"] == "broken"}
        return {name: " / ".join(v["text"] for v in violations) for name, violations in found.items()}


@contextmanager
def fronted(folder: Path, script: Script, **settings: object) -> Iterator[tuple[Hop, ServerProcess]]:
    """Run a real server on a new folder, with a hop before it."""
    with serving(folder / "data", **settings) as server, Hop(server.url, script) as hop:
        yield hop, server


def play(folder: Path, scenario: str, *options: str) -> Played:
    """Let `crowd run` play a scenario, and return what it wrote."""
    file = folder / "scenario.toml"
    file.write_text(scenario, encoding="utf-8")
    arguments = ["run", str(file), "--out", str(folder / "runs"), "--ui", "none", "--workers", "1", *options]
    begun: list[Conductor] = []
    with patch.object(Conductor, "_begin", _noted(begun)):
        done = CliRunner().invoke(crowd, arguments, catch_exceptions=False)
    (wrote,) = (folder / "runs").iterdir()
    result = json.loads((wrote / "result.json").read_text(encoding="utf-8"))
    (conductor,) = begun
    return Played(done.exit_code, done.output, result, list(read_folder(wrote)), conductor.zero_ns)


def _noted(begun: list[Conductor]) -> Callable[[Conductor], None]:
    """Return a beginning that notes who began."""
    begin = Conductor._begin

    def noted(conductor: Conductor) -> None:
        begun.append(conductor)
        begin(conductor)

    return noted
