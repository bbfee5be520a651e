"""The table of skills: what each promises it does."""

from random import Random

import pytest

from knack_client.bots.skills import SKILLS, TABLE
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import is_legal

BOARD = SeededTiles(b"\4" * 32).first_board(0)


def share_of_slips(name: str, count: int = 600) -> float:
    random = Random(11)
    swaps = [SKILLS[name].choose(BOARD, random) for _ in range(count)]
    return sum(swap is not None and not is_legal(BOARD.planes, *swap) for swap in swaps) / count


def test_every_skill_is_found_by_its_name() -> None:
    assert list(SKILLS) == ["random", "sloppy", "careful", "skilled", "fast"]
    assert all(SKILLS[skill.name] is skill for skill in TABLE)


@pytest.mark.parametrize("name", ["random", "fast"])
def test_some_never_slip(name: str) -> None:
    assert share_of_slips(name) == 0


def test_the_sloppy_one_slips_now_and_then() -> None:
    assert 0.10 < share_of_slips("sloppy") < 0.20


def test_skills_differ_in_pace() -> None:
    medians = {name: skill.pace.median_ms for name, skill in SKILLS.items()}
    assert medians["fast"] < medians["skilled"] < medians["careful"] < medians["sloppy"]


@pytest.mark.parametrize("name", SKILLS)
def test_a_seed_decides_everything(name: str) -> None:
    skill = SKILLS[name]
    assert skill.choose(BOARD, Random(3)) == skill.choose(BOARD, Random(3))
