"""Straight edges cut into pieces at stated places.

A place on an edge is its *share*: 0 at the first end, 1 at the second. A piece runs between two
neighbouring places and keeps everything its edge had.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Divided:
    """Edges after cutting.

    Attributes
    ----------
    ends : (m, 2) int64
        The two points of each piece; new points are numbered on from the old ones.
    parent : (m,) int64
        The edge each piece was cut from, ascending.
    span : (m, 2) float64
        The shares of the parent at which the piece begins and ends.
    node : (k,) int64
        The point at which each place asked for now is; an end of the edge where that is it.
    new_edge : (p,) int64, new_share : (p,) float64
        Where the new points lie.
    """

    ends: Ints
    parent: Ints
    span: Floats
    node: Ints
    new_edge: Ints
    new_share: Floats


def divide(ends: Ints, points: int, edge: Ints, share: Floats) -> Divided:
    """Cut edges at places.

    Parameters
    ----------
    ends : (m, 2) int64
        The two points of each edge.
    points : int
        How many points there are.
    edge, share : (k,) int64, (k,) float64
        The places; repeated ones are cut once, shares of 0 and 1 not at all.
    """
    inner = (share > 0) & (share < 1)
    order = np.lexsort((share[inner], edge[inner]))
    sorted_edge, sorted_share = edge[inner][order], share[inner][order]
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(sorted_edge) != 0) | (np.diff(sorted_share) != 0)
    new_edge, new_share = sorted_edge[first], sorted_share[first]

    node = ends[edge, (share >= 1).astype(int)]
    number = np.empty(len(order), np.int64)
    number[order] = points + np.cumsum(first) - 1
    node[inner] = number

    stop_edge = np.concatenate([np.repeat(np.arange(len(ends)), 2), new_edge])
    stop_share = np.concatenate([np.tile([0.0, 1.0], len(ends)), new_share])
    stop_node = np.concatenate([ends.ravel(), points + np.arange(len(new_edge))])
    along = np.lexsort((stop_share, stop_edge))
    stop_edge, stop_share, stop_node = stop_edge[along], stop_share[along], stop_node[along]
    piece = np.flatnonzero(np.diff(stop_edge) == 0)
    return Divided(
        ends=np.column_stack([stop_node[piece], stop_node[piece + 1]]),
        parent=stop_edge[piece],
        span=np.column_stack([stop_share[piece], stop_share[piece + 1]]),
        node=node,
        new_edge=new_edge,
        new_share=new_share,
    )
