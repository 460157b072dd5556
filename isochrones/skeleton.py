"""Which nodes must a search look at, and where along the streets do all others lie?

A street has a node at each of its bends, and one at each foot of a door. A search need not
stop at them: it goes from junction to junction, and what lies on the *chain* between two
junctions gets its time by adding, from whichever end is quicker. Nothing is rounded, so every
walk takes the same milliseconds as node by node. On real streets a quarter of the nodes are
junctions.

A *junction* is a node with other than two street arcs, or with one to itself; doors are no
streets. A ring of street without a junction gets one, and so does a chain that takes longer
than `longest_ms`. Doors hang on their feet: they are reached from them, and left only by who
starts there.

Times are those a search pays that goes out from its sources (`WalkGraph.search_ms`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.kernels import Arcs, compiled

Numbers = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Junctions with the ways between them, and the place of every node of a graph.

    Attributes
    ----------
    arcs : (junctions or more, 8) int32
        What leaves each junction, as `kernels.search` wants it.
    ways : (junctions or more, 4) int32
        For each arc ``2 c`` where it leads along chain ``c`` from its first end, ``2 c + 1`` where
        from its second; these come first. -1 where nothing lies between the two junctions.
    nodes : (n, 3) int32
        The place of each node of the graph: its number as a junction, or the number of junctions
        plus that of its chain, or after these its number as a door. Then the milliseconds to it
        from the first end of its chain, and back; 0 at a junction.
    chains : (chains, 4) int32
        First and second end of each; the whole time from first to second, and back.
    chain_ptr, chain_node : int32
        The nodes on each chain from first end to second.
    junctions, doors : int32
        Their numbers in the graph, ascending.
    leg_ptr, leg_foot, leg_out_ms, leg_in_ms : int32
        The feet of each door, the time to get there from the door, and from there to the door.
    """

    arcs: Arcs
    ways: Numbers
    nodes: Numbers
    chains: Numbers
    chain_ptr: Numbers
    chain_node: Numbers
    junctions: Numbers
    doors: Numbers
    leg_ptr: Numbers
    leg_foot: Numbers
    leg_out_ms: Numbers
    leg_in_ms: Numbers

    @property
    def first_door(self) -> int:
        """The place of the first door."""
        return len(self.junctions) + len(self.chains)

    _kept: dict[bytes, Stops] = field(default_factory=dict, repr=False)

    @cached_property
    def stops_of_nodes(self) -> Stops:
        """The stops where every node of the graph is a target."""
        return stops_at(self, np.arange(len(self.nodes), dtype=np.int32))

    def stops_of(self, targets: Numbers) -> Stops:
        """The stops of some targets, kept until others are asked for: a study asks for the same."""
        key = targets.tobytes()
        stops = self._kept.get(key)
        if stops is None:
            stops = stops_at(self, targets)
            self._kept.clear()
            self._kept[key] = stops
        return stops


@dataclass(frozen=True, eq=False)
class Stops:
    """Where the targets of a search lie: those at each place of a skeleton.

    A target at a door is also a stop at each of its feet, and takes the leg to get from there.

    Attributes
    ----------
    ptr : (places + 1,) int32
        The stops at place ``p`` are ``ptr[p]:ptr[p + 1]``.
    stops : (stops, 4) int32
        Position of the target; milliseconds to there from the first end of the chain; those
        back, below 0: to be added to the whole way from the second end; the leg.
    only : (junctions or more,) int32
        The only target at each junction, if it has no leg; -1 where there is none, -2 where
        ``stops`` has them.
    chains : (chains, 6) int32
        As in `Skeleton`; then the first of the stops on each, and the end of them.
    """

    ptr: Numbers
    stops: Numbers
    only: Numbers
    chains: Numbers


@dataclass(frozen=True, eq=False)
class Sources:
    """Where searches begin: at the feet of each source, as it is one or as it is a door.

    Attributes
    ----------
    feet_ptr : (sources + 1,) int64
        The feet of source ``s`` are ``feet_ptr[s]:feet_ptr[s + 1]``.
    foot : (feet,) int32
        Nodes of the graph.
    foot_ms : (feet,) int64
        Time to get there.
    seeds : (feet, 2) int32
        The junctions at both ends of the chain of each foot; a junction is twice its own.
    seed_ms : (feet, 2) int64
        Time to get to these.
    beside : (feet, 3) int64
        The place of the chain of each foot, -1 for none; what to add to the times of `Stops` for
        those ahead of it, and for those behind.
    own : (sources,) int32
        The place of a source that is a door, -1 for others.
    """

    feet_ptr: NDArray[np.int64]
    foot: Numbers
    foot_ms: NDArray[np.int64]
    seeds: Numbers
    seed_ms: NDArray[np.int64]
    beside: NDArray[np.int64]
    own: Numbers

    @property
    def position(self) -> NDArray[np.int64]:
        """The source of each foot."""
        return np.repeat(np.arange(len(self.own)), np.diff(self.feet_ptr))


def skeleton_of(
    indptr: Numbers,
    heads: Numbers,
    out_ms: Numbers,
    back_ms: Numbers,
    is_door: NDArray[np.bool_],
    longest_ms: int,
) -> Skeleton:
    """The skeleton of a graph; ``out_ms`` is paid along each arc, ``back_ms`` along its twin."""
    is_bend = _bends(indptr, heads, is_door)
    # makes junctions of some bends
    nodes, chains, chain_ptr, chain_node = _chains(
        indptr, heads, out_ms, back_ms, is_door, is_bend, longest_ms
    )
    junctions = np.flatnonzero(~(is_bend | is_door)).astype(np.int32)
    doors = np.flatnonzero(is_door).astype(np.int32)
    nodes[chain_node, 0] += len(junctions)
    nodes[junctions, 0] = np.arange(len(junctions))
    nodes[doors, 0] = len(junctions) + len(chains) + np.arange(len(doors))
    chains[:, :2] = nodes[chains[:, :2], 0]
    arcs, ways = _between_junctions(indptr, heads, out_ms, nodes, junctions, chains)
    legs = _legs(indptr, heads, out_ms, back_ms, doors)
    return Skeleton(arcs, ways, nodes, chains, chain_ptr, chain_node, junctions, doors, *legs)


def stops_at(skeleton: Skeleton, targets: Numbers) -> Stops:
    """Where the targets lie, given as nodes of the graph, -1 for none."""
    n_places = skeleton.first_door + len(skeleton.doors)
    at = skeleton.nodes, skeleton.leg_ptr, skeleton.leg_foot, skeleton.leg_in_ms
    ptr, stops = _stops(n_places, skeleton.first_door, *at, targets)
    only = np.full(len(skeleton.arcs), -1, np.int32)
    n = len(skeleton.junctions)
    count, first = np.diff(ptr[: n + 1]), ptr[:n]
    only[:n][count > 0] = -2
    alone = np.flatnonzero(count == 1)
    alone = alone[stops[first[alone], 3] == 0]
    only[alone] = stops[first[alone], 0]
    on_chains = ptr[n : skeleton.first_door + 1]
    chains = np.column_stack([skeleton.chains, on_chains[:-1], on_chains[1:]])
    if not len(chains):
        chains = np.zeros((1, 6), np.int32)
    return Stops(ptr, stops, only, np.ascontiguousarray(chains, np.int32))


def sources_at(skeleton: Skeleton, sources: Numbers) -> Sources:
    """Where searches from nodes of the graph begin; from -1 none does."""
    place = np.where(sources >= 0, skeleton.nodes[sources, 0], -1)
    door = np.where(place >= skeleton.first_door, place - skeleton.first_door, -1)
    first_leg, end_leg = skeleton.leg_ptr[door], skeleton.leg_ptr[door + 1]
    count = np.where(door >= 0, end_leg - first_leg, sources >= 0)
    feet_ptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    row = np.repeat(np.arange(len(sources)), count)
    leg = first_leg[row] + np.arange(len(row)) - feet_ptr[row]
    has_leg = door[row] >= 0
    leg = np.where(has_leg, leg, 0)
    if has_leg.any():
        foot = np.where(has_leg, skeleton.leg_foot[leg], sources[row])
        foot_ms = np.where(has_leg, skeleton.leg_out_ms[leg], 0).astype(np.int64)
    else:
        foot, foot_ms = sources[row], np.zeros(len(row), np.int64)
    at, along, against = skeleton.nodes[foot].astype(np.int64).T
    chain = at - len(skeleton.junctions)
    on_chain = chain >= 0
    ends = np.column_stack([at, at])
    ends[on_chain] = skeleton.chains[chain[on_chain], :2]
    whole_ms = np.zeros(len(foot), np.int64)
    whole_ms[on_chain] = skeleton.chains[chain[on_chain], 2]
    return Sources(
        feet_ptr=feet_ptr,
        foot=foot.astype(np.int32),
        foot_ms=foot_ms,
        seeds=ends.astype(np.int32),
        seed_ms=np.column_stack([foot_ms + against, foot_ms + whole_ms - along]),
        beside=np.column_stack([np.where(on_chain, at, -1), foot_ms - along, foot_ms + against]),
        own=np.where(door >= 0, place, -1).astype(np.int32),
    )


@compiled
def _bends(indptr: Numbers, heads: Numbers, is_door: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Nodes with exactly two street arcs, neither of them to itself."""
    is_bend = np.zeros(len(is_door), np.bool_)
    for node in range(len(is_door)):
        if is_door[node]:
            continue
        streets = 0
        for arc in range(indptr[node], indptr[node + 1]):
            if heads[arc] == node:
                streets = 3
            streets += not is_door[heads[arc]]
        is_bend[node] = streets == 2
    return is_bend


@compiled
def _chains(
    indptr: Numbers,
    heads: Numbers,
    out_ms: Numbers,
    back_ms: Numbers,
    is_door: NDArray[np.bool_],
    is_bend: NDArray[np.bool_],
    longest_ms: int,
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """All chains, each walked once, from the junction of the lowest number.

    Bends that have to be junctions are taken out of ``is_bend``: on rings, and where a chain
    becomes too long.
    """
    n = len(is_door)
    n_bends = is_bend.sum()
    nodes = np.zeros((n, 3), np.int32)
    nodes[:, 0] = -1
    chains = np.empty((n_bends, 4), np.int32)
    chain_ptr = np.zeros(n_bends + 1, np.int32)
    chain_node = np.empty(n_bends, np.int32)
    new_junctions = np.empty(n_bends + 1, np.int32)
    n_chains, n_on = 0, 0
    for step in range(2 * n):
        # first from all junctions, then from the rings to which no chain came
        node = step % n
        if is_door[node] or is_bend[node] != (step >= n) or nodes[node, 0] >= 0:
            continue
        is_bend[node] = False
        new_junctions[0], n_new = node, 1
        while n_new > 0:
            n_new -= 1
            start = new_junctions[n_new]
            for arc in range(indptr[start], indptr[start + 1]):
                here = heads[arc]
                if not is_bend[here] or nodes[here, 0] >= 0:
                    continue
                before, came_by = start, arc
                there, again = np.int64(out_ms[arc]), np.int64(back_ms[arc])
                begun_at = n_on
                while is_bend[here]:
                    onward = _onward(indptr, heads, out_ms, back_ms, is_door, before, came_by, here)
                    further = there + out_ms[onward], again + back_ms[onward]
                    if max(further[0], further[1]) > longest_ms:
                        is_bend[here] = False
                        new_junctions[n_new] = here
                        n_new += 1
                        break
                    nodes[here, 0], nodes[here, 1], nodes[here, 2] = n_chains, there, again
                    chain_node[n_on] = here
                    n_on += 1
                    before, came_by, here = here, onward, heads[onward]
                    there, again = further
                if n_on > begun_at:
                    chains[n_chains, 0], chains[n_chains, 1] = start, here
                    chains[n_chains, 2], chains[n_chains, 3] = there, again
                    n_chains += 1
                    chain_ptr[n_chains] = n_on
    return (
        nodes,
        chains[:n_chains].copy(),
        chain_ptr[: n_chains + 1].copy(),
        chain_node[:n_on].copy(),
    )


@compiled
def _onward(
    indptr: Numbers,
    heads: Numbers,
    out_ms: Numbers,
    back_ms: Numbers,
    is_door: NDArray[np.bool_],
    before: int,
    came_by: int,
    here: int,
) -> int:
    """The street arc that leaves a bend and is not the twin of the one that led there."""
    onward, twin_seen = -1, False
    for arc in range(indptr[here], indptr[here + 1]):
        if is_door[heads[arc]]:
            continue
        is_twin = (
            heads[arc] == before
            and out_ms[arc] == back_ms[came_by]
            and back_ms[arc] == out_ms[came_by]
        )
        if is_twin and not twin_seen:
            twin_seen = True
        else:
            onward = arc
    return onward


@compiled
def _between_junctions(
    indptr: Numbers,
    heads: Numbers,
    out_ms: Numbers,
    nodes: Numbers,
    junctions: Numbers,
    chains: Numbers,
) -> tuple[Arcs, Numbers]:
    """Arcs between junctions, and their ways: both of each chain, and arcs of the graph itself."""
    n = len(junctions)
    degree = np.zeros(n, np.int32)
    for junction in range(n):
        for arc in range(indptr[junctions[junction]], indptr[junctions[junction] + 1]):
            degree[junction] += nodes[heads[arc], 0] < n
    for chain in range(len(chains)):
        degree[chains[chain, 0]] += 1
        degree[chains[chain, 1]] += 1
    size = n
    for junction in range(n):
        size += max(0, degree[junction] - 2) // 3  # of four arcs one leads to the next four
    arcs = np.zeros((size, 8), np.int32)
    for node in range(size):
        arcs[node, :4] = node
    ways = np.full((size, 4), -1, np.int32)
    row, filled, size = np.arange(n), np.zeros(n, np.int8), n
    for chain in range(len(chains)):
        for end in range(2):
            tail, head = chains[chain, end], chains[chain, 1 - end]
            ms, way = chains[chain, 2 + end], 2 * chain + end
            size = _put(arcs, ways, row, filled, degree, size, tail, head, ms, way)
    for junction in range(n):
        for arc in range(indptr[junctions[junction]], indptr[junctions[junction] + 1]):
            head = nodes[heads[arc], 0]
            if head < n:
                size = _put(arcs, ways, row, filled, degree, size, junction, head, out_ms[arc], -1)
    return arcs, ways


@compiled
def _put(
    arcs: Arcs,
    ways: Numbers,
    row: NDArray[np.int64],
    filled: NDArray[np.int8],
    left: Numbers,
    size: int,
    junction: int,
    head: int,
    ms: int,
    way: int,
) -> int:
    """One more arc of a junction, of which so many are left; how many rows are in use."""
    if filled[junction] == 3 and left[junction] > 1:
        arcs[row[junction], 3] = size
        row[junction], filled[junction] = size, 0
        size += 1
    arcs[row[junction], filled[junction]] = head
    arcs[row[junction], filled[junction] + 4] = ms
    ways[row[junction], filled[junction]] = way
    filled[junction] += 1
    left[junction] -= 1
    return size


@compiled
def _legs(
    indptr: Numbers, heads: Numbers, out_ms: Numbers, back_ms: Numbers, doors: Numbers
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """The feet of each door, and the times to them and from them."""
    leg_ptr = np.zeros(len(doors) + 1, np.int32)
    for door in range(len(doors)):
        leg_ptr[door + 1] = leg_ptr[door] + indptr[doors[door] + 1] - indptr[doors[door]]
    foot = np.empty(leg_ptr[-1], np.int32)
    leg_out_ms, leg_in_ms = np.empty(len(foot), np.int32), np.empty(len(foot), np.int32)
    for door in range(len(doors)):
        shift = indptr[doors[door]] - leg_ptr[door]
        for leg in range(leg_ptr[door], leg_ptr[door + 1]):
            foot[leg] = heads[leg + shift]
            leg_out_ms[leg], leg_in_ms[leg] = out_ms[leg + shift], back_ms[leg + shift]
    return leg_ptr, foot, leg_out_ms, leg_in_ms


@compiled
def _stops(
    n_places: int,
    first_door: int,
    nodes: Numbers,
    leg_ptr: Numbers,
    leg_foot: Numbers,
    leg_in_ms: Numbers,
    targets: Numbers,
) -> tuple[Numbers, Numbers]:
    """The stops by place, in two passes: how many, then which."""
    ptr = np.zeros(n_places + 1, np.int32)
    for node in targets:
        if node < 0:
            continue
        place = nodes[node, 0]
        ptr[place + 1] += 1
        if place >= first_door:
            for leg in range(leg_ptr[place - first_door], leg_ptr[place - first_door + 1]):
                ptr[nodes[leg_foot[leg], 0] + 1] += 1
    for place in range(n_places):
        ptr[place + 1] += ptr[place]
    put = ptr[:n_places].copy()
    stops = np.empty((ptr[n_places], 4), np.int32)
    for target in range(len(targets)):
        node = targets[target]
        if node < 0:
            continue
        place = nodes[node, 0]
        at = put[place]
        put[place] += 1
        stops[at, 0], stops[at, 1], stops[at, 2] = target, nodes[node, 1], -nodes[node, 2]
        stops[at, 3] = 0
        if place >= first_door:
            for leg in range(leg_ptr[place - first_door], leg_ptr[place - first_door + 1]):
                foot = leg_foot[leg]
                at = put[nodes[foot, 0]]
                put[nodes[foot, 0]] += 1
                stops[at, 0], stops[at, 1], stops[at, 2] = target, nodes[foot, 1], -nodes[foot, 2]
                stops[at, 3] = leg_in_ms[leg]
    return ptr, stops
