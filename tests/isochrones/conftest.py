"""Tiny worlds for the walking engine, drawn by the tests themselves."""

from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from carecircle.isochrones.graph import WalkGraph, walk_graph
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.network import EDGE_KINDS, WalkNetwork

NORM = WALKERS["norm"]  # 1 m/s: one millimetre takes one millisecond


def network(xy, edges, mm=None, kind="street", attachable=True, z=None) -> WalkNetwork:
    """Streets from node places and node pairs; lengths as drawn unless given, heights if given."""
    node_xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    edge_nodes = np.asarray(edges, dtype=np.int32).reshape(-1, 2)
    m = len(edge_nodes)
    if mm is None:
        drawn = node_xy[edge_nodes[:, 1]] - node_xy[edge_nodes[:, 0]]
        mm = np.rint(1000 * np.hypot(drawn[:, 0], drawn[:, 1]))
    kinds = [kind] * m if isinstance(kind, str) else kind
    pairs = (np.ones(m), (edge_nodes[:, 0], edge_nodes[:, 1]))
    _, component = connected_components(coo_array(pairs, shape=(len(node_xy),) * 2))
    return WalkNetwork(
        crs="EPSG:4547",
        node_xy=node_xy,
        edge_nodes=edge_nodes,
        edge_mm=np.asarray(mm, dtype=np.int64),
        edge_kind=np.array([EDGE_KINDS.index(k) for k in kinds], dtype=np.uint8),
        edge_attachable=np.broadcast_to(attachable, m).copy(),
        node_component=component.astype(np.int32),
        facts={},
        node_z=None if z is None else np.asarray(z, dtype=float),
    )


def snaps(edge, offset_mm, leg_mm, point=None) -> Snaps:
    """Points that attach where the test says."""
    edge = np.asarray(edge, dtype=np.int32)
    return Snaps(
        edge=edge,
        offset_mm=np.asarray(offset_mm, dtype=np.int64),
        leg_mm=np.asarray(leg_mm, dtype=np.int64),
        component=np.where(edge >= 0, 0, -1).astype(np.int32),
        point=np.asarray(range(len(edge)) if point is None else point, dtype=np.int32),
    )


def graph_of(n, edges) -> WalkGraph:
    """A graph from (node, node, milliseconds), all nodes at one place."""
    ends, ms = [(a, b) for a, b, _ in edges], [w for _, _, w in edges]
    return walk_graph(network(np.zeros((n, 2)), ends, mm=ms), NORM)


def multigraph(n, edges) -> nx.MultiGraph:
    """The same streets for the oracle."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(edges, weight="ms")
    return graph


def random_edges(rng, n, longest_ms=500) -> list[tuple[int, int, int]]:
    """Streets with parallel, zero-length and looping edges among them, often in parts."""
    m = int(rng.integers(n // 2, 2 * n + 1))
    ends = rng.integers(0, n, (m, 2))
    ms = rng.integers(0, longest_ms, m) * (rng.random(m) > 0.15)
    edges = [(int(a), int(b), int(w)) for (a, b), w in zip(ends, ms, strict=True)]
    return edges + [(a, b, w + 7) for a, b, w in edges[: m // 5]]


def grid_town(seed, side=14, block_m=90.0, removed=0.2) -> WalkNetwork:
    """A jittered grid of streets with some missing."""
    rng = np.random.default_rng(seed)
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    xy = block_m * np.column_stack([column.ravel(), row.ravel()])
    xy += rng.uniform(-0.3, 0.3, xy.shape) * block_m
    node = np.arange(side * side).reshape(side, side)
    across = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    along = np.column_stack([node[:-1].ravel(), node[1:].ravel()])
    edges = np.concatenate([across, along])
    return network(xy, edges[rng.random(len(edges)) >= removed])


@pytest.fixture(scope="session")
def worlds():
    """Makers of tiny worlds."""
    return SimpleNamespace(
        network=network,
        snaps=snaps,
        graph_of=graph_of,
        multigraph=multigraph,
        random_edges=random_edges,
        grid_town=grid_town,
    )
