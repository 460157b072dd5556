"""Where on the streets could a new station stand?

Places along the streets in or round (50 m, unless asked otherwise) the under-served quarters,
where a door can open on an edge that is neither steps nor lift: the ends of each edge, points
between them no further apart than the spacing, and the places where the doors of under-served
homes open, so that a home set far back from its street has a candidate too. All lie on a part
of the network that under-served homes are on.

One is kept in each cell of a square grid: where most edges meet, because a corner is easier
to find and to reach than a bend; of equal ones the most westerly, then the most southerly.
Two runs over the same streets give the same places.

Limits: nothing is known about land, ownership or buildings there. Where the grid would
give more places than can be compared, its cells are made larger until it does not, and the
spacing used is returned with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.snapping import Snaps
from carecircle.layers.network import EDGE_KINDS, WalkNetwork

NEAR_M = 50.0
WIDER = 1.5  # leaves less than half of the cells
NO_STATION_ON = (EDGE_KINDS.index("steps"), EDGE_KINDS.index("lift"))


@dataclass(frozen=True, eq=False)
class Places:
    """Places on the streets.

    Attributes
    ----------
    edge : (k,) int32
    offset_mm : (k,) int64
        Where on the edge, from its first node.
    meeting : (k,) int64
        How many edges meet there; 2 inside an edge.
    xy : (k, 2) float64
        Metres, in the network's CRS.
    """

    edge: NDArray[np.int32]
    offset_mm: NDArray[np.int64]
    meeting: NDArray[np.int64]
    xy: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, chosen: NDArray[np.intp]) -> Places:
        """Some of them, in the order asked for."""
        return Places(
            self.edge[chosen], self.offset_mm[chosen], self.meeting[chosen], self.xy[chosen]
        )

    def snaps(self, network: WalkNetwork) -> Snaps:
        """As points that stand on their street, to be inserted into a graph."""
        return Snaps(
            edge=self.edge,
            offset_mm=self.offset_mm,
            leg_mm=np.zeros(len(self), np.int64),
            component=network.node_component[network.edge_nodes[self.edge, 0]],
            point=np.arange(len(self), dtype=np.int32),
        )


def street_candidates(
    network: WalkNetwork,
    quarters: NDArray[np.object_],
    homes: Snaps,
    spacing_m: float,
    most: int,
) -> tuple[Places, float]:
    """Candidate sites along the streets of the under-served quarters.

    Parameters
    ----------
    quarters : (k,) polygons
        Those with under-served people, in the network's CRS.
    homes : Snaps
        Where the under-served homes attach.
    spacing_m : float
        Side of a grid cell, metres.
    most : int
        No more candidates than this.

    Returns
    -------
    places : Places
        From west to east.
    spacing_m : float
        Side of the cells in the end.
    """
    return thinned_to(possible_places(network, quarters, homes, spacing_m), spacing_m, most)


def thinned_to(possible: Places, spacing_m: float, most: int) -> tuple[Places, float]:
    """One place for each cell of the grid, and its side: wider where there would be too many."""
    thinned = one_per_cell(possible, spacing_m)
    while len(thinned) > most:
        spacing_m *= WIDER
        thinned = one_per_cell(possible, spacing_m)
    return thinned, spacing_m


def possible_places(
    network: WalkNetwork,
    quarters: NDArray[np.object_],
    homes: Snaps,
    spacing_m: float,
    around_m: float = NEAR_M,
) -> Places:
    """Where a station's door could open, in or round the quarters or at a home's own door."""
    opens = network.edge_attachable & ~np.isin(network.edge_kind, NO_STATION_ON)
    component = network.node_component[network.edge_nodes[:, 0]]
    lived_on = np.isin(component, np.unique(homes.component[homes.edge >= 0]))
    along = along_edges(network, np.flatnonzero(opens & lived_on), spacing_m)
    near, _ = shapely.STRtree(quarters).query(
        shapely.points(along.xy), predicate="dwithin", distance=around_m
    )
    attached = np.flatnonzero(homes.edge >= 0)
    at_homes = attached[opens[homes.edge[attached]]]
    doors = places_at(
        network,
        homes.edge[at_homes],
        homes.offset_mm[at_homes],
        np.full(len(at_homes), 2, np.int64),
    )
    return joined(along.take(np.unique(near)), doors)


def along_edges(network: WalkNetwork, edges: NDArray[np.intp], spacing_m: float) -> Places:
    """Both ends of each edge, and between them places no further apart than the spacing."""
    mm = network.edge_mm[edges]
    pieces = np.maximum(1, np.ceil(mm / (1000 * spacing_m)).astype(np.int64))
    edge = np.repeat(edges, pieces + 1)
    ends = np.cumsum(pieces + 1)
    step = np.arange(len(edge)) - np.repeat(ends - pieces - 1, pieces + 1)
    last = np.repeat(pieces, pieces + 1)

    degree = np.bincount(network.edge_nodes.ravel(), minlength=len(network.node_xy))
    first_node, last_node = network.edge_nodes[edge].T
    meeting = np.where(step == last, degree[last_node], 2)
    meeting = np.where(step == 0, degree[first_node], meeting)
    return places_at(network, edge.astype(np.int32), network.edge_mm[edge] * step // last, meeting)


def places_at(
    network: WalkNetwork,
    edge: NDArray[np.int32],
    offset_mm: NDArray[np.int64],
    meeting: NDArray[np.int64],
) -> Places:
    """Places with their coordinates; at the end of an edge exactly those of its node."""
    start, end = network.node_xy[network.edge_nodes[edge]].transpose(1, 0, 2)
    fraction = (offset_mm / np.maximum(network.edge_mm[edge], 1))[:, None]
    return Places(edge, offset_mm, meeting, start * (1 - fraction) + end * fraction)


def joined(some: Places, others: Places) -> Places:
    """Two lists of places as one."""
    return Places(
        np.concatenate([some.edge, others.edge]),
        np.concatenate([some.offset_mm, others.offset_mm]),
        np.concatenate([some.meeting, others.meeting]),
        np.concatenate([some.xy, others.xy]),
    )


def one_per_cell(places: Places, spacing_m: float) -> Places:
    """The best connected place of each grid cell, from west to east."""
    x, y = places.xy.T
    cell = np.floor(places.xy / spacing_m).astype(np.int64)
    best_first = np.lexsort((places.edge, y, x, -places.meeting))
    _, first = np.unique(cell[best_first], axis=0, return_index=True)
    kept = best_first[first]
    return places.take(kept[np.lexsort((places.edge[kept], y[kept], x[kept]))])
