"""The tree over an event's results (RFC 6962, section 2.1), from hashes of leaves.

A leaf hash begins with a zero byte and a node's with a one, so that no node passes for a leaf; an odd node moves up as it
is and is never doubled.
"""

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").digest()
"""The root of no leaves."""


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash above two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the leaf hashes, in their order."""
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the hashes that lead from a leaf to the root, lowest first (RFC 6962, section 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError("no such leaf")
    level, found = list(leaves), []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            found.append(level[beside])
        level, index = _above(level), index // 2
    return tuple(found)


def root_of_path(leaf: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes | None:
    """Return the root to which a path leads, or None when a tree of this size has no such path (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    found, last, rest = leaf, size - 1, iter(hashes)
    while last:
        if index % 2 or index < last:
            beside = next(rest, None)
            if beside is None:
                return None
            found = node(beside, found) if index % 2 else node(found, beside)
        index, last = index // 2, last // 2
    return found if next(rest, None) is None else None


def _above(level: list[bytes]) -> list[bytes]:
    pairs = [node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
    return pairs + level[-1:] if len(level) % 2 else pairs
