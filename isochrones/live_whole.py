"""What does a whole run on the edited streets say?

The streets as they are after edits, as one `WalkGraph` made from scratch by `walk_graph`: open
edges only, links as edges of their own whose ends are joined, at no time, to the places where
they begin. What `live` holds is compared with this, and it can be searched and drawn further.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from carecircle.isochrones.graph import WalkGraph, walk_graph
from carecircle.isochrones.live_streets import LiveStreets
from carecircle.isochrones.snapping import Snaps
from carecircle.layers.network import WalkNetwork


def whole_graph(streets: LiveStreets, *points: Snaps) -> WalkGraph:
    """The graph of edited streets with points inserted; edges of snaps are those of the live."""
    is_open = np.ones(streets.n_edges, bool)
    is_open[list(streets.closed)] = False
    network = open_network(streets, is_open)
    number = np.append(np.where(is_open, np.cumsum(is_open) - 1, -1), -1).astype(np.int32)
    renumbered = [replace(snaps, edge=number[snaps.edge]) for snaps in points]
    ends, places = ends_of_links(streets)
    joins = replace(places, edge=number[places.edge])
    graph = walk_graph(network, streets.walker, *renumbered, joins)
    doors = graph.points[-1]
    joined = doors >= 0
    # the foot of a point with one leg is the node before its door
    graph = with_joins(graph, ends[joined], doors[joined] - 1)
    return replace(graph, points=graph.points[:-1])


def open_network(streets: LiveStreets, is_open: NDArray[np.bool_]) -> WalkNetwork:
    """The edges that are open, links with two nodes of their own each."""
    base, links = streets.network, [link.drawn for link in streets.links]
    own_nodes = len(base.node_xy) + np.arange(2 * len(links), dtype=np.int32).reshape(-1, 2)
    all_of_them = [base, *links]
    edge_street = base.edge_street
    if edge_street is not None:
        edge_street = np.append(edge_street, np.full(len(links), -1, np.int32))[is_open]
    node_z = None
    if base.node_z is not None:
        node_z = np.concatenate([part.node_z for part in all_of_them if part.node_z is not None])
    return replace(
        base,
        node_xy=np.concatenate([part.node_xy for part in all_of_them]),
        edge_nodes=np.concatenate([base.edge_nodes, own_nodes])[is_open],
        edge_mm=np.concatenate([part.edge_mm for part in all_of_them])[is_open],
        edge_kind=np.concatenate([part.edge_kind for part in all_of_them])[is_open],
        edge_attachable=np.concatenate([part.edge_attachable for part in all_of_them])[is_open],
        node_component=np.concatenate([part.node_component for part in all_of_them]),
        edge_street=edge_street,
        node_z=node_z,
    )


def ends_of_links(streets: LiveStreets) -> tuple[NDArray[np.int64], Snaps]:
    """The nodes of all links, and the places on other edges where they are."""
    ends = np.array([link.places for link in streets.links], np.int64).reshape(-1, 2)
    k = len(ends)
    places = Snaps(
        edge=ends[:, 0].astype(np.int32),
        offset_mm=ends[:, 1],
        leg_mm=np.zeros(k, np.int64),
        component=np.zeros(k, np.int32),
        point=np.arange(k, dtype=np.int32),
    )
    return len(streets.network.node_xy) + np.arange(k), places


def with_joins(
    graph: WalkGraph, nodes: NDArray[np.int64], others: NDArray[np.integer]
) -> WalkGraph:
    """The graph with ways of 0 ms between pairs of nodes."""
    n = len(graph.node_xy)
    joins = 2 * len(nodes)
    tails = np.concatenate([np.repeat(np.arange(n), np.diff(graph.indptr)), nodes, others])
    order = np.argsort(tails, kind="stable")
    none = np.zeros(joins, np.int32)
    return replace(
        graph,
        indptr=np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=n))]).astype(np.int32),
        heads=np.concatenate([graph.heads, others, nodes]).astype(np.int32)[order],
        arc_ms=np.concatenate([graph.arc_ms, none])[order],
        back_ms=np.concatenate([graph.back_ms, none])[order],
        arc_is_street=np.append(graph.arc_is_street, none.astype(bool))[order],
    )
