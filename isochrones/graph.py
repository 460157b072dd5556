"""Which steps can one walker take, and how long does each take?

Homes and facilities are inserted into the streets exactly where they attach: the edge is
cut at the foot of the point, and the door hangs on its foot by a straight leg that is
walked time. A door may hang on several feet, one for each gate of its quarter. It is a dead
end all the same: a search leaves a door only where it began, so nobody walks through a home.

Uphill a street may take longer than downhill, so every arc has a time of its own. The time
to a cut is ``floor(edge_ms * offset_mm / edge_mm)``, counted from the edge's first node in
each of the two directions, and a piece takes the difference of two such times. The pieces of
an edge therefore always sum to the whole edge, there and back: inserting points changes no
other walk by a single millisecond.

For a walker who must sit down on the way the benches are inserted like doors. Searches do not
know of them: `seats` makes the graph of such walks, and `minutes` refuses this one.

Limits: straight legs are level. A point on an edge which the walker cannot use keeps its
door, but no way leads there; `snapping.snap` avoids this when it is told the walker.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.skeleton import Skeleton, skeleton_of
from carecircle.isochrones.snapping import Snaps, benches_on
from carecircle.isochrones.walkers import FORBIDDEN, Walker
from carecircle.layers.network import WalkNetwork

LONGEST_MS = 2**30 - 1  # 12 days: two such times still add up in 32 bits

# Which walks of residents are asked for: to the facility, or from it.
OneWay = Literal["to", "from"]


@dataclass(frozen=True, eq=False)
class WalkGraph:
    """Directed arcs in milliseconds for one walker, in CSR form; each has a twin back.

    A twin leads the other way along the same piece of street, in a time of its own.

    The arcs that leave node ``u`` are ``indptr[u]:indptr[u + 1]``. Nodes of the network
    keep their numbers; feet and doors of the inserted points follow.

    Attributes
    ----------
    indptr : (n + 1,) int32
    heads, arc_ms : (a,) int32
        Where each arc leads, and its whole milliseconds, 0 allowed.
    back_ms : (a,) int32
        Whole milliseconds of its twin, from its head back to its tail. The same array as
        ``arc_ms`` where every way back takes as long.
    arc_is_street : (a,) bool
        False for the straight legs between foot and door, which are never drawn.
    is_door : (n,) bool
        Nodes that only those walk out of who start there.
    node_xy : (n, 2) float64
        Metres. A door is given the place of its first foot.
    points : tuple of (k,) int32
        Door of each point, in the order of the `Snaps` given; -1 where not attached.
    benches : (b,) int32 or None
        Doors of the benches, where the walker needs them.
    stretch_ms : int or None
        Longest walk from one place to sit to the next: a bench, a home or a facility.
    """

    indptr: NDArray[np.int32]
    heads: NDArray[np.int32]
    arc_ms: NDArray[np.int32]
    back_ms: NDArray[np.int32]
    arc_is_street: NDArray[np.bool_]
    is_door: NDArray[np.bool_]
    node_xy: NDArray[np.float64]
    points: tuple[NDArray[np.int32], ...]
    benches: NDArray[np.int32] | None = None
    stretch_ms: int | None = None

    def search_ms(self, direction: OneWay) -> NDArray[np.int32]:
        """What a search that starts from facilities pays along each arc, (a,).

        Going out along an arc it finds those who walk *to* the facility, along the twin.
        """
        return {"to": self.back_ms, "from": self.arc_ms}[direction]

    def skeleton(self, direction: OneWay) -> Skeleton:
        """The junctions for a search in one direction; made once, when it is first asked for.

        Raises ValueError for a walker who must sit down on the way: see `seats.between_doors`.
        """
        if self.stretch_ms is not None:
            raise ValueError("this walker must sit down on the way: see seats.between_doors")
        alike = self.arc_ms is self.back_ms
        return self._skeleton_from if direction == "from" or alike else self._skeleton_to

    @cached_property
    def _skeleton_from(self) -> Skeleton:
        arcs = self.indptr, self.heads, self.arc_ms, self.back_ms
        return skeleton_of(*arcs, self.is_door, LONGEST_MS)

    @cached_property
    def _skeleton_to(self) -> Skeleton:
        arcs = self.indptr, self.heads, self.back_ms, self.arc_ms
        return skeleton_of(*arcs, self.is_door, LONGEST_MS)


@dataclass(frozen=True, eq=False)
class _Feet:
    """Where the legs of the points of all sets meet the streets, sorted along the edges."""

    edge: NDArray[np.int32]
    offset_mm: NDArray[np.int64]
    leg_mm: NDArray[np.int64]
    node: NDArray[np.int64]
    door: NDArray[np.int64]  # the number after the first foot of the point
    leg: NDArray[np.intp]  # position among the legs of all sets


@dataclass(frozen=True, eq=False)
class ArcOrigins:
    """What each arc of a graph is a piece of.

    Attributes
    ----------
    edge : (a,) int32
        Edge of the network; -1 for straight legs.
    forward : (a,) bool
        Whether the arc leads along its edge from the first node, or from a foot to its door.
    leg : (a,) int32
        Position among the legs of all sets of points, one set after the other; -1 for streets.
    """

    edge: NDArray[np.int32]
    forward: NDArray[np.bool_]
    leg: NDArray[np.int32]


def walk_graph(network: WalkNetwork, walker: Walker, *points: Snaps) -> WalkGraph:
    """The streets as one walker finds them, with the points inserted.

    Raises
    ------
    ValueError
        An edge or a leg takes longer than `LONGEST_MS`, or a point lies off its edge.
    """
    edge_ms = walker.edge_ms(network)
    rests = walker.stretch_ms is not None
    feet, doors = _sorted_feet(len(network.node_xy), _with_benches(network, walker, points))
    leg_ms = walker.leg_ms(feet.leg_mm)
    _refuse_what_does_not_fit(network, edge_ms, leg_ms, feet)

    uncut = _uncut(edge_ms, feet)
    piece_ends, piece_ms, _ = _pieces(network, edge_ms, feet)
    node_xy, is_door = _places(network, feet)

    ends = _ends(network, uncut, piece_ends, feet)
    ms = np.concatenate([edge_ms[uncut], piece_ms, np.column_stack([leg_ms, leg_ms])])
    indptr, order = _by_tail(len(node_xy), ends)
    arc_ms = ms.T.astype(np.int32).ravel()[order]
    there_and_back_alike = (ms[:, 0] == ms[:, 1]).all()
    return WalkGraph(
        indptr=indptr,
        heads=ends[:, ::-1].T.astype(np.int32).ravel()[order],
        arc_ms=arc_ms,
        back_ms=arc_ms if there_and_back_alike else ms[:, ::-1].T.astype(np.int32).ravel()[order],
        arc_is_street=np.tile(np.arange(len(ends)) < len(ends) - len(feet.node), 2)[order],
        is_door=is_door,
        node_xy=node_xy,
        points=doors[:-1] if rests else doors,
        benches=doors[-1] if rests else None,
        stretch_ms=walker.stretch_ms,
    )


def arc_origins(network: WalkNetwork, walker: Walker, *points: Snaps) -> ArcOrigins:
    """Where the arcs of `walk_graph` of the same arguments come from."""
    edge_ms = walker.edge_ms(network)
    feet, _ = _sorted_feet(len(network.node_xy), _with_benches(network, walker, points))
    uncut = _uncut(edge_ms, feet)
    piece_ends, _, piece_edge = _pieces(network, edge_ms, feet)
    ends = _ends(network, uncut, piece_ends, feet)
    streets, legs = np.concatenate([np.flatnonzero(uncut), piece_edge]), feet.leg
    edge = np.concatenate([streets, np.full(len(legs), -1)]).astype(np.int32)
    leg = np.concatenate([np.full(len(streets), -1), legs]).astype(np.int32)
    _, order = _by_tail(int(ends.max(initial=len(network.node_xy) - 1)) + 1, ends)
    return ArcOrigins(
        edge=np.tile(edge, 2)[order],
        forward=(np.arange(2 * len(ends)) < len(ends))[order],
        leg=np.tile(leg, 2)[order],
    )


def _with_benches(
    network: WalkNetwork, walker: Walker, points: tuple[Snaps, ...]
) -> tuple[Snaps, ...]:
    """The sets of points, and one of benches for those who must sit down on the way."""
    if walker.stretch_ms is None:
        return points
    return (*points, benches_on(network, walker))


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
    door = doors[point].astype(np.int64)
    feet = _Feet(edge[order], offset_mm[order], leg_mm[order], node, door, order)
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


def _uncut(edge_ms: NDArray[np.int64], feet: _Feet) -> NDArray[np.bool_]:
    """Usable edges that carry no foot."""
    uncut = edge_ms[:, 0] != FORBIDDEN
    uncut[feet.edge] = False
    return np.asarray(uncut)


def _ends(
    network: WalkNetwork,
    uncut: NDArray[np.bool_],
    piece_ends: NDArray[np.int64],
    feet: _Feet,
) -> NDArray[np.int64]:
    """Both nodes of all whole edges, of all pieces, and of all legs, in this order."""
    legs = np.column_stack([feet.node, feet.door])
    return np.concatenate([network.edge_nodes[uncut].astype(np.int64), piece_ends, legs])


def _pieces(
    network: WalkNetwork, edge_ms: NDArray[np.int64], feet: _Feet
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """The pieces of the edges that carry feet: both ends and milliseconds both ways, (p, 2).

    Then the edge of each.
    """
    usable = edge_ms[feet.edge, 0] != FORBIDDEN
    changes_edge = np.diff(feet.edge, prepend=-1, append=-1) != 0
    starts, ends = changes_edge[:-1], changes_edge[1:]
    edge_mm = network.edge_mm[feet.edge]
    at_ms = edge_ms[feet.edge] * feet.offset_mm[:, None] // np.maximum(edge_mm, 1)[:, None]

    from_node = np.where(starts, network.edge_nodes[feet.edge, 0], np.roll(feet.node, 1))
    from_ms = np.where(starts[:, None], 0, np.roll(at_ms, 1, axis=0))
    before = np.column_stack([from_node, feet.node])[usable]
    before_ms = (at_ms - from_ms)[usable]

    last = ends & usable
    after = np.column_stack([feet.node, network.edge_nodes[feet.edge, 1]])[last]
    after_ms = (edge_ms[feet.edge] - at_ms)[last]
    edge = np.concatenate([feet.edge[usable], feet.edge[last]])
    return np.concatenate([before, after]), np.concatenate([before_ms, after_ms]), edge


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


def _by_tail(n_nodes: int, ends: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """How to gather the arcs, all there and then all back, by the node they leave."""
    tails = ends.T.ravel()
    indptr = np.zeros(n_nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(tails, minlength=n_nodes), out=indptr[1:])
    return indptr, np.argsort(tails, kind="stable")
