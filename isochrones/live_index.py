"""Where does a door open on streets that have changed?

The rule is that of `snapping`, and `snapping` applies it. Which edges come into question says
an R-tree that can change (rtree): it holds the boxes of the edges on which a door may open at
the moment. The edge whose box is nearest to a point bounds the distance; every edge that may
be as near has its box within that bound.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import rtree
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.live_streets import LiveStreets
from carecircle.isochrones.snapping import TIE_M, Snaps, snap

Box = tuple[float, float, float, float]


class LiveIndex:
    """The edges of changing streets where a door may open; built when it is first asked."""

    def __init__(self, streets: LiveStreets) -> None:
        self.streets = streets
        self._tree: rtree.index.Index | None = None

    def snap(self, xy: NDArray[np.float64], limit_m: float) -> Snaps:
        """Attach points as `snapping.snap` does on a network of the edges that are open.

        Where there is none at all, nothing attaches. Raises ValueError where a coordinate is not
        finite.
        """
        if not np.isfinite(xy).all():
            raise ValueError("a coordinate is not finite")
        if self._tree is None:
            self._tree = self._built()
        edges = sorted({edge for point in xy.tolist() for edge in self._near(*point)})
        if not edges:
            k = len(xy)
            nowhere = np.full(k, -1, np.int32)
            zero = np.zeros(k, np.int64)
            return Snaps(nowhere, zero, zero, nowhere, np.arange(k, dtype=np.int32))
        return self.snap_to(edges, xy, limit_m)

    def snap_to(self, edges: list[int], xy: NDArray[np.float64], limit_m: float) -> Snaps:
        """Attach points to these edges, whose numbers ascend."""
        found = snap(self.streets.part(edges), xy, limit_m)
        number = np.where(found.edge >= 0, np.array(edges)[found.edge], -1).astype(np.int32)
        return replace(found, edge=number)

    def has_doors(self, edge: int) -> bool:
        """Whether a door may open on the edge at the moment."""
        part = self.streets.part([edge])
        return self.streets.walked(edge) and bool(part.edge_attachable[0])

    def add(self, edge: int) -> None:
        """The edge was opened."""
        if self._tree is not None and self.has_doors(edge):
            self._tree.insert(edge, self._box(edge))

    def remove(self, edge: int) -> None:
        """The edge is about to be closed."""
        if self._tree is not None and self.has_doors(edge):
            self._tree.delete(edge, self._box(edge))

    def _near(self, x: float, y: float) -> list[int]:
        """Edges among which the nearest to a place is, and all that may tie with it."""
        assert self._tree is not None
        first = next(iter(self._tree.nearest((x, y, x, y), 1)), None)
        if first is None:
            return []
        line = shapely.linestrings(self.streets.part([first]).node_xy)
        reach = float(shapely.distance(shapely.points(x, y), line)) + 2 * TIE_M
        return list(self._tree.intersection((x - reach, y - reach, x + reach, y + reach)))

    def _built(self) -> rtree.index.Index:
        """The tree as the streets are now."""
        network = self.streets.network
        doors = network.edge_attachable & self.streets.walker.usable(network)
        doors[[edge for edge in self.streets.closed if edge < len(doors)]] = False
        edges = np.flatnonzero(doors)
        ends = network.node_xy[network.edge_nodes[edges]]
        tree = rtree.index.Index()
        if len(edges):
            tree = rtree.index.Index((edges, ends.min(axis=1), ends.max(axis=1)))
        for edge in range(len(doors), self.streets.n_edges):
            if self.has_doors(edge):
                tree.insert(edge, self._box(edge))
        return tree

    def _box(self, edge: int) -> Box:
        (ax, ay), (bx, by) = self.streets.part([edge]).node_xy.tolist()
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)
