import math
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.graph import LONGEST_MS, walk_graph
from carecircle.isochrones.minutes import NEVER, nearest
from carecircle.isochrones.walkers import WALKERS, Walker

NORM, ELDERLY = WALKERS["norm"], WALKERS["elderly"]


def ms_from(graph, node):
    return nearest(graph, np.array([node], np.int32)).ms


def test_two_homes_on_one_street(worlds):
    """0 --400 m-- 1, a clinic at 100 m (leg 5 m), a home at 300 m (leg 7 m)."""
    street = worlds.network([(0, 0), (400, 0)], [(0, 1)])
    clinic, home = worlds.snaps([0], [100_000], [5_000]), worlds.snaps([0], [300_000], [7_000])
    graph = walk_graph(street, NORM, clinic, home)
    ms = ms_from(graph, graph.points[0][0])
    assert ms[graph.points[1][0]] == 212_000
    assert ms[[0, 1]].tolist() == [105_000, 305_000]
    np.testing.assert_allclose(graph.node_xy[graph.points[1][0]], (300, 0))
    assert graph.arc_is_street.sum() == 6  # three pieces, both ways


def test_points_at_both_ends_and_together(worlds):
    street = worlds.network([(0, 0), (400, 0)], [(0, 1)])
    homes = worlds.snaps([0, 0, 0, 0], [400_000, 0, 50_000, 50_000], [0, 1, 2, 3])
    graph = walk_graph(street, NORM, homes)
    ms = ms_from(graph, 0)
    assert ms[graph.points[0]].tolist() == [400_000, 1, 50_002, 50_003]
    assert ms[1] == 400_000


def test_points_on_edges_without_length_and_on_parallel_edges(worlds):
    """0 ==(0 mm)== 1 ==(100 m and, in parallel, 300 m)== 2."""
    streets = worlds.network(
        [(0, 0), (0, 0), (100, 0)], [(0, 1), (1, 2), (1, 2)], mm=[0, 100_000, 300_000]
    )
    homes = worlds.snaps([0, 1, 2, 2], [0, 40_000, 40_000, 290_000], [0, 0, 0, 0])
    graph = walk_graph(streets, NORM, homes)
    # the last home lies beyond the short street's end: 100 m and 10 m back
    assert ms_from(graph, 0)[graph.points[0]].tolist() == [0, 40_000, 40_000, 110_000]


def test_nobody_walks_through_a_home(worlds):
    """Two homes at the same place with short legs do not join two streets."""
    streets = worlds.network([(0, 0), (100, 0), (0, 1), (100, 1)], [(0, 1), (2, 3)])
    graph = walk_graph(streets, NORM, worlds.snaps([0, 1], [50_000, 50_000], [0, 0]))
    ms = ms_from(graph, 0)
    assert ms[graph.points[0]].tolist() == [50_000, NEVER]
    degree = np.diff(graph.indptr)
    assert degree[graph.points[0]].tolist() == [1, 1]


def test_a_point_that_is_not_attached_has_no_door(worlds):
    street = worlds.network([(0, 0), (400, 0)], [(0, 1)])
    graph = walk_graph(
        street, NORM, worlds.snaps([-1, 0], [0, 10], [999, 0]), worlds.snaps([], [], [])
    )
    assert graph.points[0][0] == -1
    assert graph.points[0][1] == 3
    assert len(graph.points[1]) == 0
    assert len(walk_graph(street, NORM).points) == 0


def test_steps_are_left_out_for_a_stroller(worlds):
    """0 -steps- 1 and the long way 0 - 2 - 1; a home on the steps is reached by nobody."""
    streets = worlds.network(
        [(0, 0), (10, 0), (5, 90)],
        [(0, 1), (0, 2), (2, 1)],
        mm=[10_000, 100_000, 100_000],
        kind=["steps", "street", "street"],
    )
    home = worlds.snaps([0], [5_000], [0])
    stroller = walk_graph(streets, WALKERS["stroller"], home)
    assert ms_from(stroller, 0)[[1, stroller.points[0][0]]].tolist() == [200_000, NEVER]
    elderly = walk_graph(streets, ELDERLY, home)
    assert ms_from(elderly, 0)[[1, elderly.points[0][0]]].tolist() == [25_000, 12_500]


def test_what_does_not_fit_is_refused(worlds):
    street = worlds.network([(0, 0), (1, 0)], [(0, 1)], mm=[LONGEST_MS])
    assert walk_graph(street, NORM).arc_ms.max() == LONGEST_MS
    with pytest.raises(ValueError, match="edge is too long"):
        walk_graph(street, ELDERLY)
    with pytest.raises(ValueError, match="leg is too long"):
        walk_graph(street, NORM, worlds.snaps([0], [0], [2**31]))
    for offset in (-1, LONGEST_MS + 1):
        with pytest.raises(ValueError, match="beyond the end"):
            walk_graph(street, NORM, worlds.snaps([0], [offset], [0]))


@st.composite
def streets_with_points(draw):
    n = draw(st.integers(1, 7))
    node = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(node, node, st.integers(0, 997)), min_size=1, max_size=12))
    on = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, 60), st.integers(0, 50))
    places = draw(st.lists(on, max_size=8))
    points = [(e, edges[e][2] * share // 60, leg) for e, share, leg in places]
    speed = draw(st.sampled_from([600, 800, 1000, 1200]))
    return n, edges, points, Walker("test", "", "", speed)


def cut_and_oracle(worlds, n, edges, points, walker):
    streets = worlds.network(np.zeros((n, 2)), [e[:2] for e in edges], mm=[e[2] for e in edges])
    edge_ms = walker.edge_ms(streets)[:, 0].tolist()
    whole = [(a, b, ms) for (a, b, _), ms in zip(edges, edge_ms, strict=True)]
    oracle = dict(nx.all_pairs_dijkstra_path_length(worlds.multigraph(n, whole), weight="ms"))
    snaps = worlds.snaps(*zip(*points, strict=True)) if points else worlds.snaps([], [], [])
    return walk_graph(streets, walker, snaps), edge_ms, oracle


@settings(max_examples=150, deadline=None)
@given(world=streets_with_points())
def test_inserting_points_changes_no_other_walk(worlds, world):
    n = world[0]
    graph, _, oracle = cut_and_oracle(worlds, *world)
    for node in range(n):
        expected = [oracle[node].get(other, NEVER) for other in range(n)]
        assert ms_from(graph, node)[:n].tolist() == expected


@settings(max_examples=150, deadline=None)
@given(world=streets_with_points())
def test_door_to_door_by_formula(worlds, world):
    """Legs, and the best of: along the shared edge, or by either end of each edge."""
    _, edges, points, walker = world
    graph, edge_ms, oracle = cut_and_oracle(worlds, *world)

    def leg_ms(mm):
        return math.floor(Fraction(1000 * mm, walker.speed_mm_per_s) + Fraction(1, 2))

    def ends(edge, offset):
        a, b, mm = edges[edge]
        at = edge_ms[edge] * offset // mm if mm else 0
        return at, [(a, at), (b, edge_ms[edge] - at)]

    for i, (edge_p, offset_p, leg_p) in enumerate(points):
        ms = ms_from(graph, graph.points[0][i])
        for j, (edge_q, offset_q, leg_q) in enumerate(points):
            (at_p, ends_p), (at_q, ends_q) = ends(edge_p, offset_p), ends(edge_q, offset_q)
            ways = [
                p_ms + oracle[p][q] + q_ms
                for p, p_ms in ends_p
                for q, q_ms in ends_q
                if q in oracle[p]
            ]
            if edge_p == edge_q:
                ways.append(abs(at_p - at_q))
            legs = leg_ms(leg_p) + leg_ms(leg_q)
            expected = 0 if i == j else legs + min(ways, default=NEVER - legs)
            assert ms[graph.points[0][j]] == expected
