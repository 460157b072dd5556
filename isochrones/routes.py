"""By which way does somebody walk, and what costs the time?

A search from the start gives the walk to every node; the route is found back from its end
along arcs whose time is exactly the difference of the walks to their two ends. Of routes
equally long the one with fewest arcs is taken; of those, back from the end, the lowest nodes.

Every millisecond of a street goes to one part of the walk: ``steps`` and ``waits`` have whole
arcs; the others are split into ``level``, what the arc would take on level ground, and
``climb``, what its slope adds, below 0 where a slope law makes descents quicker.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.graph import WalkGraph, arc_origins, walk_graph
from carecircle.isochrones.minutes import NEVER, nearest
from carecircle.isochrones.seats import between_doors, never_sitting, numbered, seats_of
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import STEPS, Walker
from carecircle.layers.network import EDGE_KINDS, WAIT_KINDS, WalkNetwork

WAITS = np.array([EDGE_KINDS.index(kind) for kind in WAIT_KINDS])


@dataclass(frozen=True, eq=False)
class Route:
    """One walk, arc by arc.

    Attributes
    ----------
    xy : (s + 1, 2) float64
        Places between the arcs; a door has the place of its first foot.
    edge : (s,) int32
        Edge of the network; -1 for the straight legs at the ends.
    leg : (s,) int32
        Position of the leg among those of all points; -1 on streets.
    ms, level_ms, mm : (s,) int64
        Time, the time on level ground, and length. Legs have no ``mm`` of their own.
    rise_m : (s,) float64
        Metres up, below 0 down; 0 where no heights are known.
    rests : tuple of int
        Before which arcs the walker sits down on a bench, ascending.
    """

    xy: NDArray[np.float64]
    edge: NDArray[np.int32]
    leg: NDArray[np.int32]
    ms: NDArray[np.int64]
    level_ms: NDArray[np.int64]
    mm: NDArray[np.int64]
    rise_m: NDArray[np.float64]
    rests: tuple[int, ...]

    def parts_ms(self, network: WalkNetwork) -> dict[str, int]:
        """Milliseconds on streets by part; with ``legs`` they sum to the walk."""
        kind = np.where(self.edge >= 0, network.edge_kind[self.edge], len(EDGE_KINDS))
        steps, waits, legs = kind == STEPS, np.isin(kind, WAITS), self.edge < 0
        rest = ~(steps | waits | legs)
        return {
            "level": int(self.level_ms[rest].sum()),
            "climb": int((self.ms - self.level_ms)[rest].sum()),
            "steps": int(self.ms[steps].sum()),
            "waits": int(self.ms[waits].sum()),
            "legs": int(self.ms[legs].sum()),
        }


class Walkable:
    """The streets with points inserted, as one walker finds them, to be asked for routes."""

    def __init__(self, network: WalkNetwork, walker: Walker, *points: Snaps) -> None:
        self.network = network
        self.graph = walk_graph(network, walker, *points)
        self.seats = between_doors(self.graph)  # the same graph for those who never sit
        self.searched = never_sitting(self.graph)
        # the same arcs, because the same streets are usable: in level time, and in millimetres
        self.level = walk_graph(network, replace(walker, slope_law="none"), *points)
        self.ruler = walk_graph(network, ruler_of(walker), *points)
        self.origins = arc_origins(network, walker, *points)

    def route(self, start: int, end: int) -> Route | None:
        """The walk from one door to another; None where there is none."""
        stretches = self.stretches(start, end)
        if stretches is None:
            return None
        arcs = np.concatenate(stretches)
        tails = np.searchsorted(self.graph.indptr, arcs, side="right") - 1
        edge = self.origins.edge[arcs]
        mm = self.ruler.arc_ms[arcs].astype(np.int64)
        return Route(
            xy=self.graph.node_xy[np.append(tails, end)],
            edge=edge,
            leg=self.origins.leg[arcs],
            ms=self.graph.arc_ms[arcs].astype(np.int64),
            level_ms=self.level.arc_ms[arcs].astype(np.int64),
            mm=mm,
            rise_m=risen_m(self.network, edge, mm, self.origins.forward[arcs]),
            rests=tuple(np.cumsum([len(some) for some in stretches[:-1]], dtype=int).tolist()),
        )

    def stretches(self, start: int, end: int) -> list[NDArray[np.intp]] | None:
        """The arcs of the walk, from seat to seat where the walker must sit down."""
        stretches = [(start, end)]
        if self.graph.stretch_ms is not None:
            numbers = seats_of(self.graph)
            first, last = numbered(np.array([start, end], np.int32), numbers).tolist()
            hops = shortest_arcs(self.seats, first, last)
            if hops is None:
                return None
            passed = self.seats.heads[hops]
            sat = [start, *numbers[passed[passed < len(numbers)]].tolist()]
            stretches = list(pairwise(sat))
        walked = [shortest_arcs(self.searched, a, b) for a, b in stretches]
        known = [arcs for arcs in walked if arcs is not None]
        return known if len(known) == len(walked) else None


def ruler_of(walker: Walker) -> Walker:
    """Somebody who goes where the walker goes, and takes a millisecond for each millimetre."""
    return replace(
        walker,
        speed_mm_per_s=1000,
        steps_factor=None if walker.steps_factor is None else 1,
        slope_law="none",
        waits_s=(0, 0, 0, 0),
    )


def risen_m(
    network: WalkNetwork,
    edge: NDArray[np.int32],
    mm: NDArray[np.int64],
    forward: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Metres up along pieces of edges; an edge has one slope."""
    if network.node_z is None:
        return np.zeros(len(edge))
    low, high = network.node_z[network.edge_nodes[edge]].T
    rise = np.where(edge >= 0, (high - low) * mm / np.maximum(network.edge_mm[edge], 1), 0)
    return np.asarray(np.where(forward, rise, -rise))


def shortest_arcs(graph: WalkGraph, start: int, end: int) -> NDArray[np.intp] | None:
    """The arcs of the walk from one node to another, in order; None where there is none.

    Found back from the end, breadth first, so that arcs which take no time lead into no circle.
    """
    ms = nearest(graph, np.array([start], np.int32), direction="from").ms
    if start < 0 or end < 0 or ms[end] == NEVER:
        return None
    onward: dict[int, int] = {end: -1}  # the arc that leads on from each node found
    waiting = deque([end])
    while start not in onward:
        node = waiting.popleft()
        for tail, arc in arcs_into(graph, ms, node):
            if tail not in onward and (tail == start or not graph.is_door[tail]):
                onward[tail] = arc
                waiting.append(tail)
    arcs = []
    node = start
    while node != end:
        arcs.append(onward[node])
        node = int(graph.heads[onward[node]])
    return np.array(arcs, np.intp)


def arcs_into(graph: WalkGraph, ms: NDArray[np.int64], node: int) -> list[tuple[int, int]]:
    """Nodes before this one on a shortest walk, ascending, with the arc that comes from each."""
    found = []
    for out in range(graph.indptr[node], graph.indptr[node + 1]):
        tail, takes_ms = int(graph.heads[out]), graph.back_ms[out]
        if ms[tail] != NEVER and ms[tail] + takes_ms == ms[node]:
            around = np.arange(graph.indptr[tail], graph.indptr[tail + 1])
            twin = (graph.heads[around] == node) & (graph.arc_ms[around] == takes_ms)
            found.append((tail, int(around[twin][0])))
    return sorted(found)
