"""What stands when the doors open is not looked through again."""

import gc
from collections.abc import Iterator

import pytest

from knack_server.shell.garbage import THRESHOLDS, settle


@pytest.fixture
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("_as_before")
def test_what_stands_is_frozen_and_what_comes_later_is_still_looked_after() -> None:
    settle()

    assert gc.isenabled()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < 10_000
