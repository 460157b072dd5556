"""Walkers who must sit down on the way: small worlds by hand, and Pareto labels as the oracle.

The oracle keeps, for each node, every walk that is not both later and less rested than another
(label correcting; no graph of seats). It is drawn by this file on networkx.
"""

import heapq
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import NEVER, nearest, reach_table
from carecircle.isochrones.reached import reached_pieces
from carecircle.isochrones.routes import Walkable
from carecircle.isochrones.seats import between_doors, reached_with_seats
from carecircle.isochrones.walkers import Walker
from tests.isochrones.test_hills import dense, drawn, graph_of, hills, network_of, snaps_of

FAR_MS = 7_200_000
STROLLER = Walker("rests", "", "", 1000, 1, longest_without_bench_m=200)  # a metre a second


def street_with_benches(worlds, benches, length_m=1000):
    """A level street from home (0) to clinic (its end)."""
    street = worlds.network([(0, 0), (length_m, 0)], [(0, 1)])
    xy = np.array([(m, 3.0) for m in benches]).reshape(-1, 2)
    return replace(street, bench_xy=xy)


def walk_ms(worlds, benches, walker=STROLLER, length_m=1000, direction="to"):
    street = street_with_benches(worlds, benches, length_m)
    ends = worlds.snaps([0], [0], [0]), worlds.snaps([0], [1000 * length_m], [0])
    graph = between_doors(walk_graph(street, walker, *ends))
    home, clinic = graph.points
    return reach_table(graph, clinic, home, FAR_MS, direction=direction).ms.tolist()


def test_a_bench_every_200_m_is_enough_and_201_is_not(worlds) -> None:
    assert walk_ms(worlds, [200, 400, 600, 800]) == [1_000_000]
    assert walk_ms(worlds, [200, 401, 600, 800]) == []
    assert walk_ms(worlds, [], length_m=200) == [200_000]
    assert walk_ms(worlds, [], length_m=201) == []


def test_the_way_round_by_a_bench_is_walked_where_the_short_one_has_none(worlds) -> None:
    """Straight on 300 m without a bench; round two sides of 200 m with one at the corner."""
    streets = worlds.network([(0, 0), (300, 0), (0, 200)], [(0, 1), (0, 2), (1, 2)],
                             mm=[300_000, 200_000, 200_000])  # fmt: skip
    streets = replace(streets, bench_xy=np.array([(0.0, 200.0)]))
    ends = worlds.snaps([0], [0], [0]), worlds.snaps([0], [300_000], [0])
    for walker, ms in (
        (STROLLER, 400_000),
        (replace(STROLLER, longest_without_bench_m=300), 300_000),
    ):
        graph = between_doors(walk_graph(streets, walker, *ends))
        assert nearest(graph, graph.points[1]).at(graph.points[0]).ms.tolist() == [ms]
        route = Walkable(streets, walker, *ends)
        (start,), (end,) = route.graph.points
        assert route.route(start, end).ms.sum() == ms


def test_the_stretch_is_time_so_up_is_shorter_than_down(worlds) -> None:
    """190 m, 19 m up: 190 s times exp(0.35) is 270 s going up, 190 s coming down."""
    street = replace(
        worlds.network([(0, 0), (190, 0)], [(0, 1)], z=[0, 19]), bench_xy=np.empty((0, 2))
    )
    ends = worlds.snaps([0], [0], [0]), worlds.snaps([0], [190_000], [0])
    graph = between_doors(walk_graph(street, STROLLER, *ends))
    home, clinic = graph.points
    assert reach_table(graph, clinic, home, FAR_MS, direction="to").ms.tolist() == []
    assert reach_table(graph, clinic, home, FAR_MS, direction="from").ms.tolist() == [190_000]
    for both in ("round_trip", "worse"):
        assert reach_table(graph, clinic, home, FAR_MS, direction=both).ms.tolist() == []


def test_nobody_rests_in_anothers_home(worlds) -> None:
    street = replace(worlds.network([(0, 0), (300, 0)], [(0, 1)]), bench_xy=np.empty((0, 2)))
    homes, clinic = worlds.snaps([0, 0], [0, 150_000], [0, 0]), worlds.snaps([0], [300_000], [0])
    graph = between_doors(walk_graph(street, STROLLER, homes, clinic))
    found = nearest(graph, graph.points[1]).at(graph.points[0]).ms
    assert found.tolist() == [NEVER, 150_000]


def test_searches_refuse_streets_on_which_somebody_must_sit(worlds) -> None:
    graph = walk_graph(street_with_benches(worlds, [100]), STROLLER)
    with pytest.raises(ValueError, match="sit down"):
        nearest(graph, np.array([0], np.int32))
    with pytest.raises(ValueError, match="benches"):
        walk_graph(worlds.network([(0, 0), (9, 0)], [(0, 1)]), STROLLER)


def test_a_bench_far_from_every_street_is_none(worlds) -> None:
    street = street_with_benches(worlds, [100])
    near = walk_graph(street, STROLLER)
    far = walk_graph(replace(street, bench_xy=street.bench_xy + np.array([0, 28])), STROLLER)
    assert (len(near.benches), len(far.benches)) == (1, 0)


def test_streets_are_drawn_as_far_as_the_next_seat_allows(worlds) -> None:
    """Clinic at the end of 1000 m, a bench 150 m before it: reached are 150 + 200 m."""
    street = street_with_benches(worlds, [850])
    graph = walk_graph(street, STROLLER, worlds.snaps([], [], []), worlds.snaps([0], [10**6], [0]))
    (reached,) = reached_with_seats(graph, graph.points[1], 900_000, "to")
    pieces = reached_pieces(graph, reached, 900_000)
    assert sorted(pieces.ends[..., 0].ravel().tolist())[0] == pytest.approx(650)
    assert np.abs(np.diff(pieces.ends[..., 0], axis=1)).sum() == pytest.approx(350)


# --- any network


@st.composite
def rested(draw):
    """A hilly world, benches in it, and a walker who needs them."""
    heights, edges, homes, facilities, walker = draw(hills())
    leg = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, 60))
    benches = [[(edge, share, 0)] for edge, share in draw(st.lists(leg, max_size=5))]
    stretch_m = draw(st.integers(20, 150))
    walker = replace(walker, longest_without_bench_m=stretch_m)
    return (heights, edges, homes, facilities, walker), benches


def oracle(world, benches, start, goal):
    """Milliseconds of the quickest walk with seats; NEVER without one."""
    heights, edges, homes, facilities, walker = world
    graph = drawn((heights, edges, [*homes, *benches], facilities, walker))
    seats = {("in", "home", len(homes) + k) for k in range(len(benches))}
    waiting, kept = [(0, 0, str(start), start)], {}
    while waiting:
        ms, since, _, node = heapq.heappop(waiting)
        if node == goal:
            return ms
        if node in seats:
            node, since = ("out", *node[1:]), 0
        if any(s <= since for s in kept.get(node, [])):
            continue
        kept.setdefault(node, []).append(since)
        if node not in graph:
            continue
        for _, head, data in graph.out_edges(node, data=True):
            if since + data["ms"] <= walker.stretch_ms:
                heapq.heappush(waiting, (ms + data["ms"], since + data["ms"], str(head), head))
    return NEVER


@settings(max_examples=150, deadline=None)
@given(case=rested())
def test_walks_over_seats_are_those_of_the_oracle(worlds, case):
    world, benches = case
    homes, facilities = world[2:4]
    with pytest.MonkeyPatch.context() as patch:
        snaps = snaps_of(worlds, world[1], benches)
        patch.setattr("carecircle.isochrones.graph.benches_on", lambda *_: snaps)
        graph = graph_of(worlds, world)
        seats = between_doors(graph)
        walkable = Walkable(
            network_of(worlds, *world[:2]), world[4],
            *(snaps_of(worlds, world[1], points) for points in (homes, facilities)),
        )  # fmt: skip
    for direction in ("to", "from"):
        expected = np.full((len(facilities), len(homes)), NEVER)
        for f in range(len(facilities)):
            for h in range(len(homes)):
                ends = [("home", h), ("facility", f)]
                start, end = ends if direction == "to" else ends[::-1]
                expected[f, h] = oracle(world, benches, ("out", *start), ("in", *end))
        table = reach_table(seats, seats.points[1], seats.points[0], FAR_MS, 1, direction)
        np.testing.assert_array_equal(dense(table, len(homes)), expected)
        reached = reached_with_seats(graph, graph.points[1], FAR_MS, direction)
        doors = walkable.graph.points
        for f, nodes in enumerate(reached):
            for h, door in enumerate(graph.points[0]):
                at = np.flatnonzero(nodes.node == door)
                assert (nodes.ms[at[0]] if len(at) else NEVER) == expected[f, h]
                start, end = doors[0][h], doors[1][f]
                route = walkable.route(*((start, end) if direction == "to" else (end, start)))
                assert (NEVER if route is None else route.ms.sum()) == expected[f, h]
            assert (nodes.rest_ms >= 0).all()


@settings(max_examples=60, deadline=None)
@given(case=rested(), more=st.integers(1, 100))
def test_longer_stretches_and_more_benches_never_reach_less(worlds, case, more):
    world, benches = case

    def walks(benches, walker):
        snaps = snaps_of(worlds, world[1], benches)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("carecircle.isochrones.graph.benches_on", lambda *_: snaps)
            graph = between_doors(graph_of(worlds, (*world[:4], walker)))
        table = reach_table(graph, graph.points[1], graph.points[0], FAR_MS, 1)
        return dense(table, len(world[2]))

    walker = world[4]
    longer = replace(walker, longest_without_bench_m=walker.longest_without_bench_m + more)
    free = replace(walker, longest_without_bench_m=None)
    now = walks(benches, walker)
    assert (walks(benches, longer) <= now).all()
    assert (walks(benches[1:], walker) >= now).all()
    assert (walks(benches, free) <= now).all()


def test_there_and_back_is_drawn_as_far_as_the_slower_way_allows(worlds) -> None:
    """1000 m to the clinic, 10 % up to it, a bench 100 m before: 200 s uphill are 141 m."""
    street = worlds.network([(0, 0), (1000, 0)], [(0, 1)], z=[0, 100])
    street = replace(street, bench_xy=np.array([(900.0, 0.0)]))
    graph = walk_graph(street, STROLLER, worlds.snaps([], [], []), worlds.snaps([0], [10**6], [0]))
    for direction in ("to", "worse", "round_trip"):
        (reached,) = reached_with_seats(graph, graph.points[1], 900_000, direction)
        pieces = reached_pieces(graph, reached, 900_000, direction)
        uphill_m = 200 / np.exp(0.35)
        assert pieces.ends[..., 0].min() == pytest.approx(900 - uphill_m, abs=0.01)
    (reached,) = reached_with_seats(graph, graph.points[1], 900_000, "from")
    pieces = reached_pieces(graph, reached, 900_000, "from")
    assert pieces.ends[..., 0].min() == pytest.approx(700)
