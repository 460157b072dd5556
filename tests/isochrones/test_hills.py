"""Properties of any network, with slopes, steps, lifts, waits and gates all at once.

The oracle is networkx on a directed graph that this file draws by itself: an edge each way in
the milliseconds of the written formulas, doors that nobody walks through.
"""

import math
from fractions import Fraction
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import (
    NEVER,
    nearest,
    nearest_k,
    reach_table,
    sums_within,
    within,
)
from carecircle.isochrones.walkers import Walker

KINDS = ("street", "street", "footway", "steps", "lift", "wait_signals", "wait_primary")
FAR_MS = 7_200_000


@st.composite
def hills(draw):
    """(heights, edges (a, b, mm, kind), homes, facilities, walker): small, with everything.

    A point is a list of legs (edge, share of it in sixtieths, millimetres), several behind gates.
    """
    n = draw(st.integers(1, 7))
    node = st.integers(0, n - 1)
    heights = draw(st.lists(st.integers(0, 30), min_size=n, max_size=n))
    kind = st.sampled_from(KINDS)
    edges = [
        (a, b, 0 if kind.startswith("wait") else mm, kind)
        for a, b, mm, kind in draw(
            st.lists(st.tuples(node, node, st.integers(0, 90_000), kind), min_size=1, max_size=12)
        )
    ]
    leg = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, 60), st.integers(0, 9_000))
    points = st.lists(st.lists(leg, min_size=1, max_size=3), max_size=4)
    walker = Walker(
        "test",
        "",
        "",
        draw(st.sampled_from([600, 850, 1000, 1210])),
        draw(st.sampled_from([1, 2, 2.5, None])),
        draw(st.sampled_from(["none", "tobler", "tobler_downhill"])),
        draw(st.sampled_from([None, 12, 40])),
        draw(st.sampled_from([(0, 0, 0, 0), (40, 25, 0, 0)])),
    )
    return heights, edges, draw(points), draw(points), walker


def network_of(worlds, heights, edges):
    n = len(heights)
    ends, mm, kinds = [e[:2] for e in edges], [e[2] for e in edges], [e[3] for e in edges]
    return worlds.network(np.zeros((n, 2)), ends, mm=mm, kind=kinds, z=heights)


def snaps_of(worlds, edges, points):
    legs = [
        (e, edges[e][2] * share // 60, mm, at) for at, p in enumerate(points) for e, share, mm in p
    ]
    return worlds.snaps(*zip(*legs, strict=True)) if legs else worlds.snaps([], [], [], [])


def graph_of(worlds, world):
    heights, edges, homes, facilities, walker = world
    streets = network_of(worlds, heights, edges)
    return walk_graph(streets, walker, *(snaps_of(worlds, edges, p) for p in (homes, facilities)))


def table_of(graph, direction="to", limit_ms=FAR_MS, threads=1):
    """Milliseconds (facilities, homes) of the reach table, NEVER where it holds nothing."""
    homes, facilities = graph.points
    table = reach_table(graph, facilities, homes, limit_ms, threads, direction)
    return dense(table, len(homes))


def dense(table, n_targets):
    ms = np.full((len(table), n_targets), NEVER)
    for row in range(len(table)):
        target, row_ms = table.row(row)
        ms[row, target] = row_ms
    return ms


# --- the oracle


def half_up(fraction):
    return math.floor(fraction + Fraction(1, 2))


def oracle_ms(walker, heights, edge):
    """Milliseconds there and back by the written formulas; None where the walker cannot go."""
    a, b, mm, kind = edge
    if kind.startswith("wait"):
        return (500 * walker.waits_s[("wait_signals", "wait_primary").index(kind)],) * 2
    factors = [Fraction(1)] * 2
    if kind == "steps":
        if walker.steps_factor is None:
            return None
        factors = [Fraction(walker.steps_factor)] * 2
    elif kind != "lift" and mm:
        slope = 1000 * (heights[b] - heights[a]) / mm
        if walker.max_slope_percent is not None and abs(100 * slope) > walker.max_slope_percent:
            return None
        ratios = [math.exp(3.5 * (abs(s + 0.05) - 0.05)) for s in clipped(slope)]
        if walker.slope_law == "tobler":
            ratios = [max(1.0, ratio) for ratio in ratios]
        if walker.slope_law != "none":
            factors = [Fraction(round(1e6 * ratio), 10**6) for ratio in ratios]
    return tuple(half_up(Fraction(1000 * mm, walker.speed_mm_per_s) * f) for f in factors)


def clipped(slope):
    return min(1.0, max(-1.0, slope)), min(1.0, max(-1.0, -slope))


def drawn(world):
    """Streets and doors as a directed graph; a door is left at ("out", .), entered at ("in", .)."""
    heights, edges, homes, facilities, walker = world
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(heights)))
    feet = {edge: [] for edge in range(len(edges))}
    for who, points in (("home", homes), ("facility", facilities)):
        for at, legs in enumerate(points):
            for number, (edge, share, mm) in enumerate(legs):
                foot = (who, at, number)
                leg = half_up(Fraction(1000 * mm, walker.speed_mm_per_s))
                graph.add_edge(("out", who, at), foot, ms=leg)
                graph.add_edge(foot, ("in", who, at), ms=leg)
                feet[edge].append((edges[edge][2] * share // 60, foot))
    for number, (a, b, mm, kind) in enumerate(edges):
        ms = oracle_ms(walker, heights, (a, b, mm, kind))
        if ms is None:
            continue
        stops = [(0, a), *sorted(feet[number]), (mm, b)]
        for way in (0, 1):
            at_ms = [ms[way] * at // max(mm, 1) for at, _ in stops[:-1]] + [ms[way]]
            pieces = [after - before for before, after in pairwise(at_ms)]
            for ((_, u), (_, v)), piece in zip(pairwise(stops), pieces, strict=True):
                graph.add_edge(*((u, v) if way == 0 else (v, u)), ms=piece)
    return graph


def oracle_table(graph, facilities, homes, direction):
    ms = np.full((len(facilities), len(homes)), NEVER)
    for f in range(len(facilities)):
        for h in range(len(homes)):
            ends = [("home", h), ("facility", f)]
            start, end = ends if direction == "to" else ends[::-1]
            if nx.has_path(graph, ("out", *start), ("in", *end)):
                ms[f, h] = nx.dijkstra_path_length(
                    graph, ("out", *start), ("in", *end), weight="ms"
                )
    return ms


def property_test(**strategies):
    def decorate(function):
        return settings(max_examples=80, deadline=None)(given(**strategies)(function))

    return decorate


# --- by hand


def test_up_takes_longer_than_down(worlds):
    """A home below, a clinic 10 m above it and 100 m away: exp(0.35) up, level time down."""
    street = worlds.network([(0, 0), (100, 0)], [(0, 1)], z=[0, 10])
    home, clinic = worlds.snaps([0], [0], [0]), worlds.snaps([0], [100_000], [0])
    graph = walk_graph(street, Walker("", "", "", 1000), home, clinic)
    walks = {d: table_of(graph, d).item() for d in ("to", "from", "round_trip", "worse")}
    assert walks == {"to": 141_907, "from": 100_000, "round_trip": 120_954, "worse": 141_907}
    assert nearest(graph, graph.points[1]).at(graph.points[0]).ms.tolist() == [141_907]
    assert nearest(graph, graph.points[1], direction="from").at(graph.points[0]).ms == [100_000]
    assert within(graph, graph.points[1], 120_000)[0].tolist() == [1, 4, 5]
    assert 0 in within(graph, graph.points[1], 120_000, "from")[0]


def test_nothing_is_near_to_a_home_without_a_door(worlds):
    graph = worlds.graph_of(2, [(0, 1, 5)])
    found = nearest(graph, [0]).at(np.array([1, -1]))
    assert found.ms.tolist() == [5, NEVER]
    assert found.source.tolist() == [0, -1]


def test_a_direction_that_is_none_is_refused(worlds):
    graph = worlds.graph_of(2, [(0, 1, 5)])
    with pytest.raises(ValueError, match="no direction"):
        reach_table(graph, [0], [1], 10, direction="back")


def test_the_k_nearest_by_hand(worlds):
    """Nodes 0 to 3 on a line, 5 ms apart; sources at 3, at 0, nowhere, and at 0 again."""
    graph = worlds.graph_of(4, [(0, 1, 5), (1, 2, 5), (2, 3, 5)])
    table = reach_table(graph, [3, 0, -1, 0], [0, 1, 2, 3], 10)
    found = nearest_k(table, 4, 2)
    assert found.source.tolist() == [[1, 3], [1, 3], [0, 1], [0, -1]]
    assert found.ms.tolist() == [[0, 0], [5, 5], [5, 10], [0, NEVER]]
    with pytest.raises(ValueError, match="at least one"):
        nearest_k(table, 4, 0)


def test_people_within_a_limit_by_hand(worlds):
    graph = worlds.graph_of(4, [(0, 1, 5), (1, 2, 5), (2, 3, 5)])
    homes, people = [0, 1, 1, -1, 3], np.array([1, 20, 300, 4000, 50_000])
    assert sums_within(graph, [0, -1, 2], homes, people, 5).tolist() == [321, 0, 50_320]
    for wrong in (people[:2], people / 2):
        with pytest.raises(ValueError, match="whole number"):
            sums_within(graph, [0], homes, wrong, 5)


# --- P1 to P11, P17


@property_test(world=hills())
def test_p11_every_walk_by_networkx(worlds, world):
    graph, oracle = graph_of(worlds, world), drawn(world)
    for direction in ("to", "from"):
        expected = oracle_table(oracle, world[3], world[2], direction)
        np.testing.assert_array_equal(table_of(graph, direction), expected)


@property_test(world=hills())
def test_p11_points_change_no_walk_between_junctions(worlds, world):
    heights, edges, _, _, walker = world
    nodes = np.arange(len(heights), dtype=np.int32)
    graph, oracle = graph_of(worlds, world), drawn((heights, edges, [], [], walker))
    found = dense(reach_table(graph, nodes, nodes, FAR_MS, 1, "from"), len(nodes))
    for source, row in nx.all_pairs_dijkstra_path_length(oracle, weight="ms"):
        assert found[source].tolist() == [row.get(target, NEVER) for target in nodes]


@property_test(world=hills(), limit=st.integers(1, 200_000))
def test_there_and_back_together(worlds, world, limit):
    graph = graph_of(worlds, world)
    to, back = table_of(graph, "to"), table_of(graph, "from")
    reached = to != NEVER
    assert (reached == (back != NEVER)).all()  # what can be walked can be walked back
    half = np.where(
        reached, (np.where(reached, to, 0) + np.where(reached, back, 0) + 1) // 2, NEVER
    )
    for name, expected in (("round_trip", half), ("worse", np.maximum(to, back))):
        found = table_of(graph, name, limit)
        np.testing.assert_array_equal(found, np.where(expected <= limit, expected, NEVER))


@property_test(world=hills(), data=st.data())
def test_p1_one_more_facility_never_makes_a_walk_longer(worlds, world, data):
    heights, edges, homes, facilities, walker = world
    more = [
        *facilities,
        data.draw(
            st.lists(
                st.tuples(st.integers(0, len(edges) - 1), st.just(7), st.just(5)),
                min_size=1,
                max_size=2,
            )
        ),
    ]
    for direction in ("to", "from", "round_trip", "worse"):
        before, after = (
            table_of(graph_of(worlds, (heights, edges, homes, some, walker)), direction)
            for some in (facilities, more)
        )
        np.testing.assert_array_equal(after[:-1], before)


@property_test(world=hills(), limits=st.tuples(st.integers(1, 200_000), st.integers(1, 200_000)))
def test_p2_more_time_or_speed_covers_no_less(worlds, world, limits):
    heights, edges, homes, facilities, walker = world
    graph = graph_of(worlds, world)
    less, more = (table_of(graph, "round_trip", limit) for limit in sorted(limits))
    assert (more[less != NEVER] == less[less != NEVER]).all()
    quicker = Walker("", "", "", walker.speed_mm_per_s + 90, walker.steps_factor,
                     walker.slope_law, walker.max_slope_percent, walker.waits_s)  # fmt: skip
    for direction in ("to", "from", "round_trip", "worse"):
        slow = table_of(graph, direction)
        fast = table_of(graph_of(worlds, (heights, edges, homes, facilities, quicker)), direction)
        assert (fast <= slow).all()


@property_test(world=hills(), k=st.integers(2, 30))
def test_p3_the_unit_of_length_does_not_matter(worlds, world, k):
    """All lengths, heights and waits k times as large: times, too, where none was rounded."""
    heights, edges, homes, facilities, walker = world
    walker = Walker("", "", "", 1000, walker.steps_factor and round(walker.steps_factor), "none",
                    walker.max_slope_percent, (6, 4, 0, 0))  # fmt: skip
    longer = Walker("", "", "", 1000, walker.steps_factor, "none",
                    walker.max_slope_percent, (6 * k, 4 * k, 0, 0))  # fmt: skip
    edges = [(a, b, 60 * (mm // 600), kind) for a, b, mm, kind in edges]
    far = [(a, b, k * mm, kind) for a, b, mm, kind in edges]

    def off(points):
        return [[(edge, share, k * mm) for edge, share, mm in legs] for legs in points]

    before = table_of(graph_of(worlds, (heights, edges, homes, facilities, walker)))
    after = table_of(graph_of(
        worlds, ([k * z for z in heights], far, off(homes), off(facilities), longer)
    ))  # fmt: skip
    never = before == NEVER
    assert (never == (after == NEVER)).all()
    assert (after[~never] == k * before[~never]).all()


@property_test(world=hills(), data=st.data())
def test_p4_numbers_and_order_do_not_matter(worlds, world, data):
    heights, edges, homes, facilities, walker = world
    new = data.draw(st.permutations(range(len(heights))))
    order = data.draw(st.permutations(range(len(edges))))
    now_at = {edge: place for place, edge in enumerate(order)}
    shuffled = [(new[edges[e][0]], new[edges[e][1]], *edges[e][2:]) for e in order]
    raised = [0] * len(heights)
    for node, z in enumerate(heights):
        raised[new[node]] = z

    def renamed(points):
        return [
            [(now_at[e], share, mm) for e, share, mm in reversed(legs)] for legs in reversed(points)
        ]

    other = raised, shuffled, renamed(homes), renamed(facilities), walker
    for direction in ("to", "from", "round_trip", "worse"):
        before = table_of(graph_of(worlds, world), direction)
        after = table_of(graph_of(worlds, other), direction)
        np.testing.assert_array_equal(after, before[::-1, ::-1])


@property_test(world=hills())
def test_p5_the_way_back_is_the_way_from_the_other_end(worlds, world):
    heights, edges, homes, facilities, walker = world
    swapped = heights, edges, facilities, homes, walker
    there = table_of(graph_of(worlds, world), "to")
    np.testing.assert_array_equal(there.T, table_of(graph_of(worlds, swapped), "from"))
    # upside down, every climb is a descent
    upside_down = [-z for z in heights], edges, homes, facilities, walker
    np.testing.assert_array_equal(table_of(graph_of(worlds, upside_down), "from"), there)


@property_test(world=hills(), data=st.data())
def test_p6_a_walk_changes_by_a_millisecond_a_cut_at_most(worlds, world, data):
    heights, edges, homes, facilities, walker = world
    edge = data.draw(st.integers(0, len(edges) - 1))
    a, b, mm, kind = edges[edge]
    cuts = sorted(data.draw(st.lists(st.integers(0, mm), min_size=1, max_size=4)))
    on_it = lambda points: [[leg for leg in legs if leg[0] != edge] for legs in points]  # noqa: E731
    homes, facilities = ([p for p in on_it(points) if p] for points in (homes, facilities))
    if walker.max_slope_percent is not None or kind.startswith("wait"):
        return  # rounding may push a street over the limit; a wait is no street
    slope = (heights[b] - heights[a]) / mm if mm else 0
    finer_heights = heights + [heights[a] + slope * at for at in cuts]
    stops = [(a, 0), *((len(heights) + i, at) for i, at in enumerate(cuts)), (b, mm)]
    pieces = [(u, v, end - at, kind) for (u, at), (v, end) in pairwise(stops)]
    finer = [*edges[:edge], pieces[0], *edges[edge + 1 :], *pieces[1:]]
    for direction in ("to", "from"):
        before = table_of(graph_of(worlds, (heights, edges, homes, facilities, walker)), direction)
        after = table_of(
            graph_of(worlds, (finer_heights, finer, homes, facilities, walker)), direction
        )
        never = before == NEVER
        assert (never == (after == NEVER)).all()
        assert (np.abs(after - before)[~never] <= len(cuts)).all()


@property_test(world=hills(), data=st.data())
def test_p9_doubles_and_slower_streets_change_nothing(worlds, world, data):
    heights, edges, homes, facilities, walker = world
    slower = [
        (b, a, mm + data.draw(st.integers(0, 900)), "steps")
        for a, b, mm, kind in edges
        if kind == "steps"
    ]
    other = heights, edges + slower, homes, [*facilities, *facilities], walker
    for direction in ("to", "from", "round_trip", "worse"):
        before = table_of(graph_of(worlds, world), direction)
        after = table_of(graph_of(worlds, other), direction)
        np.testing.assert_array_equal(after, np.concatenate([before, before]))


@property_test(world=hills(), other=hills())
def test_p17_a_region_far_away_changes_nothing(worlds, world, other):
    heights, edges, homes, facilities, walker = world
    shift, first = len(heights), len(edges)
    far_edges = [(a + shift, b + shift, *rest) for a, b, *rest in other[1]]

    def moved(points):
        return [[(edge + first, *rest) for edge, *rest in legs] for legs in points]

    both = (
        heights + other[0],
        edges + far_edges,
        homes + moved(other[2]),
        facilities + moved(other[3]),
    )
    for direction in ("to", "from", "worse"):
        whole = table_of(graph_of(worlds, (*both, walker)), direction)
        here = table_of(graph_of(worlds, world), direction)
        there = table_of(graph_of(worlds, (*other[:4], walker)), direction)
        rows, columns = here.shape
        np.testing.assert_array_equal(whole[:rows, :columns], here)
        np.testing.assert_array_equal(whole[rows:, columns:], there)
        assert (whole[:rows, columns:] == NEVER).all()
        assert (whole[rows:, :columns] == NEVER).all()


@property_test(world=hills(), threads=st.integers(2, 5), limit=st.integers(1, 200_000))
def test_the_number_of_threads_does_not_matter(worlds, world, threads, limit):
    graph = graph_of(worlds, world)
    for direction in ("to", "from", "round_trip", "worse"):
        one, many = (table_of(graph, direction, limit, count) for count in (1, threads))
        np.testing.assert_array_equal(one, many)


@property_test(world=hills(), k=st.integers(1, 5), limit=st.integers(1, 200_000))
def test_nearest_and_sums_agree_with_the_table(worlds, world, k, limit):
    graph = graph_of(worlds, world)
    homes, facilities = graph.points
    people = np.arange(len(homes)) * 10 + 1
    for direction in ("to", "from"):
        walks = table_of(graph, direction)
        table = reach_table(graph, facilities, homes, limit, 1, direction)
        sums = sums_within(graph, facilities, homes, people, limit, 2, direction)
        assert sums.tolist() == [int(people[row <= limit].sum()) for row in walks]
        best = nearest_k(table, len(homes), k)
        only = nearest(graph, facilities, direction=direction).at(homes)
        for home in range(len(homes)):
            ways = sorted((ms, f) for f, ms in enumerate(walks[:, home].tolist()) if ms <= limit)
            ways += [(NEVER, -1)] * k
            found = zip(best.ms[home].tolist(), best.source[home].tolist(), strict=True)
            assert list(found) == ways[:k]
            all_ways = [(ms, f) for f, ms in enumerate(walks[:, home].tolist()) if ms != NEVER]
            assert (only.ms[home], only.source[home]) == min(all_ways, default=(NEVER, -1))
