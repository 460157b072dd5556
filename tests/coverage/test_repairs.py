"""What repairs of the streets would change, against whole new computations."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.coverage.circle import walks_of_homes
from carecircle.coverage.gaps import once_each
from carecircle.coverage.repairs import NewDoors, gained_by_doors, gained_by_links, standing
from carecircle.coverage.result import Circle
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.links import Links, on_street
from carecircle.isochrones.minutes import LONGEST_LIMIT_MS
from carecircle.isochrones.snapping import Snaps
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.network import EDGE_KINDS, WalkNetwork

DIRECTIONS = ("to", "from", "round_trip", "worse")


class Minute(Circle):
    """A circle whose limit is told in milliseconds."""

    @property
    def limit_ms(self):
        return self.minutes


def circle(limit_ms, direction="to", walker="norm"):
    return Minute("elderly", "age_60_plus", WALKERS[walker], limit_ms, direction=direction)


def streets(edges, n, z=None):
    """Streets from (node, node, millimetres), all nodes at one place."""
    m = len(edges)
    return WalkNetwork(
        crs="EPSG:4547",
        node_xy=np.zeros((n, 2)),
        edge_nodes=np.array([e[:2] for e in edges], np.int32).reshape(m, 2),
        edge_mm=np.array([e[2] for e in edges], np.int64),
        edge_kind=np.full(m, EDGE_KINDS.index("street"), np.uint8),
        edge_attachable=np.ones(m, bool),
        node_component=np.zeros(n, np.int32),
        facts={},
        node_z=None if z is None else np.array(z, float),
    )


def points(legs):
    """Points from (edge, offset, leg); several legs of a point stand in a list."""
    rows = [
        (point, *leg)
        for point, all_legs in enumerate(legs)
        for leg in (all_legs if isinstance(all_legs, list) else [all_legs])
    ]
    point, edge, offset, leg = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    zero = np.where(edge < 0, -1, 0).astype(np.int32)
    return Snaps(edge.astype(np.int32), offset, leg, zero, point.astype(np.int32))


def links(rows):
    """Links from (edge, offset, edge, offset, millimetres)."""
    table = np.array(rows, np.int64).reshape(-1, 5)
    return Links(table[:, [0, 2]].astype(np.int32), table[:, [1, 3]], table[:, 4])


def covered(which, network, homes, stations):
    graph = walk_graph(network, which.walker, homes, stations)
    return walks_of_homes(which, graph).ms <= which.limit_ms


def test_a_bridge_brings_those_whose_walk_over_it_is_within_the_limit():
    """Two banks of three nodes 100 m apart; the station at the south end of the east bank.

    Over a bridge of 10 m at the south end homes of the west bank need 10, 110 and 210 s.
    """
    banks = streets([(0, 1, 100_000), (1, 2, 100_000), (3, 4, 100_000), (4, 5, 100_000)], 6)
    homes = points([(0, 0, 0), (0, 100_000, 0), (1, 100_000, 0), (2, 50_000, 0)])
    station = points([(2, 0, 0)])
    people = np.array([1, 20, 300, 4000])
    south, north = (0, 0, 2, 0, 10_000), (1, 100_000, 3, 100_000, 10_000)
    halfway = (0, 50_000, 2, 50_000, 10_000)
    for limit, expected in ((9_999, [0, 0, 0]), (110_000, [21, 0, 21]), (210_000, [321, 300, 321])):
        now = standing(circle(limit), banks, homes, station, people)
        assert now.covered.tolist() == [False, False, False, limit >= 50_000]
        assert gained_by_links(now, links([south, north, halfway])).tolist() == expected


def test_nobody_is_gained_without_a_station_or_without_people():
    line = streets([(0, 1, 1000)], 2)
    homes = points([(0, 0, 0)])
    nowhere = points([(-1, 0, 9)])
    link = links([(0, 0, 0, 1000, 1)])
    for stations, people in ((nowhere, [5]), (nowhere.take(np.array([], int)), [5]), (homes, [0])):
        now = standing(circle(1000), line, homes, stations, np.array(people))
        assert gained_by_links(now, link).tolist() == [0]


@st.composite
def towns(draw):
    """Two parts, homes in one and stations in the other, hardly joined but by new links.

    Each part is a line with some streets more; a rare street joins them already.
    """
    n = draw(st.integers(2, 5))
    west, east = st.integers(0, n - 1), st.integers(n, 2 * n - 1)
    z = draw(st.none() | st.lists(st.floats(-0.3, 0.3), min_size=2 * n, max_size=2 * n))
    mm = st.integers(0 if z is None else 1, 400)  # no street goes straight up
    edges = [(at, at + 1, draw(mm)) for at in range(2 * n - 1) if at != n - 1]
    edges += draw(st.lists(st.tuples(west, west, mm) | st.tuples(east, east, mm), max_size=3))
    edges += draw(st.lists(st.tuples(west, east, st.integers(300, 1500)), max_size=2))
    in_west = st.integers(0, n - 2)
    in_east = st.integers(n - 1, 2 * n - 3)
    ways = st.integers(0, 10), st.integers(0, 100)
    homes = draw(
        st.lists(
            st.lists(st.tuples(in_west, *ways), min_size=1, max_size=2), min_size=3, max_size=6
        )
    )
    homes += draw(st.lists(st.lists(st.tuples(in_east, *ways), min_size=1, max_size=1), max_size=1))
    stations = draw(
        st.lists(
            st.lists(st.tuples(in_east, *ways), min_size=1, max_size=2), min_size=1, max_size=3
        )
    )
    new = draw(st.lists(st.tuples(west, east, st.integers(0, 600)), min_size=2, max_size=6))
    new = [(b, a, mm) if draw(st.booleans()) else (a, b, mm) for a, b, mm in new]
    people = [10**at for at in range(len(homes))]
    limit = draw(st.integers(100, 2500))
    return 2 * n, edges, z, homes, stations, new, np.array(people), limit


def at_tenths(edges, all_legs):
    return points([[(e, edges[e][2] * t // 10, mm) for e, t, mm in legs] for legs in all_legs])


def place_of(edges, node):
    """Edge and offset of a node; None where no edge ends at it."""
    for number, (a, b, mm) in enumerate(edges):
        if node in (a, b):
            return number, 0 if node == a else mm
    return None


@settings(max_examples=250, deadline=None)
@given(town=towns(), direction=st.sampled_from(DIRECTIONS), walker=st.sampled_from(list(WALKERS)))
def test_a_link_between_crossings_gains_what_a_new_run_with_it_gains(town, direction, walker):
    n, edges, z, homes, stations, new, people, limit = town
    network = streets(edges, n, z)
    home_snaps, station_snaps = at_tenths(edges, homes), at_tenths(edges, stations)
    which = circle(limit, direction, walker)
    before = covered(which, network, home_snaps, station_snaps)
    now = standing(which, network, home_snaps, station_snaps, people)
    assert now.covered.tolist() == before.tolist()
    ends = [(place_of(edges, a), place_of(edges, b), a, b, mm) for a, b, mm in new]
    ends = [end for end in ends if end[0] and end[1]]
    gained = gained_by_links(now, links([(*p, *q, mm) for p, q, _, _, mm in ends]))
    for count, (_, _, a, b, mm) in zip(gained, ends, strict=True):
        repaired = streets([*edges, (a, b, mm)], n, z)
        after = covered(which, repaired, home_snaps, station_snaps)
        assert count == people[after & ~before].sum()


@settings(max_examples=100, deadline=None)
@given(town=towns(), data=st.data())
def test_a_link_within_streets_gains_what_networkx_says(town, data):
    """Every street cut at the ends of the link, whose own edge joins their feet."""
    n, edges, _, homes, stations, _, people, limit = town
    network = streets(edges, n)
    home_snaps, station_snaps = at_tenths(edges, homes), at_tenths(edges, stations)
    place = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, 10))
    (e, s), (f, t), mm = data.draw(st.tuples(place, place, st.integers(0, 600)))
    link = links([(e, edges[e][2] * s // 10, f, edges[f][2] * t // 10, mm)])
    ends = on_street(network, link.edge.ravel(), link.offset_mm.ravel())
    graph = walk_graph(network, WALKERS["norm"], home_snaps, station_snaps, ends)
    oracle = nx.MultiDiGraph()
    oracle.add_nodes_from(range(len(graph.node_xy)))
    for tail in range(len(graph.indptr) - 1):
        for arc in range(graph.indptr[tail], graph.indptr[tail + 1]):
            oracle.add_edge(tail, int(graph.heads[arc]), ms=int(graph.arc_ms[arc]))
    doors, station_doors, link_doors = graph.points
    mute = {int(d) for d in np.flatnonzero(graph.is_door)}

    def inside(streets_now):
        found = []
        for door in doors.tolist():
            keep = [v for v in streets_now if v not in mute - {door, *link_doors.tolist()}]
            ms = nx.single_source_dijkstra_path_length(
                streets_now.subgraph([*keep, *station_doors.tolist()]), door, weight="ms"
            )
            found.append(any(ms.get(d, limit + 1) <= limit for d in station_doors.tolist()))
        return np.array(found)

    # a station is a door too: one walks into it and never on, so arcs out of it are cut
    oracle.remove_edges_from(
        [(u, v, k) for u, v, k in oracle.edges(keys=True) if u in set(station_doors.tolist())]
    )
    before = inside(oracle)
    a, b = link_doors.tolist()
    oracle.add_edge(a, b, ms=mm)
    oracle.add_edge(b, a, ms=mm)
    now = standing(circle(limit), network, home_snaps, station_snaps, people)
    assert now.covered.tolist() == before.tolist()
    assert gained_by_links(now, link).tolist() == [people[inside(oracle) & ~before].sum()]


@settings(max_examples=150, deadline=None)
@given(town=towns(), data=st.data(), direction=st.sampled_from(DIRECTIONS))
def test_new_doors_gain_what_a_new_run_with_them_gains(town, data, direction):
    n, edges, z, homes, stations, _, people, limit = town
    network = streets(edges, n, z)
    home_snaps, station_snaps = at_tenths(edges, homes), at_tenths(edges, stations)
    which = circle(limit, direction, "elderly")
    one = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, 10), st.integers(0, 200))
    changes = data.draw(
        st.lists(st.dictionaries(st.integers(0, len(homes) - 1), one), min_size=1, max_size=4)
    )
    rows = [(home, leg, at) for at, new in enumerate(changes) for home, leg in new.items()]
    opened = [[leg] for _, leg, _ in rows]
    bare = at_tenths(edges, opened) if opened else home_snaps.take(np.array([], int))
    doors = NewDoors(
        home=np.array([row[0] for row in rows], np.intp),
        leg_mm=bare.leg_mm,
        place=np.arange(len(rows)),
        change=np.array([row[2] for row in rows], np.intp),
    )
    places = replace(bare, leg_mm=np.zeros_like(bare.leg_mm))
    now = standing(which, network, home_snaps, station_snaps, people)
    gained = gained_by_doors(now, doors, places, len(changes))
    for count, new in zip(gained, changes, strict=True):
        both = [legs + ([new[at]] if at in new else []) for at, legs in enumerate(homes)]
        after = covered(which, network, at_tenths(edges, both), station_snaps)
        assert count == people[after & ~now.covered].sum()


def test_a_link_too_steep_for_the_walker_brings_nobody():
    steep = streets([(0, 1, 100_000), (2, 3, 100_000)], 4, [0, 0, 5, 5])
    homes, station = points([(0, 0, 0)]), points([(1, 0, 0)])
    link = links([(0, 0, 1, 0, 20_000)])  # 5 m up in 20 m
    careful = replace(WALKERS["norm"], max_slope_percent=10)
    for walker, gained in ((WALKERS["norm"], 7), (careful, 0)):
        which = replace(circle(60_000), walker=walker)
        now = standing(which, steep, homes, station, np.array([7]))
        assert gained_by_links(now, link).tolist() == [gained]


def test_the_longest_limit_still_allows_there_and_back():
    assert Circle("elderly", "age_60_plus", WALKERS["norm"], 60).limit_ms * 2 <= LONGEST_LIMIT_MS


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_many_links_are_counted_one_by_one(direction):
    """More links than are looked at together: a comb whose teeth each lack one link."""
    teeth = 300
    edges = [(at, at + 1, 1000) for at in range(teeth)]
    edges += [(teeth + 1 + 2 * at, teeth + 2 + 2 * at, 1000) for at in range(teeth)]
    network = streets(edges, 3 * teeth + 1)
    homes = points([(teeth + at, 0, 0) for at in range(teeth)])
    new = links([(at, 0, teeth + at, 1000, 5) for at in range(teeth)])
    now = standing(
        circle(101_005, direction), network, homes, points([(0, 0, 0)]), 1 + np.arange(teeth)
    )
    expected = [1 + at if at <= 100 else 0 for at in range(teeth)]
    assert gained_by_links(now, new).tolist() == expected


def test_dead_ends_that_face_each_other_are_one_link() -> None:
    """Two links between the same two dead ends, 2 m beside each other, and one 40 m away."""
    xy = np.array([[(0, 0), (30, 0)], [(30, 1), (1, 0)], [(0, 40), (30, 40)], [(0, 0), (30, 2)]])
    gained, mm = np.array([5, 9, 5, 7]), np.array([30_000, 29_000, 30_000, 30_000])
    loose = np.array([True, True, True, False])  # the last is a gap, and no matter of this
    assert once_each(xy, gained, mm, loose).tolist() == [False, True, True, True]
