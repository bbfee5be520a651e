"""A server process that pages are opened on, with a title to be looked for."""

import json
from pathlib import Path
from urllib.request import Request, urlopen

from tests.support.process import ServerProcess

TITLE = "Stadtfest Digital"


class Venue(ServerProcess):
    """A server that a desk may give orders to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, demo_title=TITLE, publish_interval_ms=100)

    def void(self, run: str) -> None:
        """Take a run out of the standings, as a moderator does at the desk."""
        act = {"kind": "void", "target": run, "text": "", "reason": "browser test"}
        request = Request(
            f"{self.url}/api/desk/acts",
            data=json.dumps(act).encode(),
            headers={"Authorization": f"Bearer {self.desk_token}", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=60) as answer:
            assert answer.status == 201
