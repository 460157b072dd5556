"""How do homes hang beside streets that change?

Each leg of a home hangs on the piece of street where it attaches, with the times that a search
pays from both ends of the piece to its foot. A home's label is then the lowest that the ends
offer, over all its legs: what a search into its door would have found. A leg to an edge that
is closed, or that the walker cannot use, hangs nowhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones import live_kernels
from carecircle.isochrones.graph import LONGEST_MS
from carecircle.isochrones.live_arcs import LiveArcs, chain, doubled, threaded, without
from carecircle.isochrones.live_kernels import NONE
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import FORBIDDEN, Walker


class LiveLegs:
    """The legs of all homes.

    Attributes
    ----------
    home : (legs,) int32
        Whose leg it is; the legs of home ``h`` are ``home_ptr[h]:home_ptr[h + 1]``.
    edge : (legs,) int32
        -1 where a leg attaches to none.
    offset_mm, mm : (legs,) int64
        Where on the edge, and how long the leg is.
    piece : (legs,) int32
        -1 where it hangs on none.
    from_ends_ms : (legs, 2) int32
        Times from the first and the second end of the piece to the foot.
    """

    def __init__(
        self,
        homes: Snaps,
        walker: Walker,
        edge_ms: NDArray[np.int64],
        edge_mm: NDArray[np.int64],
    ) -> None:
        """All legs on edges that are not cut as yet; ``edge_ms`` is what a search pays."""
        on = homes.edge >= 0
        mm = np.where(on, edge_mm[homes.edge], 0)
        if (on & ((homes.offset_mm < 0) | (homes.offset_mm > mm))).any():
            raise ValueError("a home attaches beyond the end of its edge")
        ms = edge_ms[homes.edge]
        usable = on & (ms[:, 0] != FORBIDDEN)
        at_ms = ms * homes.offset_mm[:, None] // np.maximum(mm, 1)[:, None]
        from_ends_ms = np.column_stack([at_ms[:, 0], ms[:, 1] - at_ms[:, 1]])
        self.home = homes.point.astype(np.int32)
        self.home_ptr = np.searchsorted(homes.point, np.arange(len(homes) + 1)).astype(np.int64)
        self.edge, self.offset_mm = homes.edge.copy(), homes.offset_mm.copy()
        self.mm = homes.leg_mm.copy()
        self._ms = checked_leg_ms(walker, np.where(on, homes.leg_mm, 0)).astype(np.int32)
        self.piece = np.where(usable, homes.edge, NONE).astype(np.int32)
        self.from_ends_ms = np.where(usable[:, None], from_ends_ms, 0).astype(np.int32)
        self._first, self._next = threaded(homes.edge, usable, len(edge_mm), len(self.home))
        self._nowhere: dict[int, list[int]] = {}
        for leg in np.flatnonzero(on & ~usable).tolist():
            self._nowhere.setdefault(int(self.edge[leg]), []).append(leg)

    def of_home(self, home: int) -> range:
        """The legs of one home."""
        return range(int(self.home_ptr[home]), int(self.home_ptr[home + 1]))

    def on_pieces(self, edge: int, pieces: list[int]) -> list[int]:
        """The legs to an edge that is laid as these pieces, and those that hang nowhere."""
        legs = list(self._nowhere.get(edge, ()))
        for piece in pieces:
            if piece < len(self._first):
                legs += chain(int(self._first[piece]), self._next)
        return legs

    def hang(self, leg: int, piece: int, from_ends_ms: tuple[int, int]) -> None:
        """Hang a leg on a piece; `NONE`: nowhere, as nobody walks on its edge."""
        self.piece[leg], self.from_ends_ms[leg] = piece, from_ends_ms
        if piece == NONE:
            self._nowhere.setdefault(int(self.edge[leg]), []).append(leg)
            return
        while piece >= len(self._first):
            room = len(self._first)
            self._first = doubled(self._first)
            self._first[room:] = NONE
        self._next[leg] = self._first[piece]
        self._first[piece] = leg

    def take_off(self, leg: int) -> None:
        """Let a leg hang no more."""
        if self.piece[leg] != NONE:
            without(leg, self._first, int(self.piece[leg]), self._next)
            return
        others = self._nowhere[int(self.edge[leg])]
        others.remove(leg)
        if not others:
            del self._nowhere[int(self.edge[leg])]

    def attach(self, leg: int, edge: int, offset_mm: int, mm: int, ms: int) -> None:
        """Where a leg, which hangs nowhere at the moment, attaches from now on."""
        self.edge[leg], self.offset_mm[leg], self.mm[leg], self._ms[leg] = edge, offset_mm, mm, ms

    def homes_beside(self, arcs: LiveArcs, nodes: NDArray[np.int32]) -> NDArray[np.int32]:
        """Homes with a leg to a piece that ends at one of the nodes, ascending."""
        homes = live_kernels.homes_beside(
            arcs.first_arc, arcs.next_arc, self._first, self._next, self.home, nodes
        )
        return np.unique(homes)

    def labels(self, homes: NDArray[np.int32], arcs: LiveArcs, last: int) -> NDArray[np.int64]:
        """The label of each of some homes, none beyond ``last``."""
        found: NDArray[np.int64] = live_kernels.labels_of_homes(
            homes,
            self.home_ptr,
            self.piece,
            self._ms,
            self.from_ends_ms,
            arcs.head,
            arcs.label,
            last,
        )
        return found


def checked_leg_ms(walker: Walker, mm: NDArray[np.int64]) -> NDArray[np.int64]:
    """Times along straight legs, if all are shorter than 12 days."""
    ms = walker.leg_ms(mm)
    if ms.max(initial=0) > LONGEST_MS:
        raise ValueError(f"a straight leg is too long to be walked: {ms.max()}")
    return ms
