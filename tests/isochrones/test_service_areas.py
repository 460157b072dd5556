from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon

from carecircle.isochrones import service_areas
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.service_areas import reached_streets, service_area
from carecircle.isochrones.snapping import snap
from carecircle.isochrones.walkers import WALKERS

NORM = WALKERS["norm"]
BREAKS_MS = (300_000, 600_000, 900_000)
BUFFER_M, CELL_M = 25.0, 10.0


@pytest.fixture(scope="module", params=[0, 1, 2])
def town(request, worlds):
    """A town of 1.4 km, a facility near its middle and 60 homes along the streets."""
    streets = worlds.grid_town(request.param, side=16)
    rng = np.random.default_rng(request.param)
    facility = snap(streets, np.array([[700.0, 650.0]]), 300)
    homes = snap(streets, rng.uniform(0, 1350, (60, 2)), 300)
    graph = walk_graph(streets, NORM, facility, homes)
    return streets, facility, graph


def ends_of(lines):
    return [
        tuple(np.round(place, 6)) for line in lines for place in (line.coords[0], line.coords[-1])
    ]


# --- by hand


def test_a_street_is_cut_where_the_time_runs_out(worlds):
    """Facility at 40 m (leg 10 m) on a street of 200 m: after 60 s, 50 m both ways."""
    street = worlds.network([(0, 0), (200, 0)], [(0, 1)])
    graph = walk_graph(street, NORM, worlds.snaps([0], [40_000], [10_000]))
    reached = shapely.union_all(reached_streets(graph, graph.points[0], 60_000))
    assert reached.equals(shapely.LineString([(0, 0), (90, 0)]))


def test_the_middle_of_a_street_is_cut_from_both_sides(worlds):
    """A ring 0 - 1 - 2 - 0: both ends of the far street are reached, its middle is not."""
    xy = [(0, 0), (60, 80), (-60, 80)]
    ring = worlds.network(xy, [(0, 1), (0, 2), (1, 2)])
    graph = walk_graph(ring, NORM)
    pieces = reached_streets(graph, [0], 130_000)
    assert sorted(ends_of(pieces)) == sorted(
        [(0, 0), (60, 80), (0, 0), (-60, 80), (60, 80), (30, 80), (-60, 80), (-30, 80)]
    )
    whole = reached_streets(graph, [0], 160_000)
    assert shapely.length(whole).sum() == pytest.approx(320)
    assert len(whole) == 3


def test_streets_reached_at_a_point_and_straight_legs_are_not_drawn(worlds):
    street = worlds.network([(0, 0), (200, 0)], [(0, 1)])
    graph = walk_graph(street, NORM, worlds.snaps([0], [40_000], [10_000]))
    assert len(reached_streets(graph, graph.points[0], 9_999)) == 0
    assert len(reached_streets(graph, graph.points[0], 10_000)) == 0
    assert len(reached_streets(graph, graph.points[0], 10_001)) == 2
    assert [area.is_empty for area in service_area(graph, graph.points[0], (10_000, 10_001))] == [
        True,
        False,
    ]


def test_nothing_attached_nothing_drawn(worlds):
    street = worlds.network([(0, 0), (200, 0)], [(0, 1)])
    graph = walk_graph(street, NORM)
    for sources in ([-1], []):
        assert len(reached_streets(graph, sources, 60_000)) == 0
        areas = service_area(graph, sources, BREAKS_MS)
        assert [(area.is_empty, area.is_valid) for area in areas] == [(True, True)] * 3
    assert service_area(graph, [0], ()) == []


def test_a_straight_street_gives_its_buffer(worlds):
    street = worlds.network([(1003, 2), (1403, 2)], [(0, 1)])
    (area,) = service_area(walk_graph(street, NORM), [0], (900_000,))
    expected = shapely.LineString([(1003, 2), (1403, 2)]).buffer(BUFFER_M)
    assert area.symmetric_difference(expected).area < 0.02 * expected.area


@pytest.mark.parametrize(
    ("buffer_m", "cell_m"), [(19, 10), (25, 0), (25, -1), (np.inf, 10), (np.nan, 1)]
)
def test_a_buffer_too_thin_for_the_cells_is_refused(worlds, buffer_m, cell_m):
    graph = walk_graph(worlds.network([(0, 0), (200, 0)], [(0, 1)]), NORM)
    with pytest.raises(ValueError, match="buffer"):
        service_area(graph, [0], (900_000,), buffer_m, cell_m)


@pytest.mark.parametrize("breaks_ms", [(0, 900_000), (900_000, 7_200_001), (1.5,)])
def test_a_break_out_of_range_is_refused(worlds, breaks_ms):
    graph = walk_graph(worlds.network([(0, 0), (200, 0)], [(0, 1)]), NORM)
    with pytest.raises(ValueError, match="limit"):
        service_area(graph, [0], breaks_ms)


# --- a town, against oracles


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
    streets, facility, graph = town
    node_ms = walk_from_facility_ms(streets, facility)
    rng = np.random.default_rng(9)
    edge = np.repeat(np.arange(len(streets.edge_mm)), 20)
    edge = edge[edge != facility.edge[0]]  # on its own street the facility is in between
    share = rng.random(len(edge))
    mm, ends = streets.edge_mm[edge], streets.edge_nodes[edge]
    ms = np.minimum(node_ms[ends[:, 0]] + share * mm, node_ms[ends[:, 1]] + (1 - share) * mm)
    start, end = streets.node_xy[ends].transpose(1, 0, 2)
    places = shapely.points(start + share[:, None] * (end - start))
    drawn = shapely.union_all(reached_streets(graph, graph.points[0], limit_ms))
    on_drawn = shapely.distance(drawn, places) < 1e-6
    assert on_drawn[ms <= limit_ms - 2].all()
    assert not on_drawn[ms >= limit_ms + 2].any()
    assert on_drawn.any()


@pytest.mark.parametrize("limit_ms", BREAKS_MS)
def test_every_cut_is_made_at_the_limit(town, limit_ms):
    streets, facility, graph = town
    node_ms = walk_from_facility_ms(streets, facility)
    places = np.unique(np.array(ends_of(reached_streets(graph, graph.points[0], limit_ms))), axis=0)
    kept = [graph.node_xy[:, 0], graph.node_xy[:, 1]]
    is_node = (
        shapely.distance(shapely.multipoints(np.column_stack(kept)), shapely.points(places)) < 1e-5
    )
    cuts = shapely.points(places[~is_node])
    lines = shapely.linestrings(streets.node_xy[streets.edge_nodes])
    (cut, edge), metres = shapely.STRtree(lines).query_nearest(
        cuts, all_matches=False, return_distance=True
    )
    assert metres.max() < 1e-5
    assert len(cuts) > 5
    share = shapely.line_locate_point(lines[edge], cuts[cut], normalized=True)
    mm, ends = streets.edge_mm[edge], streets.edge_nodes[edge]
    ms = np.minimum(node_ms[ends[:, 0]] + share * mm, node_ms[ends[:, 1]] + (1 - share) * mm)
    np.testing.assert_allclose(ms, limit_ms, atol=1.01)


def test_the_area_is_the_ground_near_the_reached_streets(town):
    _, _, graph = town
    for limit_ms, area in zip(
        BREAKS_MS, service_area(graph, graph.points[0], BREAKS_MS), strict=True
    ):
        streets = shapely.union_all(reached_streets(graph, graph.points[0], limit_ms))
        assert isinstance(area, Polygon | MultiPolygon)
        assert area.is_valid
        assert area.contains(streets)
        assert streets.buffer(BUFFER_M + CELL_M).contains(area)
        exact = streets.buffer(BUFFER_M)
        assert area.intersection(exact).area >= 0.97 * area.union(exact).area


def test_a_larger_break_contains_a_smaller_one(town):
    _, _, graph = town
    ascending = service_area(graph, graph.points[0], BREAKS_MS)
    for smaller, larger in pairwise(ascending):
        assert larger.area > smaller.area
        # each may have moved by the simplification
        assert larger.buffer(2 * 0.15 * CELL_M).contains(smaller)
    descending = service_area(graph, graph.points[0], BREAKS_MS[::-1])
    assert [area.wkb for area in descending] == [area.wkb for area in ascending[::-1]]


def test_all_facilities_together_reach_what_each_reaches(town):
    _, _, graph = town
    sources = graph.points[1][:5]
    (together,) = service_area(graph, sources, (300_000,))
    each = [service_area(graph, [source], (300_000,))[0] for source in sources]
    joined = shapely.union_all(each)
    assert together.symmetric_difference(joined).area < 0.02 * joined.area


def test_blocks_of_the_raster_leave_no_trace(town, monkeypatch):
    _, _, graph = town
    whole = service_area(graph, graph.points[0], BREAKS_MS)
    monkeypatch.setattr(service_areas, "BLOCK_CELLS", 16)
    blocks = service_area(graph, graph.points[0], BREAKS_MS)
    for a, b in zip(whole, blocks, strict=True):
        assert b.is_valid
        assert b.geom_type == a.geom_type
        moved_m = 2 * 0.15 * CELL_M  # both were simplified, from other starting points
        assert a.buffer(moved_m).contains(b)
        assert b.buffer(moved_m).contains(a)


def test_lobes_that_come_to_touch_are_both_kept():
    """Two squares of 100 cells joined by a neck thinner than the tolerance."""
    above, below = [(10, 5), (11, 5.12), (12, 5)], [(12, 4.9), (11, 5.08), (10, 4.9)]
    left, right = [(10, 0), (0, 0), (0, 10), (10, 10)], [(12, 10), (22, 10), (22, 0), (12, 0)]
    hourglass = Polygon(left + above + right + below)
    assert hourglass.is_valid
    crossing = shapely.simplify(hourglass.exterior, 0.15, preserve_topology=False)
    assert not Polygon(crossing).is_valid
    simplified = service_areas._simplified(MultiPolygon([hourglass]))
    assert simplified.is_valid
    assert simplified.area == pytest.approx(200, rel=0.01)
