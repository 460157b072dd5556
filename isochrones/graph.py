"""Which steps can one walker take, and how long does each take?

Homes and facilities are inserted into the streets exactly where they attach: the edge is
cut at the foot of the point, and the door hangs on its foot by a straight leg that is
walked time. A door may hang on several feet, one for each gate of its quarter. It is a dead
end all the same: a search leaves a door only where it began, so nobody walks through a home.

The time to a cut is ``floor(edge_ms * offset_mm / edge_mm)`` from the edge's first node
and a piece takes the difference of two such times. The pieces of an edge therefore always
sum to the whole edge: inserting points changes no other walk by a single millisecond.

Limits: every street is walked both ways at one speed; there is no slope. A point on an
edge which the walker cannot use keeps its door, but no way leads there; `snapping.snap`
avoids this when it is told the walker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import FORBIDDEN, Walker
from carecircle.layers.network import WalkNetwork

LONGEST_MS = 2**30 - 1  # 12 days: two such times still add up in 32 bits


@dataclass(frozen=True, eq=False)
class WalkGraph:
    """Directed arcs in milliseconds for one walker, in CSR form; each has a twin back.

    The arcs that leave node ``u`` are ``indptr[u]:indptr[u + 1]``. Nodes of the network
    keep their numbers; feet and doors of the inserted points follow.

    Attributes
    ----------
    indptr : (n + 1,) int32
    heads, arc_ms : (a,) int32
        Where each arc leads, and its whole milliseconds, 0 allowed.
    arc_is_street : (a,) bool
        False for the straight legs between foot and door, which are never drawn.
    is_door : (n,) bool
        Nodes that only those walk out of who start there.
    node_xy : (n, 2) float64
        Metres. A door is given the place of its first foot.
    points : tuple of (k,) int32
        Door of each point, in the order of the `Snaps` given; -1 where not attached.
    """

    indptr: NDArray[np.int32]
    heads: NDArray[np.int32]
    arc_ms: NDArray[np.int32]
    arc_is_street: NDArray[np.bool_]
    is_door: NDArray[np.bool_]
    node_xy: NDArray[np.float64]
    points: tuple[NDArray[np.int32], ...]


@dataclass(frozen=True, eq=False)
class _Feet:
    """Where the legs of the points of all sets meet the streets, sorted along the edges."""

    edge: NDArray[np.int32]
    offset_mm: NDArray[np.int64]
    leg_mm: NDArray[np.int64]
    node: NDArray[np.int64]
    door: NDArray[np.int64]  # the number after the first foot of the point


def walk_graph(network: WalkNetwork, walker: Walker, *points: Snaps) -> WalkGraph:
    """The streets as one walker finds them, with the points inserted.

    Raises
    ------
    ValueError
        An edge or a leg takes longer than `LONGEST_MS`, or a point lies off its edge.
    """
    edge_ms = walker.edge_ms(network.edge_mm, network.edge_kind)
    feet, doors = _sorted_feet(len(network.node_xy), points)
    leg_ms = walker.leg_ms(feet.leg_mm)
    _refuse_what_does_not_fit(network, edge_ms, leg_ms, feet)

    uncut = edge_ms != FORBIDDEN
    uncut[feet.edge] = False
    whole = network.edge_nodes[uncut].astype(np.int64)
    piece_ends, piece_ms = _pieces(network, edge_ms, feet)
    legs = np.column_stack([feet.node, feet.door])
    node_xy, is_door = _places(network, feet)

    indptr, heads, arc_ms, arc_is_street = _csr(
        len(node_xy),
        ends=np.concatenate([whole, piece_ends, legs]),
        ms=np.concatenate([edge_ms[uncut], piece_ms, leg_ms]),
        is_street=np.arange(len(whole) + len(piece_ends) + len(legs))
        < len(whole) + len(piece_ends),
    )
    return WalkGraph(indptr, heads, arc_ms, arc_is_street, is_door, node_xy, doors)


def _sorted_feet(
    n_nodes: int, points: tuple[Snaps, ...]
) -> tuple[_Feet, tuple[NDArray[np.int32], ...]]:
    """Feet numbered along the edges, which keeps neighbours near in memory, and the doors."""
    edge = np.concatenate([np.empty(0, np.int32), *(snaps.edge for snaps in points)])
    offset_mm = np.concatenate([np.empty(0, np.int64), *(snaps.offset_mm for snaps in points)])
    leg_mm = np.concatenate([np.empty(0, np.int64), *(snaps.leg_mm for snaps in points)])
    ends = np.cumsum([0, *(len(snaps) for snaps in points)])
    point = np.concatenate(
        [np.empty(0, np.int32), *(s.point + end for s, end in zip(points, ends[:-1], strict=True))]
    )

    attached = np.flatnonzero(edge >= 0)
    order = attached[np.lexsort((offset_mm[attached], edge[attached]))]
    point = point[order]
    opened, first = np.unique(point, return_index=True)
    is_first = np.zeros(len(order), bool)
    is_first[first] = True
    node = n_nodes + np.arange(len(order)) + np.cumsum(is_first) - is_first
    doors = np.full(ends[-1], -1, dtype=np.int32)
    doors[opened] = node[first] + 1
    feet = _Feet(edge[order], offset_mm[order], leg_mm[order], node, doors[point].astype(np.int64))
    return feet, tuple(np.split(doors, ends[1:-1])) if points else ()


def _refuse_what_does_not_fit(
    network: WalkNetwork, edge_ms: NDArray[np.int64], leg_ms: NDArray[np.int64], feet: _Feet
) -> None:
    """Raise where 32-bit times would be wrong, or a foot is beyond the end of its edge."""
    for what, longest in ("edge", edge_ms), ("straight leg", leg_ms), ("edge", network.edge_mm):
        if longest.max(initial=0) > LONGEST_MS:
            raise ValueError(f"an {what} is too long to be walked: {longest.max()}")
    if ((feet.offset_mm < 0) | (feet.offset_mm > network.edge_mm[feet.edge])).any():
        raise ValueError("a point attaches beyond the end of its edge")


def _pieces(
    network: WalkNetwork, edge_ms: NDArray[np.int64], feet: _Feet
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pieces of the edges that carry feet: both ends (p, 2) and milliseconds (p,)."""
    usable = edge_ms[feet.edge] != FORBIDDEN
    changes_edge = np.diff(feet.edge, prepend=-1, append=-1) != 0
    starts, ends = changes_edge[:-1], changes_edge[1:]
    edge_mm = network.edge_mm[feet.edge]
    at_ms = edge_ms[feet.edge] * feet.offset_mm // np.maximum(edge_mm, 1)

    from_node = np.where(starts, network.edge_nodes[feet.edge, 0], np.roll(feet.node, 1))
    from_ms = np.where(starts, 0, np.roll(at_ms, 1))
    before = np.column_stack([from_node, feet.node])[usable]
    before_ms = (at_ms - from_ms)[usable]

    last = ends & usable
    after = np.column_stack([feet.node, network.edge_nodes[feet.edge, 1]])[last]
    after_ms = (edge_ms[feet.edge] - at_ms)[last]
    return np.concatenate([before, after]), np.concatenate([before_ms, after_ms])


def _places(network: WalkNetwork, feet: _Feet) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Easting and northing of all nodes, and which of them are doors."""
    start, end = network.node_xy[network.edge_nodes[feet.edge]].transpose(1, 0, 2)
    fraction = feet.offset_mm / np.maximum(network.edge_mm[feet.edge], 1)
    foot_xy = start + fraction[:, None] * (end - start)

    n_nodes = len(network.node_xy)
    is_door = np.ones(n_nodes + len(feet.node) + len(np.unique(feet.door)), bool)
    is_door[:n_nodes] = is_door[feet.node] = False
    xy = np.empty((len(is_door), 2))
    xy[:n_nodes], xy[feet.node] = network.node_xy, foot_xy
    xy[is_door] = xy[np.flatnonzero(is_door) - 1]
    return xy, is_door


def _csr(
    n_nodes: int,
    ends: NDArray[np.int64],
    ms: NDArray[np.int64],
    is_street: NDArray[np.bool_],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:
    """Arcs both ways, gathered by the node they leave."""
    tails = np.concatenate([ends[:, 0], ends[:, 1]])
    heads = np.concatenate([ends[:, 1], ends[:, 0]]).astype(np.int32)
    order = np.argsort(tails, kind="stable")
    indptr = np.zeros(n_nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(tails, minlength=n_nodes), out=indptr[1:])
    both_ms, both_street = np.tile(ms.astype(np.int32), 2), np.tile(is_street, 2)
    return indptr, heads[order], both_ms[order], both_street[order]
