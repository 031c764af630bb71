"""Merkle trees as RFC 6962 and RFC 9162 define them: a root over a list, and the path that proves one of its leaves.

No I/O here. Leaves and nodes are hashed with different first bytes, so that no node can pass for a leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

LEAF, NODE = b"\x00", b"\x01"
EMPTY = hashlib.sha256().digest()


def leaf(data: bytes) -> bytes:
    """Return the hash of a leaf that holds ``data``."""
    return hashlib.sha256(LEAF + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two hashes."""
    return hashlib.sha256(NODE + left + right).digest()


class Tree:
    """A root that grows by one leaf at a time and keeps one hash for each level: any number of leaves in little memory."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []  # (how many leaves it covers, its hash), the largest first
        for one in leaves:
            self.add(one)

    def add(self, hashed: bytes) -> None:
        """Add the hash of one more leaf."""
        self.size += 1
        covers = 1
        while self._peaks and self._peaks[-1][0] == covers:
            _, left = self._peaks.pop()
            covers, hashed = covers * 2, node(left, hashed)
        self._peaks.append((covers, hashed))

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._peaks:
            return EMPTY
        hashed = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            hashed = node(left, hashed)
        return hashed


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over hashes of leaves."""
    return Tree(leaves).root()


def path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the hashes beside the way from leaf ``index`` up to the root, the lowest first (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1  # the largest power of two below the number of leaves
    if index < half:
        return [*path(index, leaves[:half]), root(leaves[half:])]
    return [*path(index - half, leaves[half:]), root(leaves[:half])]


def climb(hashed: bytes, index: int, size: int, beside: Sequence[bytes]) -> bytes | None:
    """Return the root to which ``beside`` leads from leaf ``index`` of ``size``, None if it leads nowhere (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    at, last = index, size - 1
    for other in beside:
        if last == 0:
            return None
        if at & 1 or at == last:
            hashed = node(other, hashed)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            hashed = node(hashed, other)
        at, last = at >> 1, last >> 1
    return hashed if last == 0 else None
