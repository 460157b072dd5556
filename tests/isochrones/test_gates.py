"""Homes behind walls, drawn so that every leg is known by hand."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from carecircle.isochrones.gates import snap_entrances, snap_homes
from carecircle.isochrones.walkers import WALKERS
from carecircle.layers.gates import quarter_gates

CRS = "EPSG:4547"


@pytest.fixture
def town(worlds):
    """A 100 m square quarter; streets 10 m south and 10 m north of it, an inner way or none.

    South street: nodes 0-1 (y = -10); north street: 2-3 (y = 110). The inner way leads from
    the middle of the south street (4) in over the wall at (50, 0) up to (50, 60) (5).
    """

    def make(inner="street", gates=(), outer="street", **residential):
        xy = [(0, -10), (100, -10), (0, 110), (100, 110), (50, -10), (50, 60)]
        edges, kinds = [(0, 4), (4, 1), (2, 3)], [outer, outer, "street"]
        if inner:
            edges, kinds = [*edges, (4, 5)], [*kinds, inner]
        network = worlds.network(xy, edges, kind=kinds)
        quarters = gpd.GeoDataFrame(
            {"walled": [True]} | residential,
            index=["q"],
            geometry=[shapely.box(0, 0, 100, 100)],
            crs=CRS,
        )
        entrances = gpd.GeoDataFrame(
            {"block_id": ["q"] * len(gates)},
            geometry=shapely.points(np.array(gates, float).reshape(-1, 2)),
            crs=CRS,
        )
        none = np.empty(0, object)
        found = quarter_gates(quarters, network, entrances, none, none)
        return network, found

    return make


def legs(town, homes, walker=None):
    network, gates = town
    xy = np.array(homes, float)
    found = snap_homes(network, xy, np.zeros(len(xy), int), gates, 300, walker)
    return list(
        zip(
            found.point.tolist(),
            found.edge.tolist(),
            found.offset_mm.tolist(),
            found.leg_mm.tolist(),
            strict=True,
        )
    )


def test_a_leg_to_each_gate_and_on_to_its_street(town):
    """Home (50, 50); gates in the middle of the south and the north wall: 50 m x 1.3 + 10 m."""
    made = town(inner=None, gates=[(50, 0), (50, 100)])
    assert made[1].rule.tolist() == ["entrances"]
    assert legs(made, [(50, 50)]) == [(0, 0, 50_000, 75_000), (0, 2, 50_000, 75_000)]


def test_an_inner_way_is_walked_along_when_it_leads_to_every_gate(town):
    """20 m x 1.3 to the inner way at y = 30, which lies 40 m from its first node."""
    made = town(gates=[(50, 3)])
    assert legs(made, [(70, 30)]) == [(0, 3, 40_000, 26_000)]
    assert town()[1].rule.tolist() == ["virtual_gates"]
    assert legs(town(), [(70, 30)]) == [(0, 3, 40_000, 26_000)]


def test_an_inner_way_never_takes_a_home_over_the_wall(town):
    """The way's nearest place to (53, 1) inside the wall, not on the street 11 m away."""
    assert legs(town(), [(53, 1)]) == [(0, 3, 11_000, 3_900)]


def test_an_inner_way_that_misses_a_gate_is_not_used(town):
    made = town(gates=[(50, 0), (50, 100)])
    # the south gate stands on the inner way, the north one is 10 m from its street
    assert legs(made, [(50, 50)]) == [(0, 3, 10_000, 65_000), (0, 2, 50_000, 75_000)]


def test_without_any_gate_the_nearest_street(town):
    made = town(inner=None)
    assert made[1].rule.tolist() == ["nearest_edge"]
    assert legs(made, [(50, 90)]) == [(0, 2, 50_000, 20_000)]


def test_an_open_quarter_is_left_as_it_was(town):
    made = town(inner=None, walled=[False])
    assert made[1].rule.tolist() == ["nearest_edge"]
    assert legs(made, [(50, 40)]) == [(0, 0, 50_000, 50_000)]


def test_inner_steps_are_no_way_for_a_stroller(town):
    made = town(inner="steps")
    assert legs(made, [(70, 30)], WALKERS["elderly"]) == [(0, 3, 40_000, 26_000)]
    # straight to the gate (50, 0), 36.056 m x 1.3 = 46.8728 m, and 10 m on to the street
    assert legs(made, [(70, 30)], WALKERS["stroller"]) == [(0, 0, 50_000, 46_873 + 10_000)]


def test_a_gate_onto_steps_is_no_way_out_for_a_stroller(town):
    """The south street is steps: its gate leads nowhere, though the north street is 110 m off."""
    steps = {"inner": None, "outer": "steps"}
    south, north = (50, 0), (50, 100)
    only_south = town(gates=[south], **steps)
    assert legs(only_south, [(50, 50)], WALKERS["elderly"]) == [(0, 0, 50_000, 75_000)]
    ((_, edge, _, _),) = legs(only_south, [(50, 50)], WALKERS["stroller"])
    assert edge == -1
    both = town(gates=[south, north], **steps)
    assert legs(both, [(50, 50)], WALKERS["stroller"]) == [(0, 2, 50_000, 75_000)]


def test_a_facility_is_entered_where_it_can_be(worlds):
    """Facility 0 has doors onto both streets, the second one at its far end has none near."""
    streets = worlds.network([(0, 0), (100, 0), (0, 50), (100, 50)], [(0, 1), (2, 3)])
    xy = np.array([[20.0, 900.0], [10.0, 5.0], [90.0, 48.0], [30.0, 950.0]])
    found = snap_entrances(streets, xy, np.array([1, 0, 0, 0]), 300)
    assert found.point.tolist() == [0, 0, 1]
    assert found.edge.tolist() == [0, 1, -1]
    assert found.leg_mm.tolist() == [5_000, 2_000, 850_000]
    assert found.attached.tolist() == [True, False]
