"""Who gets there who must sit down on the way, and how long does it take them?

A walker with ``longest_without_bench_m`` walks at most so long from one place to sit to the
next: a bench, the own home, the facility. Long is the time that the metres take on the level,
so uphill, on steps and with waits the next seat must be nearer. Sitting takes no time, and a
bench is reached from the street without a step. This is a shortest path with replenishment
(Laporte and Pascoal 2011), and it is exact because what runs out is the time itself:

1. one bounded search from every seat finds each walk between two seats that is short enough;
2. these walks are the arcs of a graph of seats, on which every search is the usual one.

The graph of seats is a `WalkGraph` of doors and benches: the doors are still left only by those
who start there, so nobody rests in another's home.

Limits: between homes there is no arc (nobody asks), only over benches. For the pictures
(`reached_with_seats`) a place on a street is where somebody starts rested, and goes by the
quickest walk to it; where another walk to its junction is later but better rested, a street is
drawn a little short, never long.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.graph import LONGEST_MS, OneWay, WalkGraph
from carecircle.isochrones.minutes import Direction, reach_table
from carecircle.isochrones.reached import ReachedNodes

Ints = NDArray[np.int64]
TOO_LONG_MS = LONGEST_MS + 1  # no search walks it; two such times still add up in 32 bits
WAYS: tuple[OneWay, OneWay] = ("to", "from")


def between_doors(graph: WalkGraph) -> WalkGraph:
    """The graph on which walks between points of different sets are searched.

    Points and benches are its nodes, short enough walks between them its arcs. The graph of a
    walker who never sits is given back as it is.
    """
    if graph.benches is None or graph.stretch_ms is None:
        return graph
    seats = seats_of(graph)
    over_benches = _short_walks(graph, graph.benches, seats, seats)
    straight = [_short_walks(graph, a, b, seats) for a, b in combinations(graph.points, 2)]
    walks, times = np.hstack([np.empty((2, 0), np.int64), *map(np.stack, straight)])
    straight_arcs, n_nodes = _past_a_node(walks, times, len(seats))
    tail, head, arc_ms, back_ms = np.hstack([_arcs_of(*over_benches, len(seats)), straight_arcs])
    order = np.lexsort((head, tail))
    indptr = np.zeros(n_nodes + 1, np.int32)
    np.cumsum(np.bincount(tail, minlength=n_nodes), out=indptr[1:])
    is_door = np.zeros(n_nodes, bool)
    is_door[: len(seats)] = ~np.isin(seats, graph.benches)
    node_xy = np.zeros((n_nodes, 2))
    node_xy[: len(seats)] = graph.node_xy[seats]
    return WalkGraph(
        indptr=indptr,
        heads=head[order].astype(np.int32),
        arc_ms=arc_ms[order].astype(np.int32),
        back_ms=back_ms[order].astype(np.int32),
        arc_is_street=np.zeros(len(order), bool),
        is_door=is_door,
        node_xy=node_xy,
        points=tuple(numbered(doors, seats) for doors in graph.points),
    )


def _arcs_of(walk: Ints, ms: Ints, n_seats: int) -> Ints:
    """Tail, head, milliseconds there and back of both arcs of each walk, (4, arcs).

    Every arc has a twin, if only one that no search walks.
    """
    walk, first = np.unique(walk, return_index=True)
    ms = ms[first]
    arc = np.unique(np.concatenate([walk, _turned(walk, n_seats)]))
    there, again = _ms_of(arc, walk, ms), _ms_of(_turned(arc, n_seats), walk, ms)
    return np.stack([*np.divmod(arc, n_seats), there, again])


def _past_a_node(walk: Ints, ms: Ints, n_seats: int) -> tuple[Ints, int]:
    """The same for walks from door to door, each past a node of its own; and how many nodes.

    A door leads to no other door: it is left by its legs to the streets alone.
    """
    tail, head, there, again = _arcs_of(walk, ms, n_seats)
    one_way = tail < head
    first, second = tail[one_way], head[one_way]
    there, again = there[one_way], again[one_way]
    middle, no_ms = n_seats + np.arange(len(first)), np.zeros(len(first), np.int64)
    arcs = [
        (first, middle, there, again),
        (middle, first, again, there),
        (second, middle, no_ms, no_ms),
        (middle, second, no_ms, no_ms),
    ]
    return np.hstack([np.stack(arc) for arc in arcs]), n_seats + len(first)


def seats_of(graph: WalkGraph) -> NDArray[np.int32]:
    """The benches and points of the streets, in the order of the graph of seats."""
    assert graph.benches is not None
    seats = np.unique(np.concatenate([graph.benches, *graph.points]))
    return np.asarray(seats[seats >= 0], np.int32)


def numbered(nodes: NDArray[np.int32], seats: NDArray[np.int32]) -> NDArray[np.int32]:
    """The nodes of the streets as nodes of the graph of seats; -1 stays."""
    return np.where(nodes >= 0, np.searchsorted(seats, nodes), -1).astype(np.int32)


def _short_walks(
    graph: WalkGraph, some: NDArray[np.int32], others: NDArray[np.int32], seats: NDArray[np.int32]
) -> tuple[Ints, Ints]:
    """Walks between two sets of seats within a stretch: ``from * seats + to``, milliseconds."""
    if len(some) > len(others):
        some, others = others, some
    free, keys, times = never_sitting(graph), [], []
    for way in WAYS:
        table = reach_table(free, some, others, _stretch(graph), direction=way)
        one = numbered(np.repeat(some, np.diff(table.indptr)), seats).astype(np.int64)
        other = numbered(others[table.target], seats).astype(np.int64)
        start, end = (other, one) if way == "to" else (one, other)
        apart = start != end
        keys.append((start * len(seats) + end)[apart])
        times.append(table.ms[apart])
    return np.concatenate(keys), np.concatenate(times)


def never_sitting(graph: WalkGraph) -> WalkGraph:
    """The same streets for stretches between seats, which no bench interrupts."""
    return replace(graph, benches=None, stretch_ms=None)


def _stretch(graph: WalkGraph) -> int:
    assert graph.stretch_ms is not None
    return graph.stretch_ms


def _turned(walk: Ints, n_seats: int) -> Ints:
    """The same pairs the other way."""
    start, end = np.divmod(walk, n_seats)
    return np.asarray(end * n_seats + start)


def _ms_of(asked: Ints, walk: Ints, ms: Ints) -> NDArray[np.int32]:
    """Milliseconds of the pairs asked for; too long where there is no such walk."""
    if not len(walk):
        return np.empty(0, np.int32)
    at = np.searchsorted(walk, asked).clip(max=len(walk) - 1)
    return np.where(walk[at] == asked, ms[at], TOO_LONG_MS).astype(np.int32)


def reached_with_seats(
    graph: WalkGraph, doors: NDArray[np.int32], limit_ms: int, direction: Direction
) -> list[ReachedNodes]:
    """For each facility the nodes from which somebody rested walks there within the limit.

    The time left until they must sit goes with each (`ReachedNodes.rest_ms`).
    """
    ways = [way for way in WAYS if direction in (way, "round_trip", "worse")]
    far_ms = 2 * limit_ms if direction == "round_trip" else limit_ms
    one_way = [list(_one_way(graph, doors, min(far_ms, 7_200_000), way)) for way in ways]
    if len(ways) == 1:
        return one_way[0]
    return [_both(to, back, limit_ms, direction) for to, back in zip(*one_way, strict=True)]


def _one_way(
    graph: WalkGraph, doors: NDArray[np.int32], limit_ms: int, way: OneWay
) -> list[ReachedNodes]:
    """The quickest walk of each node over seats, and how much of a stretch is left then."""
    assert graph.benches is not None
    stretch_ms = _stretch(graph)
    free = never_sitting(graph)
    seats = between_doors(replace(graph, points=(doors, graph.benches)))
    own, benches = seats.points
    to_benches = reach_table(seats, own, benches, limit_ms, direction=way)
    of_door = reach_table(free, doors, None, min(stretch_ms, limit_ms), direction=way)
    of_bench = reach_table(free, graph.benches, None, min(stretch_ms, limit_ms), direction=way)
    label = np.full(len(graph.node_xy), np.iinfo(np.int64).max)
    found = []
    for at in range(len(doors)):
        node, since_ms = of_door.row(at)
        ms = since_ms
        for bench, bench_ms in zip(*to_benches.row(at), strict=True):
            more, more_ms = of_bench.row(int(bench))
            node = np.concatenate([node, more])
            since_ms = np.concatenate([since_ms, more_ms])
            ms = np.concatenate([ms, bench_ms + more_ms])
        near = ms <= limit_ms
        node, packed = node[near], (ms[near] << 32) | since_ms[near]
        np.minimum.at(label, node, packed)
        reached = np.unique(node)
        best = label[reached]
        label[reached] = np.iinfo(np.int64).max
        rest_ms = stretch_ms - (best & 0xFFFF_FFFF)
        found.append(ReachedNodes(reached, best >> 32, np.zeros(len(reached), np.int32), rest_ms))
    return found


def _both(
    to: ReachedNodes, back: ReachedNodes, limit_ms: int, direction: Direction
) -> ReachedNodes:
    """Nodes reached both ways, by the half or the worse of the two."""
    node, at, at_back = np.intersect1d(to.node, back.node, return_indices=True)
    there, again = to.ms[at], back.ms[at_back]
    ms = (there + again + 1) // 2 if direction == "round_trip" else np.maximum(there, again)
    assert to.rest_ms is not None and back.rest_ms is not None
    rest_ms = np.minimum(to.rest_ms[at], back.rest_ms[at_back])
    near = ms <= limit_ms
    return ReachedNodes(node[near], ms[near], np.zeros(int(near.sum()), np.int32), rest_ms[near])
