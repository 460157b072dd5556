"""Where in its outline does a building or a plot open onto the streets?

Nobody told where the door is: it is taken to be at the place of the outline that is nearest to
a street where a door may open, as the crow flies. Distances are compared in whole millimetres,
and ties go to the lowest edge number, then to the most westerly and southerly place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.snapping import TIE_M, street_index
from carecircle.layers.network import WalkNetwork


def doors_of(network: WalkNetwork, shapes: NDArray[Any]) -> NDArray[Any]:
    """The door of each shape: a point itself, of a polygon a point of its outline."""
    doors = shapes.copy()
    polygons = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if not len(polygons):
        return doors
    index = street_index(network)
    outlines = shapely.boundary(shapes[polygons])
    (_, _), away_m = index.tree.query_nearest(outlines, all_matches=False, return_distance=True)
    at, line = index.tree.query(outlines, predicate="dwithin", distance=away_m + TIE_M)
    streets = shapely.linestrings(network.node_xy[network.edge_nodes[index.edges[line]]])
    shortest = shapely.shortest_line(outlines[at], streets)
    ends = shapely.get_coordinates(shortest).reshape(-1, 2, 2)[:, 0].round(3)
    mm = np.rint(1000 * shapely.length(shortest)).astype(np.int64)
    order = np.lexsort((ends[:, 1], ends[:, 0], index.edges[line], mm, at))
    found, first = np.unique(at[order], return_index=True)
    doors[polygons[found]] = shapely.points(ends[order[first]])
    return doors
