"""Where are the arcs and labels of changing streets kept?

Flat arrays that grow by doubling; numbers of nodes and pieces that are given back are used
again, so what comes and goes leaves nothing behind. `live_kernels` says how arcs are linked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones import live_kernels
from carecircle.isochrones.kernels import UNREACHED
from carecircle.isochrones.live_kernels import BUCKET_BITS, NONE, NOT_QUEUED

SPARE = 64  # nodes and pieces for which there is room at first
BY_NODE = ("label", "first_arc", "_queue_links", "_seen", "_touched", "_before")
BY_ARC = ("head", "next_arc", "arc_ms")

Labels = tuple[NDArray[np.int32], NDArray[np.int64]]


class LiveArcs:
    """Nodes with labels, and pieces with an arc each way.

    Attributes
    ----------
    label : (n,) int64
        As in `kernels`.
    first_arc : (n,) int32
    head, next_arc, arc_ms : (2 p,) int32
        Times are those a search pays.
    """

    def __init__(
        self,
        n_nodes: int,
        ends: NDArray[np.int32],
        ms: NDArray[np.int64],
        usable: NDArray[np.bool_],
    ) -> None:
        """One piece for each row of ``ends`` and ``ms``, (p, 2), where ``usable``."""
        n, arcs = n_nodes + SPARE, 2 * (len(ends) + SPARE)
        self.n_nodes, self.n_pieces = n_nodes, len(ends)
        self.free_nodes: list[int] = []
        self.free_pieces: list[int] = []
        self.label = np.full(n, UNREACHED, np.int64)
        self._queue_links = np.full((n, 2), NOT_QUEUED, np.int32)
        self._seen = np.zeros(n, np.bool_)
        self._touched = np.empty(n, np.int32)
        self._before = np.empty(n, np.int64)
        self.head = np.zeros(arcs, np.int32)
        self.arc_ms = np.zeros(arcs, np.int32)
        self.head[: ends.size] = ends[:, ::-1].ravel()
        self.arc_ms[: ends.size] = ms.ravel()
        self.first_arc, self.next_arc = threaded(ends.ravel(), np.repeat(usable, 2), n, arcs)
        self._buckets = np.full(2, NONE, np.int32)
        self.make_room_for(int(ms.max(initial=0)))

    def make_room_for(self, longest_ms: int) -> None:
        """A ring of buckets that spans the longest arc."""
        n_buckets = 2
        while n_buckets < (longest_ms >> BUCKET_BITS) + 2:
            n_buckets *= 2
        if n_buckets > len(self._buckets):
            self._buckets = np.full(n_buckets, NONE, np.int32)

    def new_node(self) -> int:
        """A node without arcs or label."""
        if self.free_nodes:
            node = self.free_nodes.pop()
        else:
            node = self.n_nodes
            self.n_nodes += 1
        if node == len(self.label):
            for name in BY_NODE:
                setattr(self, name, doubled(getattr(self, name)))
        self.label[node], self.first_arc[node] = UNREACHED, NONE
        self._queue_links[node], self._seen[node] = NOT_QUEUED, False
        return node

    def new_piece(self) -> int:
        """Room for two arcs."""
        if self.free_pieces:
            return self.free_pieces.pop()
        self.n_pieces += 1
        if 2 * self.n_pieces > len(self.head):
            for name in BY_ARC:
                setattr(self, name, doubled(getattr(self, name)))
        return self.n_pieces - 1

    def put_down(self, piece: int, nodes: tuple[int, int], ms: tuple[int, int]) -> None:
        """Link a piece from its first node to its second, and back."""
        for way in (0, 1):
            arc = 2 * piece + way
            self.head[arc], self.arc_ms[arc] = nodes[1 - way], ms[way]
            self.next_arc[arc] = self.first_arc[nodes[way]]
            self.first_arc[nodes[way]] = arc

    def take_up(self, piece: int) -> None:
        """Unlink both arcs of a piece."""
        for arc in (2 * piece, 2 * piece + 1):
            without(arc, self.first_arc, int(self.head[arc ^ 1]), self.next_arc)

    def arcs_of(self, node: int) -> list[int]:
        """The arcs that leave a node."""
        return chain(int(self.first_arc[node]), self.next_arc)

    def hanging_on(self, piece: int) -> list[int]:
        """Nodes whose label may come over a piece: those at the end of a tight arc."""
        label, found = self.label, []
        for arc in (2 * piece, 2 * piece + 1):
            start = label[self.head[arc ^ 1]]
            ms = int(self.arc_ms[arc]) << 32
            if start != UNREACHED and start + ms == label[self.head[arc]]:
                found.append(int(self.head[arc]))
        return found

    def offered(self, node: int) -> int:
        """The lowest label that its neighbours offer to a node."""
        return min(
            (
                int(self.label[self.head[arc]]) + (int(self.arc_ms[arc ^ 1]) << 32)
                for arc in self.arcs_of(node)
                if self.label[self.head[arc]] != UNREACHED
            ),
            default=int(UNREACHED),
        )

    def repair(self, lost: list[int], fresh: list[int], sources: Labels, last: int) -> Labels:
        """Make all labels right again; returns the nodes looked at and their labels before.

        ``lost`` are nodes that lost a support, ``fresh`` those at which new arcs arrive;
        ``sources`` are all there are: node and label of each.
        """
        count = live_kernels.repaired(
            self.first_arc,
            self.next_arc,
            self.head,
            self.arc_ms,
            self.label,
            self._queue_links,
            self._buckets,
            self._seen,
            self._touched,
            self._before,
            np.array(lost, np.int32),
            np.array(fresh, np.int32),
            *sources,
            last,
        )
        return self._touched[:count].copy(), self._before[:count].copy()


def threaded(
    owner: NDArray[np.int32], chosen: NDArray[np.bool_], owners: int, items: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Items in linked lists by owner: the first of each owner, the next after each item."""
    at = np.flatnonzero(chosen)
    at = at[np.argsort(owner[at], kind="stable")]
    first, following = np.full(owners, NONE, np.int32), np.full(items, NONE, np.int32)
    begins = np.diff(owner[at], prepend=-1) != 0
    first[owner[at[begins]]] = at[begins]
    following[at[:-1]] = np.where(begins[1:], NONE, at[1:])
    return first, following


def chain(item: int, following: NDArray[np.int32]) -> list[int]:
    """A linked list from an item on."""
    items = []
    while item != NONE:
        items.append(item)
        item = int(following[item])
    return items


def without(item: int, first: NDArray[np.int32], owner: int, following: NDArray[np.int32]) -> None:
    """Take an item out of the linked list of its owner."""
    if first[owner] == item:
        first[owner] = following[item]
        return
    before = int(first[owner])
    while following[before] != item:
        before = int(following[before])
    following[before] = following[item]


def doubled(array: NDArray[Any]) -> NDArray[Any]:
    """The same with as much room again; what is in the new room is set when it is used."""
    return np.concatenate([array, np.zeros_like(array)])
