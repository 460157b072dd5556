"""In which order do the points of the streets get their numbers?

Along a Hilbert curve, so that neighbours on the ground become neighbours in memory, which the
searches repay; within a cell of the curve from west to east. Several points at one place, such
as the kerbs of a crossing, follow the first of their edges by kind, length and where it leads.
So numbers come from the streets alone: neither the order of the input nor the direction in
which a street was drawn decides anything, also not where two streets are equally near.
"""

from __future__ import annotations

import numpy as np
import shapely
from geopandas import GeoSeries
from numpy.typing import NDArray


def in_place_order(
    xy: NDArray[np.float64],
    ends: NDArray[np.int64],
    mm: NDArray[np.int64],
    kind: NDArray[np.uint8],
) -> NDArray[np.intp]:
    """The points in the order of their numbers.

    ``xy`` (n, 2) are the points; ``ends`` (m, 2) are positions among them.
    """
    order = np.lexsort((xy[:, 1], xy[:, 0], hilbert(xy)))
    is_new = np.ones(len(order), bool)
    is_new[1:] = (np.diff(xy[order], axis=0) != 0).any(axis=1)
    if is_new.all():
        return order
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(is_new)
    shared = np.bincount(place)[place] > 1
    return np.lexsort((rank_by_edges(place, shared, ends, mm, kind), place))


def rank_by_edges(
    place: NDArray[np.int64],
    shared: NDArray[np.bool_],
    ends: NDArray[np.int64],
    mm: NDArray[np.int64],
    kind: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """For points that share their place, how their first edge compares; 0 for all others."""
    point, other = ends.T.ravel(), ends[:, ::-1].T.ravel()
    at = np.flatnonzero(shared[point])
    point, edge = point[at], at % len(ends)
    edges = np.column_stack([kind[edge], mm[edge], place[other[at]]])
    by_point = np.lexsort((*edges.T[::-1], point))
    first = by_point[np.diff(point[by_point], prepend=-1) != 0]
    rank = np.zeros(len(place), np.int64)
    rank[point[first]] = np.unique(edges[first], axis=0, return_inverse=True)[1].ravel()
    return rank


def hilbert(xy: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Place of each point along a Hilbert curve through all of them."""
    distances: NDArray[np.uint32] = GeoSeries(shapely.points(xy)).hilbert_distance().to_numpy()
    return distances
