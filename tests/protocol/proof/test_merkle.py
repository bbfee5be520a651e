import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knack_protocol.ids import PlayerId
from knack_protocol.proof import merkle
from knack_protocol.proof.leaves import leaf, roster_hash


def leaf_hashes(count: int) -> list[bytes]:
    return [hashlib.sha256(b"\0%d" % number).digest() for number in range(count)]


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two below n."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    pair = recursive_root(leaves[:split]) + recursive_root(leaves[split:])
    return hashlib.sha256(b"\1" + pair).digest()


def test_the_root_is_the_one_that_the_rules_print() -> None:
    leaves = [leaf(PlayerId(f"p{i}"), 100 * i, i, hashlib.sha256(bytes([i])).digest()) for i in range(5)]
    assert merkle.root(leaves).hex() == "0245be01a717822494931a58b02669a1d412f7b2171d61066ad98596766bd284"


@pytest.mark.parametrize("count", [*range(18), 31, 32, 33, 100])
def test_the_root_is_the_recursive_one_of_the_rfc(count: int) -> None:
    assert merkle.root(leaf_hashes(count)) == recursive_root(leaf_hashes(count))


@settings(deadline=None)
@given(st.integers(1, 70), st.data())
def test_a_path_leads_from_its_leaf_to_the_root_and_from_no_other(size: int, data: st.DataObject) -> None:
    leaves = leaf_hashes(size)
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    path = merkle.path(leaves, index)
    root = merkle.root(leaves)
    assert merkle.root_of_path(leaves[index], index, size, path) == root
    if other != index:
        assert merkle.root_of_path(leaves[other], index, size, path) != root
        assert merkle.root_of_path(leaves[index], other, size, path) != root


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_a_path_of_another_length_leads_nowhere(count: int) -> None:
    leaves = leaf_hashes(count)
    path = merkle.path(leaves, count - 1)
    assert merkle.root_of_path(leaves[-1], count - 1, count, (*path, bytes(32))) is None
    if path:
        assert merkle.root_of_path(leaves[-1], count - 1, count, path[:-1]) is None
    assert merkle.root_of_path(leaves[-1], count, count, path) is None
    assert merkle.root_of_path(leaves[-1], 0, 0, path) is None


def test_there_is_no_path_from_a_leaf_that_is_none() -> None:
    with pytest.raises(IndexError):
        merkle.path(leaf_hashes(3), 3)


def test_a_roster_is_hashed_in_byte_order_whoever_came_first() -> None:
    players = [PlayerId(name) for name in ("zoe", "anna", "a-2", "a10")]
    assert roster_hash(players) == roster_hash(sorted(players))
    assert roster_hash(players) != roster_hash(players[:-1])
    tag = b"m3/1|roster\0"
    expected = hashlib.sha256(tag + b"\0\3a-2" + b"\0\3a10" + b"\0\4anna" + b"\0\3zoe").digest()
    assert roster_hash(players) == expected
