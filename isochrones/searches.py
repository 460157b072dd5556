"""From labels of junctions to answers for everybody, compiled.

Searches go from junction to junction (`skeleton`); who lies between two junctions, or behind a
door, gets the best of what its junctions and the sources beside it offer. The rows of a table
come out in no order, as a vectorised sort afterwards costs less than keeping one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.kernels import (
    UNREACHED,
    UNREACHED_MS,
    Arcs,
    compiled,
    new_scratch,
    search,
)

Numbers = NDArray[np.int32]
FAR_MS = 2**30  # longer than any limit
SEVERAL = -2  # targets at a junction, or one behind a leg


@compiled
def reach(
    arcs: Arcs,
    ways: Numbers,
    chains: Numbers,
    only: Numbers,
    stop_ptr: Numbers,
    stops: Numbers,
    feet_ptr: NDArray[np.int64],
    seeds: Numbers,
    seed_ms: NDArray[np.int64],
    beside: NDArray[np.int64],
    own: Numbers,
    limit_ms: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One bounded search per source: its pairs are ``row_ptr[row]:row_ptr[row + 1]``.

    A pair holds a target's position (high 32 bits) and the milliseconds (low 32 bits), in no
    order; a target may have several, and the lowest counts. The arguments up to ``stops`` are
    those of `skeleton.Skeleton` and `skeleton.Stops`; the rest is from `skeleton.Sources`.
    """
    label = np.full(len(arcs), UNREACHED_MS, np.int32)
    scratch = new_scratch(len(label), limit_ms)
    row_ptr = np.zeros(len(own) + 1, np.int64)
    pairs = np.empty(min(1024 * (len(own) + 1), 2**22), np.int64)
    listed = np.empty((1024, 4), np.int64)
    size = 0
    for row in range(len(own)):
        feet = slice(feet_ptr[row], feet_ptr[row + 1])
        n_reached, scratch = search(
            arcs, seeds[feet].ravel(), seed_ms[feet].ravel(), limit_ms, label, scratch
        )
        reached = scratch[2][:n_reached]
        if 5 * n_reached >= len(listed):  # four ways and the junction itself, and one more
            listed = np.empty((10 * n_reached + 1, 4), np.int64)
        n_stops = _listed(reached, label, ways, chains, only, stop_ptr, listed)
        n_beside = 0
        if own[row] >= 0:
            n_beside += stop_ptr[own[row] + 1] - stop_ptr[own[row]]
        for foot in range(feet_ptr[row], feet_ptr[row + 1]):
            place = beside[foot, 0]
            if place >= 0:
                n_beside += stop_ptr[place + 1] - stop_ptr[place]
        if size + n_reached + n_stops + n_beside > len(pairs):
            more = np.empty(2 * size + n_reached + n_stops + n_beside, np.int64)
            more[:size] = pairs[:size]
            pairs = more
        if own[row] >= 0:
            for stop in range(stop_ptr[own[row]], stop_ptr[own[row] + 1]):
                pairs[size] = np.int64(stops[stop, 0]) << 32
                size += 1
        for foot in range(feet_ptr[row], feet_ptr[row + 1]):
            if beside[foot, 0] >= 0:
                size = _beside(beside[foot], stop_ptr, stops, limit_ms, pairs, size)
        size = _at_junctions(reached, label, only, pairs, size)
        size = _on_chains(listed, n_stops, stops, limit_ms, pairs, size)
        for junction in reached:
            label[junction] = UNREACHED_MS
        row_ptr[row + 1] = size
    return row_ptr, pairs[:size]


@compiled
def _listed(
    reached: Numbers,
    label: Numbers,
    ways: Numbers,
    chains: Numbers,
    only: Numbers,
    stop_ptr: Numbers,
    listed: NDArray[np.int64],
) -> np.int64:
    """List ranges of stops with the walks to both ends of their chain; how many stops in all.

    Most chains are short, and a loop along each would end where the processor does not expect it:
    so they are listed, and then all their stops are gone through in one loop.
    """
    n_listed, n_stops = np.uint64(0), np.int64(0)
    for at in range(len(reached)):
        row = np.uint64(reached[at])
        here = np.int64(label[row])
        if only[row] == SEVERAL:
            start, end = stop_ptr[row], stop_ptr[row + np.uint64(1)]
            listed[n_listed, 0], listed[n_listed, 1] = start, end
            listed[n_listed, 2], listed[n_listed, 3] = here, FAR_MS
            n_listed += np.uint64(1)
            n_stops += end - start
        for arc in range(4):
            way = ways[row, np.uint64(arc)]
            if way < 0:
                break
            chain = np.uint64(way >> 1)
            first_ms = np.int64(label[np.uint64(chains[chain, 0])])
            second_ms = np.int64(label[np.uint64(chains[chain, 1])])
            start, end = np.int64(chains[chain, 4]), np.int64(chains[chain, 5])
            # where both ends are reached the chain has its turn at the first
            turn = ((way & 1 == 0) | (first_ms == UNREACHED_MS)) & (end > start)
            listed[n_listed, 0], listed[n_listed, 1] = start, end
            listed[n_listed, 2] = first_ms
            listed[n_listed, 3] = second_ms + chains[chain, 3]
            n_listed += np.uint64(turn)
            n_stops += (end - start) if turn else 0
    return n_stops


@compiled
def _at_junctions(
    reached: Numbers, label: Numbers, only: Numbers, pairs: NDArray[np.int64], size: int
) -> int:
    """The pairs of targets that are junctions; how many pairs there are then."""
    for at in range(len(reached)):
        row = np.uint64(reached[at])
        pairs[size] = (np.int64(only[row]) << 32) | np.int64(label[row])
        size += only[row] >= 0
    return size


@compiled
def _on_chains(
    listed: NDArray[np.int64],
    n_stops: np.int64,
    stops: Numbers,
    limit_ms: int,
    pairs: NDArray[np.int64],
    size: int,
) -> int:
    """The pairs of the stops listed; how many pairs there are then."""
    at, stop = np.uint64(0), np.uint64(listed[0, 0])
    for _ in range(n_stops):
        first_ms, second_ms = listed[at, np.uint64(2)], listed[at, np.uint64(3)]
        ms = min(first_ms + stops[stop, 1], second_ms + stops[stop, 2]) + stops[stop, 3]
        pairs[size] = (np.int64(stops[stop, 0]) << 32) | ms
        size += ms <= limit_ms
        stop += np.uint64(1)
        is_last = stop == np.uint64(listed[at, np.uint64(1)])
        at += np.uint64(is_last)
        stop = np.uint64(listed[at, np.uint64(0)]) if is_last else stop
    return size


@compiled
def _beside(
    foot: NDArray[np.int64],
    stop_ptr: Numbers,
    stops: Numbers,
    limit_ms: int,
    pairs: NDArray[np.int64],
    size: int,
) -> int:
    """The pairs of the stops of a chain with a source on it, by the walks that meet no junction.

    Both times grow along the chain: on the side where a stop lies the walk is 0 or more, on the
    other side 0 or less.
    """
    for stop in range(stop_ptr[foot[0]], stop_ptr[foot[0] + 1]):
        ms = max(foot[1] + stops[stop, 1], foot[2] + stops[stop, 2]) + stops[stop, 3]
        pairs[size] = (np.int64(stops[stop, 0]) << 32) | ms
        size += ms <= limit_ms
    return size


@compiled
def nearest(
    arcs: Arcs,
    chains: Numbers,
    chain_ptr: Numbers,
    chain_node: Numbers,
    nodes: Numbers,
    junctions: Numbers,
    seeds: Numbers,
    seed_labels: NDArray[np.int64],
    last: int,
    horizon_ms: int,
    label: NDArray[np.int64],
) -> None:
    """Label every node of the graph but the doors, by one search from all sources.

    ``label`` holds those of the sources and their feet already. ``horizon_ms`` is the longest arc
    between junctions or the latest seed, or the limit where that is shorter.
    """
    at_junction = np.full(len(arcs), UNREACHED, np.int64)
    search(arcs, seeds, seed_labels, last, at_junction, new_scratch(len(arcs), horizon_ms))
    for junction in range(len(junctions)):
        label[junctions[junction]] = at_junction[junction]
    for chain in range(len(chains)):
        # labels flow from the first end to the second, and back
        here, ms = at_junction[chains[chain, 0]], np.int32(0)
        for at in range(chain_ptr[chain], chain_ptr[chain + 1]):
            node = chain_node[at]
            if here != UNREACHED:
                here += np.int64(nodes[node, 1] - ms) << 32
            here, ms = min(here if here <= last else UNREACHED, label[node]), nodes[node, 1]
            label[node] = here
        here, ms = at_junction[chains[chain, 1]], chains[chain, 3]
        for at in range(chain_ptr[chain + 1] - 1, chain_ptr[chain] - 1, -1):
            node = chain_node[at]
            if here != UNREACHED:
                here += np.int64(ms - nodes[node, 2]) << 32
            here, ms = min(here if here <= last else UNREACHED, label[node]), nodes[node, 2]
            label[node] = here
