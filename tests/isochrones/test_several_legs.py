"""Homes that open onto the streets in several places, against networkx."""

from itertools import pairwise

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import NEVER, nearest, reach_table
from carecircle.isochrones.walkers import WALKERS

NORM = WALKERS["norm"]  # one millimetre takes one millisecond


def ms_from(graph, node):
    return nearest(graph, np.array([node], np.int32)).ms


def two_streets(worlds):
    """0 --100 m-- 1 and 2 --100 m-- 3, with no way between them."""
    return worlds.network([(0, 0), (100, 0), (0, 50), (100, 50)], [(0, 1), (2, 3)])


def test_a_walk_takes_the_better_gate(worlds):
    streets = two_streets(worlds)
    home = worlds.snaps([0, 1], [40_000, 90_000], [5_000, 1_000], point=[0, 0])
    graph = walk_graph(streets, NORM, home)
    ms = ms_from(graph, graph.points[0][0])
    assert ms[[0, 1, 2, 3]].tolist() == [45_000, 65_000, 91_000, 11_000]
    for node in range(4):
        assert ms_from(graph, node)[graph.points[0][0]] == ms[node]


def test_nobody_walks_through_a_home_with_two_gates(worlds):
    streets = two_streets(worlds)
    homes = worlds.snaps([0, 1, 1], [50_000, 50_000, 0], [0, 0, 0], point=[0, 0, 1])
    graph = walk_graph(streets, NORM, homes)
    through, beyond = graph.points[0]
    assert ms_from(graph, 0)[[1, through, 2, beyond]].tolist() == [100_000, 50_000, NEVER, NEVER]
    table = reach_table(graph, graph.points[0], graph.points[0], 10**6)
    assert table.row(0)[1].tolist() == [0, 50_000]
    both = nearest(graph, np.array([0, through], np.int32))
    assert both.ms[[0, 1, 2]].tolist() == [0, 50_000, 50_000]


def test_a_leg_that_does_not_attach_is_left_out(worlds):
    streets = two_streets(worlds)
    homes = worlds.snaps([-1, 1, -1], [0, 10_000, 0], [900, 7_000, 800], point=[0, 0, 1])
    assert len(homes) == 2
    assert homes.attached.tolist() == [True, False]
    assert homes.shortest_leg_mm.tolist() == [7_000, 800]
    graph = walk_graph(streets, NORM, homes)
    assert graph.points[0][1] == -1
    assert ms_from(graph, 2)[graph.points[0][0]] == 17_000


def test_taking_points_takes_all_their_legs(worlds):
    homes = worlds.snaps([3, 4, 5, 6], [1, 2, 3, 4], [40, 30, 20, 10], point=[0, 0, 1, 2])
    taken = homes.take(np.array([2, 0]))
    assert taken.edge.tolist() == [6, 3, 4]
    assert taken.point.tolist() == [0, 1, 1]
    assert taken.shortest_leg_mm.tolist() == [10, 30]
    assert len(homes.take(np.array([], int))) == 0


@st.composite
def towns(draw):
    n = draw(st.integers(2, 7))
    node = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(node, node, st.integers(0, 997)), min_size=1, max_size=10))
    leg = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, 20), st.integers(0, 60))
    homes = draw(st.lists(st.lists(leg, min_size=1, max_size=4), min_size=1, max_size=5))
    return n, edges, [[(e, edges[e][2] * s // 20, m) for e, s, m in legs] for legs in homes]


def streets_with_feet(n, edges, homes):
    """The same town for networkx: every edge cut at every foot, and each foot's leg."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(n))
    legs = [(home, *leg) for home, all_legs in enumerate(homes) for leg in all_legs]
    for number, (a, b, mm) in enumerate(edges):
        feet = sorted((at, k) for k, (_, edge, at, _) in enumerate(legs) if edge == number)
        line = [(0, a), *((at, ("foot", k)) for at, k in feet), (mm, b)]
        for (from_mm, here), (to_mm, there) in pairwise(line):
            graph.add_edge(here, there, weight=to_mm - from_mm)
    return graph, legs


@settings(max_examples=150, deadline=None)
@given(town=towns())
def test_any_walk_is_the_best_of_all_pairs_of_gates(worlds, town):
    n, edges, homes = town
    oracle, legs = streets_with_feet(n, edges, homes)
    walks = dict(nx.all_pairs_dijkstra_path_length(oracle))
    network = worlds.network(np.zeros((n, 2)), [e[:2] for e in edges], mm=[e[2] for e in edges])
    home, edge, offset, leg_mm = zip(*legs, strict=True)
    snaps = worlds.snaps(edge, offset, leg_mm, point=home)
    graph = walk_graph(network, NORM, snaps)
    doors = graph.points[0]
    for one in range(len(homes)):
        found = ms_from(graph, doors[one])
        mine = [k for k in range(len(legs)) if home[k] == one]
        for node in range(n):
            ways = [leg_mm[k] + walks[("foot", k)].get(node, NEVER) for k in mine]
            assert found[node] == min(*ways, NEVER)
        for other in range(len(homes)):
            theirs = [k for k in range(len(legs)) if home[k] == other]
            ways = [
                leg_mm[k] + walks[("foot", k)][("foot", q)] + leg_mm[q]
                for k in mine
                for q in theirs
                if ("foot", q) in walks[("foot", k)]
            ]
            assert found[doors[other]] == (0 if one == other else min(ways, default=NEVER))


@settings(max_examples=100, deadline=None)
@given(town=towns())
def test_gates_change_no_other_walk(worlds, town):
    n, edges, homes = town
    network = worlds.network(np.zeros((n, 2)), [e[:2] for e in edges], mm=[e[2] for e in edges])
    rows = [(home, *leg) for home, legs in enumerate(homes) for leg in legs]
    home, edge, offset, leg_mm = zip(*rows, strict=True)
    empty, full = (
        walk_graph(network, NORM, *points)
        for points in ((), (worlds.snaps(edge, offset, leg_mm, point=home),))
    )
    for node in range(n):
        assert ms_from(full, node)[:n].tolist() == ms_from(empty, node)[:n].tolist()
