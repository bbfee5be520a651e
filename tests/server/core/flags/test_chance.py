"""Imagined tiles are even, and the same for everybody who has the seed."""

from collections import Counter

from knack_server.core.flags.chance import ImaginedTiles

DRAWN = 120_000


def test_the_same_seed_imagines_the_same_tiles_however_they_are_asked_for() -> None:
    one, other = ImaginedTiles(b"seed"), ImaginedTiles(b"seed")

    assert b"".join(one.draw(column, 3) for column in range(8)) == other.draw(0, 24)
    assert ImaginedTiles(b"another").draw(0, 24) != ImaginedTiles(b"seed").draw(0, 24)


def test_a_new_stretch_is_drawn_when_one_is_used_up_and_is_another_one() -> None:
    tiles = ImaginedTiles(b"seed")
    stretches = [tiles.draw(0, 30_000) for _ in range(4)]

    assert len(set(stretches)) == 4
    assert {len(stretch) for stretch in stretches} == {30_000}


def test_all_six_symbols_are_equally_likely() -> None:
    tiles = ImaginedTiles(b"chi")
    counts = Counter(b"".join(tiles.draw(0, 8) for _ in range(DRAWN // 8)))

    expected = DRAWN / 6
    assert set(counts) == set(range(6))
    assert (
        sum((count - expected) ** 2 / expected for count in counts.values()) < 20.5
    )  # 0.1 % of chi-square, 5
