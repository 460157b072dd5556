"""Where on the streets could a new station stand?

Places are nodes of the street network in or near (50 m) the under-served quarters, where a
door can open on some edge that is neither steps nor lift, on a part of the network that
under-served homes are on. One is kept in each cell of a square grid: where most edges
meet, because a corner is easier to find and to reach than a bend; of equal ones the most
westerly, then the most southerly. Two runs over the same streets give the same places.

Limits: nothing is known about land, ownership or buildings there. Where the grid would
give more places than can be compared, its cells are made larger until it does not, and the
spacing used is returned with them.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.layers.network import EDGE_KINDS, WalkNetwork

NEAR_M = 50.0
WIDER = 1.5  # leaves less than half of the cells
NO_STATION_ON = (EDGE_KINDS.index("steps"), EDGE_KINDS.index("lift"))


def street_candidates(
    network: WalkNetwork,
    quarters: NDArray[np.object_],
    components: NDArray[np.int32],
    spacing_m: float,
    most: int,
) -> tuple[NDArray[np.int64], float]:
    """Candidate sites along the streets of the under-served quarters.

    Parameters
    ----------
    quarters : (k,) polygons
        Those with under-served people, in the network's CRS.
    components : int32
        Parts of the network that under-served homes are on.
    spacing_m : float
        Side of a grid cell, metres.
    most : int
        No more candidates than this.

    Returns
    -------
    nodes : (c,) int64
        Node numbers, from west to east.
    spacing_m : float
        Side of the cells in the end.
    """
    nodes = possible_nodes(network, quarters, components)
    thinned = one_per_cell(network, nodes, spacing_m)
    while len(thinned) > most:
        spacing_m *= WIDER
        thinned = one_per_cell(network, nodes, spacing_m)
    return thinned, spacing_m


def possible_nodes(
    network: WalkNetwork, quarters: NDArray[np.object_], components: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Nodes where a station's door could open, in or near the quarters."""
    opens = network.edge_attachable & ~np.isin(network.edge_kind, NO_STATION_ON)
    node = np.unique(network.edge_nodes[opens])
    node = node[np.isin(network.node_component[node], components)]
    places = shapely.points(network.node_xy[node])
    near, _ = shapely.STRtree(quarters).query(places, predicate="dwithin", distance=NEAR_M)
    possible: NDArray[np.int64] = node[np.unique(near)].astype(np.int64)
    return possible


def one_per_cell(
    network: WalkNetwork, nodes: NDArray[np.int64], spacing_m: float
) -> NDArray[np.int64]:
    """The best connected node of each grid cell, from west to east."""
    meeting = np.bincount(network.edge_nodes.ravel(), minlength=len(network.node_xy))[nodes]
    x, y = network.node_xy[nodes].T
    cell = np.floor(network.node_xy[nodes] / spacing_m).astype(np.int64)
    best_first = np.lexsort((nodes, y, x, -meeting))
    _, first = np.unique(cell[best_first], axis=0, return_index=True)
    kept = best_first[first]
    return nodes[kept[np.lexsort((nodes[kept], y[kept], x[kept]))]]
