"""A real server that Prometheus asks: what it says at start of room and of where to ask, and what is told there."""

import re
import resource
from pathlib import Path

import httpx
import pytest
from tests.support.process import serving

from knack_server.app import FILES_RESERVED

pytestmark = pytest.mark.system


def test_a_server_says_how_many_may_come_and_tells_prometheus_the_same(tmp_path: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    room = 20_000 if hard == resource.RLIM_INFINITY else min(20_000, hard - FILES_RESERVED)

    with serving(tmp_path / "data", metrics="127.0.0.1:0") as server:
        said = "\n".join(server.said)
        assert f"  There is room for {room:,} connections" in said
        (address,) = re.findall(r"Prometheus may ask at (http://127\.0\.0\.1:[0-9]+/metrics)", said)

        told = httpx.get(address, trust_env=False, timeout=60).text

    assert f"\nknack_open_connections_max {float(room)}\n" in told
    assert re.search(r"^process_open_fds [0-9.]+$", told, re.MULTILINE)
