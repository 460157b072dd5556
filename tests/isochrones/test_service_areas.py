"""Drawn ground: stadiums by hand, exact buffers by shapely, walks by networkx."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from carecircle.isochrones import ground
from carecircle.isochrones.catchments import catchments
from carecircle.isochrones.certificate import ANY_FACILITY, Area, certify
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.marks import Homes, marked, shape_of
from carecircle.isochrones.minutes import nearest, reach_table, within
from carecircle.isochrones.reached import ReachedNodes, reached_pieces
from carecircle.isochrones.service_areas import service_areas
from carecircle.isochrones.snapping import snap
from carecircle.isochrones.walkers import WALKERS

NORM = WALKERS["norm"]
BREAKS_MS = (300_000, 600_000, 900_000)
BUFFER_M, CELL_M = 25.0, 10.0


def town_of(worlds, seed, side=16, stations=1, homes=60):
    """A jittered grid town, its stations and its homes along the streets."""
    streets = worlds.grid_town(seed, side=side)
    rng = np.random.default_rng(seed)
    width_m = 90.0 * (side - 1)
    facility = snap(streets, rng.uniform(0.3, 0.7, (stations, 2)) * width_m, 300)
    xy = rng.uniform(0, width_m, (homes, 2))
    graph = walk_graph(streets, NORM, facility, snap(streets, xy, 300))
    return streets, facility, graph, Homes(xy, graph.points[1])


@pytest.fixture(scope="module", params=[0, 1, 2])
def town(request, worlds):
    return town_of(worlds, request.param)


@pytest.fixture(scope="module", params=[3, 4])
def city(request, worlds):
    """Four stations whose areas overlap."""
    return town_of(worlds, request.param, stations=4, homes=120)


def pieces_of(graph, doors, limit_ms, direction="to"):
    node, ms = within(graph, np.asarray(doors, np.int32), limit_ms, direction)
    reached = ReachedNodes(node, ms, np.zeros(len(node), np.int32))
    return reached_pieces(graph, reached, limit_ms, direction)


def streets_within(graph, doors, limit_ms, direction="to"):
    return shapely.linestrings(pieces_of(graph, doors, limit_ms, direction).ends)


def ends_of(lines):
    return [
        tuple(np.round(place, 6)) for line in lines for place in (line.coords[0], line.coords[-1])
    ]


# --- reached streets


def test_a_street_is_cut_where_the_time_runs_out(worlds):
    """Facility at 40 m (leg 10 m) on a street of 200 m: after 60 s, 50 m both ways."""
    street = worlds.network([(0, 0), (200, 0)], [(0, 1)])
    graph = walk_graph(street, NORM, worlds.snaps([0], [40_000], [10_000]))
    reached = shapely.union_all(streets_within(graph, graph.points[0], 60_000))
    assert reached.equals(shapely.LineString([(0, 0), (90, 0)]))
    lines = pieces_of(graph, graph.points[0], 60_000).lines()
    assert [part.wkt for part in lines.geoms] == ["LINESTRING (0 0, 40 0, 90 0)"]


def test_the_middle_of_a_street_is_cut_from_both_sides(worlds):
    """A ring 0 - 1 - 2 - 0: both ends of the far street are reached, its middle is not."""
    ring = worlds.network([(0, 0), (60, 80), (-60, 80)], [(0, 1), (0, 2), (1, 2)])
    graph = walk_graph(ring, NORM)
    assert sorted(ends_of(streets_within(graph, [0], 130_000))) == sorted(
        [(0, 0), (60, 80), (0, 0), (-60, 80), (60, 80), (30, 80), (-60, 80), (-30, 80)]
    )
    whole = streets_within(graph, [0], 160_000)
    assert shapely.length(whole).sum() == pytest.approx(320)
    assert len(whole) == 3


def test_streets_reached_at_a_point_and_straight_legs_are_not_drawn(worlds):
    street = worlds.network([(0, 0), (200, 0)], [(0, 1)])
    graph = walk_graph(street, NORM, worlds.snaps([0], [40_000], [10_000]))
    assert len(streets_within(graph, graph.points[0], 9_999)) == 0
    assert len(streets_within(graph, graph.points[0], 10_000)) == 0
    assert len(streets_within(graph, graph.points[0], 10_001)) == 2
    (area,) = service_areas(graph, graph.points[0], (10_000, 10_001))
    assert [disk.is_empty for disk in area.disks] == [True, False]


def with_hill(graph, up, times=2):
    """The same graph where some arcs take longer (those towards larger x if ``up``)."""
    tail = np.repeat(np.arange(len(graph.indptr) - 1), np.diff(graph.indptr))
    climbs = (graph.node_xy[graph.heads, 0] > graph.node_xy[tail, 0]) == up
    slow, flat = graph.arc_ms * times, graph.arc_ms
    return type(graph)(
        graph.indptr,
        graph.heads,
        np.where(climbs, slow, flat).astype(np.int32),
        np.where(climbs, flat, slow).astype(np.int32),
        graph.arc_is_street,
        graph.is_door,
        graph.node_xy,
        graph.points,
    )


@pytest.mark.parametrize(
    ("direction", "reached_m"), [("to", 60), ("from", 30), ("round_trip", 40), ("worse", 30)]
)
def test_a_hill_is_cut_by_the_way_that_is_walked(worlds, direction, reached_m):
    """Facility at the foot of a slope to the east: up takes 2 s a metre, down 1 s; 60 s."""
    street = worlds.network([(0, 0), (200, 0)], [(0, 1)])
    graph = with_hill(walk_graph(street, NORM, worlds.snaps([0], [0], [0])), up=True)
    (area,) = service_areas(graph, graph.points[0], (60_000,), direction=direction)
    assert shapely.length(area.streets[0].lines()) == pytest.approx(reached_m)


def test_a_slope_reached_from_both_ends_is_whole_when_the_walks_meet(worlds):
    """Two level ways of 100 s to both ends of a sloping street: the walks meet at two speeds.

    People walk down to node 2 at 1 m/s and up to node 3 at 0.5 m/s. With 40 s left at each
    end 40 m and 20 m are drawn; with 67 s left 67 m and 33.5 m make it whole.
    """
    square = worlds.network(
        [(0, 0), (0.5, 0), (0, 100), (100, 100)],
        [(0, 2), (0, 3), (2, 3)],
        mm=[100_000, 100_000, 100_000],
    )
    graph = walk_graph(square, NORM)
    tail = np.repeat(np.arange(4), np.diff(graph.indptr))
    arc_ms = graph.arc_ms.copy()
    arc_ms[(tail == 2) & (graph.heads == 3)] *= 2
    back_ms = graph.back_ms.copy()
    back_ms[(tail == 3) & (graph.heads == 2)] *= 2
    hill = type(graph)(
        graph.indptr,
        graph.heads,
        arc_ms,
        back_ms,
        graph.arc_is_street,
        graph.is_door,
        graph.node_xy,
        graph.points,
    )
    cut = streets_within(hill, [0], 140_000)
    far = [line for line in cut if {y for _, y in line.coords} == {100.0}]
    assert sorted(round(line.length, 6) for line in far) == [20, 40]
    whole = streets_within(hill, [0], 167_000)
    assert [line.length for line in whole if {y for _, y in line.coords} == {100.0}] == [100.0]


def walk_from_facility_ms(streets, facility):
    """Milliseconds from the facility to every node, by networkx (1 mm takes 1 ms)."""
    graph = nx.Graph()
    graph.add_weighted_edges_from(
        (a, b, mm)
        for (a, b), mm in zip(streets.edge_nodes.tolist(), streets.edge_mm.tolist(), strict=True)
    )
    edge, offset, leg = facility.edge[0], facility.offset_mm[0], facility.leg_mm[0]
    a, b = streets.edge_nodes[edge].tolist()
    graph.add_weighted_edges_from(
        [("door", "foot", leg), ("foot", a, offset), ("foot", b, streets.edge_mm[edge] - offset)]
    )
    ms = nx.single_source_dijkstra_path_length(graph, "door")
    return np.array([ms.get(node, np.inf) for node in range(len(streets.node_xy))])


@pytest.mark.parametrize("limit_ms", BREAKS_MS)
def test_every_place_on_a_street_is_drawn_if_and_only_if_in_time(town, limit_ms):
    streets, facility, graph, _ = town
    node_ms = walk_from_facility_ms(streets, facility)
    rng = np.random.default_rng(9)
    edge = np.repeat(np.arange(len(streets.edge_mm)), 20)
    edge = edge[edge != facility.edge[0]]  # on its own street the facility is in between
    share = rng.random(len(edge))
    mm, ends = streets.edge_mm[edge], streets.edge_nodes[edge]
    ms = np.minimum(node_ms[ends[:, 0]] + share * mm, node_ms[ends[:, 1]] + (1 - share) * mm)
    start, end = streets.node_xy[ends].transpose(1, 0, 2)
    places = shapely.points(start + share[:, None] * (end - start))
    drawn = shapely.union_all(streets_within(graph, graph.points[0], limit_ms))
    on_drawn = shapely.distance(drawn, places) < 1e-6
    assert on_drawn[ms <= limit_ms - 2].all()
    assert not on_drawn[ms >= limit_ms + 2].any()
    assert on_drawn.any()


# --- disks and rings


def test_a_straight_street_gives_a_stadium(worlds):
    """400 m of street, 25 m on both sides: 400 x 50 and a circle of 25 m; 300 m after 5 min."""
    street = worlds.network([(1003, 2), (1403, 2)], [(0, 1)])
    (area,) = service_areas(walk_graph(street, NORM), np.array([0]), (300_000, 900_000))
    stadiums = np.array([300, 400]) * 50 + np.pi * 25**2
    np.testing.assert_allclose(shapely.area(area.disks), stadiums, rtol=0.015)
    np.testing.assert_allclose(shapely.area(area.rings[1]), 5000, rtol=0.02)
    exact = shapely.LineString([(1003, 2), (1403, 2)]).buffer(BUFFER_M)
    assert area.disks[1].symmetric_difference(exact).area < 0.02 * exact.area


def test_a_block_nobody_gets_into_is_a_hole(worlds):
    """Streets around a block of 150 m: what is farther than 25 m from them stays out."""
    corners = [(0, 0), (150, 0), (150, 150), (0, 150)]
    block = worlds.network(corners, [(0, 1), (1, 2), (2, 3), (3, 0)])
    (area,) = service_areas(walk_graph(block, NORM), np.array([0]), (900_000,))
    (part,) = shapely.get_parts(area.disks[0])
    (hole,) = part.interiors
    assert shapely.Polygon(hole).area == pytest.approx(100**2, rel=0.02)


def test_nothing_attached_nothing_drawn(worlds):
    street = worlds.network([(0, 0), (200, 0)], [(0, 1)])
    graph = walk_graph(street, NORM)
    (area,) = service_areas(graph, np.array([-1]), BREAKS_MS)
    split = catchments(graph, np.array([-1]), BREAKS_MS)
    for shapes in (area.disks, area.rings, split.cells[0], split.merged().disks):
        assert [(shape.is_empty, shape.is_valid) for shape in shapes] == [(True, True)] * 3
    assert service_areas(graph, np.array([], np.int32), BREAKS_MS) == []
    assert catchments(graph, np.array([], np.int32), BREAKS_MS).cells.shape == (0, 3)
    (nothing,) = service_areas(graph, np.array([0]), ())
    assert len(nothing.disks) == 0


def test_breaks_are_taken_in_order_and_once(town):
    _, _, graph, _ = town
    (one,) = service_areas(graph, graph.points[0], BREAKS_MS)
    (other,) = service_areas(graph, graph.points[0], [*BREAKS_MS[::-1], BREAKS_MS[0]])
    assert one.limits_ms == other.limits_ms == BREAKS_MS
    assert [disk.wkb for disk in one.disks] == [disk.wkb for disk in other.disks]


@pytest.mark.parametrize(
    ("buffer_m", "cell_m"), [(19, 10), (25, 0), (25, -1), (np.inf, 10), (np.nan, 1)]
)
def test_a_buffer_too_thin_for_the_cells_is_refused(worlds, buffer_m, cell_m):
    graph = walk_graph(worlds.network([(0, 0), (200, 0)], [(0, 1)]), NORM)
    with pytest.raises(ValueError, match="buffer"):
        service_areas(graph, np.array([0]), (900_000,), buffer_m=buffer_m, cell_m=cell_m)


@pytest.mark.parametrize("breaks_ms", [(0, 900_000), (900_000, 7_200_001), (1.5,)])
def test_a_break_out_of_range_is_refused(worlds, breaks_ms):
    graph = walk_graph(worlds.network([(0, 0), (200, 0)], [(0, 1)]), NORM)
    for draw in (service_areas, catchments):
        with pytest.raises(ValueError, match="limit"):
            draw(graph, np.array([0]), breaks_ms)


def test_the_ground_is_what_is_near_the_reached_streets(town):
    _, _, graph, _ = town
    (area,) = service_areas(graph, graph.points[0], BREAKS_MS)
    for limit_ms, disk in zip(BREAKS_MS, area.disks, strict=True):
        streets = shapely.union_all(streets_within(graph, graph.points[0], limit_ms))
        assert disk.contains(streets)
        assert streets.buffer(BUFFER_M + CELL_M).contains(disk)
        exact = streets.buffer(BUFFER_M)
        assert disk.intersection(exact).area >= 0.98 * disk.union(exact).area


def assert_share_no_ground(shapes):
    """No two interiors meet, by GEOS's exact relation."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    relations = shapely.relate(shapes[one], shapes[other])
    assert all(relation[0] == "F" for relation in relations[one != other])


def assert_fits_together(area):
    """Valid; disks hold each other exactly; rings share no ground and make up the disks."""
    assert shapely.is_valid(area.disks).all()
    assert shapely.is_valid(area.rings).all()
    for smaller, larger in pairwise(area.disks):
        assert smaller.is_empty or shapely.covers(larger, smaller)
    assert_share_no_ground(area.rings)
    ring_m2, disk_m2 = shapely.area(area.rings).cumsum(), shapely.area(area.disks)
    np.testing.assert_allclose(ring_m2, disk_m2, rtol=1e-9, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    limits=st.lists(st.integers(1, 1_200_000), min_size=2, max_size=4, unique=True),
    block=st.sampled_from([7, 16, 512]),
    fitted=st.booleans(),
)
def test_larger_limits_hold_smaller_ones_point_for_point(worlds, seed, limits, block, fitted):
    _, _, graph, homes = town_of(worlds, seed, side=9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ground, "BLOCK_CELLS", block)
        (area,) = service_areas(graph, graph.points[0], limits, homes if fitted else None)
    assert_fits_together(area)


def test_blocks_of_the_raster_leave_no_trace(town, monkeypatch):
    _, _, graph, _ = town
    (whole,) = service_areas(graph, graph.points[0], BREAKS_MS)
    monkeypatch.setattr(ground, "BLOCK_CELLS", 16)
    (blocks,) = service_areas(graph, graph.points[0], BREAKS_MS)
    for a, b in zip(whole.disks, blocks.disks, strict=True):
        assert a.symmetric_difference(b).area < 0.001 * a.area


def test_any_number_of_threads_gives_the_same_bytes(city):
    _, _, graph, homes = city
    one, four = (service_areas(graph, graph.points[0], BREAKS_MS, homes, threads=n) for n in (1, 4))
    for a, b in zip(one, four, strict=True):
        assert shapely.to_wkb(a.disks).tolist() == shapely.to_wkb(b.disks).tolist()


def test_coarser_ground_still_holds(city):
    _, _, graph, homes = city
    merged = catchments(graph, graph.points[0], BREAKS_MS, homes).merged()
    fewer = ground.coarser(merged.disks, 5.0)
    assert shapely.is_valid(fewer).all()
    for (smaller, larger), drawn in zip(pairwise(fewer), merged.disks[1:], strict=True):
        assert shapely.covers(larger, smaller)
        assert shapely.get_num_coordinates(larger) < shapely.get_num_coordinates(drawn)
        assert larger.symmetric_difference(drawn).area < 0.03 * drawn.area


def test_coarser_ground_is_no_later_and_loses_no_homes_but_those_marked(city):
    """Its certificate beside that of the outline without marks: 5 m are all it may go astray."""
    streets, facility, graph, homes = city
    marked_ground = catchments(graph, graph.points[0], BREAKS_MS, homes).merged()
    plain = catchments(graph, graph.points[0], BREAKS_MS).merged()
    ms = nearest(graph, graph.points[0]).at(graph.points[1]).ms

    def certified(disks):
        reached = [np.flatnonzero(ms <= limit) for limit in BREAKS_MS]
        rows = zip(disks, BREAKS_MS, plain.streets, reached, strict=True)
        areas = [Area(disk, ANY_FACILITY, *row) for disk, *row in rows]
        return certify(areas, streets, NORM, facility, homes)

    drawn = ground.coarser(marked_ground.disks, 5.0)
    rows = zip(plain.disks, drawn, certified(plain.disks), certified(drawn), strict=True)
    for outline, coarse, fine, found in rows:
        assert found.overshoot_s <= fine.overshoot_s + 10  # 5 m off the street, and along it
        assert found.late_percent <= fine.late_percent + 1
        assert found.off_street_percent <= fine.off_street_percent + 1
        moved = shapely.contains_xy(outline, homes.xy) != shapely.contains_xy(coarse, homes.xy)
        near = shapely.distance(outline.boundary, shapely.points(homes.xy)) <= 10
        assert not (moved & ~near).any()


# --- homes


def test_homes_are_on_the_right_side_by_their_own_walks(city):
    _, _, graph, homes = city
    areas = service_areas(graph, graph.points[0], BREAKS_MS, homes)
    plain = service_areas(graph, graph.points[0], BREAKS_MS)
    table = reach_table(graph, graph.points[0], homes.door, BREAKS_MS[-1])
    wrong_before = 0
    for station, (area, without) in enumerate(zip(areas, plain, strict=True)):
        reached, ms = table.row(station)
        for limit_ms, disk, before in zip(BREAKS_MS, area.disks, without.disks, strict=True):
            expected = np.zeros(len(homes.xy), bool)
            expected[reached[ms <= limit_ms]] = True
            assert (shapely.contains_xy(disk, homes.xy) == expected).all()
            wrong_before += (shapely.contains_xy(before, homes.xy) != expected).sum()
    assert wrong_before > 10


def test_marks_by_hand():
    """Two squares side by side: one home moves over, one out, one in from outside, one stays."""
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
    xy = np.array([(5.0, 5.0), (15.0, 5.0), (30.0, 5.0), (2.0, 2.0)])
    belongs = np.array([1, -1, 0, 0])
    found = marked(shapes, xy, belongs)
    assert shape_of(found, xy).tolist() == belongs.tolist()
    # a mark has corners 1 m from the home: 2 square metres
    np.testing.assert_allclose(shapely.area(found), [100 - 2 + 2, 100 - 2 + 2])
    assert shapely.coverage_is_valid(found)


def test_homes_that_cannot_be_told_apart_are_left():
    shapes = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    xy = np.array([(5.0, 5.0), (5.0, 5.0), (10.0, 5.0)])
    found = marked(shapes, xy, np.array([0, -1, -1]))
    assert found[0].equals(shapes[0])


def test_homes_on_an_outline_by_hand():
    """Two squares side by side; homes on the border between them and on outer outlines.

    A mark of 2 square metres is cut in halves by a straight outline.
    """
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
    xy = np.array([(10.0, 5.0), (5.0, 0.0), (20.0, 5.0), (5.0, 10.0), (10.0, 0.0)])
    belongs = np.array([0, 0, 0, -1, 1])  # the fourth is on the outline, and kept outside
    found = marked(shapes, xy, belongs)
    assert shape_of(found, xy).tolist() == belongs.tolist()
    west = 100 + 1 + 1 + 2 - 1 - 0.5  # of the third one half was nobody's, one the neighbour's
    np.testing.assert_allclose(shapely.area(found), [west, 100 - 1 - 1 + 1 + 0.5])
    assert shapely.is_valid(found).all()
    assert shapely.coverage_is_valid(found)


def test_a_home_of_nobody_on_a_border_is_outside_of_both_together():
    """Two squares side by side: put together, the border between them is ground like any other."""
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
    xy = np.array([(10.0, 5.0)])
    found = marked(shapes, xy, np.array([-1]))
    assert shape_of(ground.disks_of(found), xy).tolist() == [-1]
    np.testing.assert_allclose(shapely.area(found), [99, 99])


def test_homes_beside_each_other_with_one_walk_are_put_right_together():
    shapes = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    xy = np.array([(5.0, 5.0), (5.00001, 5.0), (15.0, 5.0), (15.00001, 5.0)])
    belongs = np.array([-1, -1, 0, 0])
    found = marked(shapes, xy, belongs)
    assert shape_of(found, xy).tolist() == belongs.tolist()


def test_a_mark_far_from_all_ground_takes_no_neighbour_in():
    shapes = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    xy = np.array([(50.0, 5.0), (50.5, 5.0)])
    found = marked(shapes, xy, np.array([0, -1]))
    assert shape_of(found, xy).tolist() == [0, -1]


def test_a_home_exactly_as_far_from_a_street_as_the_outline_is_inside(worlds):
    """A street due east, and a home 25 m to the north of it, reached in time."""
    street = worlds.network([(0, 0), (200, 0)], [(0, 1)])
    xy = np.array([(100.0, 25.0)])
    doors = worlds.snaps([0, 0], [0, 100_000], [0, 0])
    graph = walk_graph(street, NORM, doors)
    homes = Homes(xy, graph.points[0][1:])
    for limit_ms, inside in ((120_000, 0), (99_999, -1)):
        area = service_areas(graph, graph.points[0][:1], (limit_ms,), homes)[0]
        assert shape_of(area.disks, xy).tolist() == [inside]


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_any_homes_are_put_right_where_borders_are_shared(data):
    """Homes anywhere: on borders, corners and outlines, to the last bit and a little beside."""
    cuts = data.draw(st.lists(st.integers(1, 9), max_size=3, unique=True))
    edges = [0, *sorted(cuts), 10]
    tilt = data.draw(st.sampled_from([0.0, 0.3, 12.7]))
    place = data.draw(st.sampled_from([(0.0, 0.0), (512_345.678, 3_400_123.456)]))
    rings = [shapely.box(a, 0, b, 10) for a, b in pairwise(edges)]
    hole = [*[(x, 0) for x in edges], *[(x, 10) for x in reversed(edges)]]
    rings += [shapely.Polygon(shapely.box(-5, -5, 15, 15).exterior, [hole])]
    shapes = translate_all(rotate_all(rings, tilt), place)
    n = data.draw(st.integers(1, 8))
    whole = st.sampled_from([-5.0, 0.0, 10.0, 15.0, *map(float, edges), 3.25])
    beside = st.sampled_from([0.0, 0.0, 1e-9, -1e-6, 2e-5, 0.3])
    raw = [[data.draw(whole) + data.draw(beside) for _ in range(2)] for _ in range(n)]
    xy = shapely.get_coordinates(translate_all(rotate_all(shapely.points(raw), tilt), place))
    belongs = np.array(
        data.draw(st.lists(st.integers(-1, len(shapes) - 1), min_size=n, max_size=n))
    )
    assert shapely.coverage_is_valid(shapes)
    found = marked(shapes, xy, belongs)
    away = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    others = belongs[:, None] != belongs[None]
    alone = np.where(others, away, np.inf).min(axis=1) > 0.0001
    assert (shape_of(found, xy) == belongs)[alone].all()
    assert shapely.is_valid(found).all()
    assert shapely.coverage_is_valid(found)
    disks = ground.disks_of(found)
    assert shapely.is_valid(disks).all()
    np.testing.assert_allclose(shapely.area(disks), np.cumsum(shapely.area(found)), atol=1e-6)
    for less, more in pairwise(disks):
        assert less.difference(more).area == 0
    for at, disk in enumerate(disks):
        inside = (belongs >= 0) & (belongs <= at)
        assert (shapely.contains_xy(disk, xy) == inside)[alone].all()


def rotate_all(shapes, degrees):
    return np.array([affinity.rotate(s, degrees, origin=(0, 0)) for s in shapes], dtype=object)


def translate_all(shapes, by):
    return np.array([affinity.translate(s, *by) for s in shapes], dtype=object)


def test_marks_of_neighbours_do_not_touch():
    shapes = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    xy = np.array([(5.0, 5.0), (5.3, 5.0), (5.0, 9.9)])
    found = marked(shapes, xy, np.array([-1, -1, -1]))
    assert found[0].is_valid
    assert len(found[0].interiors) == 3
    assert shape_of(found, xy).tolist() == [-1, -1, -1]


# --- catchments


def test_two_stations_share_a_street_in_its_middle(worlds):
    """Stations at both ends of 400 m: each has 200 m of street and half of the stadium."""
    street = worlds.network([(0, 0), (400, 0)], [(0, 1)])
    graph = walk_graph(street, NORM)
    split = catchments(graph, np.array([0, 1]), (900_000,))
    west, east = split.of(0), split.of(1)
    assert west.streets[0].lines().wkt == "MULTILINESTRING ((0 0, 200 0))"
    assert shapely.length(east.streets[0].lines()) == pytest.approx(200)
    half = (400 * 50 + np.pi * 25**2) / 2
    assert west.disks[0].area == pytest.approx(half, rel=0.02)
    assert west.disks[0].bounds[2] == pytest.approx(200, abs=0.01)
    assert east.disks[0].bounds[0] == pytest.approx(200, abs=0.01)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    stations=st.integers(1, 6),
    limits=st.lists(st.integers(1, 1_000_000), min_size=1, max_size=3, unique=True),
    direction=st.sampled_from(["to", "from", "round_trip", "worse"]),
)
def test_catchments_share_no_ground_and_make_up_the_reach(
    worlds, seed, stations, limits, direction
):
    _, _, graph, homes = town_of(worlds, seed, side=9, stations=stations)
    split = catchments(graph, graph.points[0], limits, homes, direction)
    cells = split.cells.ravel()
    assert shapely.is_valid(cells).all()
    assert_share_no_ground(cells)
    merged = split.merged()
    assert_fits_together(merged)
    assert shapely.area(cells).sum() == pytest.approx(merged.disks[-1].area, abs=1e-6)
    for station in range(stations):
        assert_fits_together(split.of(station))


def test_all_together_reach_what_each_reaches(city):
    _, _, graph, _ = city
    each = service_areas(graph, graph.points[0], BREAKS_MS)
    merged = catchments(graph, graph.points[0], BREAKS_MS).merged()
    for at, together in enumerate(merged.disks):
        joined = shapely.union_all([area.disks[at] for area in each])
        assert together.symmetric_difference(joined).area < 0.01 * joined.area


def test_homes_lie_in_the_catchment_of_their_nearest_station(city):
    _, _, graph, homes = city
    split = catchments(graph, graph.points[0], BREAKS_MS, homes)
    walks = nearest(graph, graph.points[0], BREAKS_MS[-1]).at(homes.door)
    lies = shape_of(split.cells.ravel(), homes.xy)
    expected = np.where(
        walks.source < 0, -1, 3 * walks.source + np.searchsorted(BREAKS_MS, walks.ms)
    )
    assert lies.tolist() == expected.tolist()


def test_ground_goes_with_the_street_that_is_nearest_to_it(city):
    """Sampled ground, against the nearest reached piece by shapely."""
    _, _, graph, _ = city
    split = catchments(graph, graph.points[0], BREAKS_MS)
    pieces = split.streets[-1]
    rng = np.random.default_rng(5)
    at = rng.integers(0, len(pieces), 2000)
    share = rng.random((2000, 1))
    xy = pieces.ends[at, 0] + share * (pieces.ends[at, 1] - pieces.ends[at, 0])
    xy += rng.uniform(-14, 14, xy.shape)
    lines = shapely.linestrings(pieces.ends)
    points = shapely.points(xy)
    by_owner = np.array(
        [
            shapely.distance(shapely.union_all(lines[pieces.owner == owner]), points)
            for owner in np.unique(pieces.owner)
        ]
    )
    first, second = np.sort(by_owner, axis=0)[:2]
    clear = second - first > CELL_M
    expected = np.unique(pieces.owner)[by_owner.argmin(axis=0)]
    assert (shape_of(split.cells.ravel(), xy)[clear] // 3 == expected[clear]).all()
    assert clear.sum() > 500
