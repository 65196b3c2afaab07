"""A decision tree over leading digits, grown while data passes through it.

A leaf holds for all numbers of one length that begin with its digits. What a leaf says is found, and proven,
by the `decide` function it is grown with; numbers that reach no leaf are left to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Leaf = TypeVar("Leaf")
Root = TypeVar("Root", bound=Hashable)
Ints = npt.NDArray[np.int64]

_SHALLOWEST, _DEEPEST = 2, 10
# Beyond this the data is no list of phone numbers; the tree stops growing, not the answers.
_MOST_NODES = 200_000
_UNSEEN, _UNSETTLED = 0, -1


class Tree(Generic[Root, Leaf]):
    """Leaves by leading digits.

    Args:
        decide: takes a root, the digits of one number and how many of its last digits are free; gives the leaf
            if it holds for all numbers with these leading digits, None if that is not certain.
    """

    def __init__(self, decide: Callable[[Root, str, int], Leaf | None]) -> None:
        self.leaves: list[Leaf] = []
        self._decide = decide
        self._growing = Lock()
        self._roots: dict[Root, int] = {}
        # Ten entries a node: a child > 0, a leaf < -1, or one of the two marks.
        self._next = np.zeros(1 << 14, dtype=np.int32)
        self._nodes = 1

    def find(self, roots: list[Root], root: Ints, digits: npt.NDArray[Any], first: Ints, count: Ints) -> Ints:
        """The place in `leaves` for every number, -1 where none is certain. Safe to call from several threads.

        Args:
            roots: the distinct roots; numbers of one root have the same length.
            root: for every number the place of its root in `roots`.
            digits: the digits of all numbers, one after the other.
            first: for every number the place of its first digit.
            count: for every number how many digits it has.
        """
        with self._growing:
            return self._found(roots, root, digits, first, count)

    def _found(self, roots: list[Root], root: Ints, digits: npt.NDArray[Any], first: Ints, count: Ints) -> Ints:
        found = np.full(len(root), -1, dtype=np.int64)
        rows = np.arange(len(root))
        node = np.array([self._node(key) for key in roots], dtype=np.int64)[root]
        for depth in range(_DEEPEST):
            inside = count[rows] > depth
            rows, node = rows[inside], node[inside]
            if not len(rows):
                break
            edge = node * 10 + digits[first[rows] + depth]
            ahead = self._next[edge]
            if (ahead == _UNSEEN).any():
                unseen = ahead == _UNSEEN
                self._grow(roots, root, digits, first, count, rows[unseen], edge[unseen], depth + 1)
                ahead = self._next[edge]
            settled = ahead < _UNSETTLED
            found[rows[settled]] = -2 - ahead[settled]
            rows, node = rows[ahead > 0], ahead[ahead > 0].astype(np.int64)
        return found

    def leaf(self, root: Root, digits: str) -> Leaf | None:
        """The leaf for one number, None where none is certain."""
        with self._growing:
            node = self._node(root)
            for depth, digit in enumerate(digits[:_DEEPEST], start=1):
                edge = node * 10 + ord(digit) - ord("0")
                if self._next[edge] == _UNSEEN:
                    self._next[edge] = self._entry(root, digits, depth)
                node = int(self._next[edge])
                if node <= 0:
                    break
            return self.leaves[-2 - node] if node < _UNSETTLED else None

    def _node(self, key: Root) -> int:
        if key not in self._roots:
            self._roots[key] = self._new_node()
        return self._roots[key]

    def _new_node(self) -> int:
        node = self._nodes
        self._nodes += 1
        if self._nodes * 10 > len(self._next):
            self._next = np.concatenate((self._next, np.zeros_like(self._next)))
        return node

    def _grow(
        self,
        roots: list[Root],
        root: Ints,
        digits: npt.NDArray[Any],
        first: Ints,
        count: Ints,
        rows: Ints,
        edges: Ints,
        depth: int,
    ) -> None:
        """Decide the unseen edges, each by the first number that came along it."""
        distinct, places = np.unique(edges, return_index=True)
        for edge, row in zip(distinct.tolist(), rows[places].tolist(), strict=True):
            text = "".join(map(str, digits[first[row] : first[row] + count[row]].tolist()))
            self._next[edge] = self._entry(roots[root[row]], text, depth)

    def _entry(self, root: Root, text: str, depth: int) -> int:
        if depth > min(_SHALLOWEST, len(text) - 1):
            leaf = self._decide(root, text, len(text) - depth)
            if leaf is not None:
                self.leaves.append(leaf)
                return -1 - len(self.leaves)
        if depth >= min(_DEEPEST, len(text)) or self._nodes >= _MOST_NODES:
            return _UNSETTLED
        return self._new_node()
