"""Going from junction to junction must not change a millisecond, for anybody, by networkx."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.graph import LONGEST_MS, WalkGraph, walk_graph
from carecircle.isochrones.minutes import NEVER, nearest, reach_table, sums_within
from carecircle.isochrones.walkers import WALKERS

NORM = WALKERS["norm"]
LIMIT_MS = 90_000


def junctions(graph):
    return graph.skeleton("from").junctions.tolist()


def arcs_of(skeleton):
    """(tail, head, ms) between junctions, of whatever row they are in; none that lead nowhere."""
    found, n = [], len(skeleton.junctions)
    for junction in range(n):
        at, more = -1, junction
        while more != at:
            at = more
            row = skeleton.arcs[at].tolist()
            for head, ms in zip(row[:4], row[4:], strict=True):
                if head >= n:
                    more = head
                elif head != at:
                    found.append((junction, head, ms))
    return sorted(found)


def oracle(graph: WalkGraph, source: int, direction: str) -> dict[int, int]:
    """Milliseconds between one node and all others, over the arcs as they are."""
    digraph = nx.DiGraph()
    digraph.add_nodes_from(range(len(graph.is_door)))
    tails = np.repeat(np.arange(len(graph.is_door)), np.diff(graph.indptr))
    for tail, head, ms in zip(
        tails.tolist(), graph.heads.tolist(), graph.search_ms(direction).tolist(), strict=True
    ):
        if graph.is_door[tail] and tail != source:
            continue  # nobody walks through a home
        if ms < digraph.get_edge_data(tail, head, {"ms": np.inf})["ms"]:
            digraph.add_edge(tail, head, ms=ms)
    return nx.single_source_dijkstra_path_length(digraph, source, weight="ms")


# --- by hand


def test_a_chain_becomes_one_arc_each_way(worlds):
    """0 -- 1 -- 2 -- 3, the middle two are bends; 10 m up at first, then level."""
    street = worlds.network(
        [(0, 0), (100, 0), (100, 70), (300, 70)], [(0, 1), (1, 2), (2, 3)], z=[0, 10, 10, 10]
    )
    graph = walk_graph(street, NORM)
    assert junctions(graph) == [0, 3]
    assert arcs_of(graph.skeleton("from")) == [(0, 1, 411_907), (1, 0, 370_000)]
    assert arcs_of(graph.skeleton("to")) == [(0, 1, 370_000), (1, 0, 411_907)]
    assert nearest(graph, [3]).ms.tolist() == [411_907, 270_000, 200_000, 0]
    assert nearest(graph, [1]).ms.tolist() == [141_907, 0, 70_000, 270_000]


def test_the_foot_of_a_door_lies_on_its_street(worlds):
    street = worlds.network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)])
    graph = walk_graph(street, NORM, worlds.snaps([1, -1], [30_000, 0], [5_000, 0]))
    assert junctions(graph) == [0, 2]
    door = graph.points[0][0]
    assert nearest(graph, [door]).ms.tolist() == [135_000, 35_000, 75_000, 5_000, 0]
    assert reach_table(graph, [door], [door, 1, door], 40_000).ms.tolist() == [0, 35_000, 0]


def test_a_junction_of_many_streets_has_rows_enough(worlds):
    star = worlds.graph_of(12, [(0, i, 10 * i) for i in range(1, 12)])
    assert arcs_of(star.skeleton("to")) == sorted(
        arc for i in range(1, 12) for arc in ((0, i, 10 * i), (i, 0, 10 * i))
    )
    assert nearest(star, [5]).ms.tolist() == [50] + [50 + 10 * i for i in range(1, 5)] + [0] + [
        50 + 10 * i for i in range(6, 12)
    ]


def test_rings_have_a_junction(worlds):
    """A lollipop: 0 -- 1, and a ring 1 - 2 - 3 - 1; elsewhere a ring of its own, 4 - 5 - 6."""
    ring = [(0, 1), (1, 2), (2, 3), (3, 1), (4, 5), (5, 6), (6, 4), (7, 7)]
    graph = worlds.graph_of(8, [(a, b, 5) for a, b in ring])
    assert junctions(graph) == [0, 1, 4, 7]
    assert nearest(graph, [2]).ms.tolist() == [10, 5, 0, 5] + [NEVER] * 4
    assert nearest(graph, [5]).ms.tolist() == [NEVER] * 4 + [5, 0, 5, NEVER]


def test_two_streets_between_two_bends_are_a_ring(worlds):
    graph = worlds.graph_of(2, [(0, 1, 5), (0, 1, 7)])
    assert junctions(graph) == [0]
    assert nearest(graph, [1]).ms.tolist() == [5, 0]
    assert reach_table(graph, [0, 1], None, 5).ms.tolist() == [0, 5, 5, 0]


def test_a_chain_that_takes_too_long_is_cut_by_junctions(worlds):
    edges = [(0, 1, LONGEST_MS), (1, 2, LONGEST_MS), (2, 3, LONGEST_MS), (3, 4, 1)]
    graph = worlds.graph_of(5, edges)
    assert junctions(graph) == [0, 1, 2, 3, 4]
    assert nearest(graph, [0]).ms.tolist() == [0, LONGEST_MS, NEVER, NEVER, NEVER]
    assert nearest(graph, [4]).ms.tolist() == [NEVER, NEVER, NEVER, 1, 0]


def test_level_ground_has_one_skeleton_for_both_directions(worlds):
    graph = worlds.graph_of(3, [(0, 1, 5), (1, 2, 7)])
    assert graph.skeleton("to") is graph.skeleton("from")


def test_a_second_entrance_serves_although_somebody_else_is_as_near_to_the_first(worlds):
    """Station 1 has entrances at 0 m and at 1 km; station 0 stands where its first one is.

    At the second one station 1 is nearer, though at its own door a tie names station 0.
    """
    street = worlds.network([(0, 0), (1000, 0), (3000, 0)], [(0, 1), (1, 2)])
    stations = worlds.snaps([0, 0, 1], [0, 0, 0], [0, 0, 0], point=[0, 1, 1])
    home = worlds.snaps([1], [100_000], [0])
    graph = walk_graph(street, NORM, stations, home)
    found = nearest(graph, graph.points[0]).at(graph.points[1])
    assert (found.ms.tolist(), found.source.tolist()) == ([100_000], [1])


# --- any network


@st.composite
def chains(draw):
    """(heights, edges (a, b, mm), legs of doors (edge, share of it, mm, door)), many bends."""
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
    legs = draw(st.lists(st.lists(place, min_size=1, max_size=3), max_size=4))
    doors = [(*leg, door) for door, of_door in enumerate(legs) for leg in of_door]
    return heights, edges, doors, draw(st.permutations(range(n)))


def graph_of(worlds, heights, edges, doors):
    ends, mm = [e[:2] for e in edges], [e[2] for e in edges]
    streets = worlds.network(np.zeros((len(heights), 2)), ends, mm=mm, z=heights)
    places = [(e, edges[e][2] * share // 60, leg, door) for e, share, leg, door in doors]
    snaps = worlds.snaps(*zip(*places, strict=True)) if places else worlds.snaps([], [], [])
    return walk_graph(streets, WALKERS["elderly"], snaps)


@settings(max_examples=300, deadline=None)
@given(world=chains(), direction=st.sampled_from(["to", "from"]))
def test_every_pair_of_nodes_by_networkx(worlds, world, direction):
    heights, edges, doors, _ = world
    graph = graph_of(worlds, heights, edges, doors)
    nodes = np.arange(len(graph.is_door), dtype=np.int32)
    table = reach_table(graph, nodes, None, LIMIT_MS, 2, direction)
    twice = reach_table(graph, nodes, np.append(nodes, nodes), LIMIT_MS, 1, direction)
    people = 10 ** (nodes % 9).astype(np.int64)
    sums = sums_within(graph, nodes, nodes, people, LIMIT_MS, 2, direction)
    for source in nodes.tolist():
        true = oracle(graph, source, direction)
        near = {node: ms for node, ms in sorted(true.items()) if ms <= LIMIT_MS}
        target, ms = table.row(source)
        assert dict(zip(target.tolist(), ms.tolist(), strict=True)) == near
        assert target.tolist() == sorted(near)
        both = twice.row(source)
        assert both[0].tolist() == [*near, *(node + len(nodes) for node in near)]
        assert both[1].tolist() == 2 * list(near.values())
        assert sums[source] == people[list(near)].sum()
        found = nearest(graph, [source], direction=direction)
        assert found.ms.tolist() == [true.get(node, NEVER) for node in nodes.tolist()]


@settings(max_examples=300, deadline=None)
@given(world=chains(), data=st.data(), direction=st.sampled_from(["to", "from"]))
def test_the_nearest_of_several_and_its_ties_by_networkx(worlds, world, data, direction):
    heights, edges, doors, _ = world
    graph = graph_of(worlds, heights, edges, doors)
    n = len(graph.is_door)
    sources = data.draw(st.lists(st.integers(-1, n - 1), max_size=6))
    limit_ms = data.draw(st.sampled_from([None, 1, 5_000, LIMIT_MS]))
    rows = [oracle(graph, source, direction) if source >= 0 else {} for source in sources]
    found = nearest(graph, np.array(sources, np.int32), limit_ms, direction)
    for node in range(n):
        best = min(((row[node], at) for at, row in enumerate(rows) if node in row), default=None)
        if best is None or (limit_ms is not None and best[0] > limit_ms):
            best = NEVER, -1
        assert (found.ms[node], found.source[node]) == best


@settings(max_examples=100, deadline=None)
@given(world=chains())
def test_junctions_are_what_has_not_two_streets(worlds, world):
    heights, edges, doors, _ = world
    graph = graph_of(worlds, heights, edges, doors)
    streets = nx.MultiGraph()
    streets.add_nodes_from(np.flatnonzero(~graph.is_door).tolist())
    tails = np.repeat(np.arange(len(graph.is_door)), np.diff(graph.indptr))
    pairs = [(t, h) for t, h in zip(tails.tolist(), graph.heads.tolist(), strict=True) if t < h]
    streets.add_edges_from(p for p in pairs if not graph.is_door[list(p)].any())
    loops = {t for t, h in zip(tails.tolist(), graph.heads.tolist(), strict=True) if t == h}
    expected = set()
    for part in nx.connected_components(streets):
        some = {node for node in part if streets.degree(node) != 2 or node in loops}
        expected |= some or {min(part)}
    assert set(junctions(graph)) == expected


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
            reach_table(graph, graph.points[0], graph.points[0], LIMIT_MS, direction=direction)
            for graph in (
                graph_of(worlds, heights, edges, doors),
                graph_of(worlds, raised, renamed, moved),
            )
        )
        for name in ("indptr", "target", "ms"):
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name))


@pytest.mark.parametrize("threads", [2, 3, 4, 70])
def test_threads_change_nothing(worlds, threads):
    town = worlds.grid_town(threads)
    graph = walk_graph(town, WALKERS["elderly"])
    sources = np.random.default_rng(threads).permutation(len(town.node_xy))[:60].astype(np.int32)
    one, many = (reach_table(graph, sources, None, 600_000, k) for k in (1, threads))
    for name in ("indptr", "target", "ms"):
        np.testing.assert_array_equal(getattr(many, name), getattr(one, name))


def test_targets_asked_for_again_are_those_of_the_question(worlds):
    """A to B and back: what is kept of one set of targets never answers for another."""
    town = worlds.grid_town(1)
    sources = np.array([0, 50], np.int32)
    some, others = np.arange(0, 90, 3, dtype=np.int32), np.arange(1, 91, 3, dtype=np.int32)
    graph = walk_graph(town, NORM)
    for targets in (some, others, some, some[::-1].copy()):
        again = reach_table(graph, sources, targets, 600_000)
        anew = reach_table(walk_graph(town, NORM), sources, targets, 600_000)
        assert len(again.target)
        for name in ("indptr", "target", "ms"):
            np.testing.assert_array_equal(getattr(again, name), getattr(anew, name))
