"""Where does a door open on streets that have changed?

The rule is that of `snapping`, and `snapping` applies it: a door opens onto the nearest street,
and whose nearest street the walker cannot use onto another only where that is near enough.
Which edges come into question say two R-trees that can change (rtree). They hold the boxes of the
open edges on which a door may open: those that this walker can use, and those that only others
can. The edge whose box is nearest to a point bounds the distance; every edge that may be as near
has its box within that bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import rtree
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.live_streets import Edge, LiveStreets
from carecircle.isochrones.snapping import OTHER_STREET_M, TIE_M, Snaps, snap, snap_doors

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Trees:
    """The boxes of the edges where doors may open: for this walker, and for others alone."""

    own: rtree.index.Index
    others: rtree.index.Index

    def of(self, edge: Edge) -> rtree.index.Index:
        """The tree in which an edge is."""
        return self.own if edge.usable else self.others


class LiveIndex:
    """The edges of changing streets where a door may open; built when it is first asked."""

    def __init__(self, streets: LiveStreets) -> None:
        self.streets = streets
        self._trees: Trees | None = None

    def snap(
        self,
        xy: NDArray[np.float64],
        limit_m: float,
        other_street_m: float | NDArray[np.float64] = OTHER_STREET_M,
    ) -> Snaps:
        """Attach points as `snapping.snap_doors` does on a network of the edges that are open.

        Where the walker can use none at all, nothing attaches. Raises ValueError where a
        coordinate is not finite.
        """
        if not np.isfinite(xy).all():
            raise ValueError("a coordinate is not finite")
        edges = sorted({edge for point in xy.tolist() for edge in self._near(*point)})
        if not edges:
            k = len(xy)
            nowhere = np.full(k, -1, np.int32)
            zero = np.zeros(k, np.int64)
            return Snaps(nowhere, zero, zero, nowhere, np.arange(k, dtype=np.int32))
        part = self.streets.part(edges)
        found = snap_doors(part, xy, limit_m, self.streets.walker, other_street_m)
        number = np.where(found.edge >= 0, np.array(edges)[found.edge], -1).astype(np.int32)
        return replace(found, edge=number)

    def has_doors(self, edge: int) -> bool:
        """Whether doors may open on an edge, be it for others than this walker."""
        return bool(self.streets.part([edge]).edge_attachable[0])

    def away_mm(self, edge: int, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """How far points are from an edge that has doors."""
        return snap(self.streets.part([edge]), xy, 0).leg_mm

    def add(self, edge: int) -> None:
        """The edge was opened."""
        if self._trees is not None and self.has_doors(edge):
            self._trees.of(self.streets.edge(edge)).insert(edge, self._box(edge))

    def remove(self, edge: int) -> None:
        """The edge is about to be closed."""
        if self._trees is not None and self.has_doors(edge):
            self._trees.of(self.streets.edge(edge)).delete(edge, self._box(edge))

    def _near(self, x: float, y: float) -> list[int]:
        """Edges among which the nearest to a place is, all that may tie with it, and nearer ones.

        The nearer ones are not for this walker.
        """
        if self._trees is None:
            self._trees = self._built()
        first = next(iter(self._trees.own.nearest((x, y, x, y), 1)), None)
        if first is None:
            return []
        line = shapely.linestrings(self.streets.part([first]).node_xy)
        reach = float(shapely.distance(shapely.points(x, y), line)) + 2 * TIE_M
        box = (x - reach, y - reach, x + reach, y + reach)
        return [*self._trees.own.intersection(box), *self._trees.others.intersection(box)]

    def _built(self) -> Trees:
        """The trees as the streets are now."""
        network = self.streets.network
        doors = network.edge_attachable.copy()
        doors[[edge for edge in self.streets.closed if edge < len(doors)]] = False
        own = self.streets.walker.usable(network)
        trees = Trees(self._tree_with(doors & own), self._tree_with(doors & ~own))
        for edge in range(len(doors), self.streets.n_edges):
            if edge not in self.streets.closed and self.has_doors(edge):
                trees.of(self.streets.edge(edge)).insert(edge, self._box(edge))
        return trees

    def _tree_with(self, chosen: NDArray[np.bool_]) -> rtree.index.Index:
        """A tree of some streets of the network, none of them a link."""
        network, edges = self.streets.network, np.flatnonzero(chosen)
        if not len(edges):
            return rtree.index.Index()
        ends = network.node_xy[network.edge_nodes[edges]]
        return rtree.index.Index((edges, ends.min(axis=1), ends.max(axis=1)))

    def _box(self, edge: int) -> Box:
        (ax, ay), (bx, by) = self.streets.part([edge]).node_xy.tolist()
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)
