"""Where on the streets does a point's door open?

Every point attaches to the nearest place of the nearest edge, found with an R-tree over
the straight edges; it is never moved to a far node. Distances are compared in whole
millimetres and ties go to the lowest edge number, so the answer does not depend on the
order of the points or on the last bits of a coordinate.

Limits: nearest means as the crow flies. A wall or a river between a point and its nearest
street is not seen; the straight distance is reported so that somebody can look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.walkers import Walker
from carecircle.layers.network import WalkNetwork

BENCH_WITHIN_M = 30.0  # of a street: one farther off stands on a way that nobody mapped
OTHER_STREET_M = 100.0  # of a door whose nearest street the walker cannot use
TIE_M = 0.001  # edges this much farther than the nearest may still tie with it in whole mm


@dataclass(frozen=True, eq=False)
class Snaps:
    """Where k points attach, each by one leg or, behind gates, by several.

    Attributes
    ----------
    edge : (legs,) int32
        Edge number; -1 where no attachable edge lies within the limit.
    offset_mm : (legs,) int64
        Place on the edge, from its first node: 0 to ``edge_mm``; 0 where edge is -1.
    leg_mm : (legs,) int64
        Walked distance to that place; where edge is -1, to the nearest attachable edge.
    component : (legs,) int32
        Connected part of the network, 0 the largest; -1 where edge is -1.
    point : (legs,) int32
        Position of the point each leg belongs to, ascending. Every point has a leg.
    """

    edge: NDArray[np.int32]
    offset_mm: NDArray[np.int64]
    leg_mm: NDArray[np.int64]
    component: NDArray[np.int32]
    point: NDArray[np.int32]

    def __len__(self) -> int:
        """How many points there are."""
        return int(self.point[-1]) + 1 if len(self.point) else 0

    @property
    def attached(self) -> NDArray[np.bool_]:
        """Which points have a way onto the streets, (k,)."""
        return np.asarray(np.maximum.reduceat(self.edge, self._first_legs) >= 0)

    @property
    def shortest_leg_mm(self) -> NDArray[np.int64]:
        """Shortest leg of each point, (k,); of one that attaches, among those that do."""
        useless = (self.edge < 0) & self.attached[self.point]
        legs = np.where(useless, np.iinfo(np.int64).max, self.leg_mm)
        return np.asarray(np.minimum.reduceat(legs, self._first_legs))

    @property
    def on_island(self) -> NDArray[np.bool_]:
        """Which points attach to small parts of the network only, (k,)."""
        part = np.where(self.edge >= 0, self.component, np.iinfo(np.int32).max)
        return np.asarray((np.minimum.reduceat(part, self._first_legs) > 0) & self.attached)

    def take(self, chosen: NDArray[np.intp]) -> Snaps:
        """Some of the points, by position, in the order asked for."""
        count = np.bincount(self.point, minlength=len(self))[chosen]
        taken = np.repeat(np.arange(len(chosen)), count)
        before = np.cumsum(count) - count
        leg = self._first_legs[chosen][taken] + np.arange(len(taken)) - before[taken]
        return Snaps(
            self.edge[leg],
            self.offset_mm[leg],
            self.leg_mm[leg],
            self.component[leg],
            taken.astype(np.int32),
        )

    @property
    def _first_legs(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.diff(self.point, prepend=-1))


@dataclass(frozen=True, eq=False)
class StreetIndex:
    """An R-tree over the edges where a door may open."""

    tree: shapely.STRtree
    edges: NDArray[np.int64]  # edge number of each line in the tree, ascending


# By network, and by which of its edges are in the index, as bits.
_indexes: WeakKeyDictionary[WalkNetwork, dict[bytes, StreetIndex]] = WeakKeyDictionary()


def snap(
    network: WalkNetwork, xy: NDArray[np.float64], limit_m: float, walker: Walker | None = None
) -> Snaps:
    """Attach points to their nearest attachable edges.

    Parameters
    ----------
    xy : (k, 2) float64
        Eastings and northings in the network's CRS.
    limit_m : float
        Longest straight leg, metres, inclusive.
    walker : Walker, optional
        Where this walker cannot go, on steps or on steep streets, no door opens either.

    Raises
    ------
    ValueError
        The points are no (k, 2) array, a coordinate or the limit is not finite, or the network
        has no attachable edge.
    """
    xy = np.asarray(xy, dtype=np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise ValueError(f"points are given as (k, 2) eastings and northings, not {xy.shape}")
    if not np.isfinite(xy).all():
        raise ValueError("a coordinate is not finite")
    if not (np.isfinite(limit_m) and limit_m >= 0):
        raise ValueError(f"the snap limit must be 0 m or more, not {limit_m}")
    index = street_index(network, walker)
    point, edge = _nearest_edges(index, xy)
    fraction, leg_m = _nearest_place(network, edge, xy[point])
    leg_mm = np.rint(leg_m * 1000).astype(np.int64)

    first = _first_of_each_point(np.lexsort((edge, leg_mm, point)), point)
    edge, leg_mm = edge[first], leg_mm[first]
    offset_mm = np.rint(fraction[first] * network.edge_mm[edge]).astype(np.int64)
    near = leg_mm <= round(limit_m * 1000)
    return Snaps(
        edge=np.where(near, edge, -1).astype(np.int32),
        offset_mm=np.where(near, offset_mm, 0),
        leg_mm=leg_mm,
        component=np.where(near, network.node_component[network.edge_nodes[edge, 0]], -1).astype(
            np.int32
        ),
        point=np.arange(len(edge), dtype=np.int32),
    )


def snap_doors(
    network: WalkNetwork,
    xy: NDArray[np.float64],
    limit_m: float,
    walker: Walker | None = None,
    other_street_m: float | NDArray[np.float64] = OTHER_STREET_M,
) -> Snaps:
    """Attach places that have a way in and out: homes, entrances, gates.

    Whose nearest street is one that the walker cannot use, such as steps, is taken to open onto
    it. Another street is the way out only within ``other_street_m``, one for all or one for
    each; beyond that there is none, however near the limit would let it be.
    """
    found = snap(network, xy, limit_m, walker)
    if walker is None or walker.usable(network).all():
        return found
    opens_elsewhere = snap(network, xy, limit_m).leg_mm < found.leg_mm
    shut = opens_elsewhere & (found.leg_mm > np.rint(1000 * np.asarray(other_street_m)))
    return replace(
        found,
        edge=np.where(shut, np.int32(-1), found.edge),
        offset_mm=np.where(shut, 0, found.offset_mm),
        component=np.where(shut, np.int32(-1), found.component),
    )


def benches_on(network: WalkNetwork, walker: Walker) -> Snaps:
    """The places to sit along the streets, each once: nothing is walked from street to bench.

    Raises
    ------
    ValueError
        The network was read without its benches.
    """
    if network.bench_xy is None:
        raise ValueError("this walker needs benches, and the network has none read")
    found = snap(network, network.bench_xy, BENCH_WITHIN_M, walker)
    beside = np.flatnonzero(found.edge >= 0)
    places = np.column_stack([found.edge[beside], found.offset_mm[beside]])
    _, first = np.unique(places, axis=0, return_index=True)
    snaps = found.take(beside[np.sort(first)])
    return replace(snaps, leg_mm=np.zeros_like(snaps.leg_mm))


def street_index(network: WalkNetwork, walker: Walker | None = None) -> StreetIndex:
    """The network's R-tree, built once for all walkers who can use the same edges."""
    usable = network.edge_attachable
    if walker is not None:
        usable = usable & walker.usable(network)
    kept = _indexes.setdefault(network, {})
    key = np.packbits(usable).tobytes()
    if key not in kept:
        edges = np.flatnonzero(usable)
        if edges.size == 0:
            raise ValueError("the network has no edge where a door may open")
        lines = shapely.linestrings(network.node_xy[network.edge_nodes[edges]])
        kept[key] = StreetIndex(shapely.STRtree(lines), edges)
    return kept[key]


def _nearest_edges(
    index: StreetIndex, xy: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (point, edge): for each point its nearest edge and all that may tie with it."""
    points = shapely.points(xy)
    (point, _), distance = index.tree.query_nearest(points, all_matches=False, return_distance=True)
    nearest = np.empty(len(xy))
    nearest[point] = distance
    point, line = index.tree.query(points, predicate="dwithin", distance=nearest + TIE_M)
    return point, index.edges[line]


def _nearest_place(
    network: WalkNetwork, edge: NDArray[np.int64], xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fraction along each edge of the place nearest to each point, and the distance in metres."""
    ends = network.node_xy[network.edge_nodes[edge]]
    start, along = ends[:, 0], ends[:, 1] - ends[:, 0]
    squared = (along**2).sum(axis=1)
    ahead = ((xy - start) * along).sum(axis=1)
    fraction = np.divide(ahead, squared, out=np.zeros_like(ahead), where=squared > 0).clip(0, 1)
    to_place = xy - (start + fraction[:, None] * along)
    return fraction, np.hypot(to_place[:, 0], to_place[:, 1])


def _first_of_each_point(order: NDArray[np.int64], point: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of pairs sorted by point, the position of the first pair of each point."""
    _, first = np.unique(point[order], return_index=True)
    return order[first]
