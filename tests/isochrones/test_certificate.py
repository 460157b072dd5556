"""What a certificate must find, in worlds where it is known."""

import networkx as nx
import numpy as np
import pytest
import shapely

from carecircle.isochrones.catchments import catchments
from carecircle.isochrones.certificate import ANY_FACILITY, Area, Certificate, certify
from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.marks import Homes
from carecircle.isochrones.minutes import reach_table
from carecircle.isochrones.reached import Pieces
from carecircle.isochrones.service_areas import service_areas
from carecircle.isochrones.snapping import snap
from carecircle.isochrones.walkers import WALKERS

NORM = WALKERS["norm"]
NOBODY = Homes(np.empty((0, 2)), np.empty(0, np.int32))
NO_HOMES = np.empty(0, np.int64)


def streets_of(xy):
    return Pieces(np.array([xy], dtype=float), np.zeros(1, np.int32))


def along_road(worlds, ground, limit_ms, facility=0, reached_m=100.0, homes=NOBODY, listed=()):
    """A certificate on a road of 1000 m to the east with the facility at its west end."""
    road = worlds.network([(0, 0), (1000, 0)], [(0, 1)])
    area = Area(
        ground,
        facility,
        limit_ms,
        streets_of([(0, 0), (reached_m, 0)]),
        np.array(listed, np.int64),
    )
    (found,) = certify([area], road, NORM, worlds.snaps([0], [0], [0]), homes)
    return found


def test_ground_on_a_reached_street_is_in_time(worlds):
    """Samples stand at 10, 30, ... 90 m along and 10 m beside: at most 100 s."""
    found = along_road(worlds, shapely.box(0, -20, 100, 20), 100_000)
    assert found == Certificate(10, 0, 0.0, 0.0, 0, 0)


def test_ground_beyond_the_end_is_late_by_its_walk(worlds):
    """Of 7 samples on one side those at 110 and 130 m are late: 130 + 10 m - 100 s = 40 s."""
    found = along_road(worlds, shapely.box(0, 0, 140, 20), 100_000)
    assert (found.samples, found.overshoot_s, found.late_percent) == (7, 40, 28.6)
    # the sample at 110, 10 is 14.1 m from the end of the reached street; that at 130 is 31.6 m
    assert found.off_street_percent == 14.3


def test_ground_far_from_every_street_counts_as_twice_the_limit(worlds):
    found = along_road(worlds, shapely.box(0, 400, 20, 420), 100_000)
    assert (found.samples, found.overshoot_s, found.late_percent) == (1, 100, 100.0)
    assert found.off_street_percent == 100.0


def test_a_street_across_the_river_is_found(worlds):
    """Ground 12 m off a reached quay lies 8 m from a quay that is 600 m away over the bridge."""
    quays = worlds.network(
        [(0, 0), (300, 0), (300, 20), (0, 20)], [(0, 1), (1, 2), (2, 3)], mm=[300_000] * 3
    )
    ground = shapely.box(0, 0, 20, 20)
    area = Area(ground, 0, 400_000, streets_of([(0, 0), (300, 0)]), NO_HOMES)
    facility = worlds.snaps([0], [0], [0])
    near = certify([area], quays, NORM, facility, NOBODY, spacing_m=8.0)[0]
    # samples at 4, 12 (x and y); y = 12 attaches to the far quay: 900 - 4 + 8 s at x = 4
    assert (near.samples, near.late_percent) == (4, 50.0)
    assert near.overshoot_s == 400  # searched up to twice the limit: 800 s, and it takes 904 s


@pytest.mark.parametrize(
    ("listed", "expected"), [((0, 1), (0, 0)), ((0,), (1, 0)), ((0, 1, 2), (0, 1)), ((2,), (2, 1))]
)
def test_homes_are_compared_by_their_own_walks(worlds, listed, expected):
    homes = Homes(np.array([(20.0, 5), (60.0, 5), (200.0, 5)]), np.zeros(3, np.int32))
    found = along_road(worlds, shapely.box(0, 0, 100, 20), 100_000, homes=homes, listed=listed)
    assert (found.homes_not_reached, found.homes_left_out) == expected


def test_nothing_drawn_nothing_wrong(worlds):
    assert along_road(worlds, shapely.Polygon(), 100_000) == Certificate(0, 0, 0.0, 0.0, 0, 0)
    road = worlds.network([(0, 0), (1000, 0)], [(0, 1)])
    assert certify([], road, NORM, worlds.snaps([0], [0], [0]), NOBODY) == []


def test_any_facility_is_the_nearest(worlds):
    """Facilities at both ends: ground at the far end is reached from there."""
    road = worlds.network([(0, 0), (1000, 0)], [(0, 1)])
    ends = worlds.snaps([0, 0], [0, 1_000_000], [0, 0])
    ground = shapely.box(900, 0, 1000, 20)
    streets = streets_of([(900, 0), (1000, 0)])
    areas = [Area(ground, who, 120_000, streets, NO_HOMES) for who in (0, 1, ANY_FACILITY)]
    assert [found.overshoot_s for found in certify(areas, road, NORM, ends, NOBODY)] == [120, 0, 0]


def oracle_walks(streets, facility, places):
    """Seconds from a facility to places, each at its nearest street, by shapely and networkx."""
    graph = nx.Graph()
    graph.add_weighted_edges_from(
        (a, b, mm / 1000)
        for (a, b), mm in zip(streets.edge_nodes.tolist(), streets.edge_mm.tolist(), strict=True)
    )
    lines = shapely.linestrings(streets.node_xy[streets.edge_nodes])
    at = [
        (int(line), float(shapely.line_locate_point(lines[line], place)), float(metres))
        for place, line, metres in zip(places, *nearest_lines(lines, places), strict=True)
    ]
    edge, offset_m, leg_m = facility
    a, b = streets.edge_nodes[edge].tolist()
    whole = streets.edge_mm[edge] / 1000
    graph.add_weighted_edges_from(
        [("door", a, leg_m + offset_m), ("door", b, leg_m + whole - offset_m)]
    )
    seconds = nx.single_source_dijkstra_path_length(graph, "door")
    walks = []
    for line, along, metres in at:
        low, high = streets.edge_nodes[line].tolist()
        rest = streets.edge_mm[line] / 1000 - along
        ways = [seconds.get(low, np.inf) + along, seconds.get(high, np.inf) + rest]
        if line == edge:
            ways.append(leg_m + abs(along - offset_m))
        walks.append(min(ways) + metres)
    return np.array(walks)


def nearest_lines(lines, places):
    distance = shapely.distance(places[:, None], lines[None])
    return distance.argmin(axis=1), distance.min(axis=1)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_overshoot_is_that_of_the_latest_sample(worlds, seed):
    streets = worlds.grid_town(seed, side=12)
    facility = snap(streets, np.array([[500.0, 500.0]]), 300)
    graph = walk_graph(streets, NORM, facility)
    (area,) = service_areas(graph, graph.points[0], (300_000,))
    claimed = Area(area.disks[0], 0, 300_000, area.streets[0], NO_HOMES)
    (found,) = certify([claimed], streets, NORM, facility, NOBODY)

    west, south, east, north = (int(v // 20) for v in area.disks[0].bounds)
    xy = np.array(
        [(20 * x + 10, 20 * y + 10) for x in range(west, east + 1) for y in range(south, north + 1)]
    )
    places = shapely.points(xy)[shapely.contains_xy(area.disks[0], xy)]
    where = facility.edge[0], facility.offset_mm[0] / 1000, facility.leg_mm[0] / 1000
    late_s = np.minimum(oracle_walks(streets, where, places), 600) - 300
    assert found.samples == len(places) > 100
    assert found.overshoot_s == pytest.approx(late_s.max(), abs=1.01)
    assert found.late_percent == pytest.approx(100 * (late_s > 0).mean(), abs=0.11)
    lines = shapely.linestrings(area.streets[0].ends)
    off = shapely.distance(shapely.union_all(lines), places) > 25
    assert found.off_street_percent == pytest.approx(100 * off.mean(), abs=0.11)
    assert found.off_street_percent < 2


def test_fitted_ground_leaves_no_home_wrong(worlds):
    streets = worlds.grid_town(5, side=16)
    rng = np.random.default_rng(5)
    facilities = snap(streets, rng.uniform(400, 900, (3, 2)), 300)
    xy = rng.uniform(0, 1350, (200, 2))
    graph = walk_graph(streets, NORM, facilities, snap(streets, xy, 300))
    homes = Homes(xy, graph.points[1])
    table = reach_table(graph, graph.points[0], homes.door, 600_000)

    def wrong(areas):
        claims = [
            Area(area.disks[0], at, 600_000, area.streets[0], table.row(at)[0])
            for at, area in enumerate(areas)
        ]
        found = certify(claims, streets, NORM, facilities, homes)
        return sum(c.homes_not_reached + c.homes_left_out for c in found)

    assert wrong(service_areas(graph, graph.points[0], (600_000,))) > 20
    assert wrong(service_areas(graph, graph.points[0], (600_000,), homes)) == 0
    merged = catchments(graph, graph.points[0], (600_000,), homes).merged()
    claim = Area(merged.disks[0], ANY_FACILITY, 600_000, merged.streets[0], np.unique(table.target))
    (found,) = certify([claim], streets, NORM, facilities, homes)
    assert (found.homes_not_reached, found.homes_left_out) == (0, 0)
