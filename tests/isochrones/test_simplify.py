"""Leaving out bends must not change a millisecond; hill worlds are drawn with chains in them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.graph import LONGEST_MS, WalkGraph, walk_graph
from carecircle.isochrones.minutes import NEVER, nearest, reach_table
from carecircle.isochrones.simplify import simplified
from carecircle.isochrones.walkers import WALKERS, Walker

NORM = WALKERS["norm"]


def walks(graph, sources, targets, direction="to"):
    """(sources, targets) milliseconds at any distance, NEVER where there is no way."""
    rows = [nearest(graph, [source], direction=direction).ms[targets] for source in sources]
    return np.array(rows, np.int64).reshape(len(sources), len(targets))


# --- by hand


def test_a_chain_becomes_one_arc_each_way(worlds):
    """0 -- 1 -- 2 -- 3, the middle two are bends; 10 m up at first, then level."""
    street = worlds.network(
        [(0, 0), (100, 0), (100, 70), (300, 70)], [(0, 1), (1, 2), (2, 3)], z=[0, 10, 10, 10]
    )
    short = simplified(walk_graph(street, NORM))
    assert short.node_xy.tolist() == [[0, 0], [300, 70]]
    assert short.heads.tolist() == [1, 0]
    assert short.arc_ms.tolist() == [141_907 + 270_000, 370_000]
    assert short.back_ms.tolist() == [370_000, 141_907 + 270_000]
    assert not short.arc_is_street.any()


def test_a_chain_with_a_door_keeps_the_foot_of_the_door(worlds):
    street = worlds.network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)])
    graph = walk_graph(street, NORM, worlds.snaps([1, -1], [30_000, 0], [5_000, 0]))
    short = simplified(graph)
    assert len(short.node_xy) == 4  # both ends, the foot, the door
    door, none = short.points[0]
    assert none == -1
    assert short.is_door.nonzero()[0].tolist() == [door]
    assert walks(short, [door], [0, 1]).tolist() == [[135_000, 75_000]]


def test_of_parallel_chains_each_direction_takes_its_quickest(worlds):
    """From 0 to 3 over a hill (1) or round it (2): up is slow one way, the other way round."""
    streets = worlds.network(
        [(0, 0), (50, 50), (50, -50), (100, 0), (-9, 0), (109, 0)],
        [(0, 1), (1, 3), (0, 2), (2, 3), (0, 4), (3, 5)],
        mm=[100_000, 100_000, 110_000, 110_000, 9_000, 9_000],
        z=[0, 20, 0, 0, 0, 0],
    )
    graph = walk_graph(streets, Walker("", "", "", 1000, slope_law="tobler_downhill"))
    short = simplified(graph)
    assert len(short.node_xy) == 4
    np.testing.assert_array_equal(
        walks(short, [2, 3], [2, 3], "from"), walks(graph, [4, 5], [4, 5], "from")
    )


def test_rings_and_loops_lead_nowhere(worlds):
    """A lollipop: 0 -- 1, and a ring 1 - 2 - 3 - 1; elsewhere a ring of its own, 4 - 5 - 6."""
    ring = [(0, 1), (1, 2), (2, 3), (3, 1), (4, 5), (5, 6), (6, 4), (0, 0)]
    short = simplified(worlds.graph_of(7, [(a, b, 5) for a, b in ring]))
    assert np.diff(short.indptr).tolist() == [1, 1]
    assert short.heads.tolist() == [1, 0]


def test_two_streets_to_the_same_bend_are_an_end(worlds):
    """1 is joined to 0 only, twice: it is the end of a street and stays."""
    short = simplified(worlds.graph_of(2, [(0, 1, 5), (0, 1, 7)]))
    assert short.arc_ms.tolist() == [5, 5]


def test_a_chain_longer_than_any_walk_is_not_walked(worlds):
    edges = [(0, 1, LONGEST_MS), (1, 2, LONGEST_MS), (2, 3, LONGEST_MS), (3, 4, 1)]
    graph = worlds.graph_of(5, edges)
    short = simplified(graph)
    assert short.arc_ms.tolist() == [LONGEST_MS + 1] * 2
    assert walks(short, [0], [1]).tolist() == walks(graph, [0], [4]).tolist() == [[NEVER]]


def test_level_ground_keeps_one_array_for_both_ways(worlds):
    short = simplified(worlds.graph_of(3, [(0, 1, 5), (1, 2, 7)]))
    assert short.back_ms is short.arc_ms
    assert isinstance(short, WalkGraph)


# --- any network


@st.composite
def chains(draw):
    """(heights, edges (a, b, mm), doors (edge, share of it, mm)), streets with many bends."""
    n = draw(st.integers(1, 5))
    node = st.integers(0, n - 1)
    edges = []
    for a, b, bends in draw(
        st.lists(st.tuples(node, node, st.integers(0, 4)), min_size=1, max_size=8)
    ):
        stops = [a, *range(n, n + bends), b]
        n += bends
        edges += [(u, v, draw(st.integers(0, 50_000))) for u, v in pairwise(stops)]
    heights = draw(st.lists(st.integers(0, 30), min_size=n, max_size=n))
    place = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, 60), st.integers(0, 9_000))
    return heights, edges, draw(st.lists(place, max_size=5)), draw(st.permutations(range(n)))


def graph_of(worlds, heights, edges, doors):
    ends, mm = [e[:2] for e in edges], [e[2] for e in edges]
    streets = worlds.network(np.zeros((len(heights), 2)), ends, mm=mm, z=heights)
    places = [(e, edges[e][2] * share // 60, leg) for e, share, leg in doors]
    snaps = worlds.snaps(*zip(*places, strict=True)) if places else worlds.snaps([], [], [])
    return walk_graph(streets, WALKERS["elderly"], snaps)


@settings(max_examples=200, deadline=None)
@given(world=chains())
def test_no_walk_between_doors_or_junctions_changes(worlds, world):
    heights, edges, doors, _ = world
    graph = graph_of(worlds, heights, edges, doors)
    # every node gets a place of its own, by which it is found again
    graph.node_xy[:] = np.arange(len(graph.node_xy))[:, None]
    short = simplified(graph)
    old = short.node_xy[:, 0].astype(int)
    new = np.arange(len(old))
    assert len(set(old)) == len(old)
    assert old[short.points[0]].tolist() == graph.points[0].tolist()
    for direction in ("to", "from"):
        np.testing.assert_array_equal(
            walks(short, new, new, direction), walks(graph, old, old, direction)
        )


@settings(max_examples=100, deadline=None)
@given(world=chains())
def test_what_stays_has_no_bend_but_where_chains_were_joined(worlds, world):
    heights, edges, doors, _ = world
    graph = graph_of(worlds, heights, edges, doors)
    neighbours = [set() for _ in graph.node_xy]
    tails = np.repeat(np.arange(len(graph.node_xy)), np.diff(graph.indptr))
    for tail, head in zip(tails.tolist(), graph.heads.tolist(), strict=True):
        neighbours[tail] |= {head} - {tail}
    stays = [len(near) != 2 or door for near, door in zip(neighbours, graph.is_door, strict=True)]
    assert len(simplified(graph).node_xy) == sum(stays)


@settings(max_examples=100, deadline=None)
@given(world=chains())
def test_numbers_and_order_do_not_matter(worlds, world):
    heights, edges, doors, new = world
    raised = [0] * len(heights)
    for node, z in enumerate(heights):
        raised[new[node]] = z
    renamed = [(new[a], new[b], mm) for a, b, mm in reversed(edges)]
    moved = [(len(edges) - 1 - edge, *rest) for edge, *rest in doors]
    for direction in ("to", "from"):
        before, after = (
            (lambda g: walks(g, g.points[0], g.points[0], direction))(simplified(graph))
            for graph in (
                graph_of(worlds, heights, edges, doors),
                graph_of(worlds, raised, renamed, moved),
            )
        )
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("seed", range(3))
def test_a_town_is_walked_alike(worlds, seed):
    town = worlds.grid_town(seed)
    rng = np.random.default_rng(seed)
    edge = rng.integers(0, len(town.edge_mm), 60)
    homes = worlds.snaps(edge, rng.integers(0, town.edge_mm[edge] + 1), rng.integers(0, 9_000, 60))
    graph = walk_graph(town, WALKERS["elderly"], homes)
    short = simplified(graph)
    assert len(short.node_xy) < len(graph.node_xy)
    tables = [reach_table(g, g.points[0], g.points[0], 600_000) for g in (graph, short)]
    for name in ("indptr", "target", "ms"):
        np.testing.assert_array_equal(*(getattr(table, name) for table in tables))
