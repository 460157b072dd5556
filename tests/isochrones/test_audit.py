"""Faults of small street maps, drawn by hand."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.audit import dead_ends, islands, loose_ends, not_joined, walked_mm
from carecircle.isochrones.links import Links
from carecircle.isochrones.minutes import NEVER


def ends_of(network, links):
    return links.xy(network).round(3).tolist()


def test_an_end_that_stops_short_of_a_street_is_a_near_miss(worlds):
    """A street of 200 m, and a lane that comes down to 4 m above it from a far detour."""
    xy = [(0, 0), (200, 0), (100, 4), (100, 300), (200, 300)]
    streets = worlds.network(xy, [(0, 1), (2, 3), (3, 4), (4, 1)])
    links, near = loose_ends(streets, 10)
    assert ends_of(streets, links) == [[[100, 4], [100, 0]]]
    assert (links.mm.tolist(), near.tolist()) == ([4000], [True])
    links, near = loose_ends(streets, 3.9)
    assert (len(links), near.tolist()) == (1, [False])


def test_a_short_stub_is_joined_already(worlds):
    stub = worlds.network([(0, 0), (100, 0), (200, 0), (100, 6)], [(0, 1), (1, 2), (1, 3)])
    assert len(loose_ends(stub, 10)[0]) == 0


def test_two_ends_that_face_each_other_give_one_link(worlds):
    facing = worlds.network([(0, 0), (100, 0), (108, 0), (300, 0)], [(0, 1), (2, 3)])
    links, near = loose_ends(facing, 10)
    assert ends_of(facing, links) == [[[100, 0], [108, 0]]]
    assert (links.mm.tolist(), near.tolist()) == ([8000], [True])


def test_an_end_may_lie_on_a_street_without_meeting_it(worlds):
    crossing = worlds.network([(0, 0), (200, 0), (70, 0), (70, 90)], [(0, 1), (2, 3)])
    links, _ = loose_ends(crossing, 10)
    assert ends_of(crossing, links) == [[[70, 0], [70, 0]]]
    assert links.offset_mm.tolist() == [[0, 70_000]]


def test_no_link_leads_up_to_a_bridge(worlds):
    xy = [(0, 5), (100, 5), (50, 0), (50, -100), (0, 300), (100, 300)]
    edges = [(0, 1), (2, 3), (0, 4), (4, 5), (5, 1)]
    opens = np.array([False, True, True, True, True])
    bridge = worlds.network(xy, edges, attachable=opens)
    assert len(loose_ends(bridge, 10)[0]) == 0
    ground = worlds.network(xy, edges)
    assert loose_ends(ground, 10)[0].mm.tolist() == [5000]


def test_each_island_is_joined_where_it_comes_nearest(worlds):
    xy = [(0, 0), (500, 0), (1000, 0), (300, 80), (300, 500), (900, -30), (900, -60)]
    parts = worlds.network(xy, [(0, 1), (1, 2), (3, 4), (5, 6)])
    links, island = islands(parts)
    assert island.tolist() == [1, 2]
    assert ends_of(parts, links) == [[[300, 80], [300, 0]], [[900, -30], [900, 0]]]
    assert links.mm.tolist() == [80_000, 30_000]


def test_a_whole_network_has_no_islands_and_a_ring_no_ends(worlds):
    ring = worlds.network([(0, 0), (100, 0), (0, 100)], [(0, 1), (1, 2), (2, 0)])
    assert len(islands(ring)[0]) == len(loose_ends(ring, 10)[0]) == 0


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_dead_ends_and_walks_between_places_are_those_of_networkx(worlds, seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 12))
    edges = worlds.random_edges(rng, n)
    if not edges:
        return
    graph = worlds.multigraph(n, edges)
    network = worlds.network(np.zeros((n, 2)), [e[:2] for e in edges], mm=[e[2] for e in edges])
    nodes, own = dead_ends(network)
    assert nodes.tolist() == [v for v in range(n) if graph.degree(v) == 1]
    assert all(v in edges[e][:2] for v, e in zip(nodes, own, strict=True))
    walks = dict(nx.all_pairs_dijkstra_path_length(graph, weight="ms"))
    pairs = rng.integers(0, len(edges), (6, 2))
    links = Links(
        edge=pairs.astype(np.int32),
        offset_mm=np.zeros((6, 2), np.int64),
        mm=np.full(6, 100),
    )
    found = walked_mm(network, links, 10**6)
    expected = [walks[edges[a][0]].get(edges[b][0], NEVER) for a, b in pairs]
    assert found.tolist() == expected
    assert not_joined(network, links).tolist() == [mm > 50_000 for mm in expected]
