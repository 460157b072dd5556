"""Answers that change with the streets, against whole computations from scratch.

The oracle is networkx on a graph that this file draws by itself from the list of edits, in the
milliseconds of the written rule; and `whole`, the project's own run from scratch.
"""

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.inputs import frame_of
from carecircle.isochrones.graph import LONGEST_MS, walk_graph
from carecircle.isochrones.live import LiveNearest
from carecircle.isochrones.live_edits import (
    AddFacility,
    AddLink,
    CloseEdge,
    CloseFacility,
    MoveFacility,
    ReopenEdge,
    ReopenFacility,
)
from carecircle.isochrones.live_points import Places
from carecircle.isochrones.minutes import NEVER, nearest
from carecircle.isochrones.snapping import OTHER_STREET_M, snap, snap_doors
from carecircle.isochrones.walkers import STEPS, WALKERS, Walker
from carecircle.layers.gates import SAME_GATE_M
from carecircle.layers.network import EDGE_KINDS
from carecircle.layers.osm import read_osm
from carecircle.layers.streets import number_streets

DATA = Path(__file__).parents[3] / "shared" / "data"
NORM = WALKERS["norm"]  # 1 m/s: one millimetre takes one millisecond
STROLLER = WALKERS["stroller"]  # as fast, and cannot use steps
STREET = EDGE_KINDS.index("street")


def street(worlds, *lengths_m):
    """A straight street of edges of so many metres, from west to east."""
    x = np.cumsum([0, *lengths_m])
    nodes = [(float(at), 0.0) for at in x]
    return worlds.network(nodes, list(pairwise(range(len(nodes)))))


def answer(live):
    return list(zip(live.nearest.ms.tolist(), live.nearest.source.tolist(), strict=True))


def check(live):
    """What is kept is what a whole run says."""
    whole = live.whole()
    np.testing.assert_array_equal(live.nearest.ms, whole.ms)
    np.testing.assert_array_equal(live.nearest.source, whole.source)


# --- by hand


def test_a_facility_comes_moves_and_goes(worlds):
    """Homes at 0, 100 and 200 m of one street; a station at 0 m, then a second one."""
    line = street(worlds, 100, 100)
    homes = worlds.snaps([0, 1, 1], [0, 0, 100_000], [0, 0, 0])
    live = LiveNearest(line, NORM, homes, worlds.snaps([0], [0], [5_000]))
    assert answer(live) == [(5_000, 0), (105_000, 0), (205_000, 0)]
    change = live.apply(AddFacility(worlds.snaps([1], [100_000], [5_000])))
    assert (change.made, change.homes.tolist()) == (1, [2])
    assert (change.before.ms.tolist(), change.after.ms.tolist()) == ([205_000], [5_000])
    assert answer(live) == [(5_000, 0), (105_000, 0), (5_000, 1)]  # a tie goes to the first
    change = live.apply(MoveFacility(1, worlds.snaps([1], [10_000], [0])))
    assert answer(live) == [(5_000, 0), (10_000, 1), (90_000, 1)]
    live.apply(CloseFacility(0))
    assert answer(live) == [(110_000, 1), (10_000, 1), (90_000, 1)]
    live.apply(CloseFacility(1))
    assert answer(live) == [(NEVER, -1)] * 3
    live.apply(ReopenFacility(0))
    assert answer(live) == [(5_000, 0), (105_000, 0), (205_000, 0)]
    for _ in range(5):
        live.undo()
    assert answer(live) == [(5_000, 0), (105_000, 0), (205_000, 0)]
    with pytest.raises(ValueError, match="no edit"):
        live.undo()


def test_a_link_shortens_walks_and_is_closed_again(worlds):
    """A horseshoe: the arms 10 m apart at 90 m, the station at the end of one arm."""
    shoe = worlds.network([(0, 10), (100, 10), (100, 0), (0, 0)], [(0, 1), (1, 2), (2, 3)])
    homes = worlds.snaps([2, 2], [100_000, 50_000], [0, 0])
    live = LiveNearest(shoe, NORM, homes, worlds.snaps([0], [0], [0]))
    assert answer(live) == [(210_000, 0), (160_000, 0)]
    change = live.apply(AddLink((0, 2), (30_000, 70_000), 10_000))
    assert change.made == 3
    assert answer(live) == [(70_000, 0), (60_000, 0)]
    live.apply(CloseEdge(3))
    assert answer(live) == [(210_000, 0), (160_000, 0)]
    live.apply(ReopenEdge(3))
    live.apply(CloseEdge(1))
    assert answer(live) == [(70_000, 0), (60_000, 0)]
    live.apply(AddLink((3, 3), (0, 10_000), 1_000))  # a link on a link
    assert answer(live) == [(61_000, 0), (51_000, 0)]
    check(live)


def test_doors_open_onto_the_next_street_when_theirs_closes(worlds):
    """Two parallel streets 20 m apart; home and station 5 m and 8 m from the southern one."""
    town = worlds.network([(0, 0), (100, 0), (0, 20), (100, 20)], [(0, 1), (2, 3), (0, 2)])
    home, station = np.array([[10.0, 5.0]]), np.array([[60.0, 8.0]])
    live = LiveNearest(
        town,
        NORM,
        snap(town, home, 50),
        snap(town, station, 50),
        home_places=Places.open(home),
        facility_places=Places.open(station),
    )
    assert answer(live) == [(5_000 + 50_000 + 8_000, 0)]
    live.apply(CloseEdge(0))
    assert live.homes.edge.tolist() == [2]  # 10 m to the cross street, 15 m to the northern one
    assert answer(live) == [(10_000 + 15_000 + 60_000 + 12_000, 0)]
    link = live.link_between(np.array([20.0, 25.0]), np.array([0.0, 6.0]))
    assert (link.edges, link.offset_mm) == ((1, 2), (20_000, 6_000))
    live.apply(link)
    assert live.homes.edge.tolist() == [3]  # it leads past the home, 4.8 m away
    check(live)
    live.apply(ReopenEdge(0))
    live.undo()
    live.undo()
    live.undo()
    assert answer(live) == [(63_000, 0)]
    check(live)


def test_a_home_behind_gates_keeps_what_is_walked_inside(worlds):
    """A gate on a street that closes opens onto the next; the way inside stays 7 m.

    The second home has no place: it leads nowhere while its street is closed.
    """
    town = worlds.network([(0, 0), (100, 0), (0, 20), (100, 20)], [(0, 1), (2, 3)])
    places = Places.gates(np.array([[10.0, 5.0], [np.nan, np.nan]]), np.array([7_000, 0]))
    homes = worlds.snaps([0, 0], [10_000, 10_000], [5_000 + 7_000, 1_000])
    station = worlds.snaps([1, 0], [0, 0], [0, 0], point=[0, 0])
    live = LiveNearest(town, NORM, homes, station, home_places=places)
    assert answer(live) == [(22_000, 0), (11_000, 0)]
    live.apply(CloseEdge(0))
    assert answer(live) == [(7_000 + 15_000 + 10_000, 0), (NEVER, -1)]
    live.apply(CloseEdge(1))
    assert answer(live) == [(NEVER, -1)] * 2
    check(live)
    live.apply(ReopenEdge(0))
    assert answer(live) == [(22_000, 0), (11_000, 0)]
    live.undo()
    live.undo()
    assert answer(live) == [(32_000, 0), (NEVER, -1)]


def test_steps_shut_a_stroller_in_while_they_are_open(worlds):
    """Steps 10 m from home and station, the street 120 m: both are shut unless the steps are.

    A way within 100 m is taken, steps or not.
    """
    xy = [(0, 0), (100, 0), (0, 130), (100, 130)]
    town = worlds.network(xy, [(0, 1), (2, 3)], kind=["steps", "street"])
    home, station = np.array([[50.0, 10.0]]), np.array([[80.0, 10.0]])
    shut = snap_doors(town, home, 300, STROLLER)
    nobody = worlds.snaps([], [], [])
    live = LiveNearest(town, STROLLER, shut, nobody, home_places=Places.open(home))
    live.apply(AddFacility(station))
    assert (live.homes.edge.tolist(), live.facilities[0].snaps.edge.tolist()) == ([-1], [-1])
    assert answer(live) == [(NEVER, -1)]
    live.apply(CloseEdge(0))
    assert (live.homes.edge.tolist(), live.homes.leg_mm.tolist()) == ([1], [120_000])
    assert answer(live) == [(120_000 + 30_000 + 120_000, 0)]
    live.apply(ReopenEdge(0))
    assert answer(live) == [(NEVER, -1)]
    live.apply(AddLink((1, 1), (0, 100_000), 100_000))  # along the street, as far away
    assert answer(live) == [(NEVER, -1)]
    for known in ([(NEVER, -1)], [(270_000, 0)], [(NEVER, -1)]):
        live.undo()
        assert answer(live) == known
        check(live)
    live.apply(CloseEdge(1))
    live.apply(CloseEdge(0))
    assert answer(live) == [(NEVER, -1)]  # no street at all
    live.apply(ReopenEdge(1))
    assert answer(live) == [(270_000, 0)]


def test_steps_shut_a_gate_where_a_home_takes_another_street(worlds):
    """Steps 10 m away, a street 20 m away: too far for a gate, near enough for a home.

    From the gate it is 7 m to a home inside.
    """
    xy = [(0, 0), (100, 0), (0, 30), (100, 30)]
    town = worlds.network(xy, [(0, 1), (2, 3)], kind=["steps", "street"])
    at = np.array([[50.0, 10.0]])
    gate, inside_mm = snap_doors(town, at, 300, STROLLER, SAME_GATE_M), np.array([7_000])
    station = worlds.snaps([1], [0], [0])
    behind = LiveNearest(town, STROLLER, gate, station, home_places=Places.gates(at, inside_mm))
    beside = LiveNearest(
        town, STROLLER, snap_doors(town, at, 300, STROLLER), station, home_places=Places.open(at)
    )
    assert (answer(behind), answer(beside)) == ([(NEVER, -1)], [(70_000, 0)])
    for live in (behind, beside):
        live.apply(CloseEdge(0))
    assert (answer(behind), answer(beside)) == ([(77_000, 0)], [(70_000, 0)])
    for live in (behind, beside):
        live.apply(ReopenEdge(0))
    assert (answer(behind), answer(beside)) == ([(NEVER, -1)], [(70_000, 0)])


def test_a_new_way_too_steep_for_a_walker_shuts_a_door(worlds):
    """A link 5 m from a home that is 110 m from the street; it rises 50 m in 50 m."""
    xy, z = [(0, 0), (200, 0), (0, 90), (0, 140)], [0, 0, 0, 50]
    town = worlds.network(xy, [(0, 1), (2, 3)], kind="street", attachable=[True, False], z=z)
    home = np.array([[5.0, 110.0]])
    for steepest, edge in ((None, 2), (8, -1)):
        walker = Walker("test", "", "", 1000, 1, "none", steepest)
        live = LiveNearest(
            town,
            walker,
            snap_doors(town, home, 300, walker),
            worlds.snaps([0], [0], [0]),
            home_places=Places.open(home),
        )
        assert answer(live) == [(110_000 + 5_000, 0)]
        live.apply(AddLink((1, 1), (0, 50_000), 50_000))
        assert live.homes.edge.tolist() == [edge]
        check(live)
        live.undo()
        assert answer(live) == [(110_000 + 5_000, 0)]


def test_beyond_the_limit_nothing_is_near(worlds):
    line = street(worlds, 100, 100)
    homes = worlds.snaps([0, 1], [50_000, 50_000], [0, 0])
    live = LiveNearest(line, NORM, homes, worlds.snaps([0], [0], [0]), limit_ms=149_999)
    assert answer(live) == [(50_000, 0), (NEVER, -1)]
    live.apply(AddFacility(worlds.snaps([1], [100_000], [0])))
    live.apply(CloseFacility(0))
    assert answer(live) == [(NEVER, -1), (50_000, 1)]
    check(live)


def test_a_way_longer_than_any_street_is_found(worlds):
    """The queue of a search spans the longest street; a link may be longer."""
    pair = worlds.network([(0, 0), (1, 0), (0, 9), (1, 9)], [(0, 1), (2, 3)])
    homes = worlds.snaps([1, 1], [0, 1_000], [0, 0])
    live = LiveNearest(pair, NORM, homes, worlds.snaps([0], [0], [0]))
    live.apply(AddLink((0, 1), (0, 0), 50_000_000))
    assert answer(live) == [(50_000_000, 0), (50_001_000, 0)]


def test_what_cannot_be_done_is_refused_and_changes_nothing(worlds):
    line = street(worlds, 100, 100)
    homes = worlds.snaps([0], [0], [0])
    live = LiveNearest(line, NORM, homes, worlds.snaps([1], [0], [0]))
    live.apply(AddFacility(worlds.snaps([1], [5], [0])))
    live.apply(CloseFacility(1))
    live.apply(CloseEdge(1))
    before = answer(live)
    for edit, words in (
        (CloseFacility(2), "no facility 2"),
        (CloseFacility(-1), "no facility"),
        (CloseFacility(1), "facility 1 is closed"),
        (ReopenFacility(0), "facility 0 is open"),
        (MoveFacility(1, np.zeros((1, 2))), "facility 1 is closed"),
        (CloseEdge(2), "no edge 2"),
        (CloseEdge(1), "edge 1 is closed"),
        (ReopenEdge(0), "edge 0 is open"),
        (AddLink((0, 1), (0, 0), 5), "edge 1 is closed"),
        (AddLink((0, 0), (5, 100_001), 5), "no place"),
        (AddLink((0, 0), (-1, 0), 5), "no place"),
        (AddLink((0, 0), (0, 0), -5), "0 mm long or more"),
        (AddLink((0, 0), (0, 0), LONGEST_MS + 1), "too long"),
        (AddFacility(worlds.snaps([0, 0], [1, 2], [0, 0])), "one point"),
        (AddFacility(worlds.snaps([0], [100_001], [0])), "no place"),
        (AddFacility(np.array([[np.nan, 0]])), "finite"),
        (AddFacility(np.empty((0, 2))), "finite"),
    ):
        with pytest.raises(ValueError, match=words):
            live.apply(edit)
        assert answer(live) == before
        check(live)
    with pytest.raises(TypeError):
        live.apply(AddLink((0, 0), (0.5, 0), 5))
    assert answer(live) == before
    with pytest.raises(ValueError, match="not finite"):
        live.snap([[np.inf, 0]])
    for _ in range(3):
        live.undo()
    with pytest.raises(ValueError, match="farther than"):
        live.link_between(np.array([0.0, 0.0]), np.array([0.0, 9_000.0]))


def test_what_cannot_be_kept_is_refused_at_the_beginning(worlds):
    line = street(worlds, 100)
    home = worlds.snaps([0], [0], [0])
    for way in ("round_trip", "worse"):
        with pytest.raises(ValueError, match=way):
            LiveNearest(line, NORM, home, home, direction=way)
    with pytest.raises(ValueError, match="each of 1 legs"):
        LiveNearest(line, NORM, home, home, home_places=Places.open(np.zeros((2, 2))))
    with pytest.raises(ValueError, match="beyond the end"):
        LiveNearest(line, NORM, worlds.snaps([0], [100_001], [0]), home)
    with pytest.raises(ValueError, match="limit"):
        LiveNearest(line, NORM, home, home, limit_ms=0)


def test_only_so_many_edits_can_be_taken_back(worlds):
    line = street(worlds, 100)
    home = worlds.snaps([0], [0], [0])
    live = LiveNearest(line, NORM, home, home, undo_depth=2)
    for at in (1, 2, 3):
        live.apply(AddFacility(worlds.snaps([0], [at], [0])))
    live.undo()
    assert live.undo().made == 2
    with pytest.raises(ValueError, match="no edit"):
        live.undo()
    assert len(live.facilities) == 2


def test_what_comes_and_goes_leaves_no_room_behind(worlds):
    line = street(worlds, 100, 100)
    home = worlds.snaps([0], [0], [0])
    live = LiveNearest(line, NORM, home, home, undo_depth=3)
    arcs = live._city.streets.arcs
    for round_ in range(40):
        live.apply(MoveFacility(0, worlds.snaps([round_ % 2] * 2, [5, 7], [0, 0], point=[0, 0])))
        live.apply(AddLink((0, 1), (0, 50_000), 1))
        live.undo()
        if round_ == 5:
            room = arcs.n_nodes, arcs.n_pieces
    assert (arcs.n_nodes, arcs.n_pieces) == room
    check(live)


# --- any edits

KINDS = ("street", "street", "footway", "steps")


@st.composite
def hills(draw):
    """(network pieces, homes, facilities, walker); a point is a list of legs."""
    n = draw(st.integers(2, 8))
    node = st.integers(0, n - 1)
    heights = draw(st.none() | st.lists(st.integers(0, 20), min_size=n, max_size=n))
    mm = st.integers(0, 90_000) | st.sampled_from([0, 30_000])
    edges = draw(
        st.lists(st.tuples(node, node, mm, st.sampled_from(KINDS)), min_size=1, max_size=12)
    )
    walker = Walker(
        "test",
        "",
        "",
        draw(st.sampled_from([600, 1000, 1210])),
        draw(st.sampled_from([1, 2.5, None])),
        draw(st.sampled_from(["none", "tobler", "tobler_downhill"])),
        draw(st.sampled_from([None, 40])),
    )
    points = st.lists(legs_on(edges), max_size=5)
    return heights, n, edges, draw(points), draw(st.lists(legs_on(edges), max_size=4)), walker


def legs_on(edges):
    """Legs (edge, share of it in sixtieths, millimetres): several behind gates, ties wanted."""
    share, mm = st.integers(0, 60), st.integers(0, 9_000) | st.sampled_from([0, 500])
    return st.lists(st.tuples(st.integers(0, len(edges) - 1), share, mm), min_size=1, max_size=3)


class Model:
    """The same city as a plain list of what is there, and its walks by networkx."""

    def __init__(self, worlds, world, direction):
        heights, n, edges, homes, facilities, walker = world
        self.worlds, self.walker, self.direction = worlds, walker, direction
        self.network = worlds.network(
            np.zeros((n, 2)),
            [e[:2] for e in edges],
            mm=[e[2] for e in edges],
            kind=[e[3] for e in edges],
            z=heights,
        )
        self.mm = [e[2] for e in edges]
        self.ends = [e[:2] for e in edges]
        self.ms = walker.edge_ms(self.network).tolist()
        self.heights = heights
        self.homes, self.facilities = homes, list(facilities)
        self.links = {}
        self.open_facilities = set(range(len(facilities)))
        self.closed = set()

    def live(self, **options):
        return LiveNearest(
            self.network, self.walker, self.snaps(self.homes), self.snaps(self.facilities),
            direction=self.direction, **options,
        )  # fmt: skip

    def snaps(self, points):
        legs = [
            (e, self.mm[e] * share // 60, mm, at)
            for at, p in enumerate(points)
            for e, share, mm in p
        ]
        return (
            self.worlds.snaps(*zip(*legs, strict=True))
            if legs
            else self.worlds.snaps([], [], [], [])
        )

    def edit(self, draw):
        """A possible edit, done to the model."""
        kinds = ["add", "link"]
        kinds += ["move", "close"] if self.open_facilities else []
        shut = sorted(set(range(len(self.facilities))) - self.open_facilities)
        kinds += ["reopen"] if shut else []
        passable = sorted(set(range(len(self.mm))) - self.closed)
        kinds += ["close edge", "close edge"] if len(passable) else []
        kinds += ["open edge"] if self.closed else []
        kind = draw(st.sampled_from(kinds))
        if kind in ("close", "move"):
            which = draw(st.sampled_from(sorted(self.open_facilities)))
        if kind == "close":
            self.open_facilities.remove(which)
            return CloseFacility(which)
        if kind == "reopen":
            self.open_facilities.add(which := draw(st.sampled_from(shut)))
            return ReopenFacility(which)
        if kind == "close edge":
            self.closed.add(edge := draw(st.sampled_from(passable)))
            return CloseEdge(edge)
        if kind == "open edge":
            self.closed.remove(edge := draw(st.sampled_from(sorted(self.closed))))
            return ReopenEdge(edge)
        if kind == "link" and passable:
            return self.link(draw, passable)
        point = draw(legs_on(self.mm))
        if kind == "move":
            self.facilities[which] = point
            return MoveFacility(which, self.snaps([point]))
        self.open_facilities.add(len(self.facilities))
        self.facilities.append(point)
        return AddFacility(self.snaps([point]))

    def link(self, draw, passable):
        edges = draw(st.tuples(st.sampled_from(passable), st.sampled_from(passable)))
        offset_mm = tuple(self.mm[e] * draw(st.integers(0, 60)) // 60 for e in edges)
        mm = draw(st.integers(0, 60_000))
        self.links[len(self.mm)] = list(zip(edges, offset_mm, strict=True))
        self.mm.append(mm)
        z = None
        if self.heights is not None:
            z = [self.height(*end) for end in zip(edges, offset_mm, strict=True)]
        self.ends.append(z)
        alone = self.worlds.network([(0, 0), (1, 0)], [(0, 1)], mm=[mm], kind="footway", z=z)
        self.ms += self.walker.edge_ms(alone).tolist()
        return AddLink(edges, offset_mm, mm)

    def height(self, edge, offset_mm):
        a, b = self.ends[edge]
        if edge not in self.links:
            a, b = float(self.heights[a]), float(self.heights[b])
        share = offset_mm / max(self.mm[edge], 1)
        return a * (1 - share) + b * share

    def drawn(self):
        """A directed graph: a door is left at ("out", .) and entered at ("in", .)."""
        graph = nx.MultiDiGraph()
        stops = {e: [] for e in range(len(self.mm))}
        ends = {e: tuple(ends) for e, ends in enumerate(self.ends) if e not in self.links}
        for number, places in self.links.items():
            ends[number] = (("end", number, 0), ("end", number, 1))
            for end, (edge, offset_mm) in zip(ends[number], places, strict=True):
                stops[edge].append((offset_mm, end))
        for who, points in (("home", self.homes), ("facility", self.facilities)):
            for at, legs in enumerate(points):
                graph.add_nodes_from([("in", who, at), ("out", who, at)])
                for number, (edge, share, mm) in enumerate(legs):
                    foot = (who, at, number)
                    leg = int(self.walker.leg_ms(np.array([mm]))[0])
                    graph.add_edge(("out", who, at), foot, ms=leg)
                    graph.add_edge(foot, ("in", who, at), ms=leg)
                    stops[edge].append((self.mm[edge] * share // 60, foot))
        for e, mm in enumerate(self.mm):
            if e in self.closed or self.ms[e][0] < 0:
                continue
            line = [(0, ends[e][0]), *sorted(stops[e], key=lambda s: s[0]), (mm, ends[e][1])]
            for way in (0, 1):
                at_ms = [self.ms[e][way] * at // max(mm, 1) for at, _ in line[:-1]]
                at_ms = [0, *at_ms[1:], self.ms[e][way]]
                pieces = [after - before for before, after in pairwise(at_ms)]
                for ((_, u), (_, v)), piece in zip(pairwise(line), pieces, strict=True):
                    graph.add_edge(*((u, v) if way == 0 else (v, u)), ms=piece)
        return graph

    def answer(self):
        graph = self.drawn()
        if self.direction == "to":
            graph = graph.reverse()
        source, target = ("in", "out") if self.direction == "to" else ("out", "in")
        best = [(NEVER, -1)] * len(self.homes)
        for at in sorted(self.open_facilities, reverse=True):
            walks = nx.single_source_dijkstra_path_length(
                graph, (source, "facility", at), weight="ms"
            )
            for home in range(len(self.homes)):
                ms = walks.get((target, "home", home), NEVER)
                best[home] = min(best[home], (ms, at if ms != NEVER else -1))
        return best


@settings(max_examples=150, deadline=None)
@given(world=hills(), direction=st.sampled_from(["to", "from"]), data=st.data())
def test_any_edits_give_what_a_whole_computation_gives(worlds, world, direction, data):
    model = Model(worlds, world, direction)
    live = model.live()
    assert answer(live) == model.answer()
    answers = [answer(live)]
    for _ in range(data.draw(st.integers(1, 8))):
        change = live.apply(model.edit(data.draw))
        assert answer(live) == model.answer()
        check(live)
        before, after = answers[-1], answer(live)
        moved = [home for home in range(len(after)) if before[home] != after[home]]
        assert change.homes.tolist() == moved
        for told, known in ((change.before, before), (change.after, after)):
            assert told.ms.tolist() == [known[home][0] for home in moved]
            assert told.source.tolist() == [known[home][1] for home in moved]
        answers.append(after)
    for known in answers[-2::-1]:
        live.undo()
        assert answer(live) == known
        check(live)


@settings(max_examples=60, deadline=None)
@given(world=hills(), limit_ms=st.integers(1, 200_000), data=st.data())
def test_edits_taken_back_in_between_leave_no_trace(worlds, world, limit_ms, data):
    """Room that was given back is used again: nodes, pieces and labels of what is gone."""
    model = Model(worlds, world, "to")
    live = model.live(limit_ms=limit_ms)
    for _ in range(data.draw(st.integers(1, 4))):
        edits = [model.edit(data.draw) for _ in range(data.draw(st.integers(1, 3)))]
        for edit in edits:
            live.apply(edit)
        kept = answer(live)
        for _ in edits:
            live.undo()
        check(live)
        for edit in edits:
            live.apply(edit)
        assert answer(live) == kept
        check(live)


@settings(max_examples=60, deadline=None)
@given(world=hills(), data=st.data())
def test_the_numbers_of_streets_do_not_matter(worlds, world, data):
    heights, n, edges, homes, facilities, walker = world
    new = data.draw(st.permutations(range(n)))
    order = data.draw(st.permutations(range(len(edges))))
    now_at = {edge: place for place, edge in enumerate(order)}
    shuffled = [(new[edges[e][0]], new[edges[e][1]], *edges[e][2:]) for e in order]
    raised = heights and [z for _, z in sorted(zip(new, heights, strict=True))]

    def renamed(points):
        return [[(now_at[e], share, mm) for e, share, mm in legs] for legs in points]

    one = Model(worlds, world, "to")
    other = Model(worlds, (raised, n, shuffled, renamed(homes), renamed(facilities), walker), "to")
    live, same = one.live(), other.live()
    for _ in range(data.draw(st.integers(1, 5))):
        edge = data.draw(st.integers(0, len(edges) - 1))
        point = [(edge, data.draw(st.integers(0, 60)), data.draw(st.integers(0, 900)))]
        live.apply(AddFacility(one.snaps([point])))
        same.apply(AddFacility(other.snaps(renamed([point]))))
        assert answer(live) == answer(same)
        if edge not in one.closed and data.draw(st.booleans()):
            one.closed.add(edge)
            live.apply(CloseEdge(edge))
            same.apply(CloseEdge(now_at[edge]))
            assert answer(live) == answer(same)


# --- doors that find another street


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    block_m=st.sampled_from([60.0, 200.0]),
    walker=st.sampled_from([WALKERS["elderly"], STROLLER]),
    data=st.data(),
)
def test_doors_open_where_a_new_snapping_says(worlds, seed, block_m, walker, data):
    town = worlds.grid_town(seed, side=5, block_m=block_m)
    rng = np.random.default_rng(seed)
    are_steps = rng.random(len(town.edge_mm)) < data.draw(st.sampled_from([0.2, 0.9]))
    kinds = ["steps" if steps else "street" for steps in are_steps]
    town = replace(town, edge_kind=np.where(are_steps, STEPS, STREET).astype(np.uint8))
    home_xy = block_m * rng.uniform(-1.3, 5.3, (25, 2))
    station_xy = block_m * rng.uniform(0, 4, (3, 2))
    other_street_m = rng.choice([SAME_GATE_M, OTHER_STREET_M], 25)
    limit_m = data.draw(st.sampled_from([40.0, 100.0, 300.0]))
    if walker.usable(town).any():
        homes = snap_doors(town, home_xy, limit_m, walker, other_street_m)
        stations = snap_doors(town, station_xy, limit_m, walker)
    else:
        homes, stations = (worlds.snaps([-1] * k, [0] * k, [0] * k) for k in (25, 3))
    live = LiveNearest(
        town,
        walker,
        homes,
        stations,
        home_places=replace(Places.open(home_xy), other_street_m=other_street_m),
        facility_places=Places.open(station_xy),
        snap_m=limit_m,
    )
    nodes, edges, closed = town.node_xy.tolist(), town.edge_nodes.tolist(), set()
    for _ in range(data.draw(st.integers(1, 8))):
        was = [*nodes], [*edges], [*kinds], {*closed}
        if data.draw(st.booleans()):
            a, b = block_m * rng.uniform(0, 4, (2, 2))
            try:
                link = live.link_between(a, b, doors=data.draw(st.booleans()))
            except ValueError:
                continue
            live.apply(link)
            places = zip(link.edges, link.offset_mm, strict=True)
            ends = [at_place(nodes, edges, *place) for place in places]
            new = [len(nodes), len(nodes) + 1]
            edges.append(new if link.doors else [*new, "no door"])
            kinds.append("footway")
            nodes += ends
        elif closed and data.draw(st.booleans()):
            closed.remove(edge := data.draw(st.sampled_from(sorted(closed))))
            live.apply(ReopenEdge(edge))
        else:
            edge = data.draw(st.sampled_from(sorted(set(range(len(edges))) - closed)))
            closed.add(edge)
            live.apply(CloseEdge(edge))
        if data.draw(st.booleans()):
            live.undo()
            nodes, edges, kinds, closed = was
        check(live)
        left = [e for e in range(len(edges)) if e not in closed]
        doors = [len(edges[e]) == 2 for e in left]
        kind = [kinds[e] for e in left]
        now = worlds.network(nodes, [edges[e][:2] for e in left], attachable=doors, kind=kind)
        if not (now.edge_attachable & walker.usable(now)).any():
            assert (live.homes.edge == -1).all()
            continue
        anew = snap_doors(now, home_xy, limit_m, walker, other_street_m)
        same_doors(live.homes, anew, left)
        probes = block_m * rng.uniform(-1.3, 5.3, (5, 2))
        same_doors(live.snap(probes), snap_doors(now, probes, limit_m, walker), left)
        for one, at in zip(live.facilities, station_xy, strict=True):
            same_doors(one.snaps, snap_doors(now, at[None], limit_m, walker), left)


def at_place(nodes, edges, edge, offset_mm):
    a, b = (np.array(nodes[node]) for node in edges[edge][:2])
    length_mm = np.rint(1000 * np.hypot(*(b - a)))
    return (a + (b - a) * (offset_mm / max(length_mm, 1))).tolist()


def same_doors(found, known, left):
    edge = np.array([*left, -1])[known.edge]
    np.testing.assert_array_equal(found.edge, edge)
    np.testing.assert_array_equal(found.offset_mm, known.offset_mm)
    np.testing.assert_array_equal(found.leg_mm[edge >= 0], known.leg_mm[edge >= 0])


# --- a real city


@pytest.mark.parametrize("walker", [WALKERS["elderly"], STROLLER], ids=["elderly", "stroller"])
def test_las_palmas_edited_is_las_palmas_run_again(walker):
    path = DATA / "las_palmas" / "las_palmas_osm_20230221.osm.pbf"
    if not path.exists():
        assert not os.environ.get("CI"), f"{path} is missing"
        pytest.skip(f"{path} is missing")
    extract = read_osm(path)
    city = number_streets(extract.streets, frame_of(extract.streets).crs, {})
    rng = np.random.default_rng(0)
    home_xy, station_xy = (
        city.node_xy[rng.choice(len(city.node_xy), k)] + rng.uniform(-60, 60, (k, 2))
        for k in (4000, 25)
    )
    homes, stations = (snap_doors(city, xy, 300, walker) for xy in (home_xy, station_xy))
    live = LiveNearest(
        city, walker, homes, stations,
        home_places=Places.open(home_xy), facility_places=Places.open(station_xy),
    )  # fmt: skip
    graph = walk_graph(city, walker, homes, stations)
    known = nearest(graph, graph.points[1]).at(graph.points[0])
    np.testing.assert_array_equal(live.nearest.ms, known.ms)
    np.testing.assert_array_equal(live.nearest.source, known.source)
    busiest = np.bincount(homes.edge[homes.edge >= 0]).argmax()
    onto_steps = snap(city, home_xy, 300).edge
    onto_steps = onto_steps[(onto_steps >= 0) & (city.edge_kind[onto_steps] == STEPS)]
    steps = np.bincount(onto_steps).argmax()
    for edit in (
        AddFacility(home_xy[:1]),
        MoveFacility(3, home_xy[1:2]),
        CloseFacility(7),
        CloseEdge(int(steps)),
        CloseEdge(int(busiest)),
        live.link_between(home_xy[2], home_xy[2] + 250),
        CloseEdge(int(stations.edge[0])),
        ReopenEdge(int(busiest)),
        ReopenFacility(7),
        ReopenEdge(int(steps)),
    ):
        live.apply(edit)
        check(live)
    for _ in range(10):
        live.undo()
    np.testing.assert_array_equal(live.nearest.ms, known.ms)
    np.testing.assert_array_equal(live.nearest.source, known.source)
