"""Which parts of which streets lie within the limit?

Exactly: a street is cut at the place from which the walk takes the limit, from both ends
where its middle is out of reach. Where walks of two facilities meet on a street, it is cut
at the place from which both take equally long, so every piece has one nearest facility.

Times on a street grow evenly from either end, each end with the time of the direction that
is walked: somebody on the street who goes to a facility walks towards the end. Limits: for
``round_trip`` and ``worse`` a place is taken to leave its street by the end it came in by, and
for ``worse`` both ends and the street by their worse direction; so a street may be drawn a
little short, never long. The same holds for walkers who must sit down on the way (`seats`).
Straight legs from doors to streets take time and are not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.graph import WalkGraph
from carecircle.isochrones.minutes import Direction


@dataclass(frozen=True, eq=False)
class ReachedNodes:
    """The nodes in reach, ascending, with the walk of each and whose it is."""

    node: NDArray[np.int32]
    ms: NDArray[np.int64]
    owner: NDArray[np.int32]  # position of the nearest facility
    rest_ms: NDArray[np.int64] | None = None  # so far on until they must sit; None: never

    def within(self, limit_ms: int) -> ReachedNodes:
        """Those of them within a shorter limit."""
        near = self.ms <= limit_ms
        rest_ms = None if self.rest_ms is None else self.rest_ms[near]
        return ReachedNodes(self.node[near], self.ms[near], self.owner[near], rest_ms)

    def on_ms(self, limit_ms: int) -> NDArray[np.int64]:
        """How far on from each node somebody may still walk."""
        left_ms = limit_ms - self.ms
        return left_ms if self.rest_ms is None else np.minimum(left_ms, self.rest_ms)


@dataclass(frozen=True, eq=False)
class Pieces:
    """Straight pieces of streets: both ends (p, 2, 2) in metres, and whose they are (p,)."""

    ends: NDArray[np.float64]
    owner: NDArray[np.int32]

    def __len__(self) -> int:
        """How many pieces there are."""
        return len(self.ends)

    def of(self, owner: int) -> Pieces:
        """The pieces of one facility."""
        own = self.owner == owner
        return Pieces(self.ends[own], self.owner[own])

    def lines(self) -> shapely.MultiLineString:
        """All pieces as one geometry, joined to long lines where they meet end to end."""
        merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(self.ends)))
        return shapely.multilinestrings(shapely.get_parts(merged))


def reached_pieces(
    graph: WalkGraph, reached: ReachedNodes, limit_ms: int, direction: Direction = "to"
) -> Pieces:
    """The pieces of streets within the limit, given all nodes within it.

    From each node somebody gets as far along a street as the time left allows. A street that
    two walks of one facility cover together is drawn once and whole. A street reached at a
    single point only is left out.
    """
    reached = reached.within(limit_ms)
    arc, tail = _street_arcs_from(graph, reached.node)
    head, head_reached = _position(reached.node, graph.heads[arc])
    if direction == "round_trip" and reached.rest_ms is not None:
        direction = "worse"  # both ways must keep within a stretch, not half of them
    near_ms, far_ms = (times[arc].astype(np.int64) for times in _takes_ms(graph, direction))
    left_ms = limit_ms - reached.ms[tail]
    left_at_head_ms = np.where(head_reached, limit_ms - reached.ms[head], 0)
    on_ms = reached.on_ms(limit_ms)
    on_at_head_ms = np.where(head_reached, on_ms[head], 0)

    # The parts reached from both ends make up the whole; both sides times near_ms * far_ms.
    meet = head_reached & (on_ms[tail] * far_ms + on_at_head_ms * near_ms >= near_ms * far_ms)
    whole = meet & (reached.owner[tail] == reached.owner[head])
    until = np.minimum(1.0, on_ms[tail] / np.maximum(near_ms, 1))
    later_ms = left_ms - left_at_head_ms + far_ms
    border = (later_ms / np.maximum(near_ms + far_ms, 1)).clip(0, 1)
    until = np.where(whole, 1.0, np.where(meet, np.minimum(until, border), until))

    start, end = graph.node_xy[reached.node[tail]], graph.node_xy[graph.heads[arc]]
    ends = np.stack([start, start + until[:, None] * (end - start)], axis=1)
    drawn_by_its_twin = whole & (tail > head)
    drawn = (ends[:, 0] != ends[:, 1]).any(axis=1) & ~drawn_by_its_twin
    return Pieces(ends[drawn], reached.owner[tail[drawn]])


def _takes_ms(
    graph: WalkGraph, direction: Direction
) -> tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]:
    """Time over each whole arc for the walk by its tail, and for the walk by its head."""
    by_tail, by_head = graph.search_ms("to"), graph.search_ms("from")
    if direction == "to":
        return by_tail, by_head
    if direction == "from":
        return by_head, by_tail
    both = np.maximum(by_tail, by_head)
    if direction == "round_trip":
        both = (by_tail.astype(np.int64) + by_head + 1) // 2
    return both, both


def _street_arcs_from(
    graph: WalkGraph, nodes: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every street arc that leaves one of the nodes, and that node's position among them."""
    first = graph.indptr[nodes].astype(np.int64)
    count = graph.indptr[nodes + 1] - first
    tail = np.repeat(np.arange(len(nodes)), count)
    arc = first[tail] + np.arange(len(tail)) - np.repeat(np.cumsum(count) - count, count)
    is_street = graph.arc_is_street[arc]
    return arc[is_street], tail[is_street]


def _position(
    nodes: NDArray[np.int32], wanted: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where the wanted nodes stand among ascending ones, and whether they are among them."""
    if len(nodes) == 0:
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    at = np.searchsorted(nodes, wanted).clip(max=len(nodes) - 1)
    return at, nodes[at] == wanted
