"""Routes and what costs their time, by hand and against networkx."""

from dataclasses import replace

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.graph import arc_origins, walk_graph
from carecircle.isochrones.routes import Walkable, shortest_arcs
from carecircle.isochrones.walkers import WALKERS, Walker
from carecircle.isochrones.ways_out import gate_on_way, way_out
from carecircle.layers.gates import QuarterGates

ELDERLY, NORM = WALKERS["elderly"], WALKERS["norm"]


def test_every_part_of_a_walk_by_hand(worlds):
    """Level 100 m, 100 m up by 10 m, 20 m of steps up by 4 m, a kerb; legs of 8 m and 4 m.

    At 0.8 m/s 100 m take 125 s. Tobler at 10 %: exp(3.5 * 0.10) = 1.419068 times as long. Steps
    take twice the time, and half of a wait of 30 s is paid at the kerb.
    """
    streets = worlds.network(
        [(0, 0), (100, 0), (200, 0), (220, 0), (220, 0)],
        [(0, 1), (1, 2), (2, 3), (3, 4)],
        mm=[100_000, 100_000, 20_000, 0],
        kind=["street", "footway", "steps", "wait_primary"],
        z=[5, 5, 15, 19, 19],
    )
    walker = replace(ELDERLY, waits_s=(0, 30, 0, 0))
    home, station = worlds.snaps([0], [0], [8_000]), worlds.snaps([3], [0], [4_000])
    walkable = Walkable(streets, walker, home, station)
    (door,), (other,) = walkable.graph.points
    route = walkable.route(door, other)
    assert route.parts_ms(streets) == {
        "level": 250_000,
        "climb": 52_384,
        "steps": 50_000,
        "waits": 0,
        "legs": 10_000 + 5_000,
    }
    assert route.mm[route.edge >= 0].sum() == 220_000
    assert route.rise_m.sum() == 14
    far = worlds.snaps([3], [0], [4_000])
    beyond = replace(streets, edge_nodes=np.array([(0, 1), (1, 2), (2, 3), (4, 3)], np.int32))
    walkable = Walkable(beyond, walker, home, far)
    (door,), (other,) = walkable.graph.points
    assert walkable.route(door, other).parts_ms(beyond)["waits"] == 15_000
    back = walkable.route(other, door)
    assert back.parts_ms(beyond)["climb"] == 0  # no bonus downhill
    assert back.rise_m.sum() == -14


def test_a_walk_back_is_told_in_the_order_it_is_walked(worlds):
    line = worlds.network([(0, 0), (100, 0), (300, 0)], [(0, 1), (1, 2)])
    walkable = Walkable(line, NORM, worlds.snaps([0], [0], [0]), worlds.snaps([1], [200_000], [0]))
    (home,), (station,) = walkable.graph.points
    assert walkable.route(station, home).xy[[0, -1], 0].tolist() == [300, 0]
    assert walkable.route(home, station).xy[[0, -1], 0].tolist() == [0, 300]


def test_no_way_is_no_route(worlds):
    parts = worlds.network([(0, 0), (1, 0), (5, 0), (6, 0)], [(0, 1), (2, 3)])
    walkable = Walkable(parts, NORM, worlds.snaps([0], [0], [0]), worlds.snaps([1], [0], [0]))
    (home,), (station,) = walkable.graph.points
    assert walkable.route(home, station) is None
    assert shortest_arcs(walkable.graph, -1, home) is None


@st.composite
def towns(draw):
    n = draw(st.integers(2, 8))
    node = st.integers(0, n - 1)
    edges = draw(st.lists(st.tuples(node, node, st.integers(0, 60)), min_size=1, max_size=14))
    place = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, 10), st.integers(0, 9))
    legs = draw(st.lists(st.lists(place, min_size=1, max_size=3), min_size=2, max_size=5))
    z = draw(st.none() | st.lists(st.floats(0, 0.02), min_size=n, max_size=n))
    return n, edges, legs, z


@settings(max_examples=200, deadline=None)
@given(town=towns(), walker=st.sampled_from([NORM, ELDERLY]))
def test_a_route_is_a_walk_of_the_length_networkx_finds(worlds, town, walker):
    """Many edges take no time at all, and many walks are equally long."""
    n, edges, legs, z = town
    network = worlds.network(
        np.zeros((n, 2)), [e[:2] for e in edges], mm=[e[2] for e in edges], z=z
    )
    rows = [
        (k, e, edges[e][2] * t // 10, mm)
        for k, all_legs in enumerate(legs)
        for e, t, mm in all_legs
    ]
    point, edge, offset, leg = zip(*rows, strict=True)
    snaps = worlds.snaps(edge, offset, leg, point=point)
    walkable = Walkable(network, walker, snaps)
    graph, doors = walkable.graph, walkable.graph.points[0].tolist()
    oracle = nx.MultiDiGraph()
    for tail in range(len(graph.indptr) - 1):
        for arc in range(graph.indptr[tail], graph.indptr[tail + 1]):
            oracle.add_edge(tail, int(graph.heads[arc]), ms=int(graph.arc_ms[arc]))
    for start in doors:
        for end in doors:
            if start == end:
                continue
            others = oracle.subgraph(set(oracle) - (set(doors) - {start, end}))
            # nobody goes on from a door that is not their own
            ms = dict(nx.single_source_dijkstra_path_length(others, start, weight="ms")).get(end)
            arcs = shortest_arcs(graph, start, end)
            if ms is None:
                assert arcs is None
                continue
            tails = np.searchsorted(graph.indptr, arcs, side="right") - 1
            assert [*tails.tolist(), end] == [start, *graph.heads[arcs].tolist()]
            assert len(set(tails.tolist())) == len(tails)
            assert not graph.is_door[tails[1:]].any()
            route = walkable.route(start, end)
            assert route.ms.sum() == ms == sum(route.parts_ms(network).values())


@settings(max_examples=150, deadline=None)
@given(town=towns())
def test_arcs_know_what_they_are_pieces_of(worlds, town):
    """The pieces of each edge sum to it, in both directions; each leg is two arcs."""
    n, edges, legs, z = town
    network = worlds.network(
        np.zeros((n, 2)), [e[:2] for e in edges], mm=[e[2] for e in edges], z=z
    )
    rows = [
        (k, e, edges[e][2] * t // 10, mm)
        for k, all_legs in enumerate(legs)
        for e, t, mm in all_legs
    ]
    point, edge, offset, leg = zip(*rows, strict=True)
    snaps = worlds.snaps(edge, offset, leg, point=point)
    graph, origins = walk_graph(network, ELDERLY, snaps), arc_origins(network, ELDERLY, snaps)
    assert ((origins.edge >= 0) == graph.arc_is_street).all()
    assert ((origins.leg >= 0) == ~graph.arc_is_street).all()
    whole = ELDERLY.edge_ms(network)
    for number in range(len(edges)):
        for column, forward in enumerate((True, False)):
            pieces = (origins.edge == number) & (origins.forward == forward)
            assert graph.arc_ms[pieces].sum() == whole[number, column]
            assert pieces.sum() == 1 + list(edge).count(number)
    for number, mm in enumerate(leg):
        arcs = origins.leg == number
        assert graph.arc_ms[arcs].tolist() == [ELDERLY.leg_ms(np.array([mm]))[0]] * 2


def gates_of(rule, xy):
    edge, piece = np.array([], np.int64), np.array([], object)
    return QuarterGates(
        rule=np.array([rule], object),
        gate_xy=np.array(xy, float).reshape(-1, 2),
        gate_quarter=np.zeros(len(xy), np.int64),
        inner_edge=edge,
        inner_quarter=edge,
        inner_piece=piece,
    )


def test_the_gate_of_each_leg_is_found_again(worlds):
    """A home 30 m and 40 m from two gates, 2 m and 3 m from the street: 39 + 2 and 52 + 3 m."""
    street = worlds.network([(0, -2), (100, -2)], [(0, 1)])
    home = np.array([30.0, 30.0])
    gates = gates_of("entrances", [(30, 0), (70, 1)])
    far = round(1000 * np.hypot(40, 29))
    legs = worlds.snaps([0, 0], [30_000, 70_000], [41_000, (far * 130 + 50) // 100 + 3_000], [0, 0])
    first, second = (way_out(street, gates, home, 0, legs, at, 300, NORM) for at in (0, 1))
    assert (first.gate, first.inside_mm) == (0, 39_000)
    assert (second.gate, second.inside_mm) == (1, (far * 130 + 50) // 100)
    open_home = way_out(street, gates_of("nearest_edge", []), home, 0, legs, 0, 300, NORM)
    assert (open_home.gate, open_home.inside_mm) == (None, 0)


def test_a_way_along_inner_paths_goes_through_the_gate_it_passes():
    gates = gates_of("osm_gates", [(0, 0), (50, 10), (99, 0)])
    assert gate_on_way(gates, 0, np.array([(20.0, 0.0), (80.0, 0.0)])) == 1
    assert gate_on_way(gates, 0, np.array([(20.0, 40.0), (80.0, 40.0)])) is None
    assert gate_on_way(gates_of("nearest_edge", []), 0, np.array([(0.0, 0.0), (1.0, 0.0)])) is None


def test_the_benches_rested_at_are_named(worlds):
    """500 m with benches at 150, 300 and 400 m: who walks 200 m at a time needs the first two.

    Who walks 150 m needs all three; whoever never has to sit rests at none.
    """
    line = worlds.network([(0, 0), (500, 0)], [(0, 1)])
    benches = np.array([(150.0, 2.0), (300.0, 2.0), (400.0, 2.0)])
    home, station = worlds.snaps([0], [0], [0]), worlds.snaps([0], [500_000], [0])
    for longest_m, rests_at in ((200, [150, 300]), (150, [150, 300, 400]), (None, [])):
        walker = Walker("rests", "", "", 1000, 1, longest_without_bench_m=longest_m)
        streets = Walkable(replace(line, bench_xy=benches), walker, home, station)
        (start,), (end,) = streets.graph.points
        there, back = streets.route(start, end), streets.route(end, start)
        assert (there.ms.sum(), back.ms.sum()) == (500_000, 500_000)
        assert there.xy[list(there.rests)].tolist() == [[x, 0] for x in rests_at]
        if longest_m is None:
            assert back.rests == ()
