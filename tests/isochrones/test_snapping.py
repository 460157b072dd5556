import gc
import weakref

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from carecircle.isochrones.graph import walk_graph
from carecircle.isochrones.minutes import reach_table
from carecircle.isochrones.snapping import snap, snap_doors, street_index
from carecircle.isochrones.walkers import WALKERS


@pytest.fixture
def cross(worlds):
    """A cross of four 100 m streets around node 0: east, north, west, south."""
    xy = [(0, 0), (100, 0), (0, 100), (-100, 0), (0, -100)]
    return worlds.network(xy, [(0, 1), (0, 2), (0, 3), (0, 4)])


def test_a_point_attaches_at_the_exact_place(cross):
    found = snap(cross, np.array([[30.0, 5.0], [-2.0, 70.5]]), 300)
    assert found.edge.tolist() == [0, 1]
    assert found.offset_mm.tolist() == [30_000, 70_500]
    assert found.leg_mm.tolist() == [5_000, 2_000]
    assert found.component.tolist() == [0, 0]


def test_ties_go_to_the_lowest_edge(cross):
    # the crossing itself belongs to all four, and the diagonal is as near to two
    found = snap(cross, np.array([[0.0, 0.0], [-40.0, 40.0], [-40.0, -40.0]]), 300)
    assert found.edge.tolist() == [0, 1, 2]
    assert found.offset_mm.tolist() == [0, 40_000, 40_000]


def test_a_difference_below_half_a_millimetre_is_a_tie(cross):
    found = snap(cross, np.array([[40.0, 40.0], [39.9998, 40.0], [39.998, 40.0]]), 300)
    assert found.edge.tolist() == [0, 0, 1]


def test_the_limit_is_inclusive_and_the_true_distance_is_told(cross):
    found = snap(cross, np.array([[50.0, 30.0], [50.0, 30.001], [130.0, 40.0]]), 30)
    assert found.edge.tolist() == [0, -1, -1]
    assert found.leg_mm.tolist() == [30_000, 30_001, 50_000]
    assert found.offset_mm.tolist() == [50_000, 0, 0]
    assert found.component.tolist() == [0, -1, -1]


def test_no_door_opens_on_a_bridge(worlds):
    xy = [(0, 0), (100, 0), (0, 50), (100, 50)]
    streets = worlds.network(xy, [(0, 1), (2, 3)], attachable=[False, True])
    found = snap(streets, np.array([[50.0, 1.0]]), 300)
    assert (found.edge[0], found.leg_mm[0], found.component[0]) == (1, 49_000, 1)


def test_a_stroller_attaches_beside_the_steps(worlds):
    xy = [(0, 0), (100, 0), (0, 50), (100, 50)]
    streets = worlds.network(xy, [(0, 1), (2, 3)], kind=["steps", "street"])
    point = np.array([[50.0, 1.0]])
    assert snap(streets, point, 300).edge.tolist() == [0]
    assert snap(streets, point, 300, WALKERS["elderly"]).edge.tolist() == [0]
    assert snap(streets, point, 300, WALKERS["stroller"]).edge.tolist() == [1]


def test_the_offset_is_measured_along_the_length_of_the_source(worlds):
    # a quarter along the drawn line is a quarter of the length on the ellipsoid
    streets = worlds.network([(0, 0), (100, 0)], [(0, 1)], mm=[100_040])
    assert snap(streets, np.array([[25.0, 1.0]]), 300).offset_mm.tolist() == [25_010]


def test_an_edge_without_length_can_be_attached_to(worlds):
    streets = worlds.network([(0, 0), (0, 0), (90, 0)], [(0, 1), (1, 2)])
    found = snap(streets, np.array([[-3.0, 4.0], [10.0, 0.0]]), 300)
    assert found.edge.tolist() == [0, 1]
    assert found.offset_mm.tolist() == [0, 10_000]
    assert found.leg_mm.tolist() == [5_000, 0]


def test_nearest_of_all_edges_by_brute_force(worlds):
    town = worlds.grid_town(3, side=6)
    points = np.random.default_rng(3).uniform(-100, 600, (300, 2))
    lines = shapely.linestrings(town.node_xy[town.edge_nodes])
    metres = shapely.distance(shapely.points(points)[:, None], lines)
    found = snap(town, points, 40)
    np.testing.assert_allclose(found.leg_mm, 1000 * metres.min(axis=1), atol=0.51)
    near = found.edge >= 0
    assert near.any()
    np.testing.assert_array_equal(near, np.rint(1000 * metres.min(axis=1)) <= 40_000)
    assert (found.edge[near] == metres.argmin(axis=1)[near]).all()
    along = shapely.line_locate_point(lines[found.edge[near]], shapely.points(points[near]))
    np.testing.assert_allclose(found.offset_mm[near], 1000 * along, atol=1.01)


@given(
    seed=st.integers(0, 10**6),
    quarter_turns=st.integers(0, 3),
    east=st.integers(-1_000_000, 1_000_000),
    north=st.integers(-5_000_000, 5_000_000),
)
def test_p10_turning_and_moving_the_world_changes_nothing(worlds, seed, quarter_turns, east, north):
    # Quarter turns and shifts by whole metres of whole-metre coordinates are exact in floating
    # point. Any other move changes last bits, and with them a millimetre now and then.
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 500, (40, 2))
    edges = rng.integers(0, 40, (60, 2))
    points = rng.integers(0, 500, (50, 2)).astype(float)
    turn = np.linalg.matrix_power(np.array([[0, 1], [-1, 0]]), quarter_turns)

    def walks(move):
        network = worlds.network(move(xy), edges)
        snaps = snap(network, move(points), 300)
        graph = walk_graph(network, WALKERS["elderly"], snaps)
        (doors,) = graph.points
        return snaps, reach_table(graph, doors, doors, 15 * 60_000)

    before, table_before = walks(lambda places: places)
    after, table_after = walks(lambda places: places @ turn + (east, north))
    for name in ("edge", "offset_mm", "leg_mm", "component"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    for name in ("indptr", "target", "ms"):
        np.testing.assert_array_equal(getattr(table_after, name), getattr(table_before, name))


def test_the_order_of_the_points_does_not_matter(worlds):
    town = worlds.grid_town(1, side=5)
    points = np.random.default_rng(1).uniform(0, 400, (50, 2))
    found, reverse = snap(town, points, 300), snap(town, points[::-1], 300)
    np.testing.assert_array_equal(found.edge, reverse.edge[::-1])
    np.testing.assert_array_equal(found.offset_mm, reverse.offset_mm[::-1])


def test_no_points(cross):
    found = snap(cross, np.empty((0, 2)), 300)
    assert [len(found.edge), len(found.offset_mm), len(found.leg_mm)] == [0, 0, 0]


@pytest.mark.parametrize("place", [np.nan, np.inf])
def test_a_place_that_is_not_finite_is_refused(cross, place):
    with pytest.raises(ValueError, match="not finite"):
        snap(cross, np.array([[0.0, place]]), 300)


@pytest.mark.parametrize("shape", [(2,), (2, 3), (0,), (1, 2, 2)])
def test_points_lying_the_wrong_way_are_refused(cross, shape):
    with pytest.raises(ValueError, match="eastings and northings"):
        snap(cross, np.zeros(shape), 300)


@pytest.mark.parametrize("limit_m", [-1.0, np.nan, np.inf])
def test_a_limit_that_is_no_distance_is_refused(cross, limit_m):
    with pytest.raises(ValueError, match="snap limit"):
        snap(cross, np.zeros((1, 2)), limit_m)


def test_a_network_of_tunnels_is_refused(worlds):
    with pytest.raises(ValueError, match="no edge where a door may open"):
        snap(worlds.network([(0, 0), (1, 0)], [(0, 1)], attachable=False), np.zeros((1, 2)), 300)


def test_the_index_is_built_once_and_goes_with_its_network(worlds):
    streets = worlds.network([(0, 0), (1, 0)], [(0, 1)])
    assert street_index(streets) is street_index(streets)
    index = weakref.ref(street_index(streets))
    del streets
    gc.collect()
    assert index() is None


@pytest.mark.parametrize(("away_m", "attached"), [(100.0, True), (100.001, False)])
def test_another_street_than_steps_is_taken_within_100_m_only(worlds, away_m, attached):
    """A door on steps, a street so far away; the steps themselves would do for others."""
    streets = worlds.network(
        [(0, 0), (0, 10), (away_m, -50), (away_m, 50)], [(0, 1), (2, 3)], kind=["steps", "street"]
    )
    door = np.array([(0.0, 0.0)])
    found = snap_doors(streets, door, 300, WALKERS["stroller"])
    assert found.attached.tolist() == [attached]
    assert found.leg_mm.tolist() == [round(1000 * away_m)]
    assert snap_doors(streets, door, 300, WALKERS["elderly"]).edge.tolist() == [0]
    nearer = np.array([(away_m + 101.0, 0.0)])  # its nearest street is the one it can use
    assert snap_doors(streets, nearer, 300, WALKERS["stroller"]).edge.tolist() == [1]
