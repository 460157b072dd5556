"""Where may the street map be broken?

Two faults are looked for, each with the straight link that would repair it:

*Loose ends*: a dead end with a street near that is not joined to it, as the walk between them
is long or there is none. Within ``near_m`` it is a near miss; up to `DANGLE_M` a dangle.

*Islands*: parts of the network that no walk joins to the largest one, each with the shortest
link to it.

A link begins and ends on the ground: never on a bridge, in a tunnel or a lift, or where
somebody waits; the loose end itself may be that of a bridge. Ties go to the lowest edge.

Limits: what is broken on the map may be so in the city. A wall, a river or a fence between the
two ends is not seen: somebody has to look. Streets that cross without a junction are no
loose ends; an island that crosses the other streets on the plan may be a tunnel or a bridge.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.links import Links, joined, lines_of, offsets_at, on_street
from carecircle.isochrones.minutes import NEVER, reach_table
from carecircle.isochrones.walkers import Walker
from carecircle.layers.network import EDGE_KINDS, WAIT_KINDS, WalkNetwork

DANGLE_M = 50.0
# Two places are not joined when the walk between them is so many times the straight distance,
# and longer than this: nobody's minutes hang on less.
DETOUR = 5
FAR_APART_MM = 50_000
NO_STREET = np.array([EDGE_KINDS.index(kind) for kind in ("lift", *WAIT_KINDS)])
# Whose milliseconds are millimetres.
RULER = Walker("ruler", "", "", 1000, steps_factor=1, slope_law="none")


def loose_ends(network: WalkNetwork, near_m: float) -> tuple[Links, NDArray[np.bool_]]:
    """The nearest street that each dead end is not joined to, and which are near misses.

    Links run from the dead end; two dead ends that face each other give one.
    """
    nodes, own_edge = dead_ends(network)
    edges = joinable_edges(network)
    lines = lines_of(network, edges)
    points = shapely.points(network.node_xy[nodes])
    reach_m = max(near_m, DANGLE_M)
    end, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=reach_m)
    other = edges[line] != own_edge[end]
    end, line = end[other], line[other]
    edge = edges[line].astype(np.int32)
    place = offsets_at(network, edge, lines[line], points[end])
    links = Links(
        edge=np.column_stack([own_edge[end], edge]),
        offset_mm=np.column_stack([offset_of_node(network, own_edge[end], nodes[end]), place]),
        mm=np.rint(1000 * shapely.distance(points[end], lines[line])).astype(np.int64),
    )
    apart = np.flatnonzero(not_joined(network, links))
    nearest_first = apart[np.lexsort((edge[apart], links.mm[apart], end[apart]))]
    _, first = np.unique(end[nearest_first], return_index=True)
    found = links.take(nearest_first[first])
    found = found.take(first_of_each(network, found))
    return found, found.mm <= round(1000 * near_m)


def islands(network: WalkNetwork) -> tuple[Links, NDArray[np.int32]]:
    """The shortest link from each island to the largest part, and the number of the island."""
    part = network.node_component[network.edge_nodes[:, 0]]
    edges = joinable_edges(network)
    main, lonely = edges[part[edges] == 0], edges[part[edges] > 0]
    if not len(main) or not len(lonely):
        return joined([NO_LINKS]), np.empty(0, np.int32)
    main_lines, lines = lines_of(network, main), lines_of(network, lonely)
    tree = shapely.STRtree(main_lines)
    (a, b), metres = tree.query_nearest(lines, return_distance=True)
    mm = np.rint(1000 * metres).astype(np.int64)
    shortest_first = np.lexsort((main[b], lonely[a], mm, part[lonely[a]]))
    island, first = np.unique(part[lonely[a]][shortest_first], return_index=True)
    a, b, mm = (of_pair[shortest_first[first]] for of_pair in (a, b, mm))
    straight = shapely.shortest_line(lines[a], main_lines[b])
    offsets = [
        offsets_at(network, of[at], of_lines[at], shapely.get_point(straight, end))
        for of, of_lines, at, end in ((lonely, lines, a, 0), (main, main_lines, b, 1))
    ]
    ends = np.column_stack([lonely[a], main[b]]).astype(np.int32)
    return Links(ends, np.column_stack(offsets), mm), island.astype(np.int32)


def dead_ends(network: WalkNetwork) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Nodes where a single edge ends, and that edge; lifts end nowhere."""
    ends = network.edge_nodes.ravel()
    degree = np.bincount(ends, minlength=len(network.node_xy))
    at = np.flatnonzero((degree[ends] == 1) & ~np.isin(network.edge_kind, NO_STREET).repeat(2))
    at = at[np.argsort(ends[at])]
    return ends[at], (at // 2).astype(np.int32)


def joinable_edges(network: WalkNetwork) -> NDArray[np.intp]:
    """Edges on the ground; in small islands, where no door opens, all but lifts and waits."""
    on_island = network.node_component[network.edge_nodes[:, 0]] > 0
    ground = network.edge_attachable | on_island
    return np.flatnonzero(ground & ~np.isin(network.edge_kind, NO_STREET))


def not_joined(network: WalkNetwork, links: Links, times: int = DETOUR) -> NDArray[np.bool_]:
    """Links whose walk from end to end is so many times as long, or far, (k,)."""
    far_mm = np.maximum(FAR_APART_MM, times * links.mm)
    return walked_mm(network, links, int(far_mm.max(initial=1))) > far_mm


def walked_mm(network: WalkNetwork, links: Links, limit_mm: int) -> NDArray[np.int64]:
    """Along the streets from one end of each link to the other; `NEVER` beyond the limit."""
    starts, start = np.unique(
        np.column_stack([links.edge[:, 0], links.offset_mm[:, 0]]), axis=0, return_inverse=True
    )
    graph = walk_graph(
        network,
        RULER,
        on_street(network, starts[:, 0].astype(np.int32), starts[:, 1]),
        on_street(network, links.edge[:, 1], links.offset_mm[:, 1]),
    )
    first_ends, other_ends = graph.points
    table = reach_table(graph, first_ends, other_ends, limit_mm)
    row = np.repeat(np.arange(len(table)), np.diff(table.indptr))
    asked = row == start.ravel()[table.target]
    walked = np.full(len(links), NEVER)
    walked[table.target[asked]] = table.ms[asked]
    return walked


def offset_of_node(
    network: WalkNetwork, edge: NDArray[np.int32], node: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Where on its edge a node lies: at the beginning or at the end."""
    return np.where(network.edge_nodes[edge, 0] == node, 0, network.edge_mm[edge])


def first_of_each(network: WalkNetwork, links: Links) -> NDArray[np.intp]:
    """Positions of links, without those that join the same two places, to the millimetre."""
    mm = np.rint(1000 * links.xy(network)).astype(np.int64)
    (x, y), (other_x, other_y) = mm.transpose(1, 2, 0)
    turned = (x > other_x) | ((x == other_x) & (y > other_y))
    mm[turned] = mm[turned][:, ::-1]
    _, first = np.unique(mm.reshape(-1, 4), axis=0, return_index=True)
    return np.sort(first)


NO_LINKS = Links(np.empty((0, 2), np.int32), np.empty((0, 2), np.int64), np.empty(0, np.int64))
