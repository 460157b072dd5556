"""Which nodes of the streets can be left out without changing a single walk?

A street has a node at each of its bends. A node with two neighbours is neither a junction nor
an end, so the chain of arcs through it becomes one arc, in each direction with the sum of its
times. Junctions, ends and doors stay, and between those that stay every walk takes the same
milliseconds as before, there and back. Of arcs between the same two nodes the quickest stays,
in each direction by itself; a chain that leads back to where it began leads nowhere.

Limits: bends are gone, so a simplified graph answers who walks how long, and cannot be drawn:
none of its arcs is a street. A ring of street without a junction or a door vanishes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.graph import LONGEST_MS, WalkGraph
from carecircle.isochrones.kernels import compiled

# A chain so long that no search walks it; two such times still add up in 32 bits.
TOO_LONG_MS = LONGEST_MS + 1


def simplified(graph: WalkGraph) -> WalkGraph:
    """The graph without its bends; its points are the same, its other nodes have new numbers."""
    quickest = _quickest(graph.indptr, graph.heads, graph.arc_ms, graph.back_ms)
    kept = (np.diff(quickest[0]) != 2) | graph.is_door
    indptr, heads, arc_ms, back_ms = _quickest(*_chains(*quickest, kept, TOO_LONG_MS))
    number = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    return WalkGraph(
        indptr=indptr,
        heads=heads,
        arc_ms=arc_ms,
        back_ms=arc_ms if np.array_equal(arc_ms, back_ms) else back_ms,
        arc_is_street=np.zeros(len(heads), bool),
        is_door=graph.is_door[kept],
        node_xy=graph.node_xy[kept],
        points=tuple(
            np.where(doors >= 0, number[doors], -1).astype(np.int32) for doors in graph.points
        ),
        benches=None if graph.benches is None else number[graph.benches],
        stretch_ms=graph.stretch_ms,
    )


Arcs = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]


@compiled
def _quickest(
    indptr: NDArray[np.int32],
    heads: NDArray[np.int32],
    arc_ms: NDArray[np.int32],
    back_ms: NDArray[np.int32],
) -> Arcs:
    """One arc from each node to each of its neighbours, none to itself.

    Where there were several, each direction takes the quickest of its own. The twins of all of
    them were among the arcs, so twins still agree.
    """
    new_indptr = np.zeros(len(indptr), np.int32)
    new_heads = np.empty(len(heads), np.int32)
    there_ms = np.empty(len(heads), np.int32)
    again_ms = np.empty(len(heads), np.int32)
    size = 0
    for node in range(len(indptr) - 1):
        start = size
        for arc in range(indptr[node], indptr[node + 1]):
            if heads[arc] == node:
                continue
            at = start
            while at < size and new_heads[at] != heads[arc]:
                at += 1
            if at == size:
                new_heads[at] = heads[arc]
                there_ms[at], again_ms[at] = arc_ms[arc], back_ms[arc]
                size += 1
            else:
                there_ms[at] = min(there_ms[at], arc_ms[arc])
                again_ms[at] = min(again_ms[at], back_ms[arc])
        new_indptr[node + 1] = size
    return new_indptr, new_heads[:size].copy(), there_ms[:size].copy(), again_ms[:size].copy()


@compiled
def _chains(
    indptr: NDArray[np.int32],
    heads: NDArray[np.int32],
    arc_ms: NDArray[np.int32],
    back_ms: NDArray[np.int32],
    kept: NDArray[np.bool_],
    too_long_ms: int,
) -> Arcs:
    """Each chain from a kept node to the next as one arc; kept nodes are numbered anew.

    A node that is not kept has two different neighbours, so a chain goes on to the one it
    does not come from. A chain is found from both of its ends. No time is above
    ``too_long_ms``.
    """
    number = np.cumsum(kept) - 1
    new_indptr = np.zeros(kept.sum() + 1, np.int32)
    for node in range(len(kept)):
        if kept[node]:
            new_indptr[number[node] + 1] = (
                new_indptr[number[node]] + indptr[node + 1] - indptr[node]
            )
    new_heads = np.empty(new_indptr[-1], np.int32)
    there_ms = np.empty(new_indptr[-1], np.int32)
    again_ms = np.empty(new_indptr[-1], np.int32)
    chain = 0
    for node in range(len(kept)):
        if not kept[node]:
            continue
        for arc in range(indptr[node], indptr[node + 1]):
            before, here = node, heads[arc]
            there, again = np.int64(arc_ms[arc]), np.int64(back_ms[arc])
            while not kept[here]:
                onward = indptr[here]
                if heads[onward] == before:
                    onward += 1
                before, here = here, heads[onward]
                there += arc_ms[onward]
                again += back_ms[onward]
            new_heads[chain] = number[here]
            there_ms[chain] = min(there, too_long_ms)
            again_ms[chain] = min(again, too_long_ms)
            chain += 1
    return new_indptr, new_heads, there_ms, again_ms
