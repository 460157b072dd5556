"""Shapes survive the way into the page to within one unit of 1e-5 degrees."""

import json
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from carecircle.isochrones.ground import coarser
from carecircle.layers.network import EDGE_KINDS, WalkNetwork
from carecircle.maps.encoding import (
    encode_chains,
    encode_points,
    encode_polygons,
    encode_streets,
    json_text,
    merged_chains,
    packed_areas,
)
from carecircle.maps.packed import packed

ORIGIN = (11_400_000, 3_000_000)


def decoded(steps, start=ORIGIN):
    """What the page does: add the steps up."""
    return (np.asarray(start) + np.cumsum(np.reshape(steps, (-1, 2)), axis=0)) / 100_000


def network(node_xy, edges, kinds):
    return WalkNetwork(
        crs="EPSG:4547",
        node_xy=np.asarray(node_xy, dtype=float),
        edge_nodes=np.asarray(edges, dtype=np.int32).reshape(-1, 2),
        edge_mm=np.zeros(len(edges), dtype=np.int64),
        edge_kind=np.array([EDGE_KINDS.index(kind) for kind in kinds], dtype=np.uint8),
        edge_attachable=np.ones(len(edges), dtype=bool),
        node_component=np.zeros(len(node_xy), dtype=np.int32),
        facts={},
    )


def test_a_ring_is_steps_from_the_origin_without_its_last_point():
    square = shapely.Polygon([(114, 30), (114.001, 30), (114.001, 30.002), (114, 30.002)])
    [[[ring]]] = encode_polygons(gpd.GeoSeries([square], crs=4326), ORIGIN, 0)
    assert ring == [0, 0, 100, 0, 0, 200, -100, 0]


def test_holes_parts_and_empty_areas_keep_their_places():
    outer, hole = shapely.box(114, 30, 114.01, 30.01), shapely.box(114.004, 30.004, 114.006, 30.006)
    two = shapely.MultiPolygon([outer - hole, shapely.box(114.02, 30, 114.03, 30.01)])
    areas = encode_polygons(gpd.GeoSeries([two, shapely.Polygon()], crs=4326), ORIGIN, 0)
    assert [[len(polygon) for polygon in area] for area in areas] == [[2, 1], []]


def test_an_area_travels_as_one_text():
    outer, hole = shapely.box(114, 30, 114.01, 30.01), shapely.box(114.004, 30.004, 114.006, 30.006)
    areas = gpd.GeoSeries([outer - hole, shapely.Polygon()], crs=4326)
    [[outside, inside]] = encode_polygons(areas, ORIGIN, 0)[0]
    numbers = [1, 2, len(outside), *outside, len(inside), *inside]
    assert packed_areas(areas, ORIGIN, 0) == [packed(np.array(numbers)), packed(np.array([0]))]


def test_points_are_transformed_with_x_as_longitude():
    point = gpd.GeoSeries([shapely.Point(114.5, 30.5)], crs=4326)
    for crs in (4326, 4547, 32650):
        assert encode_points(point.to_crs(crs), ORIGIN) == [[50_000, 50_000]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(113, 115), st.floats(29, 31)), min_size=2, max_size=6),
        max_size=5,
    )
)
def test_chains_decode_to_their_points(lines):
    rounded = [np.rint(np.asarray(line) * 100_000) for line in lines]
    chains = gpd.GeoSeries([shapely.LineString(line) for line in lines], crs=4326)
    encoded = encode_chains(chains, ORIGIN)
    expected = [
        line[np.r_[True, (np.diff(line, axis=0) != 0).any(axis=1)]] / 100_000 for line in rounded
    ]
    expected = [line for line in expected if len(line) > 1]
    assert encoded["counts"] == [len(line) for line in expected]
    if expected:
        np.testing.assert_allclose(decoded(encoded["steps"]), np.vstack(expected), atol=1e-9)


def test_edges_are_merged_from_junction_to_junction():
    # a straight street of three edges, and a branch of one in its middle
    at = 500_000 + np.array([0, 100, 200, 300])
    nodes = [(x, 3_300_000) for x in at] + [(at[1], 3_300_100)]
    world = network(nodes, [(0, 1), (1, 2), (2, 3), (1, 4)], ["street"] * 4)
    assert sorted(merged_chains(world, ("street",), 3).count_coordinates()) == [2, 2, 2]


def test_steps_lifts_and_squares_are_not_drawn():
    kinds = list(EDGE_KINDS)
    nodes = [(500_000 + 100 * i, 3_300_000) for i in range(len(kinds) + 1)]
    streets = encode_streets(network(nodes, [(i, i + 1) for i in range(len(kinds))], kinds), ORIGIN)
    # footway-path are neighbours and merge; the crossing stands alone after the steps
    assert streets["major"]["counts"] == [2]
    assert streets["minor"]["counts"] == [2, 2]


def test_an_edge_of_no_length_and_a_network_without_edges_draw_nothing():
    twice = network([(500_000, 3_300_000)] * 2, [(0, 1)], ["street"])
    none = network([(500_000, 3_300_000)], [], [])
    for world in (twice, none):
        assert encode_streets(world, ORIGIN)["major"] == {"counts": [], "steps": []}


def test_detail_falls_until_the_streets_fit():
    rng = np.random.default_rng(7)
    nodes = 500_000 + rng.uniform(0, 3_000, (400, 2)) + [0, 2_800_000]
    edges = [(i, i + 1) for i in range(399)]
    kinds = ["street" if i % 2 else "footway" for i in range(399)]
    world = network(nodes, edges, kinds)
    whole = encode_streets(world, ORIGIN)
    assert whole["minor"]["counts"]
    small = encode_streets(world, ORIGIN, budget_bytes=len(json_text(whole)) - 1_000)
    assert not small["minor"]["counts"]
    assert small["major"]["counts"]
    assert len(json.dumps(small)) < len(json.dumps(whole))


def test_not_a_number_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        json_text({"minutes": float("nan")})


def test_grounds_that_hold_each_other_do_so_to_a_metre_on_the_page():
    """Every corner is rounded by itself, so a shorter walk's ground may peep out by one unit."""
    rng = np.random.default_rng(5)
    ends = rng.uniform(0, 800, (12, 2, 2)) + np.array([500_000, 3_400_000])
    near = shapely.buffer(shapely.linestrings(ends), 25)
    disks = np.array([shapely.union_all(near[:n]) for n in (4, 8, 12)], dtype=object)
    grounds = gpd.GeoSeries(coarser(disks, 5.0), crs="EPSG:4547")
    shorter, middle, longer = [
        shapely.union_all([ground_of(polygon) for polygon in area])
        for area in encode_polygons(grounds, ORIGIN, 0.0)
    ]
    for inner, outer in pairwise([shorter, middle, longer]):
        assert inner.area < outer.area
        assert outer.buffer(1.0).covers(inner)


def ground_of(polygon):
    """A polygon in map units from its rings of steps; a ring of two points has no ground."""
    outer, *holes = (shapely.Polygon(corners(ring)) for ring in polygon)
    return shapely.make_valid(outer).difference(shapely.union_all(shapely.make_valid(holes)))


def corners(ring):
    """The corners of a ring in map units, none where two are left of it."""
    xy = np.cumsum(np.reshape(ring, (-1, 2)), axis=0)
    return xy if len(xy) > 2 else np.empty((0, 2))
